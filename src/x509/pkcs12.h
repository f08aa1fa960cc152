/*
 * pkcs12.h - a key with its certificates as PKCS#12 (RFC 7292)
 *
 * Key and certificates are encrypted with PBES2 (AES-256-CBC, PBKDF2 with
 * HMAC-SHA256, 600000 rounds), the MAC is HMAC-SHA256 with as many. legacy, for what
 * is too old for that: PBE-SHA1-3DES, a MAC with SHA-1, 100000 rounds. Certificates
 * are passed on as bytes: checked as DER, never read as X.509.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "x509/der.h"

struct keystore {
	const char	*name;		/* that readers show; some want it to find the key */
	struct der	 pkcs8, spki;	/* DER of the two halves */
	struct der	 certificates;	/* DER, one after another, the key's first; or nothing */
	const char	*passphrase;
	bool		 legacy;
};

/* out grows. R_EXPORT_CERTIFICATES */
int	pkcs12_make(const struct keystore *, struct buf *out, struct err *);
