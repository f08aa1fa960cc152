/*
 * client.h - client certificates, at the handshake
 *
 * Whether a listener wants one is said anew for each connection; op_client.h
 * judges it. There is no resumption (tls.c), so no handshake goes round that.
 */
#pragma once

#include <openssl/ssl.h>

#include "base/ctx.h"

/* Before anything is said; the generation is of what was wanted (op_doors.h). cx is
 * of the thread that runs the connection; NULL: none is wanted. */
void	client_prepare(SSL *, struct ctx *cx, int listener, unsigned *generation);
/* For SSL_CTX_set_cert_verify_callback. */
int	client_verify(X509_STORE_CTX *, void *unused);
/* The listener takes nobody without one now, and this connection was made before. */
bool	client_is_due(struct ctx *cx, int listener, unsigned generation);
