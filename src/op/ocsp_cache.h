/*
 * ocsp_cache.h - signed OCSP answers, to be given again
 *
 * A request without a nonce is the same bytes each time, so its answer is
 * found by them, without parsing. A revocation takes the answers about its
 * certificate away before anybody is told of it; one that was being signed
 * meanwhile is not kept.
 */
#pragma once

#include "base/buf.h"

#define OCSP_CACHE_SLOTS 32768

/* Of any thread. Replaces `out`. */
bool	ocsp_cache_find(const char *ca, const void *request, size_t, int64_t now, struct buf *out);
/* Before the database is asked; put keeps nothing when a drop came since. */
uint64_t ocsp_cache_begin(void);
void	ocsp_cache_put(uint64_t begun, const char *ca, const void *request, size_t,
	    const char *serial, const struct buf *answer, int64_t until);
void	ocsp_cache_drop(const char *ca, const char *serial);
