/*
 * test_place.c - threads stay where they are put
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/place.h"

static cpu_set_t ours;

/* Where a thread with the attributes of the n-th may run. */
static void *
look(void *out)
{
	sched_getaffinity(0, sizeof(cpu_set_t), out);
	return NULL;
}

static cpu_set_t
where(pthread_attr_t *attr, size_t n)
{
	pthread_t thread;
	cpu_set_t at;

	place_nth(attr, n);
	assert_int_equal(pthread_create(&thread, attr, look, &at), 0);
	pthread_join(thread, NULL);
	return at;
}

static void
each_has_a_CPU_and_the_others_have_all(void **state)
{
	size_t cpus = (size_t)CPU_COUNT(&ours);
	cpu_set_t seen, at;
	pthread_attr_t attr;

	CPU_ZERO(&seen);
	pthread_attr_init(&attr);
	for (size_t n = 0; n < cpus; n++) {
		at = where(&attr, n);
		assert_int_equal(CPU_COUNT(&at), 1);
		CPU_OR(&seen, &seen, &at);
	}
	assert_true(CPU_EQUAL(&seen, &ours));
	at = where(&attr, cpus);
	assert_true(CPU_EQUAL(&at, &ours));
	pthread_attr_destroy(&attr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_a_CPU_and_the_others_have_all),
	};

	sched_getaffinity(0, sizeof(ours), &ours);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
