/*
 * weak.c - keys that are refused on every path (P19)
 *
 * Everything here works on the public half and ends within tens of
 * milliseconds (P31), whatever the numbers are.
 */
#include <pthread.h>
#include <stdio.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "x509/weak.h"

#define SMALL_PRIMES  65536 /* every prime below is tried as a factor */
#define FERMAT_ROUNDS 100   /* BR 6.1.1.3 */

static void
free_bn(BIGNUM **p)
{
	BN_free(*p);
}
#define AUTO_BN __attribute__((cleanup(free_bn)))

static void
free_bn_ctx(BN_CTX **p)
{
	BN_CTX_end(*p);
	BN_CTX_free(*p);
}
#define AUTO_BN_CTX __attribute__((cleanup(free_bn_ctx)))

/* Odd primes, several multiplied into each word, so that one pass over the
 * modulus tries all of them. */
static struct {
	BN_ULONG product[2048];
	size_t first[2049]; /* index into primes */
	unsigned primes[6600];
	size_t n;
} small;
static pthread_once_t small_once = PTHREAD_ONCE_INIT;

static void
small_start(void)
{
	static unsigned char composite[SMALL_PRIMES];
	size_t nprimes = 0;
	BN_ULONG product = 1;

	for (unsigned i = 3; i < SMALL_PRIMES; i += 2) {
		if (composite[i])
			continue;
		for (unsigned j = i * 3; j < SMALL_PRIMES; j += 2 * i)
			composite[j] = 1;
		if (product > (BN_ULONG)-1 / i) {
			small.product[small.n++] = product;
			small.first[small.n] = nprimes;
			product = 1;
		}
		product *= i;
		small.primes[nprimes++] = i;
	}
	small.product[small.n++] = product;
	small.first[small.n] = nprimes;
}

/* Smallest found prime factor below SMALL_PRIMES, or 0. */
static unsigned
small_factor(const BIGNUM *n)
{
	if (!BN_is_odd(n))
		return 2;
	pthread_once(&small_once, small_start);
	for (size_t i = 0; i < small.n; i++) {
		BN_ULONG rest = BN_mod_word(n, small.product[i]);

		for (size_t j = small.first[i]; j < small.first[i + 1]; j++)
			if (rest % small.primes[j] == 0)
				return small.primes[j];
	}
	return 0;
}

/*
 * The fingerprint of keys from a broken generator (ROCA, CVE-2017-15361): the
 * modulus is a power of 65537 modulo each of these primes, where 65537
 * generates few of the residues. By chance: one modulus in 2^27.
 */
static bool
is_roca(const BIGNUM *n)
{
	static const unsigned char primes[] = { 11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103,
		107, 109, 127, 151, 157 };

	for (size_t i = 0; i < sizeof(primes); i++) {
		unsigned p = primes[i], power = 1, rest = (unsigned)BN_mod_word(n, p);
		bool found = false;

		do {
			found = found || power == rest;
			power = power * (65537 % p) % p;
		} while (power != 1);
		if (!found)
			return false;
	}
	return true;
}

/* Largest whole number whose square is at most n (Newton). */
static int
square_root(BIGNUM *out, const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *next;
	int ok;

	BN_CTX_start(ctx);
	next = BN_CTX_get(ctx);
	BN_zero(out);
	ok = next != NULL && BN_set_bit(out, (BN_num_bits(n) + 1) / 2);
	while (ok) {
		ok = BN_div(next, NULL, n, out, ctx) && BN_add(next, next, out) &&
		    BN_rshift1(next, next);
		if (!ok || BN_cmp(next, out) >= 0)
			break;
		ok = BN_copy(out, next) != NULL;
	}
	BN_CTX_end(ctx);
	return ok ? 0 : -1;
}

/* Could n be a square? Squares leave few remainders: 1 in 170 others pass. */
static bool
maybe_square(const BIGNUM *n)
{
	static const unsigned moduli[] = { 64, 63, 65, 11 };

	for (size_t i = 0; i < nitems(moduli); i++) {
		unsigned m = moduli[i], rest = (unsigned)BN_mod_word(n, m);
		bool found = false;

		for (unsigned x = 0; x <= m / 2 && !found; x++)
			found = x * x % m == rest;
		if (!found)
			return false;
	}
	return true;
}

static bool
is_square(const BIGNUM *n, BIGNUM *root, BIGNUM *tmp, BN_CTX *ctx)
{
	return maybe_square(n) && square_root(root, n, ctx) == 0 && BN_sqr(tmp, root, ctx) &&
	    BN_cmp(tmp, n) == 0;
}

/* Fermat: n = a^2 - b^2 with a near the root of n when the primes are close. */
static int
check_fermat(const BIGNUM *n, BN_CTX *ctx, struct err *e)
{
	BIGNUM *a = BN_CTX_get(ctx), *b2 = BN_CTX_get(ctx), *root = BN_CTX_get(ctx),
	       *tmp = BN_CTX_get(ctx);

	if (tmp == NULL || square_root(a, n, ctx) < 0 || !BN_sqr(b2, a, ctx))
		return err_nomem(e);
	if (BN_cmp(b2, n) == 0)
		return err_set(e, R_KEY_SQUARE, "key", "the modulus is the square of one number");
	for (int i = 0; i < FERMAT_ROUNDS; i++) {
		if (!BN_add_word(a, 1) || !BN_sqr(b2, a, ctx) || !BN_sub(b2, b2, n))
			return err_nomem(e);
		if (is_square(b2, root, tmp, ctx))
			return err_set(e, R_KEY_FERMAT, "key",
			    "the two primes of the key are so close that it can be factored at once");
	}
	return 0;
}

/* A prime modulus: 2^(n-1) mod n = 1. Costly above 4096 bits, left out there. */
static int
check_prime(const BIGNUM *n, BN_CTX *ctx, struct err *e)
{
	BIGNUM *power = BN_CTX_get(ctx), *less = BN_CTX_get(ctx);

	if (BN_num_bits(n) > LIMIT_RSA_MAX_CSR)
		return 0;
	if (less == NULL || !BN_sub(less, n, BN_value_one()) ||
	    !BN_mod_exp_mont_word(power, 2, less, n, ctx, NULL))
		return err_nomem(e);
	if (BN_is_one(power))
		return err_set(e, R_KEY_PRIME, "key", "the modulus is a prime number");
	return 0;
}

static int
check_size(int bits, bool from_csr, struct err *e)
{
	int max = from_csr ? LIMIT_RSA_MAX_CSR : LIMIT_RSA_MAX_CHAIN;

	if (bits < LIMIT_RSA_MIN) {
		err_set(e, R_KEY_SMALL, "key",
		    "an RSA key of %d bits is too small, %d is the least", bits, LIMIT_RSA_MIN);
		return err_hint(e, "make a new key (BR 6.1.5)");
	}
	if (bits > max)
		return err_set(e, R_KEY_LARGE, "key",
		    "an RSA key of %d bits is too large, "
		    "%d is the most",
		    bits, max);
	if (bits % 8 != 0)
		return err_set(e, R_KEY_SIZE, "key",
		    "the size of an RSA key must be divisible by 8, %d is not (BR 6.1.5)", bits);
	return 0;
}

static int
check_exponent(const BIGNUM *x, struct err *e)
{
	if (!BN_is_odd(x) || BN_is_one(x) || BN_num_bits(x) > 256)
		return err_set(e, R_KEY_EXPONENT, "key", "the public exponent is %s (BR 6.1.6)",
		    BN_is_one(x)       ? "1, which does not hide anything"
			: BN_is_odd(x) ? "larger than 256 bits"
				       : "even");
	return 0;
}

/* The hashes that lists of known keys are made of. */
static int
check_modulus_lists(const BIGNUM *n, struct weak_lists *w, struct err *e)
{
	unsigned char raw[LIMIT_RSA_MAX_CHAIN / 8], hash[32];
	char text[LIMIT_RSA_MAX_CHAIN / 4 + 16], *hex;
	int len = BN_bn2bin(n, raw);
	bool bad;

	SHA1(raw, (size_t)len, hash);
	bad = weak_listed(w, hash, 20);
	SHA256(raw, (size_t)len, hash);
	bad = bad || weak_listed(w, hash, 32);
	if ((hex = BN_bn2hex(n)) == NULL)
		return err_nomem(e);
	snprintf(text, sizeof(text), "Modulus=%s\n", hex); /* Debian, 2008 */
	OPENSSL_free(hex);
	SHA1((const unsigned char *)text, strlen(text), hash);
	bad = bad || weak_listed(w, hash + 10, 10);
	if (bad)
		return err_set(e, R_KEY_LISTED, "key", "the key is on a list of known-bad keys");
	return 0;
}

static int
check_rsa(const EVP_PKEY *key, struct weak_lists *w, bool from_csr, struct err *e)
{
	AUTO_BN BIGNUM *n = NULL, *x = NULL;
	AUTO_BN_CTX BN_CTX *ctx = BN_CTX_new();
	unsigned factor;

	if (ctx == NULL)
		return err_nomem(e);
	BN_CTX_start(ctx);
	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &x) != 1)
		return err_set(e, R_KEY_ENCODE, "key", "the public key cannot be read");
	if (check_size(BN_num_bits(n), from_csr, e) < 0 || check_exponent(x, e) < 0)
		return -1;
	if ((factor = small_factor(n)) != 0)
		return err_set(e, R_KEY_FACTOR, "key", "the modulus is divisible by %u", factor);
	if (is_roca(n))
		return err_set(e, R_KEY_ROCA, "key",
		    "the key comes from a broken generator (ROCA, CVE-2017-15361)");
	if (check_modulus_lists(n, w, e) < 0 || check_fermat(n, ctx, e) < 0)
		return -1;
	return check_prime(n, ctx, e);
}

/* Points of small order on the curve of Ed25519, as RFC 8032 encodes them;
 * the sign bit does not count. */
static int
check_ed25519(const EVP_PKEY *key, struct err *e)
{
	static const unsigned char low[][32] = {
		{ 0 },
		{ 1 },
		{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2,
		    0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38,
		    0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
		{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d,
		    0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7,
		    0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
	};
	unsigned char raw[32], first;
	size_t n = sizeof(raw);
	bool high = true;

	if (EVP_PKEY_get_raw_public_key(key, raw, &n) != 1 || n != 32)
		return err_set(e, R_KEY_ENCODE, "key", "the public key cannot be read");
	raw[31] &= 0x7f;
	first = raw[0];
	for (size_t i = 1; i < 31; i++)
		high = high && raw[i] == 0xff;
	high = high && raw[31] == 0x7f && first >= 0xec; /* p-1, p, p+1 and beyond */
	for (size_t i = 0; i < nitems(low); i++)
		high = high || memcmp(raw, low[i], 32) == 0;
	if (high)
		return err_set(e, R_KEY_POINT, "key", "the public key is a point of small order");
	return 0;
}

static int
check_ec(const EVP_PKEY *key, struct err *e)
{
	EVP_PKEY_CTX *ctx;
	int ok;

	if (key_type_of(key) == KEY_NONE) {
		err_set(e, R_KEY_CURVE, "key", "the key is on a curve that is not accepted");
		return err_hint(e, "P-256, P-384 and P-521 are");
	}
	/* these curves have cofactor 1: on the curve is in the group (SP 800-56A 5.6.2.3.4) */
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, (EVP_PKEY *)(uintptr_t)key, NULL);
	ok = ctx != NULL && EVP_PKEY_public_check_quick(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok ? 0
		  : err_set(e, R_KEY_POINT, "key",
			"the public key is not a point on its curve, or the neutral one");
}

/* By its SPKI: what everybody knows, the site, the house. */
static int
check_known(const EVP_PKEY *key, const struct weak *weak, struct err *e)
{
	struct weak_lists *w = weak == NULL ? NULL : weak->lists;
	AUTO_BUF struct buf der = { 0 };
	unsigned char sha256[SPKI_SHA256_SIZE], sha1[20];
	const char *name;

	if (spki_put(&der, key, e) < 0)
		return -1;
	SHA256(der.data, der.len, sha256);
	SHA1(der.data, der.len, sha1);
	if ((name = published_key(sha256)) != NULL) {
		err_set(e, R_KEY_PUBLISHED, "key", "this is the published example key of %s", name);
		return err_hint(e, "everybody has its private half; make a new key");
	}
	if (weak_check_spki(w, sha256, e) < 0)
		return -1;
	if (weak_listed(w, sha1, 20))
		return err_set(e, R_KEY_LISTED, "key", "the key is on a list of known-bad keys");
	return weak != NULL && weak->more != NULL ? weak->more(weak->arg, key, sha256, e) : 0;
}

/* The same key written in another way is known by the usual one. */
static int
check_usual_form(const EVP_PKEY *key, const struct weak *weak, struct err *e)
{
	EVP_PKEY *usual;
	int rc;

	if (key_usual_form(key, &usual) < 0)
		return err_nomem(e);
	rc = usual == NULL ? 0 : check_known(usual, weak, e);
	EVP_PKEY_free(usual);
	return rc;
}

int
key_check(const EVP_PKEY *key, const struct weak *weak, bool from_csr, struct err *e)
{
	if (EVP_PKEY_is_a(key, "RSA")) {
		if (check_rsa(key, weak == NULL ? NULL : weak->lists, from_csr, e) < 0)
			return -1;
	} else if (EVP_PKEY_is_a(key, "EC")) {
		if (check_ec(key, e) < 0)
			return -1;
	} else if (EVP_PKEY_is_a(key, "ED25519")) {
		if (check_ed25519(key, e) < 0)
			return -1;
	} else {
		err_set(e, R_KEY_ALGORITHM, "key", "the algorithm of the key is not accepted");
		return err_hint(e, "RSA, EC (P-256, P-384, P-521) and Ed25519 are");
	}
	return check_known(key, weak, e) < 0 ? -1 : check_usual_form(key, weak, e);
}
