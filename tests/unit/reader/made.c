/*
 * made.c - files as CAs, key tools and accidents make them
 */
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <stdarg.h>
#include <stdio.h>
#include <zip.h>

#include "base/text.h"
#include "made.h"

#define MUST(x)                                                           \
	do {                                                              \
		if (!(x)) {                                               \
			fprintf(stderr, "made.c:%d: %s\n", __LINE__, #x); \
			abort();                                          \
		}                                                         \
	} while (0)

static struct buf
of_bio(BIO *bio)
{
	struct buf b = { 0 };
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	buf_put(&b, p, (size_t)n);
	BIO_free(bio);
	return b;
}

static struct buf
of_der(unsigned char *der, int n)
{
	struct buf b = { 0 };

	MUST(n > 0);
	buf_put(&b, der, (size_t)n);
	OPENSSL_free(der);
	return b;
}

static EVP_PKEY *
generate(const char *name)
{
	if (strncmp(name, "RSA:", 4) == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)atoi(name + 4));
	if (strncmp(name, "EC:", 3) == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", name + 3);
	return EVP_PKEY_Q_keygen(NULL, NULL, name);
}

EVP_PKEY *
made_key(const char *name)
{
	static struct {
		char name[16];
		EVP_PKEY *key;
	} keys[16];
	size_t i;

	for (i = 0; keys[i].key != NULL; i++)
		if (strcmp(keys[i].name, name) == 0)
			return keys[i].key;
	MUST(i < nitems(keys) - 1);
	snprintf(keys[i].name, sizeof(keys[i].name), "%s", name);
	MUST((keys[i].key = generate(name)) != NULL);
	return keys[i].key;
}

X509 *
made_cert(const char *name)
{
	static struct {
		char name[40];
		X509 *cert;
	} certs[64];
	X509_NAME *subject = X509_NAME_new();
	X509 *c;
	size_t i;

	for (i = 0; certs[i].cert != NULL; i++)
		if (strcmp(certs[i].name, name) == 0) {
			X509_NAME_free(subject);
			return certs[i].cert;
		}
	MUST(i < nitems(certs) - 1);
	MUST((c = X509_new()) != NULL);
	snprintf(certs[i].name, sizeof(certs[i].name), "%s", name);
	MUST(X509_NAME_add_entry_by_txt(
	    subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0));
	X509_set_version(c, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(c), (long)i + 1);
	X509_set_subject_name(c, subject);
	X509_set_issuer_name(c, subject);
	X509_gmtime_adj(X509_getm_notBefore(c), 0);
	X509_gmtime_adj(X509_getm_notAfter(c), 86400);
	X509_set_pubkey(c, made_key("EC:P-256"));
	MUST(X509_sign(c, made_key("EC:P-256"), EVP_sha256()) > 0);
	X509_NAME_free(subject);
	return certs[i].cert = c;
}

struct buf
made_pkcs8(EVP_PKEY *key, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(PEM_write_bio_PKCS8PrivateKey(bio, key, passphrase == NULL ? NULL : EVP_aes_256_cbc(),
	    passphrase, passphrase == NULL ? 0 : (int)strlen(passphrase), NULL, NULL));
	return of_bio(bio);
}

struct buf
made_traditional(EVP_PKEY *key, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(PEM_write_bio_PrivateKey_traditional(bio, key,
	    passphrase == NULL ? NULL : EVP_aes_128_cbc(), (const unsigned char *)passphrase,
	    passphrase == NULL ? 0 : (int)strlen(passphrase), NULL, NULL));
	return of_bio(bio);
}

struct buf
made_pkcs8_der(EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der);

	PKCS8_PRIV_KEY_INFO_free(p8);
	return of_der(der, n);
}

struct buf
made_traditional_der(EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int n = i2d_PrivateKey(key, &der);

	return of_der(der, n);
}

struct buf
made_public(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(PEM_write_bio_PUBKEY(bio, key));
	return of_bio(bio);
}

struct buf
made_cert_pem(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(PEM_write_bio_X509(bio, cert));
	return of_bio(bio);
}

struct buf
made_cert_der(X509 *cert)
{
	unsigned char *der = NULL;
	int n = i2d_X509(cert, &der);

	return of_der(der, n);
}

struct buf
made_csr(EVP_PKEY *key)
{
	X509_REQ *req = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());

	X509_REQ_set_version(req, 0);
	X509_REQ_set_pubkey(req, key);
	MUST(X509_REQ_sign(req, key, EVP_sha256()) > 0);
	MUST(PEM_write_bio_X509_REQ(bio, req));
	X509_REQ_free(req);
	return of_bio(bio);
}

struct buf
made_crl(EVP_PKEY *key)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
	BIO *bio = BIO_new(BIO_s_mem());

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(made_cert("crl issuer")));
	X509_CRL_set1_lastUpdate(crl, now);
	MUST(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
	MUST(PEM_write_bio_X509_CRL(bio, crl));
	X509_CRL_free(crl);
	ASN1_TIME_free(now);
	return of_bio(bio);
}

struct buf
made_pkcs7(X509 *first, X509 *second, bool pem)
{
	PKCS7 *p7 = PKCS7_new();
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(PKCS7_set_type(p7, NID_pkcs7_signed));
	MUST(PKCS7_content_new(p7, NID_pkcs7_data));
	MUST(PKCS7_add_certificate(p7, first));
	if (second != NULL)
		MUST(PKCS7_add_certificate(p7, second));
	MUST(pem ? PEM_write_bio_PKCS7(bio, p7) : i2d_PKCS7_bio(bio, p7));
	PKCS7_free(p7);
	return of_bio(bio);
}

struct buf
made_pkcs12(EVP_PKEY *key, X509 *cert, X509 *extra, const char *passphrase, int cipher,
    int iterations, int mac)
{
	STACK_OF(X509) *more = sk_X509_new_null();
	unsigned char *der = NULL;
	PKCS12 *p12;
	int n;

	if (extra != NULL)
		sk_X509_push(more, extra);
	p12 = PKCS12_create(passphrase, "name", key, cert, more, cipher, cipher, iterations,
	    mac == 0 ? -1 : mac, 0);
	MUST(p12 != NULL);
	n = i2d_PKCS12(p12, &der);
	PKCS12_free(p12);
	sk_X509_free(more);
	return of_der(der, n);
}

struct buf
made_zip(const struct buf *contents, size_t n, bool encrypted)
{
	zip_error_t e;
	zip_source_t *target;
	zip_stat_t st;
	struct buf out = { 0 };
	zip_t *z;

	zip_error_init(&e);
	MUST((target = zip_source_buffer_create(NULL, 0, 0, &e)) != NULL);
	zip_source_keep(target);
	MUST((z = zip_open_from_source(target, ZIP_TRUNCATE, &e)) != NULL);
	for (size_t i = 0; i < n; i++) {
		char name[32];
		zip_source_t *s = zip_source_buffer(z, contents[i].data, contents[i].len, 0);

		snprintf(name, sizeof(name), "%c%zu.pem", (char)('a' + i % 26), i);
		MUST(zip_file_add(z, name, s, 0) >= 0);
		if (encrypted)
			MUST(zip_file_set_encryption(z, i, ZIP_EM_AES_256, SECRET) == 0);
	}
	MUST(zip_close(z) == 0);
	MUST(zip_source_open(target) == 0 && zip_source_stat(target, &st) == 0);
	for (zip_uint64_t left = st.size; left > 0;) {
		unsigned char piece[4096];
		zip_int64_t got = zip_source_read(target, piece, sizeof(piece));

		MUST(got > 0);
		buf_put(&out, piece, (size_t)got);
		left -= (zip_uint64_t)got;
	}
	zip_source_close(target);
	zip_source_free(target);
	return out;
}

static void
put_number(struct buf *b, EVP_PKEY *key, const char *name, const char *param, int width)
{
	struct arena *a = arena_new();
	BIGNUM *bn = NULL;
	unsigned char bytes[1024];
	int n;

	MUST(EVP_PKEY_get_bn_param(key, param, &bn));
	n = width > 0 ? BN_bn2binpad(bn, bytes, width) : BN_bn2bin(bn, bytes);
	MUST(n > 0);
	buf_printf(b, ",\"%s\":\"%s\"", name, base64url_encode(a, bytes, (size_t)n));
	BN_clear_free(bn);
	arena_free(a);
}

static void
put_octets(struct buf *b, const char *name, const unsigned char *p, size_t n)
{
	struct arena *a = arena_new();

	buf_printf(b, ",\"%s\":\"%s\"", name, base64url_encode(a, p, n));
	arena_free(a);
}

static void
jwk_okp(struct buf *b, EVP_PKEY *key, bool private_part)
{
	unsigned char raw[32];
	size_t n = sizeof(raw);

	buf_put_text(b, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"");
	MUST(EVP_PKEY_get_raw_public_key(key, raw, &n));
	put_octets(b, "x", raw, n);
	MUST(EVP_PKEY_get_raw_private_key(key, raw, &n));
	if (private_part)
		put_octets(b, "d", raw, n);
}

struct buf
made_jwk(EVP_PKEY *key, bool private_part)
{
	static const char *const rsa[][2] = {
		{ "d", OSSL_PKEY_PARAM_RSA_D },
		{ "p", OSSL_PKEY_PARAM_RSA_FACTOR1 },
		{ "q", OSSL_PKEY_PARAM_RSA_FACTOR2 },
		{ "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
		{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 },
		{ "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
	};
	struct buf b = { 0 };

	if (EVP_PKEY_is_a(key, "RSA")) {
		buf_put_text(&b, "{\"kty\":\"RSA\"");
		put_number(&b, key, "n", OSSL_PKEY_PARAM_RSA_N, 0);
		put_number(&b, key, "e", OSSL_PKEY_PARAM_RSA_E, 0);
		for (size_t i = 0; private_part && i < nitems(rsa); i++)
			put_number(&b, key, rsa[i][0], rsa[i][1], 0);
	} else if (EVP_PKEY_is_a(key, "EC")) {
		int width = (EVP_PKEY_get_bits(key) + 7) / 8;

		buf_printf(&b, "{\"kty\":\"EC\",\"crv\":\"P-%d\"", EVP_PKEY_get_bits(key));
		put_number(&b, key, "x", OSSL_PKEY_PARAM_EC_PUB_X, width);
		put_number(&b, key, "y", OSSL_PKEY_PARAM_EC_PUB_Y, width);
		if (private_part)
			put_number(&b, key, "d", OSSL_PKEY_PARAM_PRIV_KEY, width);
	} else {
		jwk_okp(&b, key, private_part);
	}
	buf_put_text(&b, "}\n");
	return b;
}

struct buf
made_text(const char *fmt, ...)
{
	struct buf b = { 0 };
	char text[16384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_put_text(&b, text);
	return b;
}

struct buf
made_replaced(const struct buf *in, const char *from, const char *to)
{
	struct buf b = { 0 };
	size_t n = strlen(from);

	for (size_t i = 0; i < in->len;) {
		if (n > 0 && in->len - i >= n && memcmp(in->data + i, from, n) == 0) {
			buf_put_text(&b, to);
			i += n;
		} else {
			buf_put_u8(&b, in->data[i++]);
		}
	}
	return b;
}

struct buf
made_prefixed(const struct buf *in, const char *prefix)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < in->len; i++) {
		if (i == 0 || in->data[i - 1] == '\n')
			buf_put_text(&b, prefix);
		buf_put_u8(&b, in->data[i]);
	}
	return b;
}

struct buf
made_base64(const struct buf *in)
{
	struct arena *a = arena_new();
	const char *text = base64_encode(a, in->data, in->len);
	struct buf b = { 0 };

	for (size_t n = strlen(text); n > 0;) {
		size_t line = n < 76 ? n : 76;

		buf_put(&b, text, line);
		buf_put_u8(&b, '\n');
		text += line;
		n -= line;
	}
	arena_free(a);
	return b;
}

/* Lines of 40 characters, so that every PEM line gets a soft break. */
struct buf
made_quoted_printable(const struct buf *in)
{
	struct buf b = { 0 };
	size_t column = 0;

	for (size_t i = 0; i < in->len; i++) {
		if (in->data[i] == '\n')
			column = 0;
		else if (++column % 40 == 0)
			buf_put_text(&b, "=\n");
		if (in->data[i] == '=')
			buf_put_text(&b, "=3D");
		else
			buf_put_u8(&b, in->data[i]);
	}
	return b;
}

struct buf
made_utf16(const struct buf *in, bool big, bool mark)
{
	struct buf b = { 0 };

	if (mark)
		buf_put_text(&b, big ? "\xfe\xff" : "\xff\xfe");
	for (size_t i = 0; i < in->len; i++) {
		if (big)
			buf_put_u8(&b, 0);
		buf_put_u8(&b, in->data[i]);
		if (!big)
			buf_put_u8(&b, 0);
	}
	return b;
}
