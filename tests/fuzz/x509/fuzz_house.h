/*
 * fuzz_house.h - an authority of our own, made once for a fuzz target
 */
#pragma once

#include <openssl/err.h>

#include <stdio.h>
#include <strings.h>

#include "x509/authority.h"
#include "x509/examine.h"
#include "x509/issue.h"

struct fuzz_house {
	struct authority authority; /* the product's private policy */
	struct issuer_limits limits;
	struct issue_input input; /* all but of whom and when */
	X509 *ca;		  /* made by ca_tbs */
	EVP_PKEY *key, *rsa;	  /* of the CA, P-256; and another one */
};

const struct fuzz_house *fuzz_house(void);
/* Does OpenSSL, strict, find a path from this certificate to the CA then? */
bool fuzz_house_trusts(X509 *, int64_t when);
/* The host's name in A-labels, to be freed; NULL: it has none. */
char *fuzz_a_labels(const char *);
