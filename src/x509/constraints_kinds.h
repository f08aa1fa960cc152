/*
 * constraints_kinds.h - names of each kind against one constraint (RFC 5280 4.2.1.10)
 */
#pragma once

#include "x509/der.h"

/* GeneralName */
#define NAME_EMAIL	DER_CONTEXT_PRIMITIVE(1)
#define NAME_DNS	DER_CONTEXT_PRIMITIVE(2)
#define NAME_DIRECTORY	DER_CONTEXT(4)
#define NAME_URI	DER_CONTEXT_PRIMITIVE(6)
#define NAME_ADDRESS	DER_CONTEXT_PRIMITIVE(7)

struct name_kind {
	unsigned char	 tag;
	/* Without a function there is no comparing: it is not permitted, and excluded. */
	bool		(*permits)(struct der name, struct der base);
	bool		(*excludes)(struct der name, struct der base);
};
/* NULL: no GeneralName has this tag. */
const struct name_kind *name_kind(unsigned char tag);
/* Letters, digits, hyphens, dots; "_" and "*" that some names have. */
bool	name_is_dns(const struct der *);
