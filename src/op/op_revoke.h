/*
 * op_revoke.h - certificates of our own authorities that are good no more
 */
#pragma once

#include "store/store.h"
#include "x509/crl.h"

/* Which one: its serial (hexadecimal; colons, any case and leading zeros are
 * fine), or the certificate itself, PEM or DER. One of them is NULL or "". */
struct issued_which {
	const char	*serial;
	const void	*certificate;
	size_t		 len;
};
/* R_SERIAL, R_SERIAL_AMBIGUOUS, R_CERT_*, R_NOT_FOUND */
int	op_issued_which(struct ctx *, const struct issued_which *, struct issued_row *);
/* The same of an address: what is no serial number is not there either (P22). */
int	op_issued_load(struct ctx *, const struct issued_which *, struct issued_row *);
/*
 * Revoke it; when this returns, the next CRL and the next OCSP answer say so.
 * reason NULL or "": unspecified. certificateHold can be released or made
 * final; keyCompromise can be said of one that was revoked for something else.
 * A CA that is revoked or on hold issues nothing any more: its authority is
 * retired. R_REVOKED: it is already; R_REASON; R_CA_OFFLINE: the key of the CA
 * above it is not here, so nobody would be told.
 */
int	op_revoke(struct ctx *, const struct issued_which *, const char *reason,
	    struct issued_row *);
int	op_release(struct ctx *, const struct issued_which *, struct issued_row *); /* R_NOT_HELD */
/* Is it the certificate of a CA? */
bool	issued_is_ca(const struct issued_row *);
/* In the open transaction, of one that was revoked: if others have its key, it is
 * never taken again. */
int	issued_note_key(struct ctx *, const struct issued_row *);
int	op_issued_list(struct ctx *, const struct issued_query *, struct issued_row **, size_t *);
