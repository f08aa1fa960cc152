/*
 * upkeep.c - a thread for what nobody waits for
 */
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "front/upkeep.h"
#include "op/op_upkeep.h"
#include "store/db.h"

#define GATHER_MS 200  /* what comes meanwhile is done in one go */
#define REST_MS	  10   /* between two steps: others want the processor */
#define AGAIN_MS  5000 /* after a step that failed */

static void
rest(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static int
step(struct ctx *cx)
{
	int r;

	cx->now = clock_wall();
	err_clear(&cx->err);
	if ((r = op_upkeep(cx)) < 0) {
		log_err("upkeep is put off", &cx->err);
		db_rollback(cx);
	}
	arena_reset(cx->arena);
	return r;
}

static void *
run(void *arg)
{
	struct ctx *cx = arg;
	int r;

	for (;;) {
		op_upkeep_wait(cx->house);
		rest(GATHER_MS);
		while ((r = step(cx)) != 0)
			rest(r < 0 ? AGAIN_MS : REST_MS);
	}
	return NULL;
}

int
upkeep_start(struct ctx *cx, struct err *e)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, cx) != 0)
		return err_errno(e, "start a thread");
	pthread_detach(thread);
	return 0;
}
