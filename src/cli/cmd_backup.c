/*
 * cmd_backup.c - online copies of the database
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown one[] = {
	{ "name", "Name" },
	{ "file", "File" },
	{ "made", "Made" },
	{ "size", "Bytes" },
	{ "sha256", "SHA-256" },
	{ "events", "Events" },
	{ 0 },
};
static const struct shown all[] = {
	{ "name", "NAME" },
	{ "file", "FILE" },
	{ "made", "MADE" },
	{ "size", "BYTES" },
	{ "events", "EVENTS" },
	{ 0 },
};

static int
create(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc = api_call(cli, "POST", "/backups", NULL, &a);

	return rc != 0 ? rc : show(cli, &a, NULL, one);
}

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc = api_call(cli, "GET", "/backups", NULL, &a);

	return rc != 0 ? rc : show(cli, &a, "backups", all);
}

static int
verify(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc = api_call(cli, "POST", api_path(cli, "/backups/%s/verify", word(cli, 0)), NULL, &a);

	if (rc != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "%s", json_string_value(json_object_get(a.json, "message")));
	return json_is_true(json_object_get(a.json, "whole")) ? 0 : EXIT_REFUSED;
}

static int
restore_cancel(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc = api_call(cli, "POST", "/restore/cancel", NULL, &a);

	if (rc == 0 && cli->json)
		show_json(cli, a.json);
	if (rc == 0)
		show_line(cli, "the next start changes nothing");
	return rc;
}

static int
restore(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *name = word(cli, 0), *kept;
	bool cancel = args_has(&cli->args, "cancel");
	int rc;

	if (cancel != (name == NULL))
		return cli_say(cli, EXIT_USAGE, "`certwright backup list` shows the names",
		    "either the NAME of a backup, or --cancel");
	if (cancel)
		return restore_cancel(cli);
	if ((rc = api_call(cli, "POST", api_path(cli, "/backups/%s/restore", name), NULL, &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	kept = json_string_value(json_object_get(a.json, "kept"));
	show_line(cli, "%s: takes its place at the next start of the daemon", name);
	show_line(cli, "what is there then is kept in the folder %s of the data directory",
	    show_text(cli->arena, kept == NULL ? "" : kept));
	show_line(cli, "next: systemctl restart certwrightd");
	return 0;
}

static int delete (struct cli *cli)
{
	return api_act(cli, "DELETE", api_path(cli, "/backups/%s", word(cli, 0)), NULL, "removed");
}

static const struct option restore_options[] = {
	{ .name = "cancel", .help = "take back what was planned for the next start" },
	{ 0 },
};
static const struct command commands[] = {
	{ "create", "", NULL, create, "Copy the database while everything goes on" },
	{ "list", "", NULL, list, "List the backups, newest first" },
	{ "verify", "NAME", NULL, verify, "Say whether a backup is whole and its keys open" },
	{ "restore", "[NAME]", restore_options, restore,
	    "Put a backup back at the daemon's next start" },
	{ "delete", "NAME", NULL, delete, "Remove a backup" },
	{ 0 },
};

extern const struct group backup_group;
const struct group backup_group = { "backup", "Copies of the database.", commands };
