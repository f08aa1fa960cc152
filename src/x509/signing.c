/*
 * signing.c - how a key signs: algorithm identifiers, and the signature itself
 */
#include <openssl/err.h>

#include "x509/der_put.h"
#include "x509/signing.h"

/* Algorithm identifiers, whole (RFC 4055, 5758, 8410). */
#define RSA_WITH(n)   0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, n, 5, 0
#define ECDSA_WITH(n) 0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, n

static const struct signing signatures[] = {
	{ "RSA", "sha256", "SHA256", "sha256WithRSAEncryption", 15, { RSA_WITH(11) } },
	{ "RSA", "sha384", "SHA384", "sha384WithRSAEncryption", 15, { RSA_WITH(12) } },
	{ "RSA", "sha512", "SHA512", "sha512WithRSAEncryption", 15, { RSA_WITH(13) } },
	{ "EC", "sha256", "SHA256", "ecdsa-with-SHA256", 12, { ECDSA_WITH(2) } },
	{ "EC", "sha384", "SHA384", "ecdsa-with-SHA384", 12, { ECDSA_WITH(3) } },
	{ "EC", "sha512", "SHA512", "ecdsa-with-SHA512", 12, { ECDSA_WITH(4) } },
	{ "ED25519", NULL, NULL, "ED25519", 7, { 0x30, 5, 6, 3, 0x2b, 0x65, 0x70 } },
};

static const char *
default_digest(EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "EC"))
		return bits > 384 ? "sha512" : bits > 256 ? "sha384" : "sha256";
	return "sha256";
}

const struct signing *
signing_for(EVP_PKEY *key, const char *digest, struct err *e)
{
	if (digest == NULL || digest[0] == '\0')
		digest = default_digest(key);
	for (size_t i = 0; i < nitems(signatures); i++) {
		const struct signing *s = &signatures[i];

		if (EVP_PKEY_is_a(key, s->key) &&
		    (s->digest == NULL || strcmp(s->digest, digest) == 0))
			return s;
	}
	if (!EVP_PKEY_is_a(key, "RSA") && !EVP_PKEY_is_a(key, "EC"))
		err_set(e, R_KEY_ALGORITHM, "key", "a key of this algorithm makes no CSR");
	else {
		err_set(e, R_CSR_DIGEST, "digest", "%.20s is not a digest for a CSR", digest);
		err_hint(e, "sha256, sha384 or sha512");
	}
	return NULL;
}

static void
free_md_ctx(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

/* What the provider of the key said: that it was destroyed, or the keeper is away. */
static int
not_signed(struct err *e)
{
	const char *why = NULL;
	int flags = 0;

	ERR_peek_error_data(&why, &flags);
	if ((flags & ERR_TXT_STRING) == 0 || why == NULL || why[0] == '\0')
		why = ERR_reason_error_string(ERR_peek_error());
	err_set(e, R_CSR_SIGN, "key", "the key could not sign: %.200s",
	    why == NULL ? "no reason was given" : why);
	return err_hint(e, "the log of the daemon says more; if the key is gone, make another one");
}

int
signing_put(struct buf *b, const struct signing *s, EVP_PKEY *key, struct err *e)
{
	__attribute__((cleanup(free_md_ctx))) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[1025] = { 0 }; /* no unused bits, then RSA 8192 at most */
	size_t n = sizeof(sig) - 1;

	if (ctx == NULL)
		return err_nomem(e);
	ERR_clear_error();
	if (EVP_DigestSignInit_ex(ctx, NULL, s->md, NULL, NULL, key, NULL) != 1 ||
	    EVP_DigestSign(ctx, sig + 1, &n, b->data, b->len) != 1)
		return not_signed(e);
	buf_put(b, s->alg, s->len);
	der_put(b, DER_BIT_STRING, sig, n + 1);
	return 0;
}
