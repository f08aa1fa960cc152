/*
 * cmd_certificate.c - what the CA sent: check, install, roll back, download
 */
#include "cli/cmd_issued.h"
#include "cli/show.h"

static const struct shown certificate[] = {
	{ "subject", "Subject" },
	{ "id", "Id" },
	{ "identity", "Identity" },
	{ "state", "State" },
	{ "issuer", "Issuer" },
	{ "serial", "Serial" },
	{ "names", "Names" },
	{ "key_label", "Key" },
	{ "not_before", "Valid from" },
	{ "not_after", "Valid until" },
	{ "days_left", "Days left" },
	{ "sha256", "SHA-256" },
	{ "origin", "Origin" },
	{ "verdict", "Verdict" },
	{ 0 },
};
static const struct shown certificates[] = {
	{ "id", "ID" },
	{ "state", "STATE" },
	{ "subject", "SUBJECT" },
	{ "issuer", "ISSUER" },
	{ "not_after", "VALID UNTIL" },
	{ "days_left", "DAYS LEFT" },
	{ "verdict", "VERDICT" },
	{ 0 },
};
static const struct shown facts[] = {
	{ "certificate.subject", "Subject" },
	{ "certificate.issuer", "Issuer" },
	{ "certificate.serial", "Serial" },
	{ "certificate.names", "Names" },
	{ "certificate.key_label", "Key" },
	{ "certificate.not_before", "Valid from" },
	{ "certificate.not_after", "Valid until" },
	{ "certificate.days_left", "Days left" },
	{ "certificate.sha256", "SHA-256" },
	{ "request.number", "Compared with request" },
	{ 0 },
};

/* The files with what belongs to them, for check and install alike. */
static int
answer_of_ca(struct cli *cli, json_t **out)
{
	const char *request = args_value(&cli->args, "request");
	const char *override = args_value(&cli->args, "override");
	json_t *body;
	int rc;

	*out = NULL;
	if (cli->args.nwords == 0 && request == NULL)
		return cli_say(cli, EXIT_USAGE,
		    "--request ID alone takes what our own authority issued to it",
		    "FILE is missing");
	body = json_object();
	if ((rc = put_files(cli, body, 0)) != 0 || (rc = put_passphrase(cli, body)) != 0) {
		json_decref(body);
		return rc;
	}
	if (request != NULL)
		json_object_set_new(body, "request", json_string(request));
	if (override != NULL)
		json_object_set_new(body, "override", json_string(override));
	if (args_has(&cli->args, "fetch-issuer"))
		json_object_set_new(body, "fetch_issuer", json_true());
	*out = body;
	return 0;
}

static int
show_answer(struct cli *cli, const json_t *o)
{
	if (!cli->json && json_is_object(json_object_get(o, "certificate"))) {
		show_details(cli, o, facts);
		fputc('\n', cli->out);
	}
	return show_sheet(cli, o);
}

static int
check(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = NULL;
	int rc;

	if ((rc = answer_of_ca(cli, &body)) != 0 ||
	    (rc = api_call(cli, "POST",
		 api_path(cli, "/identities/%s/certificates/check", identity_of(cli)), body, &a)) !=
		0)
		return rc;
	return show_answer(cli, a.json);
}

/* A refusal carries the sheet, so that nobody has to ask again why. */
static int
install(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = NULL;
	int rc;

	if ((rc = answer_of_ca(cli, &body)) != 0)
		return rc;
	rc = api_call(
	    cli, "POST", api_path(cli, "/identities/%s/certificates", identity_of(cli)), body, &a);
	if (json_is_string(json_object_get(a.json, "verdict")))
		show_answer(cli, a.json);
	else if (cli->json && rc == EXIT_REFUSED)
		show_json(cli, a.json);
	if (rc == 0) {
		show_line(cli, "%s", "");
		show_line(
		    cli, "installed: %s", show_value(cli->arena, json_object_get(a.json, "id")));
	}
	return rc;
}

static int
load(struct cli *cli, struct answer *a)
{
	return api_call(cli, "GET",
	    word(cli, 0) == NULL ? api_path(cli, "/identities/%s/certificate", identity_of(cli))
				 : api_path(cli, "/certificates/%s", word(cli, 0)),
	    NULL, a);
}

static int
show_one(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *pem;
	int rc;

	if ((rc = load(cli, &a)) != 0)
		return rc;
	show(cli, &a, NULL, certificate);
	if (cli->json)
		return 0;
	if (json_is_object(json_object_get(a.json, "sheet"))) {
		fputc('\n', cli->out);
		show_sheet(cli, json_object_get(a.json, "sheet"));
	}
	if ((pem = json_string_value(json_object_get(a.json, "pem"))) != NULL)
		fprintf(cli->out, "\n%s", pem);
	return 0;
}

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET",
		 api_path(cli, "/identities/%s/certificates", identity_of(cli)), NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "certificates", certificates);
}

static int
rollback(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *reason = args_value(&cli->args, "reason");
	json_t *body = json_object();
	int rc;

	if (reason != NULL)
		json_object_set_new(body, "reason", json_string(reason));
	if ((rc = api_call(cli, "POST", api_path(cli, "/identities/%s/rollback", identity_of(cli)),
		 body, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, certificate);
}

static int
download(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 }, file = { 0 };
	const char *id = word(cli, 0);
	char *path;
	int rc;

	if (id == NULL) {
		if ((rc = load(cli, &a)) != 0)
			return rc;
		if ((id = json_string_value(json_object_get(a.json, "id"))) == NULL)
			return cli_say(cli, EXIT_INTERNAL, NULL, "the answer holds no certificate");
	}
	path = api_path(cli, "/certificates/%s/pem", id);
	if (args_has(&cli->args, "chain"))
		path = arena_printf(cli->arena, "%s?chain=1", path);
	if ((rc = api_download(cli, path, &file)) != 0)
		return rc;
	return write_output(cli, file.body.data, file.body.len, 0644);
}

#define OPTION_REQUEST                                                                          \
	{                                                                                       \
		.name = "request", .value = "ID",                                               \
		.help = "compare with this request (default: the one that fits best); without " \
			"FILE: what our own authority issued to it"                             \
	}

#define OPTION_FETCH_ISSUER                                    \
	{                                                      \
		.name = "fetch-issuer",                        \
		.help = "get a missing issuer from where the " \
			"certificate says that it is"          \
	}
static const struct option check_options[] = {
	OPTION_PASSPHRASE,
	OPTION_REQUEST,
	OPTION_FETCH_ISSUER,
	OPTION_IDENTITY,
	{ 0 },
};
static const struct option install_options[] = {
	OPTION_PASSPHRASE,
	OPTION_REQUEST,
	{ .name = "override",
	    .value = "REASON",
	    .help = "install although breaking; the reason is recorded" },
	OPTION_FETCH_ISSUER,
	OPTION_IDENTITY,
	{ 0 },
};
static const struct option one_options[] = { OPTION_IDENTITY, { 0 } };
static const struct option rollback_options[] = {
	{ .name = "reason", .value = "REASON", .help = "why; it is recorded" },
	OPTION_IDENTITY,
	{ 0 },
};
static const struct option download_options[] = {
	{ .name = "chain", .help = "with the certificates above it" },
	OPTION_OUTPUT,
	OPTION_IDENTITY,
	{ 0 },
};

static const struct option issued_options[] = {
	{ .name = "text",
	    .value = "TEXT",
	    .help = "in names or subject; or how serial or SHA-256 begin" },
	{ .name = "state",
	    .value = "STATE",
	    .choices = "issued|valid|soon|ended|revoked|held|presumed",
	    .help = "only these; soon: they end within 30 days" },
	{ .name = "export",
	    .value = "FORMAT",
	    .choices = "csv|json",
	    .help = "write them as a file of this kind, at most 10000" },
	OPTION_OUTPUT,
	{ 0 },
};
static const struct option export_options[] = {
	{ .name = "chain", .help = "with the certificates above it" },
	OPTION_OUTPUT,
	{ 0 },
};
static const struct option revoke_options[] = {
	{ .name = "reason",
	    .value = "REASON",
	    .help = "of RFC 5280: keyCompromise, superseded ... (unspecified)" },
	{ 0 },
};

static const struct command commands[] = {
	{ "check", "[FILE...]", check_options, check,
	    "Say what became of every wish in what the CA sent; change nothing" },
	{ "install", "[FILE...]", install_options, install,
	    "Check it, and present it from the next handshake on" },
	{ "show", "[ID]", one_options, show_one,
	    "Show a certificate with its sheet; without ID the active one" },
	{ "list", "", one_options, list, "List the certificates of an identity" },
	{ "rollback", "", rollback_options, rollback, "Present the previous certificate again" },
	{ "download", "[ID]", download_options, download,
	    "Write a certificate in PEM; without ID the active one" },
	{ "issued", "", issued_options, issued_list,
	    "List what our own authorities issued, newest first" },
	{ "export", "SERIAL", export_options, issued_export,
	    "Write a certificate that our own authority issued, in PEM" },
	{ "revoke", "SERIAL", revoke_options, issued_revoke,
	    "Revoke what our own authority issued: by its serial, or its file" },
	{ "release", "SERIAL", NULL, issued_release,
	    "Take one off hold: by its serial, or its file" },
	{ 0 },
};

extern const struct group certificate_group;
const struct group certificate_group = { "certificate",
	"Certificates: what a CA made of a request.", commands };
