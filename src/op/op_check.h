/*
 * op_check.h - what do components present?
 *
 * A thread of its own looks, after each delivery and about once a day: one at a
 * time, so that however many are due there is never a storm. When a component is
 * looked at next is in the database.
 */
#pragma once

#include "store/component_row.h"

struct checks;				/* shared by all threads */

struct checks *checks_new(void);

/*
 * Look now, and record what was found. R_COMPONENT_NOWHERE: it has no address;
 * R_COMPONENT_NOTHING: nothing was delivered; R_FETCH_BUSY, R_FETCH_GONE. A target that
 * may not be asked (R_FETCH_FORBIDDEN) is an answer: not checked, and why.
 */
int	op_check(struct ctx *, const char *id_or_name, struct component_row *);

/* In the open transaction: it is due at once. `other`: it is to present another one. */
int	op_check_delivered(struct ctx *, struct component_row *, bool other);
void	op_check_wake(struct house *);	/* after the commit */

/* The thread's: a look. 1: there may be more; 0: none is due; -1: try again. */
int	op_check_step(struct ctx *);
void	op_check_wait(struct house *);	/* until something may be due */
