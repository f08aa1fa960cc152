/*
 * op_client.h - is a client's certificate good?
 *
 * One that an issuing CA of ours signed itself, for TLS clients, within its life,
 * and that neither it nor a CA above it was revoked: asked of our own record at
 * each handshake, so that a revocation counts at the next one. What that record
 * does not have is not good, whoever signed it. The CAs are kept in memory.
 */
#pragma once

#include <openssl/x509.h>

#include "base/ctx.h"

struct clients;

struct clients *clients_new(void);
void	clients_free(struct clients *);
/* The CAs, read again: at the start, and after one of them changed. */
int	op_client_load(struct ctx *);
/* X509_V_OK, or why not: an alert says it. On the loop's own ctx; cx->now is set. */
int	op_client_verify(struct ctx *, X509 *);
/* Whose certificates count at this moment, for who is asked. The caller frees. */
STACK_OF(X509_NAME) *op_client_issuers(struct house *);
/* Names of the authorities whose certificates clients could have, in the arena. */
const char *const *op_client_authorities(struct ctx *, size_t *n);
