/*
 * op_pki.h - what relying parties fetch: CRLs, OCSP answers, CA certificates
 *
 * Made when they are asked for and older than they should be, by one thread
 * while others wait for it, and kept until something changes.
 */
#pragma once

#include "base/buf.h"
#include "base/ctx.h"

#define CRL_LIFE	(7 * 86400)	/* nextUpdate - thisUpdate, seconds */
#define CRL_LAST_LIFE	(365 * 86400)	/* of the last one before a root's key goes offline */
#define CRL_FRESH	86400		/* a new one at the latest after that */
#define OCSP_LIFE	(3 * 86400)
#define OCSP_FRESH	(12 * 3600)
#define OCSP_CERTS_MAX	10		/* in one request */

/*
 * The addresses that certificates of this CA carry, in the arena; NULL each
 * when neither --http-url nor --http-listen says where they would be.
 */
int	pki_addresses(struct ctx *, struct arena *, const char *ca, const char **crl,
	    const char **ocsp, const char **issuer);
/* After the commit: what was said of this certificate is true no more. */
void	pki_changed(const char *ca, const char *serial);

void	crl_changed(const char *ca);	/* op_crl.c */
/* The list that stands for this CA while its key is away. */
int	crl_make_last(struct ctx *, const char *ca);

struct pki_answer {
	struct buf	*out;		/* given; replaced by the DER */
	int64_t		 fresh_until;	/* may be kept by caches until then */
};
int	op_crl(struct ctx *, const char *ca, struct pki_answer *);
int	op_ca_der(struct ctx *, const char *ca, struct pki_answer *);
/*
 * An OCSPResponse (RFC 6960) to this OCSPRequest, DER. A request that is
 * malformed or not for this CA gets an answer that says so, without signature;
 * -1 with cx->err: there is no such CA, or nothing can be signed.
 */
int	op_ocsp(struct ctx *, const char *ca, const void *request, size_t, struct pki_answer *);
