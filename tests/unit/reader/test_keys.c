/*
 * test_keys.c - a private key comes out of any container; what is none says so
 *
 * key.c, key_decode.c, key_fault.c, jwk.c
 */
#include <openssl/objects.h>

#include "tests.h"

static void
expect_key(struct buf file, const char *passphrase, EVP_PKEY *key, const char *found)
{
	struct key_answer a;

	ask_key(&file, passphrase, &a);
	if (err_is_set(&a.err))
		print_error("refused: %s\n", a.err.message);
	assert_true(a.answered);
	assert_non_null(a.key);
	assert_int_equal(EVP_PKEY_eq(a.key, key), 1);
	assert_string_equal(a.found, found);
	key_answer_clear(&a);
	buf_free(&file);
}

static void
expect_refusal(struct buf file, const char *passphrase, enum refusal r, const char *field)
{
	struct key_answer a;

	ask_key(&file, passphrase, &a);
	assert_true(a.answered);
	assert_null(a.key);
	assert_string_equal(refusal_id(a.err.refusal), refusal_id(r));
	assert_string_equal(a.err.field, field);
	key_answer_clear(&a);
	buf_free(&file);
}

static const char *const kinds[] = { "RSA:2048", "EC:P-256", "EC:P-384", "EC:P-521", "ED25519" };

static void
v22_pkcs8_in_clear_and_encrypted(void **state)
{
	for (size_t i = 0; i < nitems(kinds); i++) {
		EVP_PKEY *key = made_key(kinds[i]);

		expect_key(made_pkcs8(key, NULL), NULL, key, "PKCS#8");
		expect_key(made_pkcs8(key, SECRET), SECRET, key, "PKCS#8, encrypted");
		expect_key(made_pkcs8_der(key), NULL, key, "PKCS#8");
	}
}

static void
v22_pkcs1_and_sec1_pem_der_and_encrypted(void **state)
{
	EVP_PKEY *rsa = made_key("RSA:2048"), *ec = made_key("EC:P-256");

	expect_key(made_traditional(rsa, NULL), NULL, rsa, "PKCS#1");
	expect_key(made_traditional_der(rsa), NULL, rsa, "PKCS#1");
	expect_key(made_traditional(rsa, SECRET), SECRET, rsa, "PKCS#1, encrypted");
	expect_key(made_traditional(ec, NULL), NULL, ec, "SEC1");
	expect_key(made_traditional_der(ec), NULL, ec, "SEC1");
	expect_key(made_traditional(ec, SECRET), SECRET, ec, "SEC1, encrypted");
}

static void
v22_pkcs12_new_old_and_without_passphrase(void **state)
{
	EVP_PKEY *key = made_key("EC:P-256");
	X509 *cert = made_cert("leaf");

	expect_key(made_pkcs12(key, cert, NULL, SECRET, NID_aes_256_cbc, 2048, 2048), SECRET, key,
	    "PKCS#12");
	expect_key(made_pkcs12(key, cert, NULL, SECRET, NID_pbe_WithSHA1And40BitRC2_CBC, 2048, 1),
	    SECRET, key, "PKCS#12");
	expect_key(
	    made_pkcs12(key, cert, NULL, SECRET, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 2048, 1),
	    SECRET, key, "PKCS#12");
	expect_key(
	    made_pkcs12(key, cert, NULL, "", NID_aes_256_cbc, 2048, 2048), NULL, key, "PKCS#12");
	expect_key(made_pkcs12(key, cert, NULL, NULL, -1, 1, 1), "", key, "PKCS#12");
	expect_key(
	    made_pkcs12(key, cert, NULL, SECRET, NID_aes_256_cbc, 2048, 0), SECRET, key, "PKCS#12");
}

static void
v22_jwk_of_each_kind_and_in_a_set(void **state)
{
	struct buf one;

	for (size_t i = 0; i < nitems(kinds); i++)
		expect_key(made_jwk(made_key(kinds[i]), true), NULL, made_key(kinds[i]), "JWK");
	one = made_jwk(made_key("ED25519"), true);
	expect_key(made_text("{\"keys\":[%s]}", buf_text(&one)), NULL, made_key("ED25519"), "JWK");
	expect_refusal(made_text("{\"keys\":[%s,%s]}", buf_text(&one), buf_text(&one)), NULL,
	    R_KEYFILE_TWO, "file");
	buf_free(&one);
}

static void
keys_survive_mail_and_editors(void **state)
{
	EVP_PKEY *key = made_key("RSA:2048");
	AUTO_BUF struct buf pem = made_pkcs8(key, NULL);
	AUTO_BUF struct buf old = made_traditional(key, SECRET);

	expect_key(made_replaced(&pem, "\n", "\r\n"), NULL, key, "PKCS#8");
	expect_key(made_replaced(&pem, "\n", "\r"), NULL, key, "PKCS#8");
	expect_key(made_replaced(&pem, "\n", "\\n"), NULL, key, "PKCS#8");
	expect_key(made_replaced(&pem, "\n", " "), NULL, key, "PKCS#8");
	expect_key(made_prefixed(&pem, "> > "), NULL, key, "PKCS#8");
	expect_key(made_utf16(&pem, false, true), NULL, key, "PKCS#8");
	expect_key(made_prefixed(&old, ">  "), SECRET, key, "PKCS#1, encrypted");
	expect_key(made_replaced(&old, "\n", "\r\n"), SECRET, key, "PKCS#1, encrypted");
}

static void
a_key_among_certificates_is_found(void **state)
{
	AUTO_BUF struct buf pem = made_pkcs8(made_key("EC:P-256"), NULL);
	AUTO_BUF struct buf cert = made_cert_pem(made_cert("leaf"));

	expect_key(made_text("hello\n%s%s-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
			     "-----END EC PARAMETERS-----\n",
		       buf_text(&cert), buf_text(&pem)),
	    NULL, made_key("EC:P-256"), "PKCS#8");
	expect_key(made_text("%s%s", buf_text(&pem), buf_text(&pem)), NULL, made_key("EC:P-256"),
	    "PKCS#8");
}

static void
an_encrypted_key_wants_its_passphrase(void **state)
{
	EVP_PKEY *key = made_key("EC:P-256");
	X509 *cert = made_cert("leaf");

	expect_refusal(made_pkcs8(key, SECRET), NULL, R_PASSPHRASE_NEEDED, "passphrase");
	expect_refusal(made_pkcs8(key, SECRET), "wrong", R_PASSPHRASE_WRONG, "passphrase");
	expect_refusal(made_traditional(key, SECRET), NULL, R_PASSPHRASE_NEEDED, "passphrase");
	expect_refusal(made_traditional(key, SECRET), "wrong", R_PASSPHRASE_WRONG, "passphrase");
	expect_refusal(made_pkcs12(key, cert, NULL, SECRET, NID_aes_256_cbc, 2048, 2048), NULL,
	    R_PASSPHRASE_NEEDED, "passphrase");
	expect_refusal(made_pkcs12(key, cert, NULL, SECRET, NID_aes_256_cbc, 2048, 2048), "wrong",
	    R_PASSPHRASE_WRONG, "passphrase");
	expect_refusal(made_pkcs12(key, cert, NULL, SECRET, NID_aes_256_cbc, 2048, 2048), "",
	    R_PASSPHRASE_WRONG, "passphrase");
	expect_refusal(made_pkcs12(key, cert, NULL, SECRET, NID_aes_256_cbc, 2048, 0), NULL,
	    R_PASSPHRASE_NEEDED, "passphrase");
}

static void
what_is_no_private_key_is_named(void **state)
{
	EVP_PKEY *key = made_key("EC:P-256");

	expect_refusal(made_public(key), NULL, R_KEYFILE_PUBLIC, "file");
	expect_refusal(made_jwk(key, false), NULL, R_KEYFILE_PUBLIC, "file");
	expect_refusal(made_cert_pem(made_cert("leaf")), NULL, R_KEYFILE_CERTIFICATE, "file");
	expect_refusal(made_cert_der(made_cert("leaf")), NULL, R_KEYFILE_CERTIFICATE, "file");
	expect_refusal(
	    made_pkcs7(made_cert("leaf"), NULL, true), NULL, R_KEYFILE_CERTIFICATE, "file");
	expect_refusal(
	    made_pkcs12(NULL, made_cert("leaf"), NULL, SECRET, NID_aes_256_cbc, 2048, 2048), SECRET,
	    R_KEYFILE_CERTIFICATE, "file");
	expect_refusal(made_csr(key), NULL, R_KEYFILE_CSR, "file");
	expect_refusal(made_crl(key), NULL, R_KEYFILE_NONE, "file");
	expect_refusal(made_text("no key here\n"), NULL, R_KEYFILE_NONE, "file");
	expect_refusal(
	    made_text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me\n"), NULL, R_KEYFILE_SSH, "file");
	expect_refusal(made_text("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n"
				 "-----END OPENSSH PRIVATE KEY-----\n"),
	    NULL, R_KEYFILE_SSH, "file");
	expect_refusal(made_text("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQdGBF\n=abcd\n"
				 "-----END PGP PRIVATE KEY BLOCK-----\n"),
	    NULL, R_FILE_PGP, "file");
	expect_refusal(
	    made_text("<!DOCTYPE html>\n<html>Sign in</html>\n"), NULL, R_FILE_HTML, "file");
	expect_refusal(made_text("\xfe\xed\xfe\xed keystore"), NULL, R_FILE_JKS, "file");
	expect_refusal(made_text("%s", ""), NULL, R_FILE_EMPTY, "file");
	expect_refusal(made_text(" \r\n\n"), NULL, R_FILE_EMPTY, "file");
}

static void
keys_of_other_kinds_are_named(void **state)
{
	AUTO_BUF struct buf rsa = made_jwk(made_key("RSA:2048"), true);
	AUTO_BUF struct buf dsa = { 0 };
	char longer[5 + 600 + 1] = "";
	static const unsigned char numbers[] = { 0x30, 0x12, 2, 1, 0, 2, 1, 7, 2, 1, 3, 2, 1, 5, 2,
		1, 2, 2, 1, 9 };

	expect_refusal(made_pkcs8(made_key("X25519"), NULL), NULL, R_KEYFILE_ALGORITHM, "file");
	expect_refusal(made_pkcs8(made_key("ED448"), NULL), NULL, R_KEYFILE_ALGORITHM, "file");
	expect_refusal(
	    made_pkcs8(made_key("EC:secp256k1"), NULL), NULL, R_KEYFILE_ALGORITHM, "file");
	expect_refusal(
	    made_traditional(made_key("EC:secp256k1"), NULL), NULL, R_KEYFILE_ALGORITHM, "file");
	expect_refusal(made_pkcs8(made_key("SM2"), NULL), NULL, R_KEYFILE_ALGORITHM, "file");
	buf_put(&dsa, numbers, sizeof(numbers));
	expect_refusal(made_replaced(&dsa, "", ""), NULL, R_KEYFILE_ALGORITHM, "file");
	expect_refusal(made_text("{\"kty\":\"OKP\",\"crv\":\"X25519\",\"d\":\"AA\"}"), NULL,
	    R_KEYFILE_ALGORITHM, "file");
	memset(longer, 'x', sizeof(longer) - 1);
	memcpy(longer, "\"n\":\"", 5);
	expect_refusal(made_replaced(&rsa, "\"n\":\"", longer), NULL, R_KEYFILE_ALGORITHM, "file");
}

static void
a_wrong_jwk_says_why(void **state)
{
	AUTO_BUF struct buf rsa = made_jwk(made_key("RSA:2048"), true);
	AUTO_BUF struct buf ed = made_jwk(made_key("ED25519"), true);
	AUTO_BUF struct buf deep = { 0 };

	expect_refusal(made_text("{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMk\"}"),
	    NULL, R_KEYFILE_SYMMETRIC, "file");
	expect_refusal(made_text("{\"kty\":"), NULL, R_KEYFILE_JWK, "file");
	expect_refusal(made_text("{}"), NULL, R_KEYFILE_JWK, "file");
	expect_refusal(made_text("{\"kty\":\"RSA\",\"kty\":\"RSA\"}"), NULL, R_KEYFILE_JWK, "file");
	expect_refusal(made_replaced(&rsa, "\"qi\"", "\"other\""), NULL, R_KEYFILE_JWK, "file");
	expect_refusal(made_replaced(&ed, "\"x\":\"", "\"x\":\"!"), NULL, R_KEYFILE_JWK, "file");
	for (int i = 0; i < 1000; i++)
		buf_put_text(&deep, "{\"a\":");
	expect_refusal(made_replaced(&deep, "?", ""), NULL, R_FILE_DEEP, "file");
}

static void
a_damaged_key_is_refused(void **state)
{
	AUTO_BUF struct buf der = made_pkcs8_der(made_key("RSA:2048"));
	AUTO_BUF struct buf ec = made_traditional_der(made_key("EC:P-256"));
	AUTO_BUF struct buf pem = made_pkcs8(made_key("EC:P-256"), NULL);
	struct buf longer = made_replaced(&der, "?", "?");

	ec.data[7] ^= 0x55; /* a byte of the secret */
	expect_refusal(made_replaced(&ec, "", ""), NULL, R_KEYFILE_MISMATCH, "file");
	der.data[der.len - 1] ^= 1;
	expect_refusal(made_replaced(&der, "", ""), NULL, R_KEYFILE_MISMATCH, "file");
	buf_put_text(&longer, "\n");
	expect_refusal(longer, NULL, R_KEYFILE_MALFORMED, "file");
	expect_refusal(made_replaced(&pem, "-----END", "-----EN"), NULL, R_FILE_PEM_CUT, "file");
	expect_refusal(
	    made_replaced(&pem, "\n-----END", "?\n-----END"), NULL, R_FILE_PEM_BASE64, "file");
	der.len -= 100;
	expect_refusal(made_replaced(&der, "", ""), NULL, R_FILE_DER, "file");
}

static void
two_keys_are_one_too_many(void **state)
{
	AUTO_BUF struct buf a = made_pkcs8(made_key("EC:P-256"), NULL);
	AUTO_BUF struct buf b = made_pkcs8(made_key("ED25519"), NULL);

	expect_refusal(made_text("%s%s", buf_text(&a), buf_text(&b)), NULL, R_KEYFILE_TWO, "file");
}

static void
an_unknown_cipher_is_not_a_wrong_passphrase(void **state)
{
	AUTO_BUF struct buf old = made_traditional(made_key("EC:P-256"), SECRET);

	expect_refusal(made_replaced(&old, "AES-128-CBC", "ROT-13"), SECRET, R_FILE_CIPHER, "file");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(v22_pkcs8_in_clear_and_encrypted),
	cmocka_unit_test(v22_pkcs1_and_sec1_pem_der_and_encrypted),
	cmocka_unit_test(v22_pkcs12_new_old_and_without_passphrase),
	cmocka_unit_test(v22_jwk_of_each_kind_and_in_a_set),
	cmocka_unit_test(keys_survive_mail_and_editors),
	cmocka_unit_test(a_key_among_certificates_is_found),
	cmocka_unit_test(an_encrypted_key_wants_its_passphrase),
	cmocka_unit_test(what_is_no_private_key_is_named),
	cmocka_unit_test(keys_of_other_kinds_are_named),
	cmocka_unit_test(a_wrong_jwk_says_why),
	cmocka_unit_test(a_damaged_key_is_refused),
	cmocka_unit_test(two_keys_are_one_too_many),
	cmocka_unit_test(an_unknown_cipher_is_not_a_wrong_passphrase),
};
const struct group key_group = { tests, nitems(tests) };
