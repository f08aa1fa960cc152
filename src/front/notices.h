/*
 * notices.h - a thread that tells who is to be told (op/op_notify.h)
 */
#pragma once

#include "base/ctx.h"

/* cx: a context of its own, with a keeper; taken over by the thread. */
int	notices_start(struct ctx *cx, struct err *);
