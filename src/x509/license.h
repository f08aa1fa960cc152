/*
 * license.h - a licence: a little JSON that a vendor signed (docs/licence.md)
 *
 * CMS SignedData (RFC 5652) in strict DER of at most LIMIT_LICENSE bytes, with one
 * signer and its content inside, no certificates. Its form is judged before
 * libcrypto sees a byte. The signer is the certificate that the configuration
 * names, and nobody else: no chain is built, its own dates do not count.
 */
#pragma once

#include <openssl/x509.h>

#include "base/arena.h"
#include "base/err.h"

#define LICENSE_MAX	1000000		/* of what is counted */

struct license {
	const char	*licensee;
	const char	*expires;	/* "2027-12-31", its last day */
	int64_t		 ends_at;	/* the first second after it, UTC */
	int64_t		 tenants, components;	/* how many it allows; -1: not limited */
};

/* Who signs licences, of a PEM file: a certificate with an EC key. R_CONFIG */
int	license_vendor(const void *pem, size_t, X509 **, struct err *);
/* R_LICENSE_FILE, R_LICENSE_SIGNER, R_LICENSE_CHANGED, R_LICENSE_CONTENT; that it
 * ended is no error here. */
int	license_read(struct arena *, const void *, size_t, X509 *vendor, struct license *,
	    struct err *);
/* What stands in it. R_LICENSE_CONTENT */
int	license_content(struct arena *, const void *json, size_t, struct license *, struct err *);
