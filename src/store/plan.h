/*
 * plan.h - what a coverage plan is made of (store_plan.c)
 *
 * In a tenant its own; in the system that of all tenants. Six lists, each read
 * in one go.
 */
#pragma once

#include "store/store.h"

struct plan_row {
	const char	*owner;		/* name of the tenant, NULL: the system */
	const char	*identity;	/* its name, or NULL */
	const char	*names;		/* one a line */
	int64_t		 until;
	const char	*method;	/* of what was proved: "dns" "http" */
	int64_t		 proved_at;
};
/* What they are called, and names that were given to them; until 1: of one that is
 * active, 0: of one that is suspended. */
int	store_plan_tenants(struct ctx *, struct plan_row **, size_t *);
int	store_plan_given(struct ctx *, struct plan_row **, size_t *);
/* Names that were proved, however long ago (op_proof.h); until as above. */
int	store_plan_proved(struct ctx *, struct plan_row **, size_t *);
/* What is saved with identities of who is active. */
int	store_plan_saved(struct ctx *, struct plan_row **, size_t *);
/* Certificates that are installed and good at cx->now, until then; those of the
 * system for a tenant, too. */
int	store_plan_active(struct ctx *, struct plan_row **, size_t *);
/* The newest request of each identity, where it waits; those of the system, too. */
int	store_plan_waiting(struct ctx *, struct plan_row **, size_t *);
