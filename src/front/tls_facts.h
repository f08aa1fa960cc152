/*
 * tls_facts.h - what the listeners agree upon with every client, for people
 */
#pragma once

#include "base/err.h"

struct tls_slot;			/* front/tls.h */

#define TLS_CIPHERS_MAX 16

struct tls_facts {
	const char	*ciphers[TLS_CIPHERS_MAX];	/* "TLS_AES_256_GCM_SHA384" */
	size_t		 nciphers;
	const char	*oldest;		/* "TLSv1.2" */
};
/* Of the pair of this moment. R_TLS: none is served yet. */
int	tls_facts(struct tls_slot *, struct tls_facts *, struct err *);
