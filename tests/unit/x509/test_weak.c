/*
 * test_weak.c - P19: keys that anybody can break are refused
 *
 * blocked.c, published.c, weak_lists.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/sha.h>

#include "base/text.h"
#include "make.h"
#include "base/limits.h"
#include "x509/weak.h"

static BIGNUM *
prime(int bits)
{
	BIGNUM *p = BN_new();

	assert_int_equal(BN_generate_prime_ex(p, bits, 0, NULL, NULL, NULL), 1);
	return p;
}

static BIGNUM *
times(const BIGNUM *a, const BIGNUM *b)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_new();

	BN_mul(n, a, b, ctx);
	BN_CTX_free(ctx);
	return n;
}

static BIGNUM *
number(unsigned long word)
{
	BIGNUM *n = BN_new();

	BN_set_word(n, word);
	return n;
}

/* Takes n; the refusal of (n, e). */
static enum refusal
judged(BIGNUM *n, unsigned long exponent, bool from_csr)
{
	BIGNUM *x = number(exponent);
	AUTO(pkey) EVP_PKEY *key = make_rsa(n, x);
	struct err e = { 0 };
	int rc = key_check(key, NULL, from_csr, &e);

	assert_int_equal(rc, err_is_set(&e) ? -1 : 0);
	if (rc < 0)
		assert_string_equal(e.field, "key");
	BN_free(n);
	BN_free(x);
	return e.refusal;
}

static void
good_keys_pass(void **state)
{
	static const char *const types[] = { "rsa:2048", "rsa:3072", "ec:P-256", "ec:P-384",
		"ec:P-521", "ed25519" };

	for (size_t i = 0; i < nitems(types); i++) {
		AUTO(pkey) EVP_PKEY *key = make_key(types[i]);
		struct err e = { 0 };

		assert_int_equal(key_type_by_name(types[i]), key_type_of(key));
		if (key_check(key, NULL, true, &e) < 0)
			fail_msg("%s: %s", types[i], e.message);
	}
}

static void
size_and_exponent_have_bounds(void **state)
{
	BIGNUM *p = prime(1024), *q = prime(1024), *wide = BN_new(), *three = number(3), *n;
	AUTO(pkey) EVP_PKEY *key = NULL;
	struct err e = { 0 };

	BN_set_bit(wide, 8199);
	BN_set_bit(wide, 0);
	assert_int_equal(judged(times(p, p), 65537, true), R_KEY_SQUARE);
	assert_int_equal(judged(times(p, q), 65537, true), 0);
	assert_int_equal(judged(times(p, q), 4, true), R_KEY_EXPONENT);
	assert_int_equal(judged(times(p, q), 1, true), R_KEY_EXPONENT);
	n = times(p, q);
	key = make_rsa(n, p);
	assert_int_equal(key_check(key, NULL, true, &e), -1);
	assert_int_equal(e.refusal, R_KEY_EXPONENT);
	BN_free(n);
	assert_int_equal(judged(times(p, three), 65537, true), R_KEY_SMALL);
	n = BN_dup(wide);
	BN_rshift(n, n, 8200 - 4104);
	BN_set_bit(n, 0);
	assert_int_equal(judged(n, 65537, true), R_KEY_LARGE);
	assert_int_equal(judged(wide, 65537, false), R_KEY_LARGE);
	n = BN_new();
	BN_set_bit(n, 2050);
	BN_set_bit(n, 0);
	assert_int_equal(judged(n, 65537, true), R_KEY_SIZE);
	BN_free(p);
	BN_free(q);
	BN_free(three);
}

static void
moduli_that_fall_apart_are_refused(void **state)
{
	BIGNUM *p = prime(1024), *q = BN_dup(p), *small = number(65521), *big = prime(2032), *gap;

	assert_int_equal(judged(times(small, big), 65537, true), R_KEY_FACTOR);
	assert_int_equal(judged(prime(2048), 65537, true), R_KEY_PRIME);
	/* the next prime after p, and one some 2^510 further */
	do {
		BN_add_word(q, 2);
	} while (BN_check_prime(q, NULL, NULL) != 1);
	assert_int_equal(judged(times(p, q), 65537, true), R_KEY_FERMAT);
	gap = BN_new();
	BN_set_bit(gap, 514);
	BN_add(q, p, gap);
	while (BN_check_prime(q, NULL, NULL) != 1)
		BN_add_word(q, 2);
	assert_int_equal(judged(times(p, q), 65537, true), R_KEY_FERMAT);
	BN_free(p);
	BN_free(q);
	BN_free(gap);
	BN_free(small);
	BN_free(big);
}

/* A prime as the broken generator made them: k * M + 65537^a mod M. */
static BIGNUM *
roca_prime(BN_CTX *ctx)
{
	BIGNUM *m = number(2), *g = number(65537), *a = BN_new(), *p = BN_new(), *k = BN_new();

	for (unsigned i = 3; i <= 167; i += 2) {
		bool is_prime = true;

		for (unsigned j = 3; j * j <= i; j += 2)
			is_prime = is_prime && i % j != 0;
		if (is_prime)
			BN_mul_word(m, i);
	}
	BN_rand(a, 60, -1, 0);
	BN_mod_exp(g, g, a, m, ctx);
	do {
		BN_rand(k, 1025 - BN_num_bits(m), 0, 0);
		BN_mul(p, k, m, ctx);
		BN_add(p, p, g);
	} while (BN_num_bits(p) != 1024 || BN_check_prime(p, ctx, NULL) != 1);
	BN_free(m);
	BN_free(g);
	BN_free(a);
	BN_free(k);
	return p;
}

static void
ROCA_keys_are_recognised(void **state)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *p = roca_prime(ctx), *q = roca_prime(ctx), *n = times(p, q);

	while (BN_num_bits(n) != 2048) {
		BN_free(n);
		BN_free(q);
		q = roca_prime(ctx);
		n = times(p, q);
	}
	assert_int_equal(judged(n, 65537, true), R_KEY_ROCA);
	BN_free(p);
	BN_free(q);
	BN_CTX_free(ctx);
}

static EVP_PKEY *
from_base64(struct arena *a, const char *text)
{
	EVP_PKEY *key = NULL;
	unsigned char *der;
	struct err e = { 0 };
	size_t n;

	assert_int_equal(base64_decode(a, text, strlen(text), false, &der, &n), 0);
	if (spki_parse(der, n, &key, &e) < 0)
		fail_msg("%s", e.message);
	return key;
}

static void
published_example_keys_are_known(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	static const char *const keys[] = {
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQiVI+I+3gv+17KN0RFLHKh5Vj71vc75eSOkyMsxFxbFs"
		"TNEMTLjVuKFxOelIgsiZJXKZNCX0FBmrfpCkKklCcg==",
		"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEWwkBuIUjKW65GdUP+hqcs3S8TUCVhigr/soRsdla27VHNK9X"
		"C/grcijPImvPTCXdvP47GjrTlDDv92Ph1o0uFR2Rcgt3lbWNprNGOWE6j7m1qNpIxnRxF/mRnoQk837I",
		"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
	};

	for (size_t i = 0; i < nitems(keys); i++) {
		AUTO(pkey) EVP_PKEY *key = from_base64(a, keys[i]);
		struct err e = { 0 };

		assert_int_equal(key_check(key, NULL, true, &e), -1);
		assert_int_equal(e.refusal, R_KEY_PUBLISHED);
		assert_non_null(strstr(e.message, "RFC "));
	}
}

static void
points_that_are_no_keys_are_refused(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256"), *back = NULL, *neutral = NULL, *ed;
	static const unsigned char infinity[] = { 0x30, 0x19, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48,
		0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 3, 2, 0, 0 };
	static const unsigned char one[32] = { 1 };
	struct err e = { 0 };
	unsigned char *spki;
	size_t n;

	assert_int_equal(spki_der(a, key, &spki, &n, &e), 0);
	spki[n - 1] ^= 1;
	assert_int_equal(spki_parse(spki, n, &back, &e), -1);
	assert_int_equal(e.refusal, R_KEY_POINT);
	err_clear(&e);
	if (spki_parse(infinity, sizeof(infinity), &neutral, &e) == 0)
		key_check(neutral, NULL, true, &e);
	assert_int_equal(e.refusal, R_KEY_POINT);
	err_clear(&e);
	ed = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, one, 32);
	assert_int_equal(key_check(ed, NULL, true, &e), -1);
	assert_int_equal(e.refusal, R_KEY_POINT);
	err_clear(&e);
	assert_int_equal(spki_parse("0", 1, &back, &e), -1);
	assert_int_equal(e.refusal, R_KEY_SPKI);
}

static void
other_algorithms_and_curves_are_refused(void **state)
{
	AUTO(pkey) EVP_PKEY *ed448 = make_key("ED448"), *p224 = make_key("ec:P-224");
	struct err e = { 0 };

	assert_int_equal(key_check(ed448, NULL, true, &e), -1);
	assert_int_equal(e.refusal, R_KEY_ALGORITHM);
	err_clear(&e);
	assert_int_equal(key_check(p224, NULL, true, &e), -1);
	assert_int_equal(e.refusal, R_KEY_CURVE);
}

static void
write_list(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static void
lists_of_the_site_are_obeyed(void **state)
{
	char folder[] = "/tmp/weak-XXXXXX", path[64];
	AUTO(arena) struct arena *a = arena_new();
	AUTO(pkey) EVP_PKEY *rsa = make_key("rsa:2048"), *ec = make_key("ec:P-256");
	struct weak_lists *w = NULL;
	struct weak known = { 0 };
	unsigned char hash[32], raw[256];
	BIGNUM *n = NULL;
	struct err e = { 0 };
	char *hex;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.txt", folder);
	EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &n);
	hex = BN_bn2hex(n);
	for (int form = 0; form < 4; form++) {
		const EVP_PKEY *key = form == 3 ? ec : rsa;
		char *debian = arena_printf(a, "Modulus=%s\n", hex);

		if (form == 0)
			SHA1((unsigned char *)debian, strlen(debian), hash);
		else if (form == 1)
			SHA256(raw, (size_t)BN_bn2bin(n, raw), hash);
		else if (form == 2)
			SHA1(raw, (size_t)BN_bn2bin(n, raw), hash);
		else
			spki_sha256(ec, hash, &e);
		write_list(path,
		    arena_printf(a, "# a list\r\n\n%s\r\n%s", "00112233445566778899",
			form == 0 ? hex_of(a, hash + 10, 10)
				  : hex_of(a, hash, form == 2 ? 20 : 32)));
		err_clear(&e);
		assert_int_equal(weak_lists_load(&w, folder, &e), 0);
		known.lists = w;
		assert_int_equal(key_check(key, &known, true, &e), -1);
		assert_int_equal(e.refusal, R_KEY_LISTED);
		err_clear(&e);
		assert_int_equal(key_check(form == 3 ? rsa : ec, &known, true, &e), 0);
		weak_lists_free(w);
	}
	write_list(path, "0011\n");
	assert_int_equal(weak_lists_load(&w, folder, &e), -1);
	assert_int_equal(e.refusal, R_WEAK_LIST);
	err_clear(&e);
	unlink(path);
	rmdir(folder);
	assert_int_equal(weak_lists_load(&w, folder, &e), 0);
	weak_lists_free(w);
	OPENSSL_free(hex);
	BN_free(n);
}

/* The refusal of a key under a block list of this text, and its message. */
static enum refusal
blocked(
    const EVP_PKEY *key, struct weak_lists *w, const char *path, const char *text, char *message)
{
	char folder[64];
	struct weak known = { .lists = w };
	struct err e = { 0 };

	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	write_list(path, text);
	if (weak_lists_reload(w, folder, &e) == 0)
		key_check(key, &known, true, &e);
	strcpy(message, e.message);
	return e.refusal;
}

static void
P19_the_block_list_refuses_and_says_why(void **state)
{
	char folder[] = "/tmp/weak-XXXXXX", path[64], message[512];
	AUTO(arena) struct arena *a = arena_new();
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256"), *other = make_key("ec:P-384");
	struct weak_lists *w = NULL;
	unsigned char hash[32];
	struct err e = { 0 };
	const char *hex;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/spki-sha256", folder);
	assert_int_equal(weak_lists_load(&w, folder, &e), 0);
	spki_sha256(key, hash, &e);
	hex = hex_of(a, hash, 32);
#define BLOCKED(key, ...) blocked(key, w, path, arena_printf(a, __VA_ARGS__), message)
	assert_int_equal(BLOCKED(key, "# none\n\n"), REFUSAL_NONE);
	assert_int_equal(BLOCKED(key, "%s", hex), R_KEY_BLOCKED);
	assert_string_equal(message, "the key is on this site's block list");
	assert_int_equal(BLOCKED(other, "%s", hex), REFUSAL_NONE);
	assert_int_equal(BLOCKED(key, "%s  -\n", hex), R_KEY_BLOCKED);
	assert_string_equal(message, "the key is on this site's block list");
	assert_int_equal(
	    BLOCKED(
		key, "%064d first\n%s\t# laptop stolen, \u00e9t\u00e9 2026 \r\n%064d\n", 1, hex, 2),
	    R_KEY_BLOCKED);
	assert_string_equal(
	    message, "the key is on this site's block list: laptop stolen, \u00e9t\u00e9 2026");
	/* what is wrong is said with its line, and the list before it stays */
	assert_int_equal(BLOCKED(other, "# x\n%.62s\n", hex), R_WEAK_LIST);
	assert_non_null(strstr(message, "/spki-sha256, line 2:"));
	assert_int_equal(BLOCKED(other, "%sab\n", hex), R_WEAK_LIST);
	assert_int_equal(BLOCKED(other, "%.63sx\n", hex), R_WEAK_LIST);
	assert_int_equal(BLOCKED(other, "%s a\033b\n", hex), R_WEAK_LIST);
	assert_int_equal(BLOCKED(other, "%s a\u202eb\n", hex), R_WEAK_LIST);
	assert_int_equal(BLOCKED(other, "%s %0201d\n", hex, 0), R_WEAK_LIST);
	assert_int_equal(weak_check_spki(w, hash, &e), -1);
	assert_int_equal(e.refusal, R_KEY_BLOCKED);
	assert_non_null(strstr(e.hint, "new key"));
	assert_int_equal(BLOCKED(other, "%s %0200d\n", hex, 0), REFUSAL_NONE);
#undef BLOCKED
	unlink(path);
	rmdir(folder);
	err_clear(&e);
	assert_int_equal(weak_lists_reload(w, folder, &e), 0);
	assert_int_equal(weak_check_spki(w, hash, &e), 0);
	weak_lists_free(w);
}

/* Of struct weak: refuses the hash that it is given, and counts its calls. */
static unsigned asked;

static int
refuse_one(void *arg, const EVP_PKEY *key, const unsigned char spki_sha256[32], struct err *e)
{
	asked++;
	return memcmp(spki_sha256, arg, 32) == 0
	    ? err_set(e, R_KEY_COMPROMISED, "key", "it is this one")
	    : 0;
}

static void
who_knows_more_is_asked_last(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ed25519"), *small = make_key("rsa:1024");
	unsigned char hash[32] = { 0 };
	struct weak known = { .more = refuse_one, .arg = hash };
	struct err e = { 0 };

	asked = 0;
	assert_int_equal(key_check(small, &known, true, &e), -1);
	assert_int_equal(asked, 0);
	err_clear(&e);
	assert_int_equal(key_check(key, &known, true, &e), 0);
	assert_int_equal(asked, 1);
	spki_sha256(key, hash, &e);
	assert_int_equal(key_check(key, &known, true, &e), -1);
	assert_int_equal(e.refusal, R_KEY_COMPROMISED);
}

/* RFC 5480 section 2.2: a point may be compressed; it is the same key. */
static void
P19_another_way_to_write_a_point_hides_no_key(void **state)
{
	static const char *const forms[] = { "uncompressed", "compressed", "hybrid" };
	static const char *const curves[] = { "P-256", "P-384", "P-521" };

	for (size_t c = 0; c < nitems(curves); c++)
		for (size_t f = 0; f < nitems(forms); f++) {
			AUTO(arena) struct arena *a = arena_new();
			AUTO(pkey) EVP_PKEY *key = EVP_EC_gen(curves[c]), *again = NULL;
			unsigned char hash[32], *der;
			struct weak known = { .more = refuse_one, .arg = hash };
			struct err e = { 0 };
			size_t n;

			assert_int_equal(spki_sha256(key, hash, &e), 0);
			assert_int_equal(
			    EVP_PKEY_set_utf8_string_param(key, "point-format", forms[f]), 1);
			assert_int_equal(spki_der(a, key, &der, &n, &e), 0);
			assert_int_equal(spki_parse(der, n, &again, &e), 0);
			assert_int_equal(key_check(again, &known, true, &e), -1);
			assert_int_equal(e.refusal, R_KEY_COMPROMISED);
			err_clear(&e);
			assert_int_equal(key_check(again, NULL, true, &e), 0);
		}
}

static void
a_block_list_has_a_million_keys_and_no_more(void **state)
{
	struct blocked list = { 0 };
	struct buf text = { 0 };
	unsigned char hash[32] = { 0 };
	struct err e = { 0 };

	/* the hash of line i ends with i, counted down: none stands where it belongs */
	for (unsigned i = LIMIT_BLOCKED_KEYS; i > 0; i--)
		buf_printf(&text, "%056d%08x\n", 0, i);
	assert_int_equal(blocked_parse(&list, (char *)text.data, text.len, &e), 0);
	hash[31] = 1;
	assert_non_null(blocked_find(&list, hash));
	hash[29] = LIMIT_BLOCKED_KEYS >> 16;
	assert_non_null(blocked_find(&list, hash));
	hash[28] = 1;
	assert_null(blocked_find(&list, hash));
	blocked_clear(&list);
	buf_printf(&text, "%056d%08x\n", 0, 0);
	assert_int_equal(blocked_parse(&list, (char *)text.data, text.len, &e), -1);
	assert_int_equal(e.refusal, R_WEAK_LIST);
	assert_non_null(strstr(e.message, "line 1000001: more than 1000000 keys"));
	blocked_clear(&list);
	buf_free(&text);
}

/* No limit in milliseconds here (never timed tests): only that it ends. */
static void
P31_the_largest_keys_are_judged(void **state)
{
	BIGNUM *p = prime(1024), *n4 = times(p, p), *n8 = times(n4, n4);
	struct timespec from, to;

	BN_add_word(n8, 2);
	BN_add_word(n4, 2);
	BN_lshift(n4, n4, 2048);
	BN_add_word(n4, 1);
	while (judged(BN_dup(n4), 65537, true) == R_KEY_FACTOR)
		BN_add_word(n4, 2);
	clock_gettime(CLOCK_MONOTONIC, &from);
	judged(n4, 65537, true);
	clock_gettime(CLOCK_MONOTONIC, &to);
	print_message("# RSA 4096: %ld us\n",
	    (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
	while (judged(BN_dup(n8), 65537, false) == R_KEY_FACTOR)
		BN_add_word(n8, 2);
	clock_gettime(CLOCK_MONOTONIC, &from);
	judged(n8, 65537, false);
	clock_gettime(CLOCK_MONOTONIC, &to);
	print_message("# RSA 8192: %ld us\n",
	    (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
	BN_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_keys_pass),
		cmocka_unit_test(size_and_exponent_have_bounds),
		cmocka_unit_test(moduli_that_fall_apart_are_refused),
		cmocka_unit_test(ROCA_keys_are_recognised),
		cmocka_unit_test(published_example_keys_are_known),
		cmocka_unit_test(points_that_are_no_keys_are_refused),
		cmocka_unit_test(other_algorithms_and_curves_are_refused),
		cmocka_unit_test(lists_of_the_site_are_obeyed),
		cmocka_unit_test(P19_the_block_list_refuses_and_says_why),
		cmocka_unit_test(who_knows_more_is_asked_last),
		cmocka_unit_test(P19_another_way_to_write_a_point_hides_no_key),
		cmocka_unit_test(a_block_list_has_a_million_keys_and_no_more),
		cmocka_unit_test(P31_the_largest_keys_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
