/*
 * read_back.h - what a certificate says, read by OpenSSL, under the names of items
 */
#pragma once

#include <openssl/x509.h>

#include "base/arena.h"

struct told {
	struct {
		const char	*item;
		const char	*value;	/* NULL: it is not compared */
	} v[1200];
	size_t		 n;
};

/* Each part of it that is not the authority's (serial, issuer, version). */
void	read_back(struct arena *, X509 *, struct told *);
