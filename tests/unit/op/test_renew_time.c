/*
 * test_renew_time.c - when a certificate is renewed, and when it is tried again
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "op/renew_time.h"

#define DAY  86400
#define FROM 1796083200 /* 1 Dec 2026, 00:00 UTC */

static unsigned char sha256[32];

static int64_t
due(int64_t life, int64_t days_left, int64_t spread)
{
	const struct renew_life l = { FROM, FROM + life, days_left, spread, sha256 };

	return renew_due(&l) - FROM;
}

static void
P37_at_two_thirds_of_a_life_or_half_of_a_short_one(void **state)
{
	assert_int_equal(due(90 * DAY, 0, 0), 60 * DAY);
	assert_int_equal(due(47 * DAY, 0, 0), 47 * DAY - 47 * DAY / 3);
	assert_int_equal(due(10 * DAY, 0, 0), 10 * DAY - 10 * DAY / 3);
	assert_int_equal(due(10 * DAY - 2, 0, 0), 5 * DAY - 1);
	assert_int_equal(due(3600, 0, 0), 1800);
	assert_int_equal(due(0, 0, 0), 0);
}

static void
P37_earlier_where_it_is_set_so_and_never_later(void **state)
{
	assert_int_equal(due(90 * DAY, 45, 0), 45 * DAY);
	assert_int_equal(due(90 * DAY, 10, 0), 60 * DAY);
	assert_int_equal(due(90 * DAY, 200, 0), 0); /* not before it begins */
}

/* The share of a certificate is its own, within the spread, and all shares occur. */
static void
P37_what_was_made_together_is_not_renewed_together(void **state)
{
	int64_t first = INT64_MAX, last = 0, at;
	unsigned per_day[3] = { 0 };

	for (unsigned i = 0; i < 65536; i++) {
		sha256[0] = (unsigned char)(i >> 8);
		sha256[1] = (unsigned char)i;
		at = due(100 * DAY, 0, 3);
		assert_int_equal(at, due(100 * DAY, 0, 3));
		if (at < first)
			first = at;
		if (at > last)
			last = at;
		per_day[(at - (100 * DAY - 100 * DAY / 3)) / DAY]++;
	}
	assert_int_equal(first, 100 * DAY - 100 * DAY / 3);
	assert_true(last < 100 * DAY - 100 * DAY / 3 + 3 * DAY);
	for (size_t i = 0; i < nitems(per_day); i++)
		assert_in_range(per_day[i], 65536 / 3 - 10, 65536 / 3 + 10);
	/* whatever is given, it is before the end */
	assert_true(due(INT64_C(3000000000), 0, RENEW_SPREAD_MAX) < INT64_C(3000000000));
	sha256[0] = sha256[1] = 0;
}

static uint32_t seed = 1;

static uint32_t
random_of_the_test(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

/* Each try fails with 30 %: by its time, of so many lives each is renewed before its end. */
static void
P37_renewed_before_the_end_when_three_in_ten_tries_fail(void **state)
{
	static const int64_t lives[] = { 3600, DAY, 6 * DAY, 47 * DAY, 90 * DAY, 398 * DAY };
	int64_t now, tries;

	for (size_t i = 0; i < nitems(lives); i++)
		for (int n = 0; n < 5000; n++) {
			now = FROM + due(lives[i], 0, 3);
			for (tries = 1; random_of_the_test() % 10 < 3; tries++)
				now = renew_again(
				    now, tries, FROM + lives[i], random_of_the_test());
			assert_true(now < FROM + lives[i]);
		}
}

/* An authority that is away for good is asked rarer and rarer. */
static void
P37_tries_come_rarer_and_never_storm(void **state)
{
	int64_t now = FROM + 60 * DAY, end = FROM + 90 * DAY, at, waited = 0;
	int tries = 0;

	for (int64_t i = 1; now < end; i++, tries++, now = at) {
		at = renew_again(now, i, end, random_of_the_test());
		assert_true(at - now >= RENEW_AGAIN_MIN_S / 2);
		assert_true(at - now <= RENEW_AGAIN_MAX_S);
		if (i > 10 && end - now > 3 * DAY)
			assert_true(at - now >= RENEW_AGAIN_MAX_S / 2);
		waited = at - now;
	}
	assert_in_range(tries, 100, 700);
	assert_true(waited >= RENEW_AGAIN_MIN_S / 2);
	/* numbers that overflowed elsewhere */
	at = renew_again(now, INT64_MAX, end, UINT32_MAX);
	assert_in_range(at - now, RENEW_AGAIN_MIN_S / 2, RENEW_AGAIN_MAX_S);
	at = renew_again(now, 1, INT64_MIN / 2, 0);
	assert_in_range(at - now, RENEW_AGAIN_MIN_S / 2, RENEW_AGAIN_MAX_S);
}

static void
M14_hours_of_a_day(void **state)
{
	static const char *const wrong[] = { "", "22:00", "22:00-24:00", "22:60-23:00", "2:00-4:00",
		"22:00-22:00", "22:00 04:00", "22:00-04:00 ", "aa:bb-cc:dd", "-1:00-02:00" };
	struct renew_hours h;

	for (size_t i = 0; i < nitems(wrong); i++)
		assert_false(renew_hours_parse(wrong[i], &h));
	assert_true(renew_hours_parse("22:00-04:00", &h)); /* over midnight */
	assert_int_equal(renew_hours_next(&h, FROM), FROM);
	assert_int_equal(renew_hours_next(&h, FROM + 4 * 3600 - 1), FROM + 4 * 3600 - 1);
	assert_int_equal(renew_hours_next(&h, FROM + 4 * 3600), FROM + 22 * 3600);
	assert_int_equal(renew_hours_next(&h, FROM + 23 * 3600), FROM + 23 * 3600);
	assert_true(renew_hours_parse("01:30-02:00", &h));
	assert_int_equal(renew_hours_next(&h, FROM), FROM + 5400);
	assert_int_equal(renew_hours_next(&h, FROM + 5400), FROM + 5400);
	assert_int_equal(renew_hours_next(&h, FROM + 7200), FROM + DAY + 5400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P37_at_two_thirds_of_a_life_or_half_of_a_short_one),
		cmocka_unit_test(P37_earlier_where_it_is_set_so_and_never_later),
		cmocka_unit_test(P37_what_was_made_together_is_not_renewed_together),
		cmocka_unit_test(P37_renewed_before_the_end_when_three_in_ten_tries_fail),
		cmocka_unit_test(P37_tries_come_rarer_and_never_storm),
		cmocka_unit_test(M14_hours_of_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
