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
#include "base/text.h"

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

static void
what_a_refusal_quotes_stays_text(void **state)
{
	struct err e = { 0 };
	char long_text[2000];

	/* U+00E9 all over: wherever it is cut, a character is cut */
	for (size_t i = 0; i + 1 < sizeof(long_text); i++)
		long_text[i] = i % 2 == 0 ? '\xc3' : '\xa9';
	long_text[sizeof(long_text) - 2] = '\0';
	err_set(&e, R_TEXT_UTF8, long_text, "\"%.3s\" x%s", long_text, long_text);
	err_hint(&e, "x%s", long_text);
	err_detail(&e, "x%s", long_text);
	assert_true(utf8_valid(e.message, strlen(e.message)));
	assert_true(utf8_valid(e.field, strlen(e.field)));
	assert_true(utf8_valid(e.hint, strlen(e.hint)));
	assert_true(utf8_valid(e.detail, strlen(e.detail)));
	assert_memory_equal(e.message, "\"\xc3\xa9?\" x\xc3", 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_error_wins),
		cmocka_unit_test(ids_are_unique_and_found_again),
		cmocka_unit_test(kinds_map_to_status_and_exit_code),
		cmocka_unit_test(P7_a_full_disk_is_said_as_such),
		cmocka_unit_test(what_a_refusal_quotes_stays_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
