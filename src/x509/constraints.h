/*
 * constraints.h - names inside and outside of name constraints (RFC 5280 4.2.1.10)
 *
 * One judge for all: the keeper before it signs, and the front before it asks.
 * What cannot be compared is not inside.
 */
#pragma once

#include "x509/der.h"

struct name_limits {
	struct der	 permitted, excluded;	/* contents of GeneralSubtrees; may be empty */
};

/* A NameConstraints, borrowed. NULL, or why it cannot be compared with. */
const char *name_limits_read(struct name_limits *, struct der value);
/*
 * Subject and alternative names of a certificate: NULL they are inside, else why
 * not. `names`: the value of subjectAltName, NULL for none.
 */
const char *name_limits_refuse(const struct name_limits *, const struct der *subject,
	    const struct der *names);
/* The same of one GeneralName, whole. */
const char *name_limits_refuse_one(const struct name_limits *, struct der general_name);
/* The RDNs, one after another, below which every subject is: of the first
 * directoryName that is permitted. Empty: subjects are free. */
struct der name_limits_below(const struct name_limits *);
