/*
 * test_cert.c - certificates are read strictly, described and self-signed
 *
 * keyspec.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <openssl/x509v3.h>

#include "base/text.h"
#include "make.h"
#include "x509/cert.h"

static void
the_facts_are_told(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-384"), *ck = make_key("rsa:2048");
	AUTO(x509) X509 *ca = make_ca("Example CA", ck, NULL, NULL), *back = NULL;
	AUTO(x509)
	X509 *cert = make_cert(&(struct make){ .subject = "/C=US/O=Example, Inc./CN=a.example.com",
	    .key = key,
	    .issuer = ca,
	    .issuer_key = ck,
	    .from = MAKE_NOW,
	    .days = 10,
	    .extensions = { "subjectAltName=DNS:a.example.com,IP:2001:db8::1",
		"authorityInfoAccess=caIssuers;URI:http://ca.example/x.cer" } });
	struct cert_facts f;
	unsigned char *der = NULL, hash[32];
	int n = i2d_X509(cert, &der);
	struct err e = { 0 };

	assert_int_equal(cert_parse(&back, der, (size_t)n, &e), 0);
	assert_int_equal(cert_facts(a, back, &f, &e), 0);
	assert_string_equal(f.subject, "CN=a.example.com, O=Example, Inc., C=US");
	assert_string_equal(f.issuer, "CN=Example CA");
	assert_string_equal(f.common_name, "a.example.com");
	assert_string_equal(f.key_label, "EC P-384");
	assert_string_equal(f.signature, "sha256WithRSAEncryption");
	assert_int_equal(f.not_before, MAKE_NOW);
	assert_int_equal(f.not_after, MAKE_NOW + 10 * 86400 - 1);
	assert_int_equal(f.sans.n, 2);
	assert_string_equal(f.aia_issuers, "http://ca.example/x.cer");
	assert_false(f.is_ca);
	assert_false(f.self_issued);
	assert_true(strspn(f.serial, "0123456789abcdef") == strlen(f.serial));
	spki_sha256(key, hash, &e);
	assert_memory_equal(hash, f.spki_sha256, 32);
	assert_non_null(strstr(cert_text(a, back), "Example CA"));
	assert_non_null(strstr(cert_pem_of_der(a, der, (size_t)n), "BEGIN CERTIFICATE-----\n"));
	assert_int_equal(cert_facts(a, ca, &f, &e), 0);
	assert_true(f.is_ca && f.self_issued);
	OPENSSL_free(der);
}

static enum refusal
refused(const void *der, size_t len)
{
	X509 *cert = NULL;
	struct err e = { 0 };

	assert_int_equal(cert_parse(&cert, der, len, &e), -1);
	return e.refusal;
}

static void
what_is_malformed_or_too_large_is_refused(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(x509) X509 *cert = make_cert(&(struct make){ .subject = "a", .key = key }), *x = NULL;
	static unsigned char large[LIMIT_CSR + 1];
	unsigned char *der = NULL, *at;
	int n = i2d_X509(cert, &der);
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	struct err e = { 0 };

	assert_int_equal(refused(large, sizeof(large)), R_CERT_LARGE);
	assert_int_equal(refused(der, (size_t)n - 1), R_CERT_DER);
	assert_int_equal(refused("0\0", 2), R_CERT_DER);
	at = memmem(der, (size_t)n, "Z", 1);
	assert_non_null(at);
	at[-12] = '9'; /* month or year out of range, or not */
	at[-10] = '9';
	at[-9] = '9';
	assert_int_equal(refused(der, (size_t)n), R_CERT_TIME);
	OPENSSL_free(der);
	for (int i = 0; i <= LIMIT_SANS; i++) {
		GENERAL_NAME *g = GENERAL_NAME_new();
		ASN1_IA5STRING *s = ASN1_IA5STRING_new();

		ASN1_STRING_set(s, "a.example.com", -1);
		GENERAL_NAME_set0_value(g, GEN_DNS, s);
		sk_GENERAL_NAME_push(names, g);
	}
	X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0);
	GENERAL_NAMES_free(names);
	X509_sign(cert, key, EVP_sha256());
	der = NULL;
	n = i2d_X509(cert, &der);
	assert_int_equal(cert_parse(&x, der, (size_t)n, &e), -1);
	assert_int_equal(e.refusal, R_CERT_MANY);
	OPENSSL_free(der);
}

static void
a_self_signed_pair_is_what_a_listener_needs(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	static const char *const types[] = { "rsa:2048", "ec:P-256", "ec:P-521", "ed25519" };
	struct san_list names;
	struct err e = { 0 };

	assert_int_equal(
	    names_parse(&e, "names", "localhost.localdomain\n127.0.0.1\n::1", NULL, a, &names), 0);
	for (size_t i = 0; i < nitems(types); i++) {
		AUTO(pkey) EVP_PKEY *key = make_key(types[i]);
		AUTO(x509) X509 *cert = NULL;
		struct cert_facts f;

		if (cert_self_signed(&cert, "portal", &names, MAKE_NOW, 398, key, &e) < 0)
			fail_msg("%s: %s", types[i], e.message);
		assert_int_equal(X509_verify(cert, key), 1);
		assert_int_equal(cert_facts(a, cert, &f, &e), 0);
		assert_true(f.self_issued);
		assert_false(f.is_ca);
		assert_int_equal(f.not_after - f.not_before + 1, 398 * 86400);
		assert_int_equal(f.sans.n, 3);
		assert_int_equal(strlen(f.serial), 32);
		assert_true(X509_get_extended_key_usage(cert) & XKU_SSL_SERVER);
		assert_true(X509_get_key_usage(cert) & KU_DIGITAL_SIGNATURE);
	}
}

static void
a_self_signed_pair_has_bounds(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256"), *public = NULL;
	struct san_list none = { 0 };
	X509 *cert = NULL;
	struct err e = { 0 };
	unsigned char *spki;
	size_t n;

	assert_int_equal(cert_self_signed(&cert, "a", &none, MAKE_NOW, 399, key, &e), -1);
	assert_int_equal(e.refusal, R_CERT_TIME);
	err_clear(&e);
	spki_der(a, key, &spki, &n, &e);
	assert_int_equal(spki_parse(spki, n, &public, &e), 0);
	assert_int_equal(cert_self_signed(&cert, "a", &none, MAKE_NOW, 30, public, &e), -1);
	assert_int_equal(e.refusal, R_CERT_SIGN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_facts_are_told),
		cmocka_unit_test(what_is_malformed_or_too_large_is_refused),
		cmocka_unit_test(a_self_signed_pair_is_what_a_listener_needs),
		cmocka_unit_test(a_self_signed_pair_has_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
