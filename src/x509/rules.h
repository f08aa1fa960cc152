/*
 * rules.h - the rule table: who decided what, and where it stands
 */
#pragma once

#include "x509/disposition.h"

struct rule {
	const char	*id;		/* "compare.san.missing" */
	const char	*sentence;	/* for the requester */
	const char	*reference;	/* RFC, ballot, or our own name */
	const char	*set_by;
};

extern const struct rule rules[];	/* ends with a NULL id */
/* The row with this id; it must exist. */
const struct rule *rule_find(const char *id);
/* Decide d by a rule; reason NULL: the rule's own sentence. */
void	rule_apply(struct sheet *, struct disposition *, enum weight, const char *id,
	    const char *reason);
