/*
 * op_crl.c - lists of revoked certificates, kept until something changes
 */
#include <pthread.h>
#include <stdio.h>

#include "op/crl_make.h"
#include "op/house.h"

/* The newest of one kind. `changes` grows with each revocation: a list made
 * before one of them is not given out after it. */
struct crl {
	struct crl *next;
	char ca[ID_SIZE];
	int64_t shard;
	bool delta;
	pthread_mutex_t making;
	struct buf der;
	int64_t made_at;
	uint64_t changes, of_changes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct crl *all;

static struct crl *
find(const struct crl_which *w)
{
	struct crl *c;

	pthread_mutex_lock(&lock);
	for (c = all; c != NULL &&
	     (strcmp(c->ca, w->ca) != 0 || c->shard != w->shard || c->delta != w->delta);)
		c = c->next;
	if (c == NULL) {
		if ((c = calloc(1, sizeof(*c))) == NULL)
			abort();
		snprintf(c->ca, sizeof(c->ca), "%s", w->ca);
		c->shard = w->shard;
		c->delta = w->delta;
		pthread_mutex_init(&c->making, NULL);
		c->changes = 1;
		c->next = all;
		all = c;
	}
	pthread_mutex_unlock(&lock);
	return c;
}

/* The full list has those of all shards. What is not there yet is made later. */
void
crl_changed(const char *ca, int64_t shard)
{
	pthread_mutex_lock(&lock);
	for (struct crl *c = all; c != NULL; c = c->next)
		if (strcmp(c->ca, ca) == 0 && (c->shard == 0 || c->shard == shard))
			c->changes++;
	pthread_mutex_unlock(&lock);
}

/* All lists of a CA, since what they name is another. */
void
crl_all_changed(const char *ca)
{
	pthread_mutex_lock(&lock);
	for (struct crl *c = all; c != NULL; c = c->next)
		if (strcmp(c->ca, ca) == 0)
			c->changes++;
	pthread_mutex_unlock(&lock);
}

/* The key is elsewhere: the list that was made last is all there is. */
static int
take_last(struct ctx *cx, struct crl *c)
{
	struct crl_row row;

	if (c->delta || store_crl_load(cx, c->ca, c->shard, &row) < 0 || row.der == NULL)
		return err_is_set(&cx->err)
		    ? -1
		    : err_set(&cx->err, R_NOT_FOUND, NULL, "there is no such list");
	buf_reset(&c->der);
	buf_put(&c->der, row.der, row.der_len);
	c->made_at = row.this_update;
	return 0;
}

static bool
is_fresh(struct ctx *cx, const struct crl *c, uint64_t changes)
{
	return c->der.len > 0 && c->of_changes == changes && cx->now >= c->made_at &&
	    cx->now < c->made_at + CRL_FRESH;
}

/* `making` held. */
static int
renew(struct ctx *cx, struct crl *c, bool keep)
{
	struct crl_which which = { c->ca, c->shard, c->delta };
	struct crl_order o = { &which, c->made_at, keep, &c->der, 0 };
	struct ca_row ca;
	uint64_t changes;

	pthread_mutex_lock(&lock);
	changes = c->changes;
	pthread_mutex_unlock(&lock);
	if (is_fresh(cx, c, changes))
		return 0;
	if (store_ca_load(cx, c->ca, &ca) < 0)
		return -1;
	if (ca.der == NULL)
		return err_set(&cx->err, R_NOT_FOUND, NULL, "this CA has no certificate yet");
	if (ca.blob == NULL) {
		if (take_last(cx, c) < 0)
			return -1;
	} else {
		if (crl_make(cx, &ca, &o) < 0)
			return -1;
		c->made_at = o.this_update;
	}
	c->of_changes = changes;
	return 0;
}

/* One thread makes it, those who ask meanwhile wait for it. */
static int
current(struct ctx *cx, const struct crl_which *w, bool keep, struct buf *out)
{
	struct crl *c = find(w);
	int r;

	pthread_mutex_lock(&c->making);
	if ((r = renew(cx, c, keep)) == 0 && out != NULL) {
		buf_reset(out);
		buf_put(out, c->der.data, c->der.len);
	}
	pthread_mutex_unlock(&c->making);
	return r;
}

int
crl_make_last(struct ctx *cx, const char *id)
{
	struct crl_which w = { .ca = id };
	struct ca_row ca;

	if (store_ca_load(cx, id, &ca) < 0)
		return -1;
	crl_all_changed(id);
	for (; w.shard <= (ca.shards > 1 ? ca.shards : 0); w.shard++)
		if (current(cx, &w, true, NULL) < 0)
			return -1;
	return 0;
}

/* Changes are told of a list that was made: the first is made for it. */
static int
has_base(struct ctx *cx, const struct crl_which *w)
{
	struct crl_which full = { w->ca, w->shard, false };
	struct crl_row base;

	if (!w->delta || store_crl_base(cx, w->ca, w->shard, &base) == 0)
		return 0;
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	return current(cx, &full, false, NULL);
}

int
op_crl(struct ctx *cx, const struct crl_which *w, struct pki_answer *a)
{
	struct ca_row ca;

	if (store_ca_load(cx, w->ca, &ca) < 0) /* strangers make no lists of their own */
		return -1;
	if (w->shard != 0 && (ca.shards < 2 || w->shard > ca.shards))
		return err_set(&cx->err, R_NOT_FOUND, NULL, "this CA has no such part of a list");
	a->fresh_until = cx->now; /* a revocation is seen at once */
	return has_base(cx, w) < 0 ? -1 : current(cx, w, false, a->out);
}

int
op_ca_der(struct ctx *cx, const char *id, struct pki_answer *a)
{
	struct ca_row ca;

	if (store_ca_load(cx, id, &ca) < 0)
		return -1;
	if (ca.der == NULL)
		return err_set(&cx->err, R_NOT_FOUND, NULL, "this CA has no certificate yet");
	buf_reset(a->out);
	buf_put(a->out, ca.der, ca.der_len);
	a->fresh_until = cx->now + 86400;
	return 0;
}
