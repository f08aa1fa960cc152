/*
 * renew_queue.c - which identities are being renewed, and by how many at once
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "op/house.h"
#include "op/op_renew.h"

#define LOOK_S 20 /* the clock may have been set meanwhile */

struct renewals {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	uint64_t calls; /* how often it was woken */
	char under_way[RENEW_AT_ONCE_MAX][ID_SIZE];
	size_t n;
};

/* Of this thread: what came since it looked at what is due wakes it at once. */
static _Thread_local uint64_t seen;

struct renewals *
renewals_new(void)
{
	struct renewals *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (s == NULL)
		abort();
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); /* that nobody sets back */
	pthread_cond_init(&s->wake, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

void
op_renewal_wake(struct house *h)
{
	struct renewals *s = h->renewals;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->calls++;
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

void
op_renew_wait(struct house *h)
{
	struct renewals *s = h->renewals;
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += LOOK_S;
	pthread_mutex_lock(&s->lock);
	while (s->calls == seen && pthread_cond_timedwait(&s->wake, &s->lock, &end) == 0)
		;
	seen = s->calls;
	pthread_mutex_unlock(&s->lock);
}

/* ---- one thread an identity -------------------------------------------------------------- */

static bool
is_under_way(const struct renewals *s, const char *identity)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->under_way[i], identity) == 0)
			return true;
	return false;
}

/* Read under the lock: what another thread has just finished is seen. */
int
renew_take(struct ctx *cx, struct renewal_row *out)
{
	struct renewals *s = cx->house->renewals;
	struct renewal_row *due;
	size_t n;
	int r = 0;

	pthread_mutex_lock(&s->lock);
	seen = s->calls;
	if (store_renewal_due(cx, s->n + 1, &due, &n) < 0)
		r = -1;
	for (size_t i = 0; r == 0 && i < n; i++)
		if (!is_under_way(s, due[i].identity)) {
			memcpy(s->under_way[s->n++], due[i].identity, ID_SIZE);
			*out = due[i];
			r = 1;
		}
	pthread_mutex_unlock(&s->lock);
	return r;
}

size_t
renew_under_way(struct house *h)
{
	struct renewals *s = h->renewals;
	size_t n;

	if (s == NULL)
		return 0;
	pthread_mutex_lock(&s->lock);
	n = s->n;
	pthread_mutex_unlock(&s->lock);
	return n;
}

void
renew_give_back(struct ctx *cx, const struct renewal_row *r)
{
	struct renewals *s = cx->house->renewals;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->under_way[i], r->identity) == 0) {
			memmove(s->under_way[i], s->under_way[s->n - 1], ID_SIZE);
			s->n--;
			break;
		}
	pthread_mutex_unlock(&s->lock);
}
