/*
 * slow.h - requests that take long, so many at once
 *
 * Each holds a worker for seconds: for as long as the server out there wishes, until a
 * large prime was found, or a file was decrypted. Without a limit one tenant could hold
 * them all, and with them the portal of everybody (P32).
 */
#pragma once

#include "base/ctx.h"
#include "keys/readers.h"

enum slow {
	SLOW_OUTSIDE,			/* waits for an answer from outside; R_FETCH_BUSY */
	SLOW_KEYS,			/* makes an RSA key; R_KEY_BUSY */
	SLOW_FILES,			/* has a file read; R_FILES_BUSY */
	SLOW_KINDS,
};

/* Before it. -1: too many of this tenant, or of all, are under way already. Of what
 * people of the system do, only what waits for answers from outside is counted. */
int	slow_enter(struct ctx *, enum slow);
void	slow_leave(struct ctx *, enum slow);	/* in the same tenant */

/* readers_bundle (readers.h), as one of them. */
int	slow_bundle(struct ctx *, const struct reader_file *, size_t n, const char *passphrase,
	    struct reader_bundle *);
