/*
 * fuzz_judge.h - does a certificate obey its profile? By OpenSSL's reading alone
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include <openssl/x509.h>

#include "x509/csr.h"

#define MUST(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* What a profile of share/authorities/private.json may make. */
struct fuzz_profile {
	const char *name;
	const char *subject;	      /* short names, a blank after each */
	uint32_t usage, rsa_usage;    /* KU_*; of RSA keys, too */
	uint32_t purposes;	      /* XKU_*; 0: no such extension */
	int days;		      /* at most */
	bool names;		      /* alternative names; else none at all */
	bool uris, emails;	      /* of these kinds, too */
	bool first_name, cn_in_names; /* of the common name */
	bool no_check;		      /* who answers OCSP: nobody asks about it */
	bool ca, baseline;
};

#define FUZZ_PROFILES 8
extern const struct fuzz_profile fuzz_profiles[FUZZ_PROFILES];

/* Ends the process when it does not. days: asked for, or 0. */
void fuzz_judge(
    X509 *, const struct csr *, const struct fuzz_profile *, int64_t when, int64_t days);
