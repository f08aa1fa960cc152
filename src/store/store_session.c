/*
 * store_session.c - sessions, tokens and sign-in attempts
 *
 * Sessions and tokens are found by the SHA-256 of their secret; the secret
 * itself is stored nowhere.
 */
#include "store/rows.h"

#define SESSION_COLUMNS \
	"id, account_id, epoch, created_at, seen_at, expires_at, source, agent, half, tenant_id"
#define TOKEN_COLUMNS                                                       \
	"t.id, t.account_id, a.name, t.epoch, t.created_at, t.expires_at, " \
	"t.used_at, t.revoked, t.tenant_id"
#define TOKEN_FROM \
	" FROM token t LEFT JOIN account a ON a.tenant_id = t.tenant_id AND a.id = t.account_id"

static void
fill_session(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct session *s = row;

	row_id(st, 0, s->id, cx->arena);
	row_id(st, 1, s->account, cx->arena);
	s->epoch = db_int(st, 2);
	s->created_at = db_int(st, 3);
	s->seen_at = db_int(st, 4);
	s->expires_at = db_int(st, 5);
	s->source = db_text(st, 6, cx->arena);
	s->agent = db_text(st, 7, cx->arena);
	s->half = db_int(st, 8) != 0;
	row_id(st, 9, s->tenant, cx->arena);
}

int
store_session_insert(struct ctx *cx, const struct session *s, const unsigned char hash[32])
{
	return db_exec(cx,
	    "INSERT INTO session (tenant_id, hash, id, account_id, epoch, created_at,"
	    " seen_at, expires_at, source, agent, half)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
	    "tbttiiiitti", cx->tenant, (const void *)hash, (size_t)32, s->id, s->account, s->epoch,
	    s->created_at, s->seen_at, s->expires_at, s->source, s->agent, (int64_t)s->half);
}

int
store_session_find(struct ctx *cx, const unsigned char hash[32], struct session *s)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " SESSION_COLUMNS " FROM session WHERE hash = $1", "b", hash,
		(size_t)32) < 0)
		return -1;
	return row_load(cx, st, "session", fill_session, s);
}

int
store_session_touch(struct ctx *cx, const char *id, int64_t seen_at, int64_t expires_at)
{
	return db_exec(cx,
	    "UPDATE session SET seen_at = $3, expires_at = $4"
	    " WHERE tenant_id = $1 AND id = $2",
	    "ttii", cx->tenant, id, seen_at, expires_at);
}

int
store_session_list(struct ctx *cx, const char *account, struct session **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " SESSION_COLUMNS " FROM session"
		" WHERE tenant_id = $1 AND account_id = $2 ORDER BY id DESC",
		"tt", cx->tenant, account) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_session, out, n);
}

int
store_session_delete(struct ctx *cx, const char *account, const char *id)
{
	if (db_exec(cx,
		"DELETE FROM session"
		" WHERE tenant_id = $1 AND account_id = $2 AND ($3 IS NULL OR id = $3)",
		"ttt", cx->tenant, account, id) < 0)
		return -1;
	return id == NULL || db_changes(cx) == 1 ? 0 : row_none(cx, "session");
}

int
store_session_expire(struct ctx *cx, int64_t now)
{
	return db_exec(cx, "DELETE FROM session WHERE expires_at < $1", "i", now);
}

static void
fill_token(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct token *t = row;

	row_id(st, 0, t->id, cx->arena);
	row_id(st, 1, t->account, cx->arena);
	t->account_name = db_text(st, 2, cx->arena);
	t->epoch = db_int(st, 3);
	t->created_at = db_int(st, 4);
	t->expires_at = db_int(st, 5);
	t->used_at = db_int(st, 6);
	t->revoked = db_int(st, 7) != 0;
	row_id(st, 8, t->tenant, cx->arena);
}

int
store_token_insert(struct ctx *cx, const struct token *t, const unsigned char hash[32])
{
	db_rights_change(cx);
	return db_exec(cx,
	    "INSERT INTO token (tenant_id, id, hash, account_id, epoch, created_at,"
	    " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
	    "ttbtiii", cx->tenant, t->id, (const void *)hash, (size_t)32, row_ref(t->account),
	    t->epoch, t->created_at, t->expires_at);
}

int
store_token_find(struct ctx *cx, const unsigned char hash[32], struct token *t)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " TOKEN_COLUMNS TOKEN_FROM " WHERE t.hash = $1", "b", hash,
		(size_t)32) < 0)
		return -1;
	return row_load(cx, st, "token", fill_token, t);
}

int
store_token_list(struct ctx *cx, struct token **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " TOKEN_COLUMNS TOKEN_FROM " WHERE t.tenant_id = $1 ORDER BY t.id DESC",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_token, out, n);
}

int
store_token_revoke(struct ctx *cx, const char *id)
{
	db_rights_change(cx);
	if (db_exec(cx, "UPDATE token SET revoked = 1 WHERE tenant_id = $1 AND id = $2", "tt",
		cx->tenant, id) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "token");
}

int
store_token_touch(struct ctx *cx, const char *id, int64_t used_at)
{
	db_rights_change(cx);
	return db_exec(cx, "UPDATE token SET used_at = $3 WHERE tenant_id = $1 AND id = $2", "tti",
	    cx->tenant, id, used_at);
}

int
store_attempts_load(struct ctx *cx, const char *name, const char *source, struct attempts *out)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	memset(out, 0, sizeof(*out));
	if (db_query(cx, &st,
		"SELECT failures, last_at, locked_until FROM attempts"
		" WHERE name = $1 AND source = $2",
		"tt", name, source) < 0)
		return -1;
	if ((r = db_step(cx, st)) <= 0)
		return r;
	out->failures = db_int(st, 0);
	out->last_at = db_int(st, 1);
	out->locked_until = db_int(st, 2);
	return 0;
}

int
store_attempts_save(struct ctx *cx, const char *name, const char *source, const struct attempts *a)
{
	return db_exec(cx,
	    "INSERT INTO attempts (name, source, failures, last_at, locked_until)"
	    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name, source) DO UPDATE SET"
	    " failures = excluded.failures, last_at = excluded.last_at,"
	    " locked_until = excluded.locked_until",
	    "ttiii", name, source, a->failures, a->last_at, a->locked_until);
}

int
store_attempts_clear(struct ctx *cx, const char *name, const char *source)
{
	return db_exec(
	    cx, "DELETE FROM attempts WHERE name = $1 AND source = $2", "tt", name, source);
}

int
store_attempts_expire(struct ctx *cx, int64_t before)
{
	return db_exec(cx, "DELETE FROM attempts WHERE last_at < $1", "i", before);
}
