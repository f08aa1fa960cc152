/*
 * store_plan.c - names, and the certificates that have them, for a coverage plan
 *
 * In a tenant what is its own, and of the system what is presented or waits; in
 * the system what is anybody's.
 */
#include "store/plan.h"
#include "store/rows.h"

#define OWNER "CASE WHEN t.id = '" TENANT_SYSTEM "' THEN NULL ELSE t.name END"
#define OWN   "('" TENANT_SYSTEM "' = $1 OR t.id = $1)"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct plan_row *r = row;

	r->owner = db_text(st, 0, cx->arena);
	r->identity = db_text(st, 1, cx->arena);
	r->names = db_text(st, 2, cx->arena);
	r->until = db_int(st, 3);
}

int
store_plan_tenants(struct ctx *cx, struct plan_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT t.name, NULL, t.name, t.state = 'active' FROM tenant t"
		" WHERE t.id <> '" TENANT_SYSTEM "' AND t.state <> 'deleted' AND " OWN
		" ORDER BY t.id",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_plan_given(struct ctx *cx, struct plan_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT t.name, NULL, n.name, t.state = 'active' FROM name n"
		" JOIN tenant t ON t.id = n.tenant_id"
		" WHERE t.state <> 'deleted' AND " OWN " ORDER BY n.name",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

static void
fill_proved(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct plan_row *r = row;

	fill(cx, st, row);
	r->method = db_text(st, 4, cx->arena);
	r->proved_at = db_int(st, 5);
}

int
store_plan_proved(struct ctx *cx, struct plan_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT t.name, NULL, n.name, t.state = 'active', n.method, n.proved_at"
		" FROM name_claim n JOIN tenant t ON t.id = n.tenant_id"
		" WHERE n.proved_at IS NOT NULL AND t.state <> 'deleted' AND " OWN
		" ORDER BY n.name",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_proved, out, n);
}

int
store_plan_saved(struct ctx *cx, struct plan_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " OWNER ", i.name, i.common_name || char(10) || coalesce(i.names, ''), 0"
		" FROM identity i JOIN tenant t ON t.id = i.tenant_id"
		" WHERE i.common_name IS NOT NULL AND t.state = 'active' AND " OWN
		" ORDER BY i.tenant_id, i.id",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_plan_active(struct ctx *cx, struct plan_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " OWNER ", i.name, c.names, c.not_after FROM identity i"
		" JOIN tenant t ON t.id = i.tenant_id"
		" JOIN certificate c ON c.tenant_id = i.tenant_id AND c.id = i.active_id"
		" WHERE c.origin <> 'self-signed' AND c.not_after > $2 AND t.state <> 'deleted'"
		" AND (" OWN " OR t.id = '" TENANT_SYSTEM "') ORDER BY i.tenant_id, i.id",
		"ti", cx->tenant, cx->now) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_plan_waiting(struct ctx *cx, struct plan_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " OWNER ", i.name, r.names, 0 FROM identity i"
		" JOIN tenant t ON t.id = i.tenant_id"
		" JOIN request r ON r.tenant_id = i.tenant_id AND r.id ="
		" (SELECT max(o.id) FROM request o WHERE o.tenant_id = i.tenant_id"
		" AND o.identity_id = i.id)"
		" WHERE r.state = 'pending' AND t.state <> 'deleted'"
		" AND (" OWN " OR t.id = '" TENANT_SYSTEM "') ORDER BY i.tenant_id, i.id",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}
