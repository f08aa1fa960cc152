/*
 * ca_sign.h - a TBSCertificate becomes a certificate: serial, signature, record
 */
#pragma once

#include "keys/keys.h"
#include "op/op_own.h"
#include "store/store.h"

/* 128 random bits that the keeper made and takes back once. */
int	ca_serial(struct ctx *, unsigned char out[SERIAL_SIZE]);
/*
 * Between these two every signature gets its row, or is found in the keeper's
 * journal later: checkpoints wait until nobody is in between.
 */
void	ca_signing_begin(void);
void	ca_signing_end(bool committed);
/* Nobody is in between until ca_signing_resume. *unsettled: some signature may be
 * without its row; *n: certificates signed since the last time this was asked. */
void	ca_signing_pause(bool *unsettled, size_t *n);
void	ca_signing_resume(void);
void	ca_signing_failed(void);	/* look again, later */
size_t	ca_signed_since(void);
/*
 * Authorities are changed by one at a time: what was read of them is so until
 * ca_change_end. That puts a change that was committed (r 0) into force, and
 * waits until all that is issued under what was before is issued. It returns r,
 * or -1 with cx->err. Not between ca_signing_begin and _end.
 */
void	ca_change_begin(void);
int	ca_change_end(struct ctx *, int r);
/*
 * Sign: `tbs` becomes the certificate. Linted before, under the rules by date of its
 * profile (sheet: where that is said, or NULL), and verified with the public key
 * before it is handed on (P18). R_LINT, R_ISSUE_SIGN
 */
struct ca_signer {
	const struct signing *signing;
	EVP_PKEY	*key, *public_key;
	enum validation	 rules;
	const struct issuer_limits *limits;	/* or NULL: the keeper judges alone */
	struct sheet	*sheet;
};
int	ca_sign(struct ctx *, struct buf *tbs, const struct ca_signer *);
/* The row of a certificate that was made here: its TBSCertificate taken apart, and
 * the whole. Texts in the arena. */
int	ca_issued_row(struct ctx *, const struct tbs_parts *, const struct buf *der, const char *ca,
	    const char *profile, struct issued_row *);
/* The same when only the whole is at hand. */
int	ca_issued_row_of(struct ctx *, const void *der, size_t, const char *ca,
	    const char *profile, struct issued_row *);
/* The same of one that perhaps was: only what was to be signed is known. */
int	ca_presumed_row(struct ctx *, const void *tbs, size_t, const char *ca,
	    struct issued_row *);
