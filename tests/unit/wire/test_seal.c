/*
 * test_seal.c - an envelope opens for its keeper only, and only unchanged
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/limits.h"
#include "wire/seal.h"

struct keys {
	unsigned char priv[32], pub[32], other[32];
};

static int
keys_make(void **state)
{
	struct keys *k = calloc(1, sizeof(*k));
	EVP_PKEY *key;
	size_t n = 32;

	*state = k;
	memset(k->priv, 7, 32);
	memset(k->other, 8, 32);
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, k->priv, 32);
	EVP_PKEY_get_raw_public_key(key, k->pub, &n);
	EVP_PKEY_free(key);
	return 0;
}

static int
keys_free(void **state)
{
	free(*state);
	return 0;
}

static void
it_comes_back(const struct keys *k, const char *file, size_t len, const char *passphrase)
{
	AUTO_BUF struct buf sealed = { 0 }, plain = { 0 };
	struct err e = { 0 };
	struct view v;
	const unsigned char *p, *f;
	uint8_t has;
	size_t np, nf;

	assert_int_equal(seal_envelope(&sealed, k->pub, file, len, passphrase, &e), 0);
	assert_int_equal(seal_open(&plain, k->priv, sealed.data, sealed.len, &e), 0);
	v = view_of(plain.data, plain.len);
	assert_int_equal(view_u8(&v, &has), 0);
	assert_int_equal(view_string(&v, &p, &np, v.len), 0);
	assert_int_equal(view_string(&v, &f, &nf, v.len), 0);
	assert_int_equal(view_end(&v), 0);
	assert_int_equal(has, passphrase != NULL);
	assert_int_equal(np, passphrase == NULL ? 0 : strlen(passphrase));
	assert_int_equal(nf, len);
	if (len > 0)
		assert_memory_equal(f, file, len);
	if (np > 0)
		assert_memory_equal(p, passphrase, np);
	if (len > 8)
		assert_null(memmem(sealed.data, sealed.len, file, len));
}

static void
what_is_sealed_comes_back(void **state)
{
	char *large = calloc(1, LIMIT_BUNDLE);

	it_comes_back(*state, "a key file", 10, "a passphrase");
	it_comes_back(*state, "a key\0file", 10, NULL);
	it_comes_back(*state, "a key file", 10, "");
	it_comes_back(*state, "", 0, NULL);
	it_comes_back(*state, large, LIMIT_BUNDLE, "x");
	free(large);
}

static void
two_envelopes_are_never_alike(void **state)
{
	struct keys *k = *state;
	AUTO_BUF struct buf a = { 0 }, b = { 0 };
	struct err e = { 0 };

	assert_int_equal(seal_envelope(&a, k->pub, "x", 1, NULL, &e), 0);
	assert_int_equal(seal_envelope(&b, k->pub, "x", 1, NULL, &e), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_not_equal(a.data + 1, b.data + 1, 32);
	assert_memory_not_equal(a.data + 33, b.data + 33, a.len - 33);
}

static void
P11_each_changed_byte_is_refused(void **state)
{
	struct keys *k = *state;
	AUTO_BUF struct buf sealed = { 0 }, plain = { 0 };
	struct err e = { 0 };

	assert_int_equal(seal_envelope(&sealed, k->pub, "a key file", 10, "secret", &e), 0);
	for (size_t i = 0; i < sealed.len; i++) {
		/* the top bit of the ephemeral key's last byte is ignored in X25519 */
		sealed.data[i] ^= 1;
		err_clear(&e);
		assert_int_equal(seal_open(&plain, k->priv, sealed.data, sealed.len, &e), -1);
		assert_int_equal(e.refusal, i == 0 ? R_SEAL_MALFORMED : R_SEAL_WRONG);
		assert_int_equal(plain.len, 0);
		sealed.data[i] ^= 1;
	}
	sealed.data[32] ^= 0x80; /* but not in what is authenticated */
	err_clear(&e);
	assert_int_equal(seal_open(&plain, k->priv, sealed.data, sealed.len, &e), -1);
}

static void
an_envelope_cut_or_prolonged_is_refused(void **state)
{
	struct keys *k = *state;
	AUTO_BUF struct buf sealed = { 0 }, plain = { 0 };
	struct err e = { 0 };

	assert_int_equal(seal_envelope(&sealed, k->pub, "a key file", 10, NULL, &e), 0);
	for (size_t n = 0; n < sealed.len; n++) {
		unsigned char *copy = malloc(n == 0 ? 1 : n);

		memcpy(copy, sealed.data, n);
		err_clear(&e);
		assert_int_equal(seal_open(&plain, k->priv, copy, n, &e), -1);
		assert_int_equal(
		    e.refusal, n <= 1 + 32 + 12 + 16 ? R_SEAL_MALFORMED : R_SEAL_WRONG);
		free(copy);
	}
	buf_put_u8(&sealed, 0);
	err_clear(&e);
	assert_int_equal(seal_open(&plain, k->priv, sealed.data, sealed.len, &e), -1);
	assert_int_equal(e.refusal, R_SEAL_WRONG);
}

static void
another_keeper_cannot_open_it(void **state)
{
	struct keys *k = *state;
	AUTO_BUF struct buf sealed = { 0 }, plain = { 0 };
	struct err e = { 0 };

	assert_int_equal(seal_envelope(&sealed, k->pub, "a key file", 10, NULL, &e), 0);
	assert_int_equal(seal_open(&plain, k->other, sealed.data, sealed.len, &e), -1);
	assert_int_equal(e.refusal, R_SEAL_WRONG);
	assert_true(e.hint[0] != '\0');
}

static void
a_point_of_low_order_is_no_key(void **state)
{
	static const unsigned char zero[32], one[32] = { 1 };
	struct keys *k = *state;
	AUTO_BUF struct buf sealed = { 0 }, plain = { 0 };
	struct err e = { 0 };

	assert_int_equal(seal_envelope(&sealed, zero, "x", 1, NULL, &e), -1);
	err_clear(&e);
	assert_int_equal(seal_envelope(&sealed, one, "x", 1, NULL, &e), -1);
	err_clear(&e);
	assert_int_equal(seal_envelope(&sealed, k->pub, "x", 1, NULL, &e), 0);
	memset(sealed.data + 1, 0, 32);
	assert_int_equal(seal_open(&plain, k->priv, sealed.data, sealed.len, &e), -1);
	assert_int_equal(e.refusal, R_SEAL_WRONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_comes_back),
		cmocka_unit_test(two_envelopes_are_never_alike),
		cmocka_unit_test(P11_each_changed_byte_is_refused),
		cmocka_unit_test(an_envelope_cut_or_prolonged_is_refused),
		cmocka_unit_test(another_keeper_cannot_open_it),
		cmocka_unit_test(a_point_of_low_order_is_no_key),
	};

	return cmocka_run_group_tests(tests, keys_make, keys_free);
}
