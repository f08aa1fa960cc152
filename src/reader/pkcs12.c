/*
 * pkcs12.c - key stores (RFC 7292), old ciphers too
 *
 * The bags are walked by hand instead of PKCS12_parse, so that each iteration
 * count is read from the DER before libcrypto starts to count, also the
 * counts that only a decrypted safe shows.
 */
#include <openssl/err.h>

#include "reader/openssl.h"
#include "reader/key.h"

#define MAX_BAG_DEPTH 4

struct walk {
	struct reading *rd;
	struct passphrase pass; /* the one that fits */
	bool want_keys;
	struct pkcs12_content *out;
};

void
pkcs12_content_clear(struct pkcs12_content *c)
{
	for (size_t i = 0; i < nitems(c->keys); i++)
		EVP_PKEY_free(c->keys[i]);
	for (size_t i = 0; i < c->ncerts; i++)
		X509_free(c->certs[i]);
	memset(c, 0, sizeof(*c));
}

static int
malformed(struct reading *rd)
{
	ERR_clear_error();
	err_set(&rd->err, R_FILE_PKCS12, rd->field, "the PKCS#12 file is damaged");
	return err_hint(&rd->err, "copy or export it again");
}

static bool
mac_fits(PKCS12 *p12, const char *text, int len, struct passphrase *fits)
{
	if (!PKCS12_verify_mac(p12, text, len))
		return false;
	*fits = (struct passphrase){ text, len };
	return true;
}

/*
 * An empty passphrase is written in two ways (no characters, or one final
 * NUL character), so both are tried; also when none was given.
 */
static int
choose_passphrase(struct reading *rd, PKCS12 *p12, struct passphrase *fits)
{
	const struct passphrase *given = &rd->passphrase;
	const ASN1_INTEGER *rounds = NULL;
	int64_t n = 1;

	*fits = *given;
	if (!PKCS12_mac_present(p12))
		return 0;
	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, p12);
	if (rounds != NULL &&
	    (!ASN1_INTEGER_get_int64(&n, rounds) || n < 1 || n > LIMIT_PBE_ITERATIONS)) {
		ERR_clear_error();
		err_set(&rd->err, R_FILE_ITERATIONS, rd->field,
		    "its integrity check asks for more than %d iterations", LIMIT_PBE_ITERATIONS);
		return err_hint(&rd->err,
		    "export it again with fewer, for instance by "
		    "openssl pkcs12 -export -iter 600000");
	}
	if (given->len > 0) {
		if (mac_fits(p12, given->text, given->len, fits))
			return 0;
		return reader_passphrase_failed(rd, "the PKCS#12 file");
	}
	if (mac_fits(p12, "", 0, fits) || mac_fits(p12, NULL, 0, fits)) {
		ERR_clear_error();
		return 0;
	}
	if (given->text != NULL)
		return reader_passphrase_failed(rd, "the PKCS#12 file");
	ERR_clear_error();
	return reader_passphrase_needed(rd, "the PKCS#12 file");
}

/* The cost of everything encrypted that is visible in this piece. */
static int
check_cost(struct reading *rd, unsigned char *der, int n)
{
	int r;

	if (n < 0)
		return malformed(rd);
	r = key_cost(rd, der, (size_t)n);
	OPENSSL_clear_free(der, (size_t)n);
	return r;
}

static int
take_cert(struct walk *w, const PKCS12_SAFEBAG *bag)
{
	X509 *cert;

	if (reader_count(w->rd) < 0)
		return -1;
	if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
		return 0;
	if ((cert = PKCS12_SAFEBAG_get1_cert(bag)) == NULL)
		return malformed(w->rd);
	w->out->certs[w->out->ncerts++] = cert; /* reader_count bounds it */
	return 0;
}

/* Algorithms are checked as for PKCS#8: key_of_der does it. */
static int
take_pkcs8(struct walk *w, const PKCS8_PRIV_KEY_INFO *p8)
{
	unsigned char *der = NULL;
	size_t i = w->out->nkeys;
	int n, r;

	if ((n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der)) < 0)
		return malformed(w->rd);
	r = i >= nitems(w->out->keys)
	    ? 0
	    : key_of_der(w->rd, KIND_PKCS8, der, (size_t)n, &w->out->keys[i]);
	if (r == 0)
		w->out->nkeys++;
	OPENSSL_clear_free(der, (size_t)n);
	return r;
}

static int
take_shrouded(struct walk *w, const PKCS12_SAFEBAG *bag)
{
	AUTO(PKCS8_PRIV_KEY_INFO) PKCS8_PRIV_KEY_INFO *p8 = NULL;
	const X509_SIG *sig = PKCS12_SAFEBAG_get0_pkcs8(bag);
	unsigned char *der = NULL;
	int n;

	if (sig == NULL)
		return malformed(w->rd);
	n = i2d_X509_SIG(sig, &der);
	if (check_cost(w->rd, der, n) < 0)
		return -1;
	p8 = PKCS12_decrypt_skey(bag, w->pass.text, w->pass.len);
	if (p8 == NULL)
		return w->pass.text == NULL && w->rd->passphrase.text == NULL
		    ? reader_passphrase_needed(w->rd, "the private key in the PKCS#12 file")
		    : reader_passphrase_failed(w->rd, "the private key in the PKCS#12 file");
	return take_pkcs8(w, p8);
}

static int walk_bags(struct walk *, const STACK_OF(PKCS12_SAFEBAG) *, int depth);

static int
walk_bag(struct walk *w, const PKCS12_SAFEBAG *bag, int depth)
{
	switch (PKCS12_SAFEBAG_get_nid(bag)) {
	case NID_certBag:
		return take_cert(w, bag);
	case NID_keyBag:
	case NID_pkcs8ShroudedKeyBag:
		if (reader_count(w->rd) < 0)
			return -1;
		if (!w->want_keys) {
			w->out->nkeys++;
			return 0;
		}
		if (PKCS12_SAFEBAG_get_nid(bag) == NID_pkcs8ShroudedKeyBag)
			return take_shrouded(w, bag);
		return take_pkcs8(w, PKCS12_SAFEBAG_get0_p8inf(bag));
	case NID_safeContentsBag:
		return walk_bags(w, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
	default:
		return reader_count(w->rd);
	}
}

static int
walk_bags(struct walk *w, const STACK_OF(PKCS12_SAFEBAG) * bags, int depth)
{
	if (depth > MAX_BAG_DEPTH || bags == NULL)
		return malformed(w->rd);
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++)
		if (walk_bag(w, sk_PKCS12_SAFEBAG_value(bags, i), depth) < 0)
			return -1;
	return 0;
}

static STACK_OF(PKCS12_SAFEBAG) * open_safe(struct walk *w, PKCS7 *safe)
{
	STACK_OF(PKCS12_SAFEBAG) * bags;
	unsigned char *der = NULL;
	int n;

	if (PKCS7_type_is_data(safe)) {
		if ((bags = PKCS12_unpack_p7data(safe)) == NULL)
			malformed(w->rd);
		return bags;
	}
	if (!PKCS7_type_is_encrypted(safe)) {
		malformed(w->rd);
		return NULL;
	}
	n = i2d_PKCS7(safe, &der);
	if (check_cost(w->rd, der, n) < 0)
		return NULL;
	bags = PKCS12_unpack_p7encdata(safe, w->pass.text, w->pass.len);
	if (bags == NULL && w->pass.text == NULL && w->rd->passphrase.text == NULL)
		reader_passphrase_needed(w->rd, "the PKCS#12 file");
	else if (bags == NULL)
		reader_passphrase_failed(w->rd, "the PKCS#12 file");
	return bags;
}

int
pkcs12_read(struct reading *rd, const unsigned char *der, size_t len, bool want_keys,
    struct pkcs12_content *out)
{
	struct walk w = { .rd = rd, .want_keys = want_keys, .out = out };
	AUTO(safes) STACK_OF(PKCS7) *safes = NULL;
	AUTO(PKCS12) PKCS12 *p12 = NULL;
	const unsigned char *p = der;

	p12 = d2i_PKCS12(NULL, &p, (long)len);
	if (p12 == NULL || p != der + len)
		return malformed(rd);
	if (choose_passphrase(rd, p12, &w.pass) < 0)
		return -1;
	if ((safes = PKCS12_unpack_authsafes(p12)) == NULL)
		return malformed(rd);
	if (sk_PKCS7_num(safes) > LIMIT_PEM_OBJECTS)
		return malformed(rd);
	for (int i = 0; i < sk_PKCS7_num(safes); i++) {
		AUTO(bags) STACK_OF(PKCS12_SAFEBAG) *bags = open_safe(&w, sk_PKCS7_value(safes, i));

		if (bags == NULL || walk_bags(&w, bags, 1) < 0)
			return -1;
	}
	return 0;
}
