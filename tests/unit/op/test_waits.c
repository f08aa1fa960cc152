/*
 * test_waits.c - threads that sleep until something is due
 *
 * renew_queue.c, op_check.c. What they call is looked at: `--wrap` of the linker.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "keys/readers.h"
#include "op/house.h"
#include "op/op_check.h"
#include "op/op_renew.h"

int __real_pthread_condattr_setclock(pthread_condattr_t *, clockid_t);
int __wrap_pthread_condattr_setclock(pthread_condattr_t *, clockid_t);
int __wrap_pthread_cond_timedwait(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

static clockid_t waits_by;
static struct timespec until;

/* Nothing is read here. */
int
readers_bundle(struct readers *r, const struct reader_file *files, size_t n, const char *passphrase,
    struct arena *a, struct reader_bundle *out, struct err *e)
{
	return -1;
}

int
__wrap_pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
	waits_by = clock;
	return __real_pthread_condattr_setclock(attr, clock);
}

int
__wrap_pthread_cond_timedwait(
    pthread_cond_t *cond, pthread_mutex_t *lock, const struct timespec *end)
{
	until = *end;
	return ETIMEDOUT;
}

/* Set back, the wall clock would come to an end that it had passed already. */
static void
by_the_time_that_passes(void)
{
	struct timespec now;

	assert_int_equal(waits_by, CLOCK_MONOTONIC);
	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_in_range(until.tv_sec, now.tv_sec, now.tv_sec + 60);
}

static void
P36_renewals_wait_by_the_time_that_passes(void **state)
{
	static struct house h;

	waits_by = CLOCK_REALTIME;
	h.renewals = renewals_new();
	op_renew_wait(&h);
	by_the_time_that_passes();
}

static void
P36_looks_wait_by_the_time_that_passes(void **state)
{
	static struct house h;

	waits_by = CLOCK_REALTIME;
	h.checks = checks_new();
	op_check_wait(&h);
	by_the_time_that_passes();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P36_renewals_wait_by_the_time_that_passes),
		cmocka_unit_test(P36_looks_wait_by_the_time_that_passes),
	};

	return cmocka_run_group_tests_name("waits", tests, NULL, NULL);
}
