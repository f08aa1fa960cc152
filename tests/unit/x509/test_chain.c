/*
 * test_chain.c - what a CA sends is sorted by signature
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "make.h"
#include "x509/cert.h"

/* root R -> intermediate I -> leaf L, and what tests need beside. */
static struct {
	EVP_PKEY *rk, *ik, *lk, *ok;
	X509 *r, *i, *l, *ca_twin;
} w;

static X509 *
leaf_of(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
	return make_cert(&(struct make){ .subject = name,
	    .key = key,
	    .issuer = issuer,
	    .issuer_key = issuer_key,
	    .extensions = { "basicConstraints=critical,CA:FALSE",
		"subjectAltName=DNS:a.example.com", "authorityKeyIdentifier=keyid",
		"authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/i.cer" } });
}

static int
setup(void **state)
{
	w.rk = make_key("ec:P-256");
	w.ik = make_key("ec:P-256");
	w.lk = make_key("ec:P-256");
	w.ok = make_key("ec:P-256");
	w.r = make_ca("Root R1", w.rk, NULL, NULL);
	w.i = make_ca("TLS CA 1", w.ik, w.r, w.rk);
	w.l = leaf_of("a.example.com", w.lk, w.i, w.ik);
	w.ca_twin = make_ca("TLS CA 1", w.ok, w.r, w.rk); /* same name, other key */
	return 0;
}

static int
teardown(void **state)
{
	X509_free(w.r);
	X509_free(w.i);
	X509_free(w.l);
	X509_free(w.ca_twin);
	EVP_PKEY_free(w.rk);
	EVP_PKEY_free(w.ik);
	EVP_PKEY_free(w.lk);
	EVP_PKEY_free(w.ok);
	return 0;
}

struct built {
	struct arena *arena;
	struct chain chain;
	struct sheet notes;
	struct err e;
	int rc;
};

static void
build_for(struct built *b, X509 **pool, size_t n, X509 **extra, size_t nextra, EVP_PKEY *key)
{
	unsigned char hash[SPKI_SHA256_SIZE];

	memset(b, 0, sizeof(*b));
	b->arena = arena_new();
	sheet_init(&b->notes, b->arena);
	if (key != NULL)
		spki_sha256(key, hash, &b->e);
	b->rc = chain_build(b->arena, pool, n, extra, nextra, key == NULL ? NULL : hash, &b->chain,
	    &b->notes, &b->e);
}

static bool
noted(const struct built *b, const char *text)
{
	for (size_t i = 0; i < b->notes.nnotes; i++)
		if (strstr(b->notes.notes[i], text) != NULL)
			return true;
	return false;
}

static void
V30_V32_any_order_gives_leaf_and_intermediate_without_root(void **state)
{
	X509 *const all[] = { w.l, w.i, w.r };
	static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
		{ 2, 0, 1 }, { 2, 1, 0 } };

	for (size_t i = 0; i < 6; i++) {
		X509 *pool[] = { all[orders[i][0]], all[orders[i][1]], all[orders[i][2]] };

		for (int with_key = 0; with_key < 2; with_key++) {
			struct built b;

			build_for(&b, pool, 3, NULL, 0, with_key ? w.lk : NULL);
			assert_int_equal(b.rc, 0);
			assert_ptr_equal(b.chain.leaf, w.l);
			assert_int_equal(b.chain.n, 1);
			assert_ptr_equal(b.chain.issuers[0], w.i);
			assert_ptr_equal(b.chain.root, w.r);
			assert_true(b.chain.complete);
			assert_false(b.chain.root_known);
			assert_true(noted(&b, "the root CN=Root R1 was left out"));
			assert_int_equal(b.notes.nnotes, 1);
			arena_free(b.arena);
		}
	}
}

static void
V36_a_missing_issuer_is_named_with_its_address(void **state)
{
	X509 *pool[] = { w.l };
	struct built b;

	build_for(&b, pool, 1, NULL, 0, w.lk);
	assert_int_equal(b.rc, 0);
	assert_int_equal(b.chain.n, 0);
	assert_false(b.chain.complete);
	assert_string_equal(b.chain.missing, "CN=TLS CA 1");
	assert_string_equal(b.chain.missing_aia, "http://ca.example/i.cer");
	assert_true(noted(&b, "http://ca.example/i.cer"));
	arena_free(b.arena);
}

static void
stored_issuers_complete_the_chain(void **state)
{
	X509 *pool[] = { w.l }, *extra[] = { w.r, w.i };
	struct built b;

	build_for(&b, pool, 1, extra, 2, w.lk);
	assert_int_equal(b.chain.n, 1);
	assert_true(b.chain.root_known);
	assert_true(noted(&b, "taken from those stored here"));
	arena_free(b.arena);
}

static void
M5_of_two_issuers_with_one_name_the_signature_decides(void **state)
{
	X509 *pool[] = { w.ca_twin, w.l, w.i }, *without[] = { w.ca_twin, w.l };
	struct built b;

	build_for(&b, pool, 3, NULL, 0, w.lk);
	assert_int_equal(b.chain.n, 1);
	assert_ptr_equal(b.chain.issuers[0], w.i);
	assert_true(noted(&b, "does not belong to this chain"));
	arena_free(b.arena);
	/* only the twin: it names another key, so the issuer is missing, not broken */
	build_for(&b, without, 2, NULL, 0, w.lk);
	assert_false(b.chain.broken_signature);
	assert_string_equal(b.chain.missing, "CN=TLS CA 1");
	arena_free(b.arena);
}

static void
a_broken_signature_is_seen(void **state)
{
	AUTO(x509) X509 *leaf = NULL;
	unsigned char *der = NULL;
	const unsigned char *p;
	int n = i2d_X509(w.l, &der);
	X509 *pool[2];
	struct built b;

	der[n - 1] ^= 1;
	p = der;
	leaf = d2i_X509(NULL, &p, n);
	assert_non_null(leaf);
	pool[0] = leaf;
	pool[1] = w.i;
	build_for(&b, pool, 2, NULL, 0, w.lk);
	assert_int_equal(b.rc, 0);
	assert_true(b.chain.broken_signature);
	assert_true(noted(&b, "does not verify"));
	arena_free(b.arena);
	OPENSSL_free(der);
}

static void
cross_signed_alternatives_are_kept_apart(void **state)
{
	AUTO(pkey) EVP_PKEY *xk = make_key("ec:P-256");
	AUTO(x509) X509 *x = make_ca("Old Root", xk, NULL, NULL);
	AUTO(x509) X509 *r_by_x = make_ca("Root R1", w.rk, x, xk);
	X509 *pool[] = { x, r_by_x, w.l, w.i, w.r }, *trust[] = { x };
	struct built b;

	/* nobody known: the shorter path */
	build_for(&b, pool, 5, NULL, 0, w.lk);
	assert_int_equal(b.chain.n, 1);
	assert_ptr_equal(b.chain.root, w.r);
	assert_non_null(b.chain.alternative);
	assert_int_equal(b.chain.alternative->n, 2);
	assert_ptr_equal(b.chain.alternative->issuers[1], r_by_x);
	assert_ptr_equal(b.chain.alternative->root, x);
	assert_true(noted(&b, "belongs to another path"));
	arena_free(b.arena);
	/* the old root is known: the path to it */
	build_for(&b, pool, 5, trust, 1, w.lk);
	assert_int_equal(b.chain.n, 2);
	assert_ptr_equal(b.chain.root, x);
	assert_true(b.chain.root_known);
	arena_free(b.arena);
}

static void
loops_end(void **state)
{
	AUTO(pkey) EVP_PKEY *ak = make_key("ec:P-256"), *bk = make_key("ec:P-256");
	AUTO(x509) X509 *a0 = make_ca("A", ak, NULL, NULL), *b0 = make_ca("B", bk, NULL, NULL);
	AUTO(x509) X509 *a = make_ca("A", ak, b0, bk), *b = make_ca("B", bk, a0, ak);
	AUTO(x509) X509 *leaf = leaf_of("a.example.com", w.lk, a, ak);
	X509 *pool[] = { leaf, a, b };
	struct built built;

	build_for(&built, pool, 3, NULL, 0, w.lk);
	assert_int_equal(built.rc, 0);
	assert_int_equal(built.chain.n, 2);
	assert_false(built.chain.complete);
	assert_null(built.chain.missing);
	assert_true(noted(&built, "circle"));
	arena_free(built.arena);
}

static void
duplicates_are_taken_once(void **state)
{
	X509 *pool[] = { w.l, w.i, w.l, w.i };
	struct built b;

	build_for(&b, pool, 4, NULL, 0, w.lk);
	assert_int_equal(b.rc, 0);
	assert_int_equal(b.chain.n, 1);
	assert_true(noted(&b, "more than once"));
	arena_free(b.arena);
}

static void
answers_without_one_clear_leaf_are_refused(void **state)
{
	AUTO(x509) X509 *again = leaf_of("a.example.com", w.lk, w.i, w.ik);
	AUTO(x509) X509 *foreign = leaf_of("b.example.com", w.ok, w.i, w.ik);
	X509 *two[] = { w.l, again }, *several[] = { w.l, foreign, w.i }, *none[] = { w.i, w.r },
	     *other[] = { w.i, foreign };
	struct built b;

	build_for(&b, two, 2, NULL, 0, w.lk);
	assert_int_equal(b.e.refusal, R_CHAIN_TWO);
	arena_free(b.arena);
	build_for(&b, two, 2, NULL, 0, NULL);
	assert_int_equal(b.e.refusal, R_CHAIN_TWO);
	arena_free(b.arena);
	build_for(&b, several, 3, NULL, 0, NULL);
	assert_int_equal(b.e.refusal, R_CHAIN_SEVERAL);
	arena_free(b.arena);
	build_for(&b, none, 2, NULL, 0, NULL);
	assert_int_equal(b.e.refusal, R_CHAIN_NONE);
	arena_free(b.arena);
	build_for(&b, none, 2, NULL, 0, w.lk);
	assert_int_equal(b.e.refusal, R_CHAIN_NONE);
	arena_free(b.arena);
	build_for(&b, other, 2, NULL, 0, w.lk);
	assert_int_equal(b.e.refusal, R_CHAIN_OTHER_KEY);
	assert_non_null(strstr(b.e.message, "EC P-256"));
	arena_free(b.arena);
}

static void
a_self_signed_leaf_is_its_own_root(void **state)
{
	AUTO(x509) X509 *own = make_cert(&(struct make){ .subject = "a.example.com", .key = w.lk });
	X509 *pool[] = { own };
	struct built b;

	build_for(&b, pool, 1, NULL, 0, w.lk);
	assert_int_equal(b.rc, 0);
	assert_int_equal(b.chain.n, 0);
	assert_true(b.chain.complete);
	assert_ptr_equal(b.chain.root, own);
	arena_free(b.arena);
}

static void
the_length_of_a_chain_has_an_end(void **state)
{
	X509 *pool[14];
	struct built b;

	pool[0] = make_ca("CA 0", w.rk, NULL, NULL);
	for (size_t i = 1; i < 13; i++) {
		AUTO(arena) struct arena *tmp = arena_new();

		pool[i] = make_ca(arena_printf(tmp, "CA %zu", i), w.rk, pool[i - 1], w.rk);
	}
	pool[13] = leaf_of("a.example.com", w.lk, pool[12], w.rk);
	build_for(&b, pool, 14, NULL, 0, w.lk);
	assert_int_equal(b.rc, 0);
	assert_int_equal(b.chain.n, LIMIT_CHAIN);
	assert_false(b.chain.complete);
	arena_free(b.arena);
	for (size_t i = 0; i < 14; i++)
		X509_free(pool[i]);
}

static void
many_issuers_of_one_name_cost_a_bounded_number_of_checks(void **state)
{
	X509 *pool[200];
	struct built b;

	pool[0] = leaf_of("a.example.com", w.lk, w.i, w.ik);
	for (size_t i = 1; i < nitems(pool); i++)
		pool[i] = make_ca("TLS CA 1", w.ok, w.r, w.rk);
	build_for(&b, pool, nitems(pool), NULL, 0, w.lk);
	assert_int_equal(b.rc, 0);
	assert_false(b.chain.complete);
	arena_free(b.arena);
	for (size_t i = 0; i < nitems(pool); i++)
		X509_free(pool[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(V30_V32_any_order_gives_leaf_and_intermediate_without_root),
		cmocka_unit_test(V36_a_missing_issuer_is_named_with_its_address),
		cmocka_unit_test(stored_issuers_complete_the_chain),
		cmocka_unit_test(M5_of_two_issuers_with_one_name_the_signature_decides),
		cmocka_unit_test(a_broken_signature_is_seen),
		cmocka_unit_test(cross_signed_alternatives_are_kept_apart),
		cmocka_unit_test(loops_end),
		cmocka_unit_test(duplicates_are_taken_once),
		cmocka_unit_test(answers_without_one_clear_leaf_are_refused),
		cmocka_unit_test(a_self_signed_leaf_is_its_own_root),
		cmocka_unit_test(the_length_of_a_chain_has_an_end),
		cmocka_unit_test(many_issuers_of_one_name_cost_a_bounded_number_of_checks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
