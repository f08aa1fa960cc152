/*
 * upkeep.c - threads for what nobody waits for
 */
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "front/upkeep.h"
#include "keys/keys.h"
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
step(const struct chore *c)
{
	struct ctx *cx = c->cx;
	int r;

	cx->now = clock_wall();
	err_clear(&cx->err);
	if ((r = c->step(cx)) < 0) {
		log_err(c->put_off, &cx->err);
		db_rollback(cx);
	}
	arena_reset(cx->arena);
	return r;
}

static void *
run(void *arg)
{
	const struct chore *c = arg;
	int r;

	if (c->cx->keeper != NULL)
		keys_thread(c->cx->keeper);
	for (;;) {
		c->wait(c->cx->house);
		rest(GATHER_MS);
		while ((r = step(c)) != 0)
			rest(r < 0 ? AGAIN_MS : REST_MS);
	}
	return NULL;
}

int
upkeep_start(const struct chore *c, struct err *e)
{
	struct chore *own = malloc(sizeof(*own));
	pthread_t thread;

	if (own == NULL)
		return err_nomem(e);
	*own = *c;
	if (pthread_create(&thread, NULL, run, own) != 0)
		return err_errno(e, "start a thread");
	pthread_detach(thread);
	return 0;
}
