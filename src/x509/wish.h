/*
 * wish.h - is one wish well-formed? Asked by `csr check` and by the examiner
 */
#pragma once

#include "x509/csr.h"
#include "x509/items.h"

/* What one item is judged by; rule NULL: well-formed. */
struct wish_fault {
	const char	*rule;
	const char	*reason;
};

/* What is wrong with the key, for wish_judge; R_NONE when nothing is. */
struct err wish_key_fault(const struct csr *, const struct weak *);
/* May leave a note on the sheet. */
struct wish_fault wish_judge(struct sheet *, const struct csr *,
	    const struct err *key_fault, const struct item *);
/* What is no fault, but worth knowing before the request is sent. */
void	wish_notes(struct sheet *, const struct csr *, const struct items *);
