/*
 * pkcs12.c - a key with its certificates as PKCS#12 (RFC 7292)
 */
#include <openssl/pkcs12.h>

#include "base/limits.h"
#include "x509/pkcs12.h"

#define ROUNDS	      600000
#define ROUNDS_LEGACY 100000 /* what reads only this form is slow, too */
#define SALT_SIZE     16

DEFINE_AUTO(P8, PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
DEFINE_AUTO(P12, PKCS12, PKCS12_free)
DEFINE_AUTO(ANY, ASN1_TYPE, ASN1_TYPE_free)

static void
free_bags(STACK_OF(PKCS12_SAFEBAG) * bags)
{
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
DEFINE_AUTO(BAGS, STACK_OF(PKCS12_SAFEBAG), free_bags)

static void
free_safes(STACK_OF(PKCS7) * safes)
{
	sk_PKCS7_pop_free(safes, PKCS7_free);
}
DEFINE_AUTO(SAFES, STACK_OF(PKCS7), free_safes)

/* How it is encrypted. */
struct suite {
	int nid, rounds;
};

static int
failed(struct err *e)
{
	return err_set(e, R_INTERNAL, NULL, "could not encrypt the key");
}

/* A certificate as bytes: a bag of any SEQUENCE. */
static PKCS12_SAFEBAG *
bag_of(const struct der *whole)
{
	const unsigned char *p = whole->data;
	AUTO(ANY) ASN1_TYPE *any = d2i_ASN1_TYPE(NULL, &p, (long)whole->len);

	return any == NULL ? NULL
			   : PKCS12_item_pack_safebag(
				 any, ASN1_ITEM_rptr(ASN1_ANY), NID_x509Certificate, NID_certBag);
}

static int
add_certificate(STACK_OF(PKCS12_SAFEBAG) * bags, const struct der *whole, struct err *e)
{
	PKCS12_SAFEBAG *bag;

	if (der_check(whole->data, whole->len) < 0)
		return err_set(
		    e, R_EXPORT_CERTIFICATES, NULL, "what goes with the key is no certificate");
	if ((bag = bag_of(whole)) == NULL || sk_PKCS12_SAFEBAG_push(bags, bag) <= 0) {
		PKCS12_SAFEBAG_free(bag);
		return failed(e);
	}
	return 0;
}

/* One bag for each. */
static int
add_certificates(STACK_OF(PKCS12_SAFEBAG) * bags, const struct der *all, struct err *e)
{
	struct der rest = *all, inner, whole;

	if (all->len > LIMIT_BUNDLE)
		return err_set(e, R_EXPORT_CERTIFICATES, NULL,
		    "certificates have at most %d bytes in all", LIMIT_BUNDLE);
	for (int n = 0; !der_at_end(&rest); n++) {
		if (n > LIMIT_CHAIN)
			return err_set(e, R_EXPORT_CERTIFICATES, NULL,
			    "a chain has at most %d certificates", LIMIT_CHAIN);
		if (der_expect_whole(&rest, DER_SEQUENCE, &inner, &whole) < 0)
			return err_set(e, R_EXPORT_CERTIFICATES, NULL,
			    "what goes with the key is no certificate");
		if (add_certificate(bags, &whole, e) < 0)
			return -1;
	}
	return 0;
}

/* Readers pair key and certificate by this, and people by the name. */
static int
pair(PKCS12_SAFEBAG *bag, const struct keystore *k)
{
	unsigned char digest[32];

	return EVP_Digest(k->spki.data, k->spki.len, digest, NULL, EVP_sha256(), NULL) == 1 &&
		PKCS12_add_localkeyid(bag, digest, sizeof(digest)) == 1 &&
		PKCS12_add_friendlyname_utf8(bag, k->name, -1) == 1
	    ? 0
	    : -1;
}

static int
add_safe(STACK_OF(PKCS7) * safes, PKCS7 *safe)
{
	if (safe != NULL && sk_PKCS7_push(safes, safe) > 0)
		return 0;
	PKCS7_free(safe);
	return -1;
}

static PKCS8_PRIV_KEY_INFO *
read_key(const struct der *pkcs8)
{
	const unsigned char *p = pkcs8->data;

	return d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)pkcs8->len);
}

/* The certificates, encrypted too, then the key in its own wrapping. */
static int
fill(STACK_OF(PKCS7) * safes, const struct suite *s, const struct keystore *k, struct err *e)
{
	AUTO(BAGS) STACK_OF(PKCS12_SAFEBAG) *certs = sk_PKCS12_SAFEBAG_new_null();
	AUTO(BAGS) STACK_OF(PKCS12_SAFEBAG) *keys = sk_PKCS12_SAFEBAG_new_null();
	AUTO(P8) PKCS8_PRIV_KEY_INFO *p8 = read_key(&k->pkcs8);
	PKCS12_SAFEBAG *bag;

	if (certs == NULL || keys == NULL || p8 == NULL)
		return failed(e);
	if (add_certificates(certs, &k->certificates, e) < 0)
		return -1;
	if (sk_PKCS12_SAFEBAG_num(certs) > 0 &&
	    (pair(sk_PKCS12_SAFEBAG_value(certs, 0), k) < 0 ||
		add_safe(safes,
		    PKCS12_pack_p7encdata(
			s->nid, k->passphrase, -1, NULL, SALT_SIZE, s->rounds, certs)) < 0))
		return failed(e);
	bag = PKCS12_SAFEBAG_create_pkcs8_encrypt(
	    s->nid, k->passphrase, -1, NULL, SALT_SIZE, s->rounds, p8);
	if (bag == NULL || sk_PKCS12_SAFEBAG_push(keys, bag) <= 0) {
		PKCS12_SAFEBAG_free(bag);
		return failed(e);
	}
	if (pair(bag, k) < 0 || add_safe(safes, PKCS12_pack_p7data(keys)) < 0)
		return failed(e);
	return 0;
}

int
pkcs12_make(const struct keystore *k, struct buf *out, struct err *e)
{
	static const struct suite modern = { NID_aes_256_cbc, ROUNDS };
	static const struct suite legacy = { NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
		ROUNDS_LEGACY };
	const struct suite *s = k->legacy ? &legacy : &modern;
	AUTO(SAFES) STACK_OF(PKCS7) *safes = sk_PKCS7_new_null();
	AUTO(P12) PKCS12 *p12 = NULL;
	unsigned char *der = NULL;
	int len;

	if (safes == NULL)
		return failed(e);
	if (fill(safes, s, k, e) < 0)
		return -1;
	if ((p12 = PKCS12_add_safes(safes, NID_pkcs7_data)) == NULL ||
	    PKCS12_set_mac(p12, k->passphrase, -1, NULL, SALT_SIZE, s->rounds,
		k->legacy ? EVP_sha1() : EVP_sha256()) != 1 ||
	    (len = i2d_PKCS12(p12, &der)) <= 0)
		return failed(e);
	buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return 0;
}
