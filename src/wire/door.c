/*
 * door.c - asking a spawner for a one-shot child
 */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/door.h"

struct door {
	int fd;
	pthread_mutex_t lock;
	unsigned owed; /* answers asked for, not yet taken */
};

struct door *
door_new(int fd)
{
	struct door *d = calloc(1, sizeof(*d));

	if (d == NULL)
		abort();
	d->fd = fd;
	pthread_mutex_init(&d->lock, NULL);
	return d;
}

void
door_free(struct door *d)
{
	if (d == NULL)
		return;
	close(d->fd);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

int
door_wait(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left;
	int r;

	do {
		left = deadline - clock_monotonic_ms();
		r = left <= 0 ? 0 : poll(&p, 1, (int)left);
	} while (r < 0 && errno == EINTR);
	return r;
}

/* An answer of the spawner. *fd: its descriptor, or -1: no child could be started, or there
 * is no room for one more here. -1: there is no spawner any more. */
static int
take_answer(int from, int *fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	struct cmsghdr *c;

	*fd = -1;
	if (recvmsg(from, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return 0;
}

/* Descriptors that came too late for their callers are closed first. */
static int
ask(struct door *d, char kind, int64_t deadline)
{
	int fd, ready;

	if (send(d->fd, &kind, 1, MSG_NOSIGNAL) != 1)
		return DOOR_GONE;
	for (d->owed++; d->owed > 0;) {
		if ((ready = door_wait(d->fd, POLLIN, deadline)) == 0)
			return DOOR_LATE;
		if (ready < 0 || take_answer(d->fd, &fd) < 0)
			return DOOR_GONE;
		if (--d->owed == 0)
			return fd >= 0 ? fd : DOOR_LATE;
		if (fd >= 0)
			close(fd);
	}
	return DOOR_GONE;
}

int
door_ask(struct door *d, char kind, int64_t deadline)
{
	struct timespec until = { .tv_sec = (time_t)(deadline / 1000),
		.tv_nsec = (long)(deadline % 1000) * 1000000 };
	int fd;

	if (pthread_mutex_clocklock(&d->lock, CLOCK_MONOTONIC, &until) != 0)
		return DOOR_LATE;
	fd = ask(d, kind, deadline);
	pthread_mutex_unlock(&d->lock);
	return fd;
}
