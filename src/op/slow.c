/*
 * slow.c - requests that take long, so many at once
 */
#include <pthread.h>

#include "base/config.h"
#include "op/slow.h"

#define MOST 64

static const struct {
	size_t own; /* of a tenant at once */
	bool system;
	enum refusal refusal;
	const char *what;
} rules[SLOW_KINDS] = {
	[SLOW_OUTSIDE] = { 4, true, R_FETCH_BUSY, "requests wait for answers from outside" },
	[SLOW_KEYS] = { 4, false, R_KEY_BUSY, "RSA keys are being made" },
	[SLOW_FILES] = { 8, false, R_FILES_BUSY, "files are being read" },
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char of[MOST][ID_SIZE]; /* whose they are */
	size_t n;
} under_way[SLOW_KINDS];

/* A quarter of the workers: the others go on. */
static size_t
most(const struct ctx *cx)
{
	size_t quarter = cx->config == NULL ? MOST : (size_t)cx->config->workers / 4;

	return quarter < 1 ? 1 : quarter > MOST ? MOST : quarter;
}

static bool
take(const struct ctx *cx, enum slow kind)
{
	size_t n = under_way[kind].n, own = 0;

	for (size_t i = 0; i < n; i++)
		own += strcmp(under_way[kind].of[i], cx->tenant) == 0;
	if (n >= most(cx) || (own >= rules[kind].own && !in_system(cx)))
		return false;
	memcpy(under_way[kind].of[under_way[kind].n++], cx->tenant, ID_SIZE);
	return true;
}

int
slow_enter(struct ctx *cx, enum slow kind)
{
	bool taken;

	if (in_system(cx) && !rules[kind].system)
		return 0;
	pthread_mutex_lock(&lock);
	taken = take(cx, kind);
	pthread_mutex_unlock(&lock);
	if (taken)
		return 0;
	err_set(&cx->err, rules[kind].refusal, NULL, "too many %s already", rules[kind].what);
	return err_hint(&cx->err, "try again in a moment");
}

void
slow_leave(struct ctx *cx, enum slow kind)
{
	size_t i = 0;

	pthread_mutex_lock(&lock);
	while (i < under_way[kind].n && strcmp(under_way[kind].of[i], cx->tenant) != 0)
		i++;
	if (i < under_way[kind].n)
		memmove(under_way[kind].of[i], under_way[kind].of[--under_way[kind].n], ID_SIZE);
	pthread_mutex_unlock(&lock);
}
