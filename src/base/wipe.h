/*
 * wipe.h - memory that is wiped before it is freed
 *
 * The front hands these to libevent, libssl and jansson, so that what passed
 * through it (a password, a browser's key file) is not left lying about.
 */
#pragma once

#include "base/base.h"

void	*wipe_malloc(size_t);
void	*wipe_realloc(void *, size_t);	/* copies; the old piece is wiped */
void	 wipe_free(void *);
