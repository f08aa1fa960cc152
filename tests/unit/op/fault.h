/*
 * fault.h - a store that fails where the test says, and whether anything changed
 */
#pragma once

#include "people_fake.h"

struct fault {
	const char	*table, *act;	/* "audit", "INSERT"; table NULL: the commit */
};

/* SHA-256 over every row of every table on the disk, the open transaction not. */
void	store_hash(unsigned char out[32]);
/*
 * `call` once for each fault, with the store failing just there: each is
 * refused, and nothing of it is kept. A fault that `call` does not come by is
 * a mistake of the list: the test fails.
 */
void	each_fault(struct ctx *, const struct fault *, size_t n, int (*call)(struct ctx *));

/* What is refused as it should be, and changes nothing. */
#define assert_refused_clean(cx, call, r) do {				\
	unsigned char before_[32], after_[32];				\
									\
	store_hash(before_);						\
	assert_refused(cx, call, r);					\
	store_hash(after_);						\
	assert_memory_equal(before_, after_, 32);			\
} while (0)
