/*
 * cmd_admin.c - Super Admins: create, list, enable, disable, delete, password
 */
#include "cli/cli.h"

static const struct shown account[] = {
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
	return show(cli, &a, NULL, account);
}

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/accounts", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "accounts", account);
}

/* A write without a body at one account; `done` is said of its name. */
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

static int
reset_totp(struct cli *cli)
{
	return act(cli, "POST", api_path(cli, "/accounts/%s/reset-totp", word(cli, 0)),
	    "signs in without a one-time code now");
}

static int
password(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	char *secret;
	int rc;

	if ((rc = read_secret(cli, args_value(&cli->args, "password-file"), &secret)) != 0 ||
	    (rc = api_call(cli, "POST", api_path(cli, "/accounts/%s/password", word(cli, 0)),
		 json_pack("{s:s}", "password", secret), &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "%s: password set", word(cli, 0));
	return 0;
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

static const struct command commands[] = {
	{ "create", "", create_options, create, "Add a Super Admin" },
	{ "list", "", NULL, list, "List the Super Admins" },
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
const struct group admin_group = { "admin", "Super Admins: who may sign in.", commands };
