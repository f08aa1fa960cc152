/*
 * op_account.c - accounts and their tokens
 */
#include <stdio.h>

#include "base/limits.h"
#include "op/op_account.h"
#include "op/op_attempt.h"
#include "op/op_custodian.h"
#include "store/tenant.h"

/* ---- what a name and an address must look like -------------------------------- */
static int
check_name(struct ctx *cx, const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._@-";
	size_t n = strlen(name);

	if (n >= 1 && n <= LIMIT_NAME && strspn(name, allowed) == n &&
	    strchr("._@-", name[0]) == NULL)
		return 0;
	err_set(&cx->err, R_ACCOUNT_NAME, "name",
	    "the user name must be 1 to %d letters, "
	    "digits or . _ @ - and begin with a letter or digit",
	    LIMIT_NAME);
	return err_hint(&cx->err, "for example: j.smith");
}

/*
 * Plausible, not proven: local@domain of RFC 5321's sizes, a dot in the
 * domain. Proof would need a message to be sent.
 */
int
account_check_email(struct ctx *cx, const char *field, const char *email)
{
	static const char host[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789.-";
	static const char local[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789.!#$%&'*+/=?^_`{|}~-";
	const char *at = strrchr(email, '@'), *domain = at == NULL ? "" : at + 1;
	size_t n = at == NULL ? 0 : (size_t)(at - email), d = strlen(domain);

	if (n >= 1 && n <= 64 && strspn(email, local) == n && d >= 3 && d <= 253 &&
	    strspn(domain, host) == d && strchr(domain, '.') != NULL &&
	    strstr(email, "..") == NULL && email[0] != '.' && at[-1] != '.' &&
	    strchr(".-", domain[0]) == NULL && strchr(".-", domain[d - 1]) == NULL)
		return 0;
	err_set(&cx->err, R_ACCOUNT_EMAIL, field, "this is not an e-mail address");
	return err_hint(&cx->err, "for example: j.smith@example.com");
}

/* jane@acme of the system would stand before jane of the tenant acme. */
static int
check_shadow(struct ctx *cx, const char *name)
{
	const char *at = strrchr(name, '@');
	struct tenant t;

	if (at == NULL || !in_system(cx))
		return 0;
	if (store_tenant_load(cx, text_lower_ascii(cx->arena, at + 1), &t) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		return 0;
	}
	err_set(&cx->err, R_ACCOUNT_NAME, "name",
	    "names that end in @%s are those of the people of this tenant", t.name);
	return err_hint(&cx->err, "choose another user name");
}

int
account_compose(struct ctx *cx, const char *name, const char *email, enum role role,
    const char *password, struct account *a)
{
	struct password_policy policy;

	memset(a, 0, sizeof(*a));
	if (check_name(cx, name) < 0 || account_check_email(cx, "email", email) < 0 ||
	    check_shadow(cx, name) < 0)
		return -1;
	a->password = "";
	if (password != NULL &&
	    (op_password_policy_load(cx, &policy) < 0 ||
		password_check(cx, &policy, "password", name, email, password) < 0 ||
		password_hash(cx, password, &a->password) < 0))
		return -1;
	id_new(a->id);
	memcpy(a->tenant, cx->tenant, sizeof(a->tenant));
	a->name = a->login = name;
	a->email = email;
	a->role = role;
	a->enabled = true;
	a->created_at = a->password_set_at = cx->now;
	return 0;
}

int
account_new_password(struct ctx *cx, struct account *a, const struct password_policy *policy,
    const char *field, const char *password)
{
	int same;

	if (password_check(cx, policy, field, a->name, a->email, password) < 0 ||
	    (same = password_verify(cx, password, a->password)) < 0)
		return -1;
	if (same)
		return err_set(&cx->err, R_PASSWORD_SAME, field,
		    "the new password is the same as the old one");
	if (password_hash(cx, password, &a->password) < 0)
		return -1;
	a->password_set_at = cx->now;
	return 0;
}

/* ---- roles ------------------------------------------------------------------------- */
int
account_role(struct ctx *cx, const char *text, enum role *out)
{
	enum role head = in_system(cx) ? ROLE_SUPER : ROLE_TENANT_ADMIN;

	*out = text == NULL || text[0] == '\0' ? head : role_of(text);
	if (*out == head || *out == ROLE_AUDITOR || *out == ROLE_OPERATOR)
		return 0;
	err_set(&cx->err, R_ACCOUNT_ROLE, "role", "there is no such role here");
	return err_hint(&cx->err, "%s, operator or auditor", role_name(head));
}

/* ---- accounts ---------------------------------------------------------------------- */
int
op_account_list(struct ctx *cx, struct account **out, size_t *n)
{
	return store_account_list(cx, out, n);
}

int
op_account_load(struct ctx *cx, const char *id_or_name, struct account *a)
{
	return store_account_load(cx, id_or_name, a);
}

int
op_account_create(struct ctx *cx, const char *name, const char *email, const char *role,
    const char *password, struct account *a)
{
	enum role r;

	if (account_role(cx, role, &r) < 0 ||
	    account_compose(cx, name, email, r, password, a) < 0 || db_begin(cx) < 0 ||
	    store_account_insert(cx, a) < 0 || store_account_load(cx, a->id, a) < 0 ||
	    audit(cx, "account.create", a->name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

/* In the open transaction: may this enabled Super Admin go? */
static int
not_the_last(struct ctx *cx, const struct account *a)
{
	int64_t all, super;

	if (!a->enabled || a->role != ROLE_SUPER || a->password[0] == '\0')
		return 0;
	if (store_account_count(cx, &all, &super) < 0)
		return -1;
	if (super > 1)
		return 0;
	err_set(&cx->err, R_LAST_SUPER, NULL, "the account %s is the last enabled Super Admin",
	    a->name);
	return err_hint(&cx->err, "add or enable another Super Admin first");
}

int
op_account_enable(struct ctx *cx, const char *id_or_name, bool enabled, struct account *a)
{
	if (db_begin(cx) < 0 || store_account_load(cx, id_or_name, a) < 0)
		return -1;
	if (!enabled && not_the_last(cx, a) < 0)
		return -1;
	if (a->enabled && !enabled)
		a->epoch++; /* sessions and tokens end now */
	a->enabled = enabled;
	if (store_account_update(cx, a) < 0 ||
	    audit(cx, enabled ? "account.enable" : "account.disable", a->name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_account_delete(struct ctx *cx, const char *id_or_name)
{
	struct account a;

	if (db_begin(cx) < 0 || store_account_load(cx, id_or_name, &a) < 0 ||
	    not_the_last(cx, &a) < 0 || custodian_not(cx, &a) < 0 ||
	    store_session_delete(cx, a.id, NULL) < 0 || store_account_delete(cx, a.id) < 0 ||
	    audit(cx, "account.delete", a.name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_account_password(struct ctx *cx, const char *id_or_name, const char *password, struct account *a)
{
	struct password_policy policy;
	struct account now;

	if (store_account_load(cx, id_or_name, a) < 0 || op_password_policy_load(cx, &policy) < 0 ||
	    account_new_password(cx, a, &policy, "password", password) < 0 || db_begin(cx) < 0 ||
	    store_account_load(cx, a->id, &now) < 0)
		return -1;
	now.password = a->password;
	now.password_set_at = a->password_set_at;
	now.epoch++;
	*a = now;
	if (store_session_delete(cx, a->id, NULL) < 0 || store_account_update(cx, a) < 0 ||
	    audit(cx, "account.password", a->name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_account_reset_totp(struct ctx *cx, const char *id_or_name, struct account *a)
{
	if (db_begin(cx) < 0 || store_account_load(cx, id_or_name, a) < 0 ||
	    custodian_not(cx, a) < 0)
		return -1;
	a->totp = NULL;
	a->totp_len = 0;
	a->totp_step = 0;
	if (store_account_update(cx, a) < 0 || audit(cx, "account.reset-totp", a->name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
account_unchanged(struct ctx *cx, const struct account *was, const struct account *now)
{
	if (was->epoch == now->epoch)
		return 0;
	err_set(&cx->err, R_SESSION_EXPIRED, NULL, "the account was changed meanwhile");
	return err_hint(&cx->err, "sign in again");
}

int
op_account_change_password(struct ctx *cx, const char *current, const char *password,
    const char *agent, char secret[SECRET_TEXT_SIZE])
{
	struct password_policy policy;
	struct account a, now;

	secret[0] = '\0';
	if (cx->actor.id[0] == '\0') {
		err_set(&cx->err, R_ACCOUNT_NONE, NULL, "the local administrator has no account");
		return err_hint(&cx->err, "certwright admin password sets an account's");
	}
	if (store_account_load(cx, cx->actor.id, &a) < 0 ||
	    op_password_policy_load(cx, &policy) < 0 ||
	    attempt_password(cx, &a, "current", current) < 0)
		return -1;
	if (account_new_password(cx, &a, &policy, "password", password) < 0 || db_begin(cx) < 0 ||
	    store_account_load(cx, a.id, &now) < 0 || account_unchanged(cx, &a, &now) < 0)
		return -1;
	now.password = a.password;
	now.password_set_at = a.password_set_at;
	now.epoch++;
	if (store_session_delete(cx, now.id, NULL) < 0 || store_account_update(cx, &now) < 0 ||
	    audit(cx, "account.change-password", now.name, NULL) < 0)
		return -1;
	if (cx->actor.kind == ACTOR_ACCOUNT && session_open(cx, &now, agent, false, secret) < 0)
		return -1;
	return db_commit(cx);
}

/* ---- tokens ---------------------------------------------------------------------------- */
int
op_token_create(
    struct ctx *cx, const char *user, int64_t days, struct token *t, char text[TOKEN_TEXT_SIZE])
{
	unsigned char hash[32];
	struct account a = { 0 };

	memset(t, 0, sizeof(*t));
	if (days == 0)
		days = TOKEN_DAYS;
	if (days < 1 || days > TOKEN_DAYS_MAX)
		return err_set(&cx->err, R_TOKEN_DAYS, "days", "a token may live from 1 to %d days",
		    TOKEN_DAYS_MAX);
	if (user == NULL && strcmp(cx->tenant, cx->actor.tenant) != 0) {
		err_set(&cx->err, R_TOKEN_USER, "user", "say whose token of this tenant it is");
		return err_hint(&cx->err, "`certwright account list` shows its people");
	}
	if (user == NULL && cx->actor.id[0] != '\0')
		user = cx->actor.id;
	memcpy(text, "cw_", 3);
	secret_new(cx, text + 3);
	if (secret_hash(cx, text, hash) < 0 || db_begin(cx) < 0 ||
	    (user != NULL && store_account_load(cx, user, &a) < 0))
		return -1;
	if (user != NULL && a.password[0] == '\0') {
		err_set(&cx->err, R_TOKEN_USER, "user",
		    "the account %s was invited, and nobody has set its password yet", a.name);
		return err_hint(&cx->err, "its owner has to accept first");
	}
	id_new(t->id);
	memcpy(t->account, a.id, sizeof(t->account));
	t->account_name = a.name == NULL ? "" : a.name;
	t->epoch = a.epoch;
	t->created_at = cx->now;
	t->expires_at = cx->now + days * 86400;
	if (store_token_insert(cx, t, hash) < 0 || audit(cx, "token.create", t->id, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_token_list(struct ctx *cx, struct token **out, size_t *n)
{
	return store_token_list(cx, out, n);
}

int
op_token_revoke(struct ctx *cx, const char *id)
{
	if (db_begin(cx) < 0 || store_token_revoke(cx, id) < 0 ||
	    audit(cx, "token.revoke", id, NULL) < 0)
		return -1;
	return db_commit(cx);
}
