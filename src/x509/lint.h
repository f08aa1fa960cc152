/*
 * lint.h - what is wrong with a certificate that is about to be signed
 *
 * The rows look at the final TBSCertificate, byte for byte, whoever made it and
 * on whichever path it came. An error refuses the signature; a warning is said on
 * the sheet. Rows that come from the Baseline Requirements bind profiles with
 * their rules only.
 */
#pragma once

#include "x509/authority.h"
#include "x509/disposition.h"

enum lint_severity { LINT_ERROR, LINT_WARNING };

struct issuer_limits;			/* examine.h */
struct lint_view;			/* lint_view.h */
struct lint {
	const char	*id;		/* "lint.ku.ca" */
	const char	*item;		/* of the sheet: what it is about */
	enum lint_severity severity;
	bool		 baseline;	/* for profiles with rules of public authorities */
	const char	*from, *until;	/* days, or NULL */
	bool		(*finds)(const struct lint_view *);
	const char	*sentence;	/* for the requester */
	const char	*reference;
};

extern const struct lint lints[];	/* ends with a NULL id */

struct lint_input {
	const void	*tbs;		/* TBSCertificate, DER */
	size_t		 len;
	enum validation	 rules;		/* of the profile */
	int64_t		 when;		/* of signing */
	const struct issuer_limits *issuer;	/* what its CA allows; NULL: not said */
};

/* The next row after `last` (NULL: the first) that finds something; NULL: none. */
const struct lint *lint_next(const struct lint_view *, const struct lint *last);
/*
 * All rows. The first error: R_LINT, which names row and reference, and the item is
 * refused on the sheet. Warnings: notes, and why on the item that was granted.
 * sheet NULL: there is none.
 */
int	lint_check(const struct lint_input *, struct sheet *, struct err *);
