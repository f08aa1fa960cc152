/*
 * store_replacement.c - keys that others have, on their way to be replaced
 */
#include "store/rows.h"

#define COLUMNS \
	"id, identity_id, old_key_id, new_key_id, note, told_by, created_by, created_at, ended_at"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct replacement_row *r = row;

	row_id(st, 0, r->id, cx->arena);
	row_id(st, 1, r->identity, cx->arena);
	row_id(st, 2, r->old_key, cx->arena);
	row_id(st, 3, r->new_key, cx->arena);
	r->note = db_text(st, 4, cx->arena);
	r->told_by = db_text(st, 5, cx->arena);
	r->created_by = db_text(st, 6, cx->arena);
	r->created_at = db_int(st, 7);
	r->ended_at = db_int(st, 8);
}

int
store_replacement_insert(struct ctx *cx, const struct replacement_row *r)
{
	return db_exec(cx,
	    "INSERT INTO replacement (tenant_id, id, identity_id, old_key_id, new_key_id, note,"
	    " created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	    "ttttttti", cx->tenant, r->id, r->identity, r->old_key, r->new_key, r->note,
	    r->created_by, r->created_at);
}

int
store_replacement_newest(struct ctx *cx, const char *identity, struct replacement_row *r)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM replacement WHERE tenant_id = $1 AND identity_id = $2"
		" ORDER BY id DESC LIMIT 1",
		"tt", cx->tenant, identity) < 0)
		return -1;
	return row_find(cx, st, fill, r);
}

int
store_replacement_update(struct ctx *cx, const struct replacement_row *r)
{
	return db_exec(cx,
	    "UPDATE replacement SET told_by = $3, ended_at = $4 WHERE tenant_id = $1 AND id = $2",
	    "ttti", cx->tenant, r->id, r->told_by, r->ended_at);
}
