/*
 * op_inventory.h - all that our own authorities issued, looked at as a whole
 */
#pragma once

#include "store/store.h"

#define ENDS_WEEKS	26
#define EXPORT_MAX	10000		/* rows */

/* The counts of each state, and how many end in each week from that of today
 * on, of all that q->text finds. */
struct inventory {
	struct issued_counts counts;
	int64_t		 monday;	/* 00:00 UTC, of this week */
	int64_t		 ends[ENDS_WEEKS];
};
int	op_inventory(struct ctx *, const struct issued_query *, struct inventory *);
/* Before both a list and an inventory of the same text: it is looked for once. */
int	op_issued_search(struct ctx *, struct issued_query *);
/* Each, newest first, at most q->limit; a row lives as long as its call. */
int	op_issued_each(struct ctx *, const struct issued_query *,
	    void (*fn)(void *arg, struct ctx *, const struct issued_row *), void *arg);
