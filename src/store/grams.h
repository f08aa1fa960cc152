/*
 * grams.h - the pieces of a text by which it is found again
 *
 * Each byte, and each three that follow each other, of lower-case text. A text
 * of two bytes is found by the range of those that begin with it.
 */
#pragma once

#include "base/buf.h"
#include "store/bits.h"

#define GRAM_THREE (1 << 24)		/* a gram of three bytes; without: of one */

/* Which of a block have a gram, gathered while the block is read in order. */
struct gram {
	uint32_t	 gram;
	uint16_t	 n, room;
	uint16_t	*at;		/* ascending */
};
struct grams {
	struct gram	*v;
	size_t		 n, room;	/* room: a power of two; slots, not in order */
};

void	grams_add(struct grams *, uint32_t gram, uint16_t at);
/* All of a text that is `at`; a text that ends is followed by a line feed. */
void	grams_add_text(struct grams *, const char *, uint16_t at);
/* Puts those that are there to the front, by number. Nothing can be added then. */
void	grams_sort(struct grams *);
void	gram_bits(const struct gram *, struct bits *);
void	grams_free(struct grams *);
