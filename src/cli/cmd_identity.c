/*
 * cmd_identity.c - identities: the names that a server presents
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown identities[] = {
	{ "name", "NAME" },
	{ "subject.CN", "COMMON NAME" },
	{ "names", "NAMES" },
	{ "active", "ACTIVE CERTIFICATE" },
	{ "created", "CREATED" },
	{ 0 },
};
static const struct shown identity[] = {
	{ "name", "Name" },
	{ "id", "Id" },
	{ "subject", "Subject" },
	{ "names", "Names" },
	{ "digest", "Digest" },
	{ "active", "Active certificate" },
	{ "previous", "Previous certificate" },
	{ "next", "Next generation" },
	{ "created", "Created" },
	{ 0 },
};
static const struct shown keys[] = {
	{ "id", "KEY" },
	{ "label", "TYPE" },
	{ "state", "STATE" },
	{ "generation", "GENERATION" },
	{ "created", "CREATED" },
	{ 0 },
};

static int
show_one(struct cli *cli, const struct answer *a)
{
	const json_t *list = json_object_get(a->json, "keys");

	show(cli, a, NULL, identity);
	if (!cli->json && json_is_object(json_array_get(list, 0))) {
		fputc('\n', cli->out);
		show_table(cli, list, keys);
	}
	return 0;
}

static int
create(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(
		 cli, "POST", "/identities", json_pack("{s:s}", "name", word(cli, 0)), &a)) != 0)
		return rc;
	return show_one(cli, &a);
}

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/identities", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "identities", identities);
}

static int
show_identity(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", api_path(cli, "/identities/%s", word(cli, 0)), NULL, &a)) !=
	    0)
		return rc;
	return show_one(cli, &a);
}

static int delete (struct cli *cli)
{
	return api_act(
	    cli, "DELETE", api_path(cli, "/identities/%s", word(cli, 0)), NULL, "deleted");
}

static const struct command commands[] = {
	{ "create", "NAME", NULL, create, "Add an identity" },
	{ "list", "", NULL, list, "List the identities" },
	{ "show", "NAME", NULL, show_identity, "Show an identity with its keys" },
	{ "delete", "NAME", NULL, delete, "Delete an identity that has no keys (portal stays)" },
	{ 0 },
};

extern const struct group identity_group;
const struct group identity_group = { "identity",
	"Identities: the names and the subject that a server presents.", commands };
