/*
 * test_text.c - text is what it says, or it is refused
 *
 * time.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"

static void
hex_and_base64_come_back(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	unsigned char data[64], *out, hex[64];
	size_t n;

	for (size_t len = 0; len < sizeof(data); len++) {
		for (size_t i = 0; i < len; i++)
			data[i] = (unsigned char)(i * 37 + len);
		char *s = base64_encode(a, data, len);
		assert_int_equal(base64_decode(a, s, strlen(s), false, &out, &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(out, data, len);
		s = base64url_encode(a, data, len);
		assert_int_equal(base64_decode(a, s, strlen(s), true, &out, &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(out, data, len);
		assert_int_equal(hex_decode(hex, sizeof(hex), hex_of(a, data, len), &n), 0);
		assert_memory_equal(hex, data, len);
	}
	assert_string_equal(hex_colons(a, "\x3f\xa2", 2), "3f:a2");
}

static void
base64_is_strict(void **state)
{
	static const char *const wrong[] = { "A", "AA", "AA=", "A===", "AA A", "AB==", "AAA=AAAA",
		"AA-_" };
	AUTO(arena) struct arena *a = arena_new();
	unsigned char *out;
	size_t n;

	for (size_t i = 0; i < nitems(wrong); i++)
		assert_int_equal(base64_decode(a, wrong[i], strlen(wrong[i]), false, &out, &n), -1);
}

static void
urls_are_encoded(void **state)
{
	AUTO(arena) struct arena *a = arena_new();

	assert_string_equal(url_encode(a, "a-Z_0.~"), "a-Z_0.~");
	assert_string_equal(url_encode(a, "/x?a=b&c \xc3\xa4%"), "%2Fx%3Fa%3Db%26c%20%C3%A4%25");
	assert_string_equal(url_encode(a, ""), "");
}

static void
utf8_is_strict(void **state)
{
	static const char *const wrong[] = { "\x80", "\xc0\x80", "\xc3", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "\xe2\x82", "\xff" };

	assert_true(utf8_valid("S\xc3\xa3o Paulo \xf0\x9f\x94\x91", 15));
	assert_int_equal(utf8_length("S\xc3\xa3o"), 3);
	for (size_t i = 0; i < nitems(wrong); i++)
		assert_false(utf8_valid(wrong[i], strlen(wrong[i])));
	assert_false(utf8_valid("a\0b", 3));
}

static void
malformed_bytes_are_mended(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "", "" },
		{ "S\xc3\xa3o", "S\xc3\xa3o" },
		{ "cut \xe2\x82", "cut ??" },
		{ "\xff\xfe", "??" },
		{ "a\xc3"
		  "b\x80",
		    "a?b?" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		char text[32];

		snprintf(text, sizeof(text), "%s", cases[i].before);
		utf8_mend(text);
		assert_string_equal(text, cases[i].after);
	}
}

static enum refusal
checked(const char *text)
{
	struct err e = { 0 };

	text_check(&e, "f", text);
	return e.refusal;
}

static void
control_and_bidi_characters_are_refused(void **state)
{
	assert_int_equal(checked("plain R&D"), REFUSAL_NONE);
	assert_int_equal(checked("\xd7\x97\xd7\x91\xd7\xa8\xd7\x94 Ltd"), REFUSAL_NONE);
	assert_int_equal(checked("a\nb"), R_TEXT_CONTROL);
	assert_int_equal(checked("a\xc2\x85"
				 "b"),
	    R_TEXT_CONTROL);
	assert_int_equal(checked("a\xe2\x80\xae"
				 "b"),
	    R_TEXT_BIDI);
	assert_int_equal(checked("a\xff"), R_TEXT_UTF8);
}

static void
ids_are_valid_distinct_and_in_order_of_time(void **state)
{
	char a[ID_SIZE], b[ID_SIZE];

	id_new(a);
	id_new(b);
	assert_true(id_valid(a));
	assert_string_not_equal(a, b);
	for (int i = 0; i < 10000; i++) {
		assert_true(strcmp(a, b) < 0);
		assert_memory_not_equal(a + 16, b + 16, 10);
		memcpy(a, b, sizeof(a));
		id_new(b);
		assert_true(id_valid(b));
	}
	assert_false(id_valid("short"));
	assert_false(id_valid("ILOU5678901234567890123456"));
}

static void
times_are_said_in_words(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	char text[TIME_SIZE];
	int64_t t;

	time_format(text, 1795526400);
	assert_string_equal(text, "2026-11-24T13:20:00Z");
	assert_int_equal(time_parse(text, &t), 0);
	assert_int_equal(t, 1795526400);
	assert_int_equal(time_parse("2026-11-24", &t), -1);
	assert_string_equal(time_day(a, t), "24 Nov 2026");
	assert_string_equal(time_minute(a, t), "24 Nov 2026, 13:20 UTC");
	assert_string_equal(time_relative(a, t + 8 * 86400, t), "in 8 days");
	assert_string_equal(time_relative(a, t - 3600, t), "1 hour ago");
	assert_string_equal(time_relative(a, t, t), "just now");
	assert_string_equal(time_relative(a, t + 400 * 86400, t), "in 400 days");
}

static void
what_stands_between_spaces_is_left(void **state)
{
	static const char *const cases[][2] = { { "", "" }, { " \t\r\n", "" }, { "a", "a" },
		{ "  a b\t", "a b" }, { "a\n", "a" } };
	char text[16];

	for (size_t i = 0; i < nitems(cases); i++) {
		snprintf(text, sizeof(text), "%s", cases[i][0]);
		assert_string_equal(text_trim(text), cases[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_between_spaces_is_left),
		cmocka_unit_test(hex_and_base64_come_back),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(urls_are_encoded),
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(malformed_bytes_are_mended),
		cmocka_unit_test(control_and_bidi_characters_are_refused),
		cmocka_unit_test(ids_are_valid_distinct_and_in_order_of_time),
		cmocka_unit_test(times_are_said_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
