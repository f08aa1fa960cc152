/*
 * cmd_pull.c - another host fetches its certificate, for a key that it made itself
 *
 * A request stays in DIR/pending, with its key, until its certificate is in use: a
 * run that was cut off, or whose program failed, asks for the same one again and
 * never for a second.
 */
#include <time.h>

#include "base/io.h"
#include "base/text.h"
#include "cli/cmd_pull.h"
#include "cli/exec_list.h"
#include "cli/generation.h"
#include "cli/pull.h"
#include "cli/show.h"

struct pull {
	const char *dir;
	GENERAL_NAMES *names;
	char **hook; /* NULL: none is run */
};

static const char *
state_of(const struct answer *a)
{
	const char *s = json_string_value(json_object_get(a->json, "state"));

	return s == NULL ? "" : s;
}

/* ---- putting it to work ---------------------------------------------------------------- */

/* The program failed with what is new: what was before is in use again. */
static int
bring_back(struct cli *cli, const struct pull *p, const char *why)
{
	const char *again = NULL;
	bool there;

	if (generation_back(cli->arena, p->dir, &there, &cli->err) < 0 ||
	    generation_prune(cli->arena, p->dir, &cli->err) < 0)
		return cli_fail(cli);
	if (there && exec_run(cli->arena, p->hook, EXEC_TIMEOUT_S, &again) < 0)
		again = arena_printf(cli->arena, "; then %s again", again);
	return cli_say(cli, EXIT_INTERNAL,
	    "see why it fails; the next run tries the same certificate again", "%s: %s%s", why,
	    there ? "the certificate before is in place again" : "there was no certificate before",
	    again == NULL ? "" : again);
}

/* Did a run that was cut off put this one in place already? */
static bool
in_place(struct cli *cli, const struct pull *p, const struct buf *cert)
{
	AUTO_BUF struct buf now = { 0 };
	struct err ignored = { 0 };

	return file_read(&now, arena_printf(cli->arena, "%s/current/cert.pem", p->dir),
		   PULL_FILE_MAX, &ignored) == 0 &&
	    now.len == cert->len && memcmp(now.data, cert->data, now.len) == 0;
}

static int
say_current(struct cli *cli, const struct pull *p, const char *what)
{
	AUTO(x509) X509 *x = pull_current(cli, p->dir, p->names);
	char due[TIME_SIZE];

	if (x == NULL)
		return cli_say(cli, EXIT_INTERNAL, NULL, "%s/current cannot be read", p->dir);
	time_format(due, pull_due(x));
	if (cli->json) {
		json_t *o = json_pack("{s:s, s:s, s:s}", "state", what, "out", p->dir, "due", due);

		show_json(cli, o);
		json_decref(o);
	}
	show_line(cli, "%s: %s/current; due from %s on", what, p->dir, due);
	return 0;
}

static int
take(struct cli *cli, const struct pull *p, const json_t *came)
{
	AUTO_BUF struct buf key = { 0 }, cert = { 0 }, chain = { 0 };
	const struct generation g = { &key, &cert, &chain };
	const char *why;
	int rc;

	if ((rc = pull_key(cli, p->dir, &key)) != 0 ||
	    (rc = pull_check(cli, came, &key, p->names, &cert, &chain)) != 0)
		return rc;
	if (!in_place(cli, p, &cert) && generation_put(cli->arena, p->dir, &g, &cli->err) < 0)
		return cli_fail(cli);
	if (p->hook != NULL && exec_run(cli->arena, p->hook, EXEC_TIMEOUT_S, &why) < 0)
		return bring_back(cli, p, why);
	pull_end(cli, p->dir);
	if (generation_prune(cli->arena, p->dir, &cli->err) < 0)
		return cli_fail(cli);
	return say_current(cli, p, "pulled");
}

/* ---- asking ------------------------------------------------------------------------------ */

static int
still_waits(struct cli *cli, const struct answer *a, const char *id)
{
	if (cli->json)
		show_json(cli, a->json);
	return cli_say(cli, EXIT_HELD, "the next run asks for the same request again",
	    "request %s waits for an answer", id);
}

/* Of a request that the server has: what became of it? */
static int
ask(struct cli *cli, const struct pull *p, const char *id)
{
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *chain;
	const char *reason;
	int rc;

	rc = api_call(cli, "GET", api_path(cli, "/submissions/%s", id), NULL, &a);
	if (rc == EXIT_NOTFOUND) { /* of another token, or an older database is in use */
		pull_end(cli, p->dir);
		return cli_say(cli, rc, "the next run makes a new one",
		    "request %s, which waited in %s, is given up", id, p->dir);
	}
	if (rc != 0)
		return rc;
	chain = json_object_get(a.json, "chain");
	if (json_array_size(chain) > 0)
		return take(cli, p, chain);
	if (strcmp(state_of(&a), "held") == 0 || strcmp(state_of(&a), "sent") == 0)
		return still_waits(cli, &a, id);
	if (cli->json)
		show_json(cli, a.json);
	pull_end(cli, p->dir);
	reason = json_string_value(json_object_get(a.json, "reason"));
	return cli_say(cli, EXIT_REFUSED, "the next run makes a new one", "request %s is %s%s%s",
	    id, state_of(&a), reason == NULL ? "" : ": ", reason == NULL ? "" : reason);
}

/* Send the request; where it was sent and its answer was lost, the server says the
 * same again. */
static int
submit(struct cli *cli, const struct pull *p, const struct buf *csr)
{
	static const char *const options[] = { "profile", "days" };
	AUTO_ANSWER struct answer a = { 0 };
	const json_t *chain;
	const char *id;
	int rc;

	rc = api_send_once(cli,
	    api_query(cli,
		api_path(cli, "/authorities/%s/requests", args_value(&cli->args, "authority")),
		options, nitems(options)),
	    "application/pkcs10", csr, &a);
	if (rc != 0) {
		if (json_is_string(json_object_get(a.json, "verdict")))
			show_sheet(cli, a.json);
		if (rc == EXIT_REFUSED)
			pull_end(cli, p->dir);
		return rc;
	}
	if ((id = json_string_value(json_object_get(a.json, "id"))) == NULL)
		return cli_say(cli, EXIT_INTERNAL, NULL, "the answer names no request");
	if ((rc = pull_keep_id(cli, p->dir, id)) != 0)
		return rc;
	chain = json_object_get(a.json, "chain");
	return json_array_size(chain) > 0 ? take(cli, p, chain) : still_waits(cli, &a, id);
}

static bool
nothing_due(struct cli *cli, const struct pull *p)
{
	AUTO(x509) X509 *x = pull_current(cli, p->dir, p->names);

	return x != NULL && time(NULL) < pull_due(x);
}

static int
run(struct cli *cli, const struct pull *p)
{
	AUTO_BUF struct buf csr = { 0 };
	bool force = args_has(&cli->args, "force");
	const char *id;
	int rc;

	if (!force && pull_pending(cli, p->dir, p->names, &csr)) {
		id = pull_id(cli, p->dir);
		return id == NULL ? submit(cli, p, &csr) : ask(cli, p, id);
	}
	if (!force && nothing_due(cli, p))
		return say_current(cli, p, "nothing is due");
	if ((rc = pull_begin(cli, p->dir, p->names, &csr)) != 0)
		return rc;
	return submit(cli, p, &csr);
}

int
component_pull(struct cli *cli)
{
	const char *name = args_value(&cli->args, "exec-list"),
		   *list = args_value(&cli->args, "exec-list-file");
	AUTO(gens) GENERAL_NAMES *names = NULL;
	struct pull p = { .dir = args_value(&cli->args, "out") };
	AUTO_CLOSE int lock = -1;
	int rc;

	if ((rc = pull_names(cli, &names)) != 0)
		return rc;
	p.names = names;
	if (name != NULL &&
	    exec_list_load(
		cli->arena, list == NULL ? EXEC_LIST_FILE : list, name, &p.hook, &cli->err) < 0)
		return cli_fail(cli);
	if (generation_lock(p.dir, &lock, &cli->err) < 0)
		return cli_fail(cli);
	return run(cli, &p);
}

const struct option pull_options[] = {
	{ .name = "authority",
	    .required = true,
	    .value = "NAME",
	    .help = "the authority that it goes to" },
	{ .name = "name",
	    .required = true,
	    .many = true,
	    .value = "NAME",
	    .help = "a DNS name or an IP address of this host" },
	{ .name = "out",
	    .required = true,
	    .value = "DIR",
	    .help = "where key and certificate go; nothing else should be in it" },
	{ .name = "exec-list",
	    .value = "NAME",
	    .help = "run this program of the exec list afterwards" },
	{ .name = "exec-list-file",
	    .value = "FILE",
	    .help = "the exec list (default: " EXEC_LIST_FILE ")" },
	{ .name = "issuer-file",
	    .value = "FILE",
	    .help = "the certificate must lead to one of this PEM file" },
	{ .name = "type",
	    .value = "TYPE",
	    .choices = "rsa:2048|rsa:3072|rsa:4096|ec:P-256|ec:P-384|ec:P-521|ed25519",
	    .help = "of the key that is made here (default: ec:P-256)" },
	{ .name = "profile", .value = "NAME", .help = "its profile (default: the authority's)" },
	{ .name = "days", .value = "N", .help = "the life that is asked for" },
	{ .name = "force", .help = "ask for a new one now, whatever waits" },
	{ 0 },
};
