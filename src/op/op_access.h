/*
 * op_access.h - set-up, sign-in, one-time codes
 *
 * Failed tries are counted (op_attempt.h): the delay grows; the owner from
 * elsewhere still gets in (P23).
 */
#pragma once

#include "base/ctx.h"
#include "op/op_session.h"

/* ---- set-up: the first account, once --------------------------------------- */
#define SETUP_LIFE_S	(24 * 60 * 60)

/* A new set-up token (kept as a hash, 24 h); an older one ends. Own write. */
int	op_setup_token(struct ctx *, char out[SECRET_TEXT_SIZE]);
/* R_SETUP_LINK: wrong, too old, used, or there is an account already. */
int	op_setup_check(struct ctx *, const char *token);
/* The account is signed in then; `secret` is for the cookie. */
int	op_setup(struct ctx *, const char *token, const char *name, const char *email,
	    const char *password, const char *agent, char secret[SECRET_TEXT_SIZE]);

/* ---- sign-in ----------------------------------------------------------------- */
enum {
	DUE_CODE =	1 << 0,		/* the one-time code of the second factor */
	DUE_PASSWORD =	1 << 1,		/* the password expired: a new one */
};
/*
 * `secret` is for the cookie. *due 0: signed in; else a half session, which
 * op_sign_in_finish completes. R_SIGNIN_WRONG, R_SIGNIN_LOCKED (says when to
 * come back, not whether the password was right), R_ACCOUNT_DISABLED,
 * R_ACCOUNT_INACTIVE, R_TENANT_SUSPENDED, R_SIGNIN_DOOR (`super`: at the door of
 * the Super Admins, somebody of a tenant).
 */
int	op_sign_in(struct ctx *, bool super, const char *name, const char *password,
	    const char *agent, char secret[SECRET_TEXT_SIZE], unsigned *due);
/* What the half session of cx->actor still owes. R_SESSION_UNKNOWN. */
int	op_sign_in_due(struct ctx *, unsigned *due);
/* code, password: NULL or "" where not due. R_CODE_WRONG, R_TOTP_USED ... */
int	op_sign_in_finish(struct ctx *, const char *code, const char *password,
	    const char *agent, char secret[SECRET_TEXT_SIZE]);

/* ---- one-time codes (RFC 6238) of the caller's own account -------------------- */
struct totp_start {
	const char	*secret;		/* base32 */
	const char	*uri;			/* otpauth://totp/... */
	size_t		 qr_size;		/* modules a side */
	const char	*qr_path;		/* SVG path data, one module = 1 */
};
/* Makes a seed, not on before op_totp_confirm. R_TOTP_ON. */
int	op_totp_start(struct ctx *, struct totp_start *);
int	op_totp_confirm(struct ctx *, const char *code);	/* R_TOTP_NONE */
int	op_totp_off(struct ctx *, const char *password);
bool	totp_is_on(const struct account *);

