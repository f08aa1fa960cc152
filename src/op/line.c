/*
 * line.c - requests that take long, so many at once
 */
#include <pthread.h>

#include "base/config.h"
#include "op/line.h"

#define MOST 64

static const struct {
	size_t own; /* of a tenant at once */
	bool system;
	enum refusal refusal;
	const char *what;
} rules[LINES] = {
	[LINE_OUTSIDE] = { 4, true, R_FETCH_BUSY, "requests wait for answers from outside" },
	[LINE_KEYS] = { 4, false, R_KEY_BUSY, "RSA keys are being made" },
	[LINE_FILES] = { 8, false, R_FILES_BUSY, "files are being read" },
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char of[MOST][ID_SIZE]; /* whose they are */
	size_t n;
} lines[LINES];

/* A quarter of the workers: the others go on. */
static size_t
most(const struct ctx *cx)
{
	size_t quarter = cx->config == NULL ? MOST : (size_t)cx->config->workers / 4;

	return quarter < 1 ? 1 : quarter > MOST ? MOST : quarter;
}

static bool
take(const struct ctx *cx, enum line line)
{
	size_t n = lines[line].n, own = 0;

	for (size_t i = 0; i < n; i++)
		own += strcmp(lines[line].of[i], cx->tenant) == 0;
	if (n >= most(cx) || (own >= rules[line].own && !in_system(cx)))
		return false;
	memcpy(lines[line].of[lines[line].n++], cx->tenant, ID_SIZE);
	return true;
}

int
line_enter(struct ctx *cx, enum line line)
{
	bool taken;

	if (in_system(cx) && !rules[line].system)
		return 0;
	pthread_mutex_lock(&lock);
	taken = take(cx, line);
	pthread_mutex_unlock(&lock);
	if (taken)
		return 0;
	err_set(&cx->err, rules[line].refusal, NULL, "too many %s already", rules[line].what);
	return err_hint(&cx->err, "try again in a moment");
}

void
line_leave(struct ctx *cx, enum line line)
{
	size_t i = 0;

	pthread_mutex_lock(&lock);
	while (i < lines[line].n && strcmp(lines[line].of[i], cx->tenant) != 0)
		i++;
	if (i < lines[line].n)
		memmove(lines[line].of[i], lines[line].of[--lines[line].n], ID_SIZE);
	pthread_mutex_unlock(&lock);
}
