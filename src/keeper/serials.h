/*
 * serials.h - serial numbers that were handed out and are not used yet
 *
 * Of one connection: another one cannot use them (P3).
 */
#pragma once

#include "base/buf.h"

#define SERIAL_SIZE	16
#define SERIALS_AT_ONCE	64
#define SERIALS_MAX	512	/* more than there are threads that each have one */

struct serials {
	unsigned char	 v[SERIALS_MAX][SERIAL_SIZE];	/* the oldest first */
	unsigned	 n;
};

/* Appends `count` new ones (at most SERIALS_AT_ONCE) to `out`; the oldest give way. */
void	serials_make(struct serials *, unsigned count, struct buf *out);
/* True once for each. */
bool	serials_use(struct serials *, const unsigned char serial[SERIAL_SIZE]);
