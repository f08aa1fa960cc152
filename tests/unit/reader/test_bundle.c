/*
 * test_bundle.c - certificates come out of anything that a CA sends
 *
 * mail.c, pem.c, pkcs7.c, pkcs12.c, text.c, zip.c
 */
#include <openssl/objects.h>

#include <stdio.h>

#include "tests.h"

/* Two certificates as PEM, one after the other. */
static struct buf
pair(void)
{
	AUTO_BUF struct buf a = made_cert_pem(made_cert("leaf"));
	AUTO_BUF struct buf b = made_cert_pem(made_cert("issuer"));

	return made_text("%s%s", buf_text(&a), buf_text(&b));
}

static void
v35_every_container_is_read(void **state)
{
	EVP_PKEY *key = made_key("EC:P-256");
	X509 *leaf = made_cert("leaf"), *issuer = made_cert("issuer");

	assert_read("a.pem", pair(), NULL, "leaf", "issuer", NULL);
	assert_read("a.crt", made_cert_der(leaf), NULL, "leaf", NULL, NULL);
	assert_read("a.p7b", made_pkcs7(leaf, issuer, true), NULL, "leaf", "issuer", NULL);
	assert_read("a.p7c", made_pkcs7(leaf, issuer, false), NULL, "leaf", "issuer", NULL);
	assert_read("a.p12", made_pkcs12(key, leaf, issuer, SECRET, NID_aes_256_cbc, 2048, 2048),
	    SECRET, "leaf", "issuer", NULL);
	assert_read("old.pfx",
	    made_pkcs12(key, leaf, issuer, SECRET, NID_pbe_WithSHA1And40BitRC2_CBC, 2048, 1),
	    SECRET, "leaf", "issuer", NULL);
}

static void
v35_a_zip_of_any_of_them_is_read(void **state)
{
	struct buf in[] = { made_cert_pem(made_cert("leaf")),
		made_pkcs7(made_cert("issuer"), NULL, false) };

	assert_read("answer.zip", made_zip(in, 2, false), NULL, "leaf", "issuer", NULL);
	buf_free(&in[0]);
	buf_free(&in[1]);
}

static void
v31_a_whole_mail_is_read(void **state)
{
	AUTO_BUF struct buf p = pair();
	AUTO_BUF struct buf mail = made_text("Dear customer,\n\nhere it is - for 2 years:\n\n"
					     "%s\nRegards\n--\nThe CA\n",
	    buf_text(&p));

	assert_read("mail", made_text("%s", buf_text(&mail)), NULL, "leaf", "issuer",
	    "text around the PEM blocks");
	assert_read("mail", made_prefixed(&mail, "> "), NULL, "leaf", "issuer", "'>' quoting");
	assert_read("mail", made_prefixed(&mail, ">> > "), NULL, "leaf", "issuer", "'>' quoting");
}

static void
what_editors_do_is_mended_and_said(void **state)
{
	AUTO_BUF struct buf p = pair();
	AUTO_BUF struct buf crlf = made_replaced(&p, "\n", "\r\n");

	assert_read("a", made_replaced(&p, "\n", "\r\n"), NULL, "leaf", "issuer", "CRLF line ends");
	assert_read("a", made_replaced(&p, "\n", "\r"), NULL, "leaf", "issuer", "CR line ends");
	assert_read("a", made_text("\xef\xbb\xbf%s", buf_text(&p)), NULL, "leaf", "issuer",
	    "a byte order mark");
	assert_read("a", made_utf16(&crlf, false, true), NULL, "leaf", "issuer", "UTF-16");
	assert_read("a", made_utf16(&p, true, true), NULL, "leaf", "issuer", "UTF-16");
	assert_read("a", made_utf16(&p, false, false), NULL, "leaf", "issuer", "UTF-16");
	assert_read("a", made_prefixed(&p, "    "), NULL, "leaf", "issuer", "leading spaces");
	assert_read("a", made_prefixed(&p, "\t"), NULL, "leaf", "issuer", "leading spaces");
	assert_read("a", made_replaced(&p, "-----", "\xe2\x80\x94\xe2\x80\x94-"), NULL, "leaf",
	    "issuer", "dashes");
	assert_read("a", made_replaced(&p, "\n", "\\n"), NULL, "leaf", "issuer", "written as \\n");
	assert_read("a", made_replaced(&p, "\n", " "), NULL, "leaf", "issuer", "lost line ends");
	assert_read("a", made_replaced(&p, "\n", ""), NULL, "leaf", "issuer", "lost line ends");
	/* END and BEGIN in one line, with the dashes of both, and of one of them */
	assert_read(
	    "a", made_replaced(&p, "-----\n-----", "----------"), NULL, "leaf", "issuer", NULL);
	assert_read("a", made_replaced(&p, "-----\n-----", "-----"), NULL, "leaf", "issuer", NULL);
	p.len--; /* no final newline */
	assert_read("a", made_replaced(&p, "", ""), NULL, "leaf", "issuer", NULL);
}

static void
v31_quoted_printable_with_and_without_headers(void **state)
{
	AUTO_BUF struct buf p = pair();
	AUTO_BUF struct buf qp = made_quoted_printable(&p);

	assert_read("a",
	    made_text("From: ca@example.com\nContent-Type: text/plain\n"
		      "Content-Transfer-Encoding: quoted-printable\n\nHello =E2=9C=93\n%s",
		buf_text(&qp)),
	    NULL, "leaf", "issuer", "quoted-printable");
	assert_read("a", made_text("Hello\n\n%s", buf_text(&qp)), NULL, "leaf", "issuer",
	    "quoted-printable");
}

/* A multipart mail whose second part is `attachment`, in base64. */
static struct buf
mail_with(const char *type, struct buf attachment)
{
	AUTO_BUF struct buf encoded = made_base64(&attachment);
	struct buf mail = made_text(
	    "From: ca@example.com\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=\"----=_x\"\n\n"
	    "------=_x\nContent-Type: text/plain\n\nsee attachment\n"
	    "------=_x\nContent-Type: %s; name=\"a\"\n"
	    "Content-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n"
	    "%s\n------=_x--\n",
	    type, buf_text(&encoded));

	buf_free(&attachment);
	return mail;
}

static void
v31_base64_attachments_are_read(void **state)
{
	X509 *leaf = made_cert("leaf");
	struct buf in = made_cert_pem(leaf);

	assert_read("a", mail_with("application/x-pem-file", pair()), NULL, "leaf", "issuer",
	    "base64 mail body");
	assert_read("a", mail_with("application/pkix-cert", made_cert_der(leaf)), NULL, "leaf",
	    NULL, "base64 mail body");
	assert_read("a",
	    mail_with("application/pkcs12",
		made_pkcs12(NULL, leaf, NULL, SECRET, NID_aes_256_cbc, 2048, 2048)),
	    SECRET, "leaf", NULL, "base64 mail body");
	assert_read("a", mail_with("application/zip", made_zip(&in, 1, false)), NULL, "leaf", NULL,
	    "base64 mail body");
	buf_free(&in);
}

static void
a_mails_own_signature_is_left_out(void **state)
{
	AUTO_BUF struct buf p = pair();
	AUTO_BUF struct buf mail = mail_with(
	    "application/pkcs7-signature", made_pkcs7(made_cert("author"), NULL, false));
	AUTO_BUF struct buf both = made_text("%s%s", buf_text(&p), buf_text(&mail));
	struct asked a;

	ask_bundle(&a, "mail", &both, NULL);
	assert_int_equal(a.result, 0);
	assert_int_equal(a.bundle.ncerts, 2);
	assert_true(has_text(a.bundle.notes, a.bundle.nnotes, "own signature"));
	asked_clear(&a);
}

static void
other_labels_and_bare_base64_are_read(void **state)
{
	AUTO_BUF struct buf p = pair();
	AUTO_BUF struct buf der = made_cert_der(made_cert("leaf"));
	AUTO_BUF struct buf trusted = made_cert_der(made_cert("leaf"));
	AUTO_BUF struct buf p7 = made_pkcs7(made_cert("leaf"), made_cert("issuer"), true);
	struct buf text;

	assert_read("a", made_replaced(&p, " CERTIFICATE", " X509 CERTIFICATE"), NULL, "leaf",
	    "issuer", NULL);
	assert_read("a", made_replaced(&p, " CERTIFICATE", " TRUSTED CERTIFICATE"), NULL, "leaf",
	    "issuer", NULL);
	assert_read(
	    "a", made_replaced(&p7, " PKCS7", " CERTIFICATE"), NULL, "leaf", "issuer", NULL);
	assert_read("a", made_base64(&der), NULL, "leaf", NULL, "base64 without BEGIN");
	buf_put(&trusted, "\x30\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01", 14);
	text = made_base64(&trusted);
	assert_read("a",
	    made_text("-----BEGIN TRUSTED CERTIFICATE-----\n%s"
		      "-----END TRUSTED CERTIFICATE-----\n",
		buf_text(&text)),
	    NULL, "leaf", NULL, "trust settings");
	buf_free(&text);
}

static void
what_is_not_wanted_is_noted_and_never_echoed(void **state)
{
	AUTO_BUF struct buf key = made_pkcs8(made_key("EC:P-256"), NULL);
	AUTO_BUF struct buf cert = made_cert_pem(made_cert("leaf"));
	AUTO_BUF struct buf csr = made_csr(made_key("EC:P-256"));
	AUTO_BUF struct buf crl = made_crl(made_key("EC:P-256"));
	AUTO_BUF struct buf all = made_text("%s%s%s%s-----BEGIN CERTIFICATE-----\nMIIB\n",
	    buf_text(&key), buf_text(&csr), buf_text(&crl), buf_text(&cert));
	struct asked a;

	ask_bundle(&a, "a.txt", &all, NULL);
	assert_int_equal(a.result, 0);
	assert_int_equal(a.bundle.ncerts, 1);
	assert_string_equal(a.bundle.certs[0].from, "a.txt, PEM block 4");
	assert_true(has_text(a.bundle.notes, a.bundle.nnotes, "private key"));
	assert_true(has_text(a.bundle.notes, a.bundle.nnotes, "signing request"));
	assert_true(has_text(a.bundle.notes, a.bundle.nnotes, "revocation list"));
	assert_true(has_text(a.bundle.notes, a.bundle.nnotes, "cut off"));
	asked_clear(&a);
}

static void
a_certificate_given_twice_is_one(void **state)
{
	AUTO_BUF struct buf p = pair();

	assert_read(
	    "a", made_text("%s%s", buf_text(&p), buf_text(&p)), NULL, "leaf", "issuer", NULL);
}

static void
several_files_are_one_answer(void **state)
{
	AUTO_BUF struct buf a = made_cert_pem(made_cert("leaf"));
	AUTO_BUF struct buf b = made_cert_der(made_cert("issuer"));
	struct reader_file files[] = { { "a.pem", a.data, a.len }, { "b\x1b.cer", b.data, b.len } };
	struct arena *arena = arena_new();
	struct reader_bundle out;
	struct err e = { 0 };

	assert_int_equal(readers_bundle(readers, files, 2, NULL, arena, &out, &e), 0);
	assert_int_equal(out.ncerts, 2);
	assert_string_equal(out.certs[0].from, "a.pem, PEM block 1");
	assert_string_equal(out.certs[1].from, "file 2"); /* its name had an escape */
	arena_free(arena);
}

static void
what_is_no_certificate_is_named(void **state)
{
	EVP_PKEY *key = made_key("EC:P-256");

	assert_refused("a", made_csr(key), NULL, R_BUNDLE_CSR, "files");
	assert_refused("a", made_pkcs8(key, NULL), NULL, R_BUNDLE_KEY, "files");
	assert_refused("a", made_traditional(key, SECRET), NULL, R_BUNDLE_KEY, "files");
	assert_refused("a", made_pkcs8_der(key), NULL, R_BUNDLE_KEY, "files");
	assert_refused("a", made_crl(key), NULL, R_BUNDLE_CRL, "files");
	assert_refused("a", made_public(key), NULL, R_BUNDLE_PUBLIC, "files");
	assert_refused("a", made_text("thank you, it will come\n"), NULL, R_BUNDLE_NONE, "files");
	assert_refused("a",
	    made_text("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n=ab\n"
		      "-----END PGP MESSAGE-----\n"),
	    NULL, R_FILE_PGP, "files");
	assert_refused(
	    "a", made_text("<html><body>Sign in</body></html>"), NULL, R_FILE_HTML, "files");
	assert_refused("a", made_text("\xfe\xed\xfe\xed keystore"), NULL, R_FILE_JKS, "files");
	assert_refused("a", made_text("%s", ""), NULL, R_FILE_EMPTY, "files");
	assert_refused("a", made_text("\n \r\n"), NULL, R_FILE_EMPTY, "files");
}

static void
damaged_files_are_named(void **state)
{
	AUTO_BUF struct buf pem = made_cert_pem(made_cert("leaf"));
	AUTO_BUF struct buf der = made_cert_der(made_cert("leaf"));
	AUTO_BUF struct buf p7 = made_pkcs7(made_cert("leaf"), NULL, false);
	AUTO_BUF struct buf p12 = made_pkcs12(
	    NULL, made_cert("leaf"), NULL, SECRET, NID_aes_256_cbc, 2048, 2048);
	AUTO_BUF struct buf zip = made_zip(&pem, 1, false);

	assert_refused(
	    "a", made_replaced(&pem, "-----END", "-----"), NULL, R_FILE_PEM_CUT, "files");
	assert_refused("a", made_replaced(&pem, "\n-----END", "!\n-----END"), NULL,
	    R_FILE_PEM_BASE64, "files");
	der.len -= 10;
	assert_refused("a", made_replaced(&der, "", ""), NULL, R_FILE_DER, "files");
	p7.data[14] ^= 0xff; /* the content type is now unknown */
	assert_refused("a", made_replaced(&p7, "", ""), NULL, R_FILE_PKCS7, "files");
	p12.data[5] ^= 0xff;
	assert_refused("a", made_replaced(&p12, "", ""), SECRET, R_FILE_DER, "files");
	zip.len -= 30;
	assert_refused("a", made_replaced(&zip, "", ""), NULL, R_ZIP_MALFORMED, "files");
}

static void
a_pkcs12_wants_its_passphrase(void **state)
{
	X509 *leaf = made_cert("leaf");
	AUTO_BUF struct buf bad = made_pkcs12(NULL, leaf, NULL, SECRET, -1, 1, 0);

	assert_refused("a", made_pkcs12(NULL, leaf, NULL, SECRET, NID_aes_256_cbc, 2048, 2048),
	    NULL, R_PASSPHRASE_NEEDED, "passphrase");
	assert_refused("a", made_pkcs12(NULL, leaf, NULL, SECRET, NID_aes_256_cbc, 2048, 2048),
	    "wrong", R_PASSPHRASE_WRONG, "passphrase");
	/* the certificate inside its bag is broken; without a MAC nobody notices before */
	bad.data[bad.len - 200] ^= 0xff;
	bad.data[60] ^= 0xff;
	assert_refused("a", made_replaced(&bad, "", ""), NULL, R_FILE_PKCS12, "files");
}

static void
a_zip_has_its_own_faults(void **state)
{
	AUTO_BUF struct buf pem = made_cert_pem(made_cert("leaf"));
	struct buf inner = made_zip(&pem, 1, false);
	struct buf many[33];

	for (size_t i = 0; i < nitems(many); i++)
		many[i] = pem;
	assert_refused("a", made_zip(many, nitems(many), false), NULL, R_ZIP_ENTRIES, "files");
	assert_read("a", made_zip(many, nitems(many) - 1, false), NULL, "leaf", NULL, NULL);
	assert_refused("a", made_zip(&pem, 1, true), NULL, R_ZIP_ENCRYPTED, "files");
	assert_refused("a", made_zip(&inner, 1, false), NULL, R_ZIP_NESTED, "files");
	buf_free(&inner);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(v35_every_container_is_read),
	cmocka_unit_test(v35_a_zip_of_any_of_them_is_read),
	cmocka_unit_test(v31_a_whole_mail_is_read),
	cmocka_unit_test(what_editors_do_is_mended_and_said),
	cmocka_unit_test(v31_quoted_printable_with_and_without_headers),
	cmocka_unit_test(v31_base64_attachments_are_read),
	cmocka_unit_test(a_mails_own_signature_is_left_out),
	cmocka_unit_test(other_labels_and_bare_base64_are_read),
	cmocka_unit_test(what_is_not_wanted_is_noted_and_never_echoed),
	cmocka_unit_test(a_certificate_given_twice_is_one),
	cmocka_unit_test(several_files_are_one_answer),
	cmocka_unit_test(what_is_no_certificate_is_named),
	cmocka_unit_test(damaged_files_are_named),
	cmocka_unit_test(a_pkcs12_wants_its_passphrase),
	cmocka_unit_test(a_zip_has_its_own_faults),
};
const struct group bundle_group = { tests, nitems(tests) };
