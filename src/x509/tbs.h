/*
 * tbs.h - a TBSCertificate (RFC 5280 4.1) taken apart
 *
 * Strict DER, version 3, no unique identifiers. All pieces are borrowed.
 */
#pragma once

#include "x509/der.h"

#define TBS_MAX	(256 * 1024)	/* bytes; what is longer is not signed */

struct tbs {
	struct der	 serial;		/* contents of the INTEGER */
	struct der	 algorithm, issuer, subject, spki;	/* whole elements */
	int64_t		 not_before, not_after;	/* seconds since 1970 */
	bool		 times_fit;		/* UTCTime through 2049 (4.1.2.5) */
	struct der	 extensions;		/* for tbs_extension */
};

/* 0, or -1: it is no such thing. */
int	tbs_read(struct tbs *, const void *, size_t);

struct extension {
	struct der	 id, value;		/* contents of OID and OCTET STRING */
	bool		 critical;
};
/* The next one: 1, at the end 0, malformed -1. */
int	tbs_extension(struct der *extensions, struct extension *);
/* Well-formed, at most 64, and no two of a kind: which of them would count? */
bool	extensions_distinct(struct der extensions);
/* Which id-ce it is (2.5.29.x): x, 0 for another. */
unsigned char extension_id_ce(const struct extension *);
#define ID_CE_SUBJECT_KEY_ID	14
#define ID_CE_KEY_USAGE		15
#define ID_CE_ALT_NAMES		17
#define ID_CE_BASIC_CONSTRAINTS	19
#define ID_CE_CRL_NUMBER	20
#define ID_CE_DELTA_CRL		27
#define ID_CE_CRL_PART		28
#define ID_CE_NAME_CONSTRAINTS	30
#define ID_CE_AUTHORITY_KEY_ID	35
#define ID_CE_EXT_KEY_USAGE	37

/* BasicConstraints. path_len: -1 for none. -1: malformed */
int	basic_constraints(struct der value, bool *ca, int *path_len);
/* KeyUsage: its first eight bits. -1: malformed */
int	key_usage(struct der value, unsigned char *bits);
#define KEY_CERT_SIGN	0x04
#define CRL_SIGN	0x02
