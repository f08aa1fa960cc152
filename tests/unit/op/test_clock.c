/*
 * test_clock.c - when the clock stops the signing of certificates
 *
 * There is no authority here: what is kept once there is one is in
 * tests/api/test_ca_clock.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "op/op_clock.h"
#include "people_fake.h"

#define NOW 1796083200 /* 1 Dec 2026 */
#define DAY 86400

static void
judges(int64_t wall, int64_t running, enum clock_verdict want)
{
	const struct clock_seen s = { NOW, 1000 };

	assert_int_equal(clock_judge(&s, wall, running), want);
}

static void
P36_while_we_run_the_clock_goes_as_the_time_that_passes(void **state)
{
	judges(NOW, 1000, CLOCK_FINE);
	judges(NOW + 30, 1030, CLOCK_FINE);
	judges(NOW + 30 - CLOCK_BACK_S, 1030, CLOCK_FINE);
	judges(NOW + 30 - CLOCK_BACK_S - 1, 1030, CLOCK_BACK);
	judges(NOW + 30 + CLOCK_AHEAD_S, 1030, CLOCK_FINE);
	judges(NOW + 30 + CLOCK_AHEAD_S + 1, 1030, CLOCK_AHEAD);
	judges(NOW, 1000 + CLOCK_BACK_S + 1, CLOCK_BACK); /* it stood still */
	judges(NOW + 100 * DAY, 1000 + 100 * DAY, CLOCK_FINE);
	judges(0, 1030, CLOCK_BACK);
}

static void
P36_between_two_runs_only_the_time_away_is_unknown(void **state)
{
	const struct clock_seen s = { NOW, 0 }, never = { 0, 0 };

	assert_int_equal(clock_judge(&s, NOW + CLOCK_AWAY_S, 5), CLOCK_FINE);
	assert_int_equal(clock_judge(&s, NOW + CLOCK_AWAY_S + 1, 5), CLOCK_AHEAD);
	assert_int_equal(clock_judge(&s, NOW - CLOCK_BACK_S, 5), CLOCK_FINE);
	assert_int_equal(clock_judge(&s, NOW - CLOCK_BACK_S - 1, 5), CLOCK_BACK);
	assert_int_equal(clock_judge(&never, NOW, 5), CLOCK_FINE);
	assert_int_equal(clock_judge(&never, -1, 5), CLOCK_FINE);
}

static int
check_at(struct ctx *cx, int64_t now)
{
	fake_request(cx, now, "192.0.2.1");
	return op_clock_check(cx);
}

/* Nothing was signed by the clock that it had: ahead is believed, back is not. */
static void
P36_before_there_is_an_authority_nothing_is_kept(void **state)
{
	struct fake *f = *state;
	struct ctx *cx = &f->cx;
	struct clock_jump j;

	fake_request(cx, NOW, "192.0.2.1");
	assert_done(cx, op_clock_start(cx));
	assert_done(cx, check_at(cx, NOW + 60));
	assert_refused(cx, check_at(cx, NOW - DAY), R_CLOCK);
	assert_refused(cx, check_at(cx, NOW - DAY), R_CLOCK);
	op_clock_state(&j);
	assert_int_equal(j.verdict, CLOCK_FINE);
	assert_done(cx, check_at(cx, NOW + 5 * DAY));
	assert_refused(cx, check_at(cx, NOW + 60), R_CLOCK);
	fake_request(cx, NOW + 60, "192.0.2.1");
	assert_done(cx, op_clock_confirm(cx));
	assert_done(cx, check_at(cx, NOW + 60));
	fake_request(cx, NOW + 60, "192.0.2.1");
	assert_refused(cx, op_clock_confirm(cx), R_CLOCK_FINE);
	/* what was written down is held against the next start */
	fake_request(cx, NOW - DAY, "192.0.2.1");
	assert_done(cx, op_clock_start(cx));
	assert_refused(cx, check_at(cx, NOW - DAY), R_CLOCK);
	assert_done(cx, check_at(cx, NOW + 60));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P36_while_we_run_the_clock_goes_as_the_time_that_passes),
		cmocka_unit_test(P36_between_two_runs_only_the_time_away_is_unknown),
		cmocka_unit_test_setup_teardown(
		    P36_before_there_is_an_authority_nothing_is_kept, fake_open, fake_close),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
