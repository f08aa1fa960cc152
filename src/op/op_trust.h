/*
 * op_trust.h - certificates of CAs that are known here
 *
 * Intermediates complete the chains of answers, roots say which chains end
 * where clients trust. Nothing here makes a client trust anything.
 */
#pragma once

#include <openssl/x509.h>

#include "base/ctx.h"
#include "keys/readers.h"
#include "store/store.h"

/* ---- for checks and installs ------------------------------------------------ */
/*
 * Remember CA certificates of an installed answer (origin "answer"), in the
 * open transaction. Known ones, end-entities and weak keys are passed over.
 */
int	op_trust_keep(struct ctx *, X509 *const *certs, size_t n);
/*
 * All of them, parsed. The array is in the arena and ends with NULL; the
 * certificates are the caller's: AUTO(trusted) X509 **all = NULL;
 */
int	op_trust_load(struct ctx *, X509 ***out, size_t *n);
void	trusted_free(X509 **);			/* NULL is fine */
DEFINE_AUTO(trusted, X509 *, trusted_free)

/* ---- list, add, remove -------------------------------------------------------- */
struct trust {
	struct trust_row row;
	/* names of identities, by their active and previous certificates */
	const char	**used_by;		/* it is in the chain that is served */
	size_t		 nused_by;
	const char	**anchors;		/* a root: their chain ends below it */
	size_t		 nanchors;
};
int	op_trust_list(struct ctx *, struct trust **, size_t *);
int	op_trust_one(struct ctx *, const char *id, struct trust *);
const char *op_trust_pem(struct ctx *, const struct trust *);

struct trust_added {
	struct trust	*v;			/* the new ones */
	size_t		 n;
	const char	**notes;		/* repairs, and what was here already */
	size_t		 nnotes;
};
/*
 * Every CA certificate of the files, or none: R_TRUST_NOT_CA (an end-entity
 * is among them), R_KEY_* (a weak key), R_FILE_*, R_BUNDLE_* of the reader.
 */
int	op_trust_add(struct ctx *, const struct reader_file *, size_t n,
	    const char *passphrase, struct trust_added *);
/* R_TRUST_IN_USE: it stands in a chain of an active or previous certificate. */
int	op_trust_remove(struct ctx *, const char *id);
