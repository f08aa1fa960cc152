/*
 * weak.h - between weak.c and its lists
 */
#pragma once

#include "x509/keyspec.h"

/* Name of the published example key with this SPKI hash, or NULL. */
const char *published_key(const unsigned char spki_sha256[SPKI_SHA256_SIZE]);

/* Is this hash (10, 20 or 32 bytes) in a list of the site? */
bool weak_listed(const struct weak_lists *, const unsigned char *hash, size_t len);
