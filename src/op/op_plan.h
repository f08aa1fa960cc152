/*
 * op_plan.h - the coverage plan: which certificates the names here need
 *
 * In the system: the base domain, each tenant's name under it, names given to
 * tenants, and those of identities. In a tenant: its own. What is made of a plan
 * belongs to who acts: the system's certificates serve the tenants' names, too.
 */
#pragma once

#include "op/op_authority.h"
#include "op/op_csr.h"
#include "x509/plan.h"

/* NULL or "": our first own authority, its default profile, what is recommended. */
struct coverage_wish { const char *authority, *profile, *strategy; };

struct coverage {
	struct preview	 preview;	/* who would issue, today */
	int64_t		 days;		/* the longest life there */
	size_t		 max_names;	/* in one certificate */
	const char	*base;		/* or NULL */
	struct plan	 all[PLAN_STRATEGIES];
	const struct plan_held *held;	/* plan_item.now is its index */
	enum plan_strategy recommended, chosen;
	const char	*reason;	/* for the recommended one */
	size_t		 covered;	/* names for which a good certificate is presented now */
};
/* R_AUTHORITY_UNKNOWN, R_PROFILE_UNKNOWN, R_PLAN_STRATEGY. Nothing is changed. */
int	op_coverage(struct ctx *, const struct coverage_wish *, struct coverage *);

#define APPLY_MAX	100		/* certificates in one go */

struct apply_wish {
	const char	*key_type;	/* NULL or "": EC P-256, or what the authority takes */
	bool		 requests_only;	/* nothing is submitted to an authority of our own */
	/* The fields of every request; NULL: as in op_coverage_fields. Common
	 * name and names are the plan's. */
	struct csr_typed fields;
};
/* What the fields begin with: the preset (op_preset.h), else what is saved with the
 * identity portal, else "". */
int	op_coverage_fields(struct ctx *, struct csr_typed *out);
struct applied {
	const char	*identity, *common_name;
	size_t		 n;		/* names */
	const char	*request;	/* id */
	const char	*submission;	/* id, or NULL: it was not submitted */
	const char	*state;		/* "requested" "held" "installed" */
};
struct apply_result {
	struct applied	*made;
	size_t		 n;
	const char	*failed;	/* identity where it ended, or NULL; why: cx->err was */
	struct err	 why;
	size_t		 left;		/* that were not begun: apply again */
};
/*
 * An identity, a key and a request for each certificate of the plan that is not
 * there; with an authority of our own it is issued and installed at once. What was
 * begun before goes on, so that it can be repeated. R_FIELD_REQUIRED and the others
 * of op_csr_regenerate at the fields: nothing was made then. What fails later ends
 * it: -1 when nothing was made before it.
 */
int	op_coverage_apply(struct ctx *, const struct coverage *, const struct apply_wish *,
	    struct apply_result *);
