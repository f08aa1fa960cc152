/*
 * test_serials.c - P3: a serial number that was handed out is used once
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keeper/serials.h"

static void
P3_each_serial_number_is_used_once(void **state)
{
	struct serials s = { 0 }, other = { 0 };
	AUTO_BUF struct buf out = { 0 };

	serials_make(&s, 3, &out);
	assert_int_equal(out.len, 3 * SERIAL_SIZE);
	for (size_t i = 3; i-- > 0;) {
		assert_false(serials_use(&other, out.data + i * SERIAL_SIZE));
		assert_true(serials_use(&s, out.data + i * SERIAL_SIZE));
		assert_false(serials_use(&s, out.data + i * SERIAL_SIZE));
	}
	assert_false(serials_use(&s, (const unsigned char[SERIAL_SIZE]){ 0 }));
}

static void
P3_the_last_512_are_remembered(void **state)
{
	struct serials s = { 0 };
	AUTO_BUF struct buf out = { 0 };

	serials_make(&s, SERIALS_MAX, &out);
	serials_make(&s, 2, &out);
	for (size_t i = 0; i < SERIALS_MAX + 2; i++)
		assert_int_equal(serials_use(&s, out.data + i * SERIAL_SIZE), i >= 2);
	assert_int_equal(s.n, 0);
}

static void
P3_no_two_are_the_same(void **state)
{
	struct serials s = { 0 };
	AUTO_BUF struct buf out = { 0 };

	for (int i = 0; i < 16; i++)
		serials_make(&s, SERIALS_MAX, &out);
	for (size_t i = 0; i < out.len; i += SERIAL_SIZE)
		for (size_t k = 0; k < i; k += SERIAL_SIZE)
			assert_memory_not_equal(out.data + i, out.data + k, SERIAL_SIZE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P3_each_serial_number_is_used_once),
		cmocka_unit_test(P3_the_last_512_are_remembered),
		cmocka_unit_test(P3_no_two_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
