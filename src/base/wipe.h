/*
 * wipe.h - memory that is wiped before it is freed
 *
 * The front hands these to libevent, libssl and jansson, so that what passed
 * through it (a password, a browser's key file) is not left lying about.
 *
 * When there is no memory the process ends, as it does for a request's own
 * (base/arena.h): a sheet with a member left out, or a key that could not be
 * decoded and so counts as another one, would be a lie (P7). Only more than
 * WIPE_ENORMOUS, which no honest input needs, is refused with NULL.
 */
#pragma once

#include "base/base.h"

#define WIPE_ENORMOUS	(16 * 1024 * 1024)

void	*wipe_malloc(size_t);
void	*wipe_realloc(void *, size_t);	/* copies; the old piece is wiped */
void	 wipe_free(void *);
