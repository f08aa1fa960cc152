/*
 * guard.h - what a key may sign: recognised, not believed
 *
 * Pure functions over bytes. The purpose is declared by the front; the bytes
 * must be what it declares (P13). All refuse with R_SIGN_GUARD unless it is
 * said otherwise.
 */
#pragma once

#include "keeper/issuer.h"
#include "keeper/serials.h"

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

/* A key of a CA, as the guard sees it. */
struct guard_ca {
	const struct issuer *issuer;	/* NULL: not activated yet */
	bool		 sub_ca;	/* may make CA certificates */
	struct bytes	 spki;
	struct bytes	 algorithm;	/* AlgorithmIdentifier of the signature to be made */
};

/*
 * TBSCertificate that this CA may sign; its serial number comes back, as an
 * unsigned number. Not activated: the CA's own root certificate only.
 */
int	guard_cert(const struct bytes *tbs, const struct guard_ca *,
	    unsigned char serial[SERIAL_SIZE], struct err *);
/* TBSCertList (v2) of this CA, in one walk; the number of the CRL comes back. */
int	guard_crl(const struct bytes *tbs, const struct guard_ca *, uint64_t *number,
	    struct err *);
/* ResponseData (RFC 6960 4.2.1); its producedAt comes back. */
int	guard_ocsp(const struct bytes *response, uint64_t *produced, struct err *);

/* What all of them say. */
int	guard_refuse(struct err *, const char *why);
