/*
 * tls.h - what the listeners present: one complete pair, swapped at once (P5)
 */
#pragma once

#include <openssl/ssl.h>

#include "base/err.h"
#include "front/sni.h"
#include "front/tls_facts.h"

/* sni: who else is presented, borrowed; NULL: nobody. */
struct tls_slot *tls_slot_new(struct sni *sni);
void	tls_slot_free(struct tls_slot *);
/* Takes its own references. R_TLS: the pair does not fit together. */
int	tls_serve(struct tls_slot *, X509 *leaf, STACK_OF(X509) *chain, EVP_PKEY *, struct err *);
/* Would tls_serve take it? */
int	tls_check(X509 *leaf, STACK_OF(X509) *chain, EVP_PKEY *, struct err *);
/* Is the leaf of this moment the certificate of this SHA-256? */
bool	tls_serves(struct tls_slot *, const unsigned char sha256[32]);
/* A connection with the pair of this moment; NULL: none yet, or no memory. */
SSL	*tls_accept(struct tls_slot *);
