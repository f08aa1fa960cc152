/*
 * test_bundle.c - what is sealed opens, and only what is a bundle is taken for one
 *
 * bundle_seal.c, bundle_manifest.c, bundle_write.c, bundle_read.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/bundle.h"

#define WORDS		     "correct horse battery staple"
#define DIGEST		     "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define FILE_ROW(name, size) "{\"name\":\"" name "\",\"size\":" size ",\"sha256\":\"" DIGEST "\"}"
#define FILES(kek)                                                          \
	"[" FILE_ROW("kek", kek) "," FILE_ROW("journal", "7") "," FILE_ROW( \
	    "sign-journal", "0") "," FILE_ROW("certwright.db", "99999999999") "]"
#define MANIFEST(version, files)                                                                 \
	"{\"certwright-bundle\":{\"version\":\"" version "\",\"made\":\"2026-11-27T03:12:00Z\"," \
	"\"instance\":\"i1\",\"files\":" files "}}"

static void
V47_what_was_sealed_opens_with_the_passphrase_only(void **state)
{
	AUTO_BUF struct buf der = { 0 }, plain = { 0 }, sealed = { 0 };
	unsigned char key[BUNDLE_KEY] = { 7 }, got[BUNDLE_KEY], other[BUNDLE_KEY] = { 8 };
	struct err e = { 0 };

	assert_int_equal(bundle_seal("a\0b", 3, key, &der, &e), 0);
	assert_int_equal(bundle_seal_key(key, WORDS, &sealed, &e), 0);
	assert_int_equal(bundle_open_key(sealed.data, sealed.len, WORDS, got, &e), 0);
	assert_int_equal(bundle_open(der.data, der.len, got, &plain, &e), 0);
	assert_int_equal(plain.len, 3);
	assert_memory_equal(plain.data, "a\0b", 3);
	assert_int_equal(bundle_open_key(sealed.data, sealed.len, WORDS " ", got, &e), -1);
	assert_int_equal(e.refusal, R_SECURITY_BUNDLE_PASSPHRASE);
	err_clear(&e);
	assert_int_equal(bundle_open(der.data, der.len, other, &plain, &e), -1);
	assert_int_equal(e.refusal, R_SECURITY_BUNDLE_DAMAGED);
	err_clear(&e);
	assert_int_equal(bundle_open(der.data, der.len - 1, key, &plain, &e), -1);
	assert_int_equal(e.refusal, R_SECURITY_BUNDLE_DAMAGED);
	assert_int_equal(plain.len, 3);
}

/* What was sealed the one way is not taken the other way. */
static void
V47_key_and_content_are_told_apart(void **state)
{
	AUTO_BUF struct buf der = { 0 }, plain = { 0 }, sealed = { 0 };
	unsigned char key[BUNDLE_KEY] = { 7 }, got[BUNDLE_KEY];
	struct err e = { 0 };

	assert_int_equal(bundle_seal("x", 1, key, &der, &e), 0);
	assert_int_equal(bundle_seal_key(key, WORDS, &sealed, &e), 0);
	assert_int_equal(bundle_open(sealed.data, sealed.len, key, &plain, &e), -1);
	assert_int_equal(e.refusal, R_SECURITY_BUNDLE_DAMAGED);
	err_clear(&e);
	assert_int_equal(bundle_open_key(der.data, der.len, WORDS, got, &e), -1);
	assert_int_equal(e.refusal, R_SECURITY_BUNDLE_DAMAGED);
}

static void
V47_a_manifest_is_read_as_it_was_written(void **state)
{
	struct bundle b = { .made = "2026-11-27T03:12:00Z",
		.instance = "i1",
		.files = { { NEXT_KEK, -1, 32, { 1 } }, { NEXT_JOURNAL, -1, 7, { 2 } },
		    { NEXT_SIGN_JOURNAL, -1, 0, { 3 } },
		    { NEXT_DATABASE, -1, (uint64_t)5 << 32, { 4 } } } };
	char *text = bundle_manifest(&b);
	struct bundle got = { 0 };
	struct err e = { 0 };

	assert_int_equal(bundle_take_manifest(&got, text, strlen(text), &e), 0);
	assert_string_equal(got.made, b.made);
	assert_string_equal(got.instance, b.instance);
	assert_memory_equal(got.files, b.files, sizeof(b.files));
	free(text);
}

static void
V47_what_is_no_manifest_is_refused(void **state)
{
	static const char *const wrong[] = { "", "[]", "{}", "{\"certwright-bundle\":{}}",
		MANIFEST("2", FILES("32")), MANIFEST("1", FILES("33")), MANIFEST("1", FILES("-1")),
		MANIFEST("1", "[]"), MANIFEST("1", "[" FILE_ROW("kek", "32") "]"),
		MANIFEST("1",
		    "[" FILE_ROW("kek", "32") "," FILE_ROW("../kek", "7") "," FILE_ROW(
			"sign-journal", "0") "," FILE_ROW("certwright.db", "9") "]"),
		MANIFEST("1", FILES("32")) "x" };
	const char *good = MANIFEST("1", FILES("32"));
	struct bundle b;
	struct err e = { 0 };

	assert_int_equal(bundle_take_manifest(&b, good, strlen(good), &e), 0);
	for (size_t i = 0; i < nitems(wrong); i++) {
		err_clear(&e);
		assert_int_equal(bundle_take_manifest(&b, wrong[i], strlen(wrong[i]), &e), -1);
		assert_int_equal(e.refusal, R_SECURITY_BUNDLE_DAMAGED);
	}
}

static void
V47_a_file_is_cut_into_parts(void **state)
{
	char name[64];

	assert_int_equal(bundle_parts(0), 0);
	assert_int_equal(bundle_parts(1), 1);
	assert_int_equal(bundle_parts(BUNDLE_PART), 1);
	assert_int_equal(bundle_parts(BUNDLE_PART + 1), 2);
	assert_string_equal(bundle_member(name, NEXT_DATABASE, 12), "certwright.db.12.cms");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(V47_what_was_sealed_opens_with_the_passphrase_only),
		cmocka_unit_test(V47_key_and_content_are_told_apart),
		cmocka_unit_test(V47_a_manifest_is_read_as_it_was_written),
		cmocka_unit_test(V47_what_is_no_manifest_is_refused),
		cmocka_unit_test(V47_a_file_is_cut_into_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
