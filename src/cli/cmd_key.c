/*
 * cmd_key.c - private keys: generate, import, show, export, destroy
 */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/cmd_replace.h"
#include "cli/show.h"

static const struct shown key[] = {
	{ "label", "Key" },
	{ "id", "Id" },
	{ "identity", "Identity" },
	{ "state", "State" },
	{ "generation", "Generation" },
	{ "origin", "Origin" },
	{ "exportable", "Exportable" },
	{ "deliverable", "Deliverable" },
	{ "found", "Found" },
	{ "spki_sha256", "SHA-256 of the public key" },
	{ "created", "Created" },
	{ 0 },
};

static int
show_key(struct cli *cli, const struct answer *a)
{
	const char *pem = json_string_value(json_object_get(a->json, "public_key"));

	show(cli, a, NULL, key);
	if (!cli->json && pem != NULL)
		fprintf(cli->out, "\n%s", pem);
	return 0;
}

static void
put_permissions(const struct cli *cli, json_t *body)
{
	if (args_has(&cli->args, "exportable"))
		json_object_set_new(body, "exportable", json_true());
	if (args_has(&cli->args, "deliverable"))
		json_object_set_new(body, "deliverable", json_true());
}

static int
generate(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_pack("{s:s}", "type", args_value(&cli->args, "type"));
	int rc;

	put_permissions(cli, body);
	if ((rc = api_call(cli, "POST", api_path(cli, "/identities/%s/keys", identity_of(cli)),
		 body, &a)) != 0)
		return rc;
	return show_key(cli, &a);
}

static int
import(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	if ((rc = put_sealed(cli, word(cli, 0), body)) != 0) {
		json_decref(body);
		return rc;
	}
	put_permissions(cli, body);
	if ((rc = api_call(cli, "POST",
		 api_path(cli, "/identities/%s/keys/import", identity_of(cli)), body, &a)) != 0)
		return rc;
	return show_key(cli, &a);
}

static int
show_one(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET",
		 word(cli, 0) == NULL ? api_path(cli, "/identities/%s/key", identity_of(cli))
				      : api_path(cli, "/keys/%s", word(cli, 0)),
		 NULL, &a)) != 0)
		return rc;
	return show_key(cli, &a);
}

/* PEM as it is, PKCS#12 out of its base64. */
static int
write_key(struct cli *cli, const json_t *answer)
{
	const char *pem = json_string_value(json_object_get(answer, "pem"));
	const char *text = json_string_value(json_object_get(answer, "pkcs12"));
	unsigned char *file;
	size_t n;

	if (cli->json && args_value(&cli->args, "output") == NULL) {
		show_json(cli, answer);
		return 0;
	}
	if (pem != NULL)
		return write_output(cli, pem, strlen(pem), 0600);
	if (text == NULL || base64_decode(cli->arena, text, strlen(text), false, &file, &n) < 0)
		return cli_say(cli, EXIT_INTERNAL, NULL, "the answer holds no key");
	return write_output(cli, file, n, 0600);
}

static int export(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *format = args_value(&cli->args, "format"), *code;
	char *passphrase;
	json_t *body;
	int rc;

	if ((rc = read_secret(cli, args_value(&cli->args, "passphrase-file"), &passphrase)) != 0)
		return rc;
	body = json_pack("{s:s}", "passphrase", passphrase);
	if (format != NULL)
		json_object_set_new(body, "format", json_string(format));
	if (args_has(&cli->args, "legacy"))
		json_object_set_new(body, "legacy", json_true());
	if ((code = args_value(&cli->args, "code")) != NULL)
		json_object_set_new(body, "code", json_string(code));
	if ((rc = api_call(
		 cli, "POST", api_path(cli, "/keys/%s/export", word(cli, 0)), body, &a)) != 0)
		return rc;
	if (waits_for_second(&a))
		return show_held(cli, &a,
		    arena_printf(cli->arena,
			"then run this again, without --code; it approves with "
			"`certwright key approve %s --code CODE`",
			word(cli, 0)));
	return write_key(cli, a.json);
}

static int
approve(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "POST", api_path(cli, "/keys/%s/approve", word(cli, 0)),
		 json_pack("{s:s}", "code", args_value(&cli->args, "code")), &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "%s: approved; %s can export it now", word(cli, 0),
	    show_value(cli->arena, json_object_get(a.json, "asked_by")));
	return 0;
}

static int
destroy(struct cli *cli)
{
	return api_act(
	    cli, "DELETE", api_path(cli, "/keys/%s", word(cli, 0)), NULL, "destroyed, for good");
}

static const struct shown mark[] = {
	{ "spki_sha256", "SHA-256 of the public key" },
	{ "key", "Key" },
	{ "source", "Source" },
	{ "note", "Note" },
	{ "marked_by", "Marked by" },
	{ "marked", "Marked" },
	{ 0 },
};

/* The file of what is public about a key that is not here. */
static int
compromised_file(struct cli *cli, json_t *body)
{
	AUTO_BUF struct buf file = { 0 };
	const char *text;
	int rc;

	if ((rc = read_input(cli, word(cli, 0), LIMIT_CSR, &file)) != 0)
		return rc;
	text = buf_text(&file);
	if (strstr(text, "PRIVATE KEY-----") != NULL)
		return cli_say(cli, EXIT_INPUT,
		    "its public half: openssl pkey -in FILE -pubout; a private key is not sent",
		    "%s holds a private key", word(cli, 0));
	if (strlen(text) != file.len || !utf8_valid(text, file.len))
		return cli_say(cli, EXIT_INPUT, "a public key, a CSR or a certificate in PEM is",
		    "%s is no text", word(cli, 0));
	json_object_set_new(body, "pem", json_string(text));
	return 0;
}

static int
compromised(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *path = "/compromised-keys", *note = args_value(&cli->args, "note");
	json_t *body = json_object();
	int rc;

	if (note != NULL)
		json_object_set_new(body, "note", json_string(note));
	if (id_valid(word(cli, 0)))
		path = api_path(cli, "/keys/%s/compromised", word(cli, 0));
	else if ((rc = compromised_file(cli, body)) != 0) {
		json_decref(body);
		return rc;
	}
	if ((rc = api_call(cli, "POST", path, body, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, mark);
}

static const struct option generate_options[] = {
	{ .name = "type",
	    .value = "TYPE",
	    .required = true,
	    .choices = "rsa:2048|rsa:3072|rsa:4096|ec:P-256|ec:P-384|ec:P-521|ed25519",
	    .help = "the kind of key" },
	{ .name = "exportable", .help = "let it be exported later, encrypted" },
	{ .name = "deliverable", .help = "let it go to targets of the daemon's host" },
	OPTION_IDENTITY,
	{ 0 },
};
static const struct option import_options[] = {
	OPTION_PASSPHRASE,
	{ .name = "exportable", .help = "let it be exported later, encrypted" },
	{ .name = "deliverable", .help = "let it go to targets of the daemon's host" },
	OPTION_IDENTITY,
	{ 0 },
};
static const struct option show_options[] = { OPTION_IDENTITY, { 0 } };
static const struct option export_options[] = {
	{ .name = "passphrase-file",
	    .value = "FILE",
	    .required = true,
	    .help = "the passphrase to encrypt with; - is standard input" },
	OPTION_OUTPUT,
	{ .name = "format",
	    .value = "FORMAT",
	    .choices = "pkcs8|pkcs12",
	    .help = "PKCS#8 (default), or PKCS#12 with the key's certificates" },
	OPTION_CODE,
	{ .name = "legacy", .help = "PKCS#12 that old Windows and Java read: 3DES and SHA-1" },
	{ 0 },
};

static const struct option compromised_options[] = {
	{ .name = "note", .value = "TEXT", .help = "what happened; kept with it" },
	{ 0 },
};
static const struct option replace_options[] = {
	{ .name = "key",
	    .value = "ID",
	    .help = "the key that others have (default: the active one)" },
	{ .name = "type",
	    .value = "TYPE",
	    .choices = "rsa:2048|rsa:3072|rsa:4096|ec:P-256|ec:P-384|ec:P-521|ed25519",
	    .help = "the kind of the new key (default: as the old one)" },
	{ .name = "note", .value = "TEXT", .help = "what happened; kept with the key" },
	{ .name = "authority", .value = "NAME", .help = "who signs (default: as before)" },
	{ .name = "profile", .value = "NAME", .help = "its profile (default: as before)" },
	{ .name = "days", .value = "N", .help = "the life that is asked for" },
	{ .name = "in-use",
	    .help = "the server presents the new certificate: revoke the old ones" },
	{ .name = "told", .help = "authorities that are not ours were asked to revoke theirs" },
	{ .name = "show", .help = "show how far it is; change nothing" },
	OPTION_IDENTITY,
	{ 0 },
};
static const struct option approve_options[] = {
	{ .name = "code", .value = "CODE", .required = true, .help = "your one-time code" },
	{ 0 },
};

static const struct command commands[] = {
	{ "generate", "", generate_options, generate, "Make a private key: the next generation" },
	{ "import", "FILE", import_options, import,
	    "Take a private key: PKCS#8, PKCS#1, SEC 1, PKCS#12 or JWK" },
	{ "show", "[ID]", show_options, show_one,
	    "Show a key; without ID the one that a CSR would use" },
	{ "export", "ID", export_options, export,
	    "Write an exportable key, encrypted: PKCS#8 or PKCS#12" },
	{ "compromised", "KEY", compromised_options, compromised,
	    "Others have this key: refuse it on every path, for good" },
	{ "replace", "", replace_options, key_replace,
	    "Replace a key that others have, and revoke its certificates; or go on" },
	{ "approve", "ID", approve_options, approve,
	    "Approve, as a second custodian, what another one asked to export" },
	{ "destroy", "ID", NULL, destroy, "Destroy a private key, for good" },
	{ 0 },
};

extern const struct group key_group;
const struct group key_group = { "key", "Private keys. They never leave the keeper in clear.",
	commands };
