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

/*
 * A signature of one key and scheme, prepared once, made any number of times,
 * by one thread at a time. Frees with signer_free; NULL is fine.
 */
struct signer {
	struct signer	*next;		/* in the list of who keeps it */
	uint8_t		 scheme;
	EVP_PKEY	*key;
	EVP_PKEY_CTX	*ctx;		/* NULL: the scheme takes the message as it is */
	EVP_MD_CTX	*md;
};

/* R_SIGN_SCHEME: the scheme is not for a key of this type. */
int	check_scheme(uint8_t type, uint8_t scheme, struct err *);
int	signer_new(struct signer **, EVP_PKEY *, uint8_t type, uint8_t scheme, struct err *);
/* Signs the whole message; the signature replaces what the buffer held. */
int	signer_sign(struct signer *, const struct bytes *message, struct buf *signature,
	    struct err *);
void	signer_free(struct signer *);
