/*
 * cmd_ca.c - our own certification authorities
 */
#include "base/limits.h"
#include "cli/cmd_ca.h"
#include "cli/show.h"

static const struct shown authorities[] = {
	{ "name", "NAME" },
	{ "state", "STATE" },
	{ "subject", "SUBJECT" },
	{ "role", "ROLE" },
	{ "serial", "SERIAL" },
	{ "not_after", "VALID UNTIL" },
	{ "key", "KEY" },
	{ 0 },
};
static const struct shown authority[] = {
	{ "name", "Name" },
	{ "state", "State" },
	{ "created", "Made" },
	{ "created_by", "Made by" },
	{ "shards", "Parts of the CRL" },
	{ "deltas", "Lists of changes" },
	{ 0 },
};
static const struct shown certificates[] = {
	{ "role", "ROLE" },
	{ "state", "STATE" },
	{ "subject", "SUBJECT" },
	{ "type", "KEY" },
	{ "serial", "SERIAL" },
	{ "not_after", "VALID UNTIL" },
	{ 0 },
};

int
show_authority(struct cli *cli, const struct answer *a)
{
	show(cli, a, NULL, authority);
	if (cli->json)
		return 0;
	fputc('\n', cli->out);
	show_table(cli, json_object_get(a->json, "certificates"), certificates);
	return 0;
}

static void
put_option(struct cli *cli, json_t *body, const char *option, const char *member)
{
	const char *value = args_value(&cli->args, option);

	if (value != NULL)
		json_object_set_new(body, member, json_string(value));
}

static int
put_days(struct cli *cli, json_t *body, const char *option, const char *member)
{
	const char *value = args_value(&cli->args, option);
	char *end;
	long days;

	if (value == NULL)
		return 0;
	days = strtol(value, &end, 10);
	if (end == value || *end != '\0' || days < 1)
		return cli_say(cli, EXIT_USAGE, "a whole number of days", "--%s %s is no number",
		    option, value);
	json_object_set_new(body, member, json_integer(days));
	return 0;
}

/* What create and csr have in common. */
int
ca_order(struct cli *cli, json_t **out)
{
	json_t *body, *permit;
	size_t names = 0;
	int rc;

	for (size_t i = 0; i < cli->args.ngiven; i++)
		names += strcmp(cli->args.given[i].option->name, "name") == 0;
	if (names > 1)
		return cli_say(cli, EXIT_USAGE, "an authority has one", "--name was given twice");
	body = json_object();
	permit = json_array();
	put_option(cli, body, "name", "name");
	put_option(cli, body, "type", "type");
	put_option(cli, body, "under", "under");
	for (size_t i = 0; i < cli->args.ngiven; i++)
		if (strcmp(cli->args.given[i].option->name, "permit") == 0)
			json_array_append_new(permit, json_string(cli->args.given[i].value));
	json_object_set_new(body, "permit", permit);
	if ((rc = put_days(cli, body, "days", "days")) != 0 ||
	    (rc = put_days(cli, body, "root-days", "root_days")) != 0) {
		json_decref(body);
		return rc;
	}
	*out = body;
	return 0;
}

static int
create(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = NULL;
	int rc;

	if ((rc = ca_order(cli, &body)) != 0 || (rc = api_call(cli, "POST", "/cas", body, &a)) != 0)
		return rc;
	show_authority(cli, &a);
	show_line(cli, "%s", "");
	show_line(
	    cli, "`certwright ca show NAME` prints its certificates; clients trust the root.");
	return 0;
}

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/cas", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "cas", authorities);
}

static int
show_one(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *pem;
	int rc;

	if ((rc = api_call(cli, "GET", api_path(cli, "/cas/%s", word(cli, 0)), NULL, &a)) != 0)
		return rc;
	if (cli->json) {
		show_json(cli, a.json);
		return 0;
	}
	for (size_t i = 0; i < 2; i++)
		if ((pem = json_string_value(
			 json_object_get(a.json, i == 0 ? "root" : "issuing"))) != NULL)
			fputs(pem, cli->out);
	return 0;
}

static int
change(struct cli *cli, const char *act, json_t *body)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(
		 cli, "POST", api_path(cli, "/cas/%s/%s", word(cli, 0), act), body, &a)) != 0)
		return rc;
	return show_authority(cli, &a);
}

static int
rollover(struct cli *cli)
{
	json_t *body = json_object();
	int rc;

	if ((rc = put_days(cli, body, "days", "days")) != 0) {
		json_decref(body);
		return rc;
	}
	return change(cli, "rollover", body);
}

static int
lists(struct cli *cli)
{
	const char *shards = args_value(&cli->args, "shards");
	json_t *body = json_object();
	char *end;
	long n;

	put_option(cli, body, "deltas", "deltas");
	if (shards != NULL) {
		n = strtol(shards, &end, 10);
		if (end == shards || *end != '\0') {
			json_decref(body);
			return cli_say(cli, EXIT_USAGE, "how many parts the CRL has",
			    "--shards %s is no number", shards);
		}
		json_object_set_new(body, "shards", json_integer(n));
	}
	return change(cli, "lists", body);
}

static int
confirm_clock(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "POST", "/clock/confirm", NULL, &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "certificates are signed again");
	return 0;
}

static int
confirm_restore(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "POST", "/restore/confirm", NULL, &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "certificates are signed again");
	return 0;
}

#define OPTION_DAYS                                                                   \
	{                                                                             \
		.name = "days", .value = "N", .help = "life of the issuing CA (1825)" \
	}

static const struct option create_options[] = {
	{ .name = "name",
	    .value = "NAME",
	    .many = true, /* as that of csr regenerate; here it is given once */
	    .required = true,
	    .help = "what it is called in every command and page" },
	{ .name = "type",
	    .value = "TYPE",
	    .choices = "ec:P-256|ec:P-384|ec:P-521|ed25519|rsa:2048|rsa:3072|rsa:4096",
	    .help = "of root and issuing CA (ec:P-256)" },
	{ .name = "under",
	    .value = "NAME",
	    .help = "signed by the root of this authority, instead of one of its own" },
	{ .name = "permit",
	    .value = "DNS",
	    .many = true,
	    .help = "certify this domain and what is below it, and no addresses" },
	OPTION_DAYS,
	{ .name = "root-days", .value = "N", .help = "life of the root (3650)" },
	{ 0 },
};
static const struct option rollover_options[] = { OPTION_DAYS, { 0 } };
static int
renew(struct cli *cli)
{
	static const struct shown what[] = { { "name", "Authority" }, { "renewals", "Renewals" },
		{ "within", "Within hours" }, { 0 } };
	const char *within = args_value(&cli->args, "within");
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	if (within != NULL)
		json_object_set_new(body, "within", json_string(within));
	if ((rc = api_call(cli, "POST", api_path(cli, "/cas/%s/renew", word(cli, 0)), body, &a)) !=
	    0)
		return rc;
	return show(cli, &a, NULL, what);
}

static const struct option renew_options[] = {
	{ .name = "within", .value = "HOURS", .help = "spread over so many; else all at once" },
	{ 0 },
};
static const struct option lists_options[] = {
	{ .name = "shards",
	    .value = "N",
	    .help = "each new certificate names one of so many parts of the CRL (1)" },
	{ .name = "deltas",
	    .value = "STATE",
	    .choices = "on|off",
	    .help = "whether the CRL says where changes to it are told" },
	{ 0 },
};
static const struct option retire_options[] = { OPTION_CODE, { 0 } };
static const struct option approve_options[] = {
	{ .name = "act",
	    .value = "ACT",
	    .choices = "offline|online|import|retire",
	    .required = true,
	    .help = "what another one asked for" },
	{ .name = "code", .value = "CODE", .required = true, .help = "your one-time code" },
	{ 0 },
};
static const struct option csr_options[] = {
	{ .name = "name",
	    .value = "NAME",
	    .many = true,
	    .required = true,
	    .help = "what it is called in every command and page" },
	{ .name = "type", .value = "TYPE", .help = "of its key (ec:P-256)" },
	OPTION_OUTPUT,
	{ 0 },
};
static const struct option install_options[] = { OPTION_PASSPHRASE, { 0 } };
static const struct option import_options[] = {
	{ .name = "name",
	    .value = "NAME",
	    .many = true,
	    .required = true,
	    .help = "what it is called in every command and page" },
	OPTION_PASSPHRASE,
	OPTION_CODE,
	{ 0 },
};
static const struct option history_options[] = {
	{ .name = "dry-run", .help = "say what would be done, and do nothing" }, { 0 }
};
static const struct option offline_options[] = {
	OPTION_PASSPHRASE,
	{ .name = "output",
	    .letter = 'o',
	    .value = "FILE",
	    .required = true,
	    .help = "where the key goes" },
	OPTION_CODE,
	{ 0 },
};
static const struct option online_options[] = { OPTION_PASSPHRASE, OPTION_CODE, { 0 } };

static const struct command commands[] = {
	{ "create", "", create_options, create, "Make a root and an issuing CA under it" },
	{ "list", "", NULL, list, "List our own authorities and their CA certificates" },
	{ "show", "NAME", NULL, show_one, "Print root and issuing CA in PEM" },
	{ "rollover", "NAME", rollover_options, rollover,
	    "Make a new issuing CA under the same root and name" },
	{ "renew", "NAME", renew_options, renew,
	    "Renew what it issued and is in use here, in every tenant" },
	{ "lists", "NAME", lists_options, lists,
	    "Say what it revoked in parts, and what changed apart" },
	{ "retire", "NAME", retire_options, ca_retire, "Issue nothing with it any more" },
	{ "approve", "NAME", approve_options, ca_approve,
	    "Approve, as a second custodian, what another one asked to do" },
	{ "csr", "", csr_options, ca_csr,
	    "Make a key and a CSR for an issuing CA that a CA elsewhere signs" },
	{ "install", "FILE...", install_options, ca_install,
	    "Take what that CA sent: ours signs from then on" },
	{ "import", "KEY FILE...", import_options, ca_import,
	    "Take a CA from elsewhere: its key, and its certificate and those above" },
	{ "import-history", "NAME PATH", history_options, ca_import_history,
	    "Take what it issued and revoked before: a folder, or index.txt" },
	{ "offline", "NAME", offline_options, ca_offline,
	    "Write the root's key to a file, encrypted, and destroy it here" },
	{ "online", "NAME FILE", online_options, ca_online,
	    "Bring the root's key back, for a ceremony" },
	{ "confirm-restore", "", NULL, confirm_restore,
	    "Sign certificates again after an old database was put back" },
	{ "confirm-clock", "", NULL, confirm_clock,
	    "Sign certificates again after the clock jumped: it is right now" },
	{ 0 },
};

extern const struct group ca_group;
const struct group ca_group = { "ca", "Our own certification authorities.", commands };
