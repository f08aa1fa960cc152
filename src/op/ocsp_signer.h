/*
 * ocsp_signer.h - who answers about the certificates of a CA in its name
 *
 * A key of its own and a short-lived certificate that the CA signed for it
 * (RFC 6960 section 4.2.2.2); made at the first question, renewed in time.
 */
#pragma once

#include "store/store.h"
#include "x509/keyspec.h"
#include "x509/ocsp.h"
#include "x509/signing.h"

#define OCSP_SIGNER_DAYS  30
#define OCSP_SIGNER_RENEW 10	/* days left at which a new one is made */

struct ocsp_signer {
	char		 ca_id[ID_SIZE];
	struct ocsp_issuer issuer;	/* how questions name the CA */
	enum key_type	 type;
	const struct signing *signing;
	/* the wrapped key, the certificate, its subject; kept with this */
	const unsigned char *blob, *der, *name;
	size_t		 blob_len, der_len, name_len;
	int64_t		 not_before, not_after, ca_not_after;
	struct ocsp_signer *next;	/* older ones stay: others may hold them */
};

/* One that is ready and lasts; NULL: ocsp_signer makes one. */
const struct ocsp_signer *ocsp_signer_ready(const char *ca, int64_t now);
/*
 * Borrowed, for as long as the process lives. One that cannot be renewed is used
 * to its end, and logged once. -1: there is none; R_CA_OFFLINE: the CA's key is.
 */
int	ocsp_signer(struct ctx *, const struct ca_row *, const struct ocsp_signer **);
/* Before the key of this CA goes offline: one as good as its last list, if anybody
 * ever asked. */
int	ocsp_signer_make_last(struct ctx *, const struct ca_row *);
