/*
 * provider.c - the provider's door, and EVP_PKEYs for blobs
 */
#include <pthread.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "keys/provider.h"
#include "x509/keyspec.h"

#define OPENED 64 /* public halves kept ready, found by blob and purpose */

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(EVP_PKEY_CTX, EVP_PKEY_CTX, EVP_PKEY_CTX_free)

const char *const family_names[] = { "RSA", "EC", "ED25519" };

static const OSSL_ALGORITHM *
query(void *ctx, int operation, int *no_cache)
{
	*no_cache = 0;
	if (operation == OSSL_OP_KEYMGMT)
		return provider_keymgmt;
	return operation == OSSL_OP_SIGNATURE ? provider_signature : NULL;
}

static int
get_params(void *ctx, OSSL_PARAM params[])
{
	OSSL_PARAM *p = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);

	return p == NULL || OSSL_PARAM_set_int(p, 1);
}

static const OSSL_DISPATCH door[] = {
	{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
	{ OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get_params },
	{ 0, NULL },
};

static int
open_door(
    const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **ctx)
{
	*out = door;
	*ctx = (void *)(uintptr_t)handle;
	return 1;
}

int
keys_provider_load(struct err *e)
{
	if (OSSL_PROVIDER_load(NULL, "default") == NULL ||
	    OSSL_PROVIDER_add_builtin(NULL, PROVIDER_NAME, open_door) != 1 ||
	    OSSL_PROVIDER_load(NULL, PROVIDER_NAME) == NULL)
		return err_set(e, R_INTERNAL, NULL, "could not load the keeper's OpenSSL provider");
	return 0;
}

struct far_key *
far_key_new(enum family family, EVP_PKEY *public)
{
	struct far_key *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->refs = 1;
	k->family = family;
	if (public != NULL && EVP_PKEY_up_ref(public) == 1)
		k->public = public;
	return k;
}

void
far_key_free(struct far_key *k)
{
	if (k == NULL || --k->refs > 0)
		return;
	EVP_PKEY_free(k->public);
	free(k->blob);
	free(k);
}

static struct far_key *
far_key_of(
    const void *blob, size_t len, const void *spki, size_t spki_len, enum key_purpose purpose)
{
	AUTO(EVP_PKEY) EVP_PKEY *public = NULL;
	struct err ignored = { 0 };
	unsigned char *copy;
	struct far_key *k;

	if (spki_parse(spki, spki_len, &public, &ignored) < 0)
		return NULL;
	for (int f = FAMILY_RSA; f <= FAMILY_ED25519; f++) {
		if (!EVP_PKEY_is_a(public, family_names[f]))
			continue;
		if ((copy = malloc(len)) == NULL)
			return NULL;
		if ((k = far_key_new((enum family)f, public)) == NULL) {
			free(copy);
			return NULL;
		}
		k->purpose = purpose;
		k->blob = memcpy(copy, blob, len);
		k->blob_len = len;
		return k;
	}
	return NULL;
}

static EVP_PKEY *
wrap(struct far_key *k)
{
	AUTO(EVP_PKEY_CTX)
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(
	    NULL, family_names[k->family], PROVIDER_QUERY);
	OSSL_PARAM params[2] = { OSSL_PARAM_construct_octet_ptr(
				     PARAM_HANDLE, (void **)&k, sizeof(void *)),
		OSSL_PARAM_construct_end() };
	EVP_PKEY *key = NULL;

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		return NULL;
	return key;
}

/* Opened before: the same EVP_PKEY again. Signing keeps no state in it. */
static struct {
	pthread_mutex_t lock;
	struct {
		unsigned char *blob;
		size_t len;
		enum key_purpose purpose;
		EVP_PKEY *key;
		uint64_t used;
	} v[OPENED];
	uint64_t clock;
} opened = { .lock = PTHREAD_MUTEX_INITIALIZER };

static EVP_PKEY *
opened_find(const void *blob, size_t len, enum key_purpose purpose)
{
	EVP_PKEY *key = NULL;

	pthread_mutex_lock(&opened.lock);
	for (size_t i = 0; i < OPENED && key == NULL; i++)
		if (opened.v[i].key != NULL && opened.v[i].len == len &&
		    opened.v[i].purpose == purpose && memcmp(opened.v[i].blob, blob, len) == 0) {
			key = opened.v[i].key;
			opened.v[i].used = ++opened.clock;
			EVP_PKEY_up_ref(key);
		}
	pthread_mutex_unlock(&opened.lock);
	return key;
}

static void
opened_keep(const void *blob, size_t len, enum key_purpose purpose, EVP_PKEY *key)
{
	unsigned char *copy = malloc(len);
	size_t oldest = 0;

	if (copy == NULL)
		return;
	memcpy(copy, blob, len);
	pthread_mutex_lock(&opened.lock);
	for (size_t i = 1; i < OPENED; i++)
		if (opened.v[i].used < opened.v[oldest].used)
			oldest = i;
	EVP_PKEY_free(opened.v[oldest].key);
	free(opened.v[oldest].blob);
	EVP_PKEY_up_ref(key);
	opened.v[oldest].blob = copy;
	opened.v[oldest].len = len;
	opened.v[oldest].purpose = purpose;
	opened.v[oldest].key = key;
	opened.v[oldest].used = ++opened.clock;
	pthread_mutex_unlock(&opened.lock);
}

int
keys_open(const void *blob, size_t len, const void *spki, size_t spki_len, enum key_purpose purpose,
    EVP_PKEY **out, struct err *e)
{
	struct far_key *k;

	if (blob == NULL)
		return err_set(e, R_KEY_DESTROYED, NULL, "this key was destroyed");
	if ((*out = opened_find(blob, len, purpose)) != NULL)
		return 0;
	if ((k = far_key_of(blob, len, spki, spki_len, purpose)) == NULL)
		return err_set(
		    e, R_BLOB_DAMAGED, NULL, "the public key in the database cannot be read");
	*out = wrap(k);
	far_key_free(k);
	if (*out == NULL)
		return err_set(e, R_INTERNAL, NULL, "could not open the key");
	opened_keep(blob, len, purpose, *out);
	return 0;
}
