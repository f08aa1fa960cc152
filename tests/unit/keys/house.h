/*
 * house.h - a real keeper for the tests, and what they ask of it
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#include "keys/keeper.h"
#include "keys/keys.h"

struct house {
	struct arena *arena;
	struct keeper *keeper;
	struct err e;
	pid_t pid;
	int readers; /* our end: the test plays the spawner */
	char kek[64], journal[64], sign_journal[64];
};

#define OK(expr)                                                 \
	do {                                                     \
		if ((expr) < 0)                                  \
			fail_msg("%s: %s", #expr, h->e.message); \
	} while (0)
#define REFUSED(expr, why)                                                      \
	do {                                                                    \
		assert_int_equal((expr), -1);                                   \
		assert_string_equal(refusal_id(h->e.refusal), refusal_id(why)); \
		err_clear(&h->e);                                               \
	} while (0)

int	house_open(void **state);
int	house_close(void **state);
int	keeper_start(struct house *);
int	keeper_stop(struct house *);		/* its wait status */
int	keeper_ends(struct house *);		/* a start that fails: its exit code */
struct key_made a_key(struct house *, enum key_type, unsigned purposes, bool exportable,
	    char id[ID_SIZE]);
EVP_PKEY *opened(struct house *, const struct key_made *, enum key_purpose);
void	add_ext(X509 *, int nid, const char *value);
/* A certificate, unsigned; names are common names. */
X509	*a_cert(EVP_PKEY *, const char *subject, const char *issuer, int days,
	    const char *constraints, const char *eku);
