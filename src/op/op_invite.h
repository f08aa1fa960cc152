/*
 * op_invite.h - an account for somebody who chooses the password by a link
 *
 * The link stands for one person for a week and is used up by the password
 * that is set with it. What is stored of it is a hash.
 */
#pragma once

#include "op/op_session.h"
#include "store/store.h"

#define INVITATION_LIFE_S	(7 * 86400)

/*
 * Makes the account, or, for one that nobody has set a password of yet, a new
 * link; the older one ends. `secret` is shown once. R_ACCOUNT_EXISTS: it has a
 * password. As op_account_create otherwise.
 */
int	op_invite(struct ctx *, const char *name, const char *email, const char *role,
	    char secret[SECRET_TEXT_SIZE], struct account *);
/* Whose link is this? cx->tenant is that account's from then on. R_INVITATION. */
int	op_invitation(struct ctx *, const char *secret, struct account *);
/* Sets the password, and signs in: `cookie` is for it. R_INVITATION, R_PASSWORD_* */
int	op_invitation_take(struct ctx *, const char *secret, const char *password,
	    const char *agent, char cookie[SECRET_TEXT_SIZE]);
