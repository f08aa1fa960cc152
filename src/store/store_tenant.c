/*
 * store_tenant.c - who has objects here
 */
#include "store/rows.h"
#include "store/tenant.h"

#define COLUMNS                                                                        \
	"id, name, state, former, contact, reason, created_by, created_at, ended_at, " \
	"max_identities, max_certificates, max_requests"
#define DAY 86400

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct tenant *t = row;

	row_id(st, 0, t->id, cx->arena);
	t->name = db_text(st, 1, cx->arena);
	t->state = db_text(st, 2, cx->arena);
	t->former = db_text(st, 3, cx->arena);
	t->contact = db_text(st, 4, cx->arena);
	t->reason = db_text(st, 5, cx->arena);
	t->created_by = db_text(st, 6, cx->arena);
	t->created_at = db_int(st, 7);
	t->ended_at = db_int(st, 8);
	t->max_identities = db_int(st, 9);
	t->max_certificates = db_int(st, 10);
	t->max_requests = db_int(st, 11);
}

int
store_tenant_of(struct ctx *cx, const char *id_or_name, const char *own, struct tenant *t)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM tenant WHERE (id = $1 OR name = $1)"
		" AND state <> 'deleted' AND id <> '" TENANT_SYSTEM "' AND ($2 IS NULL OR id = $2)",
		"tt", id_or_name, own) < 0)
		return -1;
	return row_load(cx, st, "tenant", fill, t);
}

int
store_tenant_load(struct ctx *cx, const char *id_or_name, struct tenant *t)
{
	return store_tenant_of(cx, id_or_name, NULL, t);
}

int
store_tenant_by_id(struct ctx *cx, const char *id, struct tenant *t)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM tenant WHERE id = $1", "t", id) < 0)
		return -1;
	return row_load(cx, st, "tenant", fill, t);
}

int
store_tenant_list(
    struct ctx *cx, const struct tenant_query *q, struct tenant **out, size_t *n, bool *more)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM tenant WHERE id <> '" TENANT_SYSTEM "'"
		" AND (state = 'deleted') = $1 AND name > coalesce($2, '')"
		" AND ($3 IS NULL OR instr(coalesce(former, name), lower($3)) > 0"
		" OR instr(lower(coalesce(contact, '')), lower($3)) > 0)"
		" ORDER BY name LIMIT $4",
		"itti", (int64_t)q->ended, q->after,
		q->text == NULL || q->text[0] == '\0' ? NULL : q->text,
		(int64_t)q->limit + 1) < 0 ||
	    rows_collect(cx, st, sizeof(**out), fill, out, n) < 0)
		return -1;
	if ((*more = *n > q->limit))
		*n = q->limit;
	return 0;
}

int
store_tenant_insert(struct ctx *cx, const struct tenant *t)
{
	if (db_exec(cx,
		"INSERT INTO tenant (" COLUMNS ")"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
		" ON CONFLICT DO NOTHING",
		"tttttttiiiii", t->id, t->name, t->state, t->former, t->contact, t->reason,
		t->created_by, t->created_at, t->ended_at, t->max_identities, t->max_certificates,
		t->max_requests) < 0)
		return -1;
	if (db_changes(cx) == 1)
		return 0;
	err_set(&cx->err, R_TENANT_EXISTS, "name", "a tenant named %s exists already", t->name);
	return err_hint(&cx->err, "choose another name; `certwright tenant list` shows them");
}

int
store_tenant_update(struct ctx *cx, const struct tenant *t)
{
	db_rights_change(cx);
	if (db_exec(cx,
		"UPDATE tenant SET name = $2, state = $3, former = $4, contact = $5, reason = $6,"
		" ended_at = $7, max_identities = $8, max_certificates = $9, max_requests = $10"
		" WHERE id = $1",
		"ttttttiiii", t->id, t->name, t->state, t->former, t->contact, t->reason,
		t->ended_at, t->max_identities, t->max_certificates, t->max_requests) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "tenant");
}

int
store_tenant_use(struct ctx *cx, const char *id, struct tenant_use *u)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT (SELECT count(*) FROM account WHERE tenant_id = $1),"
		" (SELECT count(*) FROM identity WHERE tenant_id = $1),"
		" (SELECT count(*) FROM identity WHERE tenant_id = $1 AND active_id IS NOT NULL),"
		" (SELECT count(*) FROM request WHERE tenant_id = $1 AND created_at > $2)"
		" + (SELECT count(*) FROM submission WHERE tenant_id = $1 AND created_at > $2"
		" AND request_id IS NULL)",
		"ti", id, cx->now - DAY) < 0 ||
	    db_step(cx, st) < 0)
		return -1;
	u->people = db_int(st, 0);
	u->identities = db_int(st, 1);
	u->certificates = db_int(st, 2);
	u->requests = db_int(st, 3);
	return 0;
}

int
store_tenant_close(struct ctx *cx, const struct tenant *t)
{
	db_rights_change(cx);
	if (db_exec(cx, "DELETE FROM account WHERE tenant_id = $1", "t", t->id) < 0 ||
	    db_exec(cx, "DELETE FROM link WHERE tenant_id = $1", "t", t->id) < 0 ||
	    db_exec(cx, "DELETE FROM component WHERE tenant_id = $1", "t", t->id) < 0 ||
	    db_exec(cx, "DELETE FROM renewal WHERE tenant_id = $1", "t", t->id) < 0 ||
	    db_exec(cx, "DELETE FROM told WHERE tenant_id = $1", "t", t->id) < 0 ||
	    db_exec(cx, "DELETE FROM digest WHERE tenant_id = $1", "t", t->id) < 0 ||
	    db_exec(cx, "DELETE FROM notify WHERE tenant_id = $1", "t", t->id) < 0 ||
	    db_exec(cx, "DELETE FROM attempts WHERE name LIKE '%@' || $1", "t", t->name) < 0)
		return -1;
	if (db_exec(cx, "DELETE FROM name_claim WHERE tenant_id = $1", "t", t->id) < 0)
		return -1;
	return db_exec(cx, "DELETE FROM name WHERE tenant_id = $1", "t", t->id);
}

int
store_tenant_shadowed(struct ctx *cx, const char *name)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT 1 FROM account WHERE tenant_id = '" TENANT_SYSTEM "'"
		" AND lower(name) LIKE '%@' || $1",
		"t", name) < 0)
		return -1;
	return db_step(cx, st);
}

int
store_tenant_count(struct ctx *cx, int64_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT count(*) FROM tenant WHERE state <> 'deleted' AND id <> '" TENANT_SYSTEM
		"'",
		"") < 0 ||
	    db_step(cx, st) < 0)
		return -1;
	*n = db_int(st, 0);
	return 0;
}
