/*
 * targets.c - where certificates can be delivered on this host: the front's side
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "keys/targets.h"
#include "wire/channel.h"

struct targets {
	int fd;
	pthread_mutex_t asking; /* a question at a time */
	struct buf out;
	struct incoming in;
	pthread_mutex_t lock; /* of the list */
	struct delivery_target *list;
	size_t n;
};

struct targets *
targets_attach(int fd)
{
	struct targets *t = calloc(1, sizeof(*t));

	if (t == NULL || (t->list = calloc(DELIVERY_TARGETS, sizeof(*t->list))) == NULL)
		abort();
	t->fd = fd;
	pthread_mutex_init(&t->asking, NULL);
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void
targets_detach(struct targets *t)
{
	if (t == NULL)
		return;
	close(t->fd);
	buf_free(&t->out);
	channel_free(&t->in);
	pthread_mutex_destroy(&t->asking);
	pthread_mutex_destroy(&t->lock);
	free(t->list);
	free(t);
}

static int
gone(struct err *e)
{
	err_set(e, R_DELIVER_GONE, NULL, "certwright-deliver does not answer");
	return err_hint(e, "the service restarts by itself; try again in a moment");
}

/* `list` has room for DELIVERY_TARGETS. */
static int
hear(int fd, struct incoming *in, uint8_t kind, struct delivery_target *list, size_t *n,
    struct err *e)
{
	struct err why = { 0 };

	if (channel_recv(fd, in) < 0 ||
	    delivery_unpack_answer(kind, in->data, in->len, list, n, &why) < 0)
		return gone(e);
	if (!err_is_set(&why))
		return 0;
	*e = why;
	return -1;
}

static int
say(struct targets *t, const struct delivery_question *q, struct err *e)
{
	delivery_pack_question(&t->out, q);
	return channel_send(t->fd, t->out.data, t->out.len) < 0 ? gone(e) : 0;
}

int
targets_read(struct targets *t, struct err *e)
{
	struct delivery_question q = { .kind = DELIVERY_LIST };
	struct delivery_target *list = calloc(DELIVERY_TARGETS, sizeof(*list)), *old;
	size_t n = 0;
	int r;

	if (list == NULL)
		return err_nomem(e);
	pthread_mutex_lock(&t->asking);
	if ((r = say(t, &q, e)) == 0 && (r = hear(t->fd, &t->in, q.kind, list, &n, e)) == 0) {
		pthread_mutex_lock(&t->lock);
		old = t->list;
		t->list = list;
		t->n = n;
		list = old;
		pthread_mutex_unlock(&t->lock);
	}
	pthread_mutex_unlock(&t->asking);
	free(list);
	return r;
}

struct delivery_target *
targets_list(struct targets *t, struct arena *a, size_t *n)
{
	struct delivery_target *all;

	pthread_mutex_lock(&t->lock);
	*n = t->n;
	all = arena_dup(a, t->list, t->n * sizeof(*all));
	pthread_mutex_unlock(&t->lock);
	return all;
}

/* The keeper first: what it refuses never gets as far as the target. */
static int
begin(struct targets *t, struct keeper *k, const struct delivery *d, int *answer, struct err *e)
{
	struct delivery_question q = { .kind = DELIVERY_PUT,
		.certificates = { d->certificates, d->certificates_len } };

	random_bytes(q.ticket, sizeof(q.ticket));
	snprintf(q.target, sizeof(q.target), "%s", d->target);
	if (keys_deliver(k, d->blob, d->blob_len, q.ticket, d->target, e) < 0 || say(t, &q, e) < 0)
		return -1;
	return channel_recv_fd(t->fd, answer) < 0 ? gone(e) : 0;
}

int
targets_deliver(struct targets *t, struct keeper *k, const struct delivery *d, struct err *e)
{
	struct incoming in = { 0 };
	AUTO_CLOSE int answer = -1;
	size_t n;
	int r;

	pthread_mutex_lock(&t->asking);
	r = begin(t, k, d, &answer, e);
	pthread_mutex_unlock(&t->asking);
	if (r == 0)
		r = hear(answer, &in, DELIVERY_PUT, NULL, &n, e);
	channel_free(&in);
	return r;
}

bool
targets_gone(const struct targets *t)
{
	struct pollfd p = { .fd = t->fd };

	return poll(&p, 1, 0) > 0;
}
