/*
 * plan_impl.h - what the parts of the plan share
 */
#pragma once

#include "x509/plan.h"

#define PLAN_CN_MAX 64		/* RFC 5280 appendix A.1 */

/* A name of a certificate that is there. */
struct held_name { const char *name; size_t held; };

struct planning {
	struct arena	*arena;
	const struct plan_input *in;
	struct plan_item *items;	/* sorted, each once; why: nothing covers it */
	size_t		 n;
	struct plan_name *domains;	/* by name */
	struct held_name *sans;		/* by name; what serves before what waits, the system's first */
	size_t		 nsans;
	size_t		*held_n;	/* names in each */
	size_t		*listed;	/* of them such as were given */
	bool		*mixed;		/* it has names of more than one owner */
};

void	planning_begin(struct planning *, struct arena *, const struct plan_input *);
/* The name above: "*.a.example" and "www.a.example" have "a.example"; "": none. */
const char *plan_parent(const char *name);
/* Has the owner this name and all below? The system has all. */
bool	planning_owns(const struct planning *, const char *owner, const char *domain);
/* What has just this name, and may serve for this owner; -1. only: that serves now. */
int	planning_held(const struct planning *, const char *name, const char *owner, bool only);
/* NULL: it may be in a certificate; that the authority issues it. */
const char *planning_fault(const struct planning *, const char *name);
const char *planning_refuses(const struct planning *, const char *name);
int	plan_compare_owners(const char *, const char *);
struct plan_item *planning_item(struct plan_item *, size_t n, const char *name);

/* ---- plan_said.c -------------------------------------------------------- */
struct making {
	struct planning	*p;
	struct plan	*out;
	int		*of_held;	/* certificate of the plan, or -1 */
	bool		*literal;	/* of each item: it stands itself in its certificate */
};
/* Counts and marks what is worth a word, and puts the certificates in order. */
void	plan_say(struct making *);
