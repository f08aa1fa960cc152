/*
 * test_sheet.c - the disposition envelope has one shape, whatever is in it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "op/op_sheet.h"
#include "people_fake.h"

static void
each_disposition_has_all_nine_members_null_where_there_is_nothing(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct sheet s;
	struct disposition *d;

	sheet_init(&s, cx->arena);
	sheet_add(&s, "subject.O", "Ex\"ample", NULL, OUT_DROPPED);
	d = sheet_add(&s, "validity.days", NULL, "90", OUT_ADDED);
	sheet_decide(d, WEIGHT_SAME, "r.one", "so it is", "RFC 5280", "product rule");
	sheet_note(&s, "first %s", "n\xc3\xb6te");
	sheet_note(&s, "second");
	s.verdict = VERDICT_HARMLESS;
	assert_string_equal(json_text(cx, sheet_json(&s)),
	    "{\"chain\":[],\"dispositions\":["
	    "{\"asked\":\"Ex\\\"ample\",\"granted\":null,\"item\":\"subject.O\","
	    "\"outcome\":\"dropped\",\"reason\":null,\"reference\":null,\"rule\":null,"
	    "\"set_by\":null,\"weight\":null},"
	    "{\"asked\":null,\"granted\":\"90\",\"item\":\"validity.days\","
	    "\"outcome\":\"added\",\"reason\":\"so it is\",\"reference\":\"RFC 5280\","
	    "\"rule\":\"r.one\",\"set_by\":\"product rule\",\"weight\":\"same\"}],"
	    "\"notes\":[\"first n\xc3\xb6te\",\"second\"],\"repairs\":[],"
	    "\"verdict\":\"harmless\"}");
}

static void
an_empty_sheet_has_empty_lists(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct sheet s;

	sheet_init(&s, cx->arena);
	s.verdict = VERDICT_REFUSE;
	assert_string_equal(json_text(cx, sheet_json(&s)),
	    "{\"chain\":[],\"dispositions\":[],\"notes\":[],\"repairs\":[],"
	    "\"verdict\":\"refuse\"}");
}

static void
text_that_is_kept_does_not_hang_on_the_value(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	json_t *o = json_pack("{ss}", "b", "x");
	const char *one;

	json_object_set_new(o, "a", json_integer(1));
	one = json_text(cx, json_incref(o));
	json_object_set_new(o, "a", json_integer(2));
	assert_string_equal(one, "{\"a\":1,\"b\":\"x\"}");
	assert_int_equal(o->refcount, 1); /* taken over, and let go */
	json_decref(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_disposition_has_all_nine_members_null_where_there_is_nothing),
		cmocka_unit_test(an_empty_sheet_has_empty_lists),
		cmocka_unit_test(text_that_is_kept_does_not_hang_on_the_value),
	};

	return cmocka_run_group_tests_name("sheet", tests, fake_open, fake_close);
}
