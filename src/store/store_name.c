/*
 * store_name.c - names that were given to tenants, and what tenants serve
 */
#include "store/rows.h"
#include "store/tenant.h"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct name_row *r = row;

	row_id(st, 0, r->tenant, cx->arena);
	r->name = db_text(st, 1, cx->arena);
	r->added_by = db_text(st, 2, cx->arena);
	r->added_at = db_int(st, 3);
}

int
store_name_list(struct ctx *cx, struct name_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT tenant_id, name, added_by, added_at FROM name"
		" WHERE tenant_id = $1 ORDER BY name",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_name_near(struct ctx *cx, const char *name, struct name_row *r)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT tenant_id, name, added_by, added_at FROM name WHERE name = $1"
		" OR substr($1, -length(name) - 1) = '.' || name"
		" OR substr(name, -length($1) - 1) = '.' || $1 LIMIT 1",
		"t", name) < 0)
		return -1;
	return row_find(cx, st, fill, r);
}

int
store_name_insert(struct ctx *cx, const struct name_row *r)
{
	return db_exec(cx,
	    "INSERT INTO name (tenant_id, name, added_by, added_at) VALUES ($1, $2, $3, $4)",
	    "ttti", cx->tenant, r->name, r->added_by, r->added_at);
}

int
store_name_delete(struct ctx *cx, const char *name)
{
	if (db_exec(cx, "DELETE FROM name WHERE tenant_id = $1 AND name = $2", "tt", cx->tenant,
		name) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "name");
}

int
store_identity_tenant(struct ctx *cx, const char *id, char tenant[ID_SIZE])
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_query(cx, &st, "SELECT tenant_id FROM identity WHERE id = $1", "t", id) < 0)
		return -1;
	if ((r = db_step(cx, st)) > 0)
		row_id(st, 0, tenant, cx->arena);
	return r;
}

static void
fill_served(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct served_row *r = row;

	row_id(st, 0, r->tenant, cx->arena);
	row_id(st, 1, r->identity, cx->arena);
}

int
store_served_walk(
    struct ctx *cx, const char *after, size_t limit, struct served_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT i.tenant_id, i.id FROM identity i JOIN tenant t ON t.id = i.tenant_id"
		" WHERE i.tenant_id <> '" TENANT_SYSTEM "' AND t.state <> 'deleted'"
		" AND i.active_id IS NOT NULL AND i.id > $1 ORDER BY i.id LIMIT $2",
		"ti", after, (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_served, out, n);
}
