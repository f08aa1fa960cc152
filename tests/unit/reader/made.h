/*
 * made.h - files as CAs, key tools and accidents make them
 *
 * Each function puts bytes into a fresh buf; a failure ends the test program.
 */
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/buf.h"

#define SECRET "correct horse"

/* "RSA:2048", "EC:P-256", "ED25519", ...; made once a name, never freed. */
EVP_PKEY	*made_key(const char *name);
/* Self-signed, CN = name; made once a name, never freed. */
X509		*made_cert(const char *name);

struct buf	 made_pkcs8(EVP_PKEY *, const char *passphrase);	/* PEM */
struct buf	 made_traditional(EVP_PKEY *, const char *passphrase);	/* PEM */
struct buf	 made_pkcs8_der(EVP_PKEY *);
struct buf	 made_traditional_der(EVP_PKEY *);
struct buf	 made_public(EVP_PKEY *);				/* PEM */
struct buf	 made_cert_pem(X509 *);
struct buf	 made_cert_der(X509 *);
struct buf	 made_csr(EVP_PKEY *);					/* PEM */
struct buf	 made_crl(EVP_PKEY *);					/* PEM */
struct buf	 made_pkcs7(X509 *, X509 *second, bool pem);
/* key or extra may be NULL; mac 0: none. cipher: NID, or -1 for no encryption. */
struct buf	 made_pkcs12(EVP_PKEY *, X509 *, X509 *extra, const char *passphrase,
		    int cipher, int iterations, int mac);
/* n files of one content, named a.pem, b.pem, ...; encrypted with SECRET. */
struct buf	 made_zip(const struct buf *contents, size_t n, bool encrypted);
struct buf	 made_jwk(EVP_PKEY *, bool private_part);

struct buf	 made_text(const char *fmt, ...) PRINTF(1, 2);
/* Every occurrence of `from` replaced. */
struct buf	 made_replaced(const struct buf *, const char *from, const char *to);
/* `prefix` before each line. */
struct buf	 made_prefixed(const struct buf *, const char *prefix);
struct buf	 made_base64(const struct buf *);		/* lines of 76 */
struct buf	 made_quoted_printable(const struct buf *);	/* RFC 2045 6.7 */
struct buf	 made_utf16(const struct buf *, bool big, bool mark);
