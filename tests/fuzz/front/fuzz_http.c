/*
 * fuzz_http.c - any bytes as the head of a request
 *
 * First line: method and target; then a header a line, as libevent would
 * split them. The bytes also go through filter_head, in pieces of any size.
 */
#include "base/limits.h"
#include "base/text.h"
#include "front/filter.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
pieces(const unsigned char *data, size_t len)
{
	struct filter_head whole = { 0 }, split = { 0 };
	size_t step = len == 0 ? 1 : 1 + data[0] % 7;

	filter_head(&whole, data, len);
	for (size_t at = 0; at < len; at += step)
		filter_head(&split, data + at, len - at < step ? len - at : step);
	if (whole.bad != split.bad || whole.ended != split.ended)
		abort();
	if (whole.ended && memmem(data, len, "\r\n\r\n", 4) == NULL)
		abort();
}

static void
path(struct arena *a, const char *target)
{
	const char *path, *query;
	struct err e = { 0 };

	if (filter_target(a, target, &path, &query, &e) < 0) {
		if (e.refusal != R_HTTP_PATH)
			abort();
		return;
	}
	if (path[0] != '/' || strlen(path) > LIMIT_PATH || strstr(path, "//") != NULL ||
	    strstr(path, "/../") != NULL || text_ends(path, "/..") ||
	    strpbrk(path, ";\\\r\n") != NULL || !utf8_valid(path, strlen(path)))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO(arena) struct arena *a = arena_new();
	struct header h[LIMIT_HEADERS + 2];
	char *text = arena_dup(a, data, len), *line, *target, *method;
	struct err e = { 0 };
	size_t n = 0;

	pieces(data, len);
	method = strsep(&text, "\n");
	target = strchr(method, ' ');
	if (target != NULL) {
		*target++ = '\0';
		path(a, target);
	}
	while ((line = strsep(&text, "\n")) != NULL && n < nitems(h)) {
		char *colon = strchr(line, ':');

		if (colon == NULL)
			break;
		*colon = '\0';
		h[n++] = (struct header){ line, colon + 1 };
	}
	if (filter_headers(method, h, n, (len & 1) != 0, &e) < 0 &&
	    (e.refusal != R_HTTP_HEADERS || e.message[0] == '\0'))
		abort();
	return 0;
}
