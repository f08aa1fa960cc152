/*
 * vault.h - keys at rest: wrapped under the KEK, opened only while in use
 *
 * A blob is: magic | KEK id | key id | tenant | type | bits | purposes |
 * exportable | created | the CA's certificate if it is an activated CA's |
 * nonce, all of it authenticated, then the PKCS#8 DER under AES-256-GCM and the
 * tag. Layout in PROTOCOL.keeper.
 */
#pragma once

#include <openssl/evp.h>

#include "keeper/opened.h"

#define KEK_SIZE	32

struct vault;
struct journal;

/* Reads the KEK from fd (KEK_SIZE bytes). R_KEK_WRONG: not that size. */
int	vault_open(struct vault **, int kek_fd, struct err *);
void	vault_free(struct vault *);	/* wipes; NULL is fine */
/* Where destroyed keys are known; its MAC key comes from the vault. */
void	vault_set_journal(struct vault *, struct journal *);
void	vault_kek_id(const struct vault *, unsigned char out[16]);
/* A key of its own for one use, derived from the KEK (HKDF-SHA256). */
int	vault_derive(const struct vault *, const char *label, unsigned char out[32],
	    struct err *);

/* Appends the key in clear, DER. */
int	vault_pkcs8(EVP_PKEY *, struct buf *out, struct err *);
/* Appends the blob to `out`. */
int	vault_wrap(struct vault *, const struct key_head *, EVP_PKEY *,
	    struct buf *out, struct err *);
/*
 * Opens a blob, by way of the cache of opened keys. The caller frees *out.
 * R_KEK_WRONG, R_BLOB_DAMAGED, R_KEY_DESTROYED.
 */
int	vault_key(struct vault *, const struct bytes *blob, struct opened **out,
	    struct err *);
/* Drop a key from the cache: it was destroyed. */
void	vault_forget(struct vault *, const char *id);

/* AES-256-GCM of small secrets under a derived key; nonce | text | tag. */
int	vault_seal(struct vault *, const char *aad, const struct bytes *, struct buf *out,
	    struct err *);
int	vault_unseal(struct vault *, const char *aad, const struct bytes *, struct buf *out,
	    struct err *);
