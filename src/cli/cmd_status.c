/*
 * cmd_status.c - how the daemon is
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown facts[] = {
	{ "version", "Certwright" },
	{ "openssl", "OpenSSL" },
	{ "instance", "Instance" },
	{ "started", "Started" },
	{ "listeners", "Listeners" },
	{ "accounts", "Accounts" },
	{ "identities", "Identities" },
	{ "sandbox.front", "Sandbox of the front" },
	{ "sandbox.keeper", "Sandbox of the keeper" },
	{ "keeper.kek_id", "Key-encryption key" },
	{ "keeper.destroyed", "Destroyed keys" },
	{ "audit.sequence", "Audit events" },
	{ "audit.anchored", "Audit anchored at" },
	{ "audit.head", "Audit head" },
	{ "audit.key", "Audit key" },
	{ "clock.stopped", "Stopped by the clock" },
	{ 0 },
};
static const struct shown pool[] = {
	{ "type", "KEYS MADE AHEAD" },
	{ "have", "THERE" },
	{ "want", "WANTED" },
	{ 0 },
};

static int
status(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *keys;
	int rc;

	if ((rc = api_call(cli, "GET", "/status", NULL, &a)) != 0)
		return rc;
	show(cli, &a, NULL, facts);
	if (cli->json)
		return 0;
	keys = json_object_get(json_object_get(a.json, "keeper"), "pool");
	if (json_array_size(keys) > 0) {
		fputc('\n', cli->out);
		show_table(cli, keys, pool);
	}
	return 0;
}

static const struct command commands[] = {
	{ NULL, "", NULL, status,
	    "Show how the daemon is: version, sandbox, keys made ahead, audit" },
	{ 0 },
};

extern const struct group status_group;
const struct group status_group = { "status", "How the daemon is.", commands };
