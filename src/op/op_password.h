/*
 * op_password.h - what a password must be, and how it is kept
 *
 * Kept: HMAC under the keeper's key over Argon2id, so that a stolen database
 * cannot be cracked offline (P14). Checked: rules of the Passwords page.
 */
#pragma once

#include "base/ctx.h"

#define PASSWORD_MIN		12	/* characters */
#define PASSWORD_MIN_COMPLEX	15
#define PASSWORD_MIN_BITS	27.0	/* zxcvbn: 10^8 guesses */

struct password_policy {
	int64_t	 expiry_days;		/* 0 = never */
	int64_t	 inactivity_days;	/* 0 = never */
	int64_t	 max_failures;		/* before lock; 0 = never */
	bool	 complexity;
};
extern const struct password_policy password_policy_default;

int	op_password_policy_load(struct ctx *, struct password_policy *);
int	op_password_policy_save(struct ctx *, const struct password_policy *);
int	op_password_policy_reset(struct ctx *);

/*
 * The rules for a new password of the account `name`, `email` at `field`:
 * R_PASSWORD_SHORT _LONG _UPPER _LOWER _DIGITS _SPECIAL _REPEAT _GUESSABLE.
 */
int	password_check(struct ctx *, const struct password_policy *, const char *field,
	    const char *name, const char *email, const char *password);
/* "argon2id$v=19$m=19456,t=2,p=1$salt$hmac", in the arena */
int	password_hash(struct ctx *, const char *password, const char **stored);
/* 1 fits, 0 does not, -1 error. stored NULL: 0 after the same work. */
int	password_verify(struct ctx *, const char *password, const char *stored);
