/*
 * ocsp.h - questions about single certificates, read, and answers, written (RFC 6960)
 *
 * By hand, as keys and requests are: an answer that is signed afresh would
 * otherwise cost several times what its signature does.
 */
#pragma once

#include "base/buf.h"
#include "x509/crl.h"
#include "x509/der.h"

#define OCSP_CERTS_MAX	10		/* in one request */
#define OCSP_NONCE_MAX	128		/* octets, RFC 9654 section 2.1 */

struct ocsp_id {
	struct der	 whole;		/* CertID, for the answer */
	struct der	 algorithm;	/* contents of the hash's OID */
	struct der	 name, key, serial;	/* contents; serial: of the INTEGER */
};
struct ocsp_question {
	struct ocsp_id	 ids[OCSP_CERTS_MAX];
	size_t		 n;
	struct der	 nonce;		/* its Extension, whole; len 0: there is none */
};
/* All is borrowed. -1: malformed, or it asks for none or for too many. */
int	ocsp_question(struct ocsp_question *, const void *, size_t);

/* How a CA is named in questions: hashes of its name and of its key. */
struct ocsp_issuer {
	struct {
		size_t		 len;
		unsigned char	 name[64], key[64];
	} by[4];			/* SHA-1, SHA-256, SHA-384, SHA-512 */
};
/* name: DER; key: contents of the BIT STRING, without its first octet. -1: no memory */
int	ocsp_issuer(struct ocsp_issuer *, const void *name, size_t, const void *key, size_t);
bool	ocsp_is_of(const struct ocsp_id *, const struct ocsp_issuer *);

enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };
/* Appends a SingleResponse. */
void	ocsp_single(struct buf *, const struct ocsp_id *, enum ocsp_status, int64_t revoked_at,
	    enum crl_reason, int64_t this_update, int64_t next_update);
/* ResponseData of these: what is signed. responder: Name, DER. Replaces `out`. */
void	ocsp_tbs(struct buf *out, const struct buf *singles, const void *responder, size_t,
	    int64_t now, const struct der *nonce);
/*
 * `out` is the ResponseData: it becomes the OCSPResponse. algorithm:
 * AlgorithmIdentifier; certificate: of the signer; both DER.
 */
void	ocsp_answer(struct buf *out, const void *algorithm, size_t, const void *signature, size_t,
	    const void *certificate, size_t);
enum ocsp_error { OCSP_MALFORMED = 1 };
void	ocsp_refusal(struct buf *out, enum ocsp_error);	/* not signed (section 2.3) */
