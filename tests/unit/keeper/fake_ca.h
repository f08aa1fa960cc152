/*
 * fake_ca.h - CAs and certificates for the tests of the guard
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#include "keeper/guard.h"

/* A certificate as X509V3_EXT_conf says it; NULL: none. Section "org" is a name O=Example. */
struct fake_cert {
	const char	*issuer, *subject;	/* "CN=a" or "O=Example/CN=a"; "" is empty */
	int		 from, until;		/* days from now */
	const char	*constraints, *usage, *names, *name_constraints;
	int		 more_nid;		/* one more extension */
	const char	*more;
	EVP_PKEY	*key;
	long		 version;		/* X509_VERSION_3 */
};

X509	*fake_make(const struct fake_cert *);
void	fake_add(X509 *, int nid, const char *value);
void	fake_add_raw(X509 *, const char *oid, const void *value, size_t);
/* The part to be signed, ECDSA with SHA-256; frees the X509. */
void	fake_tbs(X509 *, struct buf *out);

struct fake_ca {
	EVP_PKEY	*key, *other;
	struct buf	 certificate, spki;
	struct issuer	 issuer;
	struct guard_ca	 ca;
};

/* A CA whose own certificate is this one; its key is made here. */
void	fake_ca_open(struct fake_ca *, struct fake_cert, bool sub_ca);
void	fake_ca_close(struct fake_ca *);
/* NULL: taken; else what the guard says of this certificate, whose key is `other` when
 * it names none. */
const char *fake_judged(const struct fake_ca *, struct fake_cert);

/* Fails the test unless `said` has `why` in it (NULL: unless nothing was said). */
void	says(const char *said, const char *why);
