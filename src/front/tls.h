/*
 * tls.h - what the listeners present: one complete pair, swapped at once (P5)
 */
#pragma once

#include <openssl/ssl.h>

#include "base/err.h"

struct tls_slot;

struct tls_slot *tls_slot_new(void);
/* Takes its own references. R_TLS: the pair does not fit together. */
int	tls_serve(struct tls_slot *, X509 *leaf, STACK_OF(X509) *chain, EVP_PKEY *, struct err *);
/* Would tls_serve take it? */
int	tls_check(X509 *leaf, STACK_OF(X509) *chain, EVP_PKEY *, struct err *);
/* A connection with the pair of this moment; NULL: none yet, or no memory. */
SSL	*tls_accept(struct tls_slot *);
