/*
 * test_ocsp_cache.c - answers given again, and never after a revocation
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "op/ocsp_cache.h"

#define NOW	       1800000000
#define OCSP_TEST_LIFE 3600
#define CA	       "01m8a3zzzzzzzzzzzzzzzzzzzz"

static void
put(const char *request, const char *serial, const char *answer)
{
	AUTO_BUF struct buf b = { 0 };

	buf_put_text(&b, answer);
	ocsp_cache_put(
	    ocsp_cache_begin(), CA, request, strlen(request), serial, &b, NOW + OCSP_TEST_LIFE);
}

static bool
there(const char *ca, const char *request, int64_t now, const char *answer)
{
	AUTO_BUF struct buf b = { 0 };

	if (!ocsp_cache_find(ca, request, strlen(request), now, &b))
		return false;
	assert_string_equal(buf_text(&b), answer);
	return true;
}

static void
the_same_question_has_the_same_answer(void **state)
{
	put("one", "0a", "first");
	put("two", "0b", "second");
	assert_true(there(CA, "one", NOW, "first"));
	assert_true(there(CA, "two", NOW, "second"));
	assert_false(there(CA, "three", NOW, ""));
	assert_false(there("01m8a3zzzzzzzzzzzzzzzzzzzy", "one", NOW, ""));
	put("one", "0a", "newer");
	assert_true(there(CA, "one", NOW, "newer"));
}

static void
an_answer_ends(void **state)
{
	put("ends", "0c", "soon");
	assert_true(there(CA, "ends", NOW + OCSP_TEST_LIFE - 1, "soon"));
	assert_false(there(CA, "ends", NOW + OCSP_TEST_LIFE, ""));
}

static void
P6_a_revocation_takes_it_away(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	uint64_t begun;

	put("gone", "0d", "good");
	put("stays", "0e", "good");
	ocsp_cache_drop(CA, "0d");
	assert_false(there(CA, "gone", NOW, ""));
	assert_true(there(CA, "stays", NOW, "good"));
	/* one that was being signed while the revocation came is not kept */
	begun = ocsp_cache_begin();
	ocsp_cache_drop(CA, "0d");
	buf_put_text(&b, "good");
	ocsp_cache_put(begun, CA, "gone", 4, "0d", &b, NOW + OCSP_TEST_LIFE);
	assert_false(there(CA, "gone", NOW, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_question_has_the_same_answer),
		cmocka_unit_test(an_answer_ends),
		cmocka_unit_test(P6_a_revocation_takes_it_away),
	};

	return cmocka_run_group_tests_name("ocsp cache", tests, NULL, NULL);
}
