/*
 * run.h - a program of the list, with a time limit
 */
#pragma once

#include "base/base.h"

#define RUN_LINE_SIZE	200

/*
 * Runs argv[0] with these arguments: no shell, no input, PATH and LANG only, a
 * session of its own. 0: it ended with 0. Else -1, and `line` says why: the first
 * line that it wrote, cleaned, or how it ended. Late: it is killed with all that
 * it started.
 */
int	run_program(char *const argv[], int timeout_s, char line[RUN_LINE_SIZE]);
