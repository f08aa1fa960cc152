/*
 * seal.h - an envelope that only the keeper can open
 *
 * The CLI seals a key file and its passphrase to the keeper's import key, so
 * that the front passes bytes it cannot read. X25519 with an ephemeral key,
 * HKDF-SHA256, AES-256-GCM; layout in PROTOCOL.keeper.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#define SEAL_KEY_SIZE	32

int	seal_envelope(struct buf *out, const unsigned char to[SEAL_KEY_SIZE],
	    const void *file, size_t len, const char *passphrase, struct err *);
/* Keeper only. file and passphrase land in `out` as two buf strings. */
int	seal_open(struct buf *out, const unsigned char priv[SEAL_KEY_SIZE],
	    const void *envelope, size_t len, struct err *);
