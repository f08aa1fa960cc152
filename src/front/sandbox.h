/*
 * sandbox.h - what is left to the front once it serves (P41)
 */
#pragma once

#include "base/err.h"

/*
 * Landlock: the working directory for reading and writing, the public suffix
 * list and `config_file` (or NULL) for reading, no new TCP socket. seccomp:
 * a list of calls. Before any thread starts. *level: in words, static.
 */
int	sandbox_front(const char *config_file, const char **level, struct err *);
