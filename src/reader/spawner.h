/*
 * spawner.h - one small process that forks a reader for each file
 */
#pragma once

#include "base/err.h"

#define SPAWNER_LIVE_MAX	16	/* readers at once, half for each door */
#define SPAWNER_LIFE_MS		10000	/* then a reader is killed */

struct spawner_doors {
	int	 front, keeper;		/* SOCK_SEQPACKET */
	bool	 sandbox;
};

/* Serves until a control socket closes; 0, or -1 with why. */
int	spawner_run(const struct spawner_doors *, struct err *);

/* A reader's life: one request from `fd`, one answer, the end. */
_Noreturn void reader_run(int fd, char kind, bool sandbox);
