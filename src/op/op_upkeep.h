/*
 * op_upkeep.h - what nobody waits for
 *
 * RSA moduli that were checked are stored, and held against all that were here
 * before them; who is found to have a prime in common with another is marked,
 * and one of our own keys among them is on record (key.shared-factor). What was
 * issued is filed, to be found quickly; until then it is found by reading it.
 */
#pragma once

#include "base/ctx.h"

/* A small step. 1: there is more to do; 0: all is done; -1: try again later. */
int	op_upkeep(struct ctx *);
/* Returns when there may be something to do. */
void	op_upkeep_wait(struct house *);
