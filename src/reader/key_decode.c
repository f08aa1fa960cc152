/*
 * key_decode.c - one private key from DER, its kind and parts checked
 */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "reader/openssl.h"
#include "reader/key.h"

/* RSA, EC on one of three curves, Ed25519; anything else is named. */
static int
check_algorithm(struct reading *rd, const PKCS8_PRIV_KEY_INFO *p8)
{
	const ASN1_OBJECT *oid;
	char name[80];

	if (!PKCS8_pkey_get0(&oid, NULL, NULL, NULL, p8))
		return key_malformed(rd, "PKCS#8");
	switch (OBJ_obj2nid(oid)) {
	case NID_rsaEncryption:
	case NID_X9_62_id_ecPublicKey:
	case NID_ED25519:
		return 0;
	default:
		OBJ_obj2txt(name, sizeof(name), oid, 0);
		return key_unsupported(rd, name);
	}
}

static int
check_curve(struct reading *rd, EVP_PKEY *key)
{
	char curve[80] = "explicit parameters";
	size_t n;

	EVP_PKEY_get_group_name(key, curve, sizeof(curve), &n);
	if (strcmp(curve, "prime256v1") != 0 && strcmp(curve, "secp384r1") != 0 &&
	    strcmp(curve, "secp521r1") != 0)
		return key_unsupported(rd, curve);
	if (!EVP_PKEY_set_utf8_string_param(
		key, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_GROUP))
		return key_malformed(rd, "EC");
	return 0;
}

/* Do the parts of the key belong together? */
static int
check_parts(struct reading *rd, EVP_PKEY *key)
{
	AUTO(EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	if (ctx == NULL)
		return err_nomem(&rd->err);
	if (EVP_PKEY_pairwise_check(ctx) == 1)
		return 0;
	ERR_clear_error();
	err_set(
	    &rd->err, R_KEYFILE_MISMATCH, rd->field, "the parts of the key do not belong together");
	return err_hint(&rd->err,
	    "the file was changed after the key was made; "
	    "take the key from where it was made once more");
}

int
key_supported(struct reading *rd, EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "RSA")) {
		/* before the check of its parts: at 8192 bits that takes 5 s */
		if (EVP_PKEY_get_bits(key) > LIMIT_RSA_MAX_CSR)
			return key_unsupported(rd, "RSA of more than 4096 bits");
	} else if (EVP_PKEY_is_a(key, "EC")) {
		if (check_curve(rd, key) < 0)
			return -1;
	} else if (!EVP_PKEY_is_a(key, "ED25519")) {
		return key_unsupported(rd, EVP_PKEY_get0_type_name(key));
	}
	return check_parts(rd, key);
}

static int
of_pkcs8(struct reading *rd, const PKCS8_PRIV_KEY_INFO *p8, EVP_PKEY **out)
{
	if (check_algorithm(rd, p8) < 0)
		return -1;
	if ((*out = EVP_PKCS82PKEY_ex(p8, NULL, NULL)) == NULL) {
		ERR_clear_error();
		return key_malformed(rd, "PKCS#8");
	}
	return 0;
}

static int
of_pkcs8_der(struct reading *rd, const unsigned char *der, size_t len, EVP_PKEY **out)
{
	AUTO(PKCS8_PRIV_KEY_INFO) PKCS8_PRIV_KEY_INFO *p8 = NULL;
	const unsigned char *p = der;

	p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)len);
	if (p8 == NULL || p != der + len) {
		ERR_clear_error();
		return key_malformed(rd, "PKCS#8");
	}
	return of_pkcs8(rd, p8, out);
}

static int
of_encrypted(struct reading *rd, const unsigned char *der, size_t len, EVP_PKEY **out)
{
	AUTO(PKCS8_PRIV_KEY_INFO) PKCS8_PRIV_KEY_INFO *p8 = NULL;
	AUTO(X509_SIG) X509_SIG *sig = NULL;
	const unsigned char *p = der;

	if (key_cost(rd, der, len) < 0)
		return -1;
	sig = d2i_X509_SIG(NULL, &p, (long)len);
	if (sig == NULL || p != der + len) {
		ERR_clear_error();
		return key_malformed(rd, "encrypted");
	}
	if (rd->passphrase.text == NULL)
		return reader_passphrase_needed(rd, "the private key");
	p8 = PKCS8_decrypt(sig, rd->passphrase.text, rd->passphrase.len);
	if (p8 == NULL)
		return reader_passphrase_failed(rd, "the private key");
	return of_pkcs8(rd, p8, out);
}

static int
of_traditional(struct reading *rd, int type, const char *what, const unsigned char *der, size_t len,
    EVP_PKEY **out)
{
	const unsigned char *p = der;

	*out = d2i_PrivateKey_ex(type, NULL, &p, (long)len, NULL, NULL);
	if (*out == NULL || p != der + len) {
		ERR_clear_error();
		EVP_PKEY_free(*out);
		*out = NULL;
		return key_malformed(rd, what);
	}
	return 0;
}

int
key_of_der(
    struct reading *rd, enum asn1_kind kind, const unsigned char *der, size_t len, EVP_PKEY **out)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL;
	int r;

	switch (kind) {
	case KIND_PKCS8:
		r = of_pkcs8_der(rd, der, len, &key);
		break;
	case KIND_PKCS8_ENCRYPTED:
		r = of_encrypted(rd, der, len, &key);
		break;
	case KIND_PKCS1:
		r = of_traditional(rd, EVP_PKEY_RSA, "PKCS#1", der, len, &key);
		break;
	case KIND_SEC1:
		r = of_traditional(rd, EVP_PKEY_EC, "SEC1", der, len, &key);
		break;
	default:
		return key_unsupported(rd, "DSA");
	}
	if (r < 0 || key_supported(rd, key) < 0)
		return -1;
	*out = key;
	key = NULL;
	return 0;
}
