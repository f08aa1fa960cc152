/*
 * issuer.h - what a CA's own certificate says to its key
 *
 * Read once, when the key is opened. All pieces are borrowed from the
 * certificate.
 */
#pragma once

#include "wire/message.h"
#include "x509/constraints.h"
#include "x509/tbs.h"

#define ISSUER_MAX	4096		/* bytes of a CA's certificate */

struct issuer {
	struct der	 subject;	/* Name, whole */
	int64_t		 not_after;
	int		 path_len;	/* -1: none */
	struct name_limits names;	/* of what it certifies */
	struct der	 key_id;	/* subjectKeyIdentifier; may be empty */
};

/*
 * The certificate (DER) of a CA that has this key: cA, keyCertSign, each
 * extension once. R_ACTIVATE_OTHER: of another key; R_ACTIVATE_CA.
 */
int	issuer_read(struct issuer *, const struct bytes *certificate, const struct bytes *spki,
	    struct err *);
