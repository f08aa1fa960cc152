/*
 * cmd_config.c - the options in force
 */
#include "cli/cli.h"
#include "cli/show.h"

/* The lines of a configuration file (certwrightd.conf(5)). */
static int
show_config(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *name;
	json_t *value;
	int rc;

	if ((rc = api_call(cli, "GET", "/config", NULL, &a)) != 0)
		return rc;
	if (cli->json) {
		show_json(cli, a.json);
		return 0;
	}
	json_object_foreach (a.json, name, value) {
		const json_t *one;
		size_t i = 0;

		if (!json_is_array(value))
			show_line(cli, "%s = %s", name, show_value(cli->arena, value));
		else
			json_array_foreach (value, i, one)
				show_line(cli, "%s = %s", name, show_value(cli->arena, one));
	}
	return 0;
}

static const struct command commands[] = {
	{ "show", "", NULL, show_config, "Show the options in force, as a configuration file" },
	{ 0 },
};

extern const struct group config_group;
const struct group config_group = { "config", "The daemon's options.", commands };
