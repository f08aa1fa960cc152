/*
 * pool.h - RSA keys made ahead, in time that nobody else wants
 *
 * One thread of the lowest priority. Taking a key wakes it.
 */
#pragma once

#include <openssl/evp.h>

#include "wire/message.h"

struct pool;

/* Starts the thread: before the system call filter. */
int	pool_start(struct pool **, struct err *);
/* A key of this size if there is one, else NULL: make it yourself. A pool that
 * is NULL is always empty. */
EVP_PKEY *pool_take(struct pool *, unsigned bits);
void	pool_state(struct pool *, uint16_t have[3], uint16_t want[3]);
