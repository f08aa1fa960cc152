/*
 * cmd_replace.c - key replace: a key that others have
 */
#include "cli/cli.h"
#include "cli/cmd_replace.h"
#include "cli/show.h"

static const struct shown replacement[] = {
	{ "identity", "Identity" },
	{ "state", "State" },
	{ "step", "Next" },
	{ "waits_for", "Waits for" },
	{ "note", "Note" },
	{ "old_key", "Old key" },
	{ "new_key", "New key" },
	{ "request", "Request" },
	{ "submission", "Sent as" },
	{ "started", "Began" },
	{ "started_by", "Began by" },
	{ "ended", "Ended" },
	{ 0 },
};
static const struct shown certificates[] = {
	{ "serial", "SERIAL" },
	{ "issuer", "ISSUER" },
	{ "here", "OURS" },
	{ "revoked", "REVOKED" },
	{ "not_after", "UNTIL" },
	{ 0 },
};

/* What was given: the rest is as before. */
static json_t *
wishes(struct cli *cli)
{
	static const char *const texts[] = { "key", "type", "note", "authority", "profile",
		"days" };
	json_t *body = json_object();

	for (size_t i = 0; i < nitems(texts); i++)
		if (args_value(&cli->args, texts[i]) != NULL)
			json_object_set_new(
			    body, texts[i], json_string(args_value(&cli->args, texts[i])));
	if (args_has(&cli->args, "in-use"))
		json_object_set_new(body, "in_use", json_true());
	if (args_has(&cli->args, "told"))
		json_object_set_new(body, "told", json_true());
	return body;
}

int
key_replace(struct cli *cli)
{
	const char *path = api_path(cli, "/identities/%s/replacement", identity_of(cli)), *state;
	bool look = args_has(&cli->args, "show");
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, look ? "GET" : "POST", path, look ? NULL : wishes(cli), &a)) != 0)
		return rc;
	show(cli, &a, NULL, replacement);
	if (!cli->json && json_array_size(json_object_get(a.json, "certificates")) > 0) {
		fputc('\n', cli->out);
		show_table(cli, json_object_get(a.json, "certificates"), certificates);
	}
	state = json_string_value(json_object_get(a.json, "state"));
	return state != NULL && strcmp(state, "done") == 0 ? 0 : EXIT_HELD;
}
