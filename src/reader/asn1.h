/*
 * asn1.h - the shape of foreign DER and BER, before libcrypto sees a byte
 *
 * CAs and keystores still write BER (indefinite lengths) around PKCS#7 and
 * PKCS#12, so this walk allows it; depth, count and lengths are bounded.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

enum asn1_kind {
	KIND_UNKNOWN = 0,
	KIND_CERTIFICATE,
	KIND_CSR,
	KIND_CRL,
	KIND_PKCS7,
	KIND_PKCS12,
	KIND_PKCS8,
	KIND_PKCS8_ENCRYPTED,
	KIND_PKCS1,		/* RSAPrivateKey */
	KIND_SEC1,		/* ECPrivateKey */
	KIND_DSA,		/* OpenSSL's own DSAPrivateKey */
	KIND_PUBLIC,		/* SubjectPublicKeyInfo or RSAPublicKey */
	KIND_SSH,		/* labels only: never seen as DER */
	KIND_PGP,
	KIND_PARAMETERS,
};

/*
 * Walk the whole element at `data`. *total: its length with header, at most
 * len. R_FILE_DER or R_FILE_DEEP at `field`, naming `what`.
 */
int	asn1_walk(const void *data, size_t len, size_t *total, struct err *,
	    const char *field, const char *what);

/* What the element looks like. Content decides, not the label. */
enum asn1_kind asn1_sniff(const void *, size_t);

/* A SEQUENCE with a long or indefinite length: bytes that no text begins with. */
bool	asn1_begins(const unsigned char *, size_t);

/*
 * The cost that a passphrase check would have, read from the DER of anything
 * that holds PBE AlgorithmIdentifiers: the largest PBKDF2 or PKCS#12
 * iteration count, or scrypt's N * r * p. 0 if there is none; UINT64_MAX
 * when a number does not fit or the DER is not strict.
 */
uint64_t asn1_pbe_cost(const void *der, size_t);
