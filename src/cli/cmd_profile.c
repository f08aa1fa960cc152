/*
 * cmd_profile.c - profiles: what authorities grant, and the policy of our own
 */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown effects[] = {
	{ "identity", "IDENTITY" },
	{ "profile", "PROFILE" },
	{ "now", "NOW" },
	{ "then", "THEN" },
	{ "item", "ITEM" },
	{ "reason", "REASON" },
	{ 0 },
};
static const struct shown profiles[] = {
	{ "authority", "AUTHORITY" },
	{ "name", "PROFILE" },
	{ "default", "DEFAULT" },
	{ "summary", "SUMMARY" },
	{ 0 },
};
static const struct shown profile[] = {
	{ "authority", "Authority" },
	{ "name", "Profile" },
	{ "summary", "Summary" },
	{ "common_name", "Common name" },
	{ "keys.allow", "Keys" },
	{ "names.max", "Names, at most" },
	{ "approval.persons", "Approvals" },
	{ 0 },
};
static const struct shown grants[] = {
	{ "item", "ITEM" },
	{ "effect", "EFFECT" },
	{ "reason", "REASON" },
	{ 0 },
};
static const struct shown additions[] = {
	{ "item", "ADDED" },
	{ "value", "VALUE" },
	{ "reason", "REASON" },
	{ 0 },
};

/* The authority meant: --authority, else the first of our own. */
static int
authority(struct cli *cli, const char **out)
{
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *one;
	size_t i;
	int rc;

	if ((*out = args_value(&cli->args, "authority")) != NULL)
		return 0;
	if ((rc = api_call(cli, "GET", "/cas", NULL, &a)) != 0)
		return rc;
	json_array_foreach (json_object_get(a.json, "cas"), i, one)
		if (json_is_string(json_object_get(one, "name"))) {
			*out = arena_strdup(
			    cli->arena, json_string_value(json_object_get(one, "name")));
			return 0;
		}
	return cli_say(
	    cli, EXIT_NOTFOUND, "name one: --authority NAME", "there is no authority of our own");
}

/* "" when the server names none. */
static const char *
name_of(const json_t *o)
{
	const char *name = json_string_value(json_object_get(o, "name"));

	return name == NULL ? "" : name;
}

/* The profiles of all authorities, or of one, in one list. */
static int
collect(struct cli *cli, const char *name, json_t *out)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *preset;
	json_t *one;
	size_t i;
	int rc;

	if ((rc = api_call(cli, "GET", api_path(cli, "/authorities/%s", name), NULL, &a)) != 0)
		return rc;
	preset = json_string_value(json_object_get(a.json, "default_profile"));
	json_array_foreach (json_object_get(a.json, "profiles"), i, one) {
		json_object_set_new(one, "authority", json_string(name));
		json_object_set_new(one, "default",
		    json_boolean(preset != NULL && strcmp(preset, name_of(one)) == 0));
		json_array_append(out, one);
	}
	return 0;
}

static int
gather(struct cli *cli, json_t *out)
{
	const char *name = args_value(&cli->args, "authority");
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *one;
	size_t i;
	int rc;

	if (name != NULL)
		return collect(cli, name, out);
	if ((rc = api_call(cli, "GET", "/authorities", NULL, &a)) != 0)
		return rc;
	json_array_foreach (json_object_get(a.json, "authorities"), i, one)
		if ((rc = collect(cli, name_of(one), out)) != 0)
			return rc;
	return 0;
}

static int
list(struct cli *cli)
{
	json_t *o = json_object(), *all = json_array();
	int rc;

	json_object_set_new(o, "profiles", all);
	if ((rc = gather(cli, all)) == 0 && cli->json)
		show_json(cli, o);
	else if (rc == 0)
		show_table(cli, all, profiles);
	json_decref(o);
	return rc;
}

static void
show_profile(struct cli *cli, const json_t *one)
{
	show_details(cli, one, profile);
	fputc('\n', cli->out);
	show_table(cli, json_object_get(one, "grants"), grants);
	fputc('\n', cli->out);
	show_table(cli, json_object_get(one, "adds"), additions);
}

static int
show_one(struct cli *cli)
{
	json_t *all = json_array(), *one, *found = NULL;
	size_t i;
	int rc;

	if ((rc = gather(cli, all)) == 0) {
		json_array_foreach (all, i, one)
			if (found == NULL && strcmp(name_of(one), word(cli, 0)) == 0)
				found = one;
		if (found == NULL)
			rc = cli_say(cli, EXIT_NOTFOUND, "`certwright profile list` names them",
			    "there is no profile %s", word(cli, 0));
		else if (cli->json)
			show_json(cli, found);
		else
			show_profile(cli, found);
	}
	json_decref(all);
	return rc;
}

static int
set(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	AUTO_BUF struct buf file = { 0 };
	const char *name, *path;
	bool dry = args_has(&cli->args, "dry-run");
	int rc;

	if ((rc = authority(cli, &name)) != 0 ||
	    (rc = read_input(cli, word(cli, 0), LIMIT_CARD, &file)) != 0)
		return rc;
	path = api_path(cli, dry ? "/cas/%s/policy?dry_run=1" : "/cas/%s/policy", name);
	if ((rc = api_send(cli, path, "application/json", &file, &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	else if (json_array_size(json_object_get(a.json, "identities")) > 0)
		show_table(cli, json_object_get(a.json, "identities"), effects);
	show_line(cli, "%s: %s identities would be refused at their next renewal.",
	    dry ? "nothing is changed" : "set",
	    show_value(cli->arena, json_object_get(a.json, "fail")));
	return json_integer_value(json_object_get(a.json, "fail")) > 0 && dry ? EXIT_REFUSED : 0;
}

static int export(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *name;
	char *text;
	int rc;

	if ((rc = authority(cli, &name)) != 0 ||
	    (rc = api_call(cli, "GET", api_path(cli, "/cas/%s/policy", name), NULL, &a)) != 0)
		return rc;
	if (cli->json) {
		show_json(cli, a.json);
		return 0;
	}
	if ((text = json_dumps(json_object_get(a.json, "card"), JSON_INDENT(8))) == NULL)
		return cli_say(cli, EXIT_INTERNAL, NULL, "the answer holds no policy");
	rc = write_output(cli, arena_printf(cli->arena, "%s\n", text), strlen(text) + 1, 0644);
	free(text);
	return rc;
}

#define OPTION_AUTHORITY(text)                                     \
	{                                                          \
		.name = "authority", .value = "NAME", .help = text \
	}

static const struct option list_options[] = {
	OPTION_AUTHORITY("of this one (default: of all)"),
	{ 0 },
};
static const struct option set_options[] = {
	OPTION_AUTHORITY("an authority of our own (default: the first)"),
	{ .name = "dry-run",
	    .help = "change nothing; say which identities would fail at their next renewal" },
	{ 0 },
};

static const struct option export_options[] = {
	OPTION_AUTHORITY("an authority of our own (default: the first)"),
	OPTION_OUTPUT,
	{ 0 },
};

static const struct command commands[] = {
	{ "list", "", list_options, list, "List the profiles of the authorities" },
	{ "show", "PROFILE", list_options, show_one, "Show what a profile grants and adds" },
	{ "export", "", export_options, export,
	    "Write the policy that is in force as a card, JSON: for set" },
	{ "set", "FILE", set_options, set,
	    "Set the profiles of an authority of our own: a card, JSON" },
	{ 0 },
};

extern const struct group profile_group;
const struct group profile_group = { "profile", "Profiles: what authorities grant.", commands };
