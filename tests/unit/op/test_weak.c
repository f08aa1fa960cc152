/*
 * test_weak.c - P19: what the house learns of keys by others that were here
 *
 * op_upkeep.c, store/store_compromised.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "../x509/make.h"
#include "op/op_compromised.h"
#include "op/op_identity.h"
#include "op/op_key.h"
#include "op/op_upkeep.h"
#include "op/op_weak.h"
#include "op/weak_house.h"
#include "procedure_fake.h"

static BIGNUM *primes[5];

static int
group_set_up(void **state)
{
	for (size_t i = 0; i < nitems(primes); i++) {
		primes[i] = BN_new();
		if (BN_generate_prime_ex(primes[i], 1024, 0, NULL, NULL, NULL) != 1)
			return -1;
	}
	return 0;
}

static int
group_tear_down(void **state)
{
	for (size_t i = 0; i < nitems(primes); i++)
		BN_free(primes[i]);
	return 0;
}

/* An RSA key of two of the primes. */
static EVP_PKEY *
of(size_t a, size_t b)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_new(), *e = BN_new();
	EVP_PKEY *key;

	BN_mul(n, primes[a], primes[b], ctx);
	BN_set_word(e, 65537);
	key = make_rsa(n, e);
	BN_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	return key;
}

static int
set_up(void **state)
{
	struct identity i;

	fake_open(state);
	fake_cx = &((struct fake *)*state)->cx;
	fake_key = NULL;
	assert_done(fake_cx, op_weak_start(fake_cx));
	assert_done(fake_cx, op_identity_create(fake_cx, "shop", &i));
	return 0;
}

static int
tear_down(void **state)
{
	op_weak_stop(&((struct fake *)*state)->house);
	return fake_close(state);
}

/* As after a start of the daemon. */
static void
start_again(void)
{
	op_weak_stop(fake_cx->house);
	assert_done(fake_cx, op_weak_start(fake_cx));
}

static void
upkeep(void)
{
	int r;

	fake_end(fake_cx);
	while ((r = op_upkeep(fake_cx)) > 0)
		;
	assert_done(fake_cx, r);
}

/* As 5,000 checks later. */
static void
forget_ring(void)
{
	struct weak_house *w = fake_cx->house->weak;

	factors_free(w->ring);
	w->ring = factors_new();
	w->stored = 0;
}

static enum refusal
checked(size_t a, size_t b)
{
	AUTO(pkey) EVP_PKEY *key = of(a, b);
	struct err e = { 0 };

	if (key_check(key, op_weak(fake_cx), true, &e) < 0)
		assert_string_equal(e.field, "key");
	assert_false(err_is_set(&fake_cx->err));
	return e.refusal;
}

static struct key_row
imported(size_t a, size_t b)
{
	struct key_file f = { .data = "x", .len = 1 };
	const char *found;
	struct key_row k;

	fake_key = of(a, b);
	assert_done(fake_cx, op_key_import(fake_cx, "shop", &f, &k, &found));
	EVP_PKEY_free(fake_key);
	fake_key = NULL;
	return k;
}

/* Events of this kind about this object. */
static size_t
events(const char *action, const char *object)
{
	struct audit_query q = { .limit = 100, .text = action };
	struct audit_row *rows;
	size_t n, found = 0;
	bool more;

	assert_done(fake_cx, store_audit_list(fake_cx, &q, &rows, &n, &more));
	for (size_t i = 0; i < n; i++)
		found += strcmp(rows[i].action, action) == 0 && strcmp(rows[i].object, object) == 0;
	return found;
}

/* What Components says of the only bad key; NULL: there is none. */
static const char *
bad_key(void)
{
	struct bad_key *list;
	size_t n;

	assert_done(fake_cx, store_compromised_own(fake_cx, &list, &n));
	if (n == 0)
		return NULL;
	assert_int_equal(n, 1);
	return arena_printf(
	    fake_cx->arena, "%s %lld %s", list->name, (long long)list->generation, list->source);
}

static void
P19_who_has_a_prime_of_another_is_refused(void **state)
{
	assert_int_equal(checked(0, 1), REFUSAL_NONE);
	assert_int_equal(checked(0, 1), REFUSAL_NONE); /* the same key */
	assert_int_equal(checked(2, 3), REFUSAL_NONE);
	assert_int_equal(checked(0, 4), R_KEY_SHARED);
	assert_int_equal(checked(0, 4), R_KEY_SHARED);
	/* the primes of what was refused are known, too */
	upkeep();
	assert_int_equal(checked(4, 2), R_KEY_SHARED);
}

static void
P19_both_are_refused_from_then_on(void **state)
{
	assert_int_equal(checked(0, 1), REFUSAL_NONE);
	assert_int_equal(checked(2, 3), REFUSAL_NONE);
	upkeep();
	assert_int_equal(checked(0, 1), REFUSAL_NONE);
	assert_int_equal(checked(0, 4), R_KEY_SHARED);
	upkeep();
	assert_int_equal(checked(0, 1), R_KEY_SHARED);
	assert_int_equal(checked(0, 4), R_KEY_SHARED);
	assert_int_equal(checked(2, 3), REFUSAL_NONE);
	start_again();
	assert_int_equal(checked(0, 1), R_KEY_SHARED);
	assert_int_equal(checked(0, 4), R_KEY_SHARED);
	assert_int_equal(checked(2, 3), REFUSAL_NONE);
}

static void
what_was_here_before_a_start_is_remembered(void **state)
{
	assert_int_equal(checked(0, 1), REFUSAL_NONE);
	upkeep();
	start_again();
	assert_int_equal(checked(0, 4), R_KEY_SHARED);
}

static void
P19_P28_an_own_key_that_falls_is_on_record_and_shown(void **state)
{
	struct key_row mine = imported(0, 1), other = imported(2, 3);
	AUTO(pkey) EVP_PKEY *theirs = of(0, 4);
	struct key_file f = { .data = "x", .len = 1 };
	const char *found;
	struct key_row k;

	upkeep();
	assert_null(bad_key());
	fake_key = theirs;
	assert_int_equal(op_key_import(fake_cx, "shop", &f, &k, &found), -1);
	assert_string_equal(fake_cx->err.field, "file");
	assert_null(strstr(fake_cx->err.message, "shop")); /* nor whose the other one is */
	assert_null(strstr(fake_cx->err.hint, "shop"));
	assert_int_equal(fake_end(fake_cx), R_KEY_SHARED);
	fake_key = NULL;
	assert_done(fake_cx, op_weak_check_own(fake_cx, &mine));
	upkeep();
	assert_refused(fake_cx, op_weak_check_own(fake_cx, &mine), R_KEY_SHARED);
	assert_done(fake_cx, op_weak_check_own(fake_cx, &other));
	assert_int_equal(events("key.shared-factor", mine.id), 1);
	assert_int_equal(events("key.shared-factor", other.id), 0);
	assert_string_equal(bad_key(), "shop 1 shared-factor");
	/* once is enough */
	assert_int_equal(checked(1, 4), R_KEY_SHARED);
	upkeep();
	assert_int_equal(events("key.shared-factor", mine.id), 1);
	assert_done(fake_cx, op_key_destroy(fake_cx, mine.id, &k));
	assert_null(bad_key());
}

static void
older_ones_are_found_by_the_upkeep(void **state)
{
	struct key_row mine = imported(0, 1);

	upkeep();
	forget_ring();
	assert_int_equal(checked(0, 4), REFUSAL_NONE);
	upkeep();
	assert_int_equal(checked(0, 4), R_KEY_SHARED);
	assert_int_equal(checked(0, 1), R_KEY_SHARED);
	assert_int_equal(events("key.shared-factor", mine.id), 1);
}

/* A key that comes while its modulus is compared already. */
static void
a_key_that_becomes_ours_is_compared_again(void **state)
{
	struct key_row mine;

	assert_int_equal(checked(0, 1), REFUSAL_NONE);
	upkeep();
	forget_ring();
	assert_int_equal(checked(0, 4), REFUSAL_NONE);
	forget_ring();
	mine = imported(0, 4);
	upkeep();
	assert_refused(fake_cx, op_weak_check_own(fake_cx, &mine), R_KEY_SHARED);
	assert_int_equal(events("key.shared-factor", mine.id), 1);
}

/* Made by a version that did not keep moduli. */
static void
keys_of_before_are_taken_in(void **state)
{
	struct key_row k = { .generation = 7,
		.type = "rsa:2048",
		.origin = "generated",
		.bits = 2048,
		.blob = (const unsigned char *)"b",
		.blob_len = 1 };
	AUTO(pkey) EVP_PKEY *key = of(0, 1);
	unsigned char *der;
	struct identity i;

	assert_done(fake_cx, spki_der(fake_cx->arena, key, &der, &k.spki_len, &fake_cx->err));
	k.spki = der;
	assert_done(fake_cx, spki_sha256(key, k.spki_sha256, &fake_cx->err));
	assert_done(fake_cx, op_identity_load(fake_cx, "shop", &i));
	id_new(k.id);
	memcpy(k.identity, i.id, ID_SIZE);
	assert_done(fake_cx, db_begin(fake_cx));
	assert_done(fake_cx, store_key_insert(fake_cx, &k));
	assert_done(fake_cx, db_commit(fake_cx));
	assert_int_equal(checked(0, 4), REFUSAL_NONE);
	upkeep();
	assert_refused(fake_cx, op_weak_check_own(fake_cx, &k), R_KEY_SHARED);
	assert_int_equal(events("key.shared-factor", k.id), 1);
}

static void
other_kinds_of_key_have_no_modulus(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	struct modulus_row *rows;
	struct err e = { 0 };
	size_t n;

	assert_int_equal(key_check(key, op_weak(fake_cx), true, &e), 0);
	upkeep();
	assert_done(fake_cx, store_modulus_newest(fake_cx, 10, &rows, &n));
	assert_int_equal(n, 0);
}

/* ---- others have it ------------------------------------------------------------- */
static enum refusal
ec_checked(const EVP_PKEY *key)
{
	struct err e = { 0 };

	key_check(key, op_weak(fake_cx), true, &e);
	return e.refusal;
}

static void
P19_M36_a_key_revoked_for_compromise_is_refused(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256"), *other = make_key("ec:P-384");
	unsigned char hash[32];
	const char *hex;

	assert_int_equal(spki_sha256(key, hash, &fake_cx->err), 0);
	hex = hex_of(fake_cx->arena, hash, 32);
	assert_int_equal(ec_checked(key), REFUSAL_NONE);
	assert_done(fake_cx, db_begin(fake_cx));
	assert_done(fake_cx, op_weak_mark_compromised(fake_cx, hash, "certificate 01 was revoked"));
	assert_int_equal(ec_checked(key), R_KEY_COMPROMISED); /* in the transaction, too */
	fake_end(fake_cx);
	assert_int_equal(ec_checked(key), REFUSAL_NONE); /* that was rolled back */
	for (int i = 0; i < 2; i++) {
		assert_done(fake_cx, db_begin(fake_cx));
		assert_done(fake_cx, op_weak_mark_compromised(fake_cx, hash, "again"));
		assert_done(fake_cx, db_commit(fake_cx));
	}
	assert_int_equal(ec_checked(key), R_KEY_COMPROMISED);
	assert_int_equal(ec_checked(other), REFUSAL_NONE);
	assert_int_equal(events("key.compromised", hex), 1);
	start_again();
	assert_int_equal(ec_checked(key), R_KEY_COMPROMISED);
}

static void
P19_P22_what_is_known_is_known_in_every_tenant(void **state)
{
	struct compromised c;
	struct key_row k;

	assert_done(fake_cx, op_key_generate(fake_cx, "shop", "ec:P-256", false, &k));
	strcpy(fake_cx->tenant, "other");
	assert_refused(fake_cx, op_compromised_key(fake_cx, k.id, NULL, &c), R_NOT_FOUND);
	assert_done(fake_cx, op_compromised_pem(fake_cx, op_key_public(fake_cx, &k), "leaked", &c));
	assert_string_equal(c.key, ""); /* whose it is is not told */
	strcpy(fake_cx->tenant, TENANT_SYSTEM);
	assert_refused(fake_cx, op_weak_check_own(fake_cx, &k), R_KEY_COMPROMISED);
	/* the first mark stays */
	assert_done(fake_cx, op_compromised_key(fake_cx, k.id, "mine", &c));
	assert_string_equal(c.key, k.id);
	assert_string_equal(c.row.note, "leaked");
	assert_string_equal(bad_key(), "shop 1 reported");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(P19_who_has_a_prime_of_another_is_refused),
		T(P19_both_are_refused_from_then_on),
		T(what_was_here_before_a_start_is_remembered),
		T(P19_P28_an_own_key_that_falls_is_on_record_and_shown),
		T(older_ones_are_found_by_the_upkeep),
		T(a_key_that_becomes_ours_is_compared_again),
		T(keys_of_before_are_taken_in),
		T(P19_M36_a_key_revoked_for_compromise_is_refused),
		T(P19_P22_what_is_known_is_known_in_every_tenant),
		T(other_kinds_of_key_have_no_modulus),
	};

	return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
