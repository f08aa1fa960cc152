/*
 * notify_often.c - how often a tenant tests its channels
 *
 * Kept in memory: of so many tenants as test at the same time, which are few.
 */
#include <pthread.h>

#include "base/clock.h"
#include "op/notify_impl.h"

#define TESTERS 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tester {
	char tenant[ID_SIZE]; /* "": none */
	int64_t since_ms;     /* its first test of these */
	int tests;
} testers[TESTERS];

/* Its place, or that of whoever began longest ago. */
static struct tester *
place_of(const char *tenant)
{
	struct tester *oldest = &testers[0];

	for (size_t i = 0; i < TESTERS; i++) {
		if (strcmp(testers[i].tenant, tenant) == 0)
			return &testers[i];
		if (testers[i].since_ms < oldest->since_ms)
			oldest = &testers[i];
	}
	return oldest;
}

static bool
take(const char *tenant, int64_t now_ms)
{
	struct tester *t = place_of(tenant);

	if (strcmp(t->tenant, tenant) != 0 || now_ms - t->since_ms >= NOTIFY_TESTS_S * 1000LL) {
		*t = (struct tester){ .since_ms = now_ms };
		memcpy(t->tenant, tenant, ID_SIZE);
	}
	if (t->tests == NOTIFY_TESTS)
		return false;
	t->tests++;
	return true;
}

int
notify_test_take(struct ctx *cx)
{
	bool taken;

	if (in_system(cx))
		return 0;
	pthread_mutex_lock(&lock);
	taken = take(cx->tenant, clock_monotonic_ms());
	pthread_mutex_unlock(&lock);
	if (taken)
		return 0;
	err_set(&cx->err, R_NOTIFY_OFTEN, NULL, "there were %d tests within %d minutes already",
	    NOTIFY_TESTS, NOTIFY_TESTS_S / 60);
	return err_hint(&cx->err, "try again in some minutes");
}
