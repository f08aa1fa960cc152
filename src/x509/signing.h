/*
 * signing.h - how a key signs: algorithm identifiers, and the signature itself
 */
#pragma once

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"

struct signing {
	const char	*key, *digest, *md, *name;	/* name: "ecdsa-with-SHA256" */
	size_t		 len;
	unsigned char	 alg[15];	/* AlgorithmIdentifier, whole DER */
};

/* digest NULL or "": the usual one of this key. R_KEY_ALGORITHM, R_CSR_DIGEST */
const struct signing *signing_for(EVP_PKEY *, const char *digest, struct err *);
/* Signs all that is in the buffer (DER) and appends algorithm and signature:
 * wrapped into a SEQUENCE it is a signed object. */
int	signing_put(struct buf *, const struct signing *, EVP_PKEY *, struct err *);
