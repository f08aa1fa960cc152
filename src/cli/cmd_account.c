/*
 * cmd_account.c - the people of the system or of a tenant, by invitation
 */
#include "cli/cli.h"

static const struct shown accounts[] = {
	{ "login", "SIGNS IN AS" },
	{ "role", "ROLE" },
	{ "enabled", "ENABLED" },
	{ "email", "E-MAIL" },
	{ "last_sign_in", "LAST SIGN-IN" },
	{ 0 },
};
static const struct shown invitation[] = {
	{ "login", "Signs in as" },
	{ "role", "Role" },
	{ "url", "Link, shown once" },
	{ "until", "Good until" },
	{ 0 },
};

static int
invite(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *role = args_value(&cli->args, "role");
	json_t *body = json_pack(
	    "{s:s, s:s}", "name", word(cli, 0), "email", args_value(&cli->args, "email"));
	int rc;

	if (role != NULL)
		json_object_set_new(body, "role", json_string(role));
	if ((rc = api_call(cli, "POST", "/accounts/invite", body, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, invitation);
}

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/accounts", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "accounts", accounts);
}

static int
act(struct cli *cli, const char *method, const char *path, const char *done)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, method, path, NULL, &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "%s: %s", word(cli, 0), done);
	return 0;
}

static int
enable(struct cli *cli)
{
	return act(cli, "POST", api_path(cli, "/accounts/%s/enable", word(cli, 0)), "enabled");
}

static int
disable(struct cli *cli)
{
	return act(cli, "POST", api_path(cli, "/accounts/%s/disable", word(cli, 0)), "disabled");
}

static int delete (struct cli *cli)
{
	return act(cli, "DELETE", api_path(cli, "/accounts/%s", word(cli, 0)), "deleted");
}

static const struct option invite_options[] = {
	{ .name = "email", .value = "ADDRESS", .required = true, .help = "the e-mail address" },
	{ .name = "role",
	    .value = "ROLE",
	    .choices = "super|tenant-admin|operator|auditor",
	    .help = "super (of the system), tenant-admin (of a tenant), operator or auditor; "
		    "default: the first that fits" },
	{ 0 },
};

static const struct command commands[] = {
	{ "invite", "USER", invite_options, invite,
	    "Add an account; its owner sets the password by a link" },
	{ "list", "", NULL, list, "List the accounts" },
	{ "enable", "USER", NULL, enable, "Let an account sign in again" },
	{ "disable", "USER", NULL, disable, "End the sessions of an account, and refuse new ones" },
	{ "delete", "USER", NULL, delete, "Delete an account" },
	{ 0 },
};

extern const struct group account_group;
const struct group account_group = { "account",
	"Accounts: the people of the system, or with --tenant NAME of a tenant.", commands };
