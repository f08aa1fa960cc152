/*
 * renewals.h - threads that renew certificates (op/op_renew.h)
 */
#pragma once

#include "base/ctx.h"

/* cx: a context of its own, with keeper and readers; taken over by the thread. */
int	renewals_start(struct ctx *cx, struct err *);
