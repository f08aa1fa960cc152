/*
 * idempotency.h - a write with an Idempotency-Key is done once
 *
 * For 24 hours the same key with the same request gets the first one's answer.
 * What was done and never answered (a crash in between) is said to be done.
 */
#pragma once

#include "base/ctx.h"
#include "front/job.h"

/*
 * Before the handler; sets cx->claim. 0: go on; 1: answered before, the job
 * holds the same answer again; -1: R_IDEMPOTENCY_KEY, _OTHER, _SECRET, _CLAIMED.
 */
int	idempotency_begin(struct ctx *, struct job *, const char *key);
/* After the answer: kept, unless it holds a secret (P14). */
void	idempotency_end(struct ctx *, struct job *, bool secret);
