/*
 * place.h - the CPU that a thread stays on
 *
 * A loop of the front waits while the keeper signs for it. The two never run
 * at once, and to wake one another across CPUs costs them more than the
 * message does: the n-th loop and the n-th thread of the keeper stay together.
 */
#pragma once

#include <pthread.h>

/* Threads made with these attributes stay on the n-th CPU that we may use;
 * where n is too large they run anywhere. */
void	place_nth(pthread_attr_t *, size_t n);
