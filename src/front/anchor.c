/*
 * anchor.c - the newest audit head goes into the keeper's journal, within 1 s;
 * now and then the sign journal is reconciled, too
 */
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "front/anchor.h"
#include "op/op_reconcile.h"
#include "op/op_start.h"
#include "keys/keys.h"

#define GATHER_MS 200 /* one signature for what happens meanwhile */

struct anchor {
	struct ctx *cx;
	pthread_mutex_t lock;
	pthread_cond_t group;
	bool due;
	enum refusal said;
};

static void
group_came(void *arg)
{
	struct anchor *a = arg;

	pthread_mutex_lock(&a->lock);
	if (!a->due) {
		a->due = true;
		pthread_cond_signal(&a->group);
	}
	pthread_mutex_unlock(&a->lock);
}

static void *
run(void *arg)
{
	const struct timespec gather = { 0, GATHER_MS * 1000000L };
	struct anchor *a = arg;

	keys_thread(a->cx->keeper);
	for (;;) {
		pthread_mutex_lock(&a->lock);
		while (!a->due)
			pthread_cond_wait(&a->group, &a->lock);
		a->due = false;
		pthread_mutex_unlock(&a->lock);
		nanosleep(&gather, NULL);
		a->cx->now = clock_wall();
		err_clear(&a->cx->err);
		if (op_audit_anchor(a->cx) < 0 && a->cx->err.refusal != a->said)
			log_err("the audit could not be anchored", &a->cx->err);
		a->said = a->cx->err.refusal; /* once, not with each event */
		err_clear(&a->cx->err);
		if (op_reconcile_due() && op_reconcile(a->cx) < 0) {
			log_err("the sign journal could not be reconciled", &a->cx->err);
			db_rollback(a->cx);
		}
		arena_reset(a->cx->arena);
	}
	return NULL;
}

int
anchor_start(struct anchor **out, struct db *db, struct ctx *cx, struct err *e)
{
	struct anchor *a = calloc(1, sizeof(*a));
	pthread_t thread;

	if (a == NULL)
		return err_nomem(e);
	a->cx = cx;
	a->due = true; /* what the last run left */
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->group, NULL);
	db_on_group(db, group_came, a);
	if (pthread_create(&thread, NULL, run, a) != 0)
		return err_errno(e, "start a thread");
	pthread_detach(thread);
	*out = a;
	return 0;
}
