/*
 * sandbox.h - what spawner and readers may still do (P41)
 */
#pragma once

#include "base/err.h"

/* The spawner: forks, passes descriptors, reaps and kills its own children. */
int	sandbox_spawner(struct err *);
/* A reader: its one socket, memory, its end. Limits of CPU and memory too. */
int	sandbox_reader(struct err *);
