/*
 * spawner.h - one small process that forks a one-shot child for each job
 *
 * Whoever holds the other end of a door sends one byte, and gets one byte back
 * with a descriptor, behind which a fresh child waits; without one when none could be
 * started. A door whose share is used up is not read until a child ends.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"

#define SPAWNER_DOORS_MAX	2
#define SPAWNER_LIVE_MAX	16	/* children at once, in all doors */

struct spawner_door {
	int	 fd;		/* SOCK_SEQPACKET */
	char	 kind;		/* the only byte it may send */
	unsigned share;		/* children at once */
};

struct spawner_plan {
	struct spawner_door doors[SPAWNER_DOORS_MAX];
	size_t	 ndoors;
	int	 type;		/* of a child's socket: SOCK_STREAM, SOCK_SEQPACKET */
	int64_t	 life_ms;	/* then a child is killed */
	/* A child's life; it never returns. */
	void	(*child)(int fd, char kind, void *arg);
	void	*arg;
};

/* Serves until a door closes; 0, or -1 with why. */
int	spawner_run(const struct spawner_plan *, struct err *);
/* Started as root: this user for good, nobody's where one is negative. */
int	spawner_drop(long uid, long gid, struct err *);
/* A number of an option, 0 or more. */
int	spawner_number(const char *text, long *out);
