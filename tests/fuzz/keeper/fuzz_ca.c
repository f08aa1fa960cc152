/*
 * fuzz_ca.c - CAs whose keys and certificates are the same each time
 */
#include "fuzz_ca.h"

EVP_PKEY *
fuzz_key(void)
{
	static const unsigned char priv[32] = { 2 };

	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, priv, sizeof(priv));
}

static void
add(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	if (ext == NULL)
		abort();
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
}

void
fuzz_ca(struct buf *out, const char *name, const char *basic, const char *constraints)
{
	EVP_PKEY *key = fuzz_key();
	X509 *x = X509_new();
	unsigned char *der = NULL;
	int n;

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_NAME_add_entry_by_txt(
	    X509_get_subject_name(x), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	ASN1_TIME_set_string(X509_getm_notBefore(x), "20260101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(x), "20400101000000Z");
	ASN1_TIME_normalize(X509_getm_notBefore(x));
	ASN1_TIME_normalize(X509_getm_notAfter(x));
	X509_set_pubkey(x, key);
	add(x, NID_basic_constraints, basic);
	add(x, NID_key_usage, "critical,keyCertSign,cRLSign");
	if (constraints != NULL)
		add(x, NID_name_constraints, constraints);
	if (X509_sign(x, key, NULL) <= 0 || (n = i2d_X509(x, &der)) <= 0)
		abort();
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	X509_free(x);
	EVP_PKEY_free(key);
}
