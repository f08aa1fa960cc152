/*
 * test_ocsp.c - questions and answers about certificates, beside OpenSSL's
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ocsp.h>

#include "x509/ocsp.h"

static const unsigned char name[] = { 0x30, 0 };

/* A question about so many certificates, as OpenSSL asks. */
static struct buf
ask(size_t n, const EVP_MD *md, size_t nonce, int64_t serial)
{
	OCSP_REQUEST *q = OCSP_REQUEST_new();
	X509_NAME *issuer = X509_NAME_new();
	ASN1_BIT_STRING *key = ASN1_BIT_STRING_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	unsigned char *der = NULL;
	struct buf out = { 0 };
	int len;

	ASN1_BIT_STRING_set(key, (unsigned char *)(uintptr_t) "key", 3);
	for (size_t i = 0; i < n; i++) {
		ASN1_INTEGER_set_int64(number, serial + (int64_t)i);
		OCSP_request_add0_id(q, OCSP_cert_id_new(md, issuer, key, number));
	}
	if (nonce > 0)
		OCSP_request_add1_nonce(q, NULL, (int)nonce);
	len = i2d_OCSP_REQUEST(q, &der);
	assert_true(len > 0);
	buf_put(&out, der, (size_t)len);
	OPENSSL_free(der);
	ASN1_INTEGER_free(number);
	ASN1_BIT_STRING_free(key);
	X509_NAME_free(issuer);
	OCSP_REQUEST_free(q);
	return out;
}

static void
what_openssl_asks_is_read(void **state)
{
	const EVP_MD *const digests[] = { EVP_sha1(), EVP_sha256(), EVP_sha384(), EVP_sha512() };
	struct ocsp_issuer ours, others;
	struct ocsp_question q;

	assert_int_equal(ocsp_issuer(&ours, name, sizeof(name), "key", 3), 0);
	assert_int_equal(ocsp_issuer(&others, name, sizeof(name), "kez", 3), 0);
	for (size_t i = 0; i < nitems(digests); i++)
		for (size_t n = 0; n <= OCSP_CERTS_MAX + 1; n++) {
			AUTO_BUF struct buf b = ask(n, digests[i], 0, 0x7ffe);

			if (n == 0 || n > OCSP_CERTS_MAX) {
				assert_int_equal(ocsp_question(&q, b.data, b.len), -1);
				continue;
			}
			assert_int_equal(ocsp_question(&q, b.data, b.len), 0);
			assert_int_equal(q.n, n);
			assert_int_equal(q.nonce.len, 0);
			assert_true(ocsp_is_of(&q.ids[n - 1], &ours));
			assert_false(ocsp_is_of(&q.ids[n - 1], &others));
			assert_int_equal(q.ids[0].serial.len, 2);
		}
}

static void
a_hash_that_nobody_uses_names_no_CA_of_ours(void **state)
{
	AUTO_BUF struct buf b = ask(1, EVP_md5(), 0, 1);
	struct ocsp_issuer ours;
	struct ocsp_question q;

	assert_int_equal(ocsp_issuer(&ours, name, sizeof(name), "key", 3), 0);
	assert_int_equal(ocsp_question(&q, b.data, b.len), 0);
	assert_false(ocsp_is_of(&q.ids[0], &ours));
}

static void
a_nonce_has_1_to_128_octets(void **state)
{
	static const size_t lengths[] = { 1, 16, 32, 127, 128, 129, 200 };
	struct ocsp_question q;

	for (size_t i = 0; i < nitems(lengths); i++) {
		AUTO_BUF struct buf b = ask(1, EVP_sha1(), lengths[i], 1);

		assert_int_equal(
		    ocsp_question(&q, b.data, b.len), lengths[i] <= OCSP_NONCE_MAX ? 0 : -1);
		if (lengths[i] <= OCSP_NONCE_MAX)
			assert_true(q.nonce.len > lengths[i]);
	}
}

static void
what_is_cut_or_changed_is_refused_or_read_as_openssl_reads_it(void **state)
{
	AUTO_BUF struct buf b = ask(2, EVP_sha256(), 16, 5);
	struct ocsp_question q;

	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(ocsp_question(&q, b.data, len), -1);
	for (size_t i = 0; i < b.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			const unsigned char *p = b.data;
			OCSP_REQUEST *theirs;

			b.data[i] ^= (unsigned char)(1 << bit);
			theirs = d2i_OCSP_REQUEST(NULL, &p, (long)b.len);
			if (ocsp_question(&q, b.data, b.len) == 0 && theirs != NULL)
				assert_int_equal(OCSP_request_onereq_count(theirs), q.n);
			OCSP_REQUEST_free(theirs);
			b.data[i] ^= (unsigned char)(1 << bit);
		}
}

static void
openssl_reads_the_answer(void **state)
{
	static const unsigned char alg[] = { 0x30, 5, 6, 3, 0x2b, 0x65, 0x70 };
	AUTO_BUF struct buf b = ask(3, EVP_sha1(), 16, 5), singles = { 0 }, out = { 0 };
	struct ocsp_question q;
	const unsigned char *p;
	OCSP_RESPONSE *r;
	OCSP_BASICRESP *basic;
	ASN1_GENERALIZEDTIME *at, *from, *until;
	int reason;

	assert_int_equal(ocsp_question(&q, b.data, b.len), 0);
	for (size_t i = 0; i < 3; i++)
		ocsp_single(&singles, &q.ids[i], (enum ocsp_status)i, 1000000000,
		    REASON_KEY_COMPROMISE, 1000000001, 1000000002);
	ocsp_tbs(&out, &singles, name, sizeof(name), 1000000003, &q.nonce);
	ocsp_answer(&out, alg, sizeof(alg), "signature", 9, "", 0);
	p = out.data;
	r = d2i_OCSP_RESPONSE(NULL, &p, (long)out.len);
	assert_non_null(r);
	assert_ptr_equal(p, out.data + out.len);
	assert_int_equal(OCSP_response_status(r), OCSP_RESPONSE_STATUS_SUCCESSFUL);
	basic = OCSP_response_get1_basic(r);
	assert_non_null(basic);
	assert_int_equal(OCSP_resp_count(basic), 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    OCSP_single_get0_status(OCSP_resp_get0(basic, i), &reason, &at, &from, &until),
		    i);
		assert_string_equal((const char *)ASN1_STRING_get0_data(from), "20010909014641Z");
		assert_string_equal((const char *)ASN1_STRING_get0_data(until), "20010909014642Z");
		if (i == V_OCSP_CERTSTATUS_REVOKED) {
			assert_int_equal(reason, OCSP_REVOKED_STATUS_KEYCOMPROMISE);
			assert_string_equal(
			    (const char *)ASN1_STRING_get0_data(at), "20010909014640Z");
		}
	}
	assert_int_equal(OCSP_BASICRESP_get_ext_count(basic), 1);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_openssl_asks_is_read),
		cmocka_unit_test(a_hash_that_nobody_uses_names_no_CA_of_ours),
		cmocka_unit_test(a_nonce_has_1_to_128_octets),
		cmocka_unit_test(what_is_cut_or_changed_is_refused_or_read_as_openssl_reads_it),
		cmocka_unit_test(openssl_reads_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
