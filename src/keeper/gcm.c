/*
 * gcm.c - AES-256-GCM in one call
 */
#include <openssl/evp.h>

#include "keeper/gcm.h"

DEFINE_AUTO(EVP_CIPHER_CTX, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

int
gcm_encrypt(struct buf *out, const unsigned char key[32], const unsigned char *nonce,
    const void *aad, size_t aad_len, const void *plain, size_t len)
{
	AUTO(EVP_CIPHER_CTX) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned char tag[GCM_TAG];
	size_t at = out->len;
	int n, last;

	buf_put(out, plain, len); /* room, overwritten in place */
	if (c == NULL || EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
	    EVP_EncryptUpdate(c, NULL, &n, aad, (int)aad_len) != 1 ||
	    EVP_EncryptUpdate(c, out->data + at, &n, plain, (int)len) != 1 ||
	    EVP_EncryptFinal_ex(c, out->data + at + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag) != 1) {
		explicit_bzero(out->data + at, len);
		out->len = at;
		return -1;
	}
	buf_put(out, tag, sizeof(tag));
	return 0;
}

int
gcm_decrypt(struct buf *out, const unsigned char key[32], const unsigned char *nonce,
    const void *aad, size_t aad_len, const unsigned char *in, size_t len)
{
	AUTO(EVP_CIPHER_CTX) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	size_t at = out->len, body;
	int n = 0, last;

	if (len < GCM_TAG)
		return -1;
	body = len - GCM_TAG;
	buf_put(out, in, body);
	if (c == NULL || EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
	    EVP_DecryptUpdate(c, NULL, &n, aad, (int)aad_len) != 1 ||
	    (body > 0 && EVP_DecryptUpdate(c, out->data + at, &n, in, (int)body) != 1) ||
	    EVP_CIPHER_CTX_ctrl(
		c, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, (void *)(uintptr_t)(in + body)) != 1 ||
	    EVP_DecryptFinal_ex(c, out->data + at + (body > 0 ? n : 0), &last) != 1) {
		explicit_bzero(out->data + at, body);
		out->len = at;
		return -1;
	}
	return 0;
}
