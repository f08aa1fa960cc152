/*
 * cmd_notify.c - who is told of what happens, and by what server
 */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/show.h"

#define CA_MAX (32 * 1024)

static const struct shown settings[] = {
	{ "addresses", "Addresses" },
	{ "webhook", "Webhook" },
	{ "secret", "Secret kept" },
	{ "parts", "Parts of a life" },
	{ "days", "Days left" },
	{ "minutes", "Minutes between digests" },
	{ "mail", "Mail is sent" },
	{ "server.host", "Mail server" },
	{ "server.port", "Port" },
	{ "server.tls", "TLS" },
	{ "server.user", "User name" },
	{ "server.password", "Password kept" },
	{ "server.from", "Sender" },
	{ 0 },
};
static const struct shown digests[] = {
	{ "created", "MADE" },
	{ "channel", "TO" },
	{ "sent", "SENT" },
	{ "tries", "FAILED TRIES" },
	{ "subject", "MESSAGE" },
	{ 0 },
};
static const struct shown results[] = {
	{ "channel", "TO" },
	{ "sent", "TAKEN" },
	{ "failure", "WHY" },
	{ 0 },
};

static int
ask(struct cli *cli, const char *method, const char *path, json_t *body)
{
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *all;
	int rc;

	if ((rc = api_call(cli, method, path, body, &a)) != 0)
		return rc;
	rc = show(cli, &a, NULL, settings);
	all = json_object_get(a.json, "digests");
	if (!cli->json && json_array_size(all) > 0) {
		fputc('\n', cli->out);
		show_table(cli, all, digests);
	}
	return rc;
}

static int
show_settings(struct cli *cli)
{
	return ask(cli, "GET", "/notify", NULL);
}

static void
put_given(struct cli *cli, json_t *body, const char *option)
{
	const char *value = args_value(&cli->args, option);

	if (value != NULL)
		json_object_set_new(body, option, json_string(value));
}

/* "none": no CA of its own any more. */
static int
put_ca(struct cli *cli, json_t *body, const char *member)
{
	const char *path = args_value(&cli->args, "trust-file");
	AUTO_BUF struct buf file = { 0 };
	int rc;

	if (path == NULL)
		return 0;
	if (strcmp(path, "none") != 0 && (rc = read_input(cli, path, CA_MAX, &file)) != 0)
		return rc;
	json_object_set_new(body, member, json_string(buf_text(&file)));
	return 0;
}

static int
put_secret(struct cli *cli, json_t *body, const char *option, const char *member)
{
	const char *path = args_value(&cli->args, option);
	char *secret;
	int rc;

	if (path == NULL)
		return 0;
	if ((rc = read_secret(cli, path, &secret)) != 0)
		return rc;
	json_object_set_new(body, member, json_string(secret));
	return 0;
}

static int
set(struct cli *cli)
{
	static const char *const options[] = { "addresses", "webhook", "parts", "minutes" };
	const char *days = args_value(&cli->args, "days-left");
	json_t *body = json_object();
	int rc;

	for (size_t i = 0; i < nitems(options); i++)
		put_given(cli, body, options[i]);
	if (days != NULL)
		json_object_set_new(body, "days", json_string(days));
	if ((rc = put_secret(cli, body, "secret-file", "secret")) != 0 ||
	    (rc = put_ca(cli, body, "webhook_ca")) != 0) {
		json_decref(body);
		return rc;
	}
	return ask(cli, "PUT", "/notify", body);
}

static int
server(struct cli *cli)
{
	static const char *const options[] = { "host", "port", "tls", "user", "from" };
	json_t *body = json_object();
	int rc;

	for (size_t i = 0; i < nitems(options); i++)
		put_given(cli, body, options[i]);
	if ((rc = put_secret(cli, body, "password-file", "password")) != 0 ||
	    (rc = put_ca(cli, body, "ca")) != 0) {
		json_decref(body);
		return rc;
	}
	return ask(cli, "PUT", "/notify/server", body);
}

/* Each was taken, or 11. */
static int
test(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *all, *one;
	size_t i, failed = 0;
	int rc;

	if ((rc = api_call(cli, "POST", "/notify/test", NULL, &a)) != 0 ||
	    (rc = show(cli, &a, "results", results)) != 0)
		return rc;
	all = json_object_get(a.json, "results");
	json_array_foreach (all, i, one)
		failed += !json_is_true(json_object_get(one, "sent"));
	return failed > 0 ? EXIT_UNREACHABLE : 0;
}

static const struct option set_options[] = {
	{ .name = "addresses", .value = "LIST", .help = "with commas between, at most 10" },
	{ .name = "webhook", .value = "URL", .help = "an https address (empty: none)" },
	{ .name = "secret-file", .value = "FILE", .help = "the secret that signs for the webhook" },
	{ .name = "trust-file",
	    .value = "FILE",
	    .help = "CAs of the server, PEM (none: those that the system trusts)" },
	{ .name = "parts", .value = "LIST", .help = "of a life, such as 2/3,9/10" },
	{ .name = "days-left",
	    .value = "LIST",
	    .help = "before its end, such as 14,3 (empty: none)" },
	{ .name = "minutes", .value = "N", .help = "between two digests, 0 to 1440" },
	{ 0 },
};
static const struct option server_options[] = {
	{ .name = "host", .value = "HOST", .help = "name or address (empty: no mail is sent)" },
	{ .name = "port", .value = "N", .help = "587 with starttls, 465 with implicit" },
	{ .name = "tls",
	    .value = "MODE",
	    .choices = "starttls|implicit|none",
	    .help = "starttls, implicit, or none on this machine" },
	{ .name = "user", .value = "USER", .help = "to sign in as (empty: nobody)" },
	{ .name = "password-file", .value = "FILE", .help = "the password; - is standard input" },
	{ .name = "from", .value = "ADDRESS", .help = "the sender" },
	{ .name = "trust-file",
	    .value = "FILE",
	    .help = "CAs of the server, PEM (none: those that the system trusts)" },
	{ 0 },
};

static const struct command commands[] = {
	{ "show", "", NULL, show_settings, "Show who is told of what, and what is on its way" },
	{ "set", "", set_options, set, "Set who is told of what; what is not given stays" },
	{ "server", "", server_options, server, "Set the mail server, for all tenants" },
	{ "test", "", NULL, test, "Send a test message to each who is told" },
	{ 0 },
};

extern const struct group notify_group;
const struct group notify_group = { "notify", "Notices by mail and webhook.", commands };
