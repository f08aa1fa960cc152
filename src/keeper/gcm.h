/*
 * gcm.h - AES-256-GCM in one call
 */
#pragma once

#include "base/buf.h"

#define GCM_NONCE	12
#define GCM_TAG		16

/* Appends ciphertext and tag. */
int	gcm_encrypt(struct buf *out, const unsigned char key[32], const unsigned char *nonce,
	    const void *aad, size_t aad_len, const void *plain, size_t len);
/* Appends the plaintext; `in` ends with the tag. -1: not authentic. */
int	gcm_decrypt(struct buf *out, const unsigned char key[32], const unsigned char *nonce,
	    const void *aad, size_t aad_len, const unsigned char *in, size_t len);
