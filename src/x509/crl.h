/*
 * crl.h - certificate revocation lists (RFC 5280 section 5)
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "x509/signing.h"

/* CRLReason (5.3.1). 7 is not used. */
enum crl_reason {
	REASON_UNSPECIFIED = 0, REASON_KEY_COMPROMISE = 1, REASON_CA_COMPROMISE = 2,
	REASON_AFFILIATION = 3, REASON_SUPERSEDED = 4, REASON_CESSATION = 5,
	REASON_HOLD = 6, REASON_REMOVE = 8, REASON_PRIVILEGE = 9, REASON_AA_COMPROMISE = 10,
};
const char *crl_reason_name(enum crl_reason);	/* "keyCompromise"; NULL: none */
/* By its RFC 5280 name, or as people write it ("key-compromise", any case).
 * R_REASON */
int	crl_reason_parse(const char *, enum crl_reason *, struct err *);

struct crl_input {
	const unsigned char *issuer;	/* Name, DER */
	size_t		 issuer_len;
	const unsigned char *key_id;
	size_t		 key_id_len;
	const struct signing *signing;
	int64_t		 this_update, next_update;
	uint64_t	 number;	/* cRLNumber; grows with each list */
	uint64_t	 base;		/* of a delta list: number it is a change of; 0: full */
	/* of a part: as the certificates on it name it, under all its addresses */
	const char *const *points;
	size_t		 npoints;	/* 0: it is for all certificates of the CA */
	const char	*freshest;	/* where its delta list is; NULL: nowhere */
};
/* One after another: begin, entries, end; `out` then is the TBSCertList. */
void	crl_begin(struct buf *entries);
/* serial: hex, as in the store. */
void	crl_entry(struct buf *entries, const char *serial, int64_t at, enum crl_reason);
void	crl_tbs(struct buf *out, const struct buf *entries, const struct crl_input *);
