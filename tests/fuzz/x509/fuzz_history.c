/*
 * fuzz_history.c - any bytes as an index.txt: each line read, or refused in words
 */
#include "base/text.h"
#include "x509/history.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* What the store, lists and people are given is fit for them. */
static void
check(const struct history_line *h)
{
	size_t n = strlen(h->serial);

	if (n < 2 || n > 40 || n % 2 != 0 || strspn(h->serial, "0123456789abcdef") != n ||
	    (n > 2 && strncmp(h->serial, "00", 2) == 0))
		abort();
	if (strchr("VRE", h->state) == NULL || (h->state == 'R') != (h->revoked_at > 0) ||
	    crl_reason_name(h->reason) == NULL || h->reason == REASON_REMOVE)
		abort();
	for (const char *p = h->subject; *p != '\0';) {
		uint32_t c;

		if (!utf8_valid(p, strlen(p)))
			abort();
		c = utf8_next(&p);
		if (text_is_control(c) || text_is_bidi_control(c))
			abort();
	}
	if (strstr(h->subject, h->name) == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *p = (const char *)data, *end = p + len, *fault;
	struct history_line h;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((eol == NULL ? end : eol) - p);

		if (history_line(a, p, n, &h, &fault) == 0)
			check(&h);
		else if (fault == NULL || fault[0] == '\0')
			abort();
		p += n + 1;
		arena_reset(a);
	}
	return 0;
}
