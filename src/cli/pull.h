/*
 * pull.h - a key that is made here, its request, and what may answer it
 */
#pragma once

#include <openssl/x509v3.h>

#include "cli/cli.h"

#define PULL_FILE_MAX	((size_t)1024 * 1024)

DEFINE_AUTO(gens, GENERAL_NAMES, GENERAL_NAMES_free)
DEFINE_AUTO(pkey, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(x509, X509, X509_free)

/* ---- pull_request.c: DIR/pending, until a certificate is in use ------------------ */
/* Each --name as a DNS name or an IP address. An exit code. */
int	pull_names(struct cli *, GENERAL_NAMES **);
/* Is each of these among them, in any order and case? `them` may be NULL. */
bool	names_among(const GENERAL_NAMES *these, const GENERAL_NAMES *them);
/* The request that waits in DIR for these names, into csr; false: there is none. */
bool	pull_pending(struct cli *, const char *dir, const GENERAL_NAMES *, struct buf *csr);
/* A new key of --type and its request, on stable storage before they are used. */
int	pull_begin(struct cli *, const char *dir, const GENERAL_NAMES *, struct buf *csr);
/* The server's id of it; NULL: it was not told yet. */
const char *pull_id(struct cli *, const char *dir);
int	pull_keep_id(struct cli *, const char *dir, const char *id);
int	pull_key(struct cli *, const char *dir, struct buf *pem);
void	pull_end(struct cli *, const char *dir);	/* nothing waits any more */

/* ---- pull_check.c ----------------------------------------------------------------- */
/*
 * What came (an array of PEM, the certificate first) into cert and chain: it is of
 * this key (PEM), has these names, is for servers, good now, and leads to a
 * certificate of --issuer-file; without that to the last that came. 0, or an exit code.
 */
int	pull_check(struct cli *, const json_t *came, const struct buf *key,
	    const GENERAL_NAMES *, struct buf *cert, struct buf *chain);
/* The certificate in use, or NULL: none is there, or not for these names. */
X509	*pull_current(struct cli *, const char *dir, const GENERAL_NAMES *);
/* After two thirds of its life; after half when that is under 10 days. */
int64_t	pull_due(const X509 *);

