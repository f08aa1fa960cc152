/*
 * op_access.c - set-up and sign-in
 */
#include <openssl/crypto.h>
#include <stdio.h>

#include "base/limits.h"
#include "op/op_access.h"
#include "op/op_account.h"
#include "op/op_attempt.h"
#include "op/op_doors.h"
#include "op/op_password.h"
#include "op/op_tenant.h"
#include "op/op_totp.h"

/* ---- set-up ------------------------------------------------------------------ */
#define SETUP_SETTING "setup-link"

int
op_setup_token(struct ctx *cx, char out[SECRET_TEXT_SIZE])
{
	unsigned char hash[32];
	const char *value;

	secret_new(cx, out);
	if (secret_hash(cx, out, hash) < 0)
		return -1;
	value = arena_printf(cx->arena, "%s %lld", hex_of(cx->arena, hash, sizeof(hash)),
	    (long long)cx->now + SETUP_LIFE_S);
	if (db_begin(cx) < 0 || store_setting_save(cx, SETUP_SETTING, value) < 0)
		return -1;
	return db_commit(cx);
}

static int
setup_refused(struct ctx *cx)
{
	err_set(&cx->err, R_SETUP_LINK, NULL,
	    "this set-up link is not valid: it was used, is older than 24 hours, or an "
	    "account exists already");
	return err_hint(&cx->err,
	    "sign in, or restart the daemon for a new link while there "
	    "is no account");
}

int
op_setup_check(struct ctx *cx, const char *token)
{
	unsigned char hash[32];
	IN_TENANT(cx, TENANT_SYSTEM);
	const char *value, *hex;
	char kept[65];
	long long until;
	int64_t all, super;

	if (store_account_count(cx, &all, &super) < 0 ||
	    store_setting_load(cx, SETUP_SETTING, &value) < 0 || secret_hash(cx, token, hash) < 0)
		return -1;
	hex = hex_of(cx->arena, hash, sizeof(hash));
	if (all != 0 || value == NULL || sscanf(value, "%64[0-9a-f] %lld", kept, &until) != 2 ||
	    cx->now >= until || CRYPTO_memcmp(kept, hex, sizeof(kept)) != 0)
		return setup_refused(cx);
	return 0;
}

int
op_setup(struct ctx *cx, const char *token, const char *name, const char *email,
    const char *password, const char *agent, char secret[SECRET_TEXT_SIZE])
{
	IN_TENANT(cx, TENANT_SYSTEM);
	struct account account;

	/* The token first: without it nobody learns the password rules' cost. */
	if (op_setup_check(cx, token) < 0 ||
	    account_compose(cx, name, email, ROLE_SUPER, password, &account) < 0)
		return -1;
	account.last_sign_in_at = cx->now;
	/* Again inside the transaction: of two at once one makes the account. */
	if (db_begin(cx) < 0 || op_setup_check(cx, token) < 0 ||
	    store_setting_save(cx, SETUP_SETTING, "") < 0 ||
	    store_account_insert(cx, &account) < 0 ||
	    session_open(cx, &account, agent, false, secret) < 0 ||
	    audit(cx, "setup", account.name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

/* ---- sign-in --------------------------------------------------------------------- */
static int
wrong(struct ctx *cx)
{
	err_set(&cx->err, R_SIGNIN_WRONG, NULL, "the user name or the password is wrong");
	return err_hint(&cx->err,
	    "another Super Admin can set a new password; on the server: "
	    "certwright admin password");
}

/* Last sign of life; a new password counts, so an admin can wake an account. */
static int64_t
last_life(const struct account *a)
{
	int64_t t = a->created_at;

	if (a->last_sign_in_at > t)
		t = a->last_sign_in_at;
	return a->password_set_at > t ? a->password_set_at : t;
}

static const char *
another_admin(const struct account *a)
{
	return strcmp(a->tenant, TENANT_SYSTEM) == 0 ? "another Super Admin"
						     : "an admin of your tenant";
}

static int
may_enter(struct ctx *cx, const struct account *a, const struct password_policy *p)
{
	if (!a->enabled) {
		err_set(&cx->err, R_ACCOUNT_DISABLED, NULL, "the account is disabled");
		return err_hint(&cx->err, "%s can enable it", another_admin(a));
	}
	if (p->inactivity_days > 0 && cx->now - last_life(a) > p->inactivity_days * 86400) {
		err_set(&cx->err, R_ACCOUNT_INACTIVE, NULL,
		    "the account was not used for more than %lld days",
		    (long long)p->inactivity_days);
		return err_hint(&cx->err, "%s can set a new password for it", another_admin(a));
	}
	return op_tenant_open(cx, a->tenant);
}

/* The people of tenants have a door of their own (V1). */
static int
check_door(struct ctx *cx, const struct account *a, bool super)
{
	if (!super || strcmp(a->tenant, TENANT_SYSTEM) == 0)
		return 0;
	err_set(&cx->err, R_SIGNIN_DOOR, NULL, "this door is for Super Admins");
	return err_hint(&cx->err, "sign in at /admin");
}

static unsigned
due_of(struct ctx *cx, const struct account *a, const struct password_policy *p)
{
	unsigned due = totp_is_on(a) ? DUE_CODE : 0;

	if (p->expiry_days > 0 && cx->now - a->password_set_at > p->expiry_days * 86400)
		due |= DUE_PASSWORD;
	return due;
}

static int
find_by_name(struct ctx *cx, const char *name, struct account *a, bool *found)
{
	int r;

	memset(a, 0, sizeof(*a));
	if ((r = store_account_by_login(cx, name, a)) < 0)
		return -1;
	if ((*found = r == 1)) {
		cx->about = a->name; /* never what was typed: it may be a password */
		memcpy(cx->tenant, a->tenant, sizeof(cx->tenant));
		if (doors_shut(cx, a->tenant)) { /* who knocks here is not told that it is there */
			*found = false;
			a->password = NULL;
		}
	}
	return 0;
}

/* The open transaction's last part: who, when, a fresh session, the record. */
static int
enter(struct ctx *cx, struct account *a, const char *agent, char secret[SECRET_TEXT_SIZE])
{
	a->last_sign_in_at = cx->now;
	if (attempt_clear(cx, a->login, attempt_source(cx)) < 0 ||
	    store_account_update(cx, a) < 0 || session_open(cx, a, agent, false, secret) < 0)
		return -1;
	return audit(cx, "session.sign-in", a->name, NULL);
}

int
op_sign_in(struct ctx *cx, bool super, const char *name, const char *password, const char *agent,
    char secret[SECRET_TEXT_SIZE], unsigned *due)
{
	struct password_policy policy;
	struct attempts before;
	struct account a = { 0 };
	int64_t epoch;
	bool found;
	int fits;

	actor_nobody(cx);
	if (strlen(name) > LIMIT_LOGIN || strlen(password) > LIMIT_PASSWORD)
		return wrong(cx);
	if (op_password_policy_load(cx, &policy) < 0 || find_by_name(cx, name, &a, &found) < 0 ||
	    attempt_take(cx, name, attempt_source(cx), policy.max_failures, &before) < 0)
		return -1;
	if ((fits = password_verify(cx, password, found ? a.password : NULL)) < 0)
		return attempt_undo(cx, name, attempt_source(cx), policy.max_failures);
	if (!fits)
		return wrong(cx);
	if (may_enter(cx, &a, &policy) < 0 || check_door(cx, &a, super) < 0)
		return -1;
	/* Once more in the transaction: what was checked may have changed. */
	epoch = a.epoch;
	if (db_begin(cx) < 0 || store_account_load(cx, a.id, &a) < 0)
		return -1;
	if (a.epoch != epoch) /* another password, for example: P24 */
		return wrong(cx);
	if (may_enter(cx, &a, &policy) < 0)
		return -1;
	*due = due_of(cx, &a, &policy);
	if (*due == 0) {
		if (enter(cx, &a, agent, secret) < 0)
			return -1;
	} else if (attempt_put_back(cx, name, attempt_source(cx), &before) < 0 ||
	    session_open(cx, &a, agent, true, secret) < 0 ||
	    audit(cx, "session.password-given", a.name, NULL) < 0) {
		return -1;
	}
	return db_commit(cx);
}

static int
half_account(struct ctx *cx, struct account *a)
{
	if (cx->actor.kind != ACTOR_NOBODY || cx->actor.id[0] == '\0' ||
	    cx->actor.session[0] == '\0') {
		err_set(&cx->err, R_SESSION_UNKNOWN, NULL, "no sign-in is under way");
		return err_hint(&cx->err, "sign in again");
	}
	if (store_account_load(cx, cx->actor.id, a) < 0)
		return -1;
	cx->about = a->name;
	return 0;
}

int
op_sign_in_due(struct ctx *cx, unsigned *due)
{
	struct password_policy policy = { 0 };
	struct account a = { 0 };

	if (half_account(cx, &a) < 0 || op_password_policy_load(cx, &policy) < 0)
		return -1;
	*due = due_of(cx, &a, &policy);
	return 0;
}

/* A wrong code counts as a failed try from here and, in all, for the account. */
static int
code_take(struct ctx *cx, const struct account *a, const struct password_policy *p,
    const char *code, int64_t *step)
{
	struct attempts here, all;

	if (attempt_take(cx, a->login, attempt_source(cx), p->max_failures, &here) < 0 ||
	    attempt_take(cx, a->login, ATTEMPT_CODES, ATTEMPT_CODES_MAX, &all) < 0)
		return -1;
	return totp_check(cx, a, code, step);
}

static int
renew_password(
    struct ctx *cx, struct account *a, const struct password_policy *p, const char *password)
{
	if (password == NULL || password[0] == '\0')
		return err_set(&cx->err, R_PASSWORD_EXPIRED, "new_password",
		    "the password has expired: choose a new one");
	return account_new_password(cx, a, p, "new_password", password);
}

int
op_sign_in_finish(struct ctx *cx, const char *code, const char *password, const char *agent,
    char secret[SECRET_TEXT_SIZE])
{
	struct password_policy policy;
	struct account a = { 0 }, current;
	int64_t step = 0;
	unsigned due;

	if (half_account(cx, &a) < 0 || op_password_policy_load(cx, &policy) < 0)
		return -1;
	due = due_of(cx, &a, &policy);
	if ((due & DUE_CODE) != 0 && code_take(cx, &a, &policy, code, &step) < 0)
		return -1;
	if ((due & DUE_PASSWORD) != 0 && renew_password(cx, &a, &policy, password) < 0)
		return -1;
	if (db_begin(cx) < 0 || store_account_load(cx, a.id, &current) < 0 ||
	    account_unchanged(cx, &a, &current) < 0 || may_enter(cx, &current, &policy) < 0)
		return -1;
	if ((due & DUE_CODE) != 0 &&
	    (store_account_use_step(cx, a.id, step) < 0 ||
		attempt_clear(cx, a.login, ATTEMPT_CODES) < 0))
		return -1;
	if ((due & DUE_CODE) != 0)
		current.totp_step = step;
	if ((due & DUE_PASSWORD) != 0) {
		current.password = a.password;
		current.password_set_at = a.password_set_at;
		current.epoch++;
	}
	/* The half session ends; the one that follows is fresh (P24). */
	if (store_session_delete(cx, current.id, cx->actor.session) < 0 ||
	    enter(cx, &current, agent, secret) < 0)
		return -1;
	return db_commit(cx);
}
