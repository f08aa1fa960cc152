/*
 * compare_impl.h - what compare.c and compare_key.c share
 */
#pragma once

#include "x509/compare.h"
#include "x509/items.h"

struct comparing {
	const struct compare_input *in;
	struct sheet	*sheet;
	X509		*leaf;
	struct items	 asked, granted;
	bool		 has_ku, has_eku;	/* the extension is there */
};

/* A row of the sheet. rule NULL: all is as asked; reason NULL: the rule's own. */
void	compare_decide(struct comparing *, const char *item, const char *asked,
	    const char *granted, enum outcome, enum weight, const char *rule, const char *reason);
/* key, key.size and signature are decided here; false: it is none of them. */
bool	compare_fixed(struct comparing *, const char *name);
