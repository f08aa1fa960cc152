/*
 * line.h - requests that take long, so many at once
 *
 * Each holds a worker for seconds: for as long as the server out there wishes, until a
 * large prime was found, or a file was decrypted. Without a limit one tenant could hold
 * them all, and with them the portal of everybody (P32).
 */
#pragma once

#include "base/ctx.h"
#include "keys/readers.h"

enum line {
	LINE_OUTSIDE,			/* waits for an answer from outside; R_FETCH_BUSY */
	LINE_KEYS,			/* makes an RSA key; R_KEY_BUSY */
	LINE_FILES,			/* has a file read; R_FILES_BUSY */
	LINES,
};

/* Before it. -1: too many of this tenant, or of all, are under way already. What people
 * of the system do waits for nothing but answers from outside. */
int	line_enter(struct ctx *, enum line);
void	line_leave(struct ctx *, enum line);	/* in the same tenant */

/* readers_bundle (readers.h), in its line. */
int	line_bundle(struct ctx *, const struct reader_file *, size_t n, const char *passphrase,
	    struct reader_bundle *);
