/*
 * provider_sign.c - a signature: the whole message goes to the keeper
 */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/proverr.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "keys/keeper.h"
#include "keys/provider.h"
#include "wire/scheme.h"

struct sign_ctx {
	struct far_key *key;
	int md; /* 256, 384, 512; 0 = none (Ed25519) */
	bool pss;
	struct buf message; /* gathered by update */
};

static const struct scheme *
scheme_of(const struct sign_ctx *c)
{
	return scheme_for(family_names[c->key->family], (unsigned)c->md, c->pss);
}

static void *
sign_new(void *ctx, const char *query)
{
	return calloc(1, sizeof(struct sign_ctx));
}

static void
sign_free(void *ctx)
{
	struct sign_ctx *c = ctx;

	far_key_free(c->key);
	buf_free(&c->message);
	free(c);
}

static void *
sign_dup(void *ctx)
{
	struct sign_ctx *c = ctx, *copy = calloc(1, sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = (struct sign_ctx){ .key = c->key, .md = c->md, .pss = c->pss };
	if (copy->key != NULL)
		copy->key->refs++;
	buf_put(&copy->message, c->message.data, c->message.len);
	return copy;
}

static int
md_of(const char *name)
{
	static const struct {
		const char *name;
		int md;
	} names[] = { { "SHA256", 256 }, { "SHA2-256", 256 }, { "SHA384", 384 },
		{ "SHA2-384", 384 }, { "SHA512", 512 }, { "SHA2-512", 512 } };

	if (name == NULL || name[0] == '\0')
		return 0;
	for (size_t i = 0; i < nitems(names); i++)
		if (OPENSSL_strcasecmp(name, names[i].name) == 0)
			return names[i].md;
	return -1;
}

static int sign_set_params(void *, const OSSL_PARAM[]);

static int
sign_init(void *ctx, const char *md, void *key, const OSSL_PARAM params[])
{
	struct sign_ctx *c = ctx;

	if (key != NULL) {
		((struct far_key *)key)->refs++;
		far_key_free(c->key);
		c->key = key;
	}
	buf_reset(&c->message);
	if (c->key == NULL || (c->md = md_of(md)) < 0)
		return 0;
	if (c->md == 0 && c->key->family != FAMILY_ED25519)
		c->md = 256;
	return params == NULL || sign_set_params(c, params);
}

/* One keeper call for the whole message. */
static int
sign(void *ctx, unsigned char *out, size_t *len, size_t size, const unsigned char *tbs, size_t n)
{
	struct sign_ctx *c = ctx;
	struct keeper *k = keeper_of_thread();
	struct message q = { .op = OP_SIGN }, a;
	AUTO_BUF struct buf room = { 0 };
	struct err e = { 0 };
	const struct scheme *s = scheme_of(c);

	if (out == NULL) {
		*len = (size_t)EVP_PKEY_get_size(c->key->public);
		return 1;
	}
	if (s == NULL || c->key->blob == NULL || k == NULL) {
		ERR_raise(ERR_LIB_PROV, PROV_R_NOT_SUPPORTED);
		return 0;
	}
	q.purposes = c->key->purpose;
	q.scheme = s->number;
	q.blob = (struct bytes){ c->key->blob, c->key->blob_len };
	q.data = (struct bytes){ tbs, n };
	if ((q.purposes == PURPOSE_CERT ? keeper_ask_certificate(k, &q, &a, &room, &e)
					: keeper_ask(k, &q, &a, &e)) < 0) {
		ERR_raise_data(ERR_LIB_PROV, PROV_R_FAILED_TO_SIGN, "%s", e.message);
		return 0;
	}
	if (a.data.len > size)
		return 0;
	memcpy(out, a.data.data, a.data.len);
	*len = a.data.len;
	return 1;
}

static int
sign_update(void *ctx, const unsigned char *data, size_t len)
{
	buf_put(&((struct sign_ctx *)ctx)->message, data, len);
	return 1;
}

static int
sign_final(void *ctx, unsigned char *out, size_t *len, size_t size)
{
	struct sign_ctx *c = ctx;

	return sign(c, out, len, size, c->message.data, c->message.len);
}

static const char *
digest_name(int md)
{
	return md == 256 ? "SHA256" : md == 384 ? "SHA384" : md == 512 ? "SHA512" : NULL;
}

/* A check needs the public half only: the default provider does it. */
static int
verify(void *ctx, const unsigned char *sig, size_t sig_len, const unsigned char *tbs, size_t n)
{
	struct sign_ctx *c = ctx;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	int ok;

	ok = md != NULL &&
	    EVP_DigestVerifyInit_ex(md, &pctx, digest_name(c->md), NULL, "provider=default",
		c->key->public, NULL) == 1 &&
	    (!c->pss ||
		(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
	    EVP_DigestVerify(md, sig, sig_len, tbs, n) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

static int
verify_final(void *ctx, const unsigned char *sig, size_t sig_len)
{
	struct sign_ctx *c = ctx;

	return verify(c, sig, sig_len, c->message.data, c->message.len);
}

static int
sign_get_params(void *ctx, OSSL_PARAM params[])
{
	struct sign_ctx *c = ctx;
	OSSL_PARAM *p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID);
	const struct scheme *s = c->key == NULL ? NULL : scheme_of(c);

	if (p != NULL &&
	    (s == NULL || s->algorithm.len == 0 ||
		!OSSL_PARAM_set_octet_string(p, s->algorithm.data, s->algorithm.len)))
		return 0;
	return 1;
}

static const OSSL_PARAM *
sign_gettable(void *ctx, void *provider)
{
	static const OSSL_PARAM types[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0), OSSL_PARAM_END
	};

	return types;
}

/* Padding by name or number; salt length and MGF1 digest must be the usual. */
static int
sign_set_params(void *ctx, const OSSL_PARAM params[])
{
	struct sign_ctx *c = ctx;
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
	int mode;

	if (p != NULL && p->data_type == OSSL_PARAM_UTF8_STRING) {
		c->pss = strcmp(p->data, OSSL_PKEY_RSA_PAD_MODE_PSS) == 0;
		if (!c->pss && strcmp(p->data, OSSL_PKEY_RSA_PAD_MODE_PKCSV15) != 0)
			return 0;
	} else if (p != NULL) {
		if (!OSSL_PARAM_get_int(p, &mode) ||
		    (mode != RSA_PKCS1_PADDING && mode != RSA_PKCS1_PSS_PADDING))
			return 0;
		c->pss = mode == RSA_PKCS1_PSS_PADDING;
	}
	p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
	if (p != NULL && p->data_type == OSSL_PARAM_UTF8_STRING)
		return strcmp(p->data, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST) == 0 ||
		    (int)strtol(p->data, NULL, 10) * 8 == c->md;
	if (p != NULL &&
	    (!OSSL_PARAM_get_int(p, &mode) ||
		(mode != RSA_PSS_SALTLEN_DIGEST && mode * 8 != c->md)))
		return 0;
	return 1;
}

static const OSSL_PARAM *
sign_settable(void *ctx, void *provider)
{
	static const OSSL_PARAM types[] = { OSSL_PARAM_utf8_string(
						OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0), OSSL_PARAM_END };

	return types;
}

#define FN(f) ((void (*)(void))(f))
static const OSSL_DISPATCH signing[] = {
	{ OSSL_FUNC_SIGNATURE_NEWCTX, FN(sign_new) },
	{ OSSL_FUNC_SIGNATURE_FREECTX, FN(sign_free) },
	{ OSSL_FUNC_SIGNATURE_DUPCTX, FN(sign_dup) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, FN(sign_init) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN, FN(sign) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, FN(sign_update) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, FN(sign_final) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, FN(sign_init) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, FN(verify) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, FN(sign_update) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, FN(verify_final) },
	{ OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, FN(sign_get_params) },
	{ OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, FN(sign_gettable) },
	{ OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, FN(sign_set_params) },
	{ OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, FN(sign_settable) },
	{ 0, NULL },
};

const OSSL_ALGORITHM provider_signature[] = {
	{ "RSA:rsaEncryption:1.2.840.113549.1.1.1", PROVIDER_QUERY, signing, "RSA, by the keeper" },
	{ "ECDSA", PROVIDER_QUERY, signing, "ECDSA, by the keeper" },
	{ "ED25519:1.3.101.112", PROVIDER_QUERY, signing, "Ed25519, by the keeper" },
	{ NULL, NULL, NULL, NULL },
};
