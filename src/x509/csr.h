/*
 * csr.h - certification requests (PKCS #10, RFC 2986)
 *
 * A CSR is a wish list: the subject, alternative names and public key its
 * owner would like certified, signed to prove possession of the key.
 * Pure functions: no file, database or network is touched here.
 */
#pragma once

#include <openssl/x509.h>

#include "x509/disposition.h"
#include "x509/keyspec.h"
#include "x509/name.h"

struct csr;				/* parsed request; immutable */

/* Compose and sign. The keeper behind `key` makes the signature. RSA signs
 * PKCS#1 v1.5; Ed25519 ignores the digest. */
int	csr_compose(struct csr **out, const struct csr_wish *, EVP_PKEY *key,
	    struct err *);
/* The same, with the DER of the key's public half at hand (as stored), which
 * saves an encoding; the keeper's guard refuses another key's. */
int	csr_compose_spki(struct csr **out, const struct csr_wish *, EVP_PKEY *key,
	    const void *spki, size_t spki_len, struct err *);
/* Parse PEM (text around it is fine) or strict DER and check the proof of
 * possession (section 4.2). At most LIMIT_CSR bytes, LIMIT_ASN1_DEPTH. */
int	csr_parse(struct csr **out, const void *data, size_t len, struct err *);
/* As csr_parse, but neither a failed proof of possession nor a key that cannot
 * be used nor malformed text in names is an error: csr_check reports each. */
int	csr_parse_unproved(struct csr **out, const void *, size_t, struct err *);
void	csr_free(struct csr *);		/* NULL is fine */
DEFINE_AUTO(csr, struct csr, csr_free)

bool	csr_proof_ok(const struct csr *);
const unsigned char *csr_der(const struct csr *, size_t *len);
char	*csr_pem(struct arena *, const struct csr *);
char	*csr_pem_of_der(struct arena *, const void *der, size_t len);
/* Borrowed, all of them. */
const X509_NAME *csr_name(const struct csr *);
const STACK_OF(X509_ATTRIBUTE) *csr_attributes(const struct csr *);
X509_REQ *csr_x509_req(const struct csr *);	/* slow: decodes the key once more */
EVP_PKEY *csr_public_key(const struct csr *);		/* borrowed; NULL: csr_key_fault */
const struct err *csr_key_fault(const struct csr *);	/* why there is no key */
/* The DER SubjectPublicKeyInfo, borrowed. */
const unsigned char *csr_spki(const struct csr *, size_t *len);
/* Requested extensions of all attributes that carry some; borrowed. */
const STACK_OF(X509_EXTENSION) *csr_extensions(const struct csr *);
int	csr_spki_sha256(const struct csr *, unsigned char out[SPKI_SHA256_SIZE]);
void	csr_sha256(const struct csr *, unsigned char out[32]);
const struct subject *csr_subject(const struct csr *);
const struct san_list *csr_sans(const struct csr *);
const char *csr_signature_name(const struct csr *);	/* "ecdsa-with-SHA256" */
/* The raw dump, as `openssl req -text`, for the folded view. */
char	*csr_text(struct arena *, const struct csr *);

/*
 * wish.c: every wish of any CSR, each exactly once, and its faults
 * (`csr check`). Verdict issue: all well-formed; amend: only notes; refuse:
 * an item is at fault, a weak key, or the proof of possession fails.
 */
int	csr_check(const struct csr *, const struct weak *, struct sheet *,
	    struct err *);
