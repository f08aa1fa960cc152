/*
 * factor.c - have RSA moduli a prime in common?
 */
#include "base/limits.h"
#include "x509/factor.h"

struct factors {
	struct {
		BIGNUM *n;
		bool falls;
	} ring[FACTORS_MAX];
	uint64_t count;
};

static void
free_bn_ctx(BN_CTX **p)
{
	BN_CTX_end(*p);
	BN_CTX_free(*p);
}
#define AUTO_BN_CTX __attribute__((cleanup(free_bn_ctx)))

static void
free_mont(BN_MONT_CTX **p)
{
	BN_MONT_CTX_free(*p);
}
#define AUTO_MONT __attribute__((cleanup(free_mont)))

static BN_CTX *
begin(void)
{
	BN_CTX *ctx = BN_CTX_new();

	if (ctx != NULL)
		BN_CTX_start(ctx);
	return ctx;
}

struct factors *
factors_new(void)
{
	return calloc(1, sizeof(struct factors));
}

void
factors_free(struct factors *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < FACTORS_MAX; i++)
		BN_free(f->ring[i].n);
	free(f);
}

int
factors_add(struct factors *f, const BIGNUM *n, bool falls)
{
	size_t i = f->count % FACTORS_MAX;
	BIGNUM *copy = BN_dup(n);

	if (copy == NULL)
		return -1;
	BN_free(f->ring[i].n);
	f->ring[i].n = copy;
	f->ring[i].falls = falls;
	f->count++;
	return 0;
}

uint64_t
factors_count(const struct factors *f)
{
	return f->count;
}

/* Number of the oldest that is still there. */
static uint64_t
oldest(const struct factors *f)
{
	return f->count > FACTORS_MAX ? f->count - FACTORS_MAX : 0;
}

const BIGNUM *
factors_get(const struct factors *f, uint64_t number, bool *falls)
{
	if (number < oldest(f) || number >= f->count)
		return NULL;
	*falls = f->ring[number % FACTORS_MAX].falls;
	return f->ring[number % FACTORS_MAX].n;
}

enum factor_found
factors_find(const struct factors *f, const BIGNUM *n)
{
	for (uint64_t i = oldest(f); i < f->count; i++)
		if (BN_ucmp(f->ring[i % FACTORS_MAX].n, n) == 0)
			return f->ring[i % FACTORS_MAX].falls ? FACTOR_FALLS : FACTOR_SAME;
	return FACTOR_NONE;
}

/* Euclid. libcrypto's own takes the same time for all numbers, and thrice it. */
static int
gcd(BIGNUM *out, const BIGNUM *x, const BIGNUM *y, BN_CTX *ctx)
{
	BIGNUM *a, *b, *rest, *spare;
	int rc = -1;

	BN_CTX_start(ctx);
	a = BN_CTX_get(ctx);
	b = BN_CTX_get(ctx);
	rest = BN_CTX_get(ctx);
	if (rest == NULL || BN_copy(a, x) == NULL || BN_copy(b, y) == NULL)
		goto out;
	while (!BN_is_zero(b)) {
		if (!BN_nnmod(rest, a, b, ctx))
			goto out;
		spare = a;
		a = b;
		b = rest;
		rest = spare;
	}
	rc = BN_copy(out, a) == NULL ? -1 : 0;
out:
	BN_CTX_end(ctx);
	return rc;
}

/* A product modulo n, but for a power of two, which an odd n does not share. */
struct product {
	const BIGNUM *n;
	BN_MONT_CTX *mont;
	BN_CTX *ctx;
	BIGNUM *all;
	BIGNUM *part; /* what still fits beside n; 1: nothing */
};

static bool
take_part(struct product *p)
{
	if (BN_ucmp(p->part, p->n) >= 0 && !BN_nnmod(p->part, p->part, p->n, p->ctx))
		return false;
	return BN_mod_mul_montgomery(p->all, p->all, p->part, p->mont, p->ctx) && BN_one(p->part);
}

/* A multiple of n, and n itself, is left out. */
static bool
take(struct product *p, const BIGNUM *m)
{
	if (BN_num_bits(p->part) + BN_num_bits(m) <= BN_num_bits(p->n))
		return BN_mul(p->part, p->part, m, p->ctx);
	if (!BN_is_one(p->part) && !take_part(p))
		return false;
	if (BN_ucmp(m, p->n) < 0)
		return BN_copy(p->part, m) != NULL;
	if (!BN_nnmod(p->part, m, p->n, p->ctx))
		return false;
	return !BN_is_zero(p->part) || BN_one(p->part);
}

int
factors_divide(const struct factors *f, const BIGNUM *n, uint64_t from)
{
	AUTO_MONT BN_MONT_CTX *mont = BN_MONT_CTX_new();
	AUTO_BN_CTX BN_CTX *ctx = begin();
	struct product p = { .n = n, .mont = mont, .ctx = ctx };
	uint64_t first = oldest(f);

	if (mont == NULL || ctx == NULL || !BN_MONT_CTX_set(mont, n, ctx))
		return -1;
	p.all = BN_CTX_get(ctx);
	p.part = BN_CTX_get(ctx);
	if (p.part == NULL || !BN_one(p.all) || !BN_one(p.part))
		return -1;
	if (BN_num_bits(n) > LIMIT_RSA_MAX_CSR && f->count - first > FACTORS_MAX / 2)
		first = f->count - FACTORS_MAX / 2;
	for (uint64_t i = from < first ? first : from; i < f->count; i++)
		if (!take(&p, f->ring[i % FACTORS_MAX].n))
			return -1;
	if (!take_part(&p) || gcd(p.all, p.all, n, ctx) < 0)
		return -1;
	return !BN_is_one(p.all);
}

int
factors_pair(const BIGNUM *a, const BIGNUM *b, bool *a_falls, bool *b_falls)
{
	AUTO_BN_CTX BN_CTX *ctx = begin();
	BIGNUM *g;

	if (ctx == NULL || (g = BN_CTX_get(ctx)) == NULL || gcd(g, a, b, ctx) < 0)
		return -1;
	*a_falls = !BN_is_one(g) && BN_ucmp(g, a) != 0;
	*b_falls = !BN_is_one(g) && BN_ucmp(g, b) != 0;
	return 0;
}
