/*
 * cmd_component.c - services that present a certificate
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown components[] = {
	{ "name", "NAME" },
	{ "type", "TYPE" },
	{ "addresses", "ADDRESSES" },
	{ "identity", "IDENTITY" },
	{ "status", "STATUS" },
	{ "days_left", "DAYS LEFT" },
	{ "next", "NEXT" },
	{ 0 },
};

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/components", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "components", components);
}

static const struct command commands[] = {
	{ "list", "", NULL, list, "List the services that present a certificate" },
	{ 0 },
};

extern const struct group component_group;
const struct group component_group = { "component", "Services that present a certificate.",
	commands };
