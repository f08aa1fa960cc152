/*
 * cert.h - certificates and chains (RFC 5280)
 *
 * Pure functions over bytes.
 */
#pragma once

#include <openssl/x509.h>

#include "base/limits.h"
#include "x509/disposition.h"
#include "x509/keyspec.h"
#include "x509/name.h"

/* Strict DER, no trailing bytes, depth and size limits. Caller frees. */
int	cert_parse(X509 **, const void *der, size_t len, struct err *);
char	*cert_pem_of_der(struct arena *, const void *der, size_t len);
char	*cert_text(struct arena *, X509 *);	/* raw dump */
/* SHA-256 of its SubjectPublicKeyInfo as it stands there. */
void	cert_spki_sha256(X509 *, unsigned char out[SPKI_SHA256_SIZE]);
bool	cert_is_ca(X509 *);
/* Are issuer and subject the same? Of DER that was read before. */
bool	cert_self_issued(const void *der, size_t);
const char *cert_serial(struct arena *, X509 *);		/* hex, lower case, no colons */
const char *cert_aia_issuers(struct arena *, X509 *);	/* first caIssuers URI or NULL */

/* The facts for lists, pages and JSON, all in the arena. */
struct cert_facts {
	const char	*subject, *issuer;	/* subject_text */
	const char	*common_name;		/* NULL if none */
	const char	*serial;		/* cert_serial */
	unsigned char	 sha256[32];		/* of the DER */
	unsigned char	 spki_sha256[32];
	int64_t		 not_before, not_after;	/* seconds, UTC */
	struct san_list	 sans;
	const char	*key_label;		/* "EC P-256" */
	const char	*signature;		/* "ecdsa-with-SHA256" */
	bool		 is_ca, self_issued;
	const char	*aia_issuers;		/* first caIssuers URI or NULL */
};
int	cert_facts(struct arena *, X509 *, struct cert_facts *, struct err *);

/*
 * A self-signed certificate for the listener: issuer = subject, CA:FALSE,
 * serverAuth, SANs, at most 398 days. The keeper checks the same again.
 */
int	cert_self_signed(X509 **, const char *common_name,
	    const struct san_list *, int64_t now, unsigned days, EVP_PKEY *,
	    struct err *);

/*
 * chain.c: sort what the CA sent. Pool -> leaf for `spki` (or the only
 * end-entity when spki is NULL), then issuers by *signature*, not by name.
 * The root is dropped, strangers too (notes say so); a missing issuer is named
 * with its AIA address; loops end; at most LIMIT_CHAIN above the leaf.
 * Alternatives through a cross-signed issuer are kept apart.
 */
struct chain {
	X509		*leaf;			/* borrowed from the pool */
	X509		*issuers[LIMIT_CHAIN];	/* leaf's issuer first; no root */
	size_t		 n;
	X509		*root;			/* found (sent, or in trust), not served; or NULL */
	bool		 root_known;		/* root is among `trust` */
	bool		 complete;		/* ends below a self-signed certificate seen */
	const char	*missing;		/* subject of the missing issuer, or NULL */
	const char	*missing_aia;
	bool		 broken_signature;	/* issuer by name there, its key does not verify */
	struct chain	*alternative;		/* next best path or NULL */
};
/*
 * pool: certificates of the answer; extra: intermediates and roots stored
 * here (never strangers). Errors: no end-entity; two certificates for the same
 * key; none for spki (the caller says which key it fits).
 */
int	chain_build(struct arena *, X509 **pool, size_t npool, X509 **extra,
	    size_t nextra, const unsigned char *spki_sha256, struct chain *,
	    struct sheet *notes, struct err *);
