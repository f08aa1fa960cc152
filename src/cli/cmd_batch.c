/*
 * cmd_batch.c - several CSRs at once, each answered for itself
 */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cmd_request.h"
#include "cli/show.h"

#define PEM_LABEL "CERTIFICATE REQUEST"

static const struct shown results[] = {
	{ "file", "FILE" },
	{ "result", "RESULT" },
	{ "serial", "SERIAL" },
	{ "id", "ID" },
	{ "detail", "WHY" },
	{ 0 },
};

/* The API takes PEM: a file in DER becomes that. */
static const char *
pem_of(struct cli *cli, const struct buf *file)
{
	if (file->len == 0 || file->data[0] != 0x30)
		return utf8_valid((const char *)file->data, file->len)
		    ? arena_dup(cli->arena, file->data, file->len)
		    : NULL;
	return arena_printf(cli->arena, "-----BEGIN %s-----\n%s\n-----END %s-----\n", PEM_LABEL,
	    base64_encode(cli->arena, file->data, file->len), PEM_LABEL);
}

static int
put_element(struct cli *cli, json_t *all, const char *path)
{
	static const char *const options[] = { "authority", "profile", "days", "note" };
	AUTO_BUF struct buf file = { 0 };
	json_t *o = json_object();
	const char *pem;
	int rc;

	json_array_append_new(all, o);
	if ((rc = read_input(cli, path, LIMIT_CSR, &file)) != 0)
		return rc;
	if ((pem = pem_of(cli, &file)) == NULL)
		return cli_say(cli, EXIT_INPUT, NULL, "%s is no CSR", path);
	json_object_set_new(o, "csr", json_string(pem));
	for (size_t i = 0; i < nitems(options); i++)
		if (args_has(&cli->args, options[i]))
			json_object_set_new(
			    o, options[i], json_string(args_value(&cli->args, options[i])));
	return 0;
}

static int
code_of(const json_t *result)
{
	const char *verdict = json_string_value(json_object_get(result, "verdict"));
	json_int_t status = json_integer_value(json_object_get(result, "status"));

	return status < 300 ? exit_of_verdict(verdict) : exit_of_status((long)status);
}

/* A word for people beside each file; the API's members are left as they are. */
static void
tell(struct cli *cli, json_t *all)
{
	json_t *o;
	size_t i;

	json_array_foreach (all, i, o) {
		int code = code_of(o);

		json_object_set_new(o, "file", json_string(show_text(cli->arena, word(cli, i))));
		json_object_set_new(o, "result",
		    json_string(code == 0	   ? "issued"
			    : code == EXIT_AMENDED ? "amended"
			    : code == EXIT_HELD	   ? "held"
						   : "refused"));
		if (code == 0 || code == EXIT_AMENDED || code == EXIT_HELD)
			json_object_set_new(o, "detail", json_string(""));
		else
			json_object_set_new(o, "id", json_null());
		if (json_object_get(o, "serial") == NULL)
			json_object_set_new(o, "serial", json_null());
	}
	show_table(cli, all, results);
	show_line(cli, "%s", "");
	show_line(cli, "`certwright request show ID` has the sheet and the certificate of one.");
}

int
request_batch(struct cli *cli)
{
	json_t *body = json_object(), *all = json_array(), *o;
	AUTO_ANSWER struct answer a = { 0 };
	const char *path;
	int rc = 0, worst = 0;
	size_t i;

	json_object_set_new(body, "requests", all);
	if (args_value(&cli->args, "authority") == NULL)
		rc = cli_say(cli, EXIT_USAGE, "`certwright authority list` names them",
		    "--authority is required");
	for (i = 0; rc == 0 && (path = word(cli, i)) != NULL; i++)
		rc = put_element(cli, all, path);
	if (rc != 0) {
		json_decref(body);
		return rc;
	}
	if ((rc = api_call(cli, "POST", "/submissions", body, &a)) != 0)
		return rc;
	json_array_foreach (json_object_get(a.json, "results"), i, o)
		worst = code_of(o) > worst ? code_of(o) : worst;
	if (cli->json)
		show_json(cli, a.json);
	else
		tell(cli, json_object_get(a.json, "results"));
	return worst;
}
