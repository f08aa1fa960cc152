/*
 * test_notice.c - moments of a life, and when a message is tried again
 *
 * digest.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "op/digest.h"

#define DAY 86400

static struct arena *arena;

static const char *
after(int64_t days, int64_t life, const char *parts, const char *left)
{
	const char *t = notice_threshold(arena, parts, left, 0, life * DAY, days * DAY);

	return t == NULL ? "none" : t;
}

static void
M33_the_last_moment_that_came_is_told(void **state)
{
	assert_string_equal(after(59, 90, "2/3,9/10", ""), "none");
	assert_string_equal(after(60, 90, "2/3,9/10", ""), "2/3");
	assert_string_equal(after(81, 90, "2/3,9/10", ""), "9/10");
	assert_string_equal(after(91, 90, "2/3,9/10", ""), "ended");
	assert_string_equal(after(4, 6, "2/3,9/10", ""), "2/3"); /* a life of six days, too */
	assert_string_equal(after(83, 90, "2/3,9/10", "14,7"), "7 days");
	assert_string_equal(after(77, 90, "2/3", "14,7"), "14 days");
	assert_string_equal(after(1, 6, "2/3", "14,7"), "none"); /* longer than it lives */
	assert_string_equal(after(91, 90, "", ""), "ended");
}

static void
M33_levels_that_are_none_are_refused(void **state)
{
	static const char *const parts[] = { "1", "3/2", "1/0", "0/2", "1/2,", "1/2;2/3", "a/b",
		"1/101", "1/9,2/9,3/9,4/9,5/9,6/9,7/9,8/9,1/8" };
	struct ctx cx = { .arena = arena };
	const char *out;

	for (size_t i = 0; i < nitems(parts); i++) {
		err_clear(&cx.err);
		assert_int_equal(notice_parts(&cx, parts[i], &out), -1);
		assert_int_equal(cx.err.refusal, R_NOTIFY_PARTS);
	}
	err_clear(&cx.err);
	assert_int_equal(notice_parts(&cx, "2/3, 9/10", &out), 0);
	assert_string_equal(out, "2/3,9/10");
	assert_int_equal(notice_parts(&cx, "", &out), 0);
	assert_int_equal(notice_days(&cx, "14, 1", &out), 0);
	assert_int_equal(notice_days(&cx, "3651", &out), -1);
}

static void
M33_tries_come_rarer_and_never_storm(void **state)
{
	int64_t before = 0;

	for (int64_t tries = 1; tries < 200; tries++) {
		int64_t d = digest_delay(tries);

		assert_true(d >= 60 && d >= before && d <= 3600);
		before = d;
	}
	assert_int_equal(digest_delay(INT64_MAX), 3600);
}

static void
M33_a_signature_is_HMAC_over_time_and_body(void **state)
{
	assert_string_equal(digest_signature(arena, "key", 3, 1, "{}"),
	    "t=1,v1=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224");
}

static int
begin(void **state)
{
	arena = arena_new();
	return 0;
}

static int
end(void **state)
{
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(M33_the_last_moment_that_came_is_told),
		cmocka_unit_test(M33_levels_that_are_none_are_refused),
		cmocka_unit_test(M33_tries_come_rarer_and_never_storm),
		cmocka_unit_test(M33_a_signature_is_HMAC_over_time_and_body),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
