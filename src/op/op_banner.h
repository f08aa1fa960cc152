/*
 * op_banner.h - what is said before and after sign-in, and the last sign-ins
 */
#pragma once

#include "base/ctx.h"
#include "store/store.h"

#define SIGN_INS_SHOWN	5

/* Plain text, lines end with LF; "": not shown. In the arena. */
struct banners {
	const char	*login;		/* above each form to sign in */
	const char	*welcome;	/* after each sign-in, once */
};

int	op_banners_load(struct ctx *, struct banners *);
/* R_BANNER_LONG, R_TEXT_* at "login" or "welcome". */
int	op_banners_save(struct ctx *, const struct banners *);
/*
 * The newest tries to sign in to the caller's own account, at most
 * SIGN_INS_SHOWN, this one among them; none for who has no account.
 */
int	op_sign_ins(struct ctx *, struct audit_row **, size_t *n);
