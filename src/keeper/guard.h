/*
 * guard.h - what a key may sign: recognised, not believed
 *
 * Pure functions over bytes. The purpose is declared by the front; the bytes
 * must be what it declares (P13).
 */
#pragma once

#include "wire/message.h"

/* CertificationRequestInfo (RFC 2986 4.1) that carries this key. */
int	guard_csr(const struct bytes *tbs, const struct bytes *spki, struct err *);
/* TBSCertificate (v3): issuer = subject, this key, no CA, serverAuth and nothing
 * else, at most 398 days, no extension that a listener's has not. */
int	guard_self_signed(const struct bytes *tbs, const struct bytes *spki, struct err *);
/* TLS 1.3 CertificateVerify of a server (RFC 8446 4.4.3), or the signed
 * part of a TLS 1.2 ServerKeyExchange with a named curve (RFC 8422 5.4). */
int	guard_tls_server(const struct bytes *message, struct err *);
/* The certificate (DER) is for this key. R_ACTIVATE_OTHER */
int	guard_leaf(const struct bytes *certificate, const struct bytes *spki, struct err *);
