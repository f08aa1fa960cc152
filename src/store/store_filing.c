/*
 * store_filing.c - what was issued is filed, block by block, to be found again
 *
 * A block is filed once, when all of its numbers are there. Names and ends never
 * change after that; a state does, and is changed here in the same transaction.
 */
#include <stdio.h>

#include "store/filing.h"
#include "store/grams.h"
#include "store/rows.h"

static const char *const states[] = { "", "issued", "presumed", "revoked", "held" };

enum filed_state
filed_state(const char *state)
{
	for (size_t i = 1; i < nitems(states); i++)
		if (strcmp(states[i], state) == 0)
			return (enum filed_state)i;
	return FILED_NONE;
}

int
filed_below(struct ctx *cx, int64_t *below, int64_t *next)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_prepare(cx, &st,
		"SELECT below, (SELECT coalesce(max(number), 0) + 1 FROM issued) FROM issued_filed") <
		0 ||
	    (r = db_step(cx, st)) < 0)
		return -1;
	*below = r == 0 ? 0 : db_int(st, 0);
	*next = r == 0 ? 1 : db_int(st, 1);
	return 0;
}

/* ---- one block of one tenant ------------------------------------------------------ */

struct block {
	int64_t number; /* of the block */
	unsigned char states[BLOCK], ends[BLOCK * 4];
	struct grams grams;
};

static int
read_names(struct ctx *cx, struct block *b)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	AUTO(arena) struct arena *a = arena_new();
	int r;

	if (db_query(cx, &st,
		"SELECT number, not_after, names, subject FROM issued"
		" WHERE +tenant_id = $1 AND number >= $2 AND number < $3 ORDER BY number",
		"tii", cx->tenant, (int64_t)(b->number * BLOCK),
		(int64_t)((b->number + 1) * BLOCK)) < 0)
		return -1;
	while ((r = db_step(cx, st)) > 0) {
		size_t at = (size_t)(db_int(st, 0) % BLOCK);

		filed_put_end(b->ends, at, db_int(st, 1));
		grams_add_text(&b->grams, db_text(st, 2, a), (uint16_t)at);
		grams_add_text(&b->grams, db_text(st, 3, a), (uint16_t)at);
		arena_reset(a);
	}
	return r;
}

/* In the transaction: nobody changes one of them meanwhile. */
static int
read_states(struct ctx *cx, struct block *b)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	AUTO(arena) struct arena *a = arena_new();
	int r;

	if (db_query(cx, &st,
		"SELECT number, state FROM issued"
		" WHERE +tenant_id = $1 AND number >= $2 AND number < $3",
		"tii", cx->tenant, (int64_t)(b->number * BLOCK),
		(int64_t)((b->number + 1) * BLOCK)) < 0)
		return -1;
	while ((r = db_step(cx, st)) > 0)
		b->states[db_int(st, 0) % BLOCK] = (unsigned char)filed_state(db_text(st, 1, a));
	return r;
}

static int
write_grams(struct ctx *cx, struct block *b)
{
	AUTO_BUF struct buf set = { 0 };
	struct bits bits;

	for (size_t i = 0; i < b->grams.n; i++) {
		gram_bits(&b->grams.v[i], &bits);
		bits_pack(&set, &bits);
		if (db_exec(cx,
			"INSERT INTO issued_gram (tenant_id, block, gram, numbers)"
			" VALUES ($1, $2, $3, $4)",
			"tiib", cx->tenant, b->number, (int64_t)b->grams.v[i].gram,
			(const void *)set.data, set.len) < 0)
			return -1;
	}
	return 0;
}

static int
write_block(struct ctx *cx, struct block *b)
{
	return read_states(cx, b) < 0 ||
		db_exec(cx,
		    "INSERT INTO issued_states (tenant_id, block, states) VALUES ($1, $2, $3)",
		    "tib", cx->tenant, b->number, (const void *)b->states, sizeof(b->states)) < 0 ||
		db_exec(cx, "INSERT INTO issued_ends (tenant_id, block, ends) VALUES ($1, $2, $3)",
		    "tib", cx->tenant, b->number, (const void *)b->ends, sizeof(b->ends)) < 0 ||
		write_grams(cx, b) < 0
	    ? -1
	    : 0;
}

/* ---- of all tenants ----------------------------------------------------------------- */

static int
tenants_of(struct ctx *cx, int64_t block, const char ***out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_query(cx, &st,
		"SELECT DISTINCT tenant_id FROM issued WHERE number >= $1 AND number < $2", "ii",
		(int64_t)(block * BLOCK), (int64_t)((block + 1) * BLOCK)) < 0)
		return -1;
	*out = NULL;
	for (*n = 0; (r = db_step(cx, st)) > 0; (*n)++) {
		*out = row_grow(cx->arena, *out, *n, sizeof(**out));
		(*out)[*n] = db_text(st, 0, cx->arena);
	}
	return r;
}

/* In the name of each tenant. */
static int
each_tenant(struct ctx *cx, const char *const *tenants, size_t n, struct block *b,
    int (*fn)(struct ctx *, struct block *))
{
	char own[sizeof(cx->tenant)];
	int r = 0;

	memcpy(own, cx->tenant, sizeof(own));
	for (size_t i = 0; i < n && r == 0; i++) {
		snprintf(cx->tenant, sizeof(cx->tenant), "%s", tenants[i]);
		r = fn(cx, &b[i]);
	}
	memcpy(cx->tenant, own, sizeof(own));
	return r;
}

/* What does not change is read before others have to wait. */
static int
file_block(struct ctx *cx, struct block *b, const char *const *tenants, size_t n)
{
	int64_t below = (b->number + 1) * BLOCK;

	if (each_tenant(cx, tenants, n, b, read_names) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		grams_sort(&b[i].grams);
	return db_begin(cx) < 0 || each_tenant(cx, tenants, n, b, write_block) < 0 ||
		db_exec(cx, "UPDATE issued_filed SET below = $1", "i", below) < 0
	    ? -1
	    : db_commit(cx);
}

int
store_issued_file(struct ctx *cx)
{
	const char **tenants;
	struct block *b;
	int64_t below, next;
	size_t n;
	int r;

	if (filed_below(cx, &below, &next) < 0)
		return -1;
	if (next < below + BLOCK)
		return 0;
	if (tenants_of(cx, below / BLOCK, &tenants, &n) < 0)
		return -1;
	if ((b = calloc(n + 1, sizeof(*b))) == NULL)
		return err_nomem(&cx->err);
	for (size_t i = 0; i <= n; i++)
		b[i].number = below / BLOCK;
	r = file_block(cx, b, tenants, n) < 0 ? -1 : 1;
	for (size_t i = 0; i < n; i++)
		grams_free(&b[i].grams);
	free(b);
	return r;
}

/* ---- a state that changes ----------------------------------------------------------- */

static int
load_states(struct ctx *cx, int64_t block, unsigned char out[BLOCK])
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	const unsigned char *blob;
	size_t len;
	int r;

	if (db_query(cx, &st,
		"SELECT states FROM issued_states WHERE tenant_id = $1 AND block = $2", "ti",
		cx->tenant, (int64_t)block) < 0)
		return -1;
	if ((r = db_step(cx, st)) <= 0)
		return r;
	blob = db_blob(st, 0, &len, cx->arena);
	if (len != BLOCK)
		return err_set(
		    &cx->err, R_DB_DAMAGED, NULL, "the states of a block of certificates are cut");
	memcpy(out, blob, BLOCK);
	return 1;
}

int
filed_set_state(struct ctx *cx, int64_t number, const char *state)
{
	IN_TENANT(cx, TENANT_SYSTEM); /* whose all that is filed is */
	unsigned char all[BLOCK];
	int r = load_states(cx, number / BLOCK, all);

	if (r <= 0)
		return r;
	all[number % BLOCK] = (unsigned char)filed_state(state);
	return db_exec(cx,
	    "UPDATE issued_states SET states = $3 WHERE tenant_id = $1 AND block = $2", "tib",
	    cx->tenant, number / BLOCK, (const void *)all, sizeof(all));
}
