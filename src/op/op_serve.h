/*
 * op_serve.h - the active pair of the portal's identity, put to work
 */
#pragma once

#include <openssl/x509.h>

#include "store/store.h"

/* Could the listeners present this pair? R_TLS. Changes nothing. */
int	op_serve_check(struct ctx *, X509 *leaf, X509 *const *issuers, size_t n,
	    const struct key_row *);
int	op_serve_check_row(struct ctx *, const struct cert_row *, const struct key_row *);
/*
 * Serve in all listeners at once what the database says is active for the
 * identity "portal" (P5). Of two that call at a time the later one reads what
 * both have written, so the newest state is served in the end.
 */
int	op_serve_active(struct ctx *);
/*
 * What the identity has active, which was checked when it was installed, to clients
 * that ask for one of its names. The portal's, too: for its own names it stands before
 * the wildcards of others. Of a tenant's only for those that are the tenant's own
 * (op_names.h).
 */
int	op_serve_names(struct ctx *, const char *identity);
/* The same of each identity of this tenant, and of all tenants, after names changed
 * hands. What is damaged is logged, and the others are presented. */
int	op_serve_own(struct ctx *);
int	op_serve_tenants(struct ctx *);
/* None of this tenant's any more. */
int	op_serve_nothing(struct ctx *, const char *tenant);
int	op_serve_start(struct ctx *);		/* all of them, and the portal's pair */
