/*
 * op_names.h - whose a name is
 *
 * Under the base domain each tenant has the name that it is called by, and all
 * below: acme.vc.example.com. Others are given to it by a Super Admin, who has
 * seen to it that they are its own. Nobody else's name exists for it (M28).
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
int	op_names_remove(struct ctx *, const char *name);

struct own_name {
	const char	*name;
	bool		 by_itself;		/* under the base domain */
	const char	*added_by;		/* or NULL */
	int64_t		 added_at;
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
};
int	own_names_load(struct ctx *, struct own_names *);
/* Lower case; a wildcard where all that it covers is one's own. */
bool	own_names_have(const struct own_names *, const char *dns);
/* Each host and address of a request, at "names" or, where it is the common name,
 * at "common_name": R_NAME_FOREIGN. An address is no tenant's. */
struct san_list;
int	names_check_all(struct ctx *, const struct san_list *, const char *common_name);
