/*
 * make.c - keys, requests and certificates made for the tests of x509
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

#include "make.h"

EVP_PKEY *
make_key(const char *type)
{
	EVP_PKEY *key;

	if (strncmp(type, "rsa:", 4) == 0)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)atoi(type + 4));
	else if (strncmp(type, "ec:", 3) == 0)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", type + 3);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, type);
	assert_non_null(key);
	return key;
}

EVP_PKEY *
make_rsa(const BIGNUM *n, const BIGNUM *e)
{
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;

	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, e);
	params = OSSL_PARAM_BLD_to_param(b);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

struct csr *
make_csr(EVP_PKEY *key, const char *common_name, const char *names)
{
	struct arena *a = arena_new();
	struct csr_wish w = {
		.country = "BR",
		.state = "S\xc3\xa3o Paulo",
		.locality = "Campinas",
		.organization = "Example Video, Inc.",
		.unit = "R&D",
		.common_name = common_name,
		.email = "hostmaster@example.com",
	};
	struct csr *csr = NULL;
	struct err e = { 0 };

	if (names_parse(&e, "names", names, common_name, a, &w.names) < 0 ||
	    csr_compose(&csr, &w, key, &e) < 0)
		fail_msg("%s", e.message);
	arena_free(a);
	return csr;
}

/* "/C=US/CN=a" or just a CN. */
static void
set_name(X509_NAME *name, const char *subject)
{
	char copy[1024], *save = NULL;

	if (subject[0] != '/') {
		if (subject[0] != '\0')
			X509_NAME_add_entry_by_txt(
			    name, "CN", MBSTRING_UTF8, (const unsigned char *)subject, -1, -1, 0);
		return;
	}
	snprintf(copy, sizeof(copy), "%s", subject + 1);
	for (char *part = strtok_r(copy, "/", &save); part != NULL;
	     part = strtok_r(NULL, "/", &save)) {
		char *value = strchr(part, '=');

		*value++ = '\0';
		assert_int_equal(X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
				     (const unsigned char *)value, -1, -1, 0),
		    1);
	}
}

static X509_EXTENSION *
extension(const char *line, X509V3_CTX *ctx)
{
	char name[64];
	const char *value = strchr(line, '=');
	X509_EXTENSION *x;

	snprintf(name, sizeof(name), "%.*s", (int)(value - line), line);
	x = X509V3_EXT_nconf(NULL, ctx, name, value + 1);
	if (x == NULL)
		fail_msg("extension %s", line);
	return x;
}

static const EVP_MD *
digest_for(EVP_PKEY *key, const char *name)
{
	if (EVP_PKEY_is_a(key, "ED25519"))
		return NULL;
	return EVP_get_digestbyname(name == NULL ? "sha256" : name);
}

X509 *
make_cert(const struct make *m)
{
	static long serial = 4096;
	X509 *cert = X509_new(), *issuer = m->issuer == NULL ? cert : m->issuer;
	EVP_PKEY *signer = m->issuer == NULL ? m->key : m->issuer_key;
	int64_t from = m->from == 0 ? MAKE_NOW - 17 * 86400 : m->from;
	X509V3_CTX ctx;

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	ASN1_TIME_set(X509_getm_notBefore(cert), from);
	ASN1_TIME_set(
	    X509_getm_notAfter(cert), from + (int64_t)(m->days == 0 ? 90 : m->days) * 86400 - 1);
	set_name(X509_get_subject_name(cert), m->subject);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer));
	X509_set_pubkey(cert, m->key);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	for (size_t i = 0; i < nitems(m->extensions) && m->extensions[i] != NULL; i++) {
		X509_EXTENSION *x = extension(m->extensions[i], &ctx);

		X509_add_ext(cert, x, -1);
		X509_EXTENSION_free(x);
	}
	assert_true(X509_sign(cert, signer, digest_for(signer, m->digest)) > 0);
	return cert;
}

X509 *
make_ca(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
	return make_cert(&(struct make){ .subject = name,
	    .key = key,
	    .issuer = issuer,
	    .issuer_key = issuer_key,
	    .days = 3650,
	    .extensions = { "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign",
		"subjectKeyIdentifier=hash" } });
}

X509_REQ *
make_req(const char *subject, EVP_PKEY *key, const char *const *lines)
{
	X509_REQ *req = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	X509V3_CTX ctx;

	set_name(X509_REQ_get_subject_name(req), subject);
	X509_REQ_set_pubkey(req, key);
	X509V3_set_ctx(&ctx, NULL, NULL, req, NULL, 0);
	for (; lines != NULL && *lines != NULL; lines++)
		sk_X509_EXTENSION_push(list, extension(*lines, &ctx));
	if (sk_X509_EXTENSION_num(list) > 0)
		X509_REQ_add_extensions(req, list);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	assert_true(X509_REQ_sign(req, key, digest_for(key, NULL)) > 0);
	return req;
}

struct csr *
make_parsed(X509_REQ *req)
{
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);
	struct csr *csr = NULL;
	struct err e = { 0 };

	if (csr_parse(&csr, der, (size_t)n, &e) < 0)
		fail_msg("%s", e.message);
	OPENSSL_free(der);
	X509_REQ_free(req);
	return csr;
}
