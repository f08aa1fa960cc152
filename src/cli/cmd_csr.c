/*
 * cmd_csr.c - certificate signing requests: regenerate, show, download, check
 */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown request[] = {
	{ "number", "Request" },
	{ "id", "Id" },
	{ "identity", "Identity" },
	{ "state", "State" },
	{ "subject", "Subject" },
	{ "names", "Names" },
	{ "unicode_names", "In Unicode" },
	{ "key_label", "Key" },
	{ "digest", "Digest" },
	{ "keeps_key", "Keeps the key" },
	{ "key_note", "Why" },
	{ "sha256", "SHA-256" },
	{ "created", "Created" },
	{ "created_by", "Created by" },
	{ 0 },
};
static const struct shown requests[] = {
	{ "number", "NUMBER" },
	{ "id", "ID" },
	{ "state", "STATE" },
	{ "subject.CN", "COMMON NAME" },
	{ "key_label", "KEY" },
	{ "created", "CREATED" },
	{ 0 },
};

/* Option and member: the seven fields, and the digest. */
static const struct {
	const char *option;
	const char *member;
} fields[] = {
	{ "country", "country" },
	{ "state", "state" },
	{ "locality", "locality" },
	{ "organization", "organization" },
	{ "unit", "unit" },
	{ "common-name", "common_name" },
	{ "email", "email" },
	{ "digest", "digest" },
	{ "keep-key", "keep_key" },
};

static const struct shown presets[] = {
	{ "label", "FIELD" },
	{ "value", "VALUE" },
	{ "locked", "LOCKED" },
	{ 0 },
};

static int
show_request(struct cli *cli, const struct answer *a)
{
	const char *pem = json_string_value(json_object_get(a->json, "pem"));

	show(cli, a, NULL, request);
	if (!cli->json && pem != NULL)
		fprintf(cli->out, "\n%s", pem);
	return 0;
}

/* The fields that were given, and all values of one option that may be given often,
 * where a single empty one is none. */
static json_t *
wishes(const struct args *args, const char *often, const char *member)
{
	json_t *body = json_object(), *all = json_array();
	const char *value;

	for (size_t i = 0; i < nitems(fields); i++) {
		if ((value = args_value(args, fields[i].option)) != NULL)
			json_object_set_new(body, fields[i].member, json_string(value));
	}
	for (size_t i = 0; i < args->ngiven; i++) {
		if (strcmp(args->given[i].option->name, often) == 0 &&
		    args->given[i].value[0] != '\0')
			json_array_append_new(all, json_string(args->given[i].value));
	}
	if (args_has(args, often))
		json_object_set(body, member, all);
	json_decref(all);
	return body;
}

/* Options not given keep what is saved; without any it is shown. */
static int
field_presets(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = wishes(&cli->args, "lock", "locked");
	int rc;

	if (json_object_size(body) > 0) {
		rc = api_call(cli, "PUT", "/csr-fields", body, &a);
	} else {
		json_decref(body);
		rc = api_call(cli, "GET", "/csr-fields", NULL, &a);
	}
	return rc != 0 ? rc : show(cli, &a, "fields", presets);
}

static int
regenerate(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "POST", api_path(cli, "/identities/%s/requests", identity_of(cli)),
		 wishes(&cli->args, "name", "names"), &a)) != 0)
		return rc;
	return show_request(cli, &a);
}

static int
load(struct cli *cli, struct answer *a)
{
	return api_call(cli, "GET",
	    word(cli, 0) == NULL ? api_path(cli, "/identities/%s/request", identity_of(cli))
				 : api_path(cli, "/requests/%s", word(cli, 0)),
	    NULL, a);
}

static int
show_one(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc = load(cli, &a);

	return rc != 0 ? rc : show_request(cli, &a);
}

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", api_path(cli, "/identities/%s/requests", identity_of(cli)),
		 NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "requests", requests);
}

static int
download(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 }, file = { 0 };
	const char *id = word(cli, 0);
	int rc;

	if (id == NULL) {
		if ((rc = load(cli, &a)) != 0)
			return rc;
		if ((id = json_string_value(json_object_get(a.json, "id"))) == NULL)
			return cli_say(cli, EXIT_INTERNAL, NULL, "the answer holds no request");
	}
	if ((rc = api_download(cli,
		 args_has(&cli->args, "der") ? api_path(cli, "/requests/%s/der", id)
					     : api_path(cli, "/requests/%s/pem", id),
		 &file)) != 0)
		return rc;
	return write_output(cli, file.body.data, file.body.len, 0644);
}

static int
check(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	AUTO_BUF struct buf file = { 0 };
	int rc;

	if ((rc = read_input(cli, word(cli, 0), LIMIT_CSR, &file)) != 0 ||
	    (rc = api_send(cli, "/csr/check", "application/pkcs10", &file, &a)) != 0)
		return rc;
	return show_sheet(cli, a.json);
}

int
read_csr(struct cli *cli, struct buf *file)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *pem;
	int rc;

	if (word(cli, 0) != NULL)
		return read_input(cli, word(cli, 0), LIMIT_CSR, file);
	if ((rc = load(cli, &a)) != 0)
		return rc;
	if ((pem = json_string_value(json_object_get(a.json, "pem"))) == NULL)
		return cli_say(cli, EXIT_INTERNAL, NULL, "the answer holds no request");
	buf_put_text(file, pem);
	return 0;
}

static int
preview(struct cli *cli)
{
	static const char *const options[] = { "authority", "profile", "days", "date" };
	AUTO_ANSWER struct answer a = { 0 };
	AUTO_BUF struct buf file = { 0 };
	int rc;

	if (!args_has(&cli->args, "authority"))
		return cli_say(cli, EXIT_USAGE, "`certwright authority list` names them",
		    "--authority is required");
	if ((rc = read_csr(cli, &file)) != 0 ||
	    (rc = api_send(cli, api_query(cli, "/csr/preview", options, nitems(options)),
		 "application/pkcs10", &file, &a)) != 0)
		return rc;
	return show_sheet(cli, a.json);
}

#define OPTION_FIELDS                                                                          \
	{ .name = "country", .value = "CC", .help = "Country Code, two letters of ISO 3166" }, \
	    { .name = "state", .value = "TEXT", .help = "State or Province Name" },            \
	    { .name = "locality", .value = "TEXT", .help = "Locality" },                       \
	    { .name = "organization", .value = "TEXT", .help = "Organization Name" },          \
	    { .name = "unit", .value = "TEXT", .help = "Organization Unit" },                  \
	{                                                                                      \
		.name = "email", .value = "ADDRESS", .help = "Email Address"                   \
	}

static const struct option preset_options[] = { OPTION_FIELDS,
	{ .name = "lock",
	    .value = "FIELD",
	    .many = true,
	    .help = "no other value may be asked for; all locks are replaced, an empty one "
		    "leaves none" },
	{ 0 } };
static const struct option regenerate_options[] = {
	OPTION_FIELDS,
	{ .name = "common-name", .value = "FQDN", .help = "Common Name" },
	{ .name = "name",
	    .value = "NAME",
	    .many = true,
	    .help = "a further name: DNS name or IP address; all of them are replaced, "
		    "an empty one leaves none" },
	OPTION_KEEP_KEY,
	{ .name = "digest",
	    .value = "DIGEST",
	    .choices = "sha256|sha384|sha512",
	    .help = "digest of the signature (default: by the key)" },
	OPTION_IDENTITY,
	{ 0 },
};
static const struct option preview_options[] = {
	{ .name = "authority", .value = "NAME", .help = "the authority that would be asked" },
	{ .name = "profile", .value = "NAME", .help = "its profile (default: the authority's)" },
	{ .name = "days", .value = "N", .help = "the life that would be asked for" },
	{ .name = "date",
	    .value = "DAY",
	    .help = "as if issued on that day, YYYY-MM-DD (default: today)" },
	OPTION_IDENTITY,
	{ 0 },
};
static const struct option one_options[] = { OPTION_IDENTITY, { 0 } };
static const struct option download_options[] = {
	OPTION_OUTPUT,
	{ .name = "der", .help = "DER instead of PEM" },
	OPTION_IDENTITY,
	{ 0 },
};

static const struct command commands[] = {
	{ "regenerate", "", regenerate_options, regenerate,
	    "Save the fields and make a CSR; options not given keep their saved values" },
	{ "fields", "", preset_options, field_presets,
	    "Show or set what the fields begin with, and which are locked" },
	{ "show", "[ID]", one_options, show_one, "Show a request; without ID the newest" },
	{ "list", "", one_options, list, "List the requests of an identity" },
	{ "download", "[ID]", download_options, download,
	    "Write a CSR, for the CA; without ID the newest" },
	{ "preview", "[FILE]", preview_options, preview,
	    "Say what an authority would make of a CSR; without FILE of the newest" },
	{ "check", "FILE", NULL, check, "Say what any CSR asks for, wish by wish, and its faults" },
	{ 0 },
};

extern const struct group csr_group;
const struct group csr_group = { "csr", "Certificate signing requests: what a CA is asked for.",
	commands };
