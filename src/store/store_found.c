/*
 * store_found.c - certificates that are out there
 */
#include "store/found_row.h"
#include "store/rows.h"

#define COLUMNS                                                                          \
	"f.id, f.tenant_id, f.place, f.origin, f.starttls, f.due, f.message, f.sha256, " \
	"f.subject, f.issuer, f.names, f.not_before, f.not_after, f.seen_at, "           \
	"f.created_by, f.created_at, (SELECT i.name FROM certificate c JOIN identity i " \
	"ON i.tenant_id = c.tenant_id AND i.id = c.identity_id "                         \
	"WHERE c.tenant_id = f.tenant_id AND c.sha256 = f.sha256)"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct found_row *f = row;

	row_id(st, 0, f->id, cx->arena);
	row_id(st, 1, f->tenant, cx->arena);
	f->place = db_text(st, 2, cx->arena);
	f->origin = db_text(st, 3, cx->arena);
	f->starttls = db_text(st, 4, cx->arena);
	f->due = db_int(st, 5) != 0;
	f->message = db_text(st, 6, cx->arena);
	if ((f->has_sha256 = !db_is_null(st, 7)))
		row_digest(st, 7, f->sha256, cx->arena);
	f->subject = db_text(st, 8, cx->arena);
	f->issuer = db_text(st, 9, cx->arena);
	f->names = db_text(st, 10, cx->arena);
	f->not_before = db_int(st, 11);
	f->not_after = db_int(st, 12);
	f->seen_at = db_int(st, 13);
	f->created_by = db_text(st, 14, cx->arena);
	f->created_at = db_int(st, 15);
	f->identity = db_text(st, 16, cx->arena);
}

int
store_found_list(struct ctx *cx, struct found_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM found f WHERE f.tenant_id = $1"
		" ORDER BY f.not_after = 0, f.not_after, f.place",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_found_count(struct ctx *cx, int64_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT count(*) FROM found WHERE tenant_id = $1", "t", cx->tenant) <
		0 ||
	    db_step(cx, st) < 0)
		return -1;
	*n = db_int(st, 0);
	return 0;
}

int
store_found_save(struct ctx *cx, const struct found_row *f)
{
	return db_exec(cx,
	    "INSERT INTO found (tenant_id, id, place, origin, starttls, due, created_by, created_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
	    " ON CONFLICT (tenant_id, place) DO UPDATE SET origin = excluded.origin,"
	    " starttls = excluded.starttls, due = excluded.due",
	    "tttttiti", cx->tenant, f->id, f->place, f->origin, f->starttls, (int64_t)f->due,
	    f->created_by, f->created_at);
}

int
store_found_update(struct ctx *cx, const struct found_row *f)
{
	if (db_exec(cx,
		"UPDATE found SET due = 0, message = $3, sha256 = $4, subject = $5, issuer = $6,"
		" names = $7, not_before = $8, not_after = $9, seen_at = $10"
		" WHERE tenant_id = $1 AND place = $2",
		"tttbtttiii", cx->tenant, f->place, f->message,
		f->has_sha256 ? (const void *)f->sha256 : NULL,
		(size_t)(f->has_sha256 ? sizeof(f->sha256) : 0), f->subject, f->issuer, f->names,
		f->not_before, f->not_after, f->seen_at) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "entry of the inventory");
}

int
store_found_delete(struct ctx *cx, const char *id)
{
	if (db_exec(
		cx, "DELETE FROM found WHERE tenant_id = $1 AND id = $2", "tt", cx->tenant, id) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "entry of the inventory");
}

int
store_found_due(struct ctx *cx, struct found_row *f)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM found f WHERE f.due = 1 ORDER BY f.id LIMIT 1", "") < 0)
		return -1;
	return row_find(cx, st, fill, f);
}
