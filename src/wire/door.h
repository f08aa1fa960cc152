/*
 * door.h - asking a spawner for a one-shot child (wire/spawner.h)
 */
#pragma once

#include "base/base.h"

#define DOOR_LATE	(-2)	/* the deadline passed, all places are taken; or no
					 * child could be started at the moment */
#define DOOR_GONE	(-3)	/* there is no spawner any more */

struct door;			/* our end of a spawner's door; thread-safe */

struct door	*door_new(int fd);	/* takes the descriptor */
void		 door_free(struct door *);
/*
 * A descriptor of the caller's, behind which a fresh child waits; or DOOR_*.
 * The deadline is of clock_monotonic_ms. The lock is held only until it came.
 */
int	door_ask(struct door *, char kind, int64_t deadline_ms);
/* poll(2) until then. 1: ready; 0: the deadline passed; -1: failure. */
int	door_wait(int fd, short events, int64_t deadline_ms);
