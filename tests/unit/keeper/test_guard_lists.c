/*
 * test_guard_lists.c - P13: revocation lists and OCSP answers are what they say
 *
 * guard_crl.c, guard_ocsp.c
 */
#include <openssl/ocsp.h>

#include "fake_ca.h"

static const struct fake_cert own = { .issuer = "CN=ca",
	.subject = "CN=ca",
	.until = 3650,
	.constraints = "critical,CA:TRUE",
	.usage = "critical,keyCertSign,cRLSign" };

typedef int guard_fn(const struct bytes *, const struct guard_ca *, uint64_t *, struct err *);

static int
ocsp(const struct bytes *b, const struct guard_ca *ca, uint64_t *number, struct err *e)
{
	return guard_ocsp(b, number, e);
}

/* Of an exact copy: ASan sees a read past the end. */
static const char *
said(guard_fn *guard, const struct fake_ca *f, const void *data, size_t len, uint64_t *number)
{
	static struct err e;
	unsigned char *copy = malloc(len == 0 ? 1 : len);
	int r;

	err_clear(&e);
	if (len > 0)
		memcpy(copy, data, len);
	r = guard(&(struct bytes){ copy, len }, &f->ca, number, &e);
	free(copy);
	if (r == 0)
		return NULL;
	assert_int_equal(e.refusal, R_SIGN_GUARD);
	return e.message;
}

static void
cut_or_changed(guard_fn *guard, const struct fake_ca *f, struct buf *b, const char *why)
{
	uint64_t number;

	for (size_t n = 0; n < b->len; n++)
		says(said(guard, f, b->data, n, &number), why);
	for (size_t i = 0; i < b->len; i++)
		for (int bit = 0; bit < 8; bit++) {
			b->data[i] ^= (unsigned char)(1 << bit);
			said(guard, f, b->data, b->len, &number);
			b->data[i] ^= (unsigned char)(1 << bit);
		}
	buf_put(b, "\5\0", 2);
	says(said(guard, f, b->data, b->len, &number), why);
}

/* What is signed of a signed thing. */
static void
first_element(const unsigned char *der, int len, struct buf *out)
{
	struct der d = der_of(der, (size_t)len), all, body, whole;

	assert_int_equal(der_expect(&d, DER_SEQUENCE, &all), 0);
	assert_int_equal(der_expect_whole(&all, DER_SEQUENCE, &body, &whole), 0);
	buf_reset(out);
	buf_put(out, whole.data, whole.len);
}

/* ---- revocation lists ------------------------------------------------------ */
struct crl {
	const char *issuer;
	long version; /* 0: version 2 */
	int entries;
	bool no_number, no_next, reasons, critical, delta;
};

static void
crl_tbs(EVP_PKEY *key, const struct crl *c, struct buf *out)
{
	X509_CRL *crl = X509_CRL_new();
	X509_NAME *name = X509_NAME_new();
	ASN1_TIME *now = X509_time_adj_ex(NULL, 0, 0, NULL),
		  *next = X509_time_adj_ex(NULL, 7, 0, NULL);
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
	unsigned char *der = NULL;
	int len;

	X509_CRL_set_version(crl, c->version == 0 ? X509_CRL_VERSION_2 : c->version);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_UTF8, (const unsigned char *)c->issuer, -1, -1, 0);
	X509_CRL_set_issuer_name(crl, name);
	X509_CRL_set1_lastUpdate(crl, now);
	if (!c->no_next)
		X509_CRL_set1_nextUpdate(crl, next);
	for (int i = 1; i <= c->entries; i++) {
		X509_REVOKED *r = X509_REVOKED_new();

		ASN1_INTEGER_set(n, i);
		X509_REVOKED_set_serialNumber(r, n);
		X509_REVOKED_set_revocationDate(r, now);
		ASN1_ENUMERATED_set(reason, 1);
		if (c->reasons)
			X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, reason, 0, 0);
		X509_CRL_add0_revoked(crl, r);
	}
	ASN1_INTEGER_set(n, 4711);
	if (!c->no_number)
		X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, c->critical, 0);
	if (c->delta)
		X509_CRL_add1_ext_i2d(crl, NID_delta_crl, n, 1, 0);
	assert_true(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
	len = i2d_X509_CRL(crl, &der);
	first_element(der, len, out);
	OPENSSL_free(der);
	ASN1_ENUMERATED_free(reason);
	ASN1_INTEGER_free(n);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	X509_NAME_free(name);
	X509_CRL_free(crl);
}

static const char *
crl_said(const struct fake_ca *f, struct crl c, uint64_t *number)
{
	AUTO_BUF struct buf b = { 0 };

	crl_tbs(f->key, &c, &b);
	return said(guard_crl, f, b.data, b.len, number);
}

static void
P13_a_CRL_is_that_of_the_CA(void **state)
{
	uint64_t number = 0;
	struct fake_ca f;

	fake_ca_open(&f, own, false);
	says(crl_said(&f, (struct crl){ .issuer = "ca" }, &number), NULL);
	assert_int_equal(number, 4711);
	says(crl_said(&f, (struct crl){ .issuer = "ca", .entries = 3 }, &number), NULL);
	says(crl_said(&f, (struct crl){ .issuer = "ca", .entries = 3, .reasons = true }, &number),
	    NULL);
	says(crl_said(&f, (struct crl){ .issuer = "ca", .delta = true }, &number), NULL);
	says(crl_said(&f, (struct crl){ .issuer = "ca", .critical = true }, &number),
	    "not a revocation list");
	says(crl_said(&f, (struct crl){ .issuer = "cb" }, &number), "another CA");
	says(crl_said(&f, (struct crl){ .issuer = "ca", .no_number = true }, &number),
	    "not a revocation list");
	says(crl_said(&f, (struct crl){ .issuer = "ca", .no_next = true }, &number),
	    "not a revocation list");
	says(crl_said(&f, (struct crl){ .issuer = "ca", .version = 2 }, &number),
	    "not a revocation list");
	f.ca.algorithm.len = 0;
	says(crl_said(&f, (struct crl){ .issuer = "ca" }, &number), "signature algorithm");
	f.ca.issuer = NULL;
	says(crl_said(&f, (struct crl){ .issuer = "ca" }, &number), "not activated");
	fake_ca_close(&f);
}

static void
P13_a_CRL_cut_or_changed_is_none(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct fake_ca f;

	fake_ca_open(&f, own, false);
	crl_tbs(f.key, &(struct crl){ .issuer = "ca", .entries = 2, .reasons = true }, &b);
	cut_or_changed(guard_crl, &f, &b, "not a revocation list");
	fake_ca_close(&f);
}

/* ---- OCSP ------------------------------------------------------------------ */
static OCSP_BASICRESP *
response(const struct fake_ca *f, int status)
{
	OCSP_BASICRESP *r = OCSP_BASICRESP_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0), *next = X509_gmtime_adj(NULL, 86400);
	const unsigned char *p = f->certificate.data;
	X509 *ca = d2i_X509(NULL, &p, (long)f->certificate.len);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), ca, ca);

	ASN1_TIME_to_generalizedtime(now, &now);
	ASN1_TIME_to_generalizedtime(next, &next);
	OCSP_basic_add1_status(r, id, status, OCSP_REVOKED_STATUS_KEYCOMPROMISE, now, now, next);
	OCSP_CERTID_free(id);
	X509_free(ca);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	return r;
}

/* What is signed of it: the first element of the answer. Frees r. */
static void
response_tbs(const struct fake_ca *f, OCSP_BASICRESP *r, unsigned long flags, struct buf *out)
{
	const unsigned char *p = f->certificate.data;
	X509 *ca = d2i_X509(NULL, &p, (long)f->certificate.len);
	unsigned char *der = NULL;
	int n;

	assert_int_equal(OCSP_basic_sign(r, ca, f->key, EVP_sha256(), NULL, flags), 1);
	n = i2d_OCSP_BASICRESP(r, &der);
	first_element(der, n, out);
	OPENSSL_free(der);
	OCSP_BASICRESP_free(r);
	X509_free(ca);
}

static void
P13_an_OCSP_answer_has_its_shape(void **state)
{
	static const int all[] = { V_OCSP_CERTSTATUS_GOOD, V_OCSP_CERTSTATUS_REVOKED,
		V_OCSP_CERTSTATUS_UNKNOWN };
	AUTO_BUF struct buf b = { 0 };
	uint64_t produced = 0;
	struct fake_ca f;
	OCSP_BASICRESP *r;

	fake_ca_open(&f, own, false);
	for (size_t i = 0; i < nitems(all); i++)
		for (int key = 0; key < 2; key++) {
			r = response(&f, all[i]);
			response_tbs(&f, r, key ? OCSP_RESPID_KEY : 0, &b);
			says(said(ocsp, &f, b.data, b.len, &produced), NULL);
			assert_true(produced > 1700000000 && produced < 4000000000);
		}
	r = response(&f, V_OCSP_CERTSTATUS_GOOD);
	OCSP_basic_add1_nonce(r, NULL, 16);
	response_tbs(&f, r, 0, &b);
	says(said(ocsp, &f, b.data, b.len, &produced), NULL);
	response_tbs(&f, OCSP_BASICRESP_new(), 0, &b);
	says(said(ocsp, &f, b.data, b.len, &produced), "not an answer about certificates");
	fake_ca_close(&f);
}

static void
P13_an_OCSP_answer_cut_or_changed_is_none(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct fake_ca f;

	fake_ca_open(&f, own, false);
	response_tbs(&f, response(&f, V_OCSP_CERTSTATUS_REVOKED), OCSP_RESPID_KEY, &b);
	cut_or_changed(ocsp, &f, &b, "not an answer about certificates");
	fake_ca_close(&f);
}

/* Of none of the four kinds is anything another kind. */
static void
P13_nothing_is_two_things(void **state)
{
	static const char why[] = "the keeper does not sign this: it is not";
	static const unsigned char csr[] =
	    "\x30\x0e\x02\x01\x00\x30\x00\x30\x05\x06\x03\x2b\x65\x70"
	    "\xa0\x00";
	AUTO_BUF struct buf cert = { 0 }, crl = { 0 }, answer = { 0 };
	struct fake_cert c = own;
	unsigned char serial[SERIAL_SIZE];
	struct err e = { 0 };
	uint64_t number;
	struct fake_ca f;

	fake_ca_open(&f, own, false);
	c.key = f.other;
	fake_tbs(fake_make(&c), &cert);
	crl_tbs(f.key, &(struct crl){ .issuer = "ca" }, &crl);
	response_tbs(&f, response(&f, V_OCSP_CERTSTATUS_GOOD), 0, &answer);
	says(said(guard_crl, &f, cert.data, cert.len, &number), why);
	says(said(guard_crl, &f, answer.data, answer.len, &number), why);
	says(said(guard_crl, &f, csr, sizeof(csr) - 1, &number), why);
	says(said(ocsp, &f, cert.data, cert.len, &number), why);
	says(said(ocsp, &f, crl.data, crl.len, &number), why);
	says(said(ocsp, &f, csr, sizeof(csr) - 1, &number), why);
	assert_int_equal(guard_cert(&(struct bytes){ crl.data, crl.len }, &f.ca, serial, &e), -1);
	says(e.message, why);
	err_clear(&e);
	assert_int_equal(
	    guard_cert(&(struct bytes){ answer.data, answer.len }, &f.ca, serial, &e), -1);
	says(e.message, why);
	err_clear(&e);
	assert_int_equal(guard_csr(&(struct bytes){ cert.data, cert.len }, &f.ca.spki, &e), -1);
	says(e.message, why);
	fake_ca_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P13_a_CRL_is_that_of_the_CA),
		cmocka_unit_test(P13_a_CRL_cut_or_changed_is_none),
		cmocka_unit_test(P13_an_OCSP_answer_has_its_shape),
		cmocka_unit_test(P13_an_OCSP_answer_cut_or_changed_is_none),
		cmocka_unit_test(P13_nothing_is_two_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
