/*
 * spki.c - SubjectPublicKeyInfo, there and back (RFC 5280 4.1.2.7, RFC 3279, 5480, 8410)
 *
 * A hot path: libcrypto's general decoders and encoders cost a million
 * instructions each, several times what a signature does. The five kinds of
 * keys that exist here are read and written by hand instead.
 */
#include <pthread.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "x509/der_put.h"
#include "x509/keyspec.h"

/* The contents of the two OIDs that name the key's kind. */
static const struct spki_kind {
	unsigned char alg[10], param[9];
	size_t alg_len, param_len;
	const char *group; /* of an EC key */
	size_t field;	   /* octets of a coordinate */
} kinds[] = {
	{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "", 9, 0, NULL, 0 }, /* rsaEncryption */
	{ "\x2a\x86\x48\xce\x3d\x02\x01", "\x2a\x86\x48\xce\x3d\x03\x01\x07", 7, 8, "prime256v1",
	    32 },
	{ "\x2a\x86\x48\xce\x3d\x02\x01", "\x2b\x81\x04\x00\x22", 7, 5, "secp384r1", 48 },
	{ "\x2a\x86\x48\xce\x3d\x02\x01", "\x2b\x81\x04\x00\x23", 7, 5, "secp521r1", 66 },
	{ "\x2b\x65\x70", "", 3, 0, NULL, 0 }, /* Ed25519 */
};

/* Only keys of our kinds are decoded: no foreign curve parameters, no DSA. */
static int
check_kind(
    const void *spki, size_t len, const struct spki_kind **kind, struct der *bits, struct err *e)
{
	struct der all = der_of(spki, len), seq, alg, oid, param = { 0 };
	bool known = false, written_out;

	if (der_check(spki, len) < 0 || der_expect(&all, DER_SEQUENCE, &seq) < 0 ||
	    der_expect(&seq, DER_SEQUENCE, &alg) < 0 || der_expect(&alg, DER_OID, &oid) < 0 ||
	    der_expect(&seq, DER_BIT_STRING, bits) < 0 || !der_at_end(&seq)) {
		err_set(e, R_KEY_SPKI, "key", "the public key is malformed");
		return -1;
	}
	written_out = der_peek(&alg) == DER_SEQUENCE;
	if (der_peek(&alg) == DER_OID)
		der_expect(&alg, DER_OID, &param);
	for (size_t i = 0; i < nitems(kinds); i++) {
		if (!der_equal(&oid, kinds[i].alg, kinds[i].alg_len))
			continue;
		if (der_equal(&param, kinds[i].param, kinds[i].param_len)) {
			*kind = &kinds[i];
			return 0;
		}
		known = true;
	}
	if (known) {
		err_set(e, R_KEY_CURVE, "key", "%s",
		    written_out
			? "the curve of the key is written out, and not named (RFC 5480 section 2.1.1)"
			: "the key is on a curve that is not accepted");
		err_hint(e, "P-256, P-384 and P-521 are, by their names");
		return -1;
	}
	err_set(e, R_KEY_ALGORITHM, "key", "the algorithm of the key is not accepted");
	err_hint(e, "RSA, EC (P-256, P-384, P-521) and Ed25519 are");
	return -1;
}

DEFINE_AUTO(EVP_PKEY_CTX, EVP_PKEY_CTX, EVP_PKEY_CTX_free)

/* A key of each curve that has no point yet: to make a curve by its name costs
 * libcrypto four times what a copy does. */
static EVP_PKEY *curves[nitems(kinds)];
static pthread_once_t curves_once = PTHREAD_ONCE_INIT;

static void
curves_start(void)
{
	for (size_t i = 0; i < nitems(kinds); i++) {
		AUTO(EVP_PKEY_CTX)
		EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "EC", "provider=default");
		OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
					    (char *)(uintptr_t)kinds[i].group, 0),
			OSSL_PARAM_END };

		if (kinds[i].group != NULL &&
		    (c == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
			EVP_PKEY_fromdata(c, &curves[i], EVP_PKEY_KEY_PARAMETERS, params) != 1))
			abort();
	}
}

/* Uncompressed points only are read here: the others are for libcrypto. */
static EVP_PKEY *
ec_key(const struct spki_kind *k, const struct der *bits)
{
	EVP_PKEY *key;

	if (bits->len != 2 + 2 * k->field || bits->data[0] != 0 || bits->data[1] != 4)
		return NULL;
	pthread_once(&curves_once, curves_start);
	if ((key = EVP_PKEY_dup(curves[k - kinds])) != NULL &&
	    EVP_PKEY_set1_encoded_public_key(key, bits->data + 1, bits->len - 1) == 1)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static EVP_PKEY *
general_key(const void *der, size_t len)
{
	const unsigned char *p = der;
	EVP_PKEY *key = d2i_PUBKEY_ex(NULL, &p, (long)len, NULL, "provider=default");

	if (key != NULL && p == (const unsigned char *)der + len)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

int
spki_parse(const void *der, size_t len, EVP_PKEY **out, struct err *e)
{
	const struct spki_kind *kind = NULL;
	struct der bits;
	EVP_PKEY *key = NULL;

	if (len == 0 || len > 16 * 1024)
		return err_set(e, R_KEY_SPKI, "key", "the public key is empty or too large");
	if (check_kind(der, len, &kind, &bits, e) < 0)
		return -1;
	if (kind->group != NULL)
		key = ec_key(kind, &bits);
	if (key == NULL && (key = general_key(der, len)) == NULL) {
		ERR_clear_error();
		return err_set(e, R_KEY_POINT, "key",
		    "the public key is malformed, or its point is not on its curve");
	}
	ERR_clear_error();
	*out = key;
	return 0;
}

/* ---- and back ---------------------------------------------------------------------- */

static const struct spki_kind *
kind_of(const EVP_PKEY *key)
{
	switch (key_type_of(key)) {
	case KEY_EC_P256:
		return &kinds[1];
	case KEY_EC_P384:
		return &kinds[2];
	case KEY_EC_P521:
		return &kinds[3];
	default:
		return NULL;
	}
}

/* An EC key with its point uncompressed, as all are held here. */
static bool
put_ec(struct buf *b, const EVP_PKEY *key)
{
	const struct spki_kind *k = kind_of(key);
	AUTO_BUF struct buf alg = { 0 };
	unsigned char bits[2 + 2 * 66] = { 0 };
	size_t n = 0;

	if (k == NULL ||
	    EVP_PKEY_get_octet_string_param(
		key, OSSL_PKEY_PARAM_PUB_KEY, bits + 1, sizeof(bits) - 1, &n) != 1 ||
	    n != 1 + 2 * k->field || bits[1] != 4)
		return false;
	der_put(&alg, DER_OID, k->alg, k->alg_len);
	der_put(&alg, DER_OID, k->param, k->param_len);
	der_put(b, DER_SEQUENCE, alg.data, alg.len);
	der_put(b, DER_BIT_STRING, bits, n + 1);
	der_wrap(b, DER_SEQUENCE);
	return true;
}

int
spki_put(struct buf *b, const EVP_PKEY *key, struct err *e)
{
	unsigned char *der = NULL;
	int n;

	if (put_ec(b, key))
		return 0;
	buf_reset(b);
	if ((n = i2d_PUBKEY(key, &der)) <= 0)
		return err_set(e, R_KEY_ENCODE, "key", "the public key cannot be encoded");
	buf_put(b, der, (size_t)n);
	OPENSSL_free(der);
	return 0;
}

int
spki_der(struct arena *a, const EVP_PKEY *key, unsigned char **out, size_t *len, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };

	if (spki_put(&b, key, e) < 0)
		return -1;
	*out = arena_dup(a, b.data, b.len);
	*len = b.len;
	return 0;
}

int
spki_sha256(const EVP_PKEY *key, unsigned char out[SPKI_SHA256_SIZE], struct err *e)
{
	AUTO_BUF struct buf b = { 0 };

	if (spki_put(&b, key, e) < 0)
		return -1;
	SHA256(b.data, b.len, out);
	return 0;
}
