/*
 * cmd_tenant.c - tenants: who has keys, names and people of their own
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown tenants[] = {
	{ "name", "NAME" },
	{ "state", "STATE" },
	{ "people", "PEOPLE" },
	{ "identities", "IDENTITIES" },
	{ "certificates", "CERTIFICATES" },
	{ "created", "CREATED" },
	{ 0 },
};
static const struct shown tenant[] = {
	{ "name", "Name" },
	{ "id", "Id" },
	{ "state", "State" },
	{ "reason", "Reason" },
	{ "contact", "Contact" },
	{ "people", "People" },
	{ "identities", "Identities" },
	{ "max_identities", "At most (0: no limit)" },
	{ "certificates", "Certificates in use" },
	{ "max_certificates", "At most (0: no limit)" },
	{ "requests", "Requests in 24 hours" },
	{ "max_requests", "At most (0: no limit)" },
	{ "created", "Created" },
	{ "created_by", "Created by" },
	{ 0 },
};

/* A limit as typed, for the daemon to judge: a number where it is one. */
static void
put_limit(struct cli *cli, json_t *body, const char *option, const char *member)
{
	const char *value = args_value(&cli->args, option);

	if (value != NULL)
		json_object_set_new(body, member, json_string(value));
}

static json_t *
wish_of(struct cli *cli)
{
	json_t *body = json_object();
	const char *contact = args_value(&cli->args, "contact");

	if (contact != NULL)
		json_object_set_new(body, "contact", json_string(contact));
	put_limit(cli, body, "identities", "max_identities");
	put_limit(cli, body, "certificates", "max_certificates");
	put_limit(cli, body, "requests-a-day", "max_requests");
	return body;
}

static int
ask(struct cli *cli, const char *method, const char *path, json_t *body)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, method, path, body, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, tenant);
}

static int
create(struct cli *cli)
{
	json_t *body = wish_of(cli);

	json_object_set_new(body, "name", json_string(word(cli, 0)));
	return ask(cli, "POST", "/tenants", body);
}

static int
list(struct cli *cli)
{
	static const char *const options[] = { "text", "after", "limit" };
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(
		 cli, "GET", api_query(cli, "/tenants", options, nitems(options)), NULL, &a)) != 0)
		return rc;
	show_more(cli, &a, "tenants", "name", "--after ");
	return show(cli, &a, "tenants", tenants);
}

static int
show_tenant(struct cli *cli)
{
	return ask(cli, "GET", api_path(cli, "/tenants/%s", word(cli, 0)), NULL);
}

static int
change(struct cli *cli)
{
	return ask(cli, "PUT", api_path(cli, "/tenants/%s", word(cli, 0)), wish_of(cli));
}

static int
suspend(struct cli *cli)
{
	const char *reason = args_value(&cli->args, "reason");

	return ask(cli, "POST", api_path(cli, "/tenants/%s/suspend", word(cli, 0)),
	    reason == NULL ? NULL : json_pack("{s:s}", "reason", reason));
}

static int
resume(struct cli *cli)
{
	return ask(cli, "POST", api_path(cli, "/tenants/%s/resume", word(cli, 0)), NULL);
}

static int delete (struct cli *cli)
{
	return api_act(cli, "POST", api_path(cli, "/tenants/%s/delete", word(cli, 0)),
	    json_pack("{s:s}", "confirm", args_value(&cli->args, "confirm")), "deleted");
}

#define LIMITS                                                                                \
	{ .name = "contact", .value = "ADDRESS", .help = "an e-mail address" },               \
	    { .name = "identities", .value = "N", .help = "at most N of them; 0: no limit" }, \
	    { .name = "certificates",                                                         \
		    .value = "N",                                                             \
		    .help = "at most N in use, one an identity; 0: no limit" },               \
	{                                                                                     \
		.name = "requests-a-day", .value = "N",                                       \
		.help = "at most N CSRs in 24 hours; 0: no limit"                             \
	}

static const struct option wish_options[] = { LIMITS, { 0 } };
static const struct option list_options[] = {
	{ .name = "text", .value = "TEXT", .help = "with TEXT in the name or the contact" },
	{ .name = "after", .value = "NAME", .help = "behind the tenant of this name" },
	{ .name = "limit", .value = "N", .help = "at most N, up to 500 (default: 50)" },
	{ 0 },
};
static const struct option suspend_options[] = {
	{ .name = "reason", .value = "TEXT", .help = "why; its people are shown it" },
	{ 0 },
};
static const struct option delete_options[] = {
	{ .name = "confirm",
	    .value = "NAME",
	    .required = true,
	    .help = "the name again, so that it is the one you mean" },
	{ 0 },
};

static const struct command commands[] = {
	{ "create", "NAME", wish_options, create, "Add a tenant" },
	{ "list", "", list_options, list, "List the tenants" },
	{ "show", "NAME", NULL, show_tenant, "Show a tenant, what it has and may have" },
	{ "change", "NAME", wish_options, change, "Change contact and limits" },
	{ "suspend", "NAME", suspend_options, suspend,
	    "Refuse its people and tokens; what is served stays served" },
	{ "resume", "NAME", NULL, resume, "Let its people and tokens in again" },
	{ "delete", "NAME", delete_options, delete,
	    "Delete a tenant for good; audit and certificates stay" },
	{ 0 },
};

extern const struct group tenant_group;
const struct group tenant_group = { "tenant",
	"Tenants: who has keys, names and people of their own. Other commands act in one of "
	"them with --tenant NAME.",
	commands };
