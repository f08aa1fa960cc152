/*
 * cmd_names.c - whose a name is, and what is presented for it
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown names[] = {
	{ "name", "NAME" },
	{ "covered", "COVERED" },
	{ "identity", "CERTIFICATE OF" },
	{ "added_by", "GIVEN BY" },
	{ 0 },
};
static const struct shown given[] = {
	{ "name", "Name" },
	{ "added_by", "Given by" },
	{ "added", "Given" },
	{ 0 },
};

static int
base(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *domain = word(cli, 0);
	int rc;

	if ((rc = api_call(cli, "PUT", "/names/base",
		 json_pack("{s:s}", "domain", strcmp(domain, "none") == 0 ? "" : domain), &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "base domain: %s", domain);
	return 0;
}

static int
add(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "POST", "/names", json_pack("{s:s}", "name", word(cli, 0)), &a)) !=
	    0)
		return rc;
	return show(cli, &a, NULL, given);
}

static int
list(struct cli *cli)
{
	static const char *const options[] = { "text", "after" };
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *all, *one;
	size_t i;
	int rc;

	if ((rc = api_call(
		 cli, "GET", api_query(cli, "/names", options, nitems(options)), NULL, &a)) != 0)
		return rc;
	if (cli->json || args_value(&cli->args, "tenant") != NULL)
		return show(cli, &a, "names", names);
	all = json_object_get(a.json, "tenants");
	show_line(cli, "base domain: %s", show_value(cli->arena, json_object_get(a.json, "base")));
	json_array_foreach (all, i, one) {
		fputc('\n', cli->out);
		show_line(cli, "%s", show_value(cli->arena, json_object_get(one, "tenant")));
		show_table(cli, json_object_get(one, "names"), names);
	}
	return 0;
}

static int
take_away(struct cli *cli)
{
	return api_act(cli, "DELETE", api_path(cli, "/names/%s", word(cli, 0)), NULL, "taken away");
}

static const struct option list_options[] = {
	{ .name = "text",
	    .value = "TEXT",
	    .help = "of tenants with TEXT in the name or the contact" },
	{ .name = "after", .value = "NAME", .help = "behind the tenant of this name" },
	{ 0 },
};

static const struct command commands[] = {
	{ "base", "DOMAIN", NULL, base,
	    "Set the domain under which each tenant has a name by itself (none: there is none)" },
	{ "add", "NAME", NULL, add, "With --tenant: give it a name, and all below it" },
	{ "list", "", list_options, list,
	    "List names, and whether a certificate is presented for them" },
	{ "remove", "NAME", NULL, take_away, "With --tenant: take a name away" },
	{ 0 },
};

extern const struct group names_group;
const struct group names_group = { "names",
	"Names: whose they are, and what is presented for them.", commands };
