/*
 * sign.h - key types and signatures: two tables
 */
#pragma once

#include <openssl/evp.h>

#include "wire/message.h"

/* Makes a key of this type and size. Caller frees. R_KEY_TYPE */
EVP_PKEY *key_make(uint8_t type, unsigned bits, struct err *);
/* Which of our types it is: RSA 2048 to 8192, three curves, Ed25519. R_KEY_TYPE */
int	key_type(EVP_PKEY *, uint8_t *type, uint16_t *bits, struct err *);
/* SubjectPublicKeyInfo, DER, replaces what `out` held. */
int	key_spki(EVP_PKEY *, struct buf *out, struct err *);
/* Signs the whole message. R_SIGN_SCHEME: the scheme is not for this key. */
int	key_sign(EVP_PKEY *, uint8_t type, uint8_t scheme, const struct bytes *,
	    struct buf *signature, struct err *);
