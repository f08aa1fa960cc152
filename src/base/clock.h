/*
 * clock.h - time and randomness, with a seam for tests
 *
 * Wall time judges validity, monotonic time measures intervals. In test
 * builds only, CERTWRIGHT_TEST_CLOCK_OFFSET (seconds) moves the wall clock.
 */
#pragma once

#include "base/base.h"

int64_t	clock_wall(void);		/* seconds since 1970, UTC */
int64_t	clock_wall_ms(void);
int64_t	clock_monotonic_ms(void);

/* From getrandom(2), never fails: the process ends if there is none. */
void	random_bytes(void *, size_t);
