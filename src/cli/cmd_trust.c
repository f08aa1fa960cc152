/*
 * cmd_trust.c - certificates of CAs that are known here
 */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown certificates[] = {
	{ "id", "ID" },
	{ "kind", "KIND" },
	{ "subject", "SUBJECT" },
	{ "not_after", "VALID UNTIL" },
	{ "origin", "ORIGIN" },
	{ "used_by", "USED BY" },
	{ 0 },
};
static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/trust", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "trust", certificates);
}

static int
add(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	AUTO_BUF struct buf file = { 0 };
	const json_t *added, *note;
	size_t i;
	int rc;

	if ((rc = read_input(cli, word(cli, 0), LIMIT_BUNDLE, &file)) != 0 ||
	    (rc = api_call(cli, "POST", "/trust",
		 json_pack("{s:s}", "content", base64_encode(cli->arena, file.data, file.len)),
		 &a)) != 0)
		return rc;
	added = json_object_get(a.json, "trust");
	if (cli->json || json_array_size(added) > 0)
		show(cli, &a, "trust", certificates);
	json_array_foreach (json_object_get(a.json, "notes"), i, note)
		show_line(cli, "note: %s", json_string_value(note));
	return 0;
}

static int delete (struct cli *cli)
{
	return api_act(cli, "DELETE", api_path(cli, "/trust/%s", word(cli, 0)), NULL, "removed");
}

static const struct command commands[] = {
	{ "list", "", NULL, list, "List the CA certificates that are known here" },
	{ "add", "FILE", NULL, add, "Add every CA certificate of a file of any kind" },
	{ "remove", "ID", NULL, delete, "Remove a CA certificate that no chain in use needs" },
	{ 0 },
};

extern const struct group trust_group;
const struct group trust_group = { "trust", "Certificates of CAs that are known here.", commands };
