/*
 * test_line.c - requests that take long, so many at once
 *
 * line.c, line_bundle.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/config.h"
#include "op/line.h"

#define OWN 4

static struct config config = { .workers = 24 };

static struct ctx *reading;

/* While it is read, it stands in the line. */
int
readers_bundle(struct readers *r, const struct reader_file *files, size_t n, const char *passphrase,
    struct arena *a, struct reader_bundle *out, struct err *e)
{
	struct ctx other = *reading;

	assert_int_equal(line_enter(&other, LINE_FILES), -1);
	return 7;
}

static void
asks(struct ctx *cx, const char *tenant, bool may)
{
	snprintf(cx->tenant, sizeof(cx->tenant), "%s", tenant);
	err_clear(&cx->err);
	assert_int_equal(line_enter(cx, LINE_OUTSIDE), may ? 0 : -1);
	if (!may)
		assert_int_equal(cx->err.refusal, R_FETCH_BUSY);
}

static void
ends(struct ctx *cx, const char *tenant)
{
	snprintf(cx->tenant, sizeof(cx->tenant), "%s", tenant);
	line_leave(cx, LINE_OUTSIDE);
}

static void
P32_of_a_tenant_four_and_of_all_a_quarter_of_the_workers(void **state)
{
	struct ctx cx = { .config = &config };

	for (int i = 0; i < OWN; i++)
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
	for (int i = 0; i < OWN; i++)
		ends(&cx, "one");
	for (int i = 0; i < 4; i++)
		asks(&cx, TENANT_SYSTEM, true);
	asks(&cx, TENANT_SYSTEM, false);
}

static void
P32_what_the_system_makes_and_reads_waits_for_no_tenant(void **state)
{
	struct ctx cx = { .config = &config };
	static const enum refusal why[] = { [LINE_KEYS] = R_KEY_BUSY, [LINE_FILES] = R_FILES_BUSY };

	for (enum line line = LINE_KEYS; line <= LINE_FILES; line++) {
		snprintf(cx.tenant, sizeof(cx.tenant), "one");
		while (line_enter(&cx, line) == 0)
			;
		assert_int_equal(cx.err.refusal, why[line]);
		snprintf(cx.tenant, sizeof(cx.tenant), "%s", TENANT_SYSTEM);
		for (int i = 0; i < 100; i++)
			assert_int_equal(line_enter(&cx, line), 0);
		line_leave(&cx, line);
		snprintf(cx.tenant, sizeof(cx.tenant), "one");
		err_clear(&cx.err);
		assert_int_equal(line_enter(&cx, line), -1);
		line_leave(&cx, line);
		err_clear(&cx.err);
		assert_int_equal(line_enter(&cx, line), 0);
		for (int i = 0; i < 100; i++)
			line_leave(&cx, line);
	}
}

static void
P32_a_file_is_read_in_its_line(void **state)
{
	struct ctx cx = { .config = &config, .tenant = "reads" };
	struct reader_bundle b;
	int there = 0;

	while (line_enter(&cx, LINE_FILES) == 0)
		there++;
	line_leave(&cx, LINE_FILES);
	err_clear(&cx.err);
	reading = &cx;
	assert_int_equal(line_bundle(&cx, NULL, 0, NULL, &b), 7);
	assert_int_equal(line_enter(&cx, LINE_FILES), 0); /* it has left */
	assert_int_equal(line_bundle(&cx, NULL, 0, NULL, &b), -1);
	assert_int_equal(cx.err.refusal, R_FILES_BUSY);
	while (there-- > 0)
		line_leave(&cx, LINE_FILES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P32_of_a_tenant_four_and_of_all_a_quarter_of_the_workers),
		cmocka_unit_test(P32_what_the_system_makes_and_reads_waits_for_no_tenant),
		cmocka_unit_test(P32_a_file_is_read_in_its_line),
	};

	return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
