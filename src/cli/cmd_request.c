/*
 * cmd_request.c - requests on their way to an authority
 */
#include "base/limits.h"
#include "cli/cli.h"

static const struct shown submissions[] = {
	{ "id", "ID" },
	{ "state", "STATE" },
	{ "authority", "AUTHORITY" },
	{ "profile", "PROFILE" },
	{ "name", "NAME" },
	{ "created", "SENT" },
	{ "note", "NOTE" },
	{ 0 },
};
static const struct shown submission[] = {
	{ "id", "Id" },
	{ "state", "State" },
	{ "title", "Authority" },
	{ "profile", "Profile" },
	{ "days", "Days" },
	{ "subject", "Subject" },
	{ "request", "Request" },
	{ "note", "Note" },
	{ "created", "Sent" },
	{ "created_by", "Sent by" },
	{ "ended", "Ended" },
	{ 0 },
};

static int
submit(struct cli *cli)
{
	static const char *const options[] = { "profile", "days", "note" };
	const char *authority = args_value(&cli->args, "authority"), *path;
	AUTO_ANSWER struct answer a = { 0 };
	AUTO_BUF struct buf file = { 0 };
	int rc;

	if (authority == NULL)
		return cli_say(cli, EXIT_USAGE, "`certwright authority list` names them",
		    "--authority is required");
	path = api_query(
	    cli, api_path(cli, "/authorities/%s/requests", authority), options, nitems(options));
	if ((rc = read_csr(cli, &file)) != 0)
		return rc;
	rc = api_send(cli, path, "application/pkcs10", &file, &a);
	if (json_is_string(json_object_get(a.json, "verdict")))
		show_sheet(cli, a.json);
	else if (cli->json && rc == EXIT_REFUSED)
		show_json(cli, a.json);
	if (rc != 0)
		return rc;
	show_line(cli, "%s", "");
	show_line(cli, "kept: %s", show_value(cli->arena, json_object_get(a.json, "id")));
	show_line(cli,
	    "Send the CSR to the authority; its answer goes to `certwright certificate "
	    "install`.");
	return exit_of_verdict(json_string_value(json_object_get(a.json, "verdict")));
}

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/submissions", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "submissions", submissions);
}

static int
show_one(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", api_path(cli, "/submissions/%s", word(cli, 0)), NULL, &a)) !=
	    0)
		return rc;
	show(cli, &a, NULL, submission);
	if (cli->json)
		return 0;
	fputc('\n', cli->out);
	show_sheet(cli, json_object_get(a.json, "sheet"));
	fprintf(cli->out, "\n%s", json_string_value(json_object_get(a.json, "pem")));
	return 0;
}

static int
withdraw(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "POST", api_path(cli, "/submissions/%s/withdraw", word(cli, 0)),
		 NULL, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, submission);
}

static const struct option submit_options[] = {
	{ .name = "authority", .value = "NAME", .help = "the authority that it goes to" },
	{ .name = "profile", .value = "NAME", .help = "its profile (default: the authority's)" },
	{ .name = "days", .value = "N", .help = "the life that is asked for" },
	{ .name = "note", .value = "TEXT", .help = "an order number, or what helps to find it" },
	OPTION_IDENTITY,
	{ 0 },
};

static const struct command commands[] = {
	{ "submit", "[FILE]", submit_options, submit,
	    "Keep that a CSR goes to an authority, by hand; without FILE the newest" },
	{ "list", "", NULL, list, "List what is on its way; what waits comes first" },
	{ "show", "ID", NULL, show_one, "Show one, with what was expected when it was sent" },
	{ "withdraw", "ID", NULL, withdraw, "Wait for it no more" },
	{ 0 },
};

extern const struct group request_group;
const struct group request_group = { "request", "Requests on their way to an authority.",
	commands };
