/*
 * store_authority.c - names of our own certification authorities
 */
#include "store/rows.h"

#define COLUMNS "name, issuing_id, policy, policy_version, created_by, created_at, shards, deltas"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct authority_row *a = row;

	a->name = db_text(st, 0, cx->arena);
	row_id(st, 1, a->issuing, cx->arena);
	a->policy = db_text(st, 2, cx->arena);
	a->policy_version = db_int(st, 3);
	a->created_by = db_text(st, 4, cx->arena);
	a->created_at = db_int(st, 5);
	a->shards = db_int(st, 6);
	a->deltas = db_int(st, 7) != 0;
}

int
store_authority_insert(struct ctx *cx, const struct authority_row *a)
{
	if (db_exec(cx,
		"INSERT INTO authority (tenant_id, name, issuing_id, policy, policy_version,"
		" created_by, created_at) SELECT $1, $2, $3, $4, $5, $6, $7"
		" WHERE NOT EXISTS (SELECT 1 FROM authority"
		" WHERE tenant_id = $1 AND lower(name) = lower($2)) ON CONFLICT DO NOTHING",
		"ttttiti", cx->tenant, a->name, row_ref(a->issuing), a->policy, a->policy_version,
		a->created_by, a->created_at) < 0)
		return -1;
	if (db_changes(cx) == 1)
		return 0;
	err_set(&cx->err, R_CA_EXISTS, "name",
	    "an authority %s is here already, with these capitals or others", a->name);
	return err_hint(&cx->err, "choose another name; `certwright authority list` shows them");
}

int
store_authority_load(struct ctx *cx, const char *name, struct authority_row *a)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM authority WHERE tenant_id = $1 AND name = $2", "tt",
		cx->tenant, name) < 0)
		return -1;
	return row_load(cx, st, "authority", fill, a);
}

int
store_authority_list(struct ctx *cx, struct authority_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM authority WHERE tenant_id = $1 ORDER BY name LIMIT 1000",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_authority_set_lists(struct ctx *cx, const struct authority_row *a)
{
	return db_exec(cx,
	    "UPDATE authority SET shards = $3, deltas = $4 WHERE tenant_id = $1 AND name = $2",
	    "ttii", cx->tenant, a->name, a->shards, (int64_t)a->deltas);
}

int
store_authority_update(struct ctx *cx, const struct authority_row *a)
{
	return db_exec(cx,
	    "UPDATE authority SET issuing_id = $3, policy = $4, policy_version = $5"
	    " WHERE tenant_id = $1 AND name = $2",
	    "tttti", cx->tenant, a->name, row_ref(a->issuing), a->policy, a->policy_version);
}
