/*
 * renewals.c - threads that renew certificates
 *
 * So many are renewed at once as there are threads, never more (P37).
 */
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "front/renewals.h"
#include "keys/keys.h"
#include "op/op_renew.h"
#include "store/db.h"

#define AGAIN_MS 5000 /* after what could not even be noted */

static void
rest(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static void *
run(void *arg)
{
	struct ctx *cx = arg;
	int r;

	keys_thread(cx->keeper);
	for (;;) {
		cx->now = clock_wall();
		err_clear(&cx->err);
		if ((r = op_renew_step(cx)) < 0) {
			log_err("renewals are put off", &cx->err);
			db_rollback(cx);
		}
		arena_reset(cx->arena);
		if (r < 0)
			rest(AGAIN_MS);
		else if (r == 0)
			op_renew_wait(cx->house);
	}
	return NULL;
}

int
renewals_start(struct ctx *cx, struct err *e)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, cx) != 0)
		return err_errno(e, "start a thread");
	pthread_detach(thread);
	return 0;
}
