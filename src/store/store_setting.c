/*
 * store_setting.c - small values by name, and answers already given
 */
#include "store/rows.h"

#define IDEMPOTENCY_LIFE (24 * 3600)

int
store_setting_load(struct ctx *cx, const char *name, const char **value)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	*value = NULL;
	if (db_prepare(cx, &st, "SELECT value FROM setting WHERE tenant_id = $1 AND name = $2") < 0)
		return -1;
	db_bind_text(st, 1, cx->tenant);
	db_bind_text(st, 2, name);
	if ((r = db_step(cx, st)) > 0)
		*value = db_text(st, 0, cx->arena);
	return r < 0 ? -1 : 0;
}

int
store_setting_save(struct ctx *cx, const char *name, const char *value)
{
	if (value == NULL)
		return db_exec(cx, "DELETE FROM setting WHERE tenant_id = $1 AND name = $2", "tt",
		    cx->tenant, name);
	return db_exec(cx,
	    "INSERT INTO setting (tenant_id, name, value) VALUES ($1, $2, $3)"
	    " ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value",
	    "ttt", cx->tenant, name, value);
}

int
store_setting_blob(struct ctx *cx, const char *name, const unsigned char **value, size_t *len)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	*value = NULL;
	*len = 0;
	if (db_prepare(cx, &st, "SELECT value FROM setting WHERE tenant_id = $1 AND name = $2") < 0)
		return -1;
	db_bind_text(st, 1, cx->tenant);
	db_bind_text(st, 2, name);
	if ((r = db_step(cx, st)) > 0)
		*value = db_blob(st, 0, len, cx->arena);
	return r < 0 ? -1 : 0;
}

int
store_setting_save_blob(struct ctx *cx, const char *name, const void *value, size_t len)
{
	return db_exec(cx,
	    "INSERT INTO setting (tenant_id, name, value) VALUES ($1, $2, $3)"
	    " ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value",
	    "ttb", cx->tenant, name, value, len);
}

int
store_idempotency_find(struct ctx *cx, const char *actor, const char *key,
    const unsigned char request_hash[32], int *status, const char **body)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	unsigned char seen[32];
	int r;

	if (db_prepare(cx, &st,
		"SELECT request_hash, status, body FROM idempotency"
		" WHERE actor = $1 AND key = $2 AND created_at > $3") < 0)
		return -1;
	db_bind_text(st, 1, actor);
	db_bind_text(st, 2, key);
	db_bind_int(st, 3, cx->now - IDEMPOTENCY_LIFE);
	if ((r = db_step(cx, st)) <= 0)
		return r;
	row_digest(st, 0, seen, cx->arena);
	if (memcmp(seen, request_hash, 32) != 0) {
		err_set(&cx->err, R_IDEMPOTENCY_OTHER, NULL,
		    "this Idempotency-Key was used for another request");
		return err_hint(&cx->err, "use a new key for each new request");
	}
	*status = (int)db_int(st, 1);
	*body = db_text(st, 2, cx->arena);
	return 1;
}

int
store_idempotency_save(struct ctx *cx, const char *actor, const char *key,
    const unsigned char request_hash[32], int status, const char *body)
{
	if (db_exec(cx, "DELETE FROM idempotency WHERE created_at <= $1", "i",
		cx->now - IDEMPOTENCY_LIFE) < 0)
		return -1;
	return db_exec(cx,
	    "INSERT INTO idempotency (actor, key, request_hash, status, body,"
	    " created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
	    "ttbiti", actor, key, (const void *)request_hash, (size_t)32, (int64_t)status, body,
	    cx->now);
}
