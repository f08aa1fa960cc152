/*
 * store_inventory.c - how many certificates there are of each kind
 *
 * Without a text the index issued_ends answers alone; the certificates
 * themselves are not read.
 */
#include "store/rows.h"

int
store_issued_count(struct ctx *cx, const struct issued_query *q, struct issued_counts *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int64_t *const to[] = { &c->all, &c->ended, &c->soon, &c->valid, &c->revoked, &c->held,
		&c->presumed };

	memset(c, 0, sizeof(*c));
#define COUNTS                                                                                \
	"SELECT count(*), count(*) FILTER (WHERE state = 'issued' AND not_after < $2),"       \
	" count(*) FILTER (WHERE state = 'issued' AND not_after >= $2 AND not_after < $3),"   \
	" count(*) FILTER (WHERE state = 'issued' AND not_after >= $3),"                      \
	" count(*) FILTER (WHERE state = 'revoked'), count(*) FILTER (WHERE state = 'held')," \
	" count(*) FILTER (WHERE state = 'presumed') FROM issued WHERE tenant_id = $1"
	if (db_prepare(cx, &st, q->text == NULL ? COUNTS : COUNTS " AND " ISSUED_HAS_TEXT("$4")) <
	    0)
		return -1;
	db_bind_text(st, 1, cx->tenant);
	db_bind_int(st, 2, cx->now);
	db_bind_int(st, 3, cx->now + ISSUED_SOON);
	if (q->text != NULL)
		db_bind_text(st, 4, q->text);
	if (db_step(cx, st) < 0)
		return -1;
	for (size_t i = 0; i < nitems(to); i++)
		*to[i] = db_int(st, (int)i);
	return 0;
}

int
store_issued_ends(struct ctx *cx, const struct issued_query *q, int64_t from, int64_t step,
    int64_t *counts, size_t n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	memset(counts, 0, n * sizeof(*counts));
#define ENDS                                                                      \
	"SELECT (not_after - $2) / $3, count(*) FROM issued WHERE tenant_id = $1" \
	" AND not_after >= $4 AND not_after < $5 AND state = 'issued'"
	if (db_prepare(cx, &st,
		q->text == NULL ? ENDS " GROUP BY 1"
				: ENDS " AND " ISSUED_HAS_TEXT("$6") " GROUP BY 1") < 0)
		return -1;
	db_bind_text(st, 1, cx->tenant);
	db_bind_int(st, 2, from);
	db_bind_int(st, 3, step);
	db_bind_int(st, 4, from > cx->now ? from : cx->now);
	db_bind_int(st, 5, from + step * (int64_t)n);
	if (q->text != NULL)
		db_bind_text(st, 6, q->text);
	while ((r = db_step(cx, st)) > 0)
		counts[db_int(st, 0)] = db_int(st, 1);
	return r;
}
