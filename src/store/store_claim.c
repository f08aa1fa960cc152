/*
 * store_claim.c - names that tenants say are their own, and what proved them
 */
#include "store/rows.h"
#include "store/tenant.h"

#define COLUMNS "tenant_id, name, token, claimed_by, claimed_at, method, proved_at"
/* $2 is at, below, or where $3 says so above this name */
#define COVERS(below)                                                               \
	"(name = $2 OR (" below " AND substr($2, -length(name) - 1) = '.' || name)" \
	" OR ($3 AND substr(name, -length($2) - 1) = '.' || $2))"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct name_claim *c = row;

	row_id(st, 0, c->tenant, cx->arena);
	c->name = db_text(st, 1, cx->arena);
	c->token = db_text(st, 2, cx->arena);
	c->claimed_by = db_text(st, 3, cx->arena);
	c->claimed_at = db_int(st, 4);
	c->method = db_text(st, 5, cx->arena);
	c->proved_at = db_int(st, 6);
}

int
store_claim_list(struct ctx *cx, struct name_claim **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM name_claim WHERE tenant_id = $1 ORDER BY name", "t",
		cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_claim_load(struct ctx *cx, const char *name, struct name_claim *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM name_claim WHERE tenant_id = $1 AND name = $2", "tt",
		cx->tenant, name) < 0)
		return -1;
	return row_load(cx, st, "name", fill, c);
}

int
store_claim_insert(struct ctx *cx, const struct name_claim *c)
{
	return db_exec(cx,
	    "INSERT INTO name_claim (tenant_id, name, token, claimed_by, claimed_at)"
	    " VALUES ($1, $2, $3, $4, $5)",
	    "tttti", cx->tenant, c->name, c->token, c->claimed_by, c->claimed_at);
}

int
store_claim_prove(struct ctx *cx, const char *name, const char *method, int64_t at)
{
	if (db_exec(cx,
		"UPDATE name_claim SET method = $3, proved_at = $4"
		" WHERE tenant_id = $1 AND name = $2",
		"ttti", cx->tenant, name, method, at) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "name");
}

int
store_claim_delete(struct ctx *cx, const char *name)
{
	if (db_exec(cx, "DELETE FROM name_claim WHERE tenant_id = $1 AND name = $2", "tt",
		cx->tenant, name) < 0)
		return -1;
	return db_changes(cx) == 1;
}

int
store_claim_rivals(struct ctx *cx, const char *name, bool below, struct name_claim **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM name_claim WHERE tenant_id <> $1"
		" AND proved_at IS NOT NULL AND " COVERS("method = 'dns'"),
		"tti", cx->tenant, name, (int64_t)below) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_claim_lose(struct ctx *cx, const struct name_claim *c)
{
	return db_exec(cx,
	    "UPDATE name_claim SET method = NULL, proved_at = NULL"
	    " WHERE tenant_id = $1 AND name = $2",
	    "tt", c->tenant, c->name);
}

int
store_name_rival(struct ctx *cx, const char *name, bool below)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT 1 FROM name WHERE tenant_id <> $1 AND " COVERS("1") " LIMIT 1", "tti",
		cx->tenant, name, (int64_t)below) < 0)
		return -1;
	return db_step(cx, st);
}
