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

int
key_usual_form(const EVP_PKEY *key, EVP_PKEY **out)
{
	const char *name = OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT;
	char form[32];

	*out = NULL;
	if (!EVP_PKEY_is_a(key, "EC") ||
	    (EVP_PKEY_get_utf8_string_param(key, name, form, sizeof(form), NULL) == 1 &&
		strcmp(form, "uncompressed") == 0))
		return 0;
	*out = EVP_PKEY_dup((EVP_PKEY *)(uintptr_t)key);
	return *out != NULL && EVP_PKEY_set_utf8_string_param(*out, name, "uncompressed") == 1 ? 0
											       : -1;
}
