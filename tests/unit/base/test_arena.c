/*
 * test_arena.c - pieces of one request live together and go together
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static void
pieces_are_zeroed_and_aligned(void **state)
{
	AUTO(arena) struct arena *a = arena_new();

	for (size_t n = 1; n < 300; n += 7) {
		unsigned char *p = arena_alloc(a, n);

		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
}

static void
large_pieces_get_a_block_of_their_own(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	char *big = arena_alloc(a, 1000000);

	memset(big, 'x', 1000000);
	assert_string_equal(arena_printf(a, "%d-%s", 7, "y"), "7-y");
	assert_true(arena_used(a) >= 1000000);
}

static void
reset_forgets_and_can_be_used_again(void **state)
{
	AUTO(arena) struct arena *a = arena_new();

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 2000; i++)
			assert_string_equal(arena_strdup(a, "hello"), "hello");
		arena_reset(a);
		assert_int_equal(arena_used(a), 0);
	}
}

static void
P11_reset_wipes_what_a_request_held(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	char *secret = arena_strdup(a, "correct horse battery staple");

	arena_reset(a);
	for (size_t i = 0; i < 28; i++)
		assert_int_equal(((volatile char *)secret)[i], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_and_aligned),
		cmocka_unit_test(large_pieces_get_a_block_of_their_own),
		cmocka_unit_test(reset_forgets_and_can_be_used_again),
		cmocka_unit_test(P11_reset_wipes_what_a_request_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
