/*
 * compare.h - what was asked against what was issued
 */
#pragma once

#include "x509/cert.h"
#include "x509/csr.h"

struct compare_input {
	const struct csr *request;	/* or NULL: only `names` are compared */
	const struct san_list *names;	/* the saved names, without a request */
	const char	*common_name;
	const struct chain *chain;
	const unsigned char *spki_sha256; /* of the identity's key, or NULL */
	bool		 public_authority;	/* the chosen authority is a public one */
	const struct weak *weak;
	int64_t		 now;
};

/*
 * One disposition for each item of the request, `added` for everything else
 * in the certificate. Verdict same, harmless or breaking. Breaking: other
 * key, missing name, no serverAuth, a CA certificate, expired, not yet valid,
 * invalid signature, weaker than asked. A root unknown here is a note.
 */
int	compare(const struct compare_input *, struct sheet *, struct err *);
/* May a Super Admin override these breaking ones? Never another key, never a
 * weak one (P19), never a signature that cannot be verified. */
bool	compare_overridable(const struct sheet *);
