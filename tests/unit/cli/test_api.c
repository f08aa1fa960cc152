/*
 * test_api.c - statuses and verdicts to exit codes; paths; fingerprints
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/http.h"

static void
a_status_and_its_kind_give_the_same_exit_code(void **state)
{
	for (int kind = ERR_INVALID; kind < ERR_USAGE; kind++)
		assert_int_equal(exit_of_status(err_http_status((enum err_kind)kind)),
		    err_exit_code((enum err_kind)kind));
	assert_int_equal(exit_of_status(405), 6);
	assert_int_equal(exit_of_status(302), 1);
	assert_int_equal(exit_of_status(504), 11);
}

static void
a_verdict_gives_its_exit_code(void **state)
{
	static const struct {
		const char *verdict;
		int code;
	} table[] = {
		{ "issue", 0 },
		{ "amend", 3 },
		{ "hold", 4 },
		{ "refuse", 5 },
		{ "same", 0 },
		{ "harmless", 3 },
		{ "breaking", 5 },
		{ "nonsense", 1 },
		{ NULL, 1 },
	};

	for (size_t i = 0; i < nitems(table); i++)
		assert_int_equal(exit_of_verdict(table[i].verdict), table[i].code);
}

static void
a_word_is_one_segment_of_a_path(void **state)
{
	AUTO(arena) struct arena *arena = arena_new();
	struct cli cli = { .arena = arena };

	assert_string_equal(api_path(&cli, "/accounts/%s/enable", "a/b?c#d e%\xc3\xa9"),
	    "/accounts/a%2Fb%3Fc%23d%20e%25%C3%A9/enable");
	assert_string_equal(
	    api_path(&cli, "/keys/%s", "portal.example_1-2~"), "/keys/portal.example_1-2~");
}

static void
a_fingerprint_is_64_digits_in_any_dress(void **state)
{
	static const char plain[] =
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	unsigned char out[32];

	assert_int_equal(fingerprint_parse(plain, out), 0);
	assert_int_equal(out[0], 0x00);
	assert_int_equal(out[31], 0xff);
	assert_int_equal(fingerprint_parse("00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
					   "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
			     out),
	    0);
	assert_int_equal(out[15], 0xff);
	assert_int_equal(fingerprint_parse("0011", out), -1);
	assert_int_equal(fingerprint_parse("", out), -1);
	assert_int_equal(
	    fingerprint_parse(
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00", out),
	    -1);
	assert_int_equal(
	    fingerprint_parse(
		"zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", out),
	    -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_and_its_kind_give_the_same_exit_code),
		cmocka_unit_test(a_verdict_gives_its_exit_code),
		cmocka_unit_test(a_word_is_one_segment_of_a_path),
		cmocka_unit_test(a_fingerprint_is_64_digits_in_any_dress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
