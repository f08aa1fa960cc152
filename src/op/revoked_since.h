/*
 * revoked_since.h - what was revoked since a backup stays revoked (P6)
 *
 * The start that put a backup or a bundle in place has moved the database of before
 * into a folder beside it. What that one says was revoked since is revoked again,
 * before anything is served.
 */
#pragma once

#include "base/ctx.h"

/* When the certificates of the sign journal have their rows. A database of before that
 * cannot be read is no reason not to start: it may be why a backup was put back. */
int	revoked_since_again(struct ctx *);
