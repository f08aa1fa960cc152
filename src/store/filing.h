/*
 * filing.h - inside of the inventory: what is filed of each block
 */
#pragma once

#include "store/bits.h"
#include "store/store.h"

enum filed_state { FILED_NONE, FILED_ISSUED, FILED_PRESUMED, FILED_REVOKED, FILED_HELD };

enum filed_state filed_state(const char *state);
/* All numbers below *below are filed; *next is the one after the last. */
int	filed_below(struct ctx *, int64_t *below, int64_t *next);
/* Of one that is filed; of another nothing is done. In the open transaction. */
int	filed_set_state(struct ctx *, int64_t number, const char *state);

static inline void
filed_put_end(unsigned char *ends, size_t i, int64_t at)
{
	uint32_t t = at > UINT32_MAX ? UINT32_MAX : at < 0 ? 0 : (uint32_t)at;

	memcpy(ends + 4 * i, &t, 4);
}

static inline int64_t
filed_end(const unsigned char *ends, size_t i)
{
	uint32_t t;

	memcpy(&t, ends + 4 * i, 4);
	return t;
}
