/*
 * plan.h - which certificates would cover these names?
 *
 * Pure: names, what is there already, and what an authority issues go in; out come
 * three ways to do it, each with its certificates, what they do not cover, who sees
 * whose names, and the work of a year. The same input gives the same plan. The time
 * is that of sorting the names.
 */
#pragma once

#include "base/arena.h"

enum plan_strategy { PLAN_WILDCARD, PLAN_SHARED, PLAN_EACH, PLAN_STRATEGIES };
const char *plan_strategy_name(enum plan_strategy);	/* "wildcard" "shared" "each" */
int	plan_strategy_of(const char *, enum plan_strategy *);	/* -1: it is none */

/* owner: a tenant's name, NULL: the system's. */
struct plan_name { const char *name, *owner; };
/* A certificate that is there, or asked for; of a tenant it serves that one's names only. */
struct plan_held {
	const char	*label;		/* its identity; NULL: it is not said whose */
	const char	*owner;
	const char	*names;		/* one a line */
	int64_t		 until;		/* 0: it is asked for, and not there yet */
};
struct plan_input {
	const struct plan_name *names;
	size_t		 n;
	const struct plan_name *domains;	/* whose all below is; one each */
	size_t		 ndomains;
	const char	*base;		/* a wildcard below it is worth it for one name; or NULL */
	const struct plan_held *held;	/* that serve now, or wait */
	size_t		 nheld;
	size_t		 max_names;	/* in one certificate; 0: no limit */
	/* Why the authority does not issue this name, one sentence; NULL: it does. */
	const char	*(*refuses)(void *arg, const char *name);
	void		*arg;
};

struct plan_cert {
	const char	*identity;	/* how it is called, or will be; NULL: it is not said */
	const char	**names;	/* to be asked for; the first is the common name; of one that
					 * is there: NULL */
	size_t		 n;		/* in it, those that nobody gave too */
	size_t		 covers;	/* of the names that were given */
	size_t		 owners;	/* tenants whose names stand in it for all to see */
	const char	*wildcard;	/* "*.vc.example.com", the first of them; or NULL */
	const struct plan_held *held;	/* NULL: it is still to be made */
	size_t		 beyond;	/* names above and below that its wildcard leaves out */
};
struct plan_item {
	const char	*name, *owner;
	int		 cert;		/* of the plan, or -1: why */
	const char	*why;
	int		 now;		/* of `held`: what is presented for it, or -1 */
	int		 beyond;	/* the certificate whose wildcard leaves it out, or -1 */
};
struct plan {
	enum plan_strategy strategy;
	struct plan_item *items;	/* each name once, by the name above it, then by itself */
	size_t		 n, uncovered;
	struct plan_cert *certs;	/* those that are there first */
	size_t		 ncerts, to_make;
	size_t		 wildcards;
	size_t		 exposed;	/* names that stand beside those of other tenants */
	const char	*refused;	/* why a wildcard that would help is not issued, or NULL */
};

/* All three. Everything is in the arena, or the input's. */
void	plan_make(struct arena *, const struct plan_input *, struct plan out[PLAN_STRATEGIES]);
/* Which of them, and why in one sentence. */
enum plan_strategy plan_recommend(struct arena *, const struct plan all[PLAN_STRATEGIES],
	    const char **why);
/* Renewals in 365 days of so many certificates, each at two thirds of `days`; rounded up. */
int64_t	plan_renewals(size_t certs, int64_t days);
/* What the identity of a certificate with this common name is called: "wildcard.x.example". */
const char *plan_identity(struct arena *, const char *common_name);
