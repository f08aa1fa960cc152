/*
 * provider.h - inside of src/keys: the in-process OpenSSL provider "keeper"
 *
 * Same algorithm names as the default provider. Its name comes after
 * "default" in the alphabet, so that a fetch without a property query still
 * gets the default implementation (libcrypto 3.0 looks in that order; a test
 * watches it).
 */
#pragma once

#include <openssl/core.h>
#include <openssl/evp.h>

#include "keys/keys.h"
#include "wire/message.h"

#define PROVIDER_NAME	"keeper"
#define PROVIDER_QUERY	"provider=keeper"
#define PARAM_HANDLE	"keeper-handle"		/* struct far_key ** in an octet pointer */

enum family { FAMILY_RSA, FAMILY_EC, FAMILY_ED25519 };
extern const char *const family_names[];	/* OpenSSL's */

/* A key that is elsewhere: what is known of it here. Counted. */
struct far_key {
	_Atomic int	 refs;
	enum family	 family;
	EVP_PKEY	*public;	/* of the default provider */
	unsigned char	*blob;		/* NULL: a public key only */
	size_t		 blob_len;
	enum key_purpose purpose;
};

struct far_key *far_key_new(enum family, EVP_PKEY *public);	/* takes its own reference */
void	far_key_free(struct far_key *);

extern const OSSL_ALGORITHM provider_keymgmt[];		/* provider_key.c */
extern const OSSL_ALGORITHM provider_signature[];	/* provider_sign.c */
