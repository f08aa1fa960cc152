/*
 * found.h - inside of the inventory: which numbers a text finds
 */
#pragma once

#include "store/filing.h"

#define FOUND_READ_MAX 1000		/* rows that are read to be sure of them */

/* A set of numbers, as wide as all that was issued. */
struct found {
	uint64_t	*words;
	size_t		 n;		/* words */
	int64_t		 below, next;	/* as filed_below said */
	bool		 sure;		/* each has the text; else it may not */
};

/*
 * All that have `text` (lower case) or, with NULL, all that are there. What is
 * not filed yet is read. In the arena.
 */
int	found_text(struct ctx *, const char *text, struct found *);
size_t	found_count(const struct found *);
/* The highest member below `number`, or -1. */
int64_t	found_before(const struct found *, int64_t number);

/* Each row that is there, as it is filed, or as it is; ascending. */
int	filed_each(struct ctx *, int64_t below,
	    void (*fn)(void *arg, int64_t number, enum filed_state, int64_t end), void *arg);

/*
 * From the newest to the oldest of q->text and q->state; `fn` says 1 of one
 * that it took, until q->limit of them are, and 0 of one that does not fit.
 */
int	found_each(struct ctx *, const struct issued_query *,
	    int (*fn)(void *arg, struct ctx *, int64_t number), void *arg);

static inline bool
found_has(const struct found *f, int64_t number)
{
	size_t i = (size_t)number / 64;

	return i < f->n && (f->words[i] >> number % 64 & 1) != 0;
}

static inline void
found_put(struct found *f, int64_t number, bool is_in)
{
	uint64_t bit = 1ULL << number % 64;

	if ((size_t)number / 64 >= f->n)
		return; /* it came later */
	if (is_in)
		f->words[number / 64] |= bit;
	else
		f->words[number / 64] &= ~bit;
}
