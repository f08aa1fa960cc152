/*
 * store_component.c - servers that present an identity's certificate elsewhere
 */
#include "store/component_row.h"
#include "store/rows.h"

#define COLUMNS                                                                              \
	"id, tenant_id, name, kind, target, identity_id, address, sni, starttls, delivery, " \
	"delivered_at, sha256, message, served, checked_at, check_note, "                    \
	"check_at, check_tries, authority, profile, days, names, submission_id, "            \
	"created_by, created_at"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct component_row *c = row;

	row_id(st, 0, c->id, cx->arena);
	row_id(st, 1, c->tenant, cx->arena);
	c->name = db_text(st, 2, cx->arena);
	c->kind = db_text(st, 3, cx->arena);
	c->target = db_text(st, 4, cx->arena);
	row_id(st, 5, c->identity, cx->arena);
	c->address = db_text(st, 6, cx->arena);
	c->sni = db_text(st, 7, cx->arena);
	c->starttls = db_text(st, 8, cx->arena);
	c->delivery = db_text(st, 9, cx->arena);
	c->delivered_at = db_int(st, 10);
	if ((c->has_sha256 = !db_is_null(st, 11)))
		row_digest(st, 11, c->sha256, cx->arena);
	c->message = db_text(st, 12, cx->arena);
	c->served = db_text(st, 13, cx->arena);
	c->checked_at = db_int(st, 14);
	c->check_note = db_text(st, 15, cx->arena);
	c->check_at = db_int(st, 16);
	c->check_tries = db_int(st, 17);
	c->authority = db_text(st, 18, cx->arena);
	c->profile = db_text(st, 19, cx->arena);
	c->days = db_int(st, 20);
	c->names = db_text(st, 21, cx->arena);
	c->token_hash = NULL;
	row_id(st, 22, c->submission, cx->arena);
	c->created_by = db_text(st, 23, cx->arena);
	c->created_at = db_int(st, 24);
}

int
store_component_list(struct ctx *cx, struct component_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM component WHERE tenant_id = $1 ORDER BY name", "t",
		cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_component_load(struct ctx *cx, const char *id_or_name, struct component_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM component WHERE tenant_id = $1 AND (id = $2 OR name = $2)",
		"tt", cx->tenant, id_or_name) < 0)
		return -1;
	return row_load(cx, st, "component", fill, c);
}

int
store_component_targets(struct ctx *cx, struct component_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM component WHERE target IS NOT NULL", "") < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_component_count(struct ctx *cx, const char *identity, int64_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT count(*) FROM component WHERE tenant_id = $1 AND identity_id = $2", "tt",
		cx->tenant, identity) < 0 ||
	    db_step(cx, st) < 0)
		return -1;
	*n = db_int(st, 0);
	return 0;
}

int
store_component_insert(struct ctx *cx, const struct component_row *c)
{
	if (db_exec(cx,
		"INSERT INTO component (tenant_id, id, name, kind, target, identity_id, address,"
		" sni, starttls, delivery, created_by, created_at, authority, profile, days, names,"
		" token_hash)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
		" ON CONFLICT (tenant_id, name) DO NOTHING",
		"tttttttttttittitb", cx->tenant, c->id, c->name, c->kind, c->target,
		row_ref(c->identity), c->address, c->sni, c->starttls, c->delivery, c->created_by,
		c->created_at, c->authority, c->profile, c->days, c->names,
		(const void *)c->token_hash, (size_t)(c->token_hash == NULL ? 0 : 32)) < 0)
		return -1;
	if (db_changes(cx) == 1)
		return 0;
	err_set(
	    &cx->err, R_COMPONENT_EXISTS, "name", "a component named %s exists already", c->name);
	return err_hint(&cx->err, "choose another name");
}

int
store_component_of_token(struct ctx *cx, const unsigned char hash[32], struct component_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM component WHERE token_hash = $1", "b",
		(const void *)hash, (size_t)32) < 0)
		return -1;
	return row_find(cx, st, fill, c);
}

int
store_component_set_submission(struct ctx *cx, const struct component_row *c)
{
	return db_exec(cx,
	    "UPDATE component SET submission_id = $3 WHERE tenant_id = $1 AND id = $2", "ttt",
	    cx->tenant, c->id, c->submission);
}

int
store_component_delete(struct ctx *cx, const char *id)
{
	if (db_exec(cx, "DELETE FROM component WHERE tenant_id = $1 AND id = $2", "tt", cx->tenant,
		id) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "component");
}

int
store_component_set_place(struct ctx *cx, const struct component_row *c)
{
	if (db_exec(cx,
		"UPDATE component SET address = $3, sni = $4, starttls = $5"
		" WHERE tenant_id = $1 AND id = $2",
		"ttttt", cx->tenant, c->id, c->address, c->sni, c->starttls) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "component");
}

int
store_component_set_delivery(struct ctx *cx, const struct component_row *c)
{
	if (db_exec(cx,
		"UPDATE component SET delivery = $3, delivered_at = $4, sha256 = $5, message = $6"
		" WHERE tenant_id = $1 AND id = $2",
		"tttibt", cx->tenant, c->id, c->delivery, c->delivered_at,
		c->has_sha256 ? (const void *)c->sha256 : NULL,
		(size_t)(c->has_sha256 ? sizeof(c->sha256) : 0), c->message) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "component");
}

int
store_component_set_check(struct ctx *cx, const struct component_row *c)
{
	if (db_exec(cx,
		"UPDATE component SET served = $3, checked_at = $4, check_note = $5,"
		" check_at = $6, check_tries = $7 WHERE tenant_id = $1 AND id = $2",
		"tttitii", cx->tenant, c->id, c->served, c->checked_at, c->check_note, c->check_at,
		c->check_tries) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "component");
}

static int
put_off_too_far(struct ctx *cx, struct component_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM component WHERE check_at > $1 ORDER BY check_at LIMIT 1",
		"i", (int64_t)(cx->now + CHECK_AHEAD_S)) < 0)
		return -1;
	if ((r = row_find(cx, st, fill, c)) > 0)
		c->check_at = cx->now;
	return r;
}

int
store_component_next_check(struct ctx *cx, struct component_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if ((r = put_off_too_far(cx, c)) != 0)
		return r;
	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM component WHERE check_at > 0 ORDER BY check_at LIMIT 1",
		"") < 0)
		return -1;
	return row_find(cx, st, fill, c);
}

int
store_component_due(struct ctx *cx, const char *identity)
{
	return db_exec(cx,
	    "UPDATE component SET delivery = 'pending'"
	    " WHERE tenant_id = $1 AND identity_id = $2",
	    "tt", cx->tenant, identity);
}

int
store_component_pending(struct ctx *cx, const char *after, struct component_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM component"
		" WHERE delivery = 'pending' AND id > $1 ORDER BY id LIMIT 1",
		"t", after) < 0)
		return -1;
	return row_find(cx, st, fill, c);
}

int
store_component_total(struct ctx *cx, int64_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT count(*) FROM component", "") < 0 || db_step(cx, st) < 0)
		return -1;
	*n = db_int(st, 0);
	return 0;
}
