/*
 * fuzz_examine.c - any CSR before every card of the product
 *
 * The oracle: each wish has exactly one disposition; what is granted was asked
 * or is said to be added; nothing but the key is granted that no line grants;
 * a refused wish refuses the request.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/text.h"
#include "x509/examine.h"
#include "x509/items.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static const char *const ids[] = { "adcs-webserver", "letsencrypt", "private", "public-dv",
	"public-ov" };
static struct authority cards[nitems(ids)];

static void
load(void)
{
	static struct arena *arena;

	if (arena != NULL)
		return;
	arena = arena_new();
	for (size_t i = 0; i < nitems(ids); i++) {
		AUTO_BUF struct buf text = { 0 };
		struct err e = { 0 };
		char path[400];

		snprintf(path, sizeof(path), "%s/%s.json", CARDS, ids[i]);
		if (file_read(&text, path, 1 << 20, &e) < 0 ||
		    authority_parse(arena, buf_text(&text), text.len, &cards[i], &e) < 0)
			abort();
	}
}

static void
judge(const struct sheet *s, const struct items *asked)
{
	size_t wishes = 0;
	bool refused = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct disposition *d = &s->v[i];
		bool was_asked = items_find(asked, d->item) != NULL;

		wishes += was_asked;
		refused |= d->outcome == OUT_REFUSED;
		if (sheet_find(s, d->item) != d)
			abort(); /* each item once */
		if (d->outcome == OUT_ADDED && was_asked)
			abort();
		if ((d->granted == NULL) !=
		    (d->outcome == OUT_DROPPED || d->outcome == OUT_REFUSED))
			abort();
		if (d->outcome != OUT_GRANTED && (d->rule == NULL || d->reason[0] == '\0'))
			abort();
	}
	if (wishes != asked->n || refused != (s->verdict == VERDICT_REFUSE))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(csr) struct csr *csr = NULL;
	struct items asked;
	struct err e = { 0 };

	load();
	if (csr_parse_unproved(&csr, data, len, &e) < 0)
		return 0;
	items_of_request(a, csr, &asked);
	for (size_t i = 0; i < nitems(ids); i++)
		for (size_t k = 0; k < cards[i].nprofiles; k++) {
			struct examine_input in = { .request = csr,
				.authority = &cards[i],
				.profile = &cards[i].profiles[k],
				.when = 1795651200 };
			struct sheet sheet;

			sheet_init(&sheet, a);
			examine(&in, &sheet);
			judge(&sheet, &asked);
		}
	return 0;
}
