/*
 * cmd_custodian.c - custodians: two of them let a key leave
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown custodians[] = { { "name", "NAME" }, { "id", "ID" }, { 0 } };
static const struct shown waiting[] = {
	{ "act", "WAITING" },
	{ "about", "WHAT" },
	{ "wish", "FORMAT" },
	{ "asked_by", "ASKED BY" },
	{ "approved", "APPROVED" },
	{ "expires", "UNTIL" },
	{ 0 },
};

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *waits;
	int rc;

	if ((rc = api_call(cli, "GET", "/custodians", NULL, &a)) != 0)
		return rc;
	show(cli, &a, "custodians", custodians);
	waits = json_object_get(a.json, "waiting");
	if (!cli->json && json_array_size(waits) > 0) {
		fputc('\n', cli->out);
		show_table(cli, waits, waiting);
	}
	return 0;
}

static int
change(struct cli *cli, const char *path, const char *done)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *code = args_value(&cli->args, "code");
	json_t *body = json_object();
	int rc;

	if (code != NULL)
		json_object_set_new(body, "code", json_string(code));
	if ((rc = api_call(cli, "POST", path, body, &a)) != 0)
		return rc;
	if (waits_for_second(&a))
		return show_held(
		    cli, &a, "another one approves with the same command and a code of its own");
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "%s: %s", word(cli, 0), done);
	return 0;
}

static int
add(struct cli *cli)
{
	return change(
	    cli, api_path(cli, "/accounts/%s/custodian", word(cli, 0)), "a custodian now");
}

static int delete (struct cli *cli)
{
	return change(cli, api_path(cli, "/accounts/%s/custodian/remove", word(cli, 0)),
	    "no custodian any more");
}

static const struct option change_options[] = { OPTION_CODE, { 0 } };

static const struct command commands[] = {
	{ "list", "", NULL, list, "List the custodians, and what waits for a second one" },
	{ "add", "USER", change_options, add, "Make an account with one-time codes a custodian" },
	{ "remove", "USER", change_options, delete, "Make an account a custodian no more" },
	{ 0 },
};

extern const struct group custodian_group;
const struct group custodian_group = { "custodian",
	"Custodians: from two on, a key leaves only when two of them approve.", commands };
