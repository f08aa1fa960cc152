/*
 * test_buf.c - what is put comes out again, and never more than is there
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

static void
what_is_put_comes_out(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	const unsigned char *p;
	char text[8];
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	size_t n;

	buf_put_u8(&b, 7);
	buf_put_u16(&b, 0xbeef);
	buf_put_u32(&b, 0xdeadbeef);
	buf_put_u64(&b, 0x0123456789abcdefULL);
	buf_put_string(&b, "abc", 3);
	buf_put_cstring(&b, "seven!!");

	struct view v = view_of(b.data, b.len);

	assert_int_equal(view_u8(&v, &u8), 0);
	assert_int_equal(view_u16(&v, &u16), 0);
	assert_int_equal(view_u32(&v, &u32), 0);
	assert_int_equal(view_u64(&v, &u64), 0);
	assert_int_equal(view_string(&v, &p, &n, 3), 0);
	assert_int_equal(view_cstring(&v, text, sizeof(text)), 0);
	assert_int_equal(view_end(&v), 0);
	assert_int_equal(u8, 7);
	assert_int_equal(u16, 0xbeef);
	assert_int_equal(u32, 0xdeadbeef);
	assert_true(u64 == 0x0123456789abcdefULL);
	assert_memory_equal(p, "abc", 3);
	assert_string_equal(text, "seven!!");
}

static void
a_short_view_fails_and_stays_failed(void **state)
{
	struct view v = view_of("\0\0\0\5abc", 7);
	const unsigned char *p;
	uint8_t u8;
	size_t n;

	assert_int_equal(view_string(&v, &p, &n, 100), -1);
	assert_int_equal(view_u8(&v, &u8), -1);
	assert_int_equal(view_end(&v), -1);
}

static void
a_string_longer_than_allowed_is_refused(void **state)
{
	struct view v = view_of("\0\0\0\3abc", 7);
	const unsigned char *p;
	size_t n;

	assert_int_equal(view_string(&v, &p, &n, 2), -1);
}

static void
a_text_with_an_inner_nul_is_refused(void **state)
{
	struct view v = view_of("\0\0\0\3a\0c", 7);
	char text[8];

	assert_int_equal(view_cstring(&v, text, sizeof(text)), -1);
}

static void
trailing_bytes_are_noticed(void **state)
{
	struct view v = view_of("\1\2", 2);
	uint8_t u8;

	assert_int_equal(view_u8(&v, &u8), 0);
	assert_int_equal(view_end(&v), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_comes_out),
		cmocka_unit_test(a_short_view_fails_and_stays_failed),
		cmocka_unit_test(a_string_longer_than_allowed_is_refused),
		cmocka_unit_test(a_text_with_an_inner_nul_is_refused),
		cmocka_unit_test(trailing_bytes_are_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
