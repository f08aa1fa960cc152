/*
 * listen.h - sockets that are bound before privileges are dropped
 */
#pragma once

#include "base/err.h"

/* A listening TCP socket for "ADDR:PORT", close-on-exec. R_LISTEN */
int	listen_tcp(const char *address, struct err *);
/* A listening Unix socket of mode 0600 at `path`; an old file is replaced. */
int	listen_unix(const char *path, struct err *);
