/*
 * outside.h - requests that wait for an answer from outside, so many at once
 *
 * Each holds a worker for as long as the server out there wishes, seconds. Without a
 * limit who runs a slow server could hold them all, and with them the portal of
 * everybody (P32).
 */
#pragma once

#include "base/ctx.h"

#define OUTSIDE_OWN	4		/* of a tenant */

/* Before asking. R_FETCH_BUSY: too many of this tenant, or of all, wait already. */
int	outside_begin(struct ctx *);
void	outside_end(struct ctx *);	/* in the same tenant */
