/*
 * keys.h - the keys that this process uses but does not hold
 *
 * A stub for each keeper operation (pairs by name with keeper/ops.c:
 * keys_generate / answer_generate) and EVP_PKEYs without a secret, whose
 * signature is one keeper call. Above this folder there is only EVP_PKEY *.
 *
 * One connection belongs to one thread. keys_thread() names the one that
 * signatures of this thread go through.
 */
#pragma once

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "wire/purpose.h"
#include "x509/keyspec.h"

struct keeper;

struct keeper	*keeper_attach(int fd);		/* owns fd */
void		 keeper_detach(struct keeper *);	/* NULL is fine */
void		 keys_thread(struct keeper *);	/* for this thread's signatures */
/* The connection for certificates, of all threads together; before they start.
 * Without one each uses its own. */
void		 keys_certificates(struct keeper *);

/* Wrapped key, as the store keeps it; opaque. Pieces in the arena. */
struct key_made {
	enum key_type	 type;
	unsigned	 bits;			/* RSA modulus or field size */
	const unsigned char *blob;
	size_t		 blob_len;
	const unsigned char *spki;		/* DER */
	size_t		 spki_len;
	unsigned char	 spki_sha256[SPKI_SHA256_SIZE];
	const char	*found;			/* import: "PKCS#8, encrypted", else NULL */
};
struct key_wish {
	const char	*id;			/* the key's id, bound into the blob */
	const char	*tenant;
	enum key_type	 type;			/* generate only */
	unsigned	 purposes;
	bool		 exportable;
	const void	*tickets;	/* import of a CA's key: of two custodians */
	size_t		 tickets_len;
};
int	keys_generate(struct keeper *, const struct key_wish *, struct arena *,
	    struct key_made *, struct err *);
/* A file as a person gave it: the keeper hands it to a reader. */
int	keys_import(struct keeper *, const struct key_wish *, const void *file,
	    size_t len, const char *passphrase, struct arena *,
	    struct key_made *, struct err *);
/* The same, sealed to the keeper's import key (wire/seal.h). */
int	keys_import_sealed(struct keeper *, const struct key_wish *,
	    const void *envelope, size_t len, struct arena *,
	    struct key_made *, struct err *);
/* X25519 public key that import envelopes are sealed to. */
int	keys_import_key(struct keeper *, unsigned char out[32], struct err *);
/* The blob with tls-server added; leaf: DER of the certificate, whose
 * public key must be this key. Of a key for cert: the blob with the CA's own
 * certificate, which it obeys from then on. R_ACTIVATE_* */
int	keys_activate(struct keeper *, const void *blob, size_t len,
	    const void *leaf, size_t leaf_len, struct arena *,
	    const unsigned char **out, size_t *out_len, struct err *);
/* 1 to 64 serial numbers, 16 random bytes each: a certificate signed over this
 * connection has one of the last 512, and no other has it. One: for a key of keys_open. */
int	keys_serials(struct keeper *, unsigned count, unsigned char *out, struct err *);
int	keys_certificate_serial(struct keeper *, unsigned char out[16], struct err *);
#define KEYS_FIRST	(UINT64_MAX - 1)
/* The first certificate of the sign journal behind `after` (0: the checkpoint, KEYS_FIRST: its
 * beginning, UINT64_MAX: only where it ends, or a *position); tbs NULL: none. */
int	keys_unreconciled(struct keeper *, uint64_t after, uint64_t *position,
	    char key_id[ID_SIZE], struct arena *, const unsigned char **tbs, size_t *,
	    struct err *);
/* All up to this position is in the database. */
int	keys_checkpoint(struct keeper *, uint64_t position, struct err *);
/* Signs a message built by hand. digest: "sha256" "sha384" "sha512", NULL: the
 * usual one. RSA by PKCS #1 v1.5. R_SIGN_SCHEME */
int	keys_sign(struct keeper *, const void *blob, size_t len, enum key_purpose,
	    enum key_type, const char *digest, const void *message, size_t message_len,
	    struct arena *, const unsigned char **signature, size_t *, struct err *);
/* An EVP_PKEY that signs for one purpose. Caller frees. */
int	keys_open(const void *blob, size_t len, const void *spki,
	    size_t spki_len, enum key_purpose, EVP_PKEY **, struct err *);
/* The id goes into the journal; a blob of that id is refused for ever. */
int	keys_destroy(struct keeper *, const void *blob, size_t len, struct err *);
/* The key to certwright-deliver, which asks for it by this ticket; past us.
 * R_KEY_NOT_DELIVERABLE, R_KEY_PURPOSE, R_DELIVER_GONE */
int	keys_deliver(struct keeper *, const void *blob, size_t len,
	    const unsigned char ticket[32], const char *target, struct err *);
/* HMAC-SHA256 under a key derived from the KEK, for password hashes. */
int	keys_hmac(struct keeper *, const void *, size_t, unsigned char out[32],
	    struct err *);
/* Seal a small secret (at most 4 KiB); aad names table, tenant, row, column. */
int	keys_seal(struct keeper *, const char *aad, const void *, size_t,
	    struct arena *, const unsigned char **, size_t *, struct err *);
int	keys_unseal(struct keeper *, const char *aad, const void *, size_t,
	    struct arena *, const unsigned char **, size_t *, struct err *);
/* Sign an audit head (PURPOSE_AUDIT) into the journal. R_ANCHOR_* */
int	keys_anchor(struct keeper *, const void *blob, size_t len,
	    uint64_t sequence, const unsigned char hash[32], struct arena *,
	    const unsigned char **signature, size_t *, struct err *);
struct keeper_state {
	uint64_t	 anchored_sequence;	/* last head in the journal; 0 = none */
	unsigned char	 anchored_hash[32];
	unsigned char	 kek_id[16];		/* names the KEK, tells nothing of it */
	unsigned	 pool_have[3];		/* RSA 2048, 3072, 4096 */
	unsigned	 pool_want[3];
	unsigned	 destroyed;		/* ids in the journal */
	unsigned	 unreconciled;		/* certificates behind the checkpoint */
	char		 sandbox[64];		/* "seccomp", "none (--no-sandbox)" */
};
int	keys_state(struct keeper *, struct keeper_state *, struct err *);

/* provider.c: load our provider into the default library context; once,
 * before any thread starts. */
int	keys_provider_load(struct err *);
