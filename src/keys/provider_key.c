/*
 * provider_key.c - key management: a public half, and a handle for the rest
 *
 * Everything public is answered by the default provider's key inside. A
 * private half is never exported: asked for it, the answer is no, and
 * libcrypto then signs through this provider.
 */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>

#include "keys/provider.h"

static void *
new_rsa(void *ctx)
{
	return far_key_new(FAMILY_RSA, NULL);
}
static void *
new_ec(void *ctx)
{
	return far_key_new(FAMILY_EC, NULL);
}
static void *
new_ed25519(void *ctx)
{
	return far_key_new(FAMILY_ED25519, NULL);
}

static void
key_free(void *key)
{
	far_key_free(key);
}

static int
key_has(const void *key, int selection)
{
	const struct far_key *k = key;

	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 && k->blob == NULL)
		return 0;
	return k->public != NULL;
}

/* Adopt a handle of keys_open, or take in plain public data to compare with. */
static int
key_import(void *key, int selection, const OSSL_PARAM params[])
{
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, PARAM_HANDLE);
	struct far_key *k = key, *from = NULL;
	EVP_PKEY_CTX *ctx;
	const void *handle;
	size_t n;
	int ok;

	if (p != NULL) {
		if (OSSL_PARAM_get_octet_ptr(p, &handle, &n) != 1)
			return 0;
		from = (struct far_key *)(uintptr_t)handle;
		if (from->family != k->family || (k->blob = malloc(from->blob_len)) == NULL)
			return 0;
		memcpy(k->blob, from->blob, from->blob_len);
		k->blob_len = from->blob_len;
		k->purpose = from->purpose;
		k->public = from->public;
		return EVP_PKEY_up_ref(k->public);
	}
	if ((ctx = EVP_PKEY_CTX_new_from_name(NULL, family_names[k->family], "provider=default")) ==
	    NULL)
		return 0;
	ok = EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(
		ctx, &k->public, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)(uintptr_t)params) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static const OSSL_PARAM *
key_import_types(int selection)
{
	static const OSSL_PARAM types[] = { OSSL_PARAM_octet_ptr(PARAM_HANDLE, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0), OSSL_PARAM_END };

	return types;
}

static int
key_export(void *key, int selection, OSSL_CALLBACK *give, void *arg)
{
	struct far_key *k = key;
	OSSL_PARAM *params = NULL;
	int ok;

	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ||
	    EVP_PKEY_todata(k->public, EVP_PKEY_PUBLIC_KEY, &params) != 1)
		return 0;
	ok = give(params, arg);
	OSSL_PARAM_free(params);
	return ok;
}

static int
key_match(const void *a, const void *b, int selection)
{
	const struct far_key *x = a, *y = b;

	return x->public != NULL && y->public != NULL && EVP_PKEY_eq(x->public, y->public) == 1;
}

static int
key_get_params(void *key, OSSL_PARAM params[])
{
	return EVP_PKEY_get_params(((struct far_key *)key)->public, params);
}

static const OSSL_PARAM *
key_gettable(void *ctx)
{
	static const OSSL_PARAM types[] = { OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0), OSSL_PARAM_END };

	return types;
}

static const char *
ec_operation(int operation)
{
	return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

static void *
key_dup(const void *key, int selection)
{
	struct far_key *k = (struct far_key *)(uintptr_t)key;

	k->refs++;
	return k;
}

#define FN(f) ((void (*)(void))(f))
#define COMMON                                                                            \
	{ OSSL_FUNC_KEYMGMT_FREE, FN(key_free) }, { OSSL_FUNC_KEYMGMT_HAS, FN(key_has) }, \
	    { OSSL_FUNC_KEYMGMT_IMPORT, FN(key_import) },                                 \
	    { OSSL_FUNC_KEYMGMT_IMPORT_TYPES, FN(key_import_types) },                     \
	    { OSSL_FUNC_KEYMGMT_EXPORT, FN(key_export) },                                 \
	    { OSSL_FUNC_KEYMGMT_EXPORT_TYPES, FN(key_import_types) },                     \
	    { OSSL_FUNC_KEYMGMT_MATCH, FN(key_match) },                                   \
	    { OSSL_FUNC_KEYMGMT_GET_PARAMS, FN(key_get_params) },                         \
	    { OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, FN(key_gettable) },                      \
	{                                                                                 \
		OSSL_FUNC_KEYMGMT_DUP, FN(key_dup)                                        \
	}

static const OSSL_DISPATCH rsa[] = { { OSSL_FUNC_KEYMGMT_NEW, FN(new_rsa) }, COMMON, { 0, NULL } };
static const OSSL_DISPATCH ec[] = { { OSSL_FUNC_KEYMGMT_NEW, FN(new_ec) },
	{ OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, FN(ec_operation) }, COMMON, { 0, NULL } };
static const OSSL_DISPATCH ed25519[] = { { OSSL_FUNC_KEYMGMT_NEW, FN(new_ed25519) }, COMMON,
	{ 0, NULL } };

const OSSL_ALGORITHM provider_keymgmt[] = {
	{ "RSA:rsaEncryption:1.2.840.113549.1.1.1", PROVIDER_QUERY, rsa, "RSA, elsewhere" },
	{ "EC:id-ecPublicKey:1.2.840.10045.2.1", PROVIDER_QUERY, ec, "EC, elsewhere" },
	{ "ED25519:1.3.101.112", PROVIDER_QUERY, ed25519, "Ed25519, elsewhere" },
	{ NULL, NULL, NULL, NULL },
};
