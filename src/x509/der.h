/*
 * der.h - a strict, bounded reader of DER (X.690), before libcrypto sees a byte
 *
 * Definite and minimal lengths only, tags of one byte (and multi-byte tags
 * refused), depth at most LIMIT_ASN1_DEPTH, nothing allocated, nothing copied.
 * Its own library: the keeper links it without the rest of x509.
 */
#pragma once

#include "base/base.h"
#include "base/limits.h"

#define DER_BOOLEAN	0x01
#define DER_INTEGER	0x02
#define DER_BIT_STRING	0x03
#define DER_OCTET_STRING 0x04
#define DER_NULL	0x05
#define DER_OID		0x06
#define DER_UTF8	0x0c
#define DER_PRINTABLE	0x13
#define DER_UTC_TIME	0x17
#define DER_GENERAL_TIME 0x18
#define DER_SEQUENCE	0x30
#define DER_SET		0x31
#define DER_CONTEXT(n)	(0xa0 | (n))	/* constructed */
#define DER_CONTEXT_PRIMITIVE(n) (0x80 | (n))

/* What is left to read: contents of one element, or a whole file. */
struct der {
	const unsigned char	*data;
	size_t			 len;
};

struct der der_of(const void *, size_t);

/*
 * The next element: its tag, its contents, and (whole, may be NULL) all its
 * bytes with the header. 0, or -1 when there is none or it is malformed.
 */
int	der_next(struct der *, unsigned char *tag, struct der *contents,
	    struct der *whole);
/* The next element must have this tag. */
int	der_expect(struct der *, unsigned char tag, struct der *contents);
int	der_expect_whole(struct der *, unsigned char tag, struct der *contents,
	    struct der *whole);
/* The next element if it has this tag: 1 taken, 0 another or none, -1. */
int	der_optional(struct der *, unsigned char tag, struct der *contents);
bool	der_at_end(const struct der *);
/* Tag of the next element, 0 at the end. */
unsigned char der_peek(const struct der *);

/* Whole numbers of up to eight bytes, not negative. */
int	der_uint(struct der *, uint64_t *);
/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 allows: seconds since 1970. */
int	der_time(struct der *, int64_t *);
bool	der_equal(const struct der *, const void *, size_t);

/*
 * The whole tree: one element, no trailing bytes, every constructed element
 * walked (context and SEQUENCE/SET), depth bounded. 0, or -1.
 */
int	der_check(const void *, size_t);
