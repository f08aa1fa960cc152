/*
 * op_renew.h - certificates of our own authorities are renewed before they end
 *
 * Each identity has a row that says when something is done about its certificate
 * next (store/renewal_row.h). Threads take what is due, at most as many at once as
 * there are of them: a new key (or, where it is set so, the same), a request with
 * the saved fields, the authority as before, installed within the hours that
 * somebody set; deliveries follow from that. Where it stands is in the database
 * after each step, so that a crash goes on. What fails is tried again, rarer and
 * rarer; what others issued is renewed by hand.
 */
#pragma once

#include "op/renew_time.h"
#include "store/renewal_row.h"

struct renewals;			/* what is under way; shared by all threads */

struct renewals *renewals_new(void);

/* ---- people ----------------------------------------------------------------------- */
struct renewal {
	struct renewal_row row;
	struct identity	 identity;
	bool		 installed;		/* there is a certificate: */
	int64_t		 not_before, not_after;
	const char	*next;			/* the next event, in words */
};
int	op_renewal_load(struct ctx *, const char *identity, struct renewal *);
int	op_renewal_list(struct ctx *, const struct renewal_query *, struct renewal **, size_t *,
	    bool *more);
/* As set; NULL: as it is. "yes" "no"; hours "any" or "": at once. R_RENEW_HOURS, R_RENEW_DAYS */
struct renewal_wish {
	const char	*by_itself, *new_key;
	const char	*days_left, *hours;
};
int	op_renewal_set(struct ctx *, const char *identity, const struct renewal_wish *,
	    struct renewal *);
#define RENEW_ALL_HOURS	720
/*
 * All that is in use of what this authority of our own issued, in every tenant, and is
 * renewed by itself: each at a moment within so many hours, and then within the hours
 * that were set for it. *n: how many. R_RENEW_WITHIN, R_NOT_FOUND
 */
int	op_renewal_all(struct ctx *, const char *authority, int64_t hours, int64_t *n);
/* Now, whatever the hours; begun in the background. R_RENEW_MANUAL: it is not ours,
 * or there is none. */
int	op_renewal_now(struct ctx *, const char *identity, struct renewal *);

/* In words: "renewed by itself from 4 May 2027 on" */
const char *renewal_words(struct ctx *, const struct renewal_row *, int64_t not_after);
/* Something is or will be done without a person; "held": once one has decided. */
bool	renewal_by_itself(const struct renewal_row *);
bool	renewal_failed(const struct renewal_row *);

/* ---- other operations --------------------------------------------------------------- */
/* In the open transaction: this became active, by an installation or again. */
int	op_renewal_installed(struct ctx *, const struct identity *, const struct cert_row *,
	    bool again);
/* In the open transaction: people decided about this submission. */
int	op_renewal_decided(struct ctx *, const char *submission);
void	op_renewal_wake(struct house *);

/* Who issued it, when that was an authority of our own: 1, 0, -1 */
struct renew_source { const char *authority, *profile, *days; };
int	renew_source(struct ctx *, const struct cert_row *, struct renew_source *);
int64_t	renew_due_of(struct ctx *, const struct renewal_row *, const struct cert_row *);

/* ---- the threads ------------------------------------------------------------------------ */
/* One renewal, as far as it goes. 1: there may be more; 0: none is due; -1: not now. */
int	op_renew_step(struct ctx *);
/* Until something may be due, and no longer than some seconds. */
void	op_renew_wait(struct house *);
/* The next that is due and that no other thread has: 1, 0, -1; and what follows a 1. */
int	renew_take(struct ctx *, struct renewal_row *);
void	renew_give_back(struct ctx *, const struct renewal_row *);
size_t	renew_under_way(struct house *);
