/*
 * test_authority.c - capability cards: what is read, and what is a fault
 *
 * profile.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/text.h"
#include "x509/authority.h"

#define FACT "\"reason\":\"r\",\"reference\":\"f\",\"checked\":\"2026-01-01\""
#define KEYS "\"keys\":{\"allow\":[\"ec:P-256\"]," FACT "}"
#define LIFE "\"life\":{\"steps\":[{\"days\":90}],\"asked\":false," FACT "}"
#define HEAD                                                                                 \
	"{\"id\":\"x\",\"title\":\"X\",\"summary\":\"s\",\"validation\":\"dv\",\"checked\":" \
	"\"2026-01-01\",\"default_profile\":\"p\",\"profiles\":["
#define PROFILE "{\"name\":\"p\",\"summary\":\"s\",\"common_name\":\"keep\"," KEYS "," LIFE
#define GOOD	HEAD PROFILE "}]}"

#define ADD(item, value) "{\"item\":\"basicConstraints." item "\",\"value\":\"" value "\"," FACT "}"
#define IS_CA		 ADD("ca", "TRUE")
#define NO_CA		 ADD("ca", "FALSE")
#define PATH		 ADD("pathlen", "0")
#define ADDS(lines)	 ",\"adds\":[" lines "]"
#define PERSONS(n)	 ",\"approval\":{\"persons\":" n "," FACT "}"

static int
parse(const char *text, struct authority *a, struct err *e)
{
	static struct arena *arena;

	arena_free(arena);
	arena = arena_new();
	err_clear(e);
	return authority_parse(arena, text, strlen(text), a, e);
}

static void
the_smallest_card(void **state)
{
	struct authority a;
	struct err e = { 0 };

	assert_int_equal(parse(GOOD, &a, &e), 0);
	assert_string_equal(a.id, "x");
	assert_int_equal(a.validation, VALIDATION_DV);
	assert_int_equal(a.nprofiles, 1);
	assert_true(a.profiles[0].key[KEY_EC_P256]);
	assert_false(a.profiles[0].key[KEY_RSA_2048] || a.profiles[0].key[KEY_NONE]);
	assert_int_equal(a.profiles[0].life[0].days, 90);
	assert_ptr_equal(authority_profile(&a, NULL, &e), &a.profiles[0]);
	assert_null(authority_profile(&a, "q", &e));
	assert_int_equal(e.refusal, R_PROFILE_UNKNOWN);
	assert_string_equal(e.hint, "it has: p");
}

static void
lines_of_a_profile_come_before_the_common_ones(void **state)
{
	struct authority a;
	struct err e = { 0 };

	assert_int_equal(
	    parse(HEAD PROFILE
		",\"grants\":[{\"item\":\"san.ip\",\"effect\":\"refuse\"," FACT "}]}],"
		"\"grants\":[{\"item\":\"san.*\",\"effect\":\"grant\",\"until\":\"2027-01-01\"," FACT
		"}]}",
		&a, &e),
	    0);
	assert_int_equal(a.profiles[0].ngrants, 2);
	assert_int_equal(a.profiles[0].grants[0].effect, EFFECT_REFUSE);
	assert_string_equal(a.profiles[0].grants[1].until, "2027-01-01");
	assert_null(a.order);
}

static void
V35_a_card_says_which_format_to_order(void **state)
{
	struct authority a;
	struct err e = { 0 };

	assert_int_equal(
	    parse(HEAD PROFILE "}],\"order\":{\"format\":\"PEM\"," FACT "}}", &a, &e), 0);
	assert_string_equal(a.order, "PEM");
	assert_string_equal(a.order_fact.checked, "2026-01-01");
}

static void
each_fault_is_named_with_its_place(void **state)
{
	static const struct {
		const char *text, *where;
	} cases[] = {
		{ "", "line" },
		{ "[]", "the top" },
		{ "{\"id\":\"x\",\"id\":\"y\"}", "line" },
		{ "{\"id\":\"x\"}", "the top" },
		{ HEAD "]}", "default_profile" },
		{ HEAD PROFILE ",\"surprise\":1}]}", "profiles[0]" },
		{ HEAD PROFILE "}],\"surprise\":1}", "the top" },
		{ HEAD PROFILE "}],\"order\":{\"format\":\"PEM\"}}", "order" },
		{ HEAD PROFILE "}],\"order\":{\"format\":\"\"," FACT "}}", "order" },
		{ HEAD PROFILE "}," PROFILE "}]}", "twice" },
		{ HEAD "{\"name\":\"p\",\"summary\":\"s\",\"common_name\":\"maybe\"," KEYS "," LIFE
		       "}]}",
		    "common_name" },
		{ HEAD "{\"name\":\"p\",\"summary\":\"\",\"common_name\":\"keep\"," KEYS "," LIFE
		       "}]}",
		    "empty" },
		{ HEAD "{\"name\":\"p\",\"summary\":\"s\",\"common_name\":\"keep\",\"keys\":{"
		       "\"allow\":[\"dsa\"]," FACT "}," LIFE "}]}",
		    "p keys" },
		{ HEAD "{\"name\":\"p\",\"summary\":\"s\",\"common_name\":\"keep\",\"keys\":{"
		       "\"allow\":[]," FACT "}," LIFE "}]}",
		    "p keys" },
		{ HEAD "{\"name\":\"p\",\"summary\":\"s\",\"common_name\":\"keep\"," KEYS
		       ",\"life\":{\"steps\":[{\"days\":0}],\"asked\":false," FACT "}}]}",
		    "p life" },
		{ HEAD "{\"name\":\"p\",\"summary\":\"s\",\"common_name\":\"keep\"," KEYS
		       ",\"life\":{\"steps\":[{\"days\":9},{\"days\":8,\"from\":\"2027-02-30\"}],"
		       "\"asked\":false," FACT "}}]}",
		    "YYYY-MM-DD" },
		{ HEAD "{\"name\":\"p\",\"summary\":\"s\",\"common_name\":\"keep\"," KEYS
		       ",\"life\":{\"steps\":[{\"days\":9},{\"days\":8,\"from\":\"2027-02-03\"},"
		       "{\"days\":7,\"from\":\"2027-02-03\"}],\"asked\":false," FACT "}}]}",
		    "forward" },
		{ HEAD PROFILE ",\"grants\":[{\"item\":\"x\",\"effect\":\"perhaps\"," FACT "}]}]}",
		    "p grants[0]" },
		{ HEAD PROFILE ",\"grants\":[{\"item\":\"x\",\"effect\":\"grant\",\"reason\":\"r\","
			       "\"reference\":\"f\",\"checked\":\"yesterday\"}]}]}",
		    "checked" },
		{ HEAD PROFILE ",\"grants\":{}}]}", "array" },
		{ HEAD PROFILE ",\"names\":{\"max\":0," FACT "}}]}", "p names" },
		{ HEAD PROFILE ",\"adds\":[{\"item\":\"x\",\"value\":\"v\",\"key\":\"ec\"," FACT
			       "}]}]}",
		    "p adds[0]" },
		{ HEAD PROFILE ",\"adds\":[{\"item\":\"x\",\"value\":\"\\u202e\"," FACT "}]}]}",
		    "p adds[0]" },
		{ HEAD PROFILE ",\"notes\":[{\"from\":\"soon\"," FACT "}]}]}", "YYYY-MM-DD" },
		{ HEAD PROFILE ",\"notes\":[{\"reason\":\"r\"}]}]}", "p notes" },
		{ HEAD PROFILE ",\"rules\":\"ev\"}]}", "profiles[0]: it is private, dv or ov" },
		{ HEAD PROFILE ",\"grants\":[{\"item\":\"x\",\"effect\":\"grant\",\"like\":7," FACT
			       "}]}]}",
		    "p grants[0]" },
		{ HEAD PROFILE ADDS(PATH) "}]}", "a path length is for a CA only" },
		{ HEAD PROFILE ADDS(IS_CA) "}]}", "approved by two persons" },
		{ HEAD PROFILE PERSONS("1") ADDS(IS_CA) "}]}", "approved by two persons" },
		{ HEAD PROFILE PERSONS("2") ADDS(NO_CA "," PATH "," IS_CA) "}]}",
		    "a path length is for a CA only" },
	};
	struct authority a;
	struct err e = { 0 };

	for (size_t i = 0; i < nitems(cases); i++) {
		if (parse(cases[i].text, &a, &e) == 0)
			fail_msg("%zu was taken", i);
		assert_int_equal(e.refusal, R_CARD);
		if (strstr(e.message, cases[i].where) == NULL)
			fail_msg("%zu: %s", i, e.message);
	}
}

/* The first line of a kind decides, as it does for what is issued. */
static void
a_profile_for_CAs_is_one_by_its_lines(void **state)
{
	struct authority a;
	struct err e = { 0 };

	assert_int_equal(
	    parse(HEAD PROFILE PERSONS("2") ADDS(IS_CA "," PATH "," NO_CA) "}]}", &a, &e), 0);
	assert_true(a.profiles[0].ca);
	assert_int_equal(parse(HEAD PROFILE ADDS(NO_CA "," IS_CA) "}]}", &a, &e), 0);
	assert_false(a.profiles[0].ca);
	assert_int_equal(parse(HEAD PROFILE ",\"rules\":\"private\"}]}", &a, &e), 0);
	assert_int_equal(a.profiles[0].rules, VALIDATION_PRIVATE);
	assert_int_equal(parse(GOOD, &a, &e), 0);
	assert_int_equal(a.profiles[0].rules, VALIDATION_DV);
}

static void
a_star_stands_for_any_text(void **state)
{
	static const struct {
		const char *value, *pattern;
		bool like;
	} cases[] = {
		{ "a.example.com", "*.example.com", true },
		{ "a.b.EXAMPLE.com", "*.example.COM", true },
		{ "example.com", "*.example.com", false },
		{ "a.example.com.evil", "*.example.com", false },
		{ "x", "*", true },
		{ "", "*", true },
		{ "", "", true },
		{ "x", "", false },
		{ "web-7.prod", "web-*.prod", true },
		{ "web-7.prod.x", "web-*.prod", false },
		{ "abcabc", "*abc", true },
		{ "aXbXc", "a**b*c", true },
		{ "aXb", "a*b*c", false },
		{ "*.example.com", "*.example.com", true },
	};
	char value[254] = "", pattern[64] = "";

	for (size_t i = 0; i < nitems(cases); i++)
		if (value_is_like(cases[i].value, cases[i].pattern) != cases[i].like)
			fail_msg("%s like %s", cases[i].value, cases[i].pattern);
	/* with each star tried at each place this would not end */
	memset(value, 'a', sizeof(value) - 1);
	for (size_t i = 0; i + 2 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[sizeof(pattern) - 2] = 'b';
	assert_false(value_is_like(value, pattern));
	pattern[sizeof(pattern) - 2] = '*';
	assert_true(value_is_like(value, pattern));
}

static void
the_cards_of_the_product_are_read(void **state)
{
	static const char *const ids[] = { "adcs-webserver", "letsencrypt", "private", "public-dv",
		"public-ov" };

	for (size_t i = 0; i < nitems(ids); i++) {
		AUTO_BUF struct buf text = { 0 };
		char path[400];
		struct authority a;
		struct err e = { 0 };

		snprintf(path, sizeof(path), "%s/%s.json", CARDS, ids[i]);
		assert_int_equal(file_read(&text, path, 1 << 20, &e), 0);
		if (parse(buf_text(&text), &a, &e) < 0)
			fail_msg("%s: %s", ids[i], e.message);
		assert_string_equal(a.id, ids[i]);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_smallest_card),
		cmocka_unit_test(lines_of_a_profile_come_before_the_common_ones),
		cmocka_unit_test(V35_a_card_says_which_format_to_order),
		cmocka_unit_test(each_fault_is_named_with_its_place),
		cmocka_unit_test(a_profile_for_CAs_is_one_by_its_lines),
		cmocka_unit_test(a_star_stands_for_any_text),
		cmocka_unit_test(the_cards_of_the_product_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
