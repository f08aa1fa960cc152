/*
 * outside.c - requests that wait for an answer from outside, so many at once
 */
#include <pthread.h>

#include "base/config.h"
#include "op/outside.h"

#define MOST 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char waiting[MOST][ID_SIZE]; /* whose they are */
static size_t n;

/* A quarter of the workers: the others go on. */
static size_t
most(const struct ctx *cx)
{
	size_t quarter = cx->config == NULL ? OUTSIDE_OWN : (size_t)cx->config->workers / 4;

	return quarter < 1 ? 1 : quarter > MOST ? MOST : quarter;
}

static bool
take(const struct ctx *cx)
{
	size_t own = 0;

	for (size_t i = 0; i < n; i++)
		own += strcmp(waiting[i], cx->tenant) == 0;
	if (n >= most(cx) || (own >= OUTSIDE_OWN && !in_system(cx)))
		return false;
	memcpy(waiting[n++], cx->tenant, ID_SIZE);
	return true;
}

int
outside_begin(struct ctx *cx)
{
	bool taken;

	pthread_mutex_lock(&lock);
	taken = take(cx);
	pthread_mutex_unlock(&lock);
	if (taken)
		return 0;
	err_set(&cx->err, R_FETCH_BUSY, NULL,
	    "too many requests wait for answers from outside already");
	return err_hint(&cx->err, "try again in a moment");
}

void
outside_end(struct ctx *cx)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n; i++)
		if (strcmp(waiting[i], cx->tenant) == 0) {
			memmove(waiting[i], waiting[--n], ID_SIZE);
			break;
		}
	pthread_mutex_unlock(&lock);
}
