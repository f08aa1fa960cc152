/*
 * test_csr.c - a request is composed byte for byte, and read back strictly
 *
 * csr_make.c, csr_parts.c, pem.c, signing.c, spki.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "make.h"
#include "x509/csr.h"

static void
V7_V11_V13_seven_fields_come_back_byte_for_byte_under_every_key(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	static const char *const types[] = { "rsa:2048", "ec:P-256", "ec:P-384", "ec:P-521",
		"ed25519" };

	for (size_t i = 0; i < nitems(types); i++) {
		AUTO(pkey) EVP_PKEY *key = make_key(types[i]);
		AUTO(csr)
		struct csr *made = make_csr(key, "portal.example.com",
			       "www.example.com\n192.0.2.1\n2001:db8::1"),
			   *back = NULL;
		struct err e = { 0 };
		const struct subject *s;
		size_t len;
		const unsigned char *der = csr_der(made, &len);
		char *pem = csr_pem(a, made);

		if (csr_parse(&back, der, len, &e) < 0)
			fail_msg("%s: %s", types[i], e.message);
		s = csr_subject(back);
		assert_int_equal(s->n, 7);
		assert_string_equal(s->v[0].item, "subject.C");
		assert_string_equal(s->v[1].value, "S\xc3\xa3o Paulo");
		assert_string_equal(s->v[3].value, "Example Video, Inc.");
		assert_string_equal(s->v[4].value, "R&D");
		assert_string_equal(s->v[6].item, "subject.emailAddress");
		assert_int_equal(csr_sans(back)->n, 4);
		assert_string_equal(csr_sans(back)->v[0].item, "san.dns:portal.example.com");
		assert_string_equal(csr_sans(back)->v[3].item, "san.ip:2001:db8::1");
		for (size_t j = 0; j < 7; j++)
			assert_string_equal(csr_subject(made)->v[j].value, s->v[j].value);
		assert_string_equal(csr_signature_name(made), csr_signature_name(back));
		assert_true(csr_proof_ok(back));
		assert_int_equal(EVP_PKEY_eq(csr_public_key(back), key), 1);
		csr_free(back);
		back = NULL;
		assert_int_equal(csr_parse(&back, pem, strlen(pem), &e), 0);
		assert_non_null(strstr(csr_text(a, back), "DNS:www.example.com"));
		assert_non_null(strstr(csr_text(a, made), "Signature Algorithm"));
	}
}

static void
the_digest_is_chosen_or_follows_the_key(void **state)
{
	AUTO(pkey) EVP_PKEY *rsa = make_key("rsa:2048"), *p384 = make_key("ec:P-384");
	struct csr_wish w = { .common_name = "a.example.com", .digest = "sha512" };
	AUTO(csr) struct csr *one = NULL, *two = NULL, *three = NULL;
	struct err e = { 0 };

	assert_int_equal(csr_compose(&one, &w, rsa, &e), 0);
	assert_string_equal(csr_signature_name(one), "sha512WithRSAEncryption");
	w.digest = NULL;
	assert_int_equal(csr_compose(&two, &w, p384, &e), 0);
	assert_string_equal(csr_signature_name(two), "ecdsa-with-SHA384");
	w.digest = "sha1";
	assert_int_equal(csr_compose(&three, &w, rsa, &e), -1);
	assert_int_equal(e.refusal, R_CSR_DIGEST);
}

static void
nothing_malformed_is_ever_signed(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	static const struct {
		struct csr_wish w;
		enum refusal refusal;
	} cases[] = {
		{ { 0 }, R_CSR_NAMELESS },
		{ { .country = "UK" }, R_COUNTRY_UNKNOWN },
		{ { .email = "x" }, R_EMAIL_FORM },
		{ { .organization = "a\nb" }, R_TEXT_CONTROL },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		AUTO(csr) struct csr *csr = NULL;
		struct err e = { 0 };

		assert_int_equal(csr_compose(&csr, &cases[i].w, key, &e), -1);
		assert_int_equal(e.refusal, cases[i].refusal);
		assert_null(csr);
	}
}

static void
a_key_that_cannot_sign_makes_no_CSR(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256"), *public = NULL, *x = make_key("X25519");
	struct csr_wish w = { .common_name = "a.example.com" };
	AUTO(csr) struct csr *csr = NULL;
	struct err e = { 0 };
	unsigned char *spki;
	size_t n;

	assert_int_equal(spki_der(a, key, &spki, &n, &e), 0);
	assert_int_equal(spki_parse(spki, n, &public, &e), 0);
	assert_int_equal(csr_compose(&csr, &w, public, &e), -1);
	assert_int_equal(e.refusal, R_CSR_SIGN);
	err_clear(&e);
	assert_int_equal(csr_compose(&csr, &w, x, &e), -1);
	assert_int_equal(e.refusal, R_KEY_ALGORITHM);
	err_clear(&e);
	EVP_PKEY_free(public);
	public = EVP_PKEY_new();
	assert_int_equal(spki_der(a, public, &spki, &n, &e), -1);
	assert_int_equal(e.refusal, R_KEY_ENCODE);
}

static enum refusal
refused(const void *data, size_t len)
{
	AUTO(csr) struct csr *csr = NULL;
	struct err e = { 0 };

	assert_int_equal(csr_parse(&csr, data, len, &e), -1);
	return e.refusal;
}

static void
what_is_not_a_CSR_is_called_by_its_name(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_csr(key, "a.example.com", "");
	AUTO(x509) X509 *cert = make_cert(&(struct make){ .subject = "a", .key = key });
	char *pem = csr_pem(a, csr), *twice = arena_printf(a, "%s%s", pem, pem);
	unsigned char *der = NULL;
	static unsigned char large[LIMIT_CSR + 1];
	int n;

	assert_int_equal(refused("", 0), R_CSR_EMPTY);
	assert_int_equal(refused(large, sizeof(large)), R_CSR_LARGE);
	assert_int_equal(refused("hello", 5), R_CSR_NONE);
	assert_int_equal(refused(twice, strlen(twice)), R_CSR_TWO);
	assert_int_equal(refused(pem, strlen(pem) - 10), R_CSR_PEM);
	pem[40] = '!';
	assert_int_equal(refused(pem, strlen(pem)), R_CSR_PEM);
	n = i2d_X509(cert, &der);
	assert_int_equal(refused(der, (size_t)n), R_CSR_CERTIFICATE);
	OPENSSL_free(der);
	der = NULL;
	n = i2d_PrivateKey(key, &der);
	assert_int_equal(refused(der, (size_t)n), R_CSR_PRIVATE_KEY);
	OPENSSL_free(der);
	pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
	assert_int_equal(refused(pem, strlen(pem)), R_CSR_CERTIFICATE);
	pem = "-----BEGIN EC PRIVATE KEY-----\nMA==\n-----END EC PRIVATE KEY-----\n";
	assert_int_equal(refused(pem, strlen(pem)), R_CSR_PRIVATE_KEY);
	assert_int_equal(refused("0\x03\x02\x01", 4), R_CSR_DER);
	assert_int_equal(refused("0\x02\x05\x00", 4), R_CSR_DER);
	assert_int_equal(refused("0\x80\x00\x00", 4), R_CSR_DER);
}

static void
every_byte_that_is_cut_or_added_is_noticed(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_csr(key, "a.example.com", "");
	unsigned char copy[2000];
	size_t len;
	const unsigned char *der = csr_der(csr, &len);

	memcpy(copy, der, len);
	copy[len] = 0;
	assert_int_equal(refused(copy, len + 1), R_CSR_DER);
	for (size_t i = 1; i < len; i++)
		refused(copy, i);
	copy[len - 1] ^= 1;
	assert_int_equal(refused(copy, len), R_CSR_PROOF);
	copy[len - 1] ^= 1;
	/* the version is the first thing inside: 30 82 .. 30 82 .. 02 01 00 */
	for (size_t i = 0; i < 12; i++)
		if (copy[i] == 2 && copy[i + 1] == 1) {
			copy[i + 2] = 1;
			break;
		}
	assert_int_equal(refused(copy, len), R_CSR_VERSION);
}

static void
every_flipped_bit_is_survived(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_csr(key, "a.example.com", "b.example.com");
	size_t len;
	const unsigned char *der = csr_der(csr, &len);
	unsigned char copy[2000];

	for (size_t i = 0; i < len; i++) {
		AUTO(csr) struct csr *back = NULL;
		struct err e = { 0 };

		memcpy(copy, der, len);
		copy[i] ^= (unsigned char)(1 << (i % 8));
		if (csr_parse_unproved(&back, copy, len, &e) == 0)
			assert_false(csr_proof_ok(back));
		else
			assert_true(e.message[0] != '\0');
	}
}

/* An algorithm nobody knows goes libcrypto's long way; so does what comes with it. */
static void
P31_every_flipped_bit_beside_an_unknown_algorithm_is_survived(void **state)
{
	static const unsigned char ecdsa[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2 };
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_csr(key, "a.example.com", "b.example.com");
	size_t len;
	const unsigned char *der = csr_der(csr, &len);
	unsigned char copy[2000], *oid;

	for (size_t i = 0; i < 8 * len; i++) {
		AUTO(csr) struct csr *back = NULL;
		struct err e = { 0 };

		memcpy(copy, der, len);
		oid = memmem(copy, len, ecdsa, sizeof(ecdsa));
		assert_non_null(oid);
		oid[sizeof(ecdsa) - 1] = 0x7f;
		copy[i / 8] ^= (unsigned char)(1 << (i % 8));
		if (csr_parse_unproved(&back, copy, len, &e) == 0)
			assert_false(csr_proof_ok(back));
		else
			assert_true(e.message[0] != '\0');
	}
}

static void
too_many_names_are_refused_at_once(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(arena) struct arena *a = arena_new();
	struct san san = {
		.type = SAN_DNS, .text = "a.example.com", .item = "san.dns:a.example.com"
	};
	struct csr_wish w = { .common_name = "a.example.com" };
	AUTO(csr) struct csr *csr = NULL;
	struct err e = { 0 };
	const unsigned char *der;
	size_t len;

	w.names.v = arena_new_array(a, LIMIT_SANS + 1, struct san);
	w.names.n = LIMIT_SANS + 1;
	for (size_t i = 0; i < w.names.n; i++)
		w.names.v[i] = san;
	assert_int_equal(csr_compose(&csr, &w, key, &e), 0);
	der = csr_der(csr, &len);
	assert_int_equal(refused(der, len), R_CSR_MANY);
}

static void
keys_of_other_kinds_are_not_even_decoded(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	static const char *const types[] = { "ec:P-224", "X25519", "ec:secp256k1" };
	static const enum refusal expect[] = { R_KEY_CURVE, R_KEY_ALGORITHM, R_KEY_CURVE };

	for (size_t i = 0; i < nitems(types); i++) {
		AUTO(pkey) EVP_PKEY *key = make_key(types[i]), *back = NULL;
		unsigned char *spki;
		struct err e = { 0 };
		size_t n;

		assert_int_equal(spki_der(a, key, &spki, &n, &e), 0);
		assert_int_equal(spki_parse(spki, n, &back, &e), -1);
		assert_int_equal(e.refusal, expect[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(V7_V11_V13_seven_fields_come_back_byte_for_byte_under_every_key),
		cmocka_unit_test(the_digest_is_chosen_or_follows_the_key),
		cmocka_unit_test(nothing_malformed_is_ever_signed),
		cmocka_unit_test(a_key_that_cannot_sign_makes_no_CSR),
		cmocka_unit_test(what_is_not_a_CSR_is_called_by_its_name),
		cmocka_unit_test(every_byte_that_is_cut_or_added_is_noticed),
		cmocka_unit_test(every_flipped_bit_is_survived),
		cmocka_unit_test(P31_every_flipped_bit_beside_an_unknown_algorithm_is_survived),
		cmocka_unit_test(too_many_names_are_refused_at_once),
		cmocka_unit_test(keys_of_other_kinds_are_not_even_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
