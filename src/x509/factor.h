/*
 * factor.h - have RSA moduli a prime in common?
 *
 * Whoever has two moduli with a common prime computes it, and with it both
 * private keys (Heninger et al. 2012, "Mining your Ps and Qs"; BR 6.1.1.3). A
 * ring holds the newest moduli. A new one is tested against their product,
 * taken modulo itself: one Montgomery multiplication for each, one greatest
 * common divisor in all, so that adding and dropping cost nothing.
 *
 * Moduli are public, odd, and at most LIMIT_RSA_MAX_CHAIN bits. Not locked:
 * the owner of a ring does that. Functions that compute return -1 when there
 * is no memory.
 */
#pragma once

#include <openssl/bn.h>

#include "base/base.h"

#define FACTORS_MAX	5000	/* moduli in a ring */

struct factors;

struct factors *factors_new(void);
void	factors_free(struct factors *);			/* NULL is fine */
DEFINE_AUTO(factors, struct factors, factors_free)
/* `falls`: it was found to have a prime in common with another. Copies. */
int	factors_add(struct factors *, const BIGNUM *n, bool falls);
/* How many were ever added: the number that the next one gets. */
uint64_t factors_count(const struct factors *);
/* The one with this number, borrowed; NULL: dropped, or not there yet. */
const BIGNUM *factors_get(const struct factors *, uint64_t number, bool *falls);

/* The same modulus is the same key, and no fault. */
enum factor_found { FACTOR_NONE, FACTOR_SAME, FACTOR_FALLS };
enum factor_found factors_find(const struct factors *, const BIGNUM *n);
/*
 * 1: n has a prime in common with one of those from this number on, or several;
 * 0: with none. What n divides as a whole tells nothing of its primes and does
 * not count, so that nobody spoils the key of another by multiplying it. Above
 * LIMIT_RSA_MAX_CSR bits only the newer half of a full ring is asked (P31).
 */
int	factors_divide(const struct factors *, const BIGNUM *n, uint64_t from);

/* Of two: which of them falls apart by what they have in common. */
int	factors_pair(const BIGNUM *a, const BIGNUM *b, bool *a_falls, bool *b_falls);
