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
	show_more(cli, &a, "tenants", "tenant", "--after ");
	show_line(cli, "base domain: %s", show_value(cli->arena, json_object_get(a.json, "base")));
	json_array_foreach (all, i, one) {
		fputc('\n', cli->out);
		show_line(cli, "%s", show_value(cli->arena, json_object_get(one, "tenant")));
		show_table(cli, json_object_get(one, "names"), names);
	}
	return 0;
}

static const char *const whose[] = { "authority", "profile", "strategy" };
static const struct shown ways[] = { { "strategy", "STRATEGY" }, { "certificates", "CERTIFICATES" },
	{ "to_make", "TO MAKE" }, { "exposed", "SEEN BY OTHERS" }, { "uncovered", "NOT COVERED" },
	{ 0 } };
static const struct shown certificates[] = { { "identity", "CERTIFICATE" }, { "state", "STATE" },
	{ "covers", "COVERS" }, { "tenants", "TENANTS" }, { "left_out", "LEFT OUT" }, { 0 } };
static const struct shown planned[] = { { "name", "NAME" }, { "tenant", "TENANT" },
	{ "covered", "COVERED" }, { "covered_by", "NOW BY" }, { "certificate", "IN THE PLAN" },
	{ "reason", "NOT, BECAUSE" }, { 0 } };
static const struct shown made[] = { { "identity", "IDENTITY" }, { "common_name", "COMMON NAME" },
	{ "size", "NAMES" }, { "state", "STATE" }, { 0 } };

static void
show_effort(struct cli *cli, const json_t *strategies)
{
	const json_t *one, *effort;
	size_t i, k;

	json_array_foreach (strategies, i, one)
		json_array_foreach (json_object_get(one, "effort"), k, effort)
			show_line(cli, "%s, %s days: %s renewals a year",
			    show_value(cli->arena, json_object_get(one, "strategy")),
			    show_value(cli->arena, json_object_get(effort, "days")),
			    show_value(cli->arena, json_object_get(effort, "renewals")));
}

static int
plan(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *strategies;
	int rc;

	if ((rc = api_call(
		 cli, "GET", api_query(cli, "/names/plan", whose, nitems(whose)), NULL, &a)) != 0)
		return rc;
	if (cli->json) {
		show_json(cli, a.json);
		return 0;
	}
	strategies = json_object_get(a.json, "strategies");
	show_line(cli, "%s of %s names are covered now",
	    show_value(cli->arena, json_object_get(a.json, "covered")),
	    show_value(cli->arena, json_object_get(a.json, "total")));
	show_line(cli, "recommended: %s, because %s",
	    show_value(cli->arena, json_object_get(a.json, "recommended")),
	    show_value(cli->arena, json_object_get(a.json, "reason")));
	fputc('\n', cli->out);
	show_table(cli, strategies, ways);
	show_effort(cli, strategies);
	fputc('\n', cli->out);
	show_table(cli, json_object_get(a.json, "certificates"), certificates);
	fputc('\n', cli->out);
	show_table(cli, json_object_get(a.json, "names"), planned);
	return 0;
}

static int
apply(struct cli *cli)
{
	static const char *const options[] = { "authority", "profile", "strategy", "type",
		"country", "state", "locality", "organization", "unit", "email" };
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *failed;
	json_t *body = json_object();
	int rc;

	for (size_t i = 0; i < nitems(options); i++)
		if (args_value(&cli->args, options[i]) != NULL)
			json_object_set_new(
			    body, options[i], json_string(args_value(&cli->args, options[i])));
	if (args_has(&cli->args, "requests-only"))
		json_object_set_new(body, "requests_only", json_true());
	if ((rc = api_call(cli, "POST", "/names/plan", body, &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	else
		show_table(cli, json_object_get(a.json, "made"), made);
	if (json_is_object(failed = json_object_get(a.json, "failed")))
		return cli_say(cli, EXIT_REFUSED, "what was made before stays; apply again",
		    "%s: %s", json_string_value(json_object_get(failed, "identity")),
		    json_string_value(json_object_get(failed, "detail")));
	if (json_integer_value(json_object_get(a.json, "left")) > 0)
		show_line(cli, "%s are left: apply again",
		    show_value(cli->arena, json_object_get(a.json, "left")));
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
#define OPTIONS_PLAN                                                                          \
	{ .name = "authority", .value = "ID", .help = "who would issue (default: our own)" }, \
	    { .name = "profile", .value = "P", .help = "its profile" },                       \
	{                                                                                     \
		.name = "strategy", .value = "S", .help = "wildcard, shared or each"          \
	}
static const struct option plan_options[] = { OPTIONS_PLAN, { 0 } };
static const struct option apply_options[] = { OPTIONS_PLAN,
	{ .name = "type", .value = "T", .help = "type of new keys (default: ec:P-256)" },
	{ .name = "requests-only", .help = "have nothing signed" },
	{ .name = "country", .value = "C", .help = "of each request, as those below" },
	{ .name = "state", .value = "ST", .help = "state or province" },
	{ .name = "locality", .value = "L", .help = "city or town" },
	{ .name = "organization", .value = "O", .help = "registered name" },
	{ .name = "unit", .value = "OU", .help = "organization unit" },
	{ .name = "email", .value = "E", .help = "address" }, { 0 } };

static const struct command commands[] = {
	{ "base", "DOMAIN", NULL, base,
	    "Set the domain under which each tenant has a name by itself (none: there is none)" },
	{ "add", "NAME", NULL, add, "Claim a name; a Super Admin with --tenant: give it one" },
	{ "verify", "NAME", verify_options, verify, "See whether what proves it is published" },
	{ "list", "", list_options, list,
	    "List names, and whether a certificate is presented for them" },
	{ "plan", "", plan_options, plan,
	    "Say which certificates the names need, and what covers them now" },
	{ "apply", "", apply_options, apply,
	    "Make identity, key and request for each certificate of the plan that is not there" },
	{ "remove", "NAME", NULL, take_away, "Take away a claim; with --tenant: a name" },
	{ 0 },
};

extern const struct group names_group;
const struct group names_group = { "names",
	"Names: whose they are, and what is presented for them.", commands };
