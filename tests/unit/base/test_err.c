/*
 * test_err.c - the first specific error wins; each kind has one meaning
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <cmocka.h>

#include "base/err.h"

static void
the_first_error_wins(void **state)
{
	struct err e = { 0 };

	assert_int_equal(err_set(&e, R_TEXT_UTF8, "name", "first"), -1);
	assert_int_equal(err_set(&e, R_INTERNAL, NULL, "second"), -1);
	assert_string_equal(e.message, "first");
	assert_string_equal(e.field, "name");
	assert_int_equal(e.kind, ERR_INVALID);
	err_clear(&e);
	assert_false(err_is_set(&e));
}

static void
ids_are_unique_and_found_again(void **state)
{
	for (int i = 1; i < REFUSAL_COUNT; i++)
		assert_int_equal(refusal_by_id(refusal_id((enum refusal)i)), i);
	assert_int_equal(refusal_by_id("no such id"), REFUSAL_NONE);
}

static void
kinds_map_to_status_and_exit_code(void **state)
{
	assert_int_equal(err_http_status(ERR_INVALID), 400);
	assert_int_equal(err_exit_code(ERR_INVALID), 6);
	assert_int_equal(err_http_status(ERR_REFUSED), 422);
	assert_int_equal(err_exit_code(ERR_REFUSED), 5);
	assert_int_equal(err_exit_code(ERR_USAGE), 2);
	assert_int_equal(err_exit_code(ERR_UNAVAILABLE), 11);
}

static void
P7_a_full_disk_is_said_as_such(void **state)
{
	static const struct {
		int error;
		enum refusal r;
	} cases[] = {
		{ ENOSPC, R_DISK_FULL },
		{ EROFS, R_READ_ONLY },
		{ EIO, R_SYSTEM },
		{ ENOMEM, R_NOMEM },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct err e = { 0 };

		errno = cases[i].error;
		err_errno(&e, "write %s", "x");
		assert_int_equal(e.refusal, cases[i].r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_error_wins),
		cmocka_unit_test(ids_are_unique_and_found_again),
		cmocka_unit_test(kinds_map_to_status_and_exit_code),
		cmocka_unit_test(P7_a_full_disk_is_said_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
