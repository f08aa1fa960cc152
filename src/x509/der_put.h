/*
 * der_put.h - DER written, inside out (X.690)
 *
 * What is inside is put into a buffer first, then wrapped: lengths are known
 * when they are written. An element has less than 4 GiB.
 */
#pragma once

#include "base/buf.h"
#include "x509/der.h"

#define DER_IA5		0x16
#define DER_ENUMERATED	0x0a

void	der_put_header(struct buf *, unsigned char tag, size_t len);
void	der_put(struct buf *, unsigned char tag, const void *, size_t);
/* Wrap all that is in the buffer into one element. */
void	der_wrap(struct buf *, unsigned char tag);
/* UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
void	der_put_time(struct buf *, int64_t seconds);
/* An unsigned number of n bytes as an INTEGER, minimal. */
void	der_put_unsigned(struct buf *, const unsigned char *, size_t n);
void	der_put_uint(struct buf *, uint64_t);
/* "1.3.6.1..." or a name that OpenSSL knows ("serverAuth"). -1: neither. */
int	der_put_oid(struct buf *, const char *name);

/* Extensions (RFC 5280 4.2): any by its value; key identifiers; where the CRL,
 * OCSP and the issuer's certificate are found, each NULL when nowhere. */
void	der_put_extension(struct buf *, const char *oid, bool critical,
	    const struct buf *value);
void	der_put_key_id(struct buf *, const void *, size_t);
void	der_put_authority_key_id(struct buf *, const void *, size_t);
void	der_put_uri(struct buf *, const char *);	/* as a GeneralName */
/* CRLDistributionPoints, as cRLDistributionPoints and freshestCRL have them. */
void	der_put_points(struct buf *, const char *oid, const char *uri);
void	der_put_addresses(struct buf *, const char *crl, const char *ocsp,
	    const char *issuer);
