/*
 * store_request.c - CSRs once made; only their state changes
 */
#include "store/rows.h"

#define COLUMNS                                                                              \
	"id, number, identity_id, key_id, state, der, sha256, spki_sha256, subject, names, " \
	"digest, created_by, created_at, key_note"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct request_row *r = row;

	row_id(st, 0, r->id, cx->arena);
	r->number = db_int(st, 1);
	row_id(st, 2, r->identity, cx->arena);
	row_id(st, 3, r->key, cx->arena);
	r->state = db_text(st, 4, cx->arena);
	r->der = db_blob(st, 5, &r->der_len, cx->arena);
	row_digest(st, 6, r->sha256, cx->arena);
	row_digest(st, 7, r->spki_sha256, cx->arena);
	r->subject = db_text(st, 8, cx->arena);
	r->names = db_text(st, 9, cx->arena);
	r->digest = db_text(st, 10, cx->arena);
	r->created_by = db_text(st, 11, cx->arena);
	r->created_at = db_int(st, 12);
	r->key_note = db_text(st, 13, cx->arena);
}

/* A number for people: counted in the tenant's settings, without a scan. */
static int
next_number(struct ctx *cx, int64_t *number)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_exec(cx,
		"INSERT INTO setting (tenant_id, name, value)"
		" VALUES ($1, 'request.number', 1) ON CONFLICT (tenant_id, name)"
		" DO UPDATE SET value = value + 1",
		"t", cx->tenant) < 0 ||
	    db_query(cx, &st,
		"SELECT value FROM setting WHERE tenant_id = $1 AND name = 'request.number'", "t",
		cx->tenant) < 0 ||
	    db_step(cx, st) < 0)
		return -1;
	*number = db_int(st, 0);
	return 0;
}

int
store_request_insert(struct ctx *cx, struct request_row *r)
{
	if (next_number(cx, &r->number) < 0)
		return -1;
	return db_exec(cx,
	    "INSERT INTO request (tenant_id, id, number, identity_id, key_id, state,"
	    " der, sha256, spki_sha256, subject, names, digest, created_by, created_at,"
	    " key_note)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
	    "ttitttbbbttttit", cx->tenant, r->id, r->number, r->identity, r->key, r->state,
	    (const void *)r->der, r->der_len, (const void *)r->sha256, (size_t)32,
	    (const void *)r->spki_sha256, (size_t)32, r->subject, r->names, r->digest,
	    r->created_by, r->created_at, r->key_note);
}

int
store_request_load(struct ctx *cx, const char *id, struct request_row *out)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM request WHERE tenant_id = $1 AND id = $2",
		"tt", cx->tenant, id) < 0)
		return -1;
	return row_load(cx, st, "request", fill, out);
}

int
store_request_newest(struct ctx *cx, const char *identity, struct request_row *out)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM request"
		" WHERE tenant_id = $1 AND identity_id = $2 ORDER BY id DESC LIMIT 1",
		"tt", cx->tenant, identity) < 0)
		return -1;
	return row_load(cx, st, "request", fill, out);
}

int
store_request_list(struct ctx *cx, const char *identity, struct request_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM request"
		" WHERE tenant_id = $1 AND identity_id = $2 ORDER BY id DESC LIMIT 1000",
		"tt", cx->tenant, identity) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_request_list_by_spki(
    struct ctx *cx, const unsigned char spki_sha256[32], struct request_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM request"
		" WHERE tenant_id = $1 AND key_id ="
		" (SELECT id FROM key WHERE tenant_id = $1 AND spki_sha256 = $2)"
		" ORDER BY id DESC LIMIT 1000",
		"tb", cx->tenant, spki_sha256, (size_t)32) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_request_set_state(struct ctx *cx, const char *id, const char *state)
{
	if (db_exec(cx, "UPDATE request SET state = $3 WHERE tenant_id = $1 AND id = $2", "ttt",
		cx->tenant, id, state) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "request");
}

int
store_request_set_key_note(struct ctx *cx, const char *id, const char *key_note)
{
	return db_exec(cx, "UPDATE request SET key_note = $3 WHERE tenant_id = $1 AND id = $2",
	    "ttt", cx->tenant, id, key_note);
}
