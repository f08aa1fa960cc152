/*
 * jwk.c - private keys as JSON (RFC 7517, 7518 section 6, 8037)
 */
#include <openssl/core_names.h>
#include <openssl/err.h>

#include <ctype.h>
#include <jansson.h>

#include "base/text.h"
#include "reader/openssl.h"
#include "reader/key.h"

DEFINE_AUTO(json, json_t, json_decref)

bool
jwk_looks_like(const unsigned char *p, size_t len)
{
	while (len > 0 && isspace(*p)) {
		p++;
		len--;
	}
	return len > 0 && *p == '{';
}

static int
malformed(struct reading *rd, const char *why)
{
	err_set(&rd->err, R_KEYFILE_JWK, rd->field, "the JSON Web Key is not valid: %s", why);
	return err_hint(&rd->err,
	    "a private key has kty, and for RSA n e d p q dp dq qi, "
	    "for EC crv x y d, for OKP crv x d");
}

/* Depth and number of values, before jansson builds anything (P31). */
static bool
within_limits(const unsigned char *p, size_t len)
{
	unsigned depth = 0, values = 0;
	bool text = false;

	for (size_t i = 0; i < len; i++) {
		if (text) {
			if (p[i] == '\\')
				i++;
			else if (p[i] == '"')
				text = false;
			continue;
		}
		if (p[i] == '"')
			text = true;
		else if ((p[i] == '{' || p[i] == '[') && ++depth > LIMIT_JSON_DEPTH)
			return false;
		else if ((p[i] == '}' || p[i] == ']') && depth > 0)
			depth--;
		else if ((p[i] == ',' || p[i] == ':') && ++values > LIMIT_JSON_VALUES)
			return false;
	}
	return true;
}

static const char *
member(const json_t *jwk, const char *name)
{
	return json_string_value(json_object_get(jwk, name));
}

/* A base64url member's bytes; NULL if there is none or it is malformed. */
static unsigned char *
bytes_of(struct reading *rd, const json_t *jwk, const char *name, size_t *n)
{
	const char *text = member(jwk, name);
	unsigned char *out;

	if (text == NULL || base64_decode(rd->arena, text, strlen(text), true, &out, n) < 0)
		return NULL;
	return out;
}

static int
make_key(struct reading *rd, const char *type, OSSL_PARAM_BLD *bld, EVP_PKEY **out)
{
	AUTO(PARAMS) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	AUTO(EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

	if (params == NULL || ctx == NULL)
		return err_nomem(&rd->err);
	if (EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, out, EVP_PKEY_KEYPAIR, params) == 1)
		return 0;
	ERR_clear_error();
	*out = NULL;
	return malformed(rd, "its numbers make no key");
}

static int
read_rsa(struct reading *rd, const json_t *jwk, EVP_PKEY **out)
{
	static const struct {
		const char *json, *param;
	} parts[] = {
		{ "n", OSSL_PKEY_PARAM_RSA_N },
		{ "e", OSSL_PKEY_PARAM_RSA_E },
		{ "d", OSSL_PKEY_PARAM_RSA_D },
		{ "p", OSSL_PKEY_PARAM_RSA_FACTOR1 },
		{ "q", OSSL_PKEY_PARAM_RSA_FACTOR2 },
		{ "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
		{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 },
		{ "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
	};
	AUTO(BLD) OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *bn[nitems(parts)] = { 0 };
	int r = 0;

	for (size_t i = 0; i < nitems(parts) && r == 0; i++) {
		size_t n = 0;
		unsigned char *p = bytes_of(rd, jwk, parts[i].json, &n);

		if (p == NULL || n == 0 || n > LIMIT_RSA_MAX_CHAIN / 8 + 1)
			r = malformed(rd,
			    arena_printf(
				rd->arena, "member \"%s\" is missing or wrong", parts[i].json));
		else if ((bn[i] = BN_bin2bn(p, (int)n, NULL)) == NULL ||
		    !OSSL_PARAM_BLD_push_BN(bld, parts[i].param, bn[i]))
			r = err_nomem(&rd->err);
	}
	if (r == 0)
		r = make_key(rd, "RSA", bld, out);
	for (size_t i = 0; i < nitems(parts); i++)
		BN_clear_free(bn[i]);
	return r;
}

static int
read_ec(struct reading *rd, const json_t *jwk, EVP_PKEY **out)
{
	static const struct {
		const char *json, *group;
		size_t size;
	} curves[] = {
		{ "P-256", "prime256v1", 32 },
		{ "P-384", "secp384r1", 48 },
		{ "P-521", "secp521r1", 66 },
	};
	const char *crv = member(jwk, "crv");
	AUTO(BLD) OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	AUTO(BN) BIGNUM *d_bn = NULL;
	unsigned char point[1 + 2 * 66] = { 4 }, *x, *y, *d;
	size_t i, nx = 0, ny = 0, nd = 0, size;

	for (i = 0; i < nitems(curves); i++)
		if (crv != NULL && strcmp(crv, curves[i].json) == 0)
			break;
	if (i == nitems(curves))
		return key_unsupported(rd, crv == NULL ? "EC without a curve" : "another curve");
	size = curves[i].size;
	x = bytes_of(rd, jwk, "x", &nx);
	y = bytes_of(rd, jwk, "y", &ny);
	d = bytes_of(rd, jwk, "d", &nd);
	if (x == NULL || y == NULL || d == NULL || nx != size || ny != size || nd != size)
		return malformed(rd, "x, y or d is missing or has the wrong length");
	memcpy(point + 1, x, size);
	memcpy(point + 1 + size, y, size);
	if ((d_bn = BN_bin2bn(d, (int)nd, NULL)) == NULL ||
	    !OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, curves[i].group, 0) ||
	    !OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size) ||
	    !OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, d_bn))
		return err_nomem(&rd->err);
	return make_key(rd, "EC", bld, out);
}

static int
read_okp(struct reading *rd, const json_t *jwk, EVP_PKEY **out)
{
	const char *crv = member(jwk, "crv");
	unsigned char *x, *d, made[32];
	size_t nx = 0, nd = 0, nmade = sizeof(made);

	if (crv == NULL || strcmp(crv, "Ed25519") != 0)
		return key_unsupported(rd, "X25519, Ed448 or X448");
	x = bytes_of(rd, jwk, "x", &nx);
	d = bytes_of(rd, jwk, "d", &nd);
	if (x == NULL || d == NULL || nx != 32 || nd != 32)
		return malformed(rd, "x or d is missing or has the wrong length");
	*out = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, d, nd);
	if (*out == NULL)
		return err_nomem(&rd->err);
	if (EVP_PKEY_get_raw_public_key(*out, made, &nmade) == 1 && memcmp(made, x, 32) == 0)
		return 0;
	EVP_PKEY_free(*out);
	*out = NULL;
	return malformed(rd, "x is not the public key of d");
}

/* The only key of a set that has a private part, or the object itself. */
static const json_t *
choose(struct reading *rd, const json_t *root)
{
	const json_t *keys = json_object_get(root, "keys"), *chosen = NULL, *k;
	size_t i;

	if (!json_is_array(keys))
		return root;
	json_array_foreach (keys, i, k) {
		if (json_object_get(k, "d") == NULL)
			continue;
		if (chosen != NULL) {
			err_set(&rd->err, R_KEYFILE_TWO, rd->field,
			    "there is more than one private key in it");
			err_hint(&rd->err, "give a file that holds only the key to import");
			return NULL;
		}
		chosen = k;
	}
	if (chosen == NULL)
		key_refuse_kind(rd, json_array_size(keys) > 0 ? 1u << KIND_PUBLIC : 0);
	return chosen;
}

int
jwk_read(struct reading *rd, const unsigned char *p, size_t len, EVP_PKEY **out)
{
	AUTO(json) json_t *root = NULL;
	const json_t *jwk;
	json_error_t why;
	const char *kty;

	if (!within_limits(p, len)) {
		err_set(&rd->err, R_FILE_DEEP, rd->field,
		    "its JSON is nested too deep or has too many values");
		return err_hint(&rd->err, "give a file that holds only the key to import");
	}
	root = json_loadb((const char *)p, len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(root))
		return malformed(rd, "it is not well-formed JSON");
	if ((jwk = choose(rd, root)) == NULL)
		return -1;
	if ((kty = member(jwk, "kty")) == NULL)
		return malformed(rd, "member \"kty\" is missing");
	if (strcmp(kty, "oct") == 0) {
		err_set(&rd->err, R_KEYFILE_SYMMETRIC, rd->field,
		    "this is a symmetric key (kty oct), which no certificate can name");
		return err_hint(&rd->err, "an RSA, EC or Ed25519 private key is needed");
	}
	if (json_object_get(jwk, "d") == NULL)
		return key_refuse_kind(rd, 1u << KIND_PUBLIC);
	if (strcmp(kty, "RSA") == 0)
		return read_rsa(rd, jwk, out);
	if (strcmp(kty, "EC") == 0)
		return read_ec(rd, jwk, out);
	if (strcmp(kty, "OKP") == 0)
		return read_okp(rd, jwk, out);
	return key_unsupported(rd, "another key type");
}
