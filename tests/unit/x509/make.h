/*
 * make.h - keys, requests and certificates made for the tests of x509
 *
 * Helpers fail the test when something cannot be made.
 */
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "x509/csr.h"

DEFINE_AUTO(pkey, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(x509, X509, X509_free)

/* "rsa:1024" "ec:P-224" "ed25519" "X25519"; each made once, RSA is slow. */
EVP_PKEY *make_key(const char *type);
/* RSA public key of two factors, or of a given modulus. */
EVP_PKEY *make_rsa(const BIGNUM *n, const BIGNUM *e);
/* The seven fields and names. */
struct csr *make_csr(EVP_PKEY *, const char *common_name, const char *names);

/* One "nid=value" for each extension, as openssl.cnf says it. */
struct make {
	const char	*subject;	/* CN, or "/C=US/CN=..", or "" */
	EVP_PKEY	*key;		/* of the subject */
	X509		*issuer;	/* NULL: self-signed */
	EVP_PKEY	*issuer_key;
	int64_t		 from;		/* 0: 2026-11-01 */
	unsigned	 days;		/* 0: 90 */
	const char	*digest;	/* NULL: sha256 or none */
	const char	*extensions[12];	/* "subjectAltName=DNS:a" */
};
X509 *make_cert(const struct make *);
X509 *make_ca(const char *name, EVP_PKEY *, X509 *issuer, EVP_PKEY *issuer_key);

/* A CSR made by OpenSSL from a subject line and extensions. */
X509_REQ *make_req(const char *subject, EVP_PKEY *, const char *const *extensions);
struct csr *make_parsed(X509_REQ *);	/* and freed */
#define MAKE_NOW 1794960000		/* 2026-11-18 */
