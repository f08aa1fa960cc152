/*
 * csr.c - read a certification request, whoever wrote it (RFC 2986)
 *
 * Our own strict walk comes before libcrypto: sizes, depth, lengths, and which
 * key it is, so that only keys of our kinds are ever decoded.
 */
#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "base/limits.h"
#include "base/text.h"
#include "x509/csr_impl.h"
#include "x509/der.h"
#include "x509/items.h"
#include "x509/pem.h"

struct csr *
csr_new(void)
{
	struct arena *a = arena_new();
	struct csr *csr = arena_alloc(a, sizeof(*csr));

	csr->arena = a;
	return csr;
}

void
csr_free(struct csr *csr)
{
	if (csr == NULL)
		return;
	X509_REQ_free(csr->req);
	X509_NAME_free(csr->name);
	sk_X509_ATTRIBUTE_pop_free(csr->attributes, X509_ATTRIBUTE_free);
	X509_ALGOR_free(csr->algorithm);
	EVP_PKEY_free(csr->key);
	sk_X509_EXTENSION_pop_free(csr->extensions, X509_EXTENSION_free);
	arena_free(csr->arena);
}

/* The one request of a text: DER in the arena. */
static int
from_pem(struct arena *a, const char *text, size_t len, unsigned char **der, size_t *der_len,
    struct err *e)
{
	struct pem_block b, found = { 0 };
	int rc;

	while ((rc = pem_next(&text, &len, &b)) == 1) {
		if (pem_label_is(&b, "CERTIFICATE REQUEST") ||
		    pem_label_is(&b, "NEW CERTIFICATE REQUEST")) {
			if (found.label != NULL)
				return err_set(
				    e, R_CSR_TWO, "csr", "there is more than one CSR here");
			found = b;
		} else if (pem_label_is(&b, "CERTIFICATE")) {
			err_set(e, R_CSR_CERTIFICATE, "csr", "this is a certificate, not a CSR");
			return err_hint(e, "a CSR begins with -----BEGIN CERTIFICATE REQUEST-----");
		} else if (memmem(b.label, b.label_len, "PRIVATE KEY", 11) != NULL) {
			err_set(e, R_CSR_PRIVATE_KEY, "csr", "this is a private key, not a CSR");
			return err_hint(
			    e, "never send a private key; make a new one if it left its place");
		}
	}
	if (rc < 0)
		return err_set(
		    e, R_CSR_PEM, "csr", "a PEM block has no END line (RFC 7468 section 2)");
	if (found.label == NULL) {
		err_set(e, R_CSR_NONE, "csr", "there is no CSR here");
		return err_hint(e, "PEM (-----BEGIN CERTIFICATE REQUEST-----) or DER is read");
	}
	if (pem_decode(a, &found, der, der_len) < 0)
		return err_set(e, R_CSR_PEM, "csr",
		    "the base64 text of the CSR is malformed (RFC 7468 section 3)");
	return 0;
}

/* Something else in DER is named as what it is: `inside` its outer SEQUENCE. */
static int
what_else(struct der inside, struct err *e)
{
	struct der tbs, c;
	unsigned char tag;

	if (der_peek(&inside) == DER_INTEGER) {
		err_set(e, R_CSR_PRIVATE_KEY, "csr", "this looks like a private key, not a CSR");
		return err_hint(e, "never send a private key; make a new one if it left its place");
	}
	/* TBSCertificate: [0] version, or serial, algorithm, issuer, validity */
	if (der_expect(&inside, DER_SEQUENCE, &tbs) == 0 &&
	    (der_peek(&tbs) == DER_CONTEXT(0) ||
		(der_expect(&tbs, DER_INTEGER, &c) == 0 && der_next(&tbs, &tag, &c, NULL) == 0 &&
		    der_next(&tbs, &tag, &c, NULL) == 0 && der_next(&tbs, &tag, &c, NULL) == 0 &&
		    der_peek(&tbs) == DER_SEQUENCE)))
		return err_set(e, R_CSR_CERTIFICATE, "csr", "this is a certificate, not a CSR");
	return err_set(e, R_CSR_DER, "csr", "this is not a certification request (RFC 2986)");
}

/* The frame of sections 4.1 and 4.2; finds the SubjectPublicKeyInfo. */
static int
walk(struct csr *csr, struct err *e)
{
	struct der all = der_of(csr->der, csr->len), outer = { 0 }, d, tbs, c, spki, info;
	uint64_t version;

	if (der_check(csr->der, csr->len) < 0) {
		err_set(e, R_CSR_DER, "csr",
		    "this is not valid DER, or more than one object (RFC 2986 section 4)");
		return err_hint(e, "was the file cut, or sent as text?");
	}
	der_expect(&all, DER_SEQUENCE, &outer);
	d = outer;
	if (der_expect_whole(&d, DER_SEQUENCE, &tbs, &info) < 0 || der_uint(&tbs, &version) < 0 ||
	    der_expect(&tbs, DER_SEQUENCE, &c) < 0 ||
	    der_expect_whole(&tbs, DER_SEQUENCE, &c, &spki) < 0 ||
	    der_optional(&tbs, DER_CONTEXT(0), &c) < 0 || !der_at_end(&tbs))
		return what_else(outer, e);
	if (version != 0)
		return err_set(e, R_CSR_VERSION, "csr",
		    "the version of a CSR is 0, not %llu (RFC 2986 section 4.1)",
		    (unsigned long long)version);
	csr->spki = spki.data;
	csr->spki_len = spki.len;
	csr->info = info.data;
	csr->info_len = info.len;
	return 0;
}

/* libcrypto's own word, such as "invalid utf8string", says where to look. */
static int
refuse_malformed(struct err *e)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());

	err_set(e, R_CSR_DER, "csr", "the CSR is malformed (RFC 2986 section 4)%s%s",
	    why == NULL ? "" : ": ", why == NULL ? "" : why);
	ERR_clear_error();
	return -1;
}

static int
read_request(struct csr *csr, const void *data, size_t len, struct err *e)
{
	if (len == 0)
		return err_set(e, R_CSR_EMPTY, "csr", "the CSR is empty");
	if (len > LIMIT_CSR)
		return err_set(e, R_CSR_LARGE, "csr", "the CSR has %zu bytes, at most %d are read",
		    len, LIMIT_CSR);
	if (*(const unsigned char *)data == DER_SEQUENCE) {
		csr->der = arena_dup(csr->arena, data, len);
		csr->len = len;
	} else if (from_pem(csr->arena, data, len, &csr->der, &csr->len, e) < 0)
		return -1;
	if (walk(csr, e) < 0)
		return -1;
	if (csr_parts(csr) < 0)
		return refuse_malformed(e);
	if (csr_collect(csr, e) < 0)
		return -1;
	csr->signature = algorithm_text(csr->arena, csr->algorithm);
	if (spki_parse(csr->spki, csr->spki_len, &csr->key, &csr->key_fault) < 0)
		return 0;
	if (EVP_PKEY_get_bits(csr->key) <= LIMIT_RSA_MAX_CHAIN)
		csr->proof_ok = csr_verify(csr);
	ERR_clear_error();
	return 0;
}

int
csr_parse_unproved(struct csr **out, const void *data, size_t len, struct err *e)
{
	AUTO(csr) struct csr *csr = csr_new();

	if (read_request(csr, data, len, e) < 0)
		return -1;
	*out = csr;
	csr = NULL;
	return 0;
}

int
csr_parse(struct csr **out, const void *data, size_t len, struct err *e)
{
	AUTO(csr) struct csr *csr = NULL;

	if (csr_parse_unproved(&csr, data, len, e) < 0)
		return -1;
	if (csr->key == NULL || err_is_set(&csr->name_fault)) {
		*e = csr->key == NULL ? csr->key_fault : csr->name_fault;
		return -1;
	}
	if (!csr->proof_ok) {
		err_set(e, R_CSR_PROOF, "csr",
		    "the CSR's own signature does not verify: it does not prove possession of its key");
		return err_hint(
		    e, "make the CSR again; it was changed or cut (RFC 2986 section 4.2)");
	}
	*out = csr;
	csr = NULL;
	return 0;
}

bool
csr_proof_ok(const struct csr *csr)
{
	return csr->proof_ok;
}

const unsigned char *
csr_der(const struct csr *csr, size_t *len)
{
	*len = csr->len;
	return csr->der;
}

char *
csr_pem(struct arena *a, const struct csr *csr)
{
	return csr_pem_of_der(a, csr->der, csr->len);
}

char *
csr_pem_of_der(struct arena *a, const void *der, size_t len)
{
	return pem_encode(a, "CERTIFICATE REQUEST", der, len);
}

EVP_PKEY *
csr_public_key(const struct csr *csr)
{
	return csr->key;
}

const struct err *
csr_key_fault(const struct csr *csr)
{
	return &csr->key_fault;
}

const unsigned char *
csr_spki(const struct csr *csr, size_t *len)
{
	*len = csr->spki_len;
	return csr->spki;
}

int
csr_spki_sha256(const struct csr *csr, unsigned char out[SPKI_SHA256_SIZE])
{
	SHA256(csr->spki, csr->spki_len, out);
	return 0;
}

void
csr_sha256(const struct csr *csr, unsigned char out[32])
{
	SHA256(csr->der, csr->len, out);
}

const struct subject *
csr_subject(const struct csr *csr)
{
	return &csr->subject;
}

const struct san_list *
csr_sans(const struct csr *csr)
{
	return &csr->sans;
}

const char *
csr_signature_name(const struct csr *csr)
{
	return csr->signature;
}

static void
free_bio(BIO **p)
{
	BIO_free(*p);
}

char *
csr_text(struct arena *a, const struct csr *csr)
{
	__attribute__((cleanup(free_bio))) BIO *bio = BIO_new(BIO_s_mem());
	X509_REQ *req = csr_x509_req(csr);
	char *text;
	long n;

	if (bio == NULL || req == NULL ||
	    X509_REQ_print_ex(bio, req, XN_FLAG_SEP_CPLUS_SPC | ASN1_STRFLGS_RFC2253, 0) != 1)
		return arena_strdup(a, "");
	n = BIO_get_mem_data(bio, &text);
	return arena_dup(a, text, (size_t)n);
}
