/*
 * test_hostile.c - P31, P33: no file stops the house, or costs more than its
 * reader may
 *
 * asn1.c
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <openssl/objects.h>

#include <stdio.h>

#include "base/limits.h"
#include "tests.h"

/* After whatever it was: the spawner still answers a good file. */
static void
assert_still_alive(void)
{
	assert_read("good", made_cert_pem(made_cert("leaf")), NULL, "leaf", NULL, NULL);
}

static struct buf
repeated(const char *piece, size_t size)
{
	struct buf b = { 0 };

	while (b.len + strlen(piece) <= size)
		buf_put_text(&b, piece);
	return b;
}

/* Any answer but a hang or a crash of the spawner. */
static void
survive(struct buf file, const char *passphrase)
{
	struct key_answer k;
	struct asked a;

	ask_bundle(&a, "hostile", &file, passphrase);
	assert_int_not_equal(a.err.refusal, R_READER_TIMEOUT);
	assert_int_not_equal(a.err.refusal, R_READER_FAILED);
	asked_clear(&a);
	ask_key(&file, passphrase, &k);
	assert_true(k.answered || k.key != NULL);
	key_answer_clear(&k);
	buf_free(&file);
}

static void
p31_a_mebibyte_of_anything_is_refused(void **state)
{
	struct key_answer k;
	AUTO_BUF struct buf dashes = repeated("-", LIMIT_BODY);

	assert_refused("a", repeated("-", LIMIT_BODY), NULL, R_FILE_LARGE, "files");
	assert_refused("a", repeated("-", LIMIT_BODY + 1), NULL, R_FILE_LARGE, "files");
	ask_key(&dashes, NULL, &k);
	assert_int_equal(k.err.refusal, R_FILE_LARGE);
	key_answer_clear(&k);
	survive(repeated("-", LIMIT_BUNDLE), NULL);
	survive(repeated("-----BEGIN ", LIMIT_BUNDLE), NULL);
	survive(repeated("-----BEGIN X-----\n", LIMIT_BUNDLE), NULL);
	survive(repeated("-----END X-----\n", LIMIT_BUNDLE), NULL);
	survive(repeated("Content-Transfer-Encoding: base64\n\n", LIMIT_BUNDLE), NULL);
	survive(repeated("=3D=\n", LIMIT_BUNDLE), NULL);
	survive(repeated(">", LIMIT_BUNDLE), NULL);
	survive(repeated("MIIB", LIMIT_BUNDLE), NULL);
	survive(repeated("[", LIMIT_BUNDLE), NULL);
	survive(repeated("{\"a\":", LIMIT_BUNDLE), NULL);
	assert_still_alive();
}

static void
p31_garbage_between_begin_and_end(void **state)
{
	AUTO_BUF struct buf body = repeated("QUFB\n", LIMIT_BUNDLE - 100);
	struct buf file = { 0 };

	buf_put_text(&file, "-----BEGIN CERTIFICATE-----\n");
	buf_put(&file, body.data, body.len);
	buf_put_text(&file, "-----END CERTIFICATE-----\n");
	assert_refused("a", file, NULL, R_BUNDLE_NONE, "files");
}

static void
p31_asn1_nested_too_deep(void **state)
{
	struct buf deep = { 0 }, endless = { 0 };

	for (size_t len = 4 * 60; len >= 4; len -= 4) {
		buf_put_u16(&deep, 0x3082);
		buf_put_u16(&deep, (uint16_t)(len - 4));
	}
	for (int i = 0; i < 100000; i++)
		buf_put(&endless, "\x30\x80", 2);
	assert_refused("a", deep, NULL, R_FILE_DEEP, "files");
	assert_refused("a", endless, NULL, R_FILE_DEEP, "files");
}

static void
p31_too_many_objects(void **state)
{
	struct buf all = { 0 };
	char name[32];

	for (int i = 0; i < LIMIT_PEM_OBJECTS + 1; i++) {
		snprintf(name, sizeof(name), "many %d", i);
		struct buf one = made_cert_pem(made_cert(name));

		buf_put(&all, one.data, one.len);
		buf_free(&one);
	}
	assert_refused("a", all, NULL, R_FILE_MANY, "files");
}

static void
p31_truncated_anywhere(void **state)
{
	EVP_PKEY *key = made_key("EC:P-256");
	AUTO_BUF struct buf pem = made_cert_pem(made_cert("leaf"));
	struct buf files[] = { made_pkcs12(
				   key, made_cert("leaf"), NULL, SECRET, NID_aes_256_cbc, 100, 100),
		made_pkcs7(made_cert("leaf"), NULL, false), made_zip(&pem, 1, false),
		made_cert_pem(made_cert("leaf")), made_pkcs8(key, SECRET), made_jwk(key, true) };

	for (size_t i = 0; i < nitems(files); i++) {
		for (size_t n = 0; n < files[i].len; n += 16) {
			struct buf part = { 0 };

			buf_put(&part, files[i].data, n);
			survive(part, SECRET);
		}
		buf_free(&files[i]);
	}
	assert_still_alive();
}

static void
p31_every_byte_changed_once(void **state)
{
	struct buf p12 = made_pkcs12(
	    made_key("EC:P-256"), made_cert("leaf"), NULL, SECRET, NID_aes_256_cbc, 10, 10);

	for (size_t i = 0; i < p12.len; i += 5) {
		struct buf changed = made_replaced(&p12, "", "");

		changed.data[i] ^= 0x80;
		survive(changed, SECRET);
	}
	buf_free(&p12);
	assert_still_alive();
}

#define ROUNDS 0x011170 /* 70,000: three bytes, easily found */

/* The INTEGER ROUNDS becomes the largest of three bytes, 8,388,607. */
static struct buf
with_many_rounds(struct buf in)
{
	struct buf out = made_replaced(&in, "\x02\x03\x01\x11\x70", "\x02\x03\x7f\xff\xff");

	assert_memory_not_equal(in.data, out.data, in.len);
	buf_free(&in);
	return out;
}

static void
refuse_iterations(struct buf file)
{
	struct key_answer k;

	ask_key(&file, SECRET, &k);
	assert_true(k.answered);
	assert_string_equal(refusal_id(k.err.refusal), "file.encryption.iterations");
	key_answer_clear(&k);
	buf_free(&file);
}

/* PBES2 with 2^31 - 1 rounds; in PKCS#12 the check and the safe one by one. */
static void
p31_iterations_are_read_before_they_are_done(void **state)
{
	EVP_PKEY *key = made_key("EC:P-256");
	struct buf p8 = { 0 };
	static const unsigned char encrypted[] = {
		0x30,
		0x5b,
		0x30,
		0x57,
		0x06,
		0x09,
		0x2a,
		0x86,
		0x48,
		0x86,
		0xf7,
		0x0d,
		0x01,
		0x05,
		0x0d,
		0x30,
		0x4a,
		0x30,
		0x29,
		0x06,
		0x09,
		0x2a,
		0x86,
		0x48,
		0x86,
		0xf7,
		0x0d,
		0x01,
		0x05,
		0x0c,
		0x30,
		0x1c,
		0x04,
		0x08,
		1,
		2,
		3,
		4,
		5,
		6,
		7,
		8,
		0x02,
		0x02,
		0x7f,
		0xff,
		0x30,
		0x0c,
		0x06,
		0x08,
		0x2a,
		0x86,
		0x48,
		0x86,
		0xf7,
		0x0d,
		0x02,
		0x09,
		0x05,
		0x00,
		0x30,
		0x1d,
		0x06,
		0x09,
		0x60,
		0x86,
		0x48,
		0x01,
		0x65,
		0x03,
		0x04,
		0x01,
		0x2a,
		0x04,
		0x10,
		1,
		2,
		3,
		4,
		5,
		6,
		7,
		8,
		9,
		10,
		11,
		12,
		13,
		14,
		15,
		16,
		0x04,
		0x00,
	};

	buf_put(&p8, encrypted, sizeof(encrypted));
	p8.data[1] += 2; /* SEQUENCE lengths grow by the two new bytes */
	p8.data[3] += 2;
	p8.data[16] += 2;
	p8.data[18] += 2;
	p8.data[31] += 2;
	for (size_t i = 0; i + 4 < p8.len; i++)
		if (memcmp(p8.data + i, "\x02\x02\x7f\xff", 4) == 0) {
			struct buf big = { 0 };

			buf_put(&big, p8.data, i);
			buf_put(&big, "\x02\x04\x7f\xff\xff\xff", 6);
			buf_put(&big, p8.data + i + 4, p8.len - i - 4);
			refuse_iterations(big);
		}
	buf_free(&p8);
	refuse_iterations(with_many_rounds(made_pkcs12(key, NULL, NULL, SECRET, -1, 1, ROUNDS)));
	refuse_iterations(
	    with_many_rounds(made_pkcs12(key, NULL, NULL, SECRET, NID_aes_256_cbc, ROUNDS, 0)));
	refuse_iterations(with_many_rounds(
	    made_pkcs12(NULL, made_cert("leaf"), NULL, SECRET, NID_aes_256_cbc, ROUNDS, 0)));
}

static void
p31_zip_bombs_and_lies(void **state)
{
	struct buf bomb = repeated("A", 16 * LIMIT_BODY);
	struct buf many[4000];
	struct buf one = made_text("x");
	struct buf zip, lie;

	assert_refused("a", made_zip(&bomb, 1, false), NULL, R_ZIP_SIZE, "files");
	for (size_t i = 0; i < nitems(many); i++)
		many[i] = one;
	zip = made_zip(many, 1500, false);
	assert_true(zip.len <= LIMIT_BUNDLE);
	assert_refused("a", zip, NULL, R_ZIP_ENTRIES, "files");
	bomb.len = 100000;
	zip = made_zip(&bomb, 1, false);
	for (size_t i = 0; i < zip.len; i += 3) { /* every field of the directory lies */
		lie = made_replaced(&zip, "", "");
		lie.data[i] = 0xff;
		survive(lie, NULL);
	}
	buf_free(&zip);
	buf_free(&bomb);
	buf_free(&one);
	assert_still_alive();
}

static void
a_request_that_is_none_gets_no_answer(void **state)
{
	static const char *const frames[] = { "", "\0\0\0\1K", "\377\377\377\377", "\0\0\0\0",
		"\0\0\0\6K\0\0\0\0\2", "\0\0\0\6B\0\0\0\0\1", "\0\0\0\7K\0\0\0\0\0\0" };
	static const size_t sizes[] = { 0, 5, 4, 4, 10, 10, 11 };

	for (size_t i = 0; i < nitems(frames); i++) {
		AUTO_BUF struct buf answer = ask_raw('K', frames[i], sizes[i]);

		assert_int_equal(answer.len, 0);
	}
	assert_still_alive();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(p31_a_mebibyte_of_anything_is_refused),
	cmocka_unit_test(p31_garbage_between_begin_and_end),
	cmocka_unit_test(p31_asn1_nested_too_deep),
	cmocka_unit_test(p31_too_many_objects),
	cmocka_unit_test(p31_truncated_anywhere),
	cmocka_unit_test(p31_every_byte_changed_once),
	cmocka_unit_test(p31_iterations_are_read_before_they_are_done),
	cmocka_unit_test(p31_zip_bombs_and_lies),
	cmocka_unit_test(a_request_that_is_none_gets_no_answer),
};
const struct group hostile_group = { tests, nitems(tests) };
