/*
 * cmd_request.c - requests on their way to an authority
 */
#include <limits.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/cmd_request.h"
#include "cli/show.h"

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
	{ "order", "Order" },
	{ "order_until", "Order until" },
	{ "created", "Sent" },
	{ "created_by", "Sent by" },
	{ "ended", "Ended" },
	{ "serial", "Serial" },
	{ "approved_by", "Approved by" },
	{ "decided_by", "Decided by" },
	{ "reason", "Reason" },
	{ 0 },
};

static bool
is_held(const json_t *o)
{
	const char *verdict = json_string_value(json_object_get(o, "verdict"));

	return verdict != NULL && strcmp(verdict, "hold") == 0;
}

static bool
is_state(const json_t *o, const char *state)
{
	const char *is = json_string_value(json_object_get(o, "state"));

	return is != NULL && strcmp(is, state) == 0;
}

/* What became of it: its certificate, or what happens next. */
static void
tell(struct cli *cli, const json_t *o)
{
	const char *pem = json_string_value(json_object_get(o, "certificate")),
		   *id = show_value(cli->arena, json_object_get(o, "id"));

	show_line(cli, "%s", "");
	if (pem != NULL) {
		show_line(cli, "issued: %s, serial %s", id,
		    show_value(cli->arena, json_object_get(o, "serial")));
		if (!cli->json)
			fprintf(cli->out, "%s", pem);
		show_line(
		    cli, "`certwright certificate install --request %s` puts it to work.", id);
		return;
	}
	show_line(cli, "kept: %s", id);
	show_line(cli,
	    "When it is for another CA, send it the CSR; its answer goes to `certwright certificate "
	    "install`.");
}

static int
ended(struct cli *cli, const json_t *o)
{
	if (is_state(o, "issued"))
		return exit_of_verdict(json_string_value(json_object_get(o, "verdict")));
	if (is_state(o, "answered"))
		return 0;
	return cli_say(cli, EXIT_REFUSED, "change the request, or ask who decided",
	    "request %s is %s", json_string_value(json_object_get(o, "id")),
	    json_string_value(json_object_get(o, "state")));
}

/* Ask until it is decided; the exit code is that of the last state. */
static int
wait_for(struct cli *cli, const char *id)
{
	const char *timeout = args_value(&cli->args, "timeout");
	long left = timeout == NULL ? LONG_MAX : strtol(timeout, NULL, 10);

	for (;; left--) {
		AUTO_ANSWER struct answer a = { 0 };
		int rc = api_call(cli, "GET", api_path(cli, "/submissions/%s", id), NULL, &a);

		if (rc != 0)
			return rc;
		if (!is_state(a.json, "held") && !is_state(a.json, "sent")) {
			if (cli->json)
				show_json(cli, a.json);
			else if (is_state(a.json, "issued"))
				tell(cli, a.json);
			return ended(cli, a.json);
		}
		if (left <= 0)
			return cli_say(cli, EXIT_HELD, "it still waits; ask again later",
			    "nobody decided request %s in %s seconds", id, timeout);
		sleep(1);
	}
}

static int
submit(struct cli *cli)
{
	static const char *const options[] = { "profile", "days", "note", "keep-key", "order",
		"order-until" };
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
	tell(cli, a.json);
	if (args_has(&cli->args, "wait") && is_held(a.json))
		return wait_for(cli, json_string_value(json_object_get(a.json, "id")));
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
	json_t *sheet;
	int rc;

	if (args_has(&cli->args, "wait"))
		return wait_for(cli, word(cli, 0));
	if ((rc = api_call(cli, "GET", api_path(cli, "/submissions/%s", word(cli, 0)), NULL, &a)) !=
	    0)
		return rc;
	show(cli, &a, NULL, submission);
	if (cli->json)
		return 0;
	fputc('\n', cli->out);
	sheet = json_object_get(a.json, "sheet"); /* which says it in the tense of its request */
	json_object_set(sheet, "authority", json_object_get(a.json, "authority"));
	json_object_set(sheet, "serial", json_object_get(a.json, "serial"));
	show_sheet(cli, sheet);
	fprintf(cli->out, "\n%s", json_string_value(json_object_get(a.json, "pem")));
	return 0;
}

static int
approve(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *sha256 = args_value(&cli->args, "sha256");
	json_t *body = json_object();
	int rc;

	if (sha256 != NULL)
		json_object_set_new(body, "sha256", json_string(sha256));
	rc = api_call(
	    cli, "POST", api_path(cli, "/submissions/%s/approve", word(cli, 0)), body, &a);
	if (json_is_string(json_object_get(a.json, "verdict")))
		show_sheet(cli, a.json);
	if (rc != 0)
		return rc;
	tell(cli, a.json);
	return exit_of_verdict(json_string_value(json_object_get(a.json, "verdict")));
}

static int
reject(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *reason = args_value(&cli->args, "reason");
	json_t *body = json_object();
	int rc;

	if (reason != NULL)
		json_object_set_new(body, "reason", json_string(reason));
	if ((rc = api_call(cli, "POST", api_path(cli, "/submissions/%s/reject", word(cli, 0)), body,
		 &a)) != 0)
		return rc;
	return show(cli, &a, NULL, submission);
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

/* The address alone on standard output, to be mailed. */
static int
link_of(struct cli *cli)
{
	const char *days = args_value(&cli->args, "days"), *id = word(cli, 0);
	bool ends = args_has(&cli->args, "withdraw");
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	if (ends && days != NULL) {
		json_decref(body);
		return cli_say(cli, EXIT_USAGE, NULL, "--withdraw takes no --days");
	}
	if (days != NULL)
		json_object_set_new(body, "days", json_string(days));
	if ((rc = api_call(cli, "POST",
		 api_path(cli, ends ? "/submissions/%s/link/withdraw" : "/submissions/%s/link", id),
		 body, &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	else if (ends)
		show_line(cli, "withdrawn: the link to %s", id);
	else
		fprintf(cli->out, "%s\n", show_value(cli->arena, json_object_get(a.json, "url")));
	return 0;
}

#define OPTION_WAIT                                                \
	{                                                          \
		.name = "wait", .help = "wait until it is decided" \
	}
#define OPTION_TIMEOUT                                                     \
	{                                                                  \
		.name = "timeout", .value = "SECONDS",                     \
		.help = "with --wait: at most so long (default: for ever)" \
	}

static const struct option submit_options[] = {
	{ .name = "authority", .value = "NAME", .help = "the authority that it goes to" },
	{ .name = "profile", .value = "NAME", .help = "its profile (default: the authority's)" },
	{ .name = "days", .value = "N", .help = "the life that is asked for" },
	{ .name = "note", .value = "TEXT", .help = "an order number, or what helps to find it" },
	{ .name = "order",
	    .value = "NUMBER",
	    .help = "of the order (default: the one that runs there; empty: none)" },
	{ .name = "order-until", .value = "DATE", .help = "its last day, YYYY-MM-DD" },
	OPTION_KEEP_KEY,
	OPTION_WAIT,
	OPTION_TIMEOUT,
	OPTION_IDENTITY,
	{ 0 },
};
static const struct option batch_options[] = {
	{ .name = "authority", .value = "NAME", .help = "the authority that they go to" },
	{ .name = "profile", .value = "NAME", .help = "its profile (default: the authority's)" },
	{ .name = "days", .value = "N", .help = "the life that is asked for" },
	{ .name = "note", .value = "TEXT", .help = "an order number, or what helps to find them" },
	{ 0 },
};
static const struct option show_options[] = { OPTION_WAIT, OPTION_TIMEOUT, { 0 } };
static const struct option approve_options[] = {
	{ .name = "sha256",
	    .value = "HEX",
	    .help = "of the CSR (DER) that was looked at: another one is not approved" },
	{ 0 },
};
static const struct option reject_options[] = {
	{ .name = "reason", .value = "REASON", .help = "why; it is recorded" },
	{ 0 },
};

static const struct option link_options[] = {
	{ .name = "days", .value = "N", .help = "how long it is good (default: 14)" },
	{ .name = "withdraw", .help = "end the one that there is" },
	{ 0 },
};

static const struct command commands[] = {
	{ "submit", "[FILE]", submit_options, submit,
	    "Have a CSR (without FILE the newest) signed here, or keep that it goes elsewhere" },
	{ "batch", "FILE...", batch_options, request_batch,
	    "The same with up to 100 CSRs at once, each answered for itself" },
	{ "list", "", NULL, list, "List them; what waits comes first" },
	{ "show", "ID", show_options, show_one, "Show one, with its sheet" },
	{ "approve", "ID", approve_options, approve,
	    "Approve a held request; with the last approval it is issued" },
	{ "reject", "ID", reject_options, reject, "Do not issue a held request" },
	{ "withdraw", "ID", NULL, withdraw, "Wait for it no more" },
	{ "link", "ID", link_options, link_of,
	    "Make a link for the requester: this one sheet, to read" },
	{ 0 },
};

extern const struct group request_group;
const struct group request_group = { "request", "Requests on their way to an authority.",
	commands };
