/*
 * op_deliver.h - certificates put to work elsewhere on this host
 *
 * What is active of an identity goes to the targets of its components, by threads of
 * their own: whoever installs waits for no server to reload, and no target for another.
 * What is to be delivered is in the database, so that a crash loses none.
 */
#pragma once

#include "store/component_row.h"

struct targets;				/* keys/targets.h */
struct deliveries;			/* what is due; shared by all threads */

struct deliveries *deliveries_new(struct targets *);	/* NULL: no target is configured */

/* ---- what the host offers ------------------------------------------------------- */
struct host_target {
	const char	*name, *kind, *place;	/* "files" "haproxy"; where it goes */
	const char	*component;		/* of this tenant that has it, or NULL */
	bool		 taken;			/* by whomever */
};
int	op_target_list(struct ctx *, struct host_target **, size_t *);
/* Read the list again (SIGHUP); what is wrong with it is logged. */
void	op_target_reread(struct house *);

/* ---- components of a tenant ------------------------------------------------------- */
struct component_wish {
	const char	*name, *target, *identity;	/* of pull: op_pull.h */
	const char	*address, *sni, *starttls;	/* "": none */
};
/*
 * Only a Super Admin binds a component to a target of the host. What the identity
 * has active is delivered. R_COMPONENT_NAME, R_COMPONENT_EXISTS, R_TARGET_NONE,
 * R_TARGET_TAKEN, R_COMPONENT_ADDRESS
 */
int	op_component_add(struct ctx *, const struct component_wish *, struct component_row *);
/*
 * Where it is looked at, and how: name, target and identity of the wish are left alone,
 * and so is what is NULL. It is looked at anew. R_COMPONENT_PULLS, R_COMPONENT_ADDRESS
 */
int	op_component_set(struct ctx *, const char *id_or_name, const struct component_wish *,
	    struct component_row *);
int	component_check_name(struct ctx *, const char *name);	/* R_COMPONENT_NAME */
int	component_check_address(struct ctx *, const char *field, const char *typed); /* R_COMPONENT_ADDRESS */
int	component_pulls(struct ctx *, const struct component_row *);	/* sets R_COMPONENT_PULLS */
/* The files stay as they are, and nothing is delivered to them any more; the token of
 * one that pulls is good for nothing any more. */
int	op_component_remove(struct ctx *, const char *id_or_name);

/* ---- delivery ----------------------------------------------------------------------- */
/*
 * Deliver what the identity of the component has active: pending from now on, and
 * delivered or failed in a moment. In a transaction of its own.
 * R_COMPONENT_EMPTY: nothing is active.
 */
int	op_deliver(struct ctx *, const char *id_or_name, struct component_row *);
/* In the open transaction: all components of the identity, which has something new
 * active. After the commit op_deliver_wake. */
int	op_deliver_identity(struct ctx *, const char *identity);
void	op_deliver_wake(struct house *);

/* Of DELIVERY_AT_ONCE threads: a delivery that no other one has. 1: there may be more; 0: none is due; -1: try again. */
int	op_deliver_step(struct ctx *);
void	op_deliver_wait(struct house *);	/* until something may be due */
