/*
 * sandbox.h - what is left to the keeper once it runs
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Not dumpable, no core, no new privileges. */
int	sandbox_early(struct err *);
/* All memory, also what comes, stays out of swap (P14). Before threads start.
 * False: neither CAP_IPC_LOCK nor an unlimited RLIMIT_MEMLOCK; nothing changed. */
bool	sandbox_lock_memory(void);
/* The system call filter, for all threads. P41: -1 means do not run. */
int	sandbox_close(struct err *);
