/*
 * keyspec.h - which keys exist here, and which keys are refused
 */
#pragma once

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum key_type {
	KEY_NONE = 0,
	KEY_RSA_2048, KEY_RSA_3072, KEY_RSA_4096,
	KEY_EC_P256, KEY_EC_P384, KEY_EC_P521,
	KEY_ED25519,
	KEY_RSA_OTHER,			/* imported: other allowed size */
};

struct key_type_info {
	enum key_type	 type;
	const char	*name;		/* "ec:P-256", as the CLI says */
	const char	*label;		/* "EC P-256", for people */
	const char	*ossl_name;	/* "RSA" "EC" "ED25519" */
	const char	*group;		/* EC group name or NULL */
	unsigned	 bits;		/* RSA modulus, EC field size */
	unsigned	 strength;	/* security bits, SP 800-57 part 1 */
};

const struct key_type_info *key_type_info(enum key_type);
enum key_type	 key_type_by_name(const char *);	/* KEY_NONE if unknown */
/* Of a public or private key; KEY_NONE for what is not one of ours. */
enum key_type	 key_type_of(const EVP_PKEY *);
/* "RSA 2048 bits", "EC P-256", also for keys that are not ours */
char		*key_label(struct arena *, const EVP_PKEY *);

/* The public exponent, or 0: none, or larger than a long. */
long		 key_rsa_exponent(const EVP_PKEY *);

#define SPKI_SHA256_SIZE 32
/* SHA-256 of the DER SubjectPublicKeyInfo. */
int	spki_sha256(const EVP_PKEY *, unsigned char out[SPKI_SHA256_SIZE],
	    struct err *);
/* Replaces `out` by the SPKI, DER. */
int	spki_put(struct buf *out, const EVP_PKEY *, struct err *);
/* A copy with its EC point uncompressed, since the same point can be written in
 * other ways; NULL: it is written so already. Caller frees, after -1 too. */
int	key_usual_form(const EVP_PKEY *, EVP_PKEY **);
/* SPKI DER in the arena. */
int	spki_der(struct arena *, const EVP_PKEY *, unsigned char **, size_t *,
	    struct err *);
/* SPKI DER -> public key of the default provider. Caller frees. */
int	spki_parse(const void *, size_t, EVP_PKEY **, struct err *);

/*
 * weak.c: P19, on every path (generate, import, CSR, certificate). Refuses:
 * size, exponent (even, 1, > 2^256), small factors, prime or square modulus,
 * close primes (Fermat, 100 rounds), ROCA, EC point off the curve or neutral,
 * SPKI hashes of published example keys (RFC 9500 and the like), lists of the
 * site. `from_csr`: RSA at most LIMIT_RSA_MAX_CSR. Field: "key".
 */
struct weak_lists;
/*
 * What is known of bad keys beside the key itself; NULL where one is asked
 * for: nothing. `more` is asked last, of keys without any other fault, and
 * its refusal is the key's; so the layers above say what they know of keys
 * that were here.
 */
struct weak {
	struct weak_lists *lists;
	int		(*more)(void *arg, const EVP_PKEY *,	/* or NULL */
			    const unsigned char spki_sha256[SPKI_SHA256_SIZE], struct err *);
	void		*arg;
};
/* Loads every *.txt in folder (hex SHA-1/-256 of modulus or SPKI) and the
 * file spki-sha256 (certwrightd(8)); a missing folder is an empty list. */
int	weak_lists_load(struct weak_lists **, const char *folder, struct err *);
/* Again, while others look into it; after an error it is as it was. */
int	weak_lists_reload(struct weak_lists *, const char *folder, struct err *);
/* By its hash alone: R_KEY_BLOCKED, R_KEY_LISTED. Field: "key". */
int	weak_check_spki(struct weak_lists *, const unsigned char spki_sha256[SPKI_SHA256_SIZE],
	    struct err *);
void	weak_lists_free(struct weak_lists *);
int	key_check(const EVP_PKEY *, const struct weak *, bool from_csr,
	    struct err *);
