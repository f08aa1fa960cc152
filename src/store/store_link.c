/*
 * store_link.c - links of requesters to the sheets of their requests
 *
 * Found by the SHA-256 of their token; the token itself is stored nowhere.
 */
#include "store/rows.h"

#define COLUMNS "tenant_id, submission_id, created_by, created_at, expires_at"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct link_row *l = row;

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

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM link WHERE hash = $1 AND expires_at > $2",
		"bi", hash, (size_t)32, cx->now) < 0)
		return -1;
	return row_find(cx, st, fill, l);
}

int
store_link_of(struct ctx *cx, const char *submission, struct link_row *l)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM link WHERE tenant_id = $1 AND submission_id = $2", "tt",
		cx->tenant, submission) < 0)
		return -1;
	return row_find(cx, st, fill, l);
}

int
store_link_delete(struct ctx *cx, const char *submission)
{
	return db_exec(cx, "DELETE FROM link WHERE tenant_id = $1 AND submission_id = $2", "tt",
	    cx->tenant, submission);
}
