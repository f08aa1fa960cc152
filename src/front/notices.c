/*
 * notices.c - a thread that tells who is to be told
 */
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "front/notices.h"
#include "keys/keys.h"
#include "op/op_notify.h"
#include "store/db.h"

#define LOOK_MS	  15000	 /* for messages that are due */
#define GATHER_MS 300000 /* from one look at all tenants to the next */
#define REST_MS	  10	 /* between two steps: others want the processor */

static void
rest(void)
{
	const struct timespec t = { 0, REST_MS * 1000000L };

	nanosleep(&t, NULL);
}

/* What fails is said, and comes again with the next look. */
static bool
done(struct ctx *cx, int r)
{
	if (r < 0) {
		log_err("notices are put off", &cx->err);
		db_rollback(cx);
	}
	err_clear(&cx->err);
	arena_reset(cx->arena);
	cx->now = clock_wall();
	rest();
	return r <= 0;
}

/* A tenant whose notices cannot be gathered holds up no other. */
static void
gather_all(struct ctx *cx)
{
	char after[ID_SIZE] = "", before[ID_SIZE];
	int r;

	do {
		memcpy(before, after, sizeof(before));
		r = op_notify_gather(cx, after);
		done(cx, r);
	} while (r > 0 || (r < 0 && memcmp(before, after, sizeof(before)) != 0));
}

static void *
run(void *arg)
{
	struct ctx *cx = arg;
	int64_t next = 0;

	keys_thread(cx->keeper);
	for (;;) {
		if (op_notify_wait(LOOK_MS) || clock_monotonic_ms() >= next) {
			cx->now = clock_wall();
			gather_all(cx);
			next = clock_monotonic_ms() + GATHER_MS;
		}
		do {
			cx->now = clock_wall();
		} while (!done(cx, op_notify_send(cx)));
	}
	return NULL;
}

int
notices_start(struct ctx *cx, struct err *e)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, cx) != 0)
		return err_errno(e, "start a thread");
	pthread_detach(thread);
	return 0;
}
