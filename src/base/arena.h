/*
 * arena.h - memory of one request: many small pieces, freed at once
 *
 * Pieces live until arena_reset or arena_free, and are wiped then, since a
 * request may have carried a private key or a password. Not thread-safe: one
 * thread, one arena. Allocation never returns NULL: when memory is exhausted
 * the process ends (crash-only), after a line on standard error.
 */
#pragma once

#include "base/base.h"

struct arena;

struct arena	*arena_new(void);
void		 arena_free(struct arena *);	/* NULL is fine */
void		 arena_reset(struct arena *);	/* wipes; keeps the first block */

void	*arena_alloc(struct arena *, size_t) NEVER_NULL;	/* zeroed, aligned to 16 */
void	*arena_dup(struct arena *, const void *, size_t) NEVER_NULL;	/* a NUL byte follows */
char	*arena_strdup(struct arena *, const char *) NEVER_NULL;
char	*arena_printf(struct arena *, const char *, ...) PRINTF(2, 3) NEVER_NULL;
size_t	 arena_used(const struct arena *);

#define arena_new_array(a, n, type) ((type *)arena_alloc((a), (n) * sizeof(type)))

DEFINE_AUTO(arena, struct arena, arena_free)
