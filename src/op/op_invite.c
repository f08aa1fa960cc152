/*
 * op_invite.c - an account for somebody who chooses the password by a link
 */
#include "op/op_account.h"
#include "op/op_invite.h"
#include "op/op_tenant.h"

/* In the open transaction: the account of this name waits for its password. */
static int
again(struct ctx *cx, const char *name, const char *email, enum role role, struct account *a)
{
	struct account had;

	if (store_account_load(cx, name, &had) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		return store_account_insert(cx, a);
	}
	if (had.password[0] != '\0') {
		err_set(&cx->err, R_ACCOUNT_EXISTS, "name",
		    "an account named %s exists already, and has a password", had.name);
		return err_hint(&cx->err, "choose another user name, or set a new password for it");
	}
	had.email = email;
	had.role = role;
	*a = had;
	return store_account_update(cx, a);
}

int
op_invite(struct ctx *cx, const char *name, const char *email, const char *role,
    char secret[SECRET_TEXT_SIZE], struct account *a)
{
	unsigned char hash[32];
	enum role r;

	if (account_role(cx, role, &r) < 0 || account_compose(cx, name, email, r, NULL, a) < 0)
		return -1;
	secret_new(cx, secret);
	if (secret_hash(cx, secret, hash) < 0 || db_begin(cx) < 0 ||
	    again(cx, name, email, r, a) < 0)
		return -1;
	a->invited_until = cx->now + INVITATION_LIFE_S;
	if (store_account_invite(cx, a->id, hash, a->invited_until) < 0 ||
	    store_account_load(cx, a->id, a) < 0 || audit(cx, "account.invite", a->name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_invitation(struct ctx *cx, const char *secret, struct account *a)
{
	unsigned char hash[32];
	int found;

	actor_nobody(cx);
	if (secret_hash(cx, secret, hash) < 0 || (found = store_account_invited(cx, hash, a)) < 0)
		return -1;
	if (!found || !a->enabled || a->password[0] != '\0') {
		err_set(&cx->err, R_INVITATION, NULL,
		    "this invitation is not valid: it was used, was replaced, or is older than "
		    "7 days");
		return err_hint(&cx->err, "ask who invited you for a new one");
	}
	memcpy(cx->tenant, a->tenant, sizeof(cx->tenant));
	return op_tenant_open(cx, a->tenant);
}

int
op_invitation_take(struct ctx *cx, const char *secret, const char *password, const char *agent,
    char cookie[SECRET_TEXT_SIZE])
{
	struct password_policy policy;
	struct account a, now;

	if (op_invitation(cx, secret, &a) < 0 || op_password_policy_load(cx, &policy) < 0 ||
	    account_new_password(cx, &a, &policy, "password", password) < 0)
		return -1;
	/* Again inside the transaction: of two at once one has the account. */
	if (db_begin(cx) < 0 || op_invitation(cx, secret, &now) < 0)
		return -1;
	now.password = a.password;
	now.epoch++; /* whatever was there before */
	now.password_set_at = now.last_sign_in_at = cx->now;
	if (store_account_update(cx, &now) < 0 || store_account_invite(cx, now.id, NULL, 0) < 0 ||
	    session_open(cx, &now, agent, false, cookie) < 0 ||
	    audit(cx, "account.accept", now.name, NULL) < 0)
		return -1;
	return db_commit(cx);
}
