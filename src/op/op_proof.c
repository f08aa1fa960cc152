/*
 * op_proof.c - a tenant says that a name is its own, and proves it
 */
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "fetch/fetch.h"
#include "op/house.h"
#include "op/line.h"
#include "op/op_names.h"
#include "op/op_proof.h"
#include "op/op_serve.h"
#include "x509/dated.h"

#define RECORD	    "_certwright-challenge."
#define FOLDER	    "/.well-known/certwright/"
#define TOKEN_BYTES 16

/* ---- what a claim says ----------------------------------------------------------- */

int64_t
claim_ends(const struct name_claim *c)
{
	return dated_proof_end(c->proved_at);
}

const char *
claim_state(const struct name_claim *c, int64_t now)
{
	return c->method == NULL ? "claimed" : claim_ends(c) > now ? "proved" : "aged";
}

const char *
claim_record(struct ctx *cx, const struct name_claim *c)
{
	return arena_printf(cx->arena, RECORD "%s", c->name);
}

const char *
claim_url(struct ctx *cx, const struct name_claim *c)
{
	int64_t port = cx->config == NULL ? 80 : cx->config->proof_port;

	return port == 80
	    ? arena_printf(cx->arena, "http://%s" FOLDER "%s", c->name, c->token)
	    : arena_printf(cx->arena, "http://%s:%d" FOLDER "%s", c->name, (int)port, c->token);
}

int
claim_rival(struct ctx *cx, const char *name, bool below, struct name_claim *out)
{
	struct name_claim *all;
	size_t n;

	if (store_claim_rivals(cx, name, below, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (claim_ends(&all[i]) > cx->now) {
			*out = all[i];
			return 1;
		}
	return 0;
}

/* ---- claiming ---------------------------------------------------------------------- */

static int
is_new(struct ctx *cx, const char *name)
{
	struct own_names own;
	const struct name_claim *by;

	if (names_check_base(cx, name) < 0 || own_names_load(cx, &own) < 0)
		return -1;
	for (size_t i = 0; i < own.nclaims; i++)
		if (strcmp(own.claims[i].name, name) == 0) {
			err_set(&cx->err, R_NAME_CLAIMED, "name", "%s is claimed already", name);
			return err_hint(&cx->err, "prove it: certwright names verify %s", name);
		}
	if (own_names_state(&own, name, &by) == OWN_YES && by == NULL)
		return names_taken(cx, "name", name, "this tenant has it already");
	if (own.nclaims < LIMIT_CLAIMS)
		return 0;
	err_set(&cx->err, R_CLAIMS_MANY, "name", "there are %d claims already", LIMIT_CLAIMS);
	return err_hint(&cx->err, "take some away: certwright names remove NAME");
}

int
op_claim(struct ctx *cx, const char *typed, struct name_claim *c)
{
	unsigned char token[TOKEN_BYTES];

	*c = (struct name_claim){ .claimed_by = cx->actor.name, .claimed_at = cx->now };
	memcpy(c->tenant, cx->tenant, sizeof(c->tenant));
	if (in_system(cx)) {
		err_set(&cx->err, R_NAMES_SYSTEM, NULL,
		    "names are claimed by tenants; the system has all");
		return err_hint(&cx->err, "say which: --tenant NAME");
	}
	random_bytes(token, sizeof(token));
	c->token = base64url_encode(cx->arena, token, sizeof(token));
	if (names_check_domain(cx, "name", typed, &c->name) < 0 || db_begin(cx) < 0 ||
	    names_check_tenant(cx) < 0 || is_new(cx, c->name) < 0 ||
	    store_claim_insert(cx, c) < 0 || audit(cx, "names.claim", c->name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

/* ---- looking --------------------------------------------------------------------- */

static bool
is_token(const struct fetch_bytes *b, const char *token)
{
	size_t n = strlen(token);

	return b->len == n && memcmp(b->data, token, n) == 0;
}

static int
look_in_dns(struct ctx *cx, const struct name_claim *c)
{
	const char *record = claim_record(cx, c);
	struct fetch_bytes *found;
	size_t n;

	if (fetch_txt(cx->house->fetcher, record, 0, cx->arena, &found, &n, &cx->err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (is_token(&found[i], c->token))
			return 0;
	if (n == 0)
		err_set(&cx->err, R_PROOF_NONE, "method", "there is no TXT record at %s", record);
	else
		err_set(&cx->err, R_PROOF_OTHER, "method",
		    "of the TXT records at %s none is this token (%zu are there)", record, n);
	return err_hint(&cx->err,
	    "publish it: %s. TXT \"%s\", and try again when all name servers have it", record,
	    c->token);
}

static int
look_at_file(struct ctx *cx, const struct name_claim *c)
{
	const char *url = claim_url(cx, c);
	struct fetch_answer a;

	if (fetch_http(cx->house->fetcher, url, 0, cx->arena, &a, &cx->err) < 0)
		return -1;
	while (a.body.len > 0 && strchr(" \t\r\n", a.body.data[a.body.len - 1]) != NULL)
		a.body.len--;
	if (a.status == 200 && is_token(&a.body, c->token))
		return 0;
	if (a.status == 200)
		err_set(&cx->err, R_PROOF_OTHER, "method", "what is at %s is not this token", url);
	else
		err_set(
		    &cx->err, R_PROOF_NONE, "method", "%s answers with status %u", url, a.status);
	return err_hint(&cx->err,
	    "the file has this line and nothing else: %s; no redirect is followed", c->token);
}

/* ---- the first proof wins ---------------------------------------------------------- */

/* Whoever was asked by name and answered is not told whose it is. */
static int
not_taken(struct ctx *cx, const struct name_claim *c, bool below)
{
	struct name_claim rival;
	int r;

	if (names_check_base(cx, c->name) < 0 || (r = store_name_rival(cx, c->name, below)) < 0 ||
	    (r == 0 && (r = claim_rival(cx, c->name, below, &rival)) < 0))
		return -1;
	if (r == 0)
		return 0;
	err_set(&cx->err, R_NAME_TAKEN, "name",
	    "%s is proved, but it or one near it is held here already", c->name);
	return err_hint(&cx->err, "ask a Super Admin whose it is");
}

/* Proofs of others that are too old give way. */
static int
others_lose(struct ctx *cx, const struct name_claim *c, bool below, size_t *n)
{
	struct name_claim *all;

	if (store_claim_rivals(cx, c->name, below, &all, n) < 0)
		return -1;
	for (size_t i = 0; i < *n; i++) {
		IN_TENANT(cx, all[i].tenant);

		if (store_claim_lose(cx, &all[i]) < 0 ||
		    audit(cx, "names.lose", all[i].name, NULL) < 0)
			return -1;
	}
	return 0;
}

/* Nothing is held meanwhile but a worker. */
static int
look(struct ctx *cx, const struct name_claim *c, bool dns)
{
	int r;

	if (line_enter(cx, LINE_OUTSIDE) < 0)
		return -1;
	r = dns ? look_in_dns(cx, c) : look_at_file(cx, c);
	line_leave(cx, LINE_OUTSIDE);
	return r;
}

int
op_claim_verify(struct ctx *cx, const char *name, const char *method, struct name_claim *c)
{
	bool dns = strcmp(method, "http") != 0;
	size_t lost = 0;

	if (store_claim_load(cx, name, c) < 0 || look(cx, c, dns) < 0)
		return -1;
	if (db_begin(cx) < 0 || store_claim_load(cx, name, c) < 0 || not_taken(cx, c, dns) < 0 ||
	    others_lose(cx, c, dns, &lost) < 0 ||
	    store_claim_prove(cx, name, dns ? "dns" : "http", cx->now) < 0 ||
	    audit(cx, "names.prove", name, arena_printf(cx->arena, "by %s", dns ? "dns" : "http")) <
		0 ||
	    store_claim_load(cx, name, c) < 0 || db_commit(cx) < 0)
		return -1;
	return lost > 0 ? op_serve_tenants(cx) : op_serve_own(cx);
}
