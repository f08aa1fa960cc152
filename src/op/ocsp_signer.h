/*
 * ocsp_signer.h - who answers about the certificates of a CA in its name
 *
 * A key of its own and a short-lived certificate that the CA signed for it
 * (RFC 6960 section 4.2.2.2); made at the first question, renewed in time.
 */
#pragma once

#include <openssl/x509.h>

#include "store/store.h"

#define OCSP_SIGNER_DAYS  30
#define OCSP_SIGNER_RENEW 10	/* days left at which a new one is made */

struct ocsp_signer {
	char		 ca_id[ID_SIZE];
	X509		*ca, *cert;
	EVP_PKEY	*key;
	const EVP_MD	*digest;	/* NULL: Ed25519 */
	int64_t		 not_before, not_after;
	struct ocsp_signer *next;	/* older ones stay: others may hold them */
};

/* Borrowed, for as long as the process lives. */
int	ocsp_signer(struct ctx *, const struct ca_row *, const struct ocsp_signer **);
