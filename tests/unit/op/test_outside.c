/*
 * test_outside.c - requests that wait for an answer from outside, so many at once
 *
 * outside.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/config.h"
#include "op/outside.h"

static struct config config = { .workers = 24 };

static void
asks(struct ctx *cx, const char *tenant, bool may)
{
	snprintf(cx->tenant, sizeof(cx->tenant), "%s", tenant);
	err_clear(&cx->err);
	assert_int_equal(outside_begin(cx), may ? 0 : -1);
	if (!may)
		assert_int_equal(cx->err.refusal, R_FETCH_BUSY);
}

static void
ends(struct ctx *cx, const char *tenant)
{
	snprintf(cx->tenant, sizeof(cx->tenant), "%s", tenant);
	outside_end(cx);
}

static void
P32_of_a_tenant_four_and_of_all_a_quarter_of_the_workers(void **state)
{
	struct ctx cx = { .config = &config };

	for (int i = 0; i < OUTSIDE_OWN; i++)
		asks(&cx, "one", true);
	asks(&cx, "one", false);
	asks(&cx, "two", true);
	ends(&cx, "one");
	asks(&cx, "one", true);
	asks(&cx, "one", false);
	asks(&cx, TENANT_SYSTEM, true);
	asks(&cx, "two", false); /* six of 24 */
	asks(&cx, TENANT_SYSTEM, false);
	ends(&cx, "two");
	asks(&cx, TENANT_SYSTEM, true);
	for (int i = 0; i < OUTSIDE_OWN; i++)
		ends(&cx, "one");
	for (int i = 0; i < 4; i++)
		asks(&cx, TENANT_SYSTEM, true);
	asks(&cx, TENANT_SYSTEM, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P32_of_a_tenant_four_and_of_all_a_quarter_of_the_workers),
	};

	return cmocka_run_group_tests_name("outside", tests, NULL, NULL);
}
