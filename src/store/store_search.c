/*
 * store_search.c - which certificates have a text, among a million
 *
 * Names and subjects by their grams, serial numbers and fingerprints by how
 * they begin. In a text of four bytes and more, grams may stand in another
 * order: such a candidate is looked at before it is given out.
 */
#include <stdio.h>

#include "base/text.h"
#include "store/found.h"
#include "store/grams.h"
#include "store/rows.h"

size_t
found_count(const struct found *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += (size_t)__builtin_popcountll(f->words[i]);
	return n;
}

int64_t
found_before(const struct found *f, int64_t number)
{
	size_t at = (size_t)number / 64;

	if (number <= 0 || f->n == 0)
		return -1;
	for (size_t i = at < f->n ? at + 1 : f->n; i-- > 0;) {
		uint64_t w = f->words[i];

		if (i == at)
			w &= (1ULL << number % 64) - 1;
		if (w != 0)
			return (int64_t)(i * 64) + 63 - __builtin_clzll(w);
	}
	return -1;
}

/* ---- names and subjects --------------------------------------------------------- */

/* Those with a gram of [from, to). */
static int
have_gram(
    struct ctx *cx, struct arena *a, int64_t block, uint32_t from, uint32_t to, struct bits *out)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	const unsigned char *set;
	struct bits one;
	size_t len;
	int r;

	memset(out, 0, sizeof(*out));
	if (db_query(cx, &st,
		"SELECT numbers FROM issued_gram"
		" WHERE tenant_id = $1 AND block = $2 AND gram >= $3 AND gram < $4",
		"tiii", cx->tenant, (int64_t)block, (int64_t)from, (int64_t)to) < 0)
		return -1;
	while ((r = db_step(cx, st)) > 0) {
		set = db_blob(st, 0, &len, a);
		if (bits_unpack(&one, set, len) < 0)
			return err_set(&cx->err, R_DB_DAMAGED, NULL,
			    "the index of what was issued is damaged");
		bits_or(out, &one);
	}
	return r;
}

static int
have_grams(struct ctx *cx, struct arena *a, int64_t block, const char *text, struct bits *out)
{
	const unsigned char *t = (const unsigned char *)text;
	size_t n = strlen(text);
	uint32_t gram = t[0];
	struct bits one;

	if (n == 1)
		return have_gram(cx, a, block, gram, gram + 1, out);
	gram = GRAM_THREE | gram << 16 | (uint32_t)t[1] << 8;
	if (n == 2)
		return have_gram(cx, a, block, gram, gram + 0x100, out);
	memset(out, 0xff, sizeof(*out));
	for (size_t i = 2; i < n; i++) {
		gram = GRAM_THREE | (uint32_t)t[i - 2] << 16 | (uint32_t)t[i - 1] << 8 |
		    (uint32_t)t[i];
		if (have_gram(cx, a, block, gram, gram + 1, &one) < 0)
			return -1;
		if (!bits_and(out, &one))
			break;
	}
	return 0;
}

static int
find_names(struct ctx *cx, const char *text, struct found *f)
{
	AUTO(arena) struct arena *a = arena_new();
	struct bits bits;

	for (int64_t block = 0; block < f->below / BLOCK; block++) {
		if (have_grams(cx, a, block, text, &bits) < 0)
			return -1;
		memcpy(f->words + block * (BLOCK / 64), bits.w, sizeof(bits.w));
		arena_reset(a);
	}
	return 0;
}

/* ---- serial numbers and fingerprints --------------------------------------------- */

static int
put_all(struct ctx *cx, struct db_stmt *st, struct found *f)
{
	int r;

	while ((r = db_step(cx, st)) > 0)
		found_put(f, db_int(st, 0), true);
	return r;
}

static int
find_serial(struct ctx *cx, const char *text, struct found *f)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT i.number FROM ca CROSS JOIN issued AS i ON i.ca_id = ca.id"
		" AND i.serial >= $2 AND i.serial < $3 WHERE ca.tenant_id = $1",
		/* "g" is behind every digit */
		"ttt", cx->tenant, text, arena_printf(cx->arena, "%sg", text)) < 0)
		return -1;
	return put_all(cx, st, f);
}

static int
find_fingerprint(struct ctx *cx, const char *text, struct found *f)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	unsigned char from[4], to[4];
	char digits[9] = "00000000";
	size_t n = strlen(text), len;

	memcpy(digits, text, n < 8 ? n : 8);
	hex_decode(from, sizeof(from), digits, &len);
	memset(digits, 'f', 8);
	memcpy(digits, text, n < 8 ? n : 8);
	hex_decode(to, sizeof(to), digits, &len);
	if (db_query(cx, &st,
		"SELECT number FROM issued WHERE tenant_id = $1"
		" AND substr(sha256, 1, 4) >= $2 AND substr(sha256, 1, 4) <= $3",
		"tbb", cx->tenant, from, sizeof(from), to, sizeof(to)) < 0)
		return -1;
	return put_all(cx, st, f);
}

/* ---- what is not filed yet -------------------------------------------------------- */

static int
find_rest(struct ctx *cx, const char *text, struct found *f)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT number FROM issued WHERE +tenant_id = $1 AND number >= $2"
		" AND " ISSUED_HAS_TEXT("$3"),
		"tit", cx->tenant, (int64_t)f->below, text) < 0)
		return -1;
	return put_all(cx, st, f);
}

static void
put_one(void *arg, int64_t number, enum filed_state state, int64_t end)
{
	found_put(arg, number, true);
}

int
found_text(struct ctx *cx, const char *text, struct found *f)
{
	bool hex = text != NULL && text[strspn(text, "0123456789abcdef")] == '\0';

	memset(f, 0, sizeof(*f));
	if (filed_below(cx, &f->below, &f->next) < 0)
		return -1;
	f->n = (size_t)f->next / 64 + 1;
	f->words = arena_new_array(cx->arena, f->n, uint64_t);
	f->sure = text == NULL || strlen(text) <= 3;
	if (text == NULL)
		return filed_each(cx, f->below, put_one, f);
	if (find_names(cx, text, f) < 0 ||
	    (hex && (find_serial(cx, text, f) < 0 || find_fingerprint(cx, text, f) < 0)))
		return -1;
	return find_rest(cx, text, f);
}

/* ---- as it is filed --------------------------------------------------------------- */

static int
filed_blocks(struct ctx *cx, int64_t below,
    void (*fn)(void *arg, int64_t number, enum filed_state, int64_t end), void *arg)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	AUTO(arena) struct arena *a = arena_new();
	const unsigned char *states, *ends;
	int64_t first;
	size_t n, m;
	int r;

	if (db_query(cx, &st,
		"SELECT s.block, s.states, e.ends FROM issued_states AS s JOIN issued_ends AS e"
		" ON e.tenant_id = s.tenant_id AND e.block = s.block"
		" WHERE s.tenant_id = $1 AND s.block < $2 ORDER BY s.block",
		"ti", cx->tenant, (int64_t)(below / BLOCK)) < 0)
		return -1;
	while ((r = db_step(cx, st)) > 0) {
		states = db_blob(st, 1, &n, a);
		ends = db_blob(st, 2, &m, a);
		if (n != BLOCK || m != 4 * BLOCK)
			return err_set(&cx->err, R_DB_DAMAGED, NULL,
			    "the index of what was issued is damaged");
		first = db_int(st, 0) * BLOCK;
		for (size_t i = 0; i < BLOCK; i++)
			if (states[i] != FILED_NONE)
				fn(arg, first + (int64_t)i, (enum filed_state)states[i],
				    filed_end(ends, i));
		arena_reset(a);
	}
	return r;
}

int
filed_each(struct ctx *cx, int64_t below,
    void (*fn)(void *arg, int64_t number, enum filed_state, int64_t end), void *arg)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	AUTO(arena) struct arena *a = arena_new();
	size_t n = 0;
	int r;

	if (filed_blocks(cx, below, fn, arg) < 0 ||
	    db_query(cx, &st,
		"SELECT number, state, not_after FROM issued"
		" WHERE +tenant_id = $1 AND number >= $2",
		"ti", cx->tenant, below) < 0)
		return -1;
	while ((r = db_step(cx, st)) > 0) {
		fn(arg, db_int(st, 0), filed_state(db_text(st, 1, a)), db_int(st, 2));
		if (++n % 1000 == 0)
			arena_reset(a);
	}
	return r;
}
