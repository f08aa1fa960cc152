/*
 * store_identity.c - the names and subject that a server presents
 */
#include "store/component_row.h"
#include "store/rows.h"

#define COLUMNS                                                                        \
	"id, name, country, state, locality, organization, unit, common_name, email, " \
	"names, digest, active_id, previous_id, created_at, generation"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct identity *i = row;

	row_id(st, 0, i->id, cx->arena);
	i->name = db_text(st, 1, cx->arena);
	i->country = db_text(st, 2, cx->arena);
	i->state = db_text(st, 3, cx->arena);
	i->locality = db_text(st, 4, cx->arena);
	i->organization = db_text(st, 5, cx->arena);
	i->unit = db_text(st, 6, cx->arena);
	i->common_name = db_text(st, 7, cx->arena);
	i->email = db_text(st, 8, cx->arena);
	i->names = db_text(st, 9, cx->arena);
	i->digest = db_text(st, 10, cx->arena);
	row_id(st, 11, i->active, cx->arena);
	row_id(st, 12, i->previous, cx->arena);
	i->created_at = db_int(st, 13);
	i->generation = db_int(st, 14);
}

int
store_identity_load(struct ctx *cx, const char *id_or_name, struct identity *i)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM identity WHERE tenant_id = $1 AND id = coalesce("
		"(SELECT id FROM identity WHERE tenant_id = $1 AND id = $2),"
		" (SELECT id FROM identity WHERE tenant_id = $1 AND name = $2))",
		"tt", cx->tenant, id_or_name) < 0)
		return -1;
	return row_load(cx, st, "identity", fill, i);
}

int
store_identity_list(struct ctx *cx, struct identity **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM identity"
		" WHERE tenant_id = $1 ORDER BY id",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_identity_insert(struct ctx *cx, const struct identity *i)
{
	if (db_exec(cx,
		"INSERT INTO identity (tenant_id, id, name, country, state, locality,"
		" organization, unit, common_name, email, names, digest, active_id, previous_id,"
		" created_at, generation)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
		" ON CONFLICT DO NOTHING",
		"ttttttttttttttii", cx->tenant, i->id, i->name, i->country, i->state, i->locality,
		i->organization, i->unit, i->common_name, i->email, i->names, i->digest,
		row_ref(i->active), row_ref(i->previous), i->created_at, i->generation) < 0)
		return -1;
	if (db_changes(cx) == 1)
		return 0;
	err_set(
	    &cx->err, R_IDENTITY_EXISTS, "name", "an identity named %s exists already", i->name);
	return err_hint(&cx->err, "choose another name");
}

int
store_identity_update(struct ctx *cx, const struct identity *i)
{
	if (db_exec(cx,
		"UPDATE identity SET country = $3, state = $4, locality = $5,"
		" organization = $6, unit = $7, common_name = $8, email = $9, names = $10,"
		" digest = $11, active_id = $12, previous_id = $13, generation = $14"
		" WHERE tenant_id = $1 AND id = $2",
		"ttttttttttttti", cx->tenant, i->id, i->country, i->state, i->locality,
		i->organization, i->unit, i->common_name, i->email, i->names, i->digest,
		row_ref(i->active), row_ref(i->previous), i->generation) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "identity");
}

int
store_identity_save_fields(struct ctx *cx, const struct identity *i)
{
	if (db_exec(cx,
		"UPDATE identity SET country = $3, state = $4, locality = $5, organization = $6,"
		" unit = $7, common_name = $8, email = $9, names = $10, digest = $11"
		" WHERE tenant_id = $1 AND id = $2",
		"ttttttttttt", cx->tenant, i->id, i->country, i->state, i->locality,
		i->organization, i->unit, i->common_name, i->email, i->names, i->digest) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "identity");
}

int
store_identity_delete(struct ctx *cx, const char *id)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int64_t components;

	if (db_query(cx, &st, "SELECT count(*) FROM key WHERE tenant_id = $1 AND identity_id = $2",
		"tt", cx->tenant, id) < 0)
		return -1;
	if (db_step(cx, st) < 0)
		return -1;
	if (db_int(st, 0) > 0) {
		err_set(&cx->err, R_IDENTITY_IN_USE, NULL, "the identity has keys");
		return err_hint(&cx->err,
		    "keys and what was made with them are kept as a record; "
		    "an identity without keys can be deleted");
	}
	if (store_component_count(cx, id, &components) < 0)
		return -1;
	if (components > 0) {
		err_set(&cx->err, R_IDENTITY_IN_USE, NULL, "a component presents the identity");
		return err_hint(&cx->err, "remove the component first");
	}
	if (db_exec(cx, "DELETE FROM renewal WHERE tenant_id = $1 AND identity_id = $2", "tt",
		cx->tenant, id) < 0 ||
	    db_exec(cx, "DELETE FROM identity WHERE tenant_id = $1 AND id = $2", "tt", cx->tenant,
		id) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "identity");
}
