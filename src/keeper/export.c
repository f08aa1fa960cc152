/*
 * export.c - a private key on its way out: encrypted, in one of three forms
 */
#include <openssl/pkcs12.h>

#include "base/limits.h"
#include "keeper/export.h"
#include "keeper/guard.h"
#include "x509/der.h"
#include "x509/pkcs12.h"

#define ROUNDS	  600000
#define SALT_SIZE 16

DEFINE_AUTO(P8, PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
DEFINE_AUTO(SIG, X509_SIG, X509_SIG_free)

int
export_check(const struct opened *key, const struct key_export *x, struct err *e)
{
	if (!key->head.exportable) {
		err_set(e, R_KEY_NOT_EXPORTABLE, NULL, "this key was not made exportable");
		return err_hint(e, "make a new key that is exportable; this one stays where it is");
	}
	if (!x->has_passphrase || x->passphrase.len == 0 || x->passphrase.len > LIMIT_PASSPHRASE ||
	    memchr(x->passphrase.data, '\0', x->passphrase.len) != NULL) {
		err_set(e, R_EXPORT_PASSPHRASE, "passphrase", "an export needs a passphrase");
		return err_hint(e, "give one of up to %d bytes", LIMIT_PASSPHRASE);
	}
	if (x->format < FORMAT_PKCS8 || x->format > FORMAT_PKCS12_LEGACY)
		return err_set(
		    e, R_EXPORT_FORMAT, "format", "format %u is not known", (unsigned)x->format);
	if (x->format == FORMAT_PKCS8 && x->certificates.len > 0)
		return err_set(e, R_EXPORT_CERTIFICATES, NULL, "PKCS#8 holds no certificates");
	return 0;
}

static int
failed(struct err *e)
{
	return err_set(e, R_INTERNAL, NULL, "could not encrypt the key");
}

static int
pkcs8(const struct opened *key, const char *passphrase, struct buf *out, struct err *e)
{
	AUTO(P8) PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key->key);
	AUTO(SIG) X509_SIG *sig = NULL;
	unsigned char *der = NULL;
	int len;

	if (p8 == NULL ||
	    (sig = PKCS8_encrypt(
		 -1, EVP_aes_256_cbc(), passphrase, -1, NULL, SALT_SIZE, ROUNDS, p8)) == NULL ||
	    (len = i2d_X509_SIG(sig, &der)) <= 0)
		return failed(e);
	buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return 0;
}

/* The first is this key's. */
static int
check_first(const struct opened *key, const struct bytes *certificates, struct err *e)
{
	struct bytes spki = { key->spki.data, key->spki.len };
	struct der all = der_of(certificates->data, certificates->len), inner, whole;

	if (der_at_end(&all))
		return 0;
	if (der_expect_whole(&all, DER_SEQUENCE, &inner, &whole) < 0)
		return err_set(
		    e, R_EXPORT_CERTIFICATES, NULL, "what goes with the key is no certificate");
	return guard_leaf(&(struct bytes){ whole.data, whole.len }, &spki, e);
}

static int
pkcs12(const struct opened *key, const struct key_export *x, const char *passphrase,
    struct buf *out, struct err *e)
{
	AUTO(P8) PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key->key);
	unsigned char *der = NULL;
	int len, r;

	if (check_first(key, &x->certificates, e) < 0)
		return -1;
	if (p8 == NULL || (len = i2d_PKCS8_PRIV_KEY_INFO(p8, &der)) <= 0)
		return failed(e);
	r = pkcs12_make(&(struct keystore){ .name = key->head.id,
			    .pkcs8 = der_of(der, (size_t)len),
			    .spki = der_of(key->spki.data, key->spki.len),
			    .certificates = der_of(x->certificates.data, x->certificates.len),
			    .passphrase = passphrase,
			    .legacy = x->format == FORMAT_PKCS12_LEGACY },
	    out, e);
	OPENSSL_clear_free(der, (size_t)len);
	return r;
}

int
export_key(const struct opened *key, const struct key_export *x, struct buf *out, struct err *e)
{
	AUTO_BUF struct buf passphrase = { 0 };

	buf_reset(out);
	buf_put(&passphrase, x->passphrase.data, x->passphrase.len);
	return x->format == FORMAT_PKCS8 ? pkcs8(key, buf_text(&passphrase), out, e)
					 : pkcs12(key, x, buf_text(&passphrase), out, e);
}
