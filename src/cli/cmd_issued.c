/*
 * cmd_issued.c - certificates of our own authorities: found, given out, revoked
 */
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/cmd_issued.h"

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

int
issued_list(struct cli *cli)
{
	static const char *const options[] = { "text", "state" };
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(
		 cli, "GET", api_query(cli, "/issued", options, nitems(options)), NULL, &a)) != 0)
		return rc;
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
