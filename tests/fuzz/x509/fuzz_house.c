/*
 * fuzz_house.c - an authority of our own, made once for a fuzz target
 */
#include <stdlib.h>
#include <string.h>

#include <idn2.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/io.h"
#include "fuzz_house.h"
#include "x509/ca_make.h"
#include "x509/cert.h"
#include "x509/der_put.h"

#define BORN 1790000000 /* 2026-09-21 */
#define ENDS 1830000000 /* 2027-12-28: a life of 398 days just does not fit */

static struct fuzz_house house;
static X509_STORE *store;

static void
load_policy(struct arena *a)
{
	AUTO_BUF struct buf text = { 0 };
	struct err e = { 0 };

	if (file_read(&text, CARDS "/private.json", 1 << 20, &e) < 0 ||
	    authority_parse(a, buf_text(&text), text.len, &house.authority, &e) < 0)
		abort();
}

/* Self-signed: the path from a leaf is as short as it can be. */
static void
make_ca(struct arena *a)
{
	struct ca_wish w = {
		.common_name = "House CA", .root = true, .path_length = 1, .not_after = ENDS
	};
	struct issue_input in = { .signing = house.input.signing, .serial = { 1 }, .when = BORN };
	AUTO_BUF struct buf b = { 0 };
	unsigned char *spki = NULL;
	struct ca_facts f;
	struct err e = { 0 };

	in.spki_len = (size_t)i2d_PUBKEY(house.key, &spki);
	in.spki = spki;
	ca_tbs(&b, &w, &in);
	if (signing_put(&b, in.signing, house.key, &e) < 0)
		abort();
	der_wrap(&b, DER_SEQUENCE);
	if (cert_parse(&house.ca, b.data, b.len, &e) < 0 || ca_facts(a, house.ca, &f, &e) < 0)
		abort();
	house.input.issuer = f.subject;
	house.input.issuer_len = f.subject_len;
	house.input.key_id = f.key_id;
	house.input.key_id_len = f.key_id_len;
	OPENSSL_free(spki);
}

const struct fuzz_house *
fuzz_house(void)
{
	struct arena *a;
	struct err e = { 0 };

	if (house.ca != NULL)
		return &house;
	a = arena_new();
	load_policy(a);
	house.key = EVP_EC_gen("P-256");
	house.rsa = EVP_RSA_gen(2048);
	house.limits = (struct issuer_limits){
		.not_after = ENDS, .for_servers = true, .for_clients = true, .path_length = 1
	};
	house.input = (struct issue_input){ .signing = signing_for(house.key, NULL, &e),
		.serial = { 0x80, 1 },
		.crl_url = "http://pki.example.com/crl/1.crl",
		.ocsp_url = "http://pki.example.com/ocsp/1",
		.issuer_url = "http://pki.example.com/ca/1.crt" };
	make_ca(a);
	if ((store = X509_STORE_new()) == NULL || X509_STORE_add_cert(store, house.ca) != 1)
		abort();
	return &house;
}

bool
fuzz_house_trusts(X509 *x, int64_t when)
{
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	bool good = false;

	if (c != NULL && X509_STORE_CTX_init(c, store, x, NULL) == 1) {
		X509_STORE_CTX_set_flags(c, X509_V_FLAG_X509_STRICT);
		X509_STORE_CTX_set_time(c, 0, (time_t)when);
		good = X509_verify_cert(c) == 1;
	}
	X509_STORE_CTX_free(c);
	return good;
}

char *
fuzz_a_labels(const char *name)
{
	uint8_t *out = NULL;

	return idn2_lookup_u8((const uint8_t *)name, &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) ==
		IDN2_OK
	    ? (char *)out
	    : NULL;
}
