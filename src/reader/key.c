/*
 * key.c - the one private key in a file, whatever its container
 *
 * The content decides, not the file's ending.
 */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/text.h"
#include "reader/key.h"
#include "reader/openssl.h"
#include "reader/text.h"
#include "x509/der.h"

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
			if ((r = key_supported(rd, c.keys[i])) == 0)
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
	if (jwk_read(rd, (unsigned char *)text, n, &key) < 0 || key_supported(rd, key) < 0) {
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
