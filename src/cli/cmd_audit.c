/*
 * cmd_audit.c - the audit: list, export, verify (here or offline)
 */
#include "base/audit_export.h"
#include "base/io.h"
#include "cli/http.h"
#include "cli/show.h"

static const struct shown events[] = {
	{ "sequence", "EVENT" },
	{ "at", "AT" },
	{ "actor", "WHO" },
	{ "source", "FROM" },
	{ "action", "ACTION" },
	{ "object", "OBJECT" },
	{ "outcome", "OUTCOME" },
	{ "detail", "DETAIL" },
	{ 0 },
};

static int
list(struct cli *cli)
{
	static const char *const names[] = { "limit", "before", "text" };
	AUTO_ANSWER struct answer a = { 0 };
	char *path = arena_strdup(cli->arena, "/audit");
	const char *value, *sign = "?";
	int rc;

	for (size_t i = 0; i < nitems(names); i++) {
		if ((value = args_value(&cli->args, names[i])) == NULL)
			continue;
		path = arena_printf(
		    cli->arena, "%s%s%s=%s", path, sign, names[i], api_path(cli, "%s", value));
		sign = "&";
	}
	if ((rc = api_call(cli, "GET", path, NULL, &a)) != 0)
		return rc;
	show_more(cli, &a, "events", "sequence", "--before ");
	return show(cli, &a, "events", events);
}

static int export(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_download(cli, "/audit/export", &a)) != 0)
		return rc;
	return write_output(cli, a.body.data, a.body.len, 0600);
}

static const char *
verdict_name(enum audit_verdict v)
{
	return v == AUDIT_WHOLE ? "whole" : v == AUDIT_BROKEN ? "broken" : "unreadable";
}

/* With nothing but the file: no daemon is asked. */
static int
verify_file(struct cli *cli)
{
	AUTO_BUF struct buf file = { 0 };
	struct audit_report r;
	json_t *said;
	int rc;

	if ((rc = read_input(cli, word(cli, 0), ANSWER_MAX, &file)) != 0)
		return rc;
	audit_export_verify(file.data, file.len, args_value(&cli->args, "head"), &r);
	if (cli->json) {
		said = json_pack("{s:b, s:s, s:I, s:I, s:o, s:s, s:s, s:s, s:s}", "whole",
		    r.verdict == AUDIT_WHOLE, "verdict", verdict_name(r.verdict), "events",
		    (json_int_t)r.events, "line", (json_int_t)r.line, "place",
		    r.sequence > 0 ? json_integer(r.sequence) : json_null(), "head", r.head, "key",
		    r.key, "message", r.message, "unseen", r.unseen);
		show_json(cli, said);
		json_decref(said);
	}
	if (r.verdict == AUDIT_UNREADABLE)
		return cli_say(cli, EXIT_INPUT, NULL, "%s", r.message);
	show_line(cli, "%s", r.message);
	if (r.head[0] != '\0')
		show_line(cli, "head: %s", r.head);
	if (r.key[0] != '\0')
		show_line(cli, "signed by the key with SHA-256 %s", r.key);
	if (r.unseen[0] != '\0')
		show_line(cli, "%s", r.unseen);
	return (int)r.verdict;
}

static int
verify(struct cli *cli)
{
	static const struct shown state[] = {
		{ "message", "Audit" },
		{ "events", "Events" },
		{ "anchored", "Anchored at" },
		{ "head", "Head" },
		{ 0 },
	};
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if (word(cli, 0) != NULL)
		return verify_file(cli);
	if (args_has(&cli->args, "head"))
		return cli_say(cli, EXIT_USAGE, "the daemon has its own record of the heads",
		    "--head needs a FILE");
	if ((rc = api_call(cli, "GET", "/audit/verify", NULL, &a)) != 0)
		return rc;
	show(cli, &a, NULL, state);
	return json_is_true(json_object_get(a.json, "whole")) ? 0 : EXIT_REFUSED;
}

static const struct option list_options[] = {
	{ .name = "limit",
	    .value = "N",
	    .help = "at most so many events: up to 500 (default: 50)" },
	{ .name = "before",
	    .value = "EVENT",
	    .help = "events older than the one with this number" },
	{ .name = "text", .value = "TEXT", .help = "events that hold this text" },
	{ 0 },
};
static const struct option export_options[] = { OPTION_OUTPUT, { 0 } };
static const struct option verify_options[] = {
	{ .name = "head",
	    .value = "HEAD",
	    .help = "SEQUENCE:HASH noted earlier, that FILE must contain" },
	{ 0 },
};

static const struct command commands[] = {
	{ "list", "", list_options, list, "List the newest events" },
	{ "export", "", export_options, export,
	    "Write all events, a line of JSON each, and the signed head" },
	{ "verify", "[FILE]", verify_options, verify,
	    "Is the audit whole? The daemon's own, or (without a daemon) an export" },
	{ 0 },
};

extern const struct group audit_group;
const struct group audit_group = { "audit", "What was done, by whom, and with what outcome.",
	commands };
