/*
 * confine.h - what a spawner and its children give up before their filters
 */
#pragma once

#include "base/err.h"

/* No core file, no tracer, no new privileges. */
int	confine_spawner(struct err *);
/* The same, and it dies with its parent, writes no file, and has limits: five seconds
 * of CPU, 256 MiB, so many descriptors. */
int	confine_child(unsigned long descriptors, struct err *);
