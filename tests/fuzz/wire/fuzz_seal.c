/*
 * fuzz_seal.c - any bytes as an import envelope, and any bytes sealed in one
 */
#include <openssl/evp.h>

#include "wire/seal.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static const unsigned char priv[SEAL_KEY_SIZE] = { 1, 2, 3 };

static void
public_of(unsigned char out[SEAL_KEY_SIZE])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, priv, sizeof(priv));
	size_t n = SEAL_KEY_SIZE;

	if (EVP_PKEY_get_raw_public_key(key, out, &n) != 1)
		abort();
	EVP_PKEY_free(key);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static unsigned char pub[SEAL_KEY_SIZE];
	AUTO_BUF struct buf plain = { 0 }, sealed = { 0 };
	struct err e = { 0 };

	if (pub[0] == 0)
		public_of(pub);
	if (seal_open(&plain, priv, data, len, &e) < 0 && (e.message[0] == '\0' || plain.len != 0))
		abort();
	err_clear(&e);
	if (seal_envelope(&sealed, pub, data, len, NULL, &e) < 0 ||
	    seal_open(&plain, priv, sealed.data, sealed.len, &e) < 0 || plain.len != len + 9 ||
	    (len > 0 && memcmp(plain.data + 9, data, len) != 0))
		abort();
	/* one byte of it changed, the input says which */
	sealed.data[len == 0 ? 0 : data[0] % sealed.len] ^= 1;
	if (seal_open(&plain, priv, sealed.data, sealed.len, &e) == 0)
		abort();
	return 0;
}
