/*
 * cmd_issued.c - certificates of our own authorities: found, given out, revoked
 */
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/cmd_issued.h"
#include "cli/show.h"

#define EXPORT_MAX 10000 /* rows of a file, as the daemon cuts it */

static const struct shown issued[] = {
	{ "serial", "SERIAL" },
	{ "state", "STATE" },
	{ "subject", "SUBJECT" },
	{ "profile", "PROFILE" },
	{ "not_after", "VALID UNTIL" },
	{ "reason", "REASON" },
	{ 0 },
};
static const struct shown one[] = {
	{ "serial", "Serial" },
	{ "state", "State" },
	{ "subject", "Subject" },
	{ "names", "Names" },
	{ "profile", "Profile" },
	{ "not_before", "Valid from" },
	{ "not_after", "Valid until" },
	{ "revoked", "Revoked" },
	{ "reason", "Reason" },
	{ "request", "Request" },
	{ 0 },
};

/* What --text and --state ask for, and more. */
static const char *
query_of(struct cli *cli, const char *path)
{
	static const char *const options[] = { "text", "state" };

	path = api_query(cli, path, options, nitems(options));
	return arena_printf(cli->arena, "%s%s", path, strchr(path, '?') == NULL ? "?" : "&");
}

/* The id of the last row, which is its last cell; NULL: there are fewer rows than fit. */
static const char *
last_of_csv(struct cli *cli, const char *text)
{
	const char *line = text, *last = text;
	size_t rows = 0;

	for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1, rows++)
		last = line;
	if (rows <= EXPORT_MAX || (last = strrchr(last, ',')) == NULL)
		return NULL;
	return arena_dup(cli->arena, last + 1, strcspn(last + 1, "\r\n"));
}

/* Are there older ones than what the file holds? */
static int
is_cut(struct cli *cli, struct answer *file, bool csv, bool *cut)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *last;
	int rc;

	if (!csv)
		file->json = json_loadb((const char *)file->body.data, file->body.len, 0, NULL);
	*cut = json_is_true(json_object_get(file->json, "more"));
	if (!csv || (last = last_of_csv(cli, buf_text(&file->body))) == NULL)
		return 0;
	if ((rc = api_call(cli, "GET",
		 arena_printf(cli->arena, "%slimit=1&before=%s", query_of(cli, "/issued"), last),
		 NULL, &a)) != 0)
		return rc;
	*cut = json_array_size(json_object_get(a.json, "issued")) > 0;
	return 0;
}

static int
export_all(struct cli *cli, const char *format)
{
	AUTO_ANSWER struct answer a = { 0 };
	bool cut;
	int rc;

	if ((rc = api_download(cli,
		 arena_printf(cli->arena, "%sformat=%s", query_of(cli, "/issued/export"), format),
		 &a)) != 0 ||
	    (rc = is_cut(cli, &a, strcmp(format, "csv") == 0, &cut)) != 0 ||
	    (rc = write_output(cli, a.body.data, a.body.len, 0644)) != 0)
		return rc;
	return cut ? cli_say(cli, EXIT_LIMIT, "take fewer by --state or --text",
			 "there are more than %d: only the newest were written", EXPORT_MAX)
		   : 0;
}

int
issued_list(struct cli *cli)
{
	static const char *const options[] = { "text", "state" };
	const char *format = args_value(&cli->args, "export");
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if (format != NULL)
		return export_all(cli, format);
	if ((rc = api_call(
		 cli, "GET", api_query(cli, "/issued", options, nitems(options)), NULL, &a)) != 0)
		return rc;
	show_more(cli, &a, "issued", NULL, "take fewer by --text or --state, or all by --export");
	return show(cli, &a, "issued", issued);
}

int
issued_export(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	AUTO_BUF struct buf out = { 0 };
	const json_t *pem;
	size_t i;
	int rc;

	if ((rc = api_call(cli, "GET", api_path(cli, "/issued/%s", word(cli, 0)), NULL, &a)) != 0)
		return rc;
	if (cli->json) {
		show_json(cli, a.json);
		return 0;
	}
	if (json_array_size(json_object_get(a.json, "chain")) == 0)
		return cli_say(cli, EXIT_NOTFOUND, "it can be revoked by its serial all the same",
		    "certificate %s is presumed issued: its signature is not known here",
		    word(cli, 0));
	json_array_foreach (json_object_get(a.json, "chain"), i, pem)
		if (json_is_string(pem) && (i == 0 || args_has(&cli->args, "chain")))
			buf_put_text(&out, json_string_value(pem));
	return write_output(cli, out.data, out.len, 0644);
}

static const char *
pem_of(struct cli *cli, const struct buf *der)
{
	return arena_printf(cli->arena,
	    "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n",
	    base64_encode(cli->arena, der->data, der->len));
}

/* A word that names a file is one, else it is a serial number. */
static int
put_which(struct cli *cli, json_t *body)
{
	AUTO_BUF struct buf file = { 0 };
	const char *text = word(cli, 0);
	int rc;

	if (strcmp(text, "-") != 0 && access(text, F_OK) != 0) {
		json_object_set_new(body, "serial", json_string(text));
		return 0;
	}
	if ((rc = read_input(cli, text, LIMIT_CSR, &file)) != 0)
		return rc;
	json_object_set_new(body, "certificate",
	    file.len > 0 && file.data[0] == 0x30 ? json_string(pem_of(cli, &file))
						 : json_string(buf_text(&file)));
	return 0;
}

static int
change(struct cli *cli, const char *path, const char *reason)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	if ((rc = put_which(cli, body)) != 0) {
		json_decref(body);
		return rc;
	}
	if (reason != NULL)
		json_object_set_new(body, "reason", json_string(reason));
	if ((rc = api_call(cli, "POST", path, body, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, one);
}

int
issued_revoke(struct cli *cli)
{
	return change(cli, "/issued/revoke", args_value(&cli->args, "reason"));
}

int
issued_release(struct cli *cli)
{
	return change(cli, "/issued/release", NULL);
}
