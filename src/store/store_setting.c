/*
 * store_setting.c - small values by name, and answers already given
 */
#include "store/rows.h"

#define IDEMPOTENCY_LIFE (24 * 3600)

static int
load(struct ctx *cx, const char *tenant, const char *name, const char **value)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	*value = NULL;
	if (db_query(cx, &st, "SELECT value FROM setting WHERE tenant_id = $1 AND name = $2", "tt",
		tenant, name) < 0)
		return -1;
	if ((r = db_step(cx, st)) > 0)
		*value = db_text(st, 0, cx->arena);
	return r < 0 ? -1 : 0;
}

static int
save(struct ctx *cx, const char *tenant, const char *name, const char *value)
{
	if (value == NULL)
		return db_exec(cx, "DELETE FROM setting WHERE tenant_id = $1 AND name = $2", "tt",
		    tenant, name);
	return db_exec(cx,
	    "INSERT INTO setting (tenant_id, name, value) VALUES ($1, $2, $3)"
	    " ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value",
	    "ttt", tenant, name, value);
}

int
store_setting_load(struct ctx *cx, const char *name, const char **value)
{
	return load(cx, TENANT_SYSTEM, name, value);
}

int
store_setting_save(struct ctx *cx, const char *name, const char *value)
{
	return save(cx, TENANT_SYSTEM, name, value);
}

int
store_setting_own(struct ctx *cx, const char *name, const char **value)
{
	return load(cx, cx->tenant, name, value);
}

int
store_setting_own_save(struct ctx *cx, const char *name, const char *value)
{
	return save(cx, cx->tenant, name, value);
}

int
store_setting_blob(struct ctx *cx, const char *name, const unsigned char **value, size_t *len)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	*value = NULL;
	*len = 0;
	if (db_query(cx, &st, "SELECT value FROM setting WHERE tenant_id = $1 AND name = $2", "tt",
		TENANT_SYSTEM, name) < 0)
		return -1;
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
	    "ttb", TENANT_SYSTEM, name, value, len);
}

int
store_idempotency_find(struct ctx *cx, int *status, const char **body)
{
	const struct claim *c = &cx->claim;
	AUTO(db_stmt) struct db_stmt *st = NULL;
	unsigned char seen[32];
	int r;

	if (db_query(cx, &st,
		"SELECT request_hash, status, body FROM idempotency"
		" WHERE actor = $1 AND key = $2 AND created_at > $3",
		"tti", c->actor, c->key, (int64_t)(cx->now - IDEMPOTENCY_LIFE)) < 0)
		return -1;
	if ((r = db_step(cx, st)) <= 0)
		return r;
	row_digest(st, 0, seen, cx->arena);
	if (memcmp(seen, c->hash, sizeof(seen)) != 0) {
		err_set(&cx->err, R_IDEMPOTENCY_OTHER, NULL,
		    "this Idempotency-Key was used for another request");
		return err_hint(&cx->err, "use a new key for each new request");
	}
	*status = (int)db_int(st, 1);
	*body = db_text(st, 2, cx->arena);
	return 1;
}

static int
forget_old(struct ctx *cx)
{
	return db_exec(
	    cx, "DELETE FROM idempotency WHERE created_at <= $1", "i", cx->now - IDEMPOTENCY_LIFE);
}

int
store_idempotency_claim(struct ctx *cx)
{
	struct claim *c = &cx->claim;

	if (c->key == NULL || c->taken)
		return 0;
	if (forget_old(cx) < 0 ||
	    db_exec(cx,
		"INSERT INTO idempotency (actor, key, request_hash, status, body, created_at)"
		" VALUES ($1, $2, $3, 0, '', $4) ON CONFLICT DO NOTHING",
		"ttbi", c->actor, c->key, (const void *)c->hash, sizeof(c->hash), cx->now) < 0)
		return -1;
	if (db_changes(cx) == 1) {
		c->taken = true;
		return 0;
	}
	err_set(&cx->err, R_IDEMPOTENCY_CLAIMED, NULL,
	    "the first request with this Idempotency-Key is under way");
	return err_hint(&cx->err, "ask again in a moment: the answer will be the first one's");
}

int
store_idempotency_save(struct ctx *cx, int status, const char *body)
{
	const struct claim *c = &cx->claim;

	if (forget_old(cx) < 0)
		return -1;
	return db_exec(cx,
	    "INSERT INTO idempotency (actor, key, request_hash, status, body, created_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6)"
	    " ON CONFLICT (actor, key) DO UPDATE SET status = $4, body = $5 WHERE status = 0",
	    "ttbiti", c->actor, c->key, (const void *)c->hash, sizeof(c->hash), (int64_t)status,
	    body, cx->now);
}
