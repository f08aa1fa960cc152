/*
 * cmd_token.c - bearer tokens for scripts
 */
#include <errno.h>

#include "cli/cli.h"
#include "cli/show.h"

static const struct shown made[] = {
	{ "token", "Token" },
	{ "id", "Id" },
	{ "expires", "Expires" },
	{ 0 },
};
static const struct shown tokens[] = {
	{ "id", "ID" },
	{ "account", "ACCOUNT" },
	{ "created", "CREATED" },
	{ "expires", "EXPIRES" },
	{ "last_used", "LAST USED" },
	{ "revoked", "REVOKED" },
	{ 0 },
};

static int
create(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *user = args_value(&cli->args, "user");
	const char *days = args_value(&cli->args, "days");
	json_t *body = json_object();
	char *end = "";
	long n = 0;
	int rc;

	if (days != NULL) {
		errno = 0;
		n = strtol(days, &end, 10);
		if (days[0] < '0' || days[0] > '9' || *end != '\0' || errno != 0) {
			json_decref(body);
			return cli_say(cli, EXIT_USAGE, NULL, "--days needs a number");
		}
		json_object_set_new(body, "days", json_integer(n));
	}
	if (user != NULL)
		json_object_set_new(body, "user", json_string(user));
	if ((rc = api_call(cli, "POST", "/tokens", body, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, made);
}

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/tokens", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "tokens", tokens);
}

static int
revoke(struct cli *cli)
{
	return api_act(cli, "DELETE", api_path(cli, "/tokens/%s", word(cli, 0)), NULL, "revoked");
}

static const struct option create_options[] = {
	{ .name = "user",
	    .value = "USER",
	    .help = "with the authority of this account (default: the caller's)" },
	{ .name = "days", .value = "N", .help = "it lives so many days: up to 3650 (default: 90)" },
	{ 0 },
};

static const struct command commands[] = {
	{ "create", "", create_options, create, "Make a token; its text is shown this once" },
	{ "list", "", NULL, list, "List the tokens, without their texts" },
	{ "revoke", "ID", NULL, revoke, "End a token" },
	{ 0 },
};

extern const struct group token_group;
const struct group token_group = { "token", "Bearer tokens for scripts.", commands };
