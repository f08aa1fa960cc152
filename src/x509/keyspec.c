/*
 * keyspec.c - which keys exist here
 */
#include <stdio.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "x509/der.h"
#include "x509/keyspec.h"

static const struct key_type_info types[] = {
	{ KEY_RSA_2048, "rsa:2048", "RSA 2048 bits", "RSA", NULL, 2048, 112 },
	{ KEY_RSA_3072, "rsa:3072", "RSA 3072 bits", "RSA", NULL, 3072, 128 },
	{ KEY_RSA_4096, "rsa:4096", "RSA 4096 bits", "RSA", NULL, 4096, 152 },
	{ KEY_EC_P256, "ec:P-256", "EC P-256", "EC", "prime256v1", 256, 128 },
	{ KEY_EC_P384, "ec:P-384", "EC P-384", "EC", "secp384r1", 384, 192 },
	{ KEY_EC_P521, "ec:P-521", "EC P-521", "EC", "secp521r1", 521, 256 },
	{ KEY_ED25519, "ed25519", "Ed25519", "ED25519", NULL, 256, 128 },
	{ KEY_RSA_OTHER, "rsa", "RSA", "RSA", NULL, 0, 112 },
};

const struct key_type_info *
key_type_info(enum key_type type)
{
	for (size_t i = 0; i < nitems(types); i++)
		if (types[i].type == type)
			return &types[i];
	return NULL;
}

enum key_type
key_type_by_name(const char *name)
{
	for (size_t i = 0; i < nitems(types); i++)
		if (types[i].type != KEY_RSA_OTHER && strcmp(types[i].name, name) == 0)
			return types[i].type;
	return KEY_NONE;
}

static enum key_type
rsa_type(int bits)
{
	switch (bits) {
	case 2048:
		return KEY_RSA_2048;
	case 3072:
		return KEY_RSA_3072;
	case 4096:
		return KEY_RSA_4096;
	default:
		return bits >= LIMIT_RSA_MIN && bits <= LIMIT_RSA_MAX_CHAIN && bits % 8 == 0
		    ? KEY_RSA_OTHER
		    : KEY_NONE;
	}
}

enum key_type
key_type_of(const EVP_PKEY *key)
{
	char group[64];

	if (EVP_PKEY_is_a(key, "RSA"))
		return rsa_type(EVP_PKEY_get_bits(key));
	if (EVP_PKEY_is_a(key, "ED25519"))
		return KEY_ED25519;
	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
		return KEY_NONE;
	for (size_t i = 0; i < nitems(types); i++)
		if (types[i].group != NULL &&
		    (strcmp(group, types[i].group) == 0 ||
			strcmp(group, types[i].label + strlen("EC ")) == 0))
			return types[i].type;
	return KEY_NONE;
}

char *
key_label(struct arena *a, const EVP_PKEY *key)
{
	const struct key_type_info *info = key_type_info(key_type_of(key));
	const char *name;
	char group[64];

	if (info != NULL && info->type != KEY_RSA_OTHER)
		return arena_strdup(a, info->label);
	if (EVP_PKEY_is_a(key, "RSA"))
		return arena_printf(a, "RSA %d bits", EVP_PKEY_get_bits(key));
	if (EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1)
		return arena_printf(a, "EC %s", group);
	name = EVP_PKEY_get0_type_name(key);
	return arena_printf(
	    a, "%s %d bits", name == NULL ? "unknown" : name, EVP_PKEY_get_bits(key));
}

int
spki_der(struct arena *a, const EVP_PKEY *key, unsigned char **out, size_t *len, struct err *e)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	if (n <= 0)
		return err_set(e, R_KEY_ENCODE, "key", "the public key cannot be encoded");
	*out = arena_dup(a, der, (size_t)n);
	*len = (size_t)n;
	OPENSSL_free(der);
	return 0;
}

int
spki_sha256(const EVP_PKEY *key, unsigned char out[SPKI_SHA256_SIZE], struct err *e)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	if (n <= 0)
		return err_set(e, R_KEY_ENCODE, "key", "the public key cannot be encoded");
	SHA256(der, (size_t)n, out);
	OPENSSL_free(der);
	return 0;
}

/* The contents of the two OIDs that name the key's kind. */
static const struct spki_kind {
	unsigned char alg[10], param[9];
	size_t alg_len, param_len;
} kinds[] = {
	{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "", 9, 0 }, /* rsaEncryption */
	{ "\x2a\x86\x48\xce\x3d\x02\x01", "\x2a\x86\x48\xce\x3d\x03\x01\x07", 7, 8 },
	{ "\x2a\x86\x48\xce\x3d\x02\x01", "\x2b\x81\x04\x00\x22", 7, 5 },
	{ "\x2a\x86\x48\xce\x3d\x02\x01", "\x2b\x81\x04\x00\x23", 7, 5 },
	{ "\x2b\x65\x70", "", 3, 0 }, /* Ed25519 */
};

/* Only keys of our kinds are decoded: no foreign curve parameters, no DSA. */
static int
check_kind(const void *spki, size_t len, struct err *e)
{
	struct der all = der_of(spki, len), seq, alg, oid, param = { 0 }, bits;
	bool known = false;

	if (der_check(spki, len) < 0 || der_expect(&all, DER_SEQUENCE, &seq) < 0 ||
	    der_expect(&seq, DER_SEQUENCE, &alg) < 0 || der_expect(&alg, DER_OID, &oid) < 0 ||
	    der_expect(&seq, DER_BIT_STRING, &bits) < 0 || !der_at_end(&seq))
		return err_set(e, R_KEY_SPKI, "key", "the public key is malformed");
	if (der_peek(&alg) == DER_OID)
		der_expect(&alg, DER_OID, &param);
	for (size_t i = 0; i < nitems(kinds); i++) {
		if (!der_equal(&oid, kinds[i].alg, kinds[i].alg_len))
			continue;
		if (der_equal(&param, kinds[i].param, kinds[i].param_len))
			return 0;
		known = true;
	}
	if (known) {
		err_set(e, R_KEY_CURVE, "key", "the key is on a curve that is not accepted");
		return err_hint(e, "P-256, P-384 and P-521 are, by their names");
	}
	err_set(e, R_KEY_ALGORITHM, "key", "the algorithm of the key is not accepted");
	return err_hint(e, "RSA, EC (P-256, P-384, P-521) and Ed25519 are");
}

int
spki_parse(const void *der, size_t len, EVP_PKEY **out, struct err *e)
{
	const unsigned char *p = der;
	EVP_PKEY *key;

	if (len == 0 || len > 16 * 1024)
		return err_set(e, R_KEY_SPKI, "key", "the public key is empty or too large");
	if (check_kind(der, len, e) < 0)
		return -1;
	key = d2i_PUBKEY_ex(NULL, &p, (long)len, NULL, "provider=default");
	if (key == NULL || p != (const unsigned char *)der + len) {
		EVP_PKEY_free(key);
		ERR_clear_error();
		return err_set(e, R_KEY_POINT, "key",
		    "the public key is malformed, or its point is not on its curve");
	}
	*out = key;
	return 0;
}

long
key_rsa_exponent(const EVP_PKEY *key)
{
	BIGNUM *e = NULL;
	long n = 0;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_num_bits(e) < 63)
		n = (long)BN_get_word(e);
	BN_free(e);
	return n;
}
