/*
 * test_filter.c - HTTP that means two things is refused
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "front/filter.h"

/* What filter_head says of these bytes, fed in pieces of `step`. */
static struct filter_head
head_of(const char *text, size_t len, size_t step)
{
	struct filter_head h = { 0 };

	for (size_t at = 0; at < len; at += step)
		filter_head(
		    &h, (const unsigned char *)text + at, len - at < step ? len - at : step);
	return h;
}

#define HEAD(text, step) head_of(text, sizeof(text) - 1, step)

static void
a_head_ends_with_its_empty_line_however_it_comes(void **state)
{
	static const char good[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n\0\n\r body";

	for (size_t step = 1; step < sizeof(good); step++) {
		struct filter_head h = HEAD(good, step);

		assert_true(h.ended);
		assert_false(h.bad);
	}
	assert_false(HEAD("GET / HTTP/1.1\r\nHost: a\r\n", 3).ended);
	assert_false(HEAD("GET / HTTP/1.1\r\nHost: a\r\n\r", 3).ended);
	/* an empty line before the request is not its end (RFC 9112 2.2) */
	assert_false(HEAD("\r\nGET / HTTP/1.1\r\n", 1).ended);
	assert_true(HEAD("\r\n\r\nGET / HTTP/1.1\r\n\r\n", 1).ended);
}

static void
a_head_with_odd_line_ends_is_bad(void **state)
{
	for (size_t step = 1; step < 40; step++) {
		assert_true(HEAD("GET / HTTP/1.1\nHost: a\r\n\r\n", step).bad);
		assert_true(HEAD("GET / HTTP/1.1\r\nHost: a\n\r\n", step).bad);
		assert_true(HEAD("GET / HTTP/1.1\r\nHost: a\r\n\n", step).bad);
		assert_true(HEAD("GET / HTTP/1.1\r\nX: a\rY: b\r\n\r\n", step).bad);
		assert_true(HEAD("GET / HTTP/1.1\r\nX: a\r\r\n\r\n", step).bad);
		assert_true(HEAD("GET / HTTP/1.1\r\nX: a\0\r\n\r\n", step).bad);
		assert_true(HEAD("GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n", step).bad);
		assert_true(HEAD("GET / HTTP/1.1\r\nX: a\r\n\tb\r\n\r\n", step).bad);
		assert_true(HEAD("GET / HTTP/1.1\r\n X: a\r\n\r\n", step).bad);
	}
}

static int
headers(const char *method, bool has_body, struct err *e, const struct header *h, size_t n)
{
	err_clear(e);
	return filter_headers(method, h, n, has_body, e);
}

#define HEADERS(method, has_body, ...)                                        \
	headers(method, has_body, &e, (const struct header[]){ __VA_ARGS__ }, \
	    nitems(((const struct header[]){ __VA_ARGS__ })))
#define TAKEN(method, has_body, ...) \
	assert_int_equal(HEADERS(method, has_body, { "Host", "a" }, __VA_ARGS__), 0)
#define BAD(method, has_body, ...)                                                             \
	do {                                                                                   \
		assert_int_equal(HEADERS(method, has_body, { "Host", "a" }, __VA_ARGS__), -1); \
		assert_int_equal(e.refusal, R_HTTP_HEADERS);                                   \
	} while (0)

static void
one_host_and_one_length(void **state)
{
	struct err e;

	TAKEN("POST", true, { "Content-Length", "3" });
	TAKEN("POST", false, { "content-length", "0" });
	TAKEN("PUT", true, { "CONTENT-LENGTH", "3" });
	TAKEN("POST", false, { "X", "" });
	BAD("POST", true, { "Content-Length", "3" }, { "Content-Length", "3" });
	BAD("POST", true, { "X", "no length" });
	BAD("GET", false, { "Host", "b" });
	assert_int_equal(HEADERS("GET", false, { "X", "a" }), -1);
	for (const char *const *v = (const char *const[]){ "", "+3", "-3", " 3", "3 ", "0x3", "3,3",
		 "9999999999999999999", NULL };
	     *v != NULL; v++)
		BAD("POST", true, { "Content-Length", *v });
	for (const char *const *v = (const char *const[]){ "", "a b", "a/b", "a,b", "a@b", NULL };
	     *v != NULL; v++)
		assert_int_equal(HEADERS("GET", false, { "Host", *v }), -1);
	assert_int_equal(HEADERS("GET", false, { "Host", "[::1]:8443" }), 0);
}

static void
only_methods_with_a_body_have_one(void **state)
{
	struct err e;

	for (const char *const *m = (const char *const[]){ "GET", "HEAD", "DELETE", NULL };
	     *m != NULL; m++) {
		TAKEN(*m, false, { "Content-Length", "0" });
		TAKEN(*m, false, { "Content-Length", "000" });
		BAD(*m, false, { "Content-Length", "10" });
		BAD(*m, false, { "Transfer-Encoding", "chunked" });
	}
}

static void
codings_are_not_taken(void **state)
{
	struct err e;

	BAD("POST", true, { "Transfer-Encoding", "chunked" });
	BAD("POST", true, { "Transfer-Encoding", "chunked" }, { "Content-Length", "3" });
	BAD("POST", true, { "transfer-encoding", "identity" });
	BAD("POST", true, { "Content-Encoding", "gzip" }, { "Content-Length", "3" });
	TAKEN("POST", true, { "Content-Encoding", "identity" }, { "Content-Length", "3" });
	BAD("POST", true, { "Upgrade", "h2c" }, { "Content-Length", "3" });
	TAKEN("GET", false, { "Upgrade", "h2c" });
}

static void
names_and_values_have_their_characters(void **state)
{
	struct err e;

	BAD("GET", false, { "X ", "a" });
	BAD("GET", false, { "", "a" });
	BAD("GET", false, { "X(", "a" });
	BAD("GET", false, { "X\xc3\xa9", "a" });
	BAD("GET", false, { "X", "a\nb" });
	BAD("GET", false, { "X", "a\x01" });
	BAD("GET", false, { "X", "a\x7f" });
	TAKEN("GET", false, { "X-1_~", "a\tb \xc3\xa9" });
}

static void
P31_headers_are_counted(void **state)
{
	struct header h[LIMIT_HEADERS + 1] = { { "Host", "a" } };
	struct err e = { 0 };

	for (size_t i = 1; i < nitems(h); i++)
		h[i] = (struct header){ "X", "a" };
	assert_int_equal(filter_headers("GET", h, LIMIT_HEADERS, false, &e), 0);
	assert_int_equal(filter_headers("GET", h, LIMIT_HEADERS + 1, false, &e), -1);
}

static int
target(const char *text, const char **path, const char **query)
{
	static struct arena *a;
	struct err e = { 0 };
	int r;

	arena_free(a);
	a = text == NULL ? NULL : arena_new();
	if (text == NULL)
		return 0;
	r = filter_target(a, text, path, query, &e);
	assert_int_equal(e.refusal, r < 0 ? R_HTTP_PATH : REFUSAL_NONE);
	return r;
}

static void
a_path_is_decoded_once(void **state)
{
	static const struct {
		const char *text, *path, *query;
	} cases[] = {
		{ "/", "/", "" },
		{ "/a/b?x=%2f&y=..", "/a/b", "x=%2f&y=.." },
		{ "/a%20b", "/a b", "" },
		{ "/%c3%a9?", "/\xc3\xa9", "" },
		{ "/a.b/..c/c..", NULL, NULL },
		{ "/a.b/c..", "/a.b/c..", "" },
		{ "/a#b?c", "/a", "" },
		{ "/a?b?c#d", "/a", "b?c#d" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		const char *path, *query;

		if (cases[i].path == NULL) {
			assert_int_equal(target(cases[i].text, &path, &query), -1);
			continue;
		}
		assert_int_equal(target(cases[i].text, &path, &query), 0);
		assert_string_equal(path, cases[i].path);
		assert_string_equal(query, cases[i].query);
	}
	target(NULL, NULL, NULL);
}

static void
a_path_that_hides_something_is_refused(void **state)
{
	static const char *const wrong[] = { "", "*", "a", "https://a/b", "//a", "/a//b", "/..",
		"/../a", "/a/..", "/a/../b", "/./a", "/a/.", "/%2e%2e/a", "/a%2fb", "/a%2Fb",
		"/a%00b", "/a%", "/a%4", "/a%4g", "/a%25b", "/a;b", "/a%3bb", "/a\\b", "/a%5cb",
		"/a\x01", "/a%0d%0a", "/a%7f", "/a%ff", "/a\xff", "/%c0%af" };
	char text[4 * LIMIT_PATH + 8];
	const char *path, *query;

	for (size_t i = 0; i < nitems(wrong); i++)
		if (target(wrong[i], &path, &query) == 0)
			fail_msg("%s was taken", wrong[i]);
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[LIMIT_PATH] = '\0';
	assert_int_equal(target(text, &path, &query), 0);
	text[LIMIT_PATH] = 'a';
	text[LIMIT_PATH + 1] = '\0';
	assert_int_equal(target(text, &path, &query), -1);
	text[1] = '?';
	text[LIMIT_PATH + 1] = 'a';
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(target(text, &path, &query), -1);
	target(NULL, NULL, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_ends_with_its_empty_line_however_it_comes),
		cmocka_unit_test(a_head_with_odd_line_ends_is_bad),
		cmocka_unit_test(one_host_and_one_length),
		cmocka_unit_test(only_methods_with_a_body_have_one),
		cmocka_unit_test(codings_are_not_taken),
		cmocka_unit_test(names_and_values_have_their_characters),
		cmocka_unit_test(P31_headers_are_counted),
		cmocka_unit_test(a_path_is_decoded_once),
		cmocka_unit_test(a_path_that_hides_something_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
