/*
 * opened.h - a key in clear while it is in use, and what is ready for its use
 *
 * Counted: the vault's cache holds one reference, each operation another.
 * With the last one the key is cleansed.
 */
#pragma once

#include <pthread.h>

#include <openssl/evp.h>

#include "keeper/issuer.h"

struct key_head {
	char		 id[ID_SIZE], tenant[ID_SIZE];
	uint8_t		 type;			/* enum wire_key */
	uint16_t	 bits;
	uint32_t	 purposes;
	bool		 exportable;
	int64_t		 created;
	struct bytes	 certificate;		/* of a CA's activated key, DER, borrowed */
};

struct opened {
	_Atomic int	 refs;
	struct key_head	 head;
	EVP_PKEY	*key;
	struct buf	 blob;			/* what it was opened from */
	struct buf	 spki;			/* SubjectPublicKeyInfo, DER */
	struct issuer	 issuer;		/* read of head.certificate, if there is one */
	pthread_mutex_t	 lock;			/* of the signers below */
	struct signer	*idle;			/* used before, ready again */
	unsigned	 nidle;
};

/* Takes its own reference of the key. The caller frees. head->certificate is a
 * piece of the blob. */
int	opened_new(struct opened **, const struct key_head *, EVP_PKEY *,
	    const struct bytes *blob, struct err *);
struct opened *opened_ref(struct opened *);
void	opened_free(struct opened *);		/* a reference; NULL is fine */
DEFINE_AUTO(opened, struct opened, opened_free)

/* Signs the whole message. R_SIGN_SCHEME: the scheme is not for this key. */
int	opened_sign(struct opened *, uint8_t scheme, const struct bytes *,
	    struct buf *signature, struct err *);
