/*
 * together.c - certificates of all threads are signed over one connection
 *
 * A signature under a CA's key waits for the keeper's fsync. While one batch is
 * under way the next one gathers: one message, one fsync and one task switch of
 * the keeper for all of it. Whoever finds nothing under way takes the batch;
 * who took one hands the next to the first that waits.
 */
#include <pthread.h>
#include <semaphore.h>

#include "keys/keeper.h"

#define SERIALS_ASKED 64
#define SERIALS_LOW   32
#define BATCH_MAX     (CHANNEL_INLINE - 4096) /* bytes: one packet */

struct turn {
	struct turn *next;
	struct buf question, answer; /* question empty: serial numbers are wanted */
	struct err why;
	bool leads;
	sem_t woken;
};

static struct {
	pthread_mutex_t lock;
	struct keeper *keeper;
	bool busy;
	struct turn *first, **last;
	unsigned char serials[SERIALS_ASKED + SERIALS_LOW][16];
	unsigned nserials;
} all = { .lock = PTHREAD_MUTEX_INITIALIZER, .last = &all.first };

void
keys_certificates(struct keeper *k)
{
	all.keeper = k;
}

/* Lock held. Who goes into the next message: as many as fit, in their order. */
static struct turn *
take_batch(void)
{
	struct turn *batch = all.first, **end = &all.first;
	size_t n = 0, bytes = 0;

	while (*end != NULL && n < SEVERAL_MAX && (n == 0 || bytes < BATCH_MAX)) {
		bytes += (*end)->question.len;
		if (n > 0 && bytes >= BATCH_MAX)
			break;
		n++;
		end = &(*end)->next;
	}
	all.first = *end;
	*end = NULL;
	if (all.first == NULL)
		all.last = &all.first;
	return batch;
}

static void
all_failed(struct turn *batch, const struct err *e)
{
	for (struct turn *t = batch; t != NULL; t = t->next)
		t->why = *e;
}

static void
ask_batch(struct turn *batch)
{
	AUTO_BUF struct buf data = { 0 };
	struct message q = { .op = OP_SIGN_SEVERAL }, a;
	struct err e = { 0 };
	struct view v;

	for (struct turn *t = batch; t != NULL; t = t->next)
		if (t->question.len > 0)
			buf_put_string(&data, t->question.data, t->question.len);
	if (data.len == 0)
		return;
	q.data = (struct bytes){ data.data, data.len };
	if (keeper_ask(all.keeper, &q, &a, &e) < 0) {
		all_failed(batch, &e);
		return;
	}
	v = view_of(a.data.data, a.data.len);
	for (struct turn *t = batch; t != NULL; t = t->next) {
		struct bytes one = { 0 };

		if (t->question.len == 0)
			continue;
		if (view_string(&v, &one.data, &one.len, v.len) < 0)
			err_set(
			    &t->why, R_KEEPER_PROTOCOL, NULL, "the keeper's answer does not fit");
		else
			buf_put(&t->answer, one.data, one.len);
	}
}

/* Ahead of time, so that nobody waits for them. */
static void
fetch_serials(struct turn *batch)
{
	unsigned char more[SERIALS_ASKED][16];
	struct err e = { 0 };
	bool enough;

	pthread_mutex_lock(&all.lock);
	enough = all.nserials > SERIALS_LOW;
	pthread_mutex_unlock(&all.lock);
	if (enough)
		return; /* others only take some */
	if (keys_serials(all.keeper, SERIALS_ASKED, more[0], &e) < 0) {
		for (struct turn *t = batch; t != NULL; t = t->next)
			if (t->question.len == 0) /* what was signed is signed */
				t->why = e;
		return;
	}
	pthread_mutex_lock(&all.lock);
	memcpy(all.serials[all.nserials], more, sizeof(more));
	all.nserials += SERIALS_ASKED;
	pthread_mutex_unlock(&all.lock);
}

/* This thread's batch, then the others of it go on, and one of those that wait. */
static void
lead(struct turn *own)
{
	struct turn *batch, *t, *next;

	pthread_mutex_lock(&all.lock);
	batch = take_batch();
	pthread_mutex_unlock(&all.lock);
	ask_batch(batch);
	fetch_serials(batch);
	for (t = batch; t != NULL; t = next) {
		next = t->next; /* once woken, it may be gone */
		if (t != own)
			sem_post(&t->woken);
	}
	pthread_mutex_lock(&all.lock);
	if ((next = all.first) != NULL)
		next->leads = true;
	else
		all.busy = false;
	pthread_mutex_unlock(&all.lock);
	if (next != NULL)
		sem_post(&next->woken);
}

static void
take_turn(struct turn *t)
{
	bool at_once;

	t->next = NULL;
	t->leads = false;
	sem_init(&t->woken, 0, 0);
	pthread_mutex_lock(&all.lock);
	*all.last = t;
	all.last = &t->next;
	at_once = !all.busy;
	all.busy = true;
	pthread_mutex_unlock(&all.lock);
	if (!at_once)
		while (sem_wait(&t->woken) < 0)
			; /* a signal */
	if (at_once || t->leads)
		lead(t);
	sem_destroy(&t->woken);
}

int
keys_certificate_serial(struct keeper *own, unsigned char out[16], struct err *e)
{
	struct turn t = { 0 };
	bool found;

	if (all.keeper == NULL)
		return keys_serials(own, 1, out, e);
	for (;;) {
		pthread_mutex_lock(&all.lock);
		if ((found = all.nserials > 0))
			memcpy(out, all.serials[--all.nserials], 16);
		pthread_mutex_unlock(&all.lock);
		if (found)
			return 0;
		take_turn(&t);
		if (err_is_set(&t.why)) {
			*e = t.why;
			return -1;
		}
	}
}

int
keeper_ask_certificate(
    struct keeper *own, struct message *q, struct message *a, struct buf *room, struct err *e)
{
	AUTO_BUF struct buf question = { 0 };
	struct turn t = { 0 };

	if (all.keeper == NULL)
		return keeper_ask(own, q, a, e);
	message_pack(&question, q, false);
	t.question = question;
	take_turn(&t);
	*room = t.answer;
	if (!err_is_set(&t.why) &&
	    (message_unpack(a, room->data, room->len, true) < 0 || a->op != q->op))
		err_set(&t.why, R_KEEPER_PROTOCOL, NULL, "the keeper's answer does not fit");
	if (!err_is_set(&t.why) && a->refused)
		t.why = a->why;
	if (!err_is_set(&t.why))
		return 0;
	if (!err_is_set(e))
		*e = t.why;
	return -1;
}
