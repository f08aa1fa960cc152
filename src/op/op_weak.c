/*
 * op_weak.c - what this house knows of bad keys
 */
#include <openssl/core_names.h>
#include <openssl/sha.h>

#include "base/limits.h"
#include "op/house.h"
#include "op/op_weak.h"
#include "op/weak_house.h"

#define FOLDER "weak-keys" /* of the data directory */

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(BIGNUM, BIGNUM, BN_free)

static int
load_ring(struct ctx *cx, struct weak_house *w)
{
	struct modulus_row *rows;
	size_t n;

	if (store_modulus_newest(cx, FACTORS_MAX, &rows, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		AUTO(BIGNUM) BIGNUM *m = BN_bin2bn(rows[i].n, (int)rows[i].len, NULL);

		if (m == NULL || factors_add(w->ring, m, rows[i].falls) < 0)
			return err_nomem(&cx->err);
	}
	w->stored = factors_count(w->ring);
	return 0;
}

int
op_weak_start(struct ctx *cx)
{
	struct weak_house *w = calloc(1, sizeof(*w));

	if (w == NULL || (w->ring = factors_new()) == NULL)
		abort();
	pthread_rwlock_init(&w->lock, NULL);
	pthread_mutex_init(&w->wake_lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	w->due = true; /* what the last run left */
	cx->house->weak = w;
	return weak_lists_load(&w->lists, FOLDER, &cx->err) < 0 ? -1 : load_ring(cx, w);
}

int
op_weak_reload(struct house *h, struct err *e)
{
	return weak_lists_reload(h->weak->lists, FOLDER, e);
}

void
op_weak_stop(struct house *h)
{
	struct weak_house *w = h->weak;

	h->weak = NULL;
	if (w == NULL)
		return;
	weak_lists_free(w->lists);
	factors_free(w->ring);
	for (size_t i = 0; i < UPKEEP_BATCH; i++)
		BN_free(w->walk.n[i]);
	pthread_rwlock_destroy(&w->lock);
	pthread_mutex_destroy(&w->wake_lock);
	pthread_cond_destroy(&w->wake);
	free(w);
}

/* ---- a modulus among the others ------------------------------------------------ */
static void
wake(struct weak_house *w)
{
	pthread_mutex_lock(&w->wake_lock);
	w->due = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->wake_lock);
}

/*
 * What is new is tested while others are tested, too. Those that came between
 * are few, and tested while nobody else is: of two that come at once with a
 * prime in common, one finds the other.
 */
static int
look(struct weak_house *w, const BIGNUM *n, bool *falls)
{
	enum factor_found found;
	uint64_t count;
	int shared = 0;

	pthread_rwlock_rdlock(&w->lock);
	found = factors_find(w->ring, n);
	count = factors_count(w->ring);
	if (found == FACTOR_NONE)
		shared = factors_divide(w->ring, n, 0);
	pthread_rwlock_unlock(&w->lock);
	if (found == FACTOR_NONE && shared >= 0) {
		pthread_rwlock_wrlock(&w->lock);
		found = factors_find(w->ring, n);
		if (found == FACTOR_NONE && shared == 0)
			shared = factors_divide(w->ring, n, count);
		if (found == FACTOR_NONE && shared >= 0 && factors_add(w->ring, n, shared == 1) < 0)
			shared = -1;
		pthread_rwlock_unlock(&w->lock);
		wake(w);
	}
	*falls = found == FACTOR_FALLS || shared == 1;
	return shared < 0 ? -1 : 0;
}

static int
shared_factor(struct err *e)
{
	err_set(e, R_KEY_SHARED, "key",
	    "the modulus has a prime factor in common with that of another key");
	return err_hint(e,
	    "whoever has both public keys can compute the private one (Heninger et al. 2012; "
	    "BR 6.1.1.3); make a new key, where random numbers are good");
}

static int
fill_modulus(const BIGNUM *n, unsigned char raw[LIMIT_RSA_MAX_CHAIN / 8], struct modulus_row *m)
{
	m->len = (size_t)BN_bn2bin(n, raw);
	m->n = raw;
	SHA256(raw, m->len, m->sha256);
	return 0;
}

static int
check_modulus(struct ctx *cx, const BIGNUM *n, struct err *e)
{
	struct weak_house *w = cx->house->weak;
	unsigned char raw[LIMIT_RSA_MAX_CHAIN / 8];
	struct modulus_row m = { 0 };
	bool falls;

	fill_modulus(n, raw, &m);
	if (store_modulus_falls(cx, m.sha256, &falls) < 0) {
		*e = cx->err;
		return -1;
	}
	if (!falls && w != NULL && look(w, n, &falls) < 0)
		return err_nomem(e);
	return falls ? shared_factor(e) : 0;
}

static int
check_compromised(struct ctx *cx, const unsigned char spki_sha256[SPKI_SHA256_SIZE], struct err *e)
{
	struct compromised_row c;
	int r = store_compromised_find(cx, spki_sha256, &c);

	if (r < 0)
		*e = cx->err;
	if (r <= 0)
		return r;
	if (strcmp(c.source, "shared-factor") == 0)
		return shared_factor(e);
	err_set(e, R_KEY_COMPROMISED, "key", "the key is compromised: it was %s on %s",
	    strcmp(c.source, "revoked") == 0 ? "revoked for that" : "reported",
	    time_day(cx->arena, c.marked_at));
	return err_hint(e, "make a new key: others have the private half of this one (BR 6.1.1.3)");
}

/* Of struct weak: of a key that has no fault of its own. */
static int
more(void *arg, const EVP_PKEY *key, const unsigned char spki_sha256[SPKI_SHA256_SIZE],
    struct err *e)
{
	AUTO(BIGNUM) BIGNUM *n = NULL;

	if (check_compromised(arg, spki_sha256, e) < 0)
		return -1;
	if (!EVP_PKEY_is_a(key, "RSA"))
		return 0;
	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1)
		return err_nomem(e);
	return check_modulus(arg, n, e);
}

const struct weak *
op_weak(struct ctx *cx)
{
	struct weak *known = arena_alloc(cx->arena, sizeof(*known));

	known->lists = cx->house->weak == NULL ? NULL : cx->house->weak->lists;
	known->more = more;
	known->arg = cx;
	return known;
}

/* ---- keys of this house ------------------------------------------------------------ */
int
op_weak_check_new(struct ctx *cx, const void *spki, size_t len)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL;

	return spki_parse(spki, len, &key, &cx->err) < 0 ||
		key_check(key, op_weak(cx), true, &cx->err) < 0
	    ? -1
	    : 0;
}

int
op_weak_keep(struct ctx *cx, const void *spki, size_t len)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL;
	AUTO(BIGNUM) BIGNUM *n = NULL;
	unsigned char raw[LIMIT_RSA_MAX_CHAIN / 8];
	struct modulus_row m = { .own = true };

	if (spki_parse(spki, len, &key, &cx->err) < 0)
		return -1;
	if (!EVP_PKEY_is_a(key, "RSA"))
		return 0;
	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1)
		return err_nomem(&cx->err);
	fill_modulus(n, raw, &m);
	return store_modulus_insert(cx, &m);
}

int
op_weak_check_own(struct ctx *cx, const struct key_row *k)
{
	struct weak_house *w = cx->house->weak;

	if ((w == NULL || weak_check_spki(w->lists, k->spki_sha256, &cx->err) == 0) &&
	    check_compromised(cx, k->spki_sha256, &cx->err) == 0)
		return 0;
	cx->err.field[0] = '\0'; /* nobody typed it */
	return -1;
}
