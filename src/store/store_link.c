/*
 * store_link.c - links of requesters to the sheets of their requests
 *
 * Found by the SHA-256 of their token; the token itself is stored nowhere.
 */
#include "store/rows.h"

#define COLUMNS "tenant_id, submission_id, created_by, created_at, expires_at"

static void
fill(struct ctx *cx, struct db_stmt *st, struct link_row *l)
{
	row_id(st, 0, l->tenant, cx->arena);
	row_id(st, 1, l->submission, cx->arena);
	l->created_by = db_text(st, 2, cx->arena);
	l->created_at = db_int(st, 3);
	l->expires_at = db_int(st, 4);
}

int
store_link_save(struct ctx *cx, const struct link_row *l, const unsigned char hash[32])
{
	return db_exec(cx,
	    "INSERT OR REPLACE INTO link (tenant_id, submission_id, hash, created_by, created_at,"
	    " expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
	    "ttbtii", cx->tenant, l->submission, (const void *)hash, (size_t)32, l->created_by,
	    l->created_at, l->expires_at);
}

int
store_link_find(struct ctx *cx, const unsigned char hash[32], struct link_row *l)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_prepare(
		cx, &st, "SELECT " COLUMNS " FROM link WHERE hash = $1 AND expires_at > $2") < 0)
		return -1;
	db_bind_blob(st, 1, hash, 32);
	db_bind_int(st, 2, cx->now);
	if ((r = db_step(cx, st)) > 0)
		fill(cx, st, l);
	return r;
}

int
store_link_of(struct ctx *cx, const char *submission, struct link_row *l)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_prepare(cx, &st,
		"SELECT " COLUMNS " FROM link WHERE tenant_id = $1 AND submission_id = $2") < 0)
		return -1;
	db_bind_text(st, 1, cx->tenant);
	db_bind_text(st, 2, submission);
	if ((r = db_step(cx, st)) > 0)
		fill(cx, st, l);
	return r;
}

int
store_link_delete(struct ctx *cx, const char *submission)
{
	return db_exec(cx, "DELETE FROM link WHERE tenant_id = $1 AND submission_id = $2", "tt",
	    cx->tenant, submission);
}
