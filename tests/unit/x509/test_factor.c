/*
 * test_factor.c - P19: moduli with a prime in common are found, others never
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <time.h>

#include "x509/factor.h"

static BIGNUM *p, *q, *r, *s; /* primes */
static BIGNUM *pq, *pr, *rs;

static BIGNUM *
prime(void)
{
	BIGNUM *n = BN_new();

	assert_int_equal(BN_generate_prime_ex(n, 512, 0, NULL, NULL, NULL), 1);
	return n;
}

static BIGNUM *
times(const BIGNUM *a, const BIGNUM *b)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_new();

	BN_mul(n, a, b, ctx);
	BN_CTX_free(ctx);
	return n;
}

static int
set_up(void **state)
{
	BIGNUM **all[] = { &p, &q, &r, &s };

	for (size_t i = 0; i < nitems(all); i++)
		*all[i] = prime();
	pq = times(p, q);
	pr = times(p, r);
	rs = times(r, s);
	return 0;
}

static int
tear_down(void **state)
{
	BIGNUM *all[] = { p, q, r, s, pq, pr, rs };

	for (size_t i = 0; i < nitems(all); i++)
		BN_free(all[i]);
	return 0;
}

/* Odd numbers: as much as the product sees of strangers' moduli. */
static void
add_strangers(struct factors *f, size_t n, int bits)
{
	BIGNUM *m = BN_new();

	for (size_t i = 0; i < n; i++) {
		BN_rand(m, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
		assert_int_equal(factors_add(f, m, false), 0);
	}
	BN_free(m);
}

static void
a_prime_in_common_is_found_among_thousands(void **state)
{
	AUTO(factors) struct factors *f = factors_new();

	add_strangers(f, 1200, 1024);
	factors_add(f, pq, false);
	add_strangers(f, 1200, 1536);
	assert_int_equal(factors_divide(f, rs, 0), 0);
	assert_int_equal(factors_divide(f, pr, 0), 1);
	assert_int_equal(factors_divide(f, pr, 1200), 1);
	assert_int_equal(factors_divide(f, pr, 1201), 0);
}

static void
moduli_of_any_size_are_held_against_each_other(void **state)
{
	static const int sizes[] = { 512, 1000, 1024, 1032, 2048, 8192 };
	BIGNUM *large = times(pr, rs);

	for (size_t i = 0; i < nitems(sizes); i++) {
		AUTO(factors) struct factors *f = factors_new();

		add_strangers(f, 3, sizes[i]);
		assert_int_equal(factors_divide(f, pq, 0), 0);
		assert_int_equal(factors_divide(f, large, 0), 0);
		factors_add(f, pq, false);
		add_strangers(f, 3, sizes[i]);
		assert_int_equal(factors_divide(f, large, 0), 1);
		factors_add(f, large, false);
		assert_int_equal(factors_divide(f, rs, 0), 0);
		assert_int_equal(factors_divide(f, pr, 0), 1);
	}
	BN_free(large);
}

static void
the_same_modulus_is_the_same_key(void **state)
{
	AUTO(factors) struct factors *f = factors_new();

	assert_int_equal(factors_find(f, pq), FACTOR_NONE);
	assert_int_equal(factors_divide(f, pq, 0), 0);
	factors_add(f, pq, false);
	factors_add(f, rs, true);
	assert_int_equal(factors_find(f, pq), FACTOR_SAME);
	assert_int_equal(factors_find(f, rs), FACTOR_FALLS);
	assert_int_equal(factors_find(f, pr), FACTOR_NONE);
	assert_int_equal(factors_divide(f, pq, 0), 0);
}

/* Whoever knows a public key can send multiples of it. */
static void
nobody_spoils_a_key_by_multiplying_it(void **state)
{
	AUTO(factors) struct factors *f = factors_new();
	BIGNUM *multiple = times(pq, s), *other = times(pq, r);
	bool key, sent;

	factors_add(f, multiple, false);
	assert_int_equal(factors_divide(f, pq, 0), 0);
	factors_add(f, other, true);
	assert_int_equal(factors_divide(f, pq, 0), 0);
	factors_pair(pq, multiple, &key, &sent);
	assert_true(!key && sent);
	factors_pair(multiple, other, &key, &sent);
	assert_true(key && sent);
	/* what was sent is refused all the same */
	factors_add(f, pq, false);
	assert_int_equal(factors_divide(f, multiple, 0), 1);
	BN_free(multiple);
	BN_free(other);
}

static void
both_primes_in_different_moduli_are_found(void **state)
{
	AUTO(factors) struct factors *f = factors_new();
	BIGNUM *qs = times(q, s), *multiple = times(pq, r);

	factors_add(f, multiple, false);
	factors_add(f, pr, false);
	factors_add(f, qs, false);
	assert_int_equal(factors_divide(f, pq, 0), 1);
	assert_int_equal(factors_divide(f, pq, 2), 1);
	BN_free(qs);
	BN_free(multiple);
}

static void
of_two_moduli_both_fall(void **state)
{
	bool a, b;

	factors_pair(pq, pr, &a, &b);
	assert_true(a && b);
	factors_pair(pq, rs, &a, &b);
	assert_false(a || b);
	factors_pair(pq, pq, &a, &b);
	assert_false(a || b);
}

static void
only_the_newest_are_kept(void **state)
{
	AUTO(factors) struct factors *f = factors_new();
	bool falls;

	factors_add(f, pq, true);
	add_strangers(f, FACTORS_MAX - 1, 512);
	assert_int_equal(factors_divide(f, pr, 0), 1);
	assert_int_equal(BN_cmp(factors_get(f, 0, &falls), pq), 0);
	assert_true(falls);
	add_strangers(f, 1, 512);
	assert_int_equal(factors_divide(f, pr, 0), 0);
	assert_int_equal(factors_find(f, pq), FACTOR_NONE);
	assert_null(factors_get(f, 0, &falls));
	assert_non_null(factors_get(f, 1, &falls));
	assert_false(falls);
	assert_int_equal(factors_count(f), FACTORS_MAX + 1);
	assert_null(factors_get(f, FACTORS_MAX + 1, &falls));
	factors_add(f, pq, false);
	assert_int_equal(factors_divide(f, pr, 0), 1);
}

/* No limit in milliseconds here (never timed tests): only that it ends. */
static void
P31_a_full_ring_is_asked_at_once(void **state)
{
	static const int sizes[] = { 2048, 4096, 8192 };
	struct timespec from, to;

	for (size_t full = 0; full < 2; full++) {
		AUTO(factors) struct factors *f = factors_new();

		add_strangers(f, FACTORS_MAX, sizes[full]);
		for (size_t i = 0; i < nitems(sizes); i++) {
			BIGNUM *n = BN_new();

			BN_rand(n, sizes[i], BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
			clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
			assert_true(factors_divide(f, n, 0) >= 0);
			clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
			print_message("# %d bits against %d of %d: %ld us\n", sizes[i], FACTORS_MAX,
			    sizes[full],
			    (to.tv_sec - from.tv_sec) * 1000000 +
				(to.tv_nsec - from.tv_nsec) / 1000);
			BN_free(n);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prime_in_common_is_found_among_thousands),
		cmocka_unit_test(moduli_of_any_size_are_held_against_each_other),
		cmocka_unit_test(the_same_modulus_is_the_same_key),
		cmocka_unit_test(nobody_spoils_a_key_by_multiplying_it),
		cmocka_unit_test(both_primes_in_different_moduli_are_found),
		cmocka_unit_test(of_two_moduli_both_fall),
		cmocka_unit_test(only_the_newest_are_kept),
		cmocka_unit_test(P31_a_full_ring_is_asked_at_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
