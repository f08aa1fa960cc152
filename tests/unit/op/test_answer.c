/*
 * test_answer.c - whose certificate it is, and what became of each wish
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fault.h"
#include "install_fake.h"
#include "op/op_identity.h"
#include "op/op_key.h"
#include "op/op_submit.h"

#define PEM(...)    pem_all(fake_cx, (const char *const[]){ __VA_ARGS__, NULL })
#define BROKEN_CERT "-----BEGIN CERTIFICATE-----\nMAMCAQc=\n-----END CERTIFICATE-----\n"

static const char *
pem_all(struct ctx *cx, const char *const *all)
{
	const char *out = "";

	for (; *all != NULL; all++)
		out = arena_printf(cx->arena, "%s%s", out, *all);
	return out;
}

static struct key_row
key_of(const char *identity)
{
	struct identity i = fake_identity(fake_cx, identity);
	struct key_row k;

	assert_done(fake_cx, op_key_for_csr(fake_cx, &i, &k));
	return k;
}

static bool
noted(const struct answer *a, const char *words)
{
	for (size_t i = 0; i < a->sheet.nnotes; i++)
		if (strstr(a->sheet.notes[i], words) != NULL)
			return true;
	return false;
}

static const struct disposition *
item(const struct answer *a, const char *name)
{
	const struct disposition *d = sheet_find(&a->sheet, name);

	if (d == NULL)
		fail_msg("no %s on the sheet", name);
	return d;
}

static void
read_one(struct answer *a, const char *pem)
{
	answer_clear(a);
	assert_done(fake_cx, fake_read(fake_cx, "portal", pem, NULL, a));
}

static void
reading_changes_nothing_even_where_nothing_may_be_written(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct request_row r = fake_request_of(fake_cx, "portal", "a.example.com");
	struct key_row k = key_of("portal");
	unsigned char before[32], after[32];

	store_hash(before);
	fake_cx->read_only = true;
	read_one(&a, PEM(fake_root, fake_leaf(fake_cx, &k, "a.example.com"), fake_inter));
	fake_cx->read_only = false;
	store_hash(after);
	assert_memory_equal(before, after, 32);
	assert_true(a.has_key && a.has_request);
	assert_string_equal(a.request.id, r.id);
	assert_int_equal(a.sheet.verdict, VERDICT_HARMLESS); /* the subject was dropped */
	assert_int_equal(a.chain.n, 1);
	assert_true(noted(&a, "clients must trust CN=Example Root R1"));
}

static void
M8_it_is_held_against_the_request_that_it_fits_best(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct request_row both = fake_request_of(fake_cx, "portal", "a.example.com b.example.com"),
			   one = fake_request_of(fake_cx, "portal", "a.example.com"),
			   other = fake_request_of(
			       fake_cx, "portal", "c.example.com d.example.com"),
			   last;
	struct key_row k = key_of("portal");

	read_one(&a, fake_leaf(fake_cx, &k, "c.example.com d.example.com"));
	assert_string_equal(a.request.id, other.id);
	read_one(&a, fake_leaf(fake_cx, &k, "a.example.com"));
	assert_string_equal(a.request.id, one.id);
	read_one(&a, fake_leaf(fake_cx, &k, "a.example.com b.example.com"));
	assert_string_equal(a.request.id, one.id); /* none breaks: the newest of the two */
	assert_int_equal(item(&a, "san.dns:b.example.com")->outcome, OUT_ADDED);
	last = fake_request_of(fake_cx, "portal", "e.example.com");
	read_one(&a, fake_leaf(fake_cx, &k, "z.example.com"));
	assert_string_equal(a.request.id, last.id); /* all break: of the least, the newest */
	answer_clear(&a);
	assert_done(fake_cx,
	    fake_read(fake_cx, "portal", fake_leaf(fake_cx, &k, "a.example.com"), both.id, &a));
	assert_string_equal(a.request.id, both.id); /* chosen, although it fits worse */
	assert_int_equal(item(&a, "san.dns:b.example.com")->weight, WEIGHT_BREAKING);
}

static void
M8_the_answer_to_an_older_key_is_told_by_its_key(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct request_row r = fake_request_of(fake_cx, "portal", "a.example.com");
	struct key_row old = key_of("portal"), new = fake_new_key(fake_cx, "portal");
	const char *two = PEM(fake_leaf(fake_cx, &old, "a.example.com"),
	    fake_leaf(fake_cx, &new, "a.example.com"), fake_inter);

	fake_request_of(fake_cx, "portal", "a.example.com");
	read_one(&a, PEM(fake_leaf(fake_cx, &old, "a.example.com"), fake_inter));
	assert_string_equal(a.key.id, old.id);
	assert_string_equal(a.request.id, r.id);
	answer_clear(&a);
	assert_refused_clean(fake_cx, fake_read(fake_cx, "portal", two, NULL, &a), R_CHAIN_SEVERAL);
}

static void
two_certificates_of_one_key_are_refused(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct key_row k = key_of("portal");
	const char *two = PEM(
	    fake_leaf(fake_cx, &k, "a.example.com"), fake_leaf(fake_cx, &k, "a.example.com"));

	fake_request_of(fake_cx, "portal", "a.example.com");
	assert_refused_clean(fake_cx, fake_read(fake_cx, "portal", two, NULL, &a), R_CHAIN_TWO);
}

static void
M3_a_certificate_for_another_identity_says_whose_it_is(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct request_row theirs;
	struct identity i;
	struct key_row k;

	assert_done(fake_cx, op_identity_create(fake_cx, "shop", &i));
	k = fake_new_key(fake_cx, "shop");
	fake_request_of(fake_cx, "portal", "a.example.com");
	read_one(&a, fake_leaf(fake_cx, &k, "shop.example.com"));
	assert_false(a.has_key);
	assert_true(noted(&a, "it is for a key of shop"));
	theirs = fake_request_of(fake_cx, "shop", "shop.example.com");
	read_one(&a, fake_leaf(fake_cx, &k, "shop.example.com"));
	assert_false(a.has_key);
	assert_int_equal(a.sheet.verdict, VERDICT_BREAKING);
	assert_string_equal(item(&a, "key")->rule, "compare.key.other");
	assert_true(noted(&a,
	    arena_printf(fake_cx->arena, "it answers request %lld of shop, made on 18 Nov 2026",
		(long long)theirs.number)));
	answer_clear(&a);
	assert_refused_clean(fake_cx,
	    fake_read(fake_cx, "portal", fake_leaf(fake_cx, &k, "a.example.com"), theirs.id, &a),
	    R_NOT_FOUND);
}

static void
a_stranger_s_certificate_is_a_verdict_not_an_error(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct make m = { .subject = "a.example.com",
		.key = fake_stranger(),
		.extensions = { "subjectAltName=DNS:a.example.com" } };
	const char *pem = fake_cert(fake_cx, m);
	struct identity i;

	read_one(&a, pem); /* no request yet: against what is saved, which is nothing */
	assert_false(a.has_key);
	assert_false(a.has_request);
	assert_string_equal(item(&a, "key")->rule, "compare.key.other");
	assert_true(noted(&a, "import that key first"));
	fake_request_of(fake_cx, "portal", "a.example.com");
	read_one(&a, pem);
	assert_true(a.has_request);
	assert_int_equal(a.sheet.verdict, VERDICT_BREAKING);
	answer_clear(&a);
	assert_done(fake_cx, op_identity_create(fake_cx, "bare", &i));
	assert_int_equal(fake_read(fake_cx, "bare", pem, NULL, &a), -1);
	assert_non_null(strstr(fake_cx->err.message, "bare has no private key"));
	assert_int_equal(fake_end(fake_cx), R_NO_KEY);
}

static void
the_listener_s_own_first_key_answers_nothing(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct key_row k = key_of("portal"), first = k;
	EVP_PKEY *key = make_key("ec:P-256");
	unsigned char *der = NULL;

	fake_request_of(fake_cx, "portal", "a.example.com");
	id_new(first.id);
	first.generation = 0;
	first.spki_len = (size_t)i2d_PUBKEY(key, &der);
	first.spki = der;
	EVP_Digest(der, first.spki_len, first.spki_sha256, NULL, EVP_sha256(), NULL);
	assert_done(fake_cx, db_begin(fake_cx));
	assert_done(fake_cx, store_key_insert(fake_cx, &first));
	assert_done(fake_cx, db_commit(fake_cx));
	read_one(&a, fake_cert(fake_cx, (struct make){ .subject = "a.example.com", .key = key }));
	assert_false(a.has_key);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
}

static void
without_a_request_the_saved_names_are_what_is_wanted(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct key_file f = { .data = "x", .len = 1 };
	const char *found;
	struct key_row k;

	fake_request_of(fake_cx, "portal", "a.example.com b.example.com");
	assert_done(fake_cx, op_key_import(fake_cx, "portal", &f, &k, &found));
	read_one(&a, fake_leaf(fake_cx, &k, "a.example.com"));
	assert_true(a.has_key);
	assert_false(a.has_request);
	assert_int_equal(item(&a, "san.dns:b.example.com")->weight, WEIGHT_BREAKING);
	assert_int_equal(item(&a, "key")->outcome, OUT_GRANTED);
	read_one(&a, fake_leaf(fake_cx, &k, "a.example.com b.example.com"));
	assert_int_not_equal(a.sheet.verdict, VERDICT_BREAKING);
}

static void
what_cannot_be_read_is_left_out_and_said_unless_there_is_no_other(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct key_row k = key_of("portal");

	fake_request_of(fake_cx, "portal", "a.example.com");
	read_one(&a, PEM(BROKEN_CERT, fake_leaf(fake_cx, &k, "a.example.com")));
	assert_true(noted(&a, "answer.pem, PEM block 1 was left out: "));
	answer_clear(&a);
	assert_refused_clean(
	    fake_cx, fake_read(fake_cx, "portal", BROKEN_CERT, NULL, &a), R_CERT_DER);
	assert_refused_clean(fake_cx, fake_read(fake_cx, "portal", "", NULL, &a), R_BUNDLE_NONE);
	assert_refused_clean(fake_cx,
	    fake_read(fake_cx, "portal", PEM(fake_root, fake_inter), NULL, &a), R_CHAIN_NONE);
}

static void
the_clock_decides_to_the_second_what_is_expired(void **state)
{
	static const struct {
		int64_t after; /* of the last second of its life */
		enum weight weight;
	} cases[] = { { 0, WEIGHT_SAME }, { 1, WEIGHT_BREAKING } };
	AUTO_ANSWER struct answer a = { 0 };
	struct key_row k = key_of("portal");
	const char *pem = fake_leaf(fake_cx, &k, "a.example.com");

	fake_request_of(fake_cx, "portal", "a.example.com");
	read_one(&a, pem);
	for (size_t i = 0; i < nitems(cases); i++) {
		fake_cx->now = a.facts.not_after + cases[i].after;
		read_one(&a, pem);
		assert_int_equal(item(&a, "validity.days")->weight, cases[i].weight);
	}
	fake_cx->now = a.facts.not_before - 1;
	read_one(&a, pem);
	assert_int_equal(item(&a, "validity.notBefore")->weight, WEIGHT_BREAKING);
}

static void
submitted(const struct request_row *r, const char *authority, struct submission_row *row)
{
	struct preview p;
	struct sheet s;

	assert_done(fake_cx, op_preview_parse(fake_cx, authority, NULL, NULL, NULL, &p));
	assert_done(fake_cx, op_submit(fake_cx, r->der, r->der_len, &p, NULL, &s, row));
}

static void
a_root_that_is_not_known_breaks_only_what_public_authorities_answer(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct request_row r = fake_request_of(fake_cx, "portal", "a.example.com");
	struct submission_row public, private;
	struct key_row k = key_of("portal");
	const char *pem = PEM(fake_leaf(fake_cx, &k, "a.example.com"), fake_inter, fake_root);

	submitted(&r, "letsencrypt", &public);
	read_one(&a, pem);
	assert_string_equal(item(&a, "signature")->rule, "compare.root.unknown");
	submitted(&r, "private", &private); /* it may come from there */
	read_one(&a, pem);
	assert_int_not_equal(a.sheet.verdict, VERDICT_BREAKING);
	assert_done(fake_cx, op_submission_withdraw(fake_cx, private.id, &private));
	read_one(&a, pem);
	assert_int_equal(a.sheet.verdict, VERDICT_BREAKING);
}

static void
the_envelope_has_the_chain_leaf_first_repairs_and_notes(void **state)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct key_row k = key_of("portal");
	const char *leaf = fake_leaf(fake_cx, &k, "a.example.com");
	json_t *o, *chain;

	fake_request_of(fake_cx, "portal", "a.example.com");
	read_one(&a, PEM(fake_inter, BROKEN_CERT, leaf));
	o = answer_envelope(fake_cx, &a);
	chain = json_object_get(o, "chain");
	assert_int_equal(json_array_size(chain), 2);
	assert_string_equal(json_string_value(json_array_get(chain, 0)), leaf);
	assert_string_equal(json_string_value(json_array_get(chain, 1)), fake_inter);
	assert_string_equal(json_string_value(json_array_get(json_object_get(o, "repairs"), 0)),
	    "said by the test");
	/* what the reader had to say comes first */
	assert_non_null(strstr(
	    json_string_value(json_array_get(json_object_get(o, "notes"), 0)), "was left out"));
	assert_null(json_object_get(o, "alternatives"));
	json_decref(o);
}

#define T(name) cmocka_unit_test_setup_teardown(name, install_fake_open, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(reading_changes_nothing_even_where_nothing_may_be_written),
		T(M8_it_is_held_against_the_request_that_it_fits_best),
		T(M8_the_answer_to_an_older_key_is_told_by_its_key),
		T(two_certificates_of_one_key_are_refused),
		T(M3_a_certificate_for_another_identity_says_whose_it_is),
		T(a_stranger_s_certificate_is_a_verdict_not_an_error),
		T(the_listener_s_own_first_key_answers_nothing),
		T(without_a_request_the_saved_names_are_what_is_wanted),
		T(what_cannot_be_read_is_left_out_and_said_unless_there_is_no_other),
		T(the_clock_decides_to_the_second_what_is_expired),
		T(a_root_that_is_not_known_breaks_only_what_public_authorities_answer),
		T(the_envelope_has_the_chain_leaf_first_repairs_and_notes),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
