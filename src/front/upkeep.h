/*
 * upkeep.h - a thread for what nobody waits for (op/op_upkeep.h)
 */
#pragma once

#include "base/ctx.h"

/* cx: a context of its own, without a keeper; taken over by the thread. */
int	upkeep_start(struct ctx *cx, struct err *);
