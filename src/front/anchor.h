/*
 * anchor.h - the newest audit head goes into the keeper's journal, within 1 s
 */
#pragma once

#include "base/ctx.h"
#include "store/db.h"

struct anchor;

/* cx: a context of its own (connection, keeper); taken over by the thread. */
int	anchor_start(struct anchor **, struct db *, struct ctx *cx, struct err *);
