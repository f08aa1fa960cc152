/*
 * issue.h - the sheet becomes a certificate (RFC 5280 section 4.1)
 *
 * The sheet of examine() is the plan of the TBSCertificate: each granted
 * value is put there and nothing else, but for what the authority itself
 * decides (serial, issuer, algorithm). Whether the plan and the certificate
 * are the same is checked on the certificate's own bytes before it is signed.
 */
#pragma once

#include <openssl/x509.h>

#include "base/buf.h"
#include "x509/disposition.h"
#include "x509/signing.h"

#define SERIAL_SIZE 16			/* 128 random bits, from the keeper */

struct issue_input {
	const unsigned char *issuer;	/* Name, DER: the subject of the issuing CA */
	size_t		 issuer_len;
	const unsigned char *key_id;	/* its subjectKeyIdentifier */
	size_t		 key_id_len;
	const struct signing *signing;	/* how its key signs */
	unsigned char	 serial[SERIAL_SIZE];
	int64_t		 when;		/* notBefore */
	const unsigned char *spki;	/* of the subject, DER */
	size_t		 spki_len;
	/* addresses of the authority; NULL: none */
	const char	*crl_url, *ocsp_url, *issuer_url;
};

/* Can an item of this name be put into a certificate here? */
bool	issue_can(const char *item);
/* What the authority itself adds goes onto the sheet first: addresses. */
void	issue_plan(struct sheet *, const struct issue_input *);
/* Replaces `out` by the TBSCertificate. R_ISSUE_PLAN: a value that does not fit. */
int	issue_tbs(struct buf *out, const struct sheet *, const struct issue_input *,
	    struct err *);
/* A TBSCertificate in the shape of a certificate, without its signature, so that
 * the usual readers read it. NULL: it is none. */
X509	*issue_unsigned(const void *tbs, size_t);
/*
 * Is this TBSCertificate what the sheet says, to the last item? Fills in what
 * was decided while building ("by the authority"). R_ISSUE_PLAN names the item.
 */
int	issue_check(struct sheet *, const struct buf *tbs, struct err *);
