/*
 * op_check.c - what do components present?
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>
#include <openssl/sha.h>

#include "base/clock.h"
#include "fetch/fetch.h"
#include "op/check_rules.h"
#include "op/house.h"
#include "op/line.h"
#include "op/op_check.h"
#include "op/op_deliver.h"
#include "op/op_scan.h"
#include "op/op_sheet.h"

#define IDLE_S	  60   /* at most, until the next look at what is due */
#define RELOAD_MS 3000 /* so long a server may need until it presents what is new */
#define TRY_MS	  3000

struct checks {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool due;
	int64_t rest_s; /* of the thread alone: until the first one is due */
};

struct checks *
checks_new(void)
{
	struct checks *k = calloc(1, sizeof(*k));
	pthread_condattr_t attr;

	if (k == NULL)
		abort();
	pthread_mutex_init(&k->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); /* that nobody sets back */
	pthread_cond_init(&k->wake, &attr);
	pthread_condattr_destroy(&attr);
	return k;
}

void
op_check_wake(struct house *h)
{
	struct checks *k = h->checks;

	if (k == NULL)
		return;
	pthread_mutex_lock(&k->lock);
	k->due = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

void
op_check_wait(struct house *h)
{
	struct checks *k = h->checks;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += k->rest_s;
	pthread_mutex_lock(&k->lock);
	while (!k->due && pthread_cond_timedwait(&k->wake, &k->lock, &until) == 0)
		;
	k->due = false;
	pthread_mutex_unlock(&k->lock);
}

int
op_check_delivered(struct ctx *cx, struct component_row *c, bool other)
{
	if (other) {
		c->served = c->check_note = NULL;
		c->checked_at = c->check_tries = 0;
	}
	c->check_at = c->address != NULL && c->has_sha256 ? cx->now : 0;
	return store_component_set_check(cx, c);
}

/* ---- a look -------------------------------------------------------------------------- */

/* Its form was checked when it was set. */
static void
split_address(struct ctx *cx, const char *address, struct fetch_server *s)
{
	const char *colon = strrchr(address, ':');
	size_t n = (size_t)(colon - address);

	s->host = address[0] == '[' ? arena_dup(cx->arena, address + 1, n - 2)
				    : arena_dup(cx->arena, address, n);
	s->port = (uint16_t)strtoul(colon + 1, NULL, 10);
}

/* The names of what is active: rarely others than those of what was delivered. */
static int
names_of(struct ctx *cx, const struct component_row *c, const char **names)
{
	struct identity i;
	struct cert_row cert;

	*names = "";
	if (store_identity_load(cx, c->identity, &i) < 0)
		return -1;
	if (i.active[0] == '\0')
		return 0;
	if (store_cert_load(cx, i.active, &cert) < 0)
		return -1;
	*names = cert.names[0] == '\0' && cert.common_name != NULL ? cert.common_name : cert.names;
	return 0;
}

static int
server_of(struct ctx *cx, const struct component_row *c, struct fetch_server *s)
{
	const char *names;

	if (names_of(cx, c, &names) < 0)
		return -1;
	*s = (struct fetch_server){ .time_ms = TRY_MS,
		.start = c->starttls == NULL ? FETCH_TLS : FETCH_SMTP };
	split_address(cx, c->address, s);
	s->name = check_name(cx->arena, c->sni, s->host, names);
	return 0;
}

/* What is presented is one of ours: which, in words, or "". */
static int
known_as(struct ctx *cx, const unsigned char sha256[32], const char **words)
{
	struct cert_row cert;
	struct identity i;

	*words = "";
	if (store_cert_by_sha256(cx, sha256, &cert) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		return 0;
	}
	if (store_identity_load(cx, cert.identity, &i) < 0)
		return -1;
	*words = arena_printf(
	    cx->arena, ", one of %s that ends on %s", i.name, time_day(cx->arena, cert.not_after));
	return 0;
}

static int
judge(struct ctx *cx, const struct fetch_server *s, const struct fetch_presented *p,
    struct component_row *c)
{
	unsigned char sha256[SHA256_DIGEST_LENGTH];
	const char *known,
	    *asked = s->name == NULL ? "asked for no name"
				     : arena_printf(cx->arena, "asked for %s", s->name);

	SHA256(p->certs[0].data, p->certs[0].len, sha256);
	if (memcmp(sha256, c->sha256, sizeof(sha256)) == 0) {
		c->served = "same";
		c->check_note = arena_printf(
		    cx->arena, "%s at %s, over %s", asked, p->address, p->version);
		return 0;
	}
	if (known_as(cx, sha256, &known) < 0)
		return -1;
	c->served = "other";
	c->check_note = arena_printf(cx->arena, "%s, %s presented the one of SHA-256 %s%s", asked,
	    p->address, hex_of(cx->arena, sha256, sizeof(sha256)), known);
	return 0;
}

/* What kept us from seeing it: the server, rules of ours, or a moment that passes (-1)? */
static int
explain(struct ctx *cx, struct component_row *c)
{
	switch (cx->err.refusal) {
	case R_FETCH_DNS:
	case R_FETCH_CONNECT:
	case R_FETCH_TLS:
	case R_FETCH_LATE:
	case R_FETCH_STOPPED:
		c->served = "unreachable";
		break;
	case R_FETCH_FORBIDDEN:
	case R_FETCH_TARGET:
		c->served = NULL;
		break;
	default:
		return -1;
	}
	c->check_note = arena_printf(cx->arena, "%s%s%s", cx->err.message,
	    c->served == NULL && cx->err.hint[0] != '\0' ? "; " : "",
	    c->served == NULL ? cx->err.hint : "");
	err_clear(&cx->err);
	return 0;
}

static int
look(struct ctx *cx, struct component_row *c)
{
	struct fetch_server s;
	struct fetch_presented p;

	if (server_of(cx, c, &s) < 0)
		return -1;
	if (fetch_tls(cx->house->fetcher, &s, cx->arena, &p, &cx->err) < 0)
		return explain(cx, c);
	return judge(cx, &s, &p, c);
}

static bool
is_same(const struct component_row *c)
{
	return c->served != NULL && strcmp(c->served, "same") == 0;
}

/* Something new was delivered: a reload needs a moment. */
static int
look_patiently(struct ctx *cx, struct component_row *c)
{
	static const long pauses_ms[] = { 100, 200, 400, 700, 1000, 1000 };
	int64_t end = clock_monotonic_ms() + RELOAD_MS;

	if (look(cx, c) < 0)
		return -1;
	for (size_t i = 0; i < nitems(pauses_ms); i++) {
		const struct timespec t = { pauses_ms[i] / 1000, pauses_ms[i] % 1000 * 1000000L };

		if (is_same(c) || c->served == NULL || clock_monotonic_ms() >= end)
			break;
		nanosleep(&t, NULL);
		if (look(cx, c) < 0)
			return -1;
	}
	return 0;
}

/* ---- what was found -------------------------------------------------------------------- */

static const char *
served_text(const struct component_row *c)
{
	return c->served == NULL ? "not checked" : c->served;
}

static bool
has_sha256(const struct component_row *c, const unsigned char sha256[32])
{
	return c->has_sha256 && memcmp(c->sha256, sha256, sizeof(c->sha256)) == 0;
}

/* In the open transaction. An event for whoever asked, and where something changed. */
static int
record(struct ctx *cx, const struct component_row *found, bool asked, struct component_row *c)
{
	const char *before = served_text(c), *now = served_text(found);
	uint32_t dice;

	random_bytes(&dice, sizeof(dice));
	c->served = found->served;
	c->check_note = found->check_note;
	c->checked_at = cx->now;
	c->check_tries = is_same(c) || c->served == NULL ? 0 : c->check_tries + 1;
	c->check_at = cx->now + check_again(c->check_tries, dice);
	if (store_component_set_check(cx, c) < 0)
		return -1;
	if (!asked && strcmp(before, now) == 0)
		return 0;
	return audit(cx, "component.check", c->name,
	    json_text(cx, json_pack("{ss,ss}", "served", now, "note", c->check_note)));
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_what_was_looked_at(const struct component_row *c, const struct component_row *found)
{
	return has_sha256(c, found->sha256) && same_text(c->address, found->address) &&
	    same_text(c->sni, found->sni) && same_text(c->starttls, found->starttls);
}

/* What was delivered, changed or removed meanwhile is not what was looked at. */
static int
finish(struct ctx *cx, const struct component_row *found, bool asked, struct component_row *c)
{
	cx->now = clock_wall();
	if (db_begin(cx) < 0)
		return -1;
	if (store_component_load(cx, found->id, c) < 0) {
		if (asked || cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		db_rollback(cx);
		return 0;
	}
	if (is_what_was_looked_at(c, found) && record(cx, found, asked, c) < 0)
		return -1;
	return db_commit(cx);
}

int
op_check(struct ctx *cx, const char *id_or_name, struct component_row *c)
{
	struct component_row found;
	int looked;

	if (store_component_load(cx, id_or_name, &found) < 0)
		return -1;
	if (found.target == NULL)
		return component_pulls(cx, &found);
	if (found.address == NULL) {
		err_set(&cx->err, R_COMPONENT_NOWHERE, NULL, "%s has no address to look at",
		    found.name);
		return err_hint(&cx->err,
		    "give it one: `certwright component set %s --address HOST:PORT`", found.name);
	}
	if (!found.has_sha256) {
		err_set(&cx->err, R_COMPONENT_NOTHING, NULL,
		    "nothing was delivered to %s yet, so that there is nothing to compare",
		    found.name);
		return err_hint(&cx->err, "it is looked at by itself after the first delivery");
	}
	if (line_enter(cx, LINE_OUTSIDE) < 0)
		return -1;
	looked = look(cx, &found);
	line_leave(cx, LINE_OUTSIDE);
	return looked < 0 ? -1 : finish(cx, &found, true, c);
}

static int
check_one(struct ctx *cx, const struct component_row *due)
{
	IN_TENANT(cx, due->tenant);
	struct component_row found = *due, c;
	bool fresh = due->checked_at == 0;

	if ((fresh ? look_patiently(cx, &found) : look(cx, &found)) < 0)
		return -1;
	return finish(cx, &found, false, &c);
}

int
op_check_step(struct ctx *cx)
{
	struct checks *k = cx->house->checks;
	struct component_row c;
	int r;

	k->rest_s = IDLE_S;
	if ((r = store_component_next_check(cx, &c)) < 0)
		return -1;
	if (r > 0 && c.check_at <= cx->now)
		return check_one(cx, &c) < 0 ? -1 : 1;
	if (r > 0 && c.check_at - cx->now < IDLE_S)
		k->rest_s = c.check_at - cx->now;
	return op_scan_step(cx);
}
