/*
 * test_jsonput.c - JSON goes out as jansson would write it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/jsonput.h"

static void
same_as_jansson(const json_t *v)
{
	AUTO_BUF struct buf b = { 0 };
	char *text = json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

	json_put(&b, v);
	assert_non_null(text);
	assert_string_equal(buf_text(&b), text);
	free(text);
}

static void
texts_are_escaped_as_jansson_does(void **state)
{
	char every[0x90], *e = every;
	json_t *v;

	for (int c = 1; c < 0x80; c++)
		*e++ = (char)c;
	*e = '\0';
	v = json_array();
	json_array_append_new(v, json_string(every));
	json_array_append_new(v, json_string(""));
	json_array_append_new(v, json_string("\"\\\n"));
	json_array_append_new(v, json_string("Zürich \xe2\x80\xae \xf0\x9f\x94\x91 end"));
	json_array_append_new(v, json_stringn("a\0b", 3));
	same_as_jansson(v);
	json_decref(v);
}

static void
members_come_sorted_values_as_they_are(void **state)
{
	json_t *v = json_pack("{s:{s:i,s:[b,b,n,f,f],s:{},s:[]},s:I,s:s}", "inner", "z", -7, "list",
	    1, 0, 1.0, 0.25, "empty", "none", "big", (json_int_t)INT64_MAX, "a b", "c");
	json_t *plain = json_integer(3);

	same_as_jansson(v);
	same_as_jansson(plain);
	json_decref(v);
	json_decref(plain);
}

static void
an_object_of_many_members_is_whole(void **state)
{
	json_t *v = json_object();
	char name[16];

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "m%d", i * 7919 % 1000);
		json_object_set_new(v, name, json_integer(i));
	}
	same_as_jansson(v);
	json_decref(v);
}

static void
a_member_that_is_text_already_stands_among_the_others(void **state)
{
	json_t *v = json_pack("{s:i,s:i}", "a", 1, "c", 3);
	AUTO_BUF struct buf b = { 0 };

	json_put_with(&b, v, "b", "[{\"x\":null}]");
	assert_string_equal(buf_text(&b), "{\"a\":1,\"b\":[{\"x\":null}],\"c\":3}");
	json_decref(v);
}

static void
text_that_is_no_utf8_is_mended(void **state)
{
	AUTO_BUF struct buf b = { 0 };

	json_put_text(&b, "Z\xfcrich \xe2\x80");
	json_put_text(&b, NULL);
	json_put_text(&b, "\xc3\xbc\"");
	assert_string_equal(buf_text(&b), "\"Z?rich ??\"null\"\xc3\xbc\\\"\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_escaped_as_jansson_does),
		cmocka_unit_test(members_come_sorted_values_as_they_are),
		cmocka_unit_test(an_object_of_many_members_is_whole),
		cmocka_unit_test(a_member_that_is_text_already_stands_among_the_others),
		cmocka_unit_test(text_that_is_no_utf8_is_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
