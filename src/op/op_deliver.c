/*
 * op_deliver.c - certificates put to work elsewhere on this host
 */
#include <pthread.h>

#include <jansson.h>

#include "base/log.h"
#include "keys/targets.h"
#include "op/house.h"
#include "op/op_check.h"
#include "op/op_deliver.h"
#include "op/op_sheet.h"

struct deliveries {
	struct targets *targets; /* NULL: none is configured */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	uint64_t calls; /* how often it was woken */
	bool reread;
	struct under_way {
		char component[ID_SIZE], *target;
	} under_way[DELIVERY_AT_ONCE];
	size_t n;
};

/* Of this thread: what came since its round began makes another one. */
static _Thread_local uint64_t seen;
static _Thread_local char after[ID_SIZE]; /* so far the round came */

struct deliveries *
deliveries_new(struct targets *targets)
{
	struct deliveries *d = calloc(1, sizeof(*d));

	if (d == NULL)
		abort();
	d->targets = targets;
	d->calls = 1;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	return d;
}

/* ---- the threads sleep and wake ------------------------------------------------------ */

static void
wake(struct deliveries *d, bool reread)
{
	pthread_mutex_lock(&d->lock);
	d->calls++;
	d->reread |= reread;
	pthread_cond_broadcast(&d->wake);
	pthread_mutex_unlock(&d->lock);
}

void
op_deliver_wake(struct house *h)
{
	if (h->deliveries != NULL)
		wake(h->deliveries, false);
}

void
op_target_reread(struct house *h)
{
	wake(h->deliveries, true);
}

void
op_deliver_wait(struct house *h)
{
	struct deliveries *d = h->deliveries;

	pthread_mutex_lock(&d->lock);
	while (d->calls == seen)
		pthread_cond_wait(&d->wake, &d->lock);
	seen = d->calls;
	pthread_mutex_unlock(&d->lock);
	after[0] = '\0';
}

static void
read_list(struct deliveries *d)
{
	struct err e = { 0 };
	bool reread;

	pthread_mutex_lock(&d->lock);
	reread = d->reread;
	d->reread = false;
	pthread_mutex_unlock(&d->lock);
	if (!reread || d->targets == NULL)
		return;
	if (targets_read(d->targets, &e) < 0)
		log_err("the list of targets was not taken", &e);
	else
		log_info("the list of targets was read");
}

/* ---- what the host offers --------------------------------------------------------------- */

static void
fill_target(struct ctx *cx, struct host_target *t, const struct component_row *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i].target, t->name) != 0)
			continue;
		t->taken = true;
		if (strcmp(all[i].tenant, cx->tenant) == 0)
			t->component = all[i].name;
	}
}

int
op_target_list(struct ctx *cx, struct host_target **out, size_t *n)
{
	struct deliveries *d = cx->house->deliveries;
	struct targets *targets = d == NULL ? NULL : d->targets;
	struct delivery_target *all;
	struct component_row *taken;
	size_t ntaken;

	*n = 0;
	*out = NULL;
	if (targets == NULL)
		return 0;
	if (store_component_targets(cx, &taken, &ntaken) < 0)
		return -1;
	all = targets_list(targets, cx->arena, n);
	*out = arena_new_array(cx->arena, *n, struct host_target);
	for (size_t i = 0; i < *n; i++) {
		(*out)[i] =
		    (struct host_target){ all[i].name, all[i].kind, all[i].place, NULL, false };
		fill_target(cx, &(*out)[i], taken, ntaken);
	}
	return 0;
}

/* ---- due ------------------------------------------------------------------------------------ */

int
op_deliver_identity(struct ctx *cx, const char *identity)
{
	return store_component_due(cx, identity);
}

int
op_deliver(struct ctx *cx, const char *id_or_name, struct component_row *c)
{
	struct identity i;

	if (db_begin(cx) < 0 || store_component_load(cx, id_or_name, c) < 0)
		return -1;
	if (c->target == NULL)
		return component_pulls(cx, c);
	if (store_identity_load(cx, c->identity, &i) < 0)
		return -1;
	if (i.active[0] == '\0') {
		err_set(&cx->err, R_COMPONENT_EMPTY, NULL, "the identity %s has no certificate yet",
		    i.name);
		return err_hint(&cx->err, "install one: it is delivered then by itself");
	}
	c->delivery = "pending";
	if (store_component_set_delivery(cx, c) < 0 ||
	    audit(cx, "component.deliver", c->name, NULL) < 0 || db_commit(cx) < 0)
		return -1;
	op_deliver_wake(cx->house);
	return 0;
}

/* ---- the delivery ---------------------------------------------------------------------------- */

struct sending {
	struct identity identity;
	struct cert_row cert;
	struct err why; /* of a failure */
};

static int
send_it(struct ctx *cx, const struct component_row *c, const struct cert_row *cert)
{
	struct deliveries *d = cx->house->deliveries;
	struct delivery what = { .target = c->target };
	unsigned char *all;
	struct key_row key;

	if (store_key_load(cx, cert->key, &key) < 0)
		return -1;
	if (d->targets == NULL) {
		err_set(&cx->err, R_DELIVER_TARGET, NULL,
		    "this daemon has no list of targets any more");
		return err_hint(&cx->err, "certwrightd --targets FILE: certwright-targets(5)");
	}
	all = arena_alloc(cx->arena, cert->der_len + cert->chain_len);
	memcpy(all, cert->der, cert->der_len);
	if (cert->chain_len > 0)
		memcpy(all + cert->der_len, cert->chain, cert->chain_len);
	what.certificates = all;
	what.certificates_len = cert->der_len + cert->chain_len;
	what.blob = key.blob;
	what.blob_len = key.blob_len;
	return targets_deliver(d->targets, cx->keeper, &what, &cx->err);
}

/* In the open transaction. Something newer became active meanwhile: it is still due. */
static int
note(struct ctx *cx, const struct sending *o, struct component_row *c)
{
	bool failed = err_is_set(&o->why);
	struct component_row now;
	struct identity i;

	if (store_component_load(cx, c->id, &now) < 0 ||
	    store_identity_load(cx, c->identity, &i) < 0)
		return -1;
	*c = now;
	c->delivered_at = cx->now;
	if (strcmp(i.active, o->cert.id) == 0)
		c->delivery = failed ? "failed" : "delivered";
	c->message = failed ? arena_strdup(cx->arena, o->why.message) : NULL;
	if (!failed) {
		c->has_sha256 = true;
		memcpy(c->sha256, o->cert.sha256, sizeof(c->sha256));
	}
	return store_component_set_delivery(cx, c) < 0 ? -1 : op_check_delivered(cx, c, !failed);
}

static int
record(struct ctx *cx, const struct sending *o, const struct component_row *c)
{
	bool failed = err_is_set(&o->why);
	json_t *detail = json_pack("{ss,ss,ss}", "target", c->target, "identity", o->identity.name,
	    "sha256", hex_of(cx->arena, o->cert.sha256, 32));

	if (failed)
		json_object_set_new(detail, "message", json_string(o->why.message));
	return audit(cx, failed ? "component.failed" : "component.delivered", c->name,
	    json_text(cx, detail));
}

/* Removed meanwhile: there is nothing to note. */
static int
finish(struct ctx *cx, struct sending *o, struct component_row *c)
{
	if (db_begin(cx) < 0)
		return -1;
	if (note(cx, o, c) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		db_rollback(cx);
		return 0;
	}
	if (record(cx, o, c) < 0 || db_commit(cx) < 0)
		return -1;
	op_check_wake(cx->house);
	return 0;
}

static int
deliver_one(struct ctx *cx, struct component_row *c)
{
	IN_TENANT(cx, c->tenant);
	struct sending o = { 0 };

	if (store_identity_load(cx, c->identity, &o.identity) < 0 ||
	    store_cert_load(cx, o.identity.active, &o.cert) < 0)
		return -1;
	if (send_it(cx, c, &o.cert) < 0) {
		if (cx->house->deliveries->targets != NULL &&
		    targets_gone(cx->house->deliveries->targets))
			return -1; /* all end: it is made again at the next start */
		o.why = cx->err;
		err_clear(&cx->err);
		log_err(c->name, &o.why);
	}
	return finish(cx, &o, c);
}

/* ---- so many at once, each to another target ------------------------------------------- */

static bool
is_under_way(const struct deliveries *d, const struct component_row *c)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->under_way[i].component, c->id) == 0 ||
		    strcmp(d->under_way[i].target, c->target) == 0)
			return true;
	return false;
}

/* The next of this round that no other thread has: 1, 0, -1 */
static int
find_next(struct ctx *cx, struct component_row *c)
{
	int r;

	while ((r = store_component_pending(cx, after, c)) > 0) {
		memcpy(after, c->id, sizeof(after));
		if (!is_under_way(cx->house->deliveries, c))
			break;
	}
	return r;
}

static int
take(struct ctx *cx, struct component_row *c)
{
	struct deliveries *d = cx->house->deliveries;
	struct under_way *u;
	int r;

	pthread_mutex_lock(&d->lock);
	if ((r = find_next(cx, c)) > 0) {
		u = &d->under_way[d->n++];
		memcpy(u->component, c->id, sizeof(u->component));
		u->target = strdup(c->target);
	}
	pthread_mutex_unlock(&d->lock);
	return r;
}

static void
give_back(struct ctx *cx, const char *component)
{
	struct deliveries *d = cx->house->deliveries;

	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->under_way[i].component, component) == 0) {
			free(d->under_way[i].target);
			d->under_way[i] = d->under_way[--d->n];
			break;
		}
	pthread_mutex_unlock(&d->lock);
}

int
op_deliver_step(struct ctx *cx)
{
	struct component_row c;
	char id[ID_SIZE];
	int r;

	read_list(cx->house->deliveries);
	if ((r = take(cx, &c)) <= 0)
		return r;
	memcpy(id, c.id, sizeof(id)); /* the row is read again when it is done */
	if (deliver_one(cx, &c) < 0)
		r = -1;
	give_back(cx, id);
	return r;
}
