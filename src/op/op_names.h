/*
 * op_names.h - whose a name is
 *
 * Under the base domain each tenant has the name that it is called by, and all
 * below: acme.vc.example.com. Others are given to it by a Super Admin, who has
 * seen to it that they are its own, or claimed and proved (op_proof.h). Nobody
 * else's name exists for it (M28).
 */
#pragma once

#include "store/tenant.h"

/* "": there is none. */
int	op_names_base(struct ctx *, const char **domain);
/* A domain, or "" for none; a public suffix is none. R_NAME_*, R_NAME_TAKEN */
int	op_names_set_base(struct ctx *, const char *domain);
/* For the tenant that cx acts in. R_NAME_*, R_NAME_TAKEN (another has it, one above or
 * one below it, or it is under the base domain), R_NAMES_SYSTEM */
int	op_names_add(struct ctx *, const char *name, struct name_row *);
/* A claim, or with the authority of a Super Admin what was given. R_NOT_FOUND,
 * R_NAME_GIVEN */
int	op_names_remove(struct ctx *, const char *name);

struct own_name {
	const char	*name;
	bool		 by_itself;		/* under the base domain */
	const char	*added_by;		/* or NULL */
	int64_t		 added_at;
	const struct name_claim *claim;		/* or NULL: by itself, or given */
	const char	*identity;		/* whose certificate is presented for it, or NULL */
	const char	*tenant;		/* of that identity: its id */
};
/* What the tenant has, the name under the base domain first. */
int	op_names_list(struct ctx *, struct own_name **, size_t *);

/* What the tenant that cx acts in may ask for: read once, asked for many names. */
struct own_names {
	bool		 all;			/* the system */
	const char	*by_itself;		/* or NULL */
	struct name_row	*given;
	size_t		 n;
	struct name_claim *claims;
	size_t		 nclaims;
	int64_t		 now;
};
enum own_state {
	OWN_NOT = 0,
	OWN_CLAIMED,			/* not proved yet */
	OWN_EXACT,			/* a name above it was proved, alone */
	OWN_AGED,			/* proved too long ago: presented, not asked for */
	OWN_YES,
};
int	own_names_load(struct ctx *, struct own_names *);
/* Lower case; a wildcard where all that it covers is one's own. *by: the claim that says
 * so, or NULL. */
enum own_state own_names_state(const struct own_names *, const char *dns,
	    const struct name_claim **by);
/* May it be presented? OWN_AGED, too. */
bool	own_names_have(const struct own_names *, const char *dns);
/* Each host and address of a request, at "names" or, where it is the common name,
 * at "common_name": R_NAME_FOREIGN; of a claim of one's own R_NAME_UNPROVED, R_NAME_EXACT,
 * R_NAME_AGED. An address is no tenant's. */
struct san_list;
struct sheet;
int	names_check_all(struct ctx *, const struct san_list *, const char *common_name);
/* What an authority of our own would put into the certificate, whoever named it: the
 * same, and people and URIs of one's own domains too. As names_check_all. */
int	names_check_sheet(struct ctx *, const struct sheet *);

/* ---- for op_proof.c, op_names_sheet.c ------------------------------------------------------------- */
/* Lower case and A-labels in *out; no wildcard, and below a public suffix: R_NAME_* */
int	names_check_domain(struct ctx *, const char *field, const char *typed, const char **out);
int	names_taken(struct ctx *, const char *field, const char *name, const char *by);
/* In the open transaction: the tenant was not deleted since the caller came in, or what it
 * gets would be nobody's for ever. R_NOT_FOUND */
int	names_check_tenant(struct ctx *);
/* R_NAME_TAKEN: under the base domain, or above it. */
int	names_check_base(struct ctx *, const char *name);
/* Why a name may not be asked for; `s` is not OWN_YES. */
int	names_refuse(struct ctx *, enum own_state s, const struct name_claim *by,
	    const char *field, const char *name);
