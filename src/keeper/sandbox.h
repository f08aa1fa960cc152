/*
 * sandbox.h - what is left to the keeper once it runs
 */
#pragma once

#include "base/err.h"

/* Not dumpable, no core, no new privileges. */
int	sandbox_early(struct err *);
/* The system call filter, for all threads. P41: -1 means do not run. */
int	sandbox_close(struct err *);
