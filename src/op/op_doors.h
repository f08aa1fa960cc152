/*
 * op_doors.h - which of the listeners serves which application, and to whom
 *
 * The listeners are those of the option `listen`. The Super Admin's application
 * and the tenants' are each served on all of them, or on some: on the others its
 * paths are not there, and its accounts are nobody. A listener may also ask for a
 * client certificate, or take nobody without one (op_client.h); whose count is said
 * for all of them. The Unix socket is no listener of these, and serves all, always.
 *
 * A change is in force at once, in memory alone, and is over after TRIAL_S
 * unless it is kept from where the Super Admin's application is still served:
 * who has shut himself out cannot keep it. Only what is kept is written down.
 */
#pragma once

#include "base/ctx.h"

#define TRIAL_S	120

struct doors;

/* NULL: as it is; "all"; else addresses of the option, by commas or lines. */
struct doors_wish {
	const char	*super, *admin;
	const char	*client_asked, *client_required;	/* "none", too */
	const char	*client_cas;	/* names of authorities; "all" */
};

struct doors_state {
	unsigned	 super, admin;	/* listeners that serve it now: a bit each */
	unsigned	 client_asked, client_required;
	const char	*client_cas;	/* a line each; "": all */
	unsigned	 kept_super, kept_admin;
	int64_t		 until;		/* of the trial; 0: there is none */
	const char	*gone;		/* addresses of the setting where nothing listens; "" */
};

struct doors *doors_new(void);
void	doors_free(struct doors *);
/* What the settings say. An address that is gone is said in the log; an
 * application that would be served nowhere is served everywhere. */
int	op_doors_start(struct ctx *);
/* What this listener does not serve at this moment, of enum application. */
unsigned doors_hidden(struct house *, int listener);
enum client_wish { CLIENT_NO, CLIENT_ASKED, CLIENT_REQUIRED };
/* Does it want a certificate? *generation: other than before when something changed. */
enum client_wish doors_client(struct house *, int listener, unsigned *generation);
/* Do certificates of this authority count? */
bool	doors_client_ca(struct house *, const char *authority);
/* Is the caller of an application that is not served where he came in? */
bool	doors_shut(const struct ctx *, const char *tenant);
void	op_doors_state(struct ctx *, struct doors_state *);
/* The first address that serves it, as kept; NULL: there is no listener. */
const char *doors_address(struct house *, enum application);

/* R_DOORS_ADDRESS, R_CLIENT_CA, R_TRIAL_ON. What is as it was needs no trial. */
int	op_doors_try(struct ctx *, const struct doors_wish *);
int	op_doors_keep(struct ctx *);		/* R_TRIAL_NONE, R_TRIAL_ELSEWHERE */
int	op_doors_revert(struct ctx *);		/* R_TRIAL_NONE */

/* A thread of its own writes into the audit that a trial is over. */
void	op_doors_wait(struct house *);
int	op_doors_step(struct ctx *);
