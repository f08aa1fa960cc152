/*
 * bits.h - sets of the numbers of one block, and how they are kept
 *
 * Packed, a set is the shortest of: the gaps between its members, the gaps
 * between those that are missing, one bit for each number.
 */
#pragma once

#include "base/buf.h"

#define BLOCK 4096			/* numbers; a multiple of 64 */

struct bits {
	uint64_t w[BLOCK / 64];
};

static inline void
bits_add(struct bits *b, size_t i)
{
	b->w[i / 64] |= 1ULL << i % 64;
}

static inline bool
bits_has(const struct bits *b, size_t i)
{
	return (b->w[i / 64] >> i % 64 & 1) != 0;
}

static inline size_t
bits_count(const struct bits *b)
{
	size_t n = 0;

	for (size_t i = 0; i < nitems(b->w); i++)
		n += (size_t)__builtin_popcountll(b->w[i]);
	return n;
}

void	bits_pack(struct buf *out, const struct bits *);	/* replaces what `out` held */
int	bits_unpack(struct bits *, const unsigned char *, size_t);	/* -1: no set */
/* All of `b` that are in `a`, too. False: nothing is left. */
bool	bits_and(struct bits *a, const struct bits *b);
void	bits_or(struct bits *a, const struct bits *b);
