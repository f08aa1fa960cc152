/*
 * op_policy.h - what an authority of our own grants: its profiles, as a card
 *
 * A policy is data in the form of a capability card. It is checked whole, kept
 * with a version that grows, and in force for every request from then on, on
 * every path.
 */
#pragma once

#include "op/op_own.h"

/* What is in force: its own, or the one that comes with the product (version 0). */
struct policy_in_force {
	const char	*name;			/* of the authority */
	int64_t		 version;
	const char	*text;			/* the card, JSON */
	struct authority policy;
};
int	op_policy_show(struct ctx *, const char *name, struct policy_in_force *);

/* What would become of the newest request of an identity at its renewal. */
struct policy_effect {
	const char	*identity, *profile;
	enum verdict	 now, then;
	const char	*item, *reason;		/* the first that is refused then, or NULL */
};
struct policy_change {
	const char	*name;
	int64_t		 version;		/* in force afterwards */
	struct authority policy;
	struct policy_effect *v;
	size_t		 n;
};
/*
 * Set the policy of this authority; dry: say only what it would do. R_CARD,
 * R_POLICY_PUBLIC (validation is not private), R_NOT_FOUND.
 */
int	op_policy_set(struct ctx *, const char *name, const char *text, size_t len, bool dry,
	    struct policy_change *);
