/*
 * scheme.h - how a key signs: one number for algorithm, digest and padding
 */
#pragma once

#include "wire/message.h"

struct scheme {
	uint8_t		 number;	/* enum wire_scheme */
	const char	*key;		/* OpenSSL's name of the key's algorithm */
	unsigned	 md;		/* bits of SHA-2; 0: the scheme hashes itself */
	bool		 pss;
	struct bytes	 algorithm;	/* AlgorithmIdentifier, DER; none for PSS */
};

/* NULL: there is none. */
const struct scheme *scheme_of_number(uint8_t);
const struct scheme *scheme_for(const char *key, unsigned md, bool pss);
