/*
 * op_component.h - services that present a certificate, and what needs a person
 *
 * The portal's own listeners, and those that are delivered to (op_deliver.h). All
 * here is about TLS, never about the encryption of media.
 */
#pragma once

#include "store/component_row.h"

/* ---- a life ------------------------------------------------------------------ */
/* Whole days until the end; negative once it has passed. */
int64_t	days_left(int64_t not_after, int64_t now);

/* ---- components ------------------------------------------------------------- */
enum component_status {			/* best first */
	COMPONENT_FINE,
	COMPONENT_SELF_SIGNED,
	COMPONENT_DUE,			/* in its renewal window */
	COMPONENT_PENDING,		/* it is being delivered */
	COMPONENT_EMPTY,		/* nothing is installed for its identity */
	COMPONENT_EARLY,		/* not yet valid: or the clock is wrong */
	COMPONENT_EXPIRED,
	COMPONENT_UNREACHABLE,		/* what it presents is not known */
	COMPONENT_FAILED,		/* the last delivery */
	COMPONENT_OTHER,		/* presents another than the active one */
};
enum component_served { SERVED_SAME, SERVED_OTHER, SERVED_UNREACHABLE, SERVED_UNCHECKED };

struct component {
	const char	*name, *type, *identity;	/* identity NULL: pull */
	const char	**addresses;
	size_t		 naddresses;
	const char	*names;			/* one a line */
	enum component_served served;		/* of own listeners: looked up just now */
	const char	*note;			/* what was found, or why it was not looked at; or NULL */
	enum component_status status;
	int64_t		 not_before, not_after;	/* 0: nothing is installed */
	const char	*next;			/* the next event in words */
	const char	*version, *management_url;	/* of own listeners; or NULL */
	bool		 bound;			/* it is delivered to: */
	struct component_row row;
};
int	op_component_load(struct ctx *, const char *id_or_name, struct component *);	/* a bound one */
int	op_component_list(struct ctx *, struct component **, size_t *);

/* 1: its newest request, made after what is active, waits; 0 none does; -1. */
int	identity_pending(struct ctx *, const struct identity *, struct request_row *);

/* ---- what needs a person, worst first ------------------------------------------ */
enum attention_kind {
	ATTENTION_OTHER, ATTENTION_FAILED, ATTENTION_BAD_KEY, ATTENTION_REPLACE, ATTENTION_EXPIRED, ATTENTION_EARLY, ATTENTION_CLOCK,
	ATTENTION_RESTORED, ATTENTION_LICENSE,
	ATTENTION_SANDBOX, ATTENTION_RENEWAL, ATTENTION_UNREACHABLE, ATTENTION_PULL, ATTENTION_DUE, ATTENTION_SELF_SIGNED, ATTENTION_OVERRIDE, ATTENTION_REQUEST,
	ATTENTION_ONE_SUPER, ATTENTION_ROOT_AWAY, ATTENTION_NEXT_START,
	ATTENTION_KINDS,		/* how many there are; not one */
};
enum attention_step {			/* what to do next about a certificate */
	STEP_NONE, STEP_KEY, STEP_REPLACE, STEP_REQUEST, STEP_ANSWER,
	STEP_CLOCK, STEP_ROOT, STEP_RESTORED, STEP_COMPONENT, STEP_RENEWAL, STEP_LICENSE,
};
struct attention {
	enum attention_kind kind;
	enum attention_step step;
	const char	*identity;		/* NULL: the system */
	const char	*message;		/* one sentence */
	const char	*component;		/* a bound one, or NULL */
};
int	op_attention(struct ctx *, struct attention **, size_t *);
/* The same, where op_component_list was asked already. */
int	op_attention_among(struct ctx *, const struct component *, size_t ncomponents,
	    struct attention **, size_t *);
/* What the API and webhooks call it, for good; a test misses one without. */
const char *attention_id(enum attention_kind);
