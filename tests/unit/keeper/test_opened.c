/*
 * test_opened.c - a key in use: signers are used again, by many threads
 *
 * sign.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include <openssl/rsa.h>

#include "keeper/opened.h"
#include "keeper/sign.h"

#define ROUNDS 40

static const struct {
	uint8_t type, scheme;
	unsigned bits;
	const char *md;
	bool pss;
} cases[] = {
	{ WIRE_P256, SCHEME_ECDSA_SHA256, 0, "SHA256", false },
	{ WIRE_P384, SCHEME_ECDSA_SHA384, 0, "SHA384", false },
	{ WIRE_RSA, SCHEME_RSA_PKCS1_SHA256, 2048, "SHA256", false },
	{ WIRE_RSA, SCHEME_RSA_PSS_SHA256, 2048, "SHA256", true },
	{ WIRE_RSA, SCHEME_RSA_PSS_SHA512, 2048, "SHA512", true },
	{ WIRE_ED25519, SCHEME_ED25519, 0, NULL, false },
};

static bool
verifies(EVP_PKEY *key, const char *md, bool pss, const struct bytes *m, const struct buf *sig)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	bool ok;

	ok = EVP_DigestVerifyInit_ex(ctx, &pctx, md, NULL, NULL, key, NULL) == 1 &&
	    (!pss ||
		(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
	    EVP_DigestVerify(ctx, sig->data, sig->len, m->data, m->len) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static struct opened *
open_key(uint8_t type, unsigned bits)
{
	static const unsigned char blob[] = "blob";
	struct bytes b = { .data = blob, .len = sizeof(blob) };
	struct key_head head = { .id = "k", .tenant = "t", .type = type };
	struct opened *o = NULL;
	struct err e = { 0 };
	EVP_PKEY *key = key_make(type, bits, &e);

	assert_non_null(key);
	assert_int_equal(opened_new(&o, &head, key, &b, &e), 0);
	EVP_PKEY_free(key);
	return o;
}

static void
P13_a_signature_used_again_signs_each_message_anew(void **state)
{
	for (size_t i = 0; i < nitems(cases); i++) {
		struct opened *o = open_key(cases[i].type, cases[i].bits);
		AUTO_BUF struct buf sig = { 0 };

		for (unsigned char n = 0; n < 3; n++) {
			unsigned char text[3] = { n, 2, 3 };
			struct bytes m = { .data = text, .len = sizeof(text) };
			struct err e = { 0 };

			assert_int_equal(opened_sign(o, cases[i].scheme, &m, &sig, &e), 0);
			assert_true(verifies(o->key, cases[i].md, cases[i].pss, &m, &sig));
			text[0] ^= 1;
			assert_false(verifies(o->key, cases[i].md, cases[i].pss, &m, &sig));
		}
		assert_int_equal(o->nidle, 1);
		opened_free(o);
	}
}

static void *
sign_many(void *arg)
{
	struct opened *o = arg;
	AUTO_BUF struct buf sig = { 0 };

	for (unsigned i = 0; i < ROUNDS; i++) {
		bool pss = i % 2 == 1;
		struct bytes m = { .data = (const unsigned char *)&i, .len = sizeof(i) };
		struct err e = { 0 };

		if (opened_sign(o, pss ? SCHEME_RSA_PSS_SHA256 : SCHEME_RSA_PKCS1_SHA256, &m, &sig,
			&e) < 0 ||
		    !verifies(o->key, "SHA256", pss, &m, &sig))
			return o;
	}
	opened_free(o);
	return NULL;
}

static void
P13_threads_that_share_a_key_do_not_share_a_signature(void **state)
{
	struct opened *o = open_key(WIRE_RSA, 2048);
	pthread_t threads[4];
	void *failed;

	for (size_t i = 0; i < nitems(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_many, opened_ref(o)), 0);
	for (size_t i = 0; i < nitems(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(o->refs, 1);
	opened_free(o);
}

static void
P13_a_scheme_of_another_key_type_is_refused(void **state)
{
	struct opened *o = open_key(WIRE_P256, 0);
	struct bytes m = { .data = (const unsigned char *)"m", .len = 1 };
	AUTO_BUF struct buf sig = { 0 };
	struct err e = { 0 };

	assert_int_equal(opened_sign(o, SCHEME_RSA_PSS_SHA256, &m, &sig, &e), -1);
	assert_int_equal(e.refusal, R_SIGN_SCHEME);
	err_clear(&e);
	assert_int_equal(opened_sign(o, SCHEME_COUNT, &m, &sig, &e), -1);
	assert_int_equal(e.refusal, R_SIGN_SCHEME);
	opened_free(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P13_a_signature_used_again_signs_each_message_anew),
		cmocka_unit_test(P13_threads_that_share_a_key_do_not_share_a_signature),
		cmocka_unit_test(P13_a_scheme_of_another_key_type_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
