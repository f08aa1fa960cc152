/*
 * test_deliver.c - a pair into the files of a target, or all as before
 *
 * place.c, deliver.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "base/io.h"
#include "deliver/deliver.h"
#include "deliver/place.h"

static char folder[] = "/tmp/cw-deliver-XXXXXX";
static char path[80];
static struct target target;
static struct delivery_key key;
static struct bytes certificate;
static unsigned char *leaf, *spki, *pkcs8;
static struct err e;

static int
a_pair(void **state)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509 *x = X509_new();

	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/pair.pem", folder);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_set_version(x, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, pkey);
	X509_sign(x, pkey, EVP_sha256());
	certificate.len = (size_t)i2d_X509(x, &leaf);
	certificate.data = leaf;
	key.spki.len = (size_t)i2d_PUBKEY(pkey, &spki);
	key.spki.data = spki;
	key.pkcs8.len = (size_t)i2d_PrivateKey(pkey, &pkcs8);
	key.pkcs8.data = pkcs8;
	X509_free(x);
	EVP_PKEY_free(pkey);
	return 0;
}

static int
no_pair_any_more(void **state)
{
	unlink(path);
	rmdir(folder);
	OPENSSL_free(leaf);
	OPENSSL_free(spki);
	OPENSSL_free(pkcs8);
	return 0;
}

static int
fresh(void **state)
{
	target = (struct target){ .name = "web",
		.kind = TARGET_FILES,
		.nfiles = 1,
		.owner = (uid_t)-1,
		.group = (gid_t)-1,
		.timeout_s = 5 };
	target.files[0] = (struct target_file){ CONTENT_BOTH, path, folder, "pair.pem", 0600 };
	err_clear(&e);
	return 0;
}

static void
has(const char *text)
{
	AUTO_BUF struct buf b = { 0 };

	assert_int_equal(file_read(&b, path, 100000, &e), 0);
	assert_non_null(strstr(buf_text(&b), text));
}

static void
both_are_in_the_file(void **state)
{
	assert_int_equal(deliver(&target, &certificate, &key, &e), 0);
	has("BEGIN CERTIFICATE");
	has("BEGIN PRIVATE KEY");
}

static void
P5_what_is_no_pair_changes_nothing(void **state)
{
	struct delivery_key other = key;
	struct bytes cut = certificate;

	other.spki.len--;
	assert_int_equal(deliver(&target, &certificate, &other, &e), -1);
	assert_int_equal(e.refusal, R_DELIVER_PAIR);
	err_clear(&e);
	cut.len -= 3;
	assert_int_equal(deliver(&target, &cut, &key, &e), -1);
	assert_int_equal(e.refusal, R_DELIVER_PAIR);
	err_clear(&e);
	has("BEGIN CERTIFICATE");
}

static void
a_folder_that_is_gone_is_said(void **state)
{
	target.files[0].path = "/tmp/cw-deliver-none/pair.pem";
	target.files[0].folder = "/tmp/cw-deliver-none";
	assert_int_equal(deliver(&target, &certificate, &key, &e), -1);
	assert_int_equal(e.refusal, R_DELIVER_FILE);
	assert_non_null(strstr(e.message, "cw-deliver-none"));
}

/* ---- a crash in between ----------------------------------------------------------- */

static const char *const crash_files[] = { "key.pem", "cert.pem", ".key.pem.certwright-old",
	".cert.pem.certwright-old", ".key.pem.certwright-new", ".cert.pem.certwright-new" };

static const char *
at(const char *name)
{
	static char out[160];

	snprintf(out, sizeof(out), "%s/%s", folder, name);
	return out;
}

/* NULL: it is not there. */
static void
put(const char *name, const char *text)
{
	unlink(at(name));
	if (text != NULL)
		assert_int_equal(file_write(at(name), text, strlen(text), 0600, &e), 0);
}

/* "" when it is not there */
static const char *
got(const char *name)
{
	static char room[2][20];
	static int turn;
	AUTO_BUF struct buf b = { 0 };
	struct err none = { 0 };

	turn = !turn;
	if (file_read(&b, at(name), 20, &none) < 0)
		return "";
	snprintf(room[turn], sizeof(room[turn]), "%s", buf_text(&b));
	return room[turn];
}

static void
two_files(void)
{
	static char places[2][100];

	target.nfiles = 2;
	for (int i = 0; i < 2; i++)
		snprintf(places[i], sizeof(places[i]), "%s/%s", folder, crash_files[i]);
	target.files[0] = (struct target_file){ CONTENT_KEY, places[0], folder, "key.pem", 0600 };
	target.files[1] =
	    (struct target_file){ CONTENT_CERTIFICATES, places[1], folder, "cert.pem", 0644 };
}

/* What a crash left: key, certificate, the old ones, the new ones beside them. */
static void
left(const char *const state[6], bool found, const char *pair)
{
	for (size_t i = 0; i < 6; i++)
		put(crash_files[i], state[i]);
	assert_int_equal(place_recover(&target), found);
	assert_string_equal(got("key.pem"), pair);
	assert_string_equal(got("cert.pem"), pair);
	for (size_t i = 2; i < 6; i++)
		assert_int_not_equal(access(at(crash_files[i]), F_OK), 0);
	assert_false(place_recover(&target));
}

static void
P5_after_a_crash_key_and_certificate_are_of_one_pair(void **state)
{
	two_files();
	/* kept aside: the first, then both */
	left((const char *const[]){ "1", "1", "1", NULL, "2", "2" }, false, "1");
	left((const char *const[]){ "1", "1", "1", "1", "2", "2" }, true, "1");
	/* in place: the first, then both */
	left((const char *const[]){ "2", "1", "1", "1", NULL, "2" }, true, "1");
	left((const char *const[]){ "2", "2", "1", "1", NULL, NULL }, true, "1");
	/* forgotten: the last; taken back: the first */
	left((const char *const[]){ "2", "2", "1", NULL, NULL, NULL }, false, "2");
	left((const char *const[]){ "1", "2", NULL, "1", NULL, NULL }, true, "1");
	/* written: one; nothing */
	left((const char *const[]){ "1", "1", NULL, NULL, "2", NULL }, false, "1");
	left((const char *const[]){ "1", "1", NULL, NULL, NULL, NULL }, false, "1");
	for (size_t i = 0; i < 6; i++)
		put(crash_files[i], NULL);
}

/* Killed at the first of its two steps: the last file's old one is gone. */
static void
P5_what_was_is_forgotten_from_the_end(void **state)
{
	two_files();
	for (size_t i = 0; i < 4; i++)
		put(crash_files[i], i < 2 ? "2" : "1");
	target.files[0].folder = "/nowhere";
	place_done(&target);
	assert_string_equal(got(".key.pem.certwright-old"), "1");
	assert_string_equal(got(".cert.pem.certwright-old"), "");
	for (size_t i = 0; i < 6; i++)
		put(crash_files[i], NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(both_are_in_the_file, fresh),
		cmocka_unit_test_setup(P5_what_is_no_pair_changes_nothing, fresh),
		cmocka_unit_test_setup(a_folder_that_is_gone_is_said, fresh),
		cmocka_unit_test_setup(P5_after_a_crash_key_and_certificate_are_of_one_pair, fresh),
		cmocka_unit_test_setup(P5_what_was_is_forgotten_from_the_end, fresh),
	};

	return cmocka_run_group_tests_name("deliver", tests, a_pair, no_pair_any_more);
}
