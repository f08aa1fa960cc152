/*
 * cmd_account.c - accounts: Super Admins with a password, people by invitation
 *
 * Two groups with the same acts: admin is of the system and was there first,
 * account is of the system or, with --tenant, of a tenant.
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown admins[] = {
	{ "name", "Name" },
	{ "email", "E-mail" },
	{ "role", "Role" },
	{ "enabled", "Enabled" },
	{ "totp", "One-time code" },
	{ "created", "Created" },
	{ "last_sign_in", "Last sign-in" },
	{ 0 },
};

static int
create(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	char *password;
	int rc;

	if ((rc = read_secret(cli, args_value(&cli->args, "password-file"), &password)) != 0 ||
	    (rc = api_call(cli, "POST", "/accounts",
		 json_pack("{s:s, s:s, s:s}", "name", args_value(&cli->args, "user"), "email",
		     args_value(&cli->args, "email"), "password", password),
		 &a)) != 0)
		return rc;
	return show(cli, &a, NULL, admins);
}

static int
list_admins(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/accounts", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "accounts", admins);
}

/* A write without a body at one account; `done` is said of its name. */
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
enable(struct cli *cli)
{
	return api_act(
	    cli, "POST", api_path(cli, "/accounts/%s/enable", word(cli, 0)), NULL, "enabled");
}

static int
disable(struct cli *cli)
{
	return api_act(
	    cli, "POST", api_path(cli, "/accounts/%s/disable", word(cli, 0)), NULL, "disabled");
}

static int delete (struct cli *cli)
{
	return api_act(cli, "DELETE", api_path(cli, "/accounts/%s", word(cli, 0)), NULL, "deleted");
}

static int
reset_totp(struct cli *cli)
{
	return api_act(cli, "POST", api_path(cli, "/accounts/%s/reset-totp", word(cli, 0)), NULL,
	    "signs in without a one-time code now");
}

static int
password(struct cli *cli)
{
	char *secret;
	int rc;

	if ((rc = read_secret(cli, args_value(&cli->args, "password-file"), &secret)) != 0)
		return rc;
	return api_act(cli, "POST", api_path(cli, "/accounts/%s/password", word(cli, 0)),
	    json_pack("{s:s}", "password", secret), "password set");
}

#define PASSWORD_FILE                                                       \
	{                                                                   \
		.name = "password-file", .value = "FILE", .required = true, \
		.help = "the password; - is standard input"                 \
	}

static const struct option create_options[] = {
	{ .name = "user", .value = "USER", .required = true, .help = "the name to sign in with" },
	{ .name = "email", .value = "ADDRESS", .required = true, .help = "the e-mail address" },
	PASSWORD_FILE,
	{ 0 },
};
static const struct option password_options[] = { PASSWORD_FILE, { 0 } };

static const struct command admin_commands[] = {
	{ "create", "", create_options, create, "Add a Super Admin" },
	{ "list", "", NULL, list_admins, "List the Super Admins" },
	{ "enable", "USER", NULL, enable, "Let a Super Admin sign in again" },
	{ "disable", "USER", NULL, disable,
	    "End the sessions of a Super Admin, and refuse new ones" },
	{ "delete", "USER", NULL, delete, "Delete a Super Admin" },
	{ "password", "USER", password_options, password, "Set a new password" },
	{ "reset-totp", "USER", NULL, reset_totp,
	    "Take the one-time code off an account whose owner lost it" },
	{ 0 },
};

extern const struct group admin_group;
const struct group admin_group = { "admin", "Super Admins: who may sign in.", admin_commands };

static const struct option invite_options[] = {
	{ .name = "email", .value = "ADDRESS", .required = true, .help = "the e-mail address" },
	{ .name = "role",
	    .value = "ROLE",
	    .choices = "super|tenant-admin|operator|auditor",
	    .help = "super (of the system), tenant-admin (of a tenant), operator or auditor; "
		    "default: the first that fits" },
	{ 0 },
};

static const struct command account_commands[] = {
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
	"Accounts: the people of the system, or with --tenant NAME of a tenant.",
	account_commands };
