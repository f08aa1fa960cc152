/*
 * op_upkeep.c - moduli are stored, and held against all that were here before;
 * what was issued is filed
 */
#include <time.h>

#include <openssl/sha.h>

#include "base/limits.h"
#include "base/log.h"
#include "op/house.h"
#include "op/op_clock.h"
#include "op/op_key.h"
#include "op/op_upkeep.h"
#include "op/op_weak.h"
#include "op/weak_house.h"

#define STORE_BATCH 64	/* moduli in one transaction */
#define PAGE	    500 /* moduli of one step of a walk */
#define PATIENCE_S  5	/* a transaction may have come after its call */
#define SEEDED	    "modulus.seeded"

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(BIGNUM, BIGNUM, BN_free)

/* ---- into the database ------------------------------------------------------- */

/* Once: keys that were made before moduli were kept. 1 done, 0 nothing to do */
static int
seed(struct ctx *cx, struct weak_house *w)
{
	struct rsa_key *all;
	const char *done;
	size_t n;

	if (w->seeded)
		return 0;
	if (store_setting_load(cx, SEEDED, &done) < 0)
		return -1;
	if (done == NULL) {
		if (store_key_list_rsa(cx, &all, &n) < 0 || db_begin(cx) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (op_weak_keep(cx, all[i].key.spki, all[i].key.spki_len) < 0)
				return -1;
		if (store_setting_save(cx, SEEDED, "1") < 0 || db_commit(cx) < 0)
			return -1;
	}
	w->seeded = true;
	return 1;
}

/* Of the ring, what is not stored yet. Those that it dropped already are lost. */
static size_t
take_new(struct ctx *cx, struct weak_house *w, struct modulus_row rows[STORE_BATCH], uint64_t *next)
{
	size_t n = 0;

	pthread_rwlock_rdlock(&w->lock);
	*next = w->stored;
	if (factors_count(w->ring) - *next > FACTORS_MAX)
		*next = factors_count(w->ring) - FACTORS_MAX;
	for (; n < STORE_BATCH; n++, (*next)++) {
		bool falls;
		const BIGNUM *m = factors_get(w->ring, *next, &falls);
		unsigned char *raw;

		if (m == NULL)
			break;
		raw = arena_alloc(cx->arena, (size_t)BN_num_bytes(m));
		rows[n] = (struct modulus_row){ .n = raw, .falls = falls };
		rows[n].len = (size_t)BN_bn2bin(m, raw);
	}
	pthread_rwlock_unlock(&w->lock);
	return n;
}

static int
store_new(struct ctx *cx, struct weak_house *w)
{
	struct modulus_row rows[STORE_BATCH];
	uint64_t next;
	size_t n = take_new(cx, w, rows, &next);

	if (n == 0)
		return 0;
	if (db_begin(cx) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		SHA256(rows[i].n, rows[i].len, rows[i].sha256);
		if (store_modulus_insert(cx, &rows[i]) < 0)
			return -1;
	}
	if (store_modulus_forget(cx, LIMIT_MODULI) < 0 || db_commit(cx) < 0)
		return -1;
	w->stored = next;
	return 1;
}

/* ---- those with a prime in common ------------------------------------------------ */

/* One of our own keys: on record where it belongs, and never used again. */
static int
note_own(struct ctx *cx, const struct rsa_key *r)
{
	struct compromised_row c = {
		.source = "shared-factor", .marked_by = "system", .marked_at = cx->now
	};
	char tenant[ID_SIZE];
	int rc;

	memcpy(c.spki_sha256, r->key.spki_sha256, sizeof(c.spki_sha256));
	if (store_compromised_insert(cx, &c) < 0)
		return -1;
	if (db_changes(cx) == 0)
		return 0;
	log_warn("generation %lld of %s has a prime factor in common with another key",
	    (long long)r->key.generation, r->name);
	memcpy(tenant, cx->tenant, sizeof(tenant));
	memcpy(cx->tenant, r->tenant, sizeof(tenant));
	rc = key_audit(cx, "key.shared-factor", &r->key, r->name, NULL);
	memcpy(cx->tenant, tenant, sizeof(tenant));
	return rc;
}

static int
note_own_keys(struct ctx *cx, const BIGNUM *n)
{
	struct rsa_key *all;
	size_t count;

	if (store_key_list_rsa(cx, &all, &count) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		AUTO(EVP_PKEY) EVP_PKEY *key = NULL;
		AUTO(BIGNUM) BIGNUM *own = NULL;

		if (spki_parse(all[i].key.spki, all[i].key.spki_len, &key, &cx->err) < 0)
			return -1;
		if (EVP_PKEY_get_bn_param(key, "n", &own) == 1 && BN_ucmp(own, n) == 0 &&
		    note_own(cx, &all[i]) < 0)
			return -1;
	}
	return 0;
}

static int
mark(struct ctx *cx, int64_t sequence, const BIGNUM *n, bool own)
{
	if (db_begin(cx) < 0 || store_modulus_mark(cx, sequence) < 0 ||
	    (own && note_own_keys(cx, n) < 0))
		return -1;
	return db_commit(cx);
}

/* n has something in common with one or more of the page. */
static int
find_partners(struct ctx *cx, const struct weak_house *w, size_t i, const struct modulus_row *rows,
    const struct factors *page)
{
	bool n_falls, m_falls, any = false, known;
	const BIGNUM *m;

	for (uint64_t k = 0; (m = factors_get(page, k, &known)) != NULL; k++) {
		if (factors_pair(w->walk.n[i], m, &n_falls, &m_falls) < 0)
			return err_nomem(&cx->err);
		any |= n_falls;
		if (m_falls && !known && mark(cx, rows[k].sequence, m, rows[k].own) < 0)
			return -1;
	}
	return any ? mark(cx, w->walk.sequence[i], w->walk.n[i], w->walk.own[i]) : 0;
}

/* ---- the walk --------------------------------------------------------------------- */

/* The next few that were not compared yet. */
static int
begin_walk(struct ctx *cx, struct weak_house *w)
{
	struct modulus_row *rows;
	size_t n;

	if (store_modulus_waiting(cx, UPKEEP_BATCH, &rows, &n) < 0)
		return -1;
	w->walk.after = 0;
	for (size_t i = 0; i < n; i++) {
		w->walk.n[i] = BN_bin2bn(rows[i].n, (int)rows[i].len, w->walk.n[i]);
		w->walk.sequence[i] = rows[i].sequence;
		w->walk.own[i] = rows[i].own;
		if (w->walk.n[i] == NULL)
			return err_nomem(&cx->err);
	}
	w->walk.count = n;
	return n > 0;
}

static int
end_walk(struct ctx *cx, struct weak_house *w)
{
	if (db_begin(cx) < 0)
		return -1;
	for (size_t i = 0; i < w->walk.count; i++)
		if (store_modulus_compared(cx, w->walk.sequence[i]) < 0)
			return -1;
	if (db_commit(cx) < 0)
		return -1;
	w->walk.count = 0;
	return 1;
}

static int
compare_page(struct ctx *cx, const struct weak_house *w, const struct modulus_row *rows, size_t n)
{
	AUTO(factors) struct factors *page = factors_new();
	int hit;

	if (page == NULL)
		return err_nomem(&cx->err);
	for (size_t i = 0; i < n; i++) {
		AUTO(BIGNUM) BIGNUM *m = BN_bin2bn(rows[i].n, (int)rows[i].len, NULL);

		if (m == NULL || factors_add(page, m, rows[i].falls) < 0)
			return err_nomem(&cx->err);
	}
	for (size_t i = 0; i < w->walk.count; i++) {
		if ((hit = factors_divide(page, w->walk.n[i], 0)) < 0)
			return err_nomem(&cx->err);
		if (hit == 1 && find_partners(cx, w, i, rows, page) < 0)
			return -1;
	}
	return 0;
}

/* A page of those that were here before the newest of the batch. */
static int
walk(struct ctx *cx, struct weak_house *w)
{
	struct modulus_row *rows;
	size_t n;

	if (w->walk.count == 0)
		return begin_walk(cx, w);
	if (store_modulus_walk(cx, w->walk.after, PAGE, &rows, &n) < 0)
		return -1;
	if (n == 0 || w->walk.after >= w->walk.sequence[w->walk.count - 1])
		return end_walk(cx, w);
	if (compare_page(cx, w, rows, n) < 0)
		return -1;
	w->walk.after = rows[n - 1].sequence;
	return 1;
}

int
op_upkeep(struct ctx *cx)
{
	struct weak_house *w = cx->house->weak;
	int r;

	if (op_clock_tick(cx) < 0)
		return -1;
	if ((r = seed(cx, w)) != 0 || (r = store_new(cx, w)) != 0 ||
	    (r = store_issued_file(cx)) != 0)
		return r;
	return walk(cx, w);
}

void
op_upkeep_wait(struct house *h)
{
	struct weak_house *w = h->weak;
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until); /* whatever the clock is set to */
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&w->wake_lock);
	while (!w->due && rc == 0)
		rc = pthread_cond_clockwait(&w->wake, &w->wake_lock, CLOCK_MONOTONIC, &until);
	w->due = false;
	pthread_mutex_unlock(&w->wake_lock);
}
