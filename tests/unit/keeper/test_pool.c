/*
 * test_pool.c - RSA keys made ahead, each given once
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/pool.h"

#define PATIENCE_MS 20000

static struct pool *pool;

static void
it_gives_what_it_has_or_nothing(void **state)
{
	uint16_t have[3], want[3];
	EVP_PKEY *one, *two;

	pool_state(pool, have, want);
	assert_int_equal(want[0], 4);
	assert_int_equal(want[1], 2);
	assert_int_equal(want[2], 4);
	assert_null(pool_take(pool, 0));
	assert_null(pool_take(pool, 1024));
	assert_null(pool_take(pool, 8192));
	/* it works in time that nobody else wants: on a busy machine there is none */
	for (int waited = 0; have[0] < 2; waited += 10) {
		if (waited >= PATIENCE_MS)
			skip();
		usleep(10000);
		pool_state(pool, have, want);
	}
	one = pool_take(pool, 2048);
	two = pool_take(pool, 2048);
	assert_non_null(one);
	assert_non_null(two);
	assert_int_equal(EVP_PKEY_get_bits(one), 2048);
	assert_int_equal(EVP_PKEY_eq(one, two), 0);
	EVP_PKEY_free(one);
	EVP_PKEY_free(two);
}

static void
no_pool_is_an_empty_one(void **state)
{
	uint16_t have[3] = { 0 }, want[3] = { 0 };

	assert_null(pool_take(NULL, 2048));
	pool_state(NULL, have, want);
	assert_int_equal(have[0], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gives_what_it_has_or_nothing),
		cmocka_unit_test(no_pool_is_an_empty_one),
	};
	struct err e = { 0 };
	int r = pool_start(&pool, &e);

	if (r == 0)
		r = cmocka_run_group_tests(tests, NULL, NULL);
	fflush(NULL);
	_exit(r); /* its thread goes on making keys */
}
