/*
 * test_field.c - what is declared of a field is checked, at its field
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "front/form.h"
#include "front/route.h"

static const struct field fields[] = {
	{ "text", "Text", FIELD_TEXT, 5, true, NULL, "say something" },
	{ "choice", "Choice", FIELD_CHOICE, 0, false, "a|bb|c", NULL },
	{ "number", "Number", FIELD_INT, 4, false, NULL, NULL },
	{ "secret", "Secret", FIELD_SECRET, 8, false, NULL, NULL },
	{ "lines", "Lines", FIELD_LINES, 8, false, NULL, NULL },
	{ "email", "E-mail", FIELD_EMAIL, 20, false, NULL, NULL },
	{ "flag", "Flag", FIELD_BOOL, 0, true, NULL, NULL },
	{ "file", "File", FIELD_FILES, 8, true, NULL, NULL },
	{ 0 },
};

/* The refusal for a good form in which one field has another value. */
static struct err
with(const char *name, const char *value)
{
	struct pair form[] = { { "text", "good" }, { name, value } };
	struct request rq = { .form = form, .nform = 2 };
	struct ctx cx = { 0 };
	int r;

	if (strcmp(name, "text") == 0) {
		form[0].value = value;
		rq.nform = value == NULL ? 0 : 1;
	}
	r = form_check(&cx, &rq, fields);
	assert_int_equal(r, err_is_set(&cx.err) ? -1 : 0);
	if (err_is_set(&cx.err))
		assert_string_equal(cx.err.field, name);
	return cx.err;
}

static void
a_missing_field_is_named_with_its_help(void **state)
{
	struct err e = with("text", NULL);

	assert_int_equal(e.refusal, R_FIELD_REQUIRED);
	assert_string_equal(e.message, "Text is required");
	assert_string_equal(e.hint, "say something");
	assert_int_equal(with("text", "").refusal, R_FIELD_REQUIRED);
	assert_int_equal(with("choice", "").refusal, REFUSAL_NONE);
}

static void
characters_are_counted_not_bytes(void **state)
{
	assert_int_equal(with("text", "12345").refusal, REFUSAL_NONE);
	assert_int_equal(
	    with("text", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9").refusal, REFUSAL_NONE);
	assert_int_equal(with("text", "123456").refusal, R_FIELD_LONG);
	assert_int_equal(with("secret", "12345678").refusal, REFUSAL_NONE);
	assert_int_equal(with("secret", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9x").refusal, R_FIELD_LONG);
}

static void
a_choice_is_one_of_its_list(void **state)
{
	static const char *const wrong[] = { "b", "d", "a|bb", "|", "A", "bbb" };

	assert_int_equal(with("choice", "a").refusal, REFUSAL_NONE);
	assert_int_equal(with("choice", "bb").refusal, REFUSAL_NONE);
	assert_int_equal(with("choice", "c").refusal, REFUSAL_NONE);
	for (size_t i = 0; i < nitems(wrong); i++)
		assert_int_equal(with("choice", wrong[i]).refusal, R_FIELD_CHOICE);
	assert_string_equal(with("choice", "x").hint, "one of: a|bb|c");
}

static void
a_number_is_digits(void **state)
{
	static const char *const wrong[] = { "x", "1x", "0x1", "1.5", " 5", "5 ", "+5", "-", "--5",
		"1234567890" };

	assert_int_equal(with("number", "0").refusal, REFUSAL_NONE);
	assert_int_equal(with("number", "-5").refusal, REFUSAL_NONE);
	assert_int_equal(with("number", "9999").refusal, REFUSAL_NONE);
	for (size_t i = 0; i < nitems(wrong); i++)
		if (with("number", wrong[i]).refusal == REFUSAL_NONE)
			fail_msg("\"%s\" was taken", wrong[i]);
	assert_int_equal(with("number", "1x").refusal, R_FIELD_NUMBER);
}

static void
control_and_bidi_characters_are_refused(void **state)
{
	assert_int_equal(with("text", "a\x07").refusal, R_TEXT_CONTROL);
	assert_int_equal(with("text", "a\n").refusal, R_TEXT_CONTROL);
	assert_int_equal(with("email", "a\xe2\x80\xae").refusal, R_TEXT_BIDI);
	assert_int_equal(with("lines", "a\nb").refusal, REFUSAL_NONE);
}

/* The refusal for a JSON body with this member beside a good text. */
static enum refusal
sent(const char *member)
{
	char body[200];
	struct arena *a = arena_new();
	struct request rq = { 0 };
	struct ctx cx = { .arena = a };
	enum refusal r;
	int checked;

	snprintf(body, sizeof(body), "{\"text\": \"good\", %s}", member);
	assert_int_equal(form_json(a, body, strlen(body), &rq, &cx.err), 0);
	checked = form_check(&cx, &rq, fields);
	assert_int_equal(checked, err_is_set(&cx.err) ? -1 : 0);
	r = cx.err.refusal;
	json_decref(rq.json);
	arena_free(a);
	return r;
}

static void
a_JSON_member_of_another_type_is_refused_and_not_left_out(void **state)
{
	static const char *const good[] = { "\"number\": 5", "\"number\": \"5\"",
		"\"lines\": \"a\"", "\"lines\": [\"a\", \"b\"]", "\"lines\": []", "\"flag\": true",
		"\"flag\": null", "\"email\": null", "\"file\": []" };
	static const char *const wrong[] = { "\"email\": 5", "\"email\": {}", "\"email\": [\"a\"]",
		"\"choice\": false", "\"secret\": 123456", "\"number\": 1.5", "\"number\": true",
		"\"lines\": {}", "\"lines\": [1]", "\"lines\": [\"a\", null]", "\"flag\": {}",
		"\"flag\": \"yes\"", "\"flag\": 1", "\"file\": {}", "\"file\": \"x\"" };

	for (size_t i = 0; i < nitems(good); i++)
		if (sent(good[i]) != REFUSAL_NONE)
			fail_msg("%s was refused", good[i]);
	for (size_t i = 0; i < nitems(wrong); i++)
		if (sent(wrong[i]) != R_FIELD_TYPE)
			fail_msg("%s was taken", wrong[i]);
}

static void
a_JSON_member_that_no_field_reads_is_refused(void **state)
{
	struct route document = { .takes = "application/json" };
	struct request rq = { .route = &document };
	struct ctx cx = { .arena = arena_new() };

	assert_int_equal(sent("\"role\": \"auditor\""), R_FIELD_UNKNOWN);
	assert_int_equal(sent("\"Text\": \"a\""), R_FIELD_UNKNOWN);
	assert_int_equal(sent("\"\": null"), R_FIELD_UNKNOWN);

	rq.json = json_pack("{s:i}", "role", 1);
	assert_int_equal(form_check(&cx, &rq, NULL), 0);
	document.takes = "application/pkcs10";
	assert_int_equal(form_check(&cx, &rq, NULL), -1);
	assert_string_equal(cx.err.field, "role");
	assert_string_equal(cx.err.hint, "this takes no fields");
	json_decref(rq.json);
	arena_free(cx.arena);
}

static void
the_first_fault_is_said(void **state)
{
	struct pair form[] = { { "text", "good" }, { "choice", "x" }, { "number", "y" } };
	struct request rq = { .form = form, .nform = 3 };
	struct ctx cx = { 0 };

	assert_int_equal(form_check(&cx, &rq, fields), -1);
	assert_string_equal(cx.err.field, "choice");
	err_clear(&cx.err);
	assert_int_equal(form_check(&cx, &rq, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_field_is_named_with_its_help),
		cmocka_unit_test(characters_are_counted_not_bytes),
		cmocka_unit_test(a_choice_is_one_of_its_list),
		cmocka_unit_test(a_number_is_digits),
		cmocka_unit_test(control_and_bidi_characters_are_refused),
		cmocka_unit_test(a_JSON_member_of_another_type_is_refused_and_not_left_out),
		cmocka_unit_test(a_JSON_member_that_no_field_reads_is_refused),
		cmocka_unit_test(the_first_fault_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
