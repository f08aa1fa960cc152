/*
 * store_account.c - who may sign in
 */
#include "store/rows.h"

#define STEPS_AN_HOUR 120
#define COLUMNS                                                                        \
	"id, name, email, role, enabled, password, password_set_at, totp, totp_step, " \
	"epoch, created_at, last_sign_in_at, tenant_id, invited_until, "               \
	"CASE tenant_id WHEN '" TENANT_SYSTEM "' THEN name ELSE name || '@' || "       \
	"(SELECT t.name FROM tenant t WHERE t.id = tenant_id) END"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct account *a = row;

	row_id(st, 0, a->id, cx->arena);
	a->name = db_text(st, 1, cx->arena);
	a->email = db_text(st, 2, cx->arena);
	a->role = (enum role)db_int(st, 3);
	a->enabled = db_int(st, 4) != 0;
	a->password = db_text(st, 5, cx->arena);
	a->password_set_at = db_int(st, 6);
	a->totp = db_blob(st, 7, &a->totp_len, cx->arena);
	a->totp_step = db_int(st, 8);
	a->epoch = db_int(st, 9);
	a->created_at = db_int(st, 10);
	a->last_sign_in_at = db_int(st, 11);
	row_id(st, 12, a->tenant, cx->arena);
	a->invited_until = db_int(st, 13);
	a->login = db_text(st, 14, cx->arena);
}

int
store_account_count(struct ctx *cx, int64_t *all, int64_t *enabled_super)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT count(*), count(*) FILTER (WHERE enabled AND role = $2 AND password <> '')"
		" FROM account WHERE tenant_id = $1",
		"ti", cx->tenant, (int64_t)ROLE_SUPER) < 0)
		return -1;
	if (db_step(cx, st) < 0)
		return -1;
	*all = db_int(st, 0);
	*enabled_super = db_int(st, 1);
	return 0;
}

int
store_account_load(struct ctx *cx, const char *id_or_name, struct account *a)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM account"
		" WHERE tenant_id = $1 AND (id = $2 OR lower(name) = lower($2))"
		" ORDER BY id = $2 DESC LIMIT 1",
		"tt", cx->tenant, id_or_name) < 0)
		return -1;
	return row_load(cx, st, "account", fill, a);
}

/* jane, or jane@acme: the person's name, and the tenant's behind the last @. */
int
store_account_by_login(struct ctx *cx, const char *login, struct account *a)
{
	const char *at = strrchr(login, '@');
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM account WHERE (tenant_id = '" TENANT_SYSTEM "'"
		" AND lower(name) = lower($1)) OR (tenant_id = (SELECT id FROM tenant"
		" WHERE name = lower($3)) AND lower(name) = lower($2))"
		" ORDER BY tenant_id = '" TENANT_SYSTEM "' DESC LIMIT 1",
		"ttt", login, at == NULL ? NULL : arena_dup(cx->arena, login, (size_t)(at - login)),
		at == NULL ? NULL : at + 1) < 0)
		return -1;
	return row_find(cx, st, fill, a);
}

int
store_account_invited(struct ctx *cx, const unsigned char hash[32], struct account *a)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM account WHERE invitation = $1 AND invited_until > $2",
		"bi", hash, (size_t)32, cx->now) < 0)
		return -1;
	return row_find(cx, st, fill, a);
}

int
store_account_invite(struct ctx *cx, const char *id, const unsigned char hash[32], int64_t until)
{
	if (db_exec(cx,
		"UPDATE account SET invitation = $3, invited_until = $4"
		" WHERE tenant_id = $1 AND id = $2",
		"ttbi", cx->tenant, id, (const void *)hash, (size_t)(hash == NULL ? 0 : 32),
		until) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "account");
}

int
store_account_list(struct ctx *cx, struct account **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM account WHERE tenant_id = $1 ORDER BY id",
		"t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_account_insert(struct ctx *cx, const struct account *a)
{
	db_rights_change(cx);
	if (db_exec(cx,
		"INSERT INTO account (tenant_id, id, name, email, role, enabled, password,"
		" password_set_at, totp, totp_step, epoch, created_at, last_sign_in_at)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
		" ON CONFLICT DO NOTHING",
		"ttttiitibiiii", cx->tenant, a->id, a->name, a->email, (int64_t)a->role,
		(int64_t)a->enabled, a->password, a->password_set_at, a->totp, a->totp_len,
		a->totp_step, a->epoch, a->created_at, a->last_sign_in_at) < 0)
		return -1;
	if (db_changes(cx) == 1)
		return 0;
	err_set(&cx->err, R_ACCOUNT_EXISTS, "name", "an account named %s exists already", a->name);
	return err_hint(&cx->err, "choose another user name");
}

int
store_account_update(struct ctx *cx, const struct account *a)
{
	db_rights_change(cx);
	if (db_exec(cx,
		"UPDATE account SET email = $3, role = $4, enabled = $5, password = $6,"
		" password_set_at = $7, totp = $8, totp_step = $9, epoch = $10, last_sign_in_at = $11"
		" WHERE tenant_id = $1 AND id = $2",
		"tttiitibiii", cx->tenant, a->id, a->email, (int64_t)a->role, (int64_t)a->enabled,
		a->password, a->password_set_at, a->totp, a->totp_len, a->totp_step, a->epoch,
		a->last_sign_in_at) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "account");
}

int
store_account_delete(struct ctx *cx, const char *id)
{
	db_rights_change(cx);
	if (db_exec(cx, "DELETE FROM account WHERE tenant_id = $1 AND id = $2", "tt", cx->tenant,
		id) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "account");
}

int
store_account_use_step(struct ctx *cx, const char *id, int64_t step)
{
	if (db_exec(cx,
		"UPDATE account SET totp_step = $3"
		" WHERE tenant_id = $1 AND id = $2 AND (totp_step < $3 OR totp_step > $4)",
		"ttii", cx->tenant, id, step, step + STEPS_AN_HOUR) < 0)
		return -1;
	if (db_changes(cx) == 1)
		return 0;
	err_set(&cx->err, R_TOTP_USED, "code", "this code was used already");
	return err_hint(&cx->err, "wait for the next code of your authenticator");
}
