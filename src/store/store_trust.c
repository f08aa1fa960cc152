/*
 * store_trust.c - intermediates and roots
 */
#include "store/rows.h"

#define COLUMNS                                                                           \
	"id, der, sha256, subject, issuer, serial, kind, origin, not_before, not_after, " \
	"created_at"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct trust_row *t = row;

	row_id(st, 0, t->id, cx->arena);
	t->der = db_blob(st, 1, &t->der_len, cx->arena);
	row_digest(st, 2, t->sha256, cx->arena);
	t->subject = db_text(st, 3, cx->arena);
	t->issuer = db_text(st, 4, cx->arena);
	t->serial = db_text(st, 5, cx->arena);
	t->kind = db_text(st, 6, cx->arena);
	t->origin = db_text(st, 7, cx->arena);
	t->not_before = db_int(st, 8);
	t->not_after = db_int(st, 9);
	t->created_at = db_int(st, 10);
}

int
store_trust_insert(struct ctx *cx, const struct trust_row *t)
{
	return db_exec(cx,
	    "INSERT INTO trust (tenant_id, id, der, sha256, subject, issuer, serial,"
	    " kind, origin, not_before, not_after, created_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
	    "ttbbtttttiii", cx->tenant, t->id, (const void *)t->der, t->der_len,
	    (const void *)t->sha256, (size_t)32, t->subject, t->issuer, t->serial, t->kind,
	    t->origin, t->not_before, t->not_after, t->created_at);
}

int
store_trust_load(struct ctx *cx, const char *id, struct trust_row *t)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM trust WHERE tenant_id = $1 AND id = $2",
		"tt", cx->tenant, id) < 0)
		return -1;
	return row_load(cx, st, "CA certificate", fill, t);
}

int
store_trust_list(struct ctx *cx, struct trust_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM trust WHERE tenant_id = $1"
		" ORDER BY subject, id LIMIT 1000",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_trust_delete(struct ctx *cx, const char *id)
{
	if (db_exec(
		cx, "DELETE FROM trust WHERE tenant_id = $1 AND id = $2", "tt", cx->tenant, id) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "CA certificate");
}
