/*
 * key.c - the one private key in a file, whatever its container
 *
 * The content decides, not the file's ending. Each wrong file has its own
 * message: who uploads a certificate instead of a key is told so.
 */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctype.h>

#include "base/text.h"
#include "reader/openssl.h"
#include "reader/text.h"
#include "x509/der.h"

int
key_malformed(struct reading *rd, const char *what)
{
	err_set(
	    &rd->err, R_KEYFILE_MALFORMED, rd->field, "the %s private key in it is damaged", what);
	return err_hint(&rd->err, "take the key from where it was made once more");
}

int
key_unsupported(struct reading *rd, const char *what)
{
	err_set(&rd->err, R_KEYFILE_ALGORITHM, rd->field,
	    "the key is of a kind that is not supported: %s", what);
	return err_hint(&rd->err,
	    "RSA of 2048 to 4096 bits, EC P-256, P-384, P-521 "
	    "and Ed25519 are; make a new key here");
}

int
key_cost(struct reading *rd, const unsigned char *der, size_t len)
{
	uint64_t cost = asn1_pbe_cost(der, len);

	if (cost <= LIMIT_PBE_ITERATIONS)
		return 0;
	err_set(&rd->err, R_FILE_ITERATIONS, rd->field,
	    "its encryption asks for more than %d iterations", LIMIT_PBE_ITERATIONS);
	return err_hint(&rd->err,
	    "encrypt it again with fewer, for instance by "
	    "openssl pkcs8 -topk8 -iter 600000");
}

int
reader_passphrase_needed(struct reading *rd, const char *what)
{
	err_set(&rd->err, R_PASSPHRASE_NEEDED, "passphrase",
	    "%s is encrypted and no passphrase was given", what);
	return err_hint(&rd->err, "give the passphrase that it was encrypted with");
}

/* What OpenSSL says when it does not know how something was encrypted. */
static bool
is_unknown_method(unsigned long code)
{
	static const struct {
		int lib, reason;
	} unknown[] = {
		{ ERR_LIB_EVP, EVP_R_UNKNOWN_PBE_ALGORITHM },
		{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION },
		{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_CIPHER },
		{ ERR_LIB_EVP, EVP_R_UNKNOWN_CIPHER },
		{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_PRF },
		{ ERR_LIB_EVP, EVP_R_UNKNOWN_DIGEST },
		{ ERR_LIB_PEM, PEM_R_UNSUPPORTED_ENCRYPTION },
		{ ERR_LIB_PEM, PEM_R_NOT_PROC_TYPE },
		{ ERR_LIB_PEM, PEM_R_NOT_ENCRYPTED },
		{ ERR_LIB_PEM, PEM_R_NOT_DEK_INFO },
		{ ERR_LIB_PEM, PEM_R_SHORT_HEADER },
		{ ERR_LIB_PEM, PEM_R_BAD_IV_CHARS },
	};

	if (ERR_GET_REASON(code) == ERR_R_UNSUPPORTED)
		return true;
	for (size_t i = 0; i < nitems(unknown); i++)
		if (ERR_GET_LIB(code) == unknown[i].lib &&
		    ERR_GET_REASON(code) == unknown[i].reason)
			return true;
	return false;
}

int
reader_passphrase_failed(struct reading *rd, const char *what)
{
	unsigned long code;
	bool unknown = false;

	while ((code = ERR_get_error()) != 0)
		unknown |= is_unknown_method(code);
	if (unknown) {
		err_set(&rd->err, R_FILE_CIPHER, rd->field,
		    "%s is encrypted by a method that is not known here", what);
		return err_hint(&rd->err,
		    "encrypt it again with AES, for instance by "
		    "openssl pkcs8 -topk8 -v2 aes-256-cbc");
	}
	err_set(
	    &rd->err, R_PASSPHRASE_WRONG, "passphrase", "the passphrase does not open %s", what);
	return err_hint(&rd->err, "mind upper and lower case and the keyboard layout");
}

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

static int
check_key(struct reading *rd, EVP_PKEY *key)
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
	if (r < 0 || check_key(rd, key) < 0)
		return -1;
	*out = key;
	key = NULL;
	return 0;
}

static const struct {
	enum asn1_kind kind;
	enum refusal refusal;
	const char *message, *hint;
} not_a_key[] = {
	{ KIND_SSH, R_KEYFILE_SSH, "this is a key in OpenSSH's own format, not a TLS key",
	    "ssh-keygen -p -m PKCS8 -f FILE turns an OpenSSH private key into PKCS#8" },
	{ KIND_PGP, R_FILE_PGP, "this is OpenPGP data, not a TLS key or certificate",
	    "decrypt it first, and give the file that was inside" },
	{ KIND_CSR, R_KEYFILE_CSR, "this is a certificate signing request, not a private key",
	    "the private key is the other file that was made with it" },
	{ KIND_CERTIFICATE, R_KEYFILE_CERTIFICATE, "this is a certificate, not a private key",
	    "certificates are installed on Server Certificate; the key is in a file of its own" },
	{ KIND_PKCS7, R_KEYFILE_CERTIFICATE,
	    "this is a PKCS#7 file: it holds certificates, never a private key",
	    "certificates are installed on Server Certificate; the key is in a file of its own" },
	{ KIND_PUBLIC, R_KEYFILE_PUBLIC, "this is only the public half of a key",
	    "the private key is needed, in a file of its own" },
};

int
key_refuse_kind(struct reading *rd, unsigned kinds)
{
	for (size_t i = 0; i < nitems(not_a_key); i++)
		if (kinds & 1u << not_a_key[i].kind) {
			err_set(
			    &rd->err, not_a_key[i].refusal, rd->field, "%s", not_a_key[i].message);
			return err_hint(&rd->err, "%s", not_a_key[i].hint);
		}
	err_set(&rd->err, R_KEYFILE_NONE, rd->field, "no private key was found in it");
	return err_hint(&rd->err, "PKCS#8, PKCS#1, SEC1 (PEM or DER), PKCS#12 and JWK are read");
}

/* What was found so far in one file. */
struct hunt {
	EVP_PKEY *key;
	const char *found;
	unsigned kinds;
};

/* A second key is an error, the same one again is not. Takes the key. */
static int
hunt_take(struct reading *rd, struct hunt *h, EVP_PKEY *key, const char *found)
{
	bool same = h->key != NULL && EVP_PKEY_eq(h->key, key) == 1;

	if (h->key == NULL) {
		h->key = key;
		h->found = found;
		return 0;
	}
	EVP_PKEY_free(key);
	if (same)
		return 0;
	err_set(&rd->err, R_KEYFILE_TWO, rd->field, "there is more than one private key in it");
	return err_hint(&rd->err, "give a file that holds only the key to import");
}

static int
hunt_pkcs12(struct reading *rd, struct hunt *h, const unsigned char *der, size_t len)
{
	struct pkcs12_content c = { 0 };
	int r = pkcs12_read(rd, der, len, true, &c);

	for (size_t i = 0; r == 0 && i < nitems(c.keys); i++)
		if (c.keys[i] != NULL) {
			if ((r = check_key(rd, c.keys[i])) == 0)
				r = hunt_take(rd, h, c.keys[i], "PKCS#12");
			else
				break;
			c.keys[i] = NULL;
		}
	if (c.ncerts > 0)
		h->kinds |= 1u << KIND_CERTIFICATE;
	pkcs12_content_clear(&c);
	return r;
}

static int
hunt_der(
    struct reading *rd, struct hunt *h, const unsigned char *der, size_t len, const char *encrypted)
{
	static const char *const names[] = {
		[KIND_PKCS8] = "PKCS#8",
		[KIND_PKCS8_ENCRYPTED] = "PKCS#8, encrypted",
		[KIND_PKCS1] = "PKCS#1",
		[KIND_SEC1] = "SEC1",
		[KIND_DSA] = "DSA",
	};
	enum asn1_kind kind = asn1_sniff(der, len);
	EVP_PKEY *key = NULL;
	size_t total;

	if (asn1_walk(der, len, &total, &rd->err, rd->field, "the file") < 0)
		return -1;
	if (kind == KIND_PKCS12)
		return hunt_pkcs12(rd, h, der, len);
	if (kind >= nitems(names) || names[kind] == NULL) {
		h->kinds |= 1u << kind;
		return 0;
	}
	if (total != len || der_check(der, len) < 0)
		return key_malformed(rd, names[kind]);
	if (key_of_der(rd, kind, der, len, &key) < 0)
		return -1;
	return hunt_take(rd, h, key,
	    encrypted == NULL ? names[kind]
			      : arena_printf(rd->arena, "%s%s", names[kind], encrypted));
}

static int
give_passphrase(char *out, int size, int writing, void *arg)
{
	const struct passphrase *p = arg;

	if (p->len > size)
		return -1;
	memcpy(out, p->text, (size_t)p->len);
	return p->len;
}

/* "Proc-Type: 4,ENCRYPTED": RFC 1421 encryption of PKCS#1 and SEC1. */
static int
hunt_legacy(struct reading *rd, struct hunt *h, struct pem_block *b)
{
	EVP_CIPHER_INFO cipher;
	long len = (long)b->len;

	if (!PEM_get_EVP_CIPHER_INFO(arena_strdup(rd->arena, b->headers), &cipher))
		return reader_passphrase_failed(rd, "the private key");
	if (cipher.cipher == NULL)
		return hunt_der(rd, h, b->der, b->len, NULL);
	if (rd->passphrase.text == NULL)
		return reader_passphrase_needed(rd, "the private key");
	if (!PEM_do_header(&cipher, b->der, &len, give_passphrase, &rd->passphrase) ||
	    asn1_sniff(b->der, (size_t)len) == KIND_UNKNOWN)
		return reader_passphrase_failed(rd, "the private key");
	return hunt_der(rd, h, b->der, (size_t)len, ", encrypted");
}

static int
hunt_block(struct reading *rd, struct hunt *h, struct pem_block *b)
{
	if (reader_count(rd) < 0)
		return -1;
	if (b->kind != KIND_UNKNOWN) {
		h->kinds |= 1u << b->kind;
		return 0;
	}
	if (b->fault != PEM_GOOD)
		return pem_fault(rd, &rd->err, b, "a PEM block");
	if (b->headers != NULL)
		return hunt_legacy(rd, h, b);
	return hunt_der(rd, h, b->der, b->len, NULL);
}

static int
hunt_text(struct reading *rd, struct hunt *h, const char *text)
{
	struct pem_block b;
	unsigned char *der;
	size_t len;

	if (pem_any(text)) {
		while (pem_next(rd, &text, &b))
			if (hunt_block(rd, h, &b) < 0)
				return -1;
		return 0;
	}
	if (text_is_html(text)) {
		err_set(&rd->err, R_FILE_HTML, rd->field, "this is a web page, not a key");
		return err_hint(&rd->err, "download the file itself, not the page about it");
	}
	if (text_starts(text, "ssh-") || text_starts(text, "ecdsa-sha2-") ||
	    text_starts(text, "PuTTY-User-Key-File"))
		h->kinds |= 1u << KIND_SSH;
	else if (text_bare_base64(rd, text, &der, &len) && der[0] == 0x30)
		return hunt_der(rd, h, der, len, NULL);
	return 0;
}

static int
hunt_file(struct reading *rd, struct hunt *h, const unsigned char *data, size_t len)
{
	EVP_PKEY *key = NULL;
	char *text;
	size_t n;

	if (len >= 4 && memcmp(data, "\xfe\xed\xfe\xed", 4) == 0) {
		err_set(&rd->err, R_FILE_JKS, rd->field, "this is a Java key store (JKS)");
		return err_hint(&rd->err,
		    "turn it into PKCS#12: keytool -importkeystore "
		    "-srckeystore FILE -destkeystore FILE.p12 -deststoretype pkcs12");
	}
	if (asn1_sniff(data, len) != KIND_UNKNOWN || asn1_begins(data, len))
		return hunt_der(rd, h, data, len, NULL);
	if (!text_prepare(rd, data, len, &text, &n))
		return 0;
	if (text[strspn(text, " \t\n")] == '\0') {
		err_set(&rd->err, R_FILE_EMPTY, rd->field, "the file is empty");
		return err_hint(&rd->err, "choose the file again, or paste its text");
	}
	if (!jwk_looks_like((unsigned char *)text, n))
		return hunt_text(rd, h, text);
	if (jwk_read(rd, (unsigned char *)text, n, &key) < 0 || check_key(rd, key) < 0) {
		EVP_PKEY_free(key);
		return -1;
	}
	return hunt_take(rd, h, key, "JWK");
}

static int
put_pkcs8(struct reading *rd, EVP_PKEY *key, struct buf *out)
{
	AUTO(PKCS8_PRIV_KEY_INFO) PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int n;

	if (p8 == NULL || (n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der)) < 0) {
		ERR_clear_error();
		return key_malformed(rd, "PKCS#8");
	}
	buf_put(out, der, (size_t)n);
	OPENSSL_clear_free(der, (size_t)n);
	return 0;
}

int
key_read(struct reading *rd, const void *data, size_t len, struct buf *out, const char **found)
{
	struct hunt h = { 0 };
	int r;

	if (len == 0) {
		err_set(&rd->err, R_FILE_EMPTY, rd->field, "the file is empty");
		return err_hint(&rd->err, "choose the file again, or paste its text");
	}
	r = hunt_file(rd, &h, data, len);
	if (r == 0 && h.key == NULL)
		r = key_refuse_kind(rd, h.kinds);
	if (r == 0)
		r = put_pkcs8(rd, h.key, out);
	*found = h.found;
	EVP_PKEY_free(h.key);
	return r;
}
