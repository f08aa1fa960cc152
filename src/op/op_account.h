/*
 * op_account.h - accounts and their tokens
 */
#pragma once

#include "base/ctx.h"
#include "op/op_password.h"
#include "op/op_session.h"

/* A new account of this tenant, checked and hashed, not yet stored. password NULL:
 * none yet, nobody can sign in. */
int	account_compose(struct ctx *, const char *name, const char *email, enum role,
	    const char *password, struct account *);
int	account_check_email(struct ctx *, const char *field, const char *email); /* R_ACCOUNT_EMAIL */
/* Checks and sets a->password and password_set_at; the epoch is the caller's. */
int	account_new_password(struct ctx *, struct account *, const struct password_policy *,
	    const char *field, const char *password);
/* In the open transaction: what was checked before it is of the account as it is now.
 * R_SESSION_EXPIRED (P24) */
int	account_unchanged(struct ctx *, const struct account *was, const struct account *now);

int	op_account_list(struct ctx *, struct account **, size_t *);
int	op_account_load(struct ctx *, const char *id_or_name, struct account *);
/*
 * What `text` names in this tenant: in the system super, operator or auditor, in
 * others tenant-admin, operator or auditor. NULL or "": the first. R_ACCOUNT_ROLE.
 */
int	account_role(struct ctx *, const char *text, enum role *);
/* R_ACCOUNT_NAME, R_ACCOUNT_EMAIL, R_ACCOUNT_EXISTS, R_ACCOUNT_ROLE, R_PASSWORD_* */
int	op_account_create(struct ctx *, const char *name, const char *email, const char *role,
	    const char *password, struct account *);
/* Disable and delete: sessions and tokens end at once. R_LAST_SUPER. */
int	op_account_enable(struct ctx *, const char *id_or_name, bool enabled, struct account *);
int	op_account_delete(struct ctx *, const char *id_or_name);
int	op_account_password(struct ctx *, const char *id_or_name, const char *password,
	    struct account *);
int	op_account_reset_totp(struct ctx *, const char *id_or_name, struct account *);
/* Own: all sessions and tokens end; `secret` is a fresh session's, or "" when
 * the caller has no session (token). R_PASSWORD_WRONG, R_PASSWORD_SAME. */
int	op_account_change_password(struct ctx *, const char *current, const char *password,
	    const char *agent, char secret[SECRET_TEXT_SIZE]);

/* ---- tokens ------------------------------------------------------------------ */
#define TOKEN_DAYS		90
#define TOKEN_DAYS_MAX		3650
#define TOKEN_TEXT_SIZE		(SECRET_TEXT_SIZE + 3)
/*
 * user NULL: the caller's own account, or the local administrator's. days 0:
 * TOKEN_DAYS. `text` is shown once. R_TOKEN_DAYS.
 */
int	op_token_create(struct ctx *, const char *user, int64_t days, struct token *,
	    char text[TOKEN_TEXT_SIZE]);
int	op_token_list(struct ctx *, struct token **, size_t *);
int	op_token_revoke(struct ctx *, const char *id);
