/*
 * resolve.c - names to addresses that were judged, and TXT records
 *
 * libunbound with a context for each job: nothing is remembered from one
 * question to the next, so that a record published a second ago is seen. Its
 * ub_resolve has no deadline; the job's own timer is one.
 */
#include <arpa/inet.h>
#include <netdb.h>

#include <stdio.h>
#include <unbound.h>

#include "fetch/outside.h"

#define TYPE_A	  1
#define TYPE_TXT  16
#define TYPE_AAAA 28
#define CLASS_IN  1

DEFINE_AUTO(ub_ctx, struct ub_ctx, ub_ctx_delete)
DEFINE_AUTO(ub_result, struct ub_result, ub_resolve_free)
DEFINE_AUTO(addrinfo, struct addrinfo, freeaddrinfo)

static int
unresolved(struct job *j, const char *name, const char *why)
{
	err_set(&j->err, R_FETCH_DNS, NULL, "%s could not be looked up: %s", name, why);
	return err_hint(&j->err, "look it up by hand: dig %s", name);
}

static int
open_context(struct job *j, struct ub_ctx **out)
{
	/* a forwarder may be here; who validates is the resolver */
	static const char *const options[][2] = { { "module-config:", "iterator" },
		{ "do-not-query-localhost:", "no" }, { "outgoing-range:", "16" },
		{ "num-queries-per-thread:", "16" }, { "do-daemonize:", "no" } };
	int r = 0;

	if ((*out = ub_ctx_create()) == NULL)
		return err_nomem(&j->err);
	for (size_t i = 0; i < nitems(options) && r == 0; i++)
		r = ub_ctx_set_option(*out, options[i][0], options[i][1]);
	for (size_t i = 0; i < j->outside->nresolvers && r == 0; i++)
		r = ub_ctx_set_fwd(*out, j->outside->resolvers[i]);
	return r == 0 ? 0 : unresolved(j, "a name", ub_strerror(r));
}

/* 0: *out has an answer, perhaps without data. */
static int
look_up(struct job *j, struct ub_ctx *ub, const char *name, int type, struct ub_result **out)
{
	int r;

	job_stage(j, "looking up %s", name);
	if ((r = ub_resolve(ub, name, type, CLASS_IN, out)) != 0)
		return unresolved(j, name, ub_strerror(r));
	if ((*out)->bogus)
		return unresolved(j, name, "the signature of the answer is wrong");
	if ((*out)->rcode != 0 && !(*out)->nxdomain)
		return unresolved(j, name,
		    (*out)->rcode == 2 ? "its name servers fail (SERVFAIL)"
				       : "its name servers refuse to answer");
	return 0;
}

static void
fill_target(struct target *t, int family, const void *raw, uint16_t port)
{
	memset(t, 0, sizeof(*t));
	if (family == AF_INET) {
		struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

		memcpy(&in.sin_addr, raw, 4);
		memcpy(&t->addr, &in, t->len = sizeof(in));
	} else {
		struct sockaddr_in6 in = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

		memcpy(&in.sin6_addr, raw, 16);
		memcpy(&t->addr, &in, t->len = sizeof(in));
	}
	inet_ntop(family, raw, t->text, sizeof(t->text));
}

static const void *
raw_of(const struct sockaddr *sa, size_t *n)
{
	const void *any = sa;

	*n = sa->sa_family == AF_INET ? 4 : 16;
	return sa->sa_family == AF_INET
	    ? (const void *)&((const struct sockaddr_in *)any)->sin_addr
	    : (const void *)&((const struct sockaddr_in6 *)any)->sin6_addr;
}

/* One address: among the targets when it may be. NULL, or what it is. */
static const char *
judge(struct job *j, int family, const void *raw, uint16_t port, struct target *t, size_t *n)
{
	struct address a = address_of(raw, family == AF_INET ? 4 : 16);
	const char *what = address_forbidden(&a, j->outside->allow, j->outside->nallow);

	if (what == NULL && *n < TARGETS_MAX)
		fill_target(&t[(*n)++], family, raw, port);
	return what;
}

static int
forbidden(struct job *j, const char *host, const char *what)
{
	err_set(&j->err, R_FETCH_FORBIDDEN, NULL, "%s leads to %s, which is not asked", host, what);
	return err_hint(&j->err,
	    "whoever runs the daemon can allow a network by outbound-allow: certwrightd.conf(5)");
}

/* An address in any form that one is written in: 127.1, 2130706433, 0177.0.0.1. */
static const char *
resolve_literal(struct job *j, const char *host, uint16_t port, struct target *t, size_t *n)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	AUTO(addrinfo) struct addrinfo *all = NULL;
	const void *raw;
	size_t len;

	if (getaddrinfo(host, NULL, &hints, &all) != 0)
		return NULL;
	raw = raw_of(all->ai_addr, &len);
	return judge(j, all->ai_family, raw, port, t, n);
}

static int
resolve_name(
    struct job *j, const char *host, uint16_t port, struct target *t, size_t *n, const char **what)
{
	static const int types[] = { TYPE_A, TYPE_AAAA };
	AUTO(ub_ctx) struct ub_ctx *ub = NULL;

	if (open_context(j, &ub) < 0)
		return -1;
	for (size_t k = 0; k < nitems(types); k++) {
		AUTO(ub_result) struct ub_result *r = NULL;
		int family = types[k] == TYPE_A ? AF_INET : AF_INET6;
		const char *why;

		if (look_up(j, ub, host, types[k], &r) < 0) {
			if (*n == 0)
				return -1;
			err_clear(&j->err); /* one family is enough */
			return 0;
		}
		for (size_t i = 0; r->havedata && r->data[i] != NULL; i++)
			if (r->len[i] == (family == AF_INET ? 4 : 16) &&
			    (why = judge(j, family, r->data[i], port, t, n)) != NULL)
				*what = why;
	}
	return 0;
}

int
resolve(struct job *j, const char *host, uint16_t port, struct target *t, size_t *n)
{
	const char *what;

	*n = 0;
	what = resolve_literal(j, host, port, t, n);
	if (*n == 0 && what == NULL && resolve_name(j, host, port, t, n, &what) < 0)
		return -1;
	if (*n > 0)
		return 0;
	return what != NULL ? forbidden(j, host, what) : unresolved(j, host, "it has no address");
}

bool
target_is(const struct job *j, const struct target *t, const struct sockaddr *sa)
{
	const void *want, *raw;
	struct address a;
	size_t n, m;

	if (sa->sa_family != t->addr.ss_family)
		return false;
	raw = raw_of(sa, &n);
	want = raw_of((const void *)&t->addr, &m);
	a = address_of(raw, n);
	return memcmp(raw, want, n) == 0 &&
	    address_forbidden(&a, j->outside->allow, j->outside->nallow) == NULL;
}

/* The strings of a record, joined: each has its length before it (RFC 1035 3.3.14). */
static int
join(struct job *j, const unsigned char *data, size_t len, struct fetch_bytes *out)
{
	unsigned char *to = arena_alloc(j->arena, len + 1);
	struct view v = view_of(data, len);
	const unsigned char *piece;
	uint8_t n;

	out->data = to;
	while (v.len > 0) {
		if (view_u8(&v, &n) < 0 || view_bytes(&v, &piece, n) < 0)
			return unresolved(j, j->asked.name, "a record is damaged");
		memcpy(to + out->len, piece, n);
		out->len += n;
	}
	return 0;
}

int
do_txt(struct job *j, struct buf *answer)
{
	struct fetch_bytes records[FETCH_TXT_MAX] = { 0 };
	AUTO(ub_result) struct ub_result *r = NULL;
	AUTO(ub_ctx) struct ub_ctx *ub = NULL;
	size_t n = 0, total = 0;

	if (open_context(j, &ub) < 0 || look_up(j, ub, j->asked.name, TYPE_TXT, &r) < 0)
		return -1;
	for (; r->havedata && r->data[n] != NULL && n < nitems(records); n++) {
		size_t len = (size_t)r->len[n];

		if ((total += len) > FETCH_BODY_MAX)
			return unresolved(j, j->asked.name, "the records are too long");
		if (join(j, (const unsigned char *)r->data[n], len, &records[n]) < 0)
			return -1;
	}
	answer_txt(answer, records, n);
	return 0;
}
