/*
 * test_subject.c - a subject read by hand is the one that libcrypto reads
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "x509/der_put.h"
#include "x509/name.h"

struct attribute {
	const char *type;
	int encoding; /* MBSTRING_FLAG | ..., or V_ASN1_... of the bytes as they are */
	const char *value;
};

static X509_NAME *
name_of(const struct attribute *v)
{
	X509_NAME *name = X509_NAME_new();

	for (; v->type != NULL; v++)
		assert_int_equal(X509_NAME_add_entry_by_txt(name, v->type, v->encoding,
				     (const unsigned char *)v->value, -1, -1, 0),
		    1);
	return name;
}

/* Is it read by hand? Then as libcrypto does. */
static bool
by_hand(const struct attribute *v)
{
	AUTO(arena) struct arena *a = arena_new();
	X509_NAME *name = name_of(v);
	struct subject mine, theirs;
	unsigned char *der = NULL;
	struct err e = { 0 };
	int len = i2d_X509_NAME(name, &der);
	bool mineread;

	assert_true(len > 0);
	mineread = subject_of_der(a, der_of(der, (size_t)len), &mine);
	if (mineread) {
		assert_int_equal(subject_of(a, name, &theirs, &e), 0);
		assert_int_equal(mine.n, theirs.n);
		for (size_t i = 0; i < mine.n; i++) {
			assert_string_equal(mine.v[i].item, theirs.v[i].item);
			assert_string_equal(mine.v[i].value, theirs.v[i].value);
			assert_null(mine.v[i].fault);
		}
		assert_string_equal(subject_line(a, &mine), subject_text(a, name));
		assert_false(subject_of_der(a, der_of(der, (size_t)len - 1), &mine));
	}
	OPENSSL_free(der);
	X509_NAME_free(name);
	return mineread;
}

static void
ordinary_subjects_are_read_by_hand(void **state)
{
	static const struct attribute none[] = { { 0 } },
				      all[] = { { "C", MBSTRING_ASC, "US" },
					      { "ST", MBSTRING_UTF8, "New Jersey" },
					      { "L", V_ASN1_PRINTABLESTRING, "Hackensack" },
					      { "O", MBSTRING_UTF8,
						  "Z\xc3\xbcrich \xf0\x9f\x94\x91" },
					      { "OU", MBSTRING_UTF8, "One" },
					      { "OU", MBSTRING_UTF8, "Two" },
					      { "CN", MBSTRING_UTF8, "a.example.com" },
					      { "emailAddress", V_ASN1_IA5STRING, "a@example.com" },
					      { "jurisdictionC", MBSTRING_ASC, "US" }, { 0 } };

	assert_true(by_hand(none));
	assert_true(by_hand(all));
}

/* A Name of n attributes, all the same: written as it stands. */
static bool
one_by_hand(const char *oid, unsigned char tag, const char *value, size_t n)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO_BUF struct buf name = { 0 };
	struct subject s;

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf one = { 0 };

		der_put(&one, DER_OID, oid, strlen(oid));
		der_put(&one, tag, value, strlen(value));
		der_wrap(&one, DER_SEQUENCE);
		der_put(&name, DER_SET, one.data, one.len);
	}
	der_wrap(&name, DER_SEQUENCE);
	return subject_of_der(a, der_of(name.data, name.len), &s);
}

static void
what_is_rare_or_faulty_is_left_to_libcrypto(void **state)
{
	static const struct {
		const char *oid;
		unsigned char tag;
		const char *value;
	} cases[] = { { "\x55\x04\x0a", V_ASN1_BMPSTRING, "ab" },
		{ "\x55\x04\x0a", V_ASN1_T61STRING, "ab" },
		{ "\x55\x04\x0a", V_ASN1_OCTET_STRING, "ab" },
		{ "\x55\x04\x0a", DER_PRINTABLE, "Z\xfcrich" },
		{ "\x55\x04\x0a", DER_IA5, "Z\xc3\xbcrich" },
		{ "\x55\x04\x0a", DER_UTF8, "Z\xfcrich" }, { "\x55\x04\x0a", DER_UTF8, "a\x01" },
		{ "\x55\x04\x0a", DER_UTF8, "a\xe2\x80\xae" }, { "\x55\x04\x0a", DER_UTF8, "" },
		{ "\x55\x04\x7f", DER_UTF8, "an attribute without a name" },
		{ "\x2a\x03\x04", DER_UTF8, "another" } };

	assert_true(one_by_hand("\x55\x04\x0a", DER_UTF8, "ab", 1));
	for (size_t i = 0; i < nitems(cases); i++)
		assert_false(one_by_hand(cases[i].oid, cases[i].tag, cases[i].value, 1));
	assert_true(one_by_hand("\x55\x04\x0a", DER_UTF8, "ab", 32));
	assert_false(one_by_hand("\x55\x04\x0a", DER_UTF8, "ab", 33));
}

static void
what_is_no_name_is_not_read(void **state)
{
	static const struct {
		const char *der;
		size_t len;
	} cases[] = { { "", 0 }, { "\x31\x00", 2 }, { "\x30\x00\x05\x00", 4 },
		{ "\x30\x02\x31\x00", 4 }, { "\x30\x04\x31\x02\x30\x00", 6 },
		{ "\x30\x10\x31\x0e\x30\x0c\x06\x03\x55\x04\x0a\x0c\x01"
		  "a\x05\x00",
		    18 } };
	AUTO(arena) struct arena *a = arena_new();
	struct subject s;

	for (size_t i = 0; i < nitems(cases); i++)
		assert_false(subject_of_der(a, der_of(cases[i].der, cases[i].len), &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_subjects_are_read_by_hand),
		cmocka_unit_test(what_is_rare_or_faulty_is_left_to_libcrypto),
		cmocka_unit_test(what_is_no_name_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
