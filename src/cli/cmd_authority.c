/*
 * cmd_authority.c - authorities whose ways are known: their capability cards
 */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown authorities[] = {
	{ "name", "NAME" },
	{ "title", "TITLE" },
	{ "validation", "VALIDATION" },
	{ "profiles", "PROFILES" },
	{ "checked", "CHECKED" },
	{ "origin", "CARD" },
	{ 0 },
};
static const struct shown authority[] = {
	{ "name", "Name" },
	{ "title", "Title" },
	{ "summary", "Summary" },
	{ "validation", "Validation" },
	{ "default_profile", "Default profile" },
	{ "order.format", "When ordering" },
	{ "checked", "Checked" },
	{ "origin", "Card" },
	{ 0 },
};
static const struct shown profile[] = {
	{ "name", "Profile" },
	{ "summary", "Summary" },
	{ "keys.allow", "Keys" },
	{ "names.max", "Names, at most" },
	{ 0 },
};
static const struct shown life[] = {
	{ "from", "FROM" },
	{ "days", "DAYS" },
	{ 0 },
};
static const struct shown grants[] = {
	{ "item", "WISH" },
	{ "effect", "EFFECT" },
	{ "like", "LIKE" },
	{ "from", "FROM" },
	{ "until", "UNTIL" },
	{ "reason", "REASON" },
	{ "reference", "REFERENCE" },
	{ 0 },
};
static const struct shown additions[] = {
	{ "item", "ADDED" },
	{ "value", "VALUE" },
	{ "until", "UNTIL" },
	{ "reason", "REASON" },
	{ "reference", "REFERENCE" },
	{ 0 },
};
static const struct shown rules[] = {
	{ "from", "FROM" },
	{ "until", "UNTIL" },
	{ "sentence", "RULE" },
	{ "reference", "REFERENCE" },
	{ "set_by", "SET BY" },
	{ 0 },
};

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/authorities", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "authorities", authorities);
}

static void
show_part(struct cli *cli, const json_t *array, const struct shown *columns)
{
	if (json_array_size(array) == 0)
		return;
	fputc('\n', cli->out);
	show_table(cli, array, columns);
}

static int
show_one(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *one;
	size_t i;
	int rc;

	if ((rc = api_call(cli, "GET", api_path(cli, "/authorities/%s", word(cli, 0)), NULL, &a)) !=
	    0)
		return rc;
	show(cli, &a, NULL, authority);
	if (cli->json)
		return 0;
	json_array_foreach (json_object_get(a.json, "profiles"), i, one) {
		fputc('\n', cli->out);
		show_details(cli, one, profile);
		show_part(cli, json_object_get(json_object_get(one, "life"), "steps"), life);
		show_part(cli, json_object_get(one, "grants"), grants);
		show_part(cli, json_object_get(one, "adds"), additions);
	}
	show_part(cli, json_object_get(a.json, "rules"), rules);
	return 0;
}

static int
check(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	AUTO_BUF struct buf file = { 0 };
	int rc;

	if ((rc = read_input(cli, word(cli, 0), LIMIT_CARD, &file)) != 0 ||
	    (rc = api_send(cli, "/authorities/check", "application/json", &file, &a)) != 0)
		return rc;
	show(cli, &a, NULL, authority);
	show_line(cli, "The card is well-formed.");
	return 0;
}

static const struct command commands[] = {
	{ "list", "", NULL, list, "List the authorities" },
	{ "show", "NAME", NULL, show_one,
	    "Show what an authority makes of wishes, and the rules that bind it" },
	{ "check", "FILE", NULL, check, "Say whether a file is a capability card" },
	{ 0 },
};

extern const struct group authority_group;
const struct group authority_group = { "authority",
	"Authorities whose ways are known: capability cards.", commands };
