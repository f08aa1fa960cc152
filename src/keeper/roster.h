/*
 * roster.h - who the custodians are: two of them let a key leave
 *
 * Built from the journal. An entry is an account and the SHA-256 of its sealed
 * seed for one-time codes.
 */
#pragma once

#include "base/buf.h"
#include "base/text.h"

#define CUSTODIANS_MAX 16
#define CUSTODIANS_TWO 2	/* from this number on nobody acts alone */

struct roster {
	struct custodian {
		char		 id[ID_SIZE];
		unsigned char	 seed[32];	/* SHA-256 */
	} v[CUSTODIANS_MAX];
	size_t n;
};

/* -1: it is full, or has this account already. */
int	roster_add(struct roster *, const char *id, const unsigned char seed[32]);
/* -1: it does not have this account. */
int	roster_remove(struct roster *, const char *id);
const struct custodian *roster_find(const struct roster *, const char *id);	/* NULL */
const struct custodian *roster_find_seed(const struct roster *, const unsigned char seed[32]);
