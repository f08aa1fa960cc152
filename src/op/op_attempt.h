/*
 * op_attempt.h - tries with a password or code are counted (P23)
 *
 * For each (account name, source): a stranger locks nobody out but himself.
 * A try counts as failed, durably, before it is judged, so that parallel
 * tries count too; the one that succeeds puts back what was there before.
 */
#pragma once

#include "store/store.h"

#define ATTEMPT_FORGET_S	(24 * 60 * 60)
#define ATTEMPT_CODES		"one-time code"	/* a source: all of them together */
#define ATTEMPT_CODES_MAX	50

/* The actor's address; of IPv6 its /64, which a site has to itself. */
const char *attempt_source(struct ctx *);
/*
 * One try of `name` from `source`; limit 0: never locked. Its own write.
 * R_SIGNIN_LOCKED says when to come back: 1, 2, 4 ... 60 minutes.
 */
int	attempt_take(struct ctx *, const char *name, const char *source, int64_t limit,
	    struct attempts *before);
/* In the open transaction. */
int	attempt_put_back(struct ctx *, const char *name, const char *source,
	    const struct attempts *before);
/* The try was not judged (R_SIGNIN_BUSY): it counts no more. Its own write; -1. */
int	attempt_undo(struct ctx *, const char *name, const char *source, int64_t limit);
int	attempt_clear(struct ctx *, const char *name, const char *source);
/*
 * password_verify for an account that is signed in, counted like a sign-in:
 * 0, or -1 R_PASSWORD_WRONG at `field`, R_SIGNIN_LOCKED.
 */
int	attempt_password(struct ctx *, const struct account *, const char *field,
	    const char *password);
