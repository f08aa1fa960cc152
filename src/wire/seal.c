/*
 * seal.c - an envelope that only the keeper can open
 *
 * version (1) | ephemeral public key (32) | nonce (12) | ciphertext | tag (16)
 * key = HKDF-SHA256(X25519(ephemeral, to), salt = ephemeral || to, label);
 * plaintext = passphrase-present (1) | string passphrase | string file.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/clock.h"
#include "base/limits.h"
#include "wire/seal.h"

#define VERSION	   1
#define NONCE_SIZE 12
#define TAG_SIZE   16
#define HEAD_SIZE  (1 + SEAL_KEY_SIZE + NONCE_SIZE)
#define LABEL	   "certwright import envelope v1"

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(EVP_PKEY_CTX, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
DEFINE_AUTO(EVP_CIPHER_CTX, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

static int
shared_secret(EVP_PKEY *own, EVP_PKEY *peer, unsigned char out[32])
{
	AUTO(EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	size_t n = 32;

	if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer(ctx, peer) != 1 || EVP_PKEY_derive(ctx, out, &n) != 1 ||
	    n != 32)
		return -1;
	return 0;
}

static int
derive(const unsigned char secret[32], const unsigned char *ephemeral, const unsigned char *to,
    unsigned char key[32])
{
	AUTO(EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	unsigned char salt[64];
	size_t n = 32;

	memcpy(salt, ephemeral, 32);
	memcpy(salt + 32, to, 32);
	if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_hkdf_md(ctx, EVP_sha256()) != 1 ||
	    EVP_PKEY_CTX_set1_hkdf_salt(ctx, salt, sizeof(salt)) != 1 ||
	    EVP_PKEY_CTX_set1_hkdf_key(ctx, secret, 32) != 1 ||
	    EVP_PKEY_CTX_add1_hkdf_info(ctx, (const unsigned char *)LABEL, sizeof(LABEL) - 1) !=
		1 ||
	    EVP_PKEY_derive(ctx, key, &n) != 1)
		return -1;
	return 0;
}

static int
public_of(EVP_PKEY *key, unsigned char out[SEAL_KEY_SIZE])
{
	size_t n = SEAL_KEY_SIZE;

	return EVP_PKEY_get_raw_public_key(key, out, &n) == 1 && n == SEAL_KEY_SIZE ? 0 : -1;
}

int
seal_envelope(struct buf *out, const unsigned char to[SEAL_KEY_SIZE], const void *file, size_t len,
    const char *passphrase, struct err *e)
{
	AUTO(EVP_PKEY) EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	AUTO(EVP_PKEY) EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, to, 32);
	AUTO(EVP_CIPHER_CTX) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned char secret[32], key[32], head[HEAD_SIZE] = { VERSION }, tag[TAG_SIZE];
	AUTO_BUF struct buf plain = { 0 }, cipher = { 0 };
	int n, ok;

	buf_put_u8(&plain, passphrase != NULL);
	buf_put_cstring(&plain, passphrase);
	buf_put_string(&plain, file, len);
	buf_put(&cipher, plain.data, plain.len);
	random_bytes(head + 1 + SEAL_KEY_SIZE, NONCE_SIZE);
	ok = own != NULL && peer != NULL && c != NULL && public_of(own, head + 1) == 0 &&
	    shared_secret(own, peer, secret) == 0 && derive(secret, head + 1, to, key) == 0 &&
	    EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, head + 1 + SEAL_KEY_SIZE) == 1 &&
	    EVP_EncryptUpdate(c, NULL, &n, head, sizeof(head)) == 1 &&
	    EVP_EncryptUpdate(c, cipher.data, &n, plain.data, (int)plain.len) == 1 &&
	    EVP_EncryptFinal_ex(c, cipher.data + n, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) == 1;
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(key, sizeof(key));
	if (!ok)
		return err_set(e, R_INTERNAL, NULL, "could not seal the file to the keeper");
	buf_put(out, head, sizeof(head));
	buf_put(out, cipher.data, cipher.len);
	buf_put(out, tag, sizeof(tag));
	return 0;
}

int
seal_open(struct buf *out, const unsigned char priv[SEAL_KEY_SIZE], const void *envelope,
    size_t len, struct err *e)
{
	const unsigned char *in = envelope;
	AUTO(EVP_PKEY)
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, priv, 32);
	AUTO(EVP_PKEY) EVP_PKEY *peer = NULL;
	AUTO(EVP_CIPHER_CTX) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned char secret[32], key[32], to[SEAL_KEY_SIZE];
	size_t body;
	int n = 0, last, ok;

	if (len <= HEAD_SIZE + TAG_SIZE || in[0] != VERSION)
		return err_set(e, R_SEAL_MALFORMED, "sealed", "this is not an import envelope");
	body = len - HEAD_SIZE - TAG_SIZE;
	peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, in + 1, SEAL_KEY_SIZE);
	buf_reset(out);
	buf_put(out, in + HEAD_SIZE, body);
	ok = own != NULL && peer != NULL && c != NULL && public_of(own, to) == 0 &&
	    shared_secret(own, peer, secret) == 0 && derive(secret, in + 1, to, key) == 0 &&
	    EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, in + 1 + SEAL_KEY_SIZE) == 1 &&
	    EVP_DecryptUpdate(c, NULL, &n, in, HEAD_SIZE) == 1 &&
	    EVP_DecryptUpdate(c, out->data, &n, in + HEAD_SIZE, (int)body) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE,
		(void *)(uintptr_t)(in + len - TAG_SIZE)) == 1 &&
	    EVP_DecryptFinal_ex(c, out->data + n, &last) == 1;
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(key, sizeof(key));
	if (ok)
		return 0;
	buf_reset(out);
	err_set(e, R_SEAL_WRONG, "sealed", "the envelope was sealed to another keeper, or changed");
	return err_hint(e, "ask for the import key again and seal the file anew");
}
