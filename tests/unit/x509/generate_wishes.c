/*
 * generate_wishes.c - extensions and attributes made by chance
 */
#include <stdlib.h>

#include "base/text.h"
#include "generate_parts.h"

#define SAN "2.5.29.17"
#define KU  "2.5.29.15"
#define EKU "2.5.29.37"
#define BC  "2.5.29.19"

/* What was asked for in this request so far. */
struct wishing {
	struct chance *c;
	struct generated *g;
	const char *seen[40]; /* extensions */
	size_t n;
};

static void
asks_extension(struct wishing *w, const char *oid)
{
	asks(w->g, arena_printf(w->g->arena, "ext.%s", oid));
}

static void
misread(struct wishing *w, const char *oid)
{
	asks_extension(w, oid);
	w->g->misread = true;
}

static bool
was_seen(const struct wishing *w, const char *oid)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->seen[i], oid) == 0)
			return true;
	return false;
}

static bool
is_second(struct wishing *w, const char *oid)
{
	if (was_seen(w, oid))
		return true;
	if (w->n == nitems(w->seen))
		abort();
	w->seen[w->n++] = oid;
	return false;
}

/* ---- the four that are read: their values ------------------------------------------------ */

static void
put_key_usage(struct buf *b, struct wishing *w, bool asked)
{
	static const char *const bits[] = { "ku.digitalSignature", "ku.nonRepudiation",
		"ku.keyEncipherment", "ku.dataEncipherment", "ku.keyAgreement", "ku.keyCertSign",
		"ku.cRLSign", "ku.encipherOnly", "ku.decipherOnly" };
	unsigned char value[3] = { 0 };
	int last = -1;

	for (int i = 0; i < 12; i++) {
		if (chance(w->c, i < 9 ? 3 : 100) != (i < 9 ? 2 : 99))
			continue;
		value[1 + i / 8] |= (unsigned char)(0x80 >> i % 8);
		last = i;
		if (asked && i < 9)
			asks(w->g, bits[i]);
		else if (asked)
			misread(w, KU); /* no usage is defined for it */
	}
	value[0] = (unsigned char)(last < 0 ? 0 : 7 - last % 8);
	der_put(b, DER_BIT_STRING, value, last < 0 ? 1 : (size_t)last / 8 + 2);
	if (asked && last < 0)
		misread(w, KU);
}

static void
put_purposes(struct buf *b, struct wishing *w, bool asked)
{
	static const struct {
		const char *oid, *item;
	} purposes[] = { { "1.3.6.1.5.5.7.3.1", "eku.serverAuth" },
		{ "1.3.6.1.5.5.7.3.2", "eku.clientAuth" },
		{ "1.3.6.1.5.5.7.3.3", "eku.codeSigning" },
		{ "1.3.6.1.5.5.7.3.4", "eku.emailProtection" },
		{ "1.3.6.1.5.5.7.3.8", "eku.timeStamping" },
		{ "1.3.6.1.5.5.7.3.9", "eku.OCSPSigning" },
		{ "2.5.29.37.0", "eku.anyExtendedKeyUsage" },
		{ "1.3.6.1.4.1.311.20.2.2", "eku.1.3.6.1.4.1.311.20.2.2" } };
	AUTO_BUF struct buf list = { 0 };
	uint32_t n = chance(w->c, 32) == 31 ? 0 : 1 + chance(w->c, 3);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = chance(w->c, nitems(purposes));

		if (der_put_oid(&list, purposes[k].oid) < 0)
			abort();
		if (asked)
			asks(w->g, purposes[k].item);
	}
	if (asked && n == 0)
		misread(w, EKU);
	der_put(b, DER_SEQUENCE, list.data, list.len);
}

static void
put_basics(struct buf *b, struct wishing *w, bool asked)
{
	static const unsigned char yes[] = { DER_BOOLEAN, 1, 0xff };
	static const struct {
		unsigned char der[5];
		size_t len;
		bool odd;
	} paths[] = { { { DER_INTEGER, 1, 0 }, 3, false }, { { DER_INTEGER, 1, 1 }, 3, false },
		{ { DER_INTEGER, 1, 9 }, 3, false }, { { DER_INTEGER, 2, 1, 0 }, 4, false },
		{ { DER_INTEGER, 1, 0xff }, 3, true } };
	AUTO_BUF struct buf in = { 0 };
	bool ca = chance(w->c, 2) == 1;
	uint32_t path = chance(w->c, 16);

	if (ca)
		buf_put(&in, yes, sizeof(yes));
	if (path < nitems(paths))
		buf_put(&in, paths[path].der, paths[path].len);
	der_put(b, DER_SEQUENCE, in.data, in.len);
	if (asked)
		asks(w->g, "basicConstraints.ca");
	if (asked && path < nitems(paths)) {
		asks(w->g, "basicConstraints.pathlen");
		w->g->misread |= !ca || paths[path].odd;
	}
}

/* Names are those of whoever lists them: of a second extension, too. */
static void
put_names(struct buf *b, struct wishing *w, bool asked)
{
	AUTO_BUF struct buf list = { 0 };

	if (chance(w->c, 24) == 23) {
		if (asked)
			misread(w, SAN);
	} else {
		generate_names(&list, w->c, w->g);
	}
	der_put(b, DER_SEQUENCE, list.data, list.len);
}

/* ---- extensions ---------------------------------------------------------------------------- */

static const struct {
	const char *oid;
	void (*put)(struct buf *, struct wishing *, bool asked);
} read_ones[] = { { SAN, put_names }, { KU, put_key_usage }, { EKU, put_purposes },
	{ BC, put_basics } };

static const char *const others[] = { "1.2.3.5", "1.3.6.1.5.5.7.1.24", "2.5.29.32", "2.5.29.14",
	"2.5.29.35", "2.5.29.31", "1.3.6.1.5.5.7.1.1", "2.5.29.30", "1.3.6.1.5.5.7.48.1.5",
	"1.3.6.1.4.1.311.20.2", "1.3.6.1.4.1.311.21.7", "2.5.29.18", "1.3.6.1.4.1.11129.2.4.3",
	"2.5.29.46", "2.5.29.36", "2.5.29.9" };

/* Not the type that belongs there, or what belongs there and one byte more. */
static void
put_spoiled(struct buf *value, struct wishing *w, size_t k, bool asked)
{
	if (asked)
		misread(w, read_ones[k].oid);
	switch (chance(w->c, 3)) {
	case 0:
		der_put(value, DER_NULL, "", 0);
		return;
	case 1:
		if (k == 0)
			der_put(value, DER_SEQUENCE, "\x82\x01x", 3);
		else
			read_ones[k].put(value, w, false);
		buf_put_u8(value, 0);
		return;
	default: /* no byte at all */
		return;
	}
}

static void
put_other(struct buf *value, struct wishing *w)
{
	static const char text[] = "whatever is asked, for as long as it takes to say that it is "
				   "wanted, and that it is long";

	der_put(value, DER_UTF8, text, 1 + chance(w->c, sizeof(text) - 1));
}

/* Which one: most requests have names, and few say anything twice. */
static const char *
choose(struct wishing *w, bool first, uint32_t *k, bool *known)
{
	const char *oid;

	do {
		uint32_t which = first ? chance(w->c, 4) : 3 + chance(w->c, 32);

		*known = which < 18;
		*k = which < 4 ? 0 : which < 18 ? 1 + which % 3 : chance(w->c, nitems(others));
		oid = *known ? read_ones[*k].oid : others[*k];
	} while (was_seen(w, oid) && chance(w->c, 16) >= 1);
	return oid;
}

static void
put_extension(struct buf *list, struct wishing *w, bool first)
{
	AUTO_BUF struct buf value = { 0 };
	bool known, second;
	uint32_t k;
	const char *oid = choose(w, first, &k, &known);

	second = is_second(w, oid);
	if (second)
		misread(w, oid);
	if (!known) {
		put_other(&value, w);
		asks_extension(w, oid);
	} else if (chance(w->c, 48) == 47) {
		put_spoiled(&value, w, k, !second);
	} else {
		read_ones[k].put(&value, w, !second);
	}
	der_put_extension(list, oid, chance(w->c, 4) == 3, &value);
}

static void
put_extensions(struct buf *b, struct wishing *w)
{
	AUTO_BUF struct buf list = { 0 };
	uint32_t n = chance(w->c, 6);

	for (uint32_t i = 0; i < n; i++)
		put_extension(&list, w, i == 0);
	der_put(b, DER_SEQUENCE, list.data, list.len);
}

/* ---- attributes ------------------------------------------------------------------------------ */

#define PKCS9	  "1.2.840.113549.1.9.14"
#define MICROSOFT "1.3.6.1.4.1.311.2.1.14"

static void
put_attribute(struct buf *b, const char *oid, const struct buf *values)
{
	AUTO_BUF struct buf one = { 0 };

	if (der_put_oid(&one, oid) < 0)
		abort();
	der_put(&one, DER_SET, values->data, values->len);
	der_put(b, DER_SEQUENCE, one.data, one.len);
}

static void
ambiguous(struct wishing *w, const char *oid)
{
	asks(w->g, arena_printf(w->g->arena, "attr.%s", oid));
	w->g->misread = true;
}

/* In one dialect, in both, and in all ways to say two things at once. */
static void
put_requests(struct buf *b, struct wishing *w)
{
	AUTO_BUF struct buf first = { 0 }, second = { 0 };
	bool microsoft = chance(w->c, 8) == 7;
	const char *oid = microsoft ? MICROSOFT : PKCS9, *other = microsoft ? PKCS9 : MICROSOFT;
	uint32_t how = chance(w->c, 64);

	if (how == 63)
		return;
	if (how == 62) { /* no value */
		put_attribute(b, oid, &first);
		ambiguous(w, oid);
		return;
	}
	put_extensions(&first, w);
	if (how == 61) { /* two values */
		put_extensions(&first, w);
		ambiguous(w, oid);
	}
	put_attribute(b, oid, &first);
	if (how == 60) { /* the same twice */
		put_extensions(&second, w);
		put_attribute(b, oid, &second);
		ambiguous(w, oid);
	} else if (how == 59 || how == 58) {
		put_attribute(b, other, &first);
	} else if (how == 57) {
		put_extensions(&second, w);
		put_attribute(b, other, &second);
		if (first.len != second.len || memcmp(first.data, second.data, first.len) != 0)
			ambiguous(w, MICROSOFT);
	}
}

static void
put_others(struct buf *b, struct wishing *w)
{
	static const char *const oids[] = { "1.2.840.113549.1.9.7", "1.2.840.113549.1.9.2",
		"1.3.6.1.4.1.311.13.2.3", "1.3.6.1.4.1.311.21.20", "1.2.3.4.6" };
	uint32_t n = chance(w->c, 4) == 3 ? 1 + chance(w->c, 3) : 0;
	bool seen[nitems(oids)] = { 0 };

	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = chance(w->c, nitems(oids));
		AUTO_BUF struct buf values = { 0 };
		bool empty = chance(w->c, 24) == 23;

		if (!empty)
			der_put(&values, DER_UTF8, "hunter2", 7);
		put_attribute(b, oids[k], &values);
		asks(w->g, arena_printf(w->g->arena, "attr.%s", oids[k]));
		w->g->misread |= seen[k] || empty;
		seen[k] = true;
	}
}

void
generate_attributes(struct buf *b, struct chance *c, struct generated *g)
{
	AUTO_BUF struct buf all = { 0 };
	struct wishing w = { .c = c, .g = g };

	put_others(&all, &w);
	put_requests(&all, &w);
	der_put(b, DER_CONTEXT(0), all.data, all.len);
}
