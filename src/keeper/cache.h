/*
 * cache.h - keys that were opened lately, found by their blob
 *
 * To open a key takes libcrypto longer than to sign with it, and a server of
 * ten thousand names uses as many. Not safe by itself: the vault has the lock.
 */
#pragma once

#include "keeper/opened.h"

#define CACHE_KEYS 16384	/* in clear, at most; some 3 KiB each */

struct cache;

struct cache *cache_new(size_t room);	/* at least 1; NULL: no memory */
void	cache_free(struct cache *);	/* NULL is fine */
/* Borrowed, or NULL. The blob is longer than a tag. */
struct opened *cache_find(struct cache *, const struct bytes *blob);
/* Takes a reference of its own; one that was not used for a while gives way. */
void	cache_put(struct cache *, struct opened *);
/* All blobs of the key of this id. */
void	cache_forget(struct cache *, const char *id);
