/*
 * test_form.c - bodies into fields: forms, uploads, JSON, and their cost
 *
 * jsonscan.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "front/form.h"
#include "front/jsonscan.h"

struct house {
	struct arena *arena;
	struct request rq;
	struct err e;
};

static int
house_open(void **state)
{
	struct house *h = calloc(1, sizeof(*h));

	h->arena = arena_new();
	*state = h;
	return 0;
}

static void
again(struct house *h)
{
	json_decref(h->rq.json);
	arena_reset(h->arena);
	memset(&h->rq, 0, sizeof(h->rq));
	err_clear(&h->e);
}

static int
house_close(void **state)
{
	struct house *h = *state;

	again(h);
	arena_free(h->arena);
	free(h);
	return 0;
}

static int
read_bytes(struct house *h, const char *type, const void *body, size_t len)
{
	again(h);
	h->rq.content_type = type;
	h->rq.body = body;
	h->rq.body_len = len;
	return form_read(h->arena, &h->rq, &h->e);
}

static int
read_text(struct house *h, const char *type, const char *body)
{
	return read_bytes(h, type, body, strlen(body));
}

#define REFUSED(expr, why)                                                      \
	do {                                                                    \
		assert_int_equal((expr), -1);                                   \
		assert_string_equal(refusal_id(h->e.refusal), refusal_id(why)); \
		assert_true(h->e.message[0] != '\0');                           \
	} while (0)

#define FORM "application/x-www-form-urlencoded"

static void
urlencoded_fields_are_decoded_once(void **state)
{
	struct house *h = *state;

	assert_int_equal(read_text(h, FORM, "a=1&&b=x+y%2Bz&%c3%a9=%25&empty=&bare&a=2&c=a=b"), 0);
	assert_int_equal(h->rq.nform, 7);
	assert_string_equal(request_field(&h->rq, "a"), "1");
	assert_string_equal(request_field(&h->rq, "b"), "x y+z");
	assert_string_equal(request_field(&h->rq, "\xc3\xa9"), "%");
	assert_string_equal(request_field(&h->rq, "empty"), "");
	assert_string_equal(request_field(&h->rq, "bare"), "");
	assert_string_equal(request_field(&h->rq, "c"), "a=b");
	assert_null(request_field(&h->rq, "not sent"));
	assert_int_equal(read_text(h, FORM "; charset=utf-8", "a=1"), 0);
	assert_int_equal(read_text(h, FORM, ""), 0);
	assert_int_equal(h->rq.nform, 0);
}

static void
malformed_urlencoded_is_refused(void **state)
{
	static const char *const wrong[] = { "a=%", "a=%4", "a=%zz", "%=a", "a=%00", "a=%ff",
		"a=%c3", "a=\xff", "\xc0\xaf=a" };
	struct house *h = *state;
	char many[4 * (LIMIT_FORM_FIELDS + 1)] = "";

	for (size_t i = 0; i < nitems(wrong); i++)
		REFUSED(read_text(h, FORM, wrong[i]), R_FORM_MALFORMED);
	for (size_t i = 0; i < LIMIT_FORM_FIELDS; i++)
		memcpy(many + 4 * i, "a=1&", 5);
	assert_int_equal(read_text(h, FORM, many), 0);
	memcpy(many + 4 * LIMIT_FORM_FIELDS, "a=1", 4);
	REFUSED(read_text(h, FORM, many), R_FORM_MALFORMED);
}

#define MULTIPART    "multipart/form-data; boundary=xYz"
#define PART(head)   "--xYz\r\n" head "\r\n\r\n"
#define NAMED(names) PART("Content-Disposition: form-data; " names)

static void
multipart_has_fields_and_files(void **state)
{
	static const char body[] =
	    NAMED("name=\"a\"") "one\r\ntwo\r\n" NAMED("name=file; filename=\"k;name=b.pem\"") "\0--xYz\r\n\r\n-xYz is inside\r\n" PART(
		"X-Content-Disposition: form-data; name=\"no\"\r\n"
		"content-disposition: form-data; filename=\"say \\\"hi\\\"\"; name=\"file\"") "second\r\n" NAMED("name=\"none\"; filename=\"\"") "\r\n--xYz--\r\n";
	struct house *h = *state;
	const struct upload *f;

	assert_int_equal(read_bytes(h, MULTIPART, body, sizeof(body) - 1), 0);
	assert_int_equal(h->rq.nform, 1);
	assert_string_equal(request_field(&h->rq, "a"), "one\r\ntwo");
	assert_int_equal(h->rq.nfiles, 2);
	f = request_file(&h->rq, "file", 0);
	assert_string_equal(f->name, "k;name=b.pem");
	assert_int_equal(f->len, 24);
	assert_memory_equal(f->data, "\0--xYz\r\n\r\n-xYz is inside", 24);
	f = request_file(&h->rq, "file", 1);
	assert_string_equal(f->name, "say \"hi\"");
	assert_memory_equal(f->data, "second", f->len);
	assert_null(request_file(&h->rq, "file", 2));
	assert_null(request_file(&h->rq, "none", 0));
	assert_null(request_field(&h->rq, "no"));
	assert_int_equal(read_text(h, "multipart/form-data; boundary=\"x:y\"", "--x:y--"), 0);
}

static void
malformed_multipart_is_refused(void **state)
{
	static const char *const wrong[] = { "", "x", "--xYz", "--xYz\r\n", "--xYy--",
		NAMED("name=a") "b", NAMED("name=a") "b\r\n--xYz", NAMED("name=a") "b\r\n--xYz-",
		"--xYz\r\nno end of head\r\n--xYz--", PART("\r\nX: y") "b\r\n--xYz--",
		PART("X: y") "b\r\n--xYz--", PART("Content-Disposition: form-data") "b\r\n--xYz--",
		NAMED("filename=a") "b\r\n--xYz--", NAMED("name=\"\xff\"") "b\r\n--xYz--",
		NAMED("name=a; filename=\"\xff\"") "b\r\n--xYz--",
		NAMED("name=a") "\xff\r\n--xYz--", "preamble\r\n" NAMED("name=a") "b\r\n--xYz--" };
	/* 71 characters; RFC 2046 allows 70 */
	static const char too_long[] =
	    "multipart/form-data; boundary=a123456789b123456789c123456789d123456789e123456789"
	    "f123456789g123456789h";
	static const char *const types[] = { "multipart/form-data",
		"multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
		"multipart/form-data; xboundary=xYz", too_long };
	struct house *h = *state;

	for (size_t i = 1; i < nitems(wrong); i++)
		REFUSED(read_text(h, MULTIPART, wrong[i]), R_FORM_MALFORMED);
	for (size_t i = 0; i < nitems(types); i++)
		REFUSED(read_text(h, types[i], "--xYz--"), R_FORM_MALFORMED);
}

static void
multipart_parts_are_counted(void **state)
{
	struct house *h = *state;

	for (size_t files = 0; files < 2; files++)
		for (size_t n = files ? LIMIT_FILES : LIMIT_FORM_FIELDS, more = 0; more < 2;
		     more++) {
			AUTO_BUF struct buf b = { 0 };

			for (size_t i = 0; i < n + more; i++)
				buf_put_text(&b,
				    files ? NAMED("name=a; filename=b") "c\r\n"
					  : NAMED("name=a") "c\r\n");
			buf_put_text(&b, "--xYz--");
			assert_int_equal(read_bytes(h, MULTIPART, b.data, b.len), more ? -1 : 0);
		}
}

#define JSON "application/json"

static void
JSON_members_become_fields(void **state)
{
	struct house *h = *state;

	assert_int_equal(read_text(h, JSON,
			     "{\"s\":\"a\",\"i\":-5,\"t\":true,\"f\":false,\"n\":null,\"r\":1.5,"
			     "\"l\":[\"a\",\"b\"],\"e\":[],\"m\":[1],\"o\":{\"s\":1}}"),
	    0);
	assert_string_equal(request_field(&h->rq, "s"), "a");
	assert_string_equal(request_field(&h->rq, "i"), "-5");
	assert_string_equal(request_field(&h->rq, "t"), "true");
	assert_string_equal(request_field(&h->rq, "f"), "false");
	assert_string_equal(request_field(&h->rq, "l"), "a\nb");
	assert_string_equal(request_field(&h->rq, "e"), "");
	assert_null(request_field(&h->rq, "n"));
	assert_null(request_field(&h->rq, "r"));
	assert_null(request_field(&h->rq, "m"));
	assert_null(request_field(&h->rq, "o"));
	assert_true(request_bool(&h->rq, "t"));
	assert_false(request_bool(&h->rq, "f"));
	assert_false(request_bool(&h->rq, "none"));
	assert_int_equal(json_object_size(h->rq.json), 10);
}

static void
malformed_JSON_is_refused(void **state)
{
	static const char *const wrong[] = { "x", "[]", "\"a\"", "{", "{}}", "{\"a\":1,}",
		"{\"a\":1,\"a\":2}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}",
		"{\"a\":99999999999999999999}", "{'a':1}", "\xef\xbb\xbf{}", "{\"a\":\"\\",
		"null" };
	struct house *h = *state;

	for (size_t i = 0; i < nitems(wrong); i++)
		REFUSED(read_text(h, JSON, wrong[i]), R_JSON_MALFORMED);
	assert_true(strstr(h->e.message, "not a JSON object") != NULL);
}

/* A text of n times `one`, between `before` and `after`. */
static const char *
repeated(struct buf *b, const char *before, const char *one, size_t n, const char *after)
{
	buf_reset(b);
	buf_put_text(b, before);
	for (size_t i = 0; i < n; i++)
		buf_put_text(b, one);
	buf_put_text(b, after);
	return buf_text(b);
}

static void
P31_deep_or_wide_JSON_is_refused_before_it_is_parsed(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf b = { 0 };

	REFUSED(read_text(h, JSON, repeated(&b, "{\"a\":", "[", 32, "")), R_JSON_COST);
	REFUSED(read_text(h, JSON, repeated(&b, "", "[{", 500, "")), R_JSON_COST);
	REFUSED(read_text(h, JSON, repeated(&b, "{\"a\":[1", ",1", 10000, "]}")), R_JSON_COST);
	REFUSED(read_text(h, JSON, repeated(&b, "{\"a\":[", "[],", 5001, "1]}")), R_JSON_COST);
	REFUSED(read_text(h, JSON, repeated(&b, "{", "\"a\"", 10001, "")), R_JSON_COST);
	assert_int_equal(read_text(h, JSON, repeated(&b, "{\"a\":[1", ",1", 9000, "]}")), 0);
	/* brackets in strings count for nothing */
	assert_int_equal(read_text(h, JSON, repeated(&b, "{\"a\":\"\\\"", "[{,", 20000, "\"}")), 0);
	assert_int_equal(json_scan("\"\\", 2, &h->e), 0);
	assert_int_equal(json_scan("\"\\\\", 3, &h->e), 0);
	assert_int_equal(json_scan("]]]]", 4, &h->e), 0);
}

static void
JSON_members_are_counted(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf b = { 0 };

	for (size_t n = LIMIT_FORM_FIELDS; n < LIMIT_FORM_FIELDS + 2; n++) {
		buf_reset(&b);
		for (size_t i = 0; i < n; i++)
			buf_printf(&b, "%s\"k%zu\":1", i == 0 ? "{" : ",", i);
		buf_put_text(&b, "}");
		assert_int_equal(
		    read_bytes(h, JSON, b.data, b.len), n == LIMIT_FORM_FIELDS ? 0 : -1);
	}
}

static void
P31_no_body_costs_more_than_a_few_times_its_size(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf b = { 0 };
	char kilobyte[1025], one[1100];

	memset(kilobyte, 'x', 1024);
	kilobyte[1024] = '\0';
	snprintf(one, sizeof(one), ",\"%s\"", kilobyte);
	/* an array of strings becomes lines: not by way of each beginning */
	assert_int_equal(read_text(h, JSON, repeated(&b, "{\"names\":[\"x\"", one, 999, "]}")), 0);
	assert_int_equal(strlen(request_field(&h->rq, "names")), 1 + 999 * 1025);
	assert_true(arena_used(h->arena) < 4 * LIMIT_BODY);
	assert_int_equal(read_text(h, FORM, repeated(&b, "a=", "%41", LIMIT_BODY / 3 - 1, "")), 0);
	assert_true(arena_used(h->arena) < 4 * LIMIT_BODY);
	assert_int_equal(
	    read_text(h, MULTIPART,
		repeated(&b, "", NAMED("name=\"a\"; filename=\"\"") "\r\n", 15000, "--xYz--")),
	    0);
	assert_true(arena_used(h->arena) < 8 * LIMIT_BODY);
	AUTO_BUF struct buf type = { 0 };

	REFUSED(read_text(h, repeated(&type, "multipart/form-data", ";a=b", 4000, ""), "--x--"),
	    R_FORM_MALFORMED);
	assert_true(arena_used(h->arena) < LIMIT_BODY);
}

static void
other_bodies_are_the_handlers_or_nobodys(void **state)
{
	struct house *h = *state;

	assert_int_equal(read_text(h, "application/pkcs10", "x"), 0);
	assert_int_equal(read_text(h, "text/plain; charset=utf-8", "x"), 0);
	assert_int_equal(read_text(h, "application/octet-stream", "x"), 0);
	assert_int_equal(read_text(h, "image/png", ""), 0);
	REFUSED(read_text(h, "image/png", "x"), R_FORM_TYPE);
	REFUSED(read_text(h, "application/jsonx", "x"), R_FORM_TYPE);
	REFUSED(read_text(h, "", "x"), R_FORM_TYPE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urlencoded_fields_are_decoded_once),
		cmocka_unit_test(malformed_urlencoded_is_refused),
		cmocka_unit_test(multipart_has_fields_and_files),
		cmocka_unit_test(malformed_multipart_is_refused),
		cmocka_unit_test(multipart_parts_are_counted),
		cmocka_unit_test(JSON_members_become_fields),
		cmocka_unit_test(malformed_JSON_is_refused),
		cmocka_unit_test(P31_deep_or_wide_JSON_is_refused_before_it_is_parsed),
		cmocka_unit_test(JSON_members_are_counted),
		cmocka_unit_test(P31_no_body_costs_more_than_a_few_times_its_size),
		cmocka_unit_test(other_bodies_are_the_handlers_or_nobodys),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
