/*
 * op_session.h - who is asking: browser sessions, bearer tokens, CSRF
 *
 * A session is a 256-bit secret in a cookie and its SHA-256 in the table; a
 * token the same without a browser. Both are looked up at every request with
 * the account's state of that moment (P27): disabled, demoted or a new
 * password ends them at once (P24).
 */
#pragma once

#include "base/ctx.h"
#include "store/store.h"

#define SESSION_COOKIE		"__Host-certwright"
#define SESSION_IDLE_S		(30 * 60)
#define SESSION_LIFE_S		(12 * 60 * 60)
#define SESSION_HALF_S		(5 * 60)	/* password given, code still due */
#define SECRET_TEXT_SIZE	44		/* 32 bytes, base64url, NUL */

/* Whoever it was is nobody: before somebody else shows who he is. */
void	actor_nobody(struct ctx *);
/*
 * Fill cx->actor (kind, role, id, name, session; source is the caller's).
 * -1: R_SESSION_UNKNOWN, R_SESSION_EXPIRED, R_SESSION_HALF (a one-time code
 * or a new password is due: actor.kind stays ACTOR_NOBODY, but actor.id, name
 * and session are set, and CSRF works), R_TOKEN_UNKNOWN, R_TOKEN_EXPIRED,
 * R_TOKEN_REVOKED. All of kind ERR_UNAUTHENTICATED. Public routes call it too
 * and go on as nobody when it fails (err_clear).
 */
int	op_authenticate_cookie(struct ctx *, const char *secret);
int	op_authenticate_token(struct ctx *, const char *secret);

/*
 * Note that the session or token is in use: a small write of its own, at most
 * once a minute, nothing otherwise. The worker calls it after the answer, so
 * that a GET stays read-only and quick. Failure is not the caller's concern.
 */
void	op_session_touch(struct ctx *);
/* True if op_session_touch would write now. */
bool	op_session_touch_due(const struct ctx *);

/* Token for forms, derived from the session's secret; "" without a session. */
const char *op_csrf_token(struct ctx *);
/* 0, or -1 R_CSRF (a token is missing or of another session). */
int	op_csrf_check(struct ctx *, const char *token);

/*
 * A fresh session of `account`, in the open transaction; cx->actor becomes
 * its owner, `secret` goes into the cookie. half: something is still due.
 */
int	session_open(struct ctx *, const struct account *, const char *agent,
	    bool half, char secret[SECRET_TEXT_SIZE]);
void	secret_new(struct ctx *, char out[SECRET_TEXT_SIZE]);
int	secret_hash(struct ctx *, const char *secret, unsigned char out[32]);

/* The caller's own sessions. R_ACCOUNT_NONE for the local administrator. */
int	op_session_list(struct ctx *, struct session **, size_t *);
int	op_session_end(struct ctx *, const char *id);	/* R_SESSION_NONE */
int	op_sign_out(struct ctx *);
int	op_sign_out_everywhere(struct ctx *);		/* this session too */
