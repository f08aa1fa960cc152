/*
 * op_weak.h - what this house knows of bad keys, and learns (P19)
 *
 * Beside what is wrong with a key by itself (x509/weak.c) there are the lists
 * of the site, keys whose private half others have (op_compromised.h), and all
 * RSA moduli that were here: two with a prime in common are both broken. Each modulus that is checked, submitted or imported is held
 * against the newest ones at once and against all others soon after
 * (op_upkeep.h).
 */
#pragma once

#include "store/store.h"
#include "x509/keyspec.h"

struct house;

/* Reads the lists and the newest moduli. Fills cx->house->weak. R_WEAK_LIST */
int	op_weak_start(struct ctx *);
void	op_weak_stop(struct house *);
/*
 * For key_check, examine and compare; lives as long as the request. When the
 * database could not be asked, the error is in cx->err, too: who gets a sheet
 * rather than an error looks there.
 */
const struct weak *op_weak(struct ctx *);
/* May this key become one of ours? R_KEY_*; field "key". */
int	op_weak_check_new(struct ctx *, const void *spki, size_t len);
/* In the open transaction: this key is one of ours; its modulus is not forgotten. */
int	op_weak_keep(struct ctx *, const void *spki, size_t len);
/*
 * In the open transaction: a certificate for this key was revoked since others
 * have its private half (keyCompromise); `why` is kept. From then on it is
 * refused on every path, in every tenant. Audit: key.compromised, once.
 */
int	op_weak_mark_compromised(struct ctx *, const unsigned char spki_sha256[SPKI_SHA256_SIZE],
	    const char *why);
/* As at the start; after an error all is as it was. */
int	op_weak_reload(struct house *, struct err *);
/* May a key that is here still be used? R_KEY_COMPROMISED, R_KEY_SHARED,
 * R_KEY_BLOCKED, R_KEY_LISTED */
int	op_weak_check_own(struct ctx *, const struct key_row *);
