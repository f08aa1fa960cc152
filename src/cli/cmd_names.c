/*
 * cmd_names.c - whose a name is, and what is presented for it
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown names[] = {
	{ "name", "NAME" },
	{ "state", "STATE" },
	{ "proof_ends", "PROOF ENDS" },
	{ "covered", "COVERED" },
	{ "identity", "CERTIFICATE OF" },
	{ "added_by", "BY" },
	{ 0 },
};
static const struct shown given[] = {
	{ "name", "Name" },
	{ "state", "State" },
	{ "added_by", "By" },
	{ "added", "Since" },
	{ 0 },
};
static const struct shown claimed[] = {
	{ "name", "Name" },
	{ "state", "State" },
	{ "method", "Proved by" },
	{ "proved", "Proved" },
	{ "proof_ends", "Proof ends" },
	{ "record", "TXT record at" },
	{ "url", "Or a file at" },
	{ "token", "With this text" },
	{ 0 },
};

static int
show_name(struct cli *cli, const struct answer *a)
{
	return show(
	    cli, a, NULL, json_is_null(json_object_get(a->json, "token")) ? given : claimed);
}

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
	return show_name(cli, &a);
}

static int
verify(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *method = args_value(&cli->args, "method");
	int rc;

	if ((rc = api_call(cli, "POST", api_path(cli, "/names/%s/verify", word(cli, 0)),
		 json_pack("{s:s}", "method", method == NULL ? "dns" : method), &a)) != 0)
		return rc;
	return show_name(cli, &a);
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

static const struct option verify_options[] = {
	{ .name = "method",
	    .value = "dns|http",
	    .help = "dns (default): it and all below it; http: it alone" },
	{ 0 },
};

static const struct command commands[] = {
	{ "base", "DOMAIN", NULL, base,
	    "Set the domain under which each tenant has a name by itself (none: there is none)" },
	{ "add", "NAME", NULL, add, "Claim a name; a Super Admin with --tenant: give it one" },
	{ "verify", "NAME", verify_options, verify, "See whether what proves it is published" },
	{ "list", "", list_options, list,
	    "List names, and whether a certificate is presented for them" },
	{ "remove", "NAME", NULL, take_away, "Take away a claim; with --tenant: a name" },
	{ 0 },
};

extern const struct group names_group;
const struct group names_group = { "names",
	"Names: whose they are, and what is presented for them.", commands };
