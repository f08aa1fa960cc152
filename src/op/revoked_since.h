/*
 * revoked_since.h - what was revoked since a backup stays revoked (P6)
 *
 * When a backup is put back, the database of now still knows what was revoked since:
 * it leaves that in the file next.revoked, and the next start, which has the
 * database of the backup, revokes it again.
 */
#pragma once

#include "base/ctx.h"
#include "base/next.h"

int	revoked_since_keep(struct ctx *, int64_t since);
/* At the start, when the certificates of the sign journal have their rows. */
int	revoked_since_again(struct ctx *);
