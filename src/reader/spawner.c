/*
 * spawner.c - one small process that forks a reader for each file
 *
 * It reads single bytes from two control sockets and never sees a file. Each
 * door has its own share of the readers, so that neither starves the other;
 * a door whose share is used up is not read until a reader ends.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "reader/reader.h"
#include "reader/sandbox.h"
#include "reader/spawner.h"

#define DOORS 2
#define SHARE (SPAWNER_LIVE_MAX / DOORS)

struct door {
	int fd;
	char kind; /* the only request it may make */
	unsigned live;
};

struct child {
	pid_t pid; /* 0: free place */
	int64_t born_ms;
	struct door *door;
};

struct spawner {
	struct door doors[DOORS];
	struct child children[SPAWNER_LIVE_MAX];
	bool sandbox;
	int64_t life_ms;
};

/* Tests do not wait for ten seconds. */
static int64_t
reader_life_ms(void)
{
#ifdef CERTWRIGHT_TEST
	const char *text = getenv("CERTWRIGHT_TEST_READER_LIFE_MS");

	if (text != NULL)
		return strtol(text, NULL, 10);
#endif
	return SPAWNER_LIFE_MS;
}

static void
reap(struct spawner *s)
{
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < nitems(s->children); i++) {
		struct child *c = &s->children[i];

		if (c->pid == 0)
			continue;
		if (now - c->born_ms > s->life_ms)
			kill(c->pid, SIGKILL);
		if (waitpid(c->pid, NULL, WNOHANG) == c->pid) {
			c->pid = 0;
			c->door->live--;
		}
	}
}

static void
kill_all(struct spawner *s)
{
	for (size_t i = 0; i < nitems(s->children); i++)
		if (s->children[i].pid != 0) {
			kill(s->children[i].pid, SIGKILL);
			waitpid(s->children[i].pid, NULL, 0);
		}
}

static void
pass_descriptor(int to, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	/* whoever does not take his descriptors finds none: his reader ends */
	sendmsg(to, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static struct child *
free_place(struct spawner *s)
{
	for (size_t i = 0; i < nitems(s->children); i++)
		if (s->children[i].pid == 0)
			return &s->children[i];
	return NULL;
}

static void
start_reader(struct spawner *s, struct door *d)
{
	struct child *c = free_place(s);
	int pair[2];
	pid_t pid;

	if (c == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	if ((pid = fork()) == 0) {
		close(pair[0]);
		for (size_t i = 0; i < DOORS; i++)
			close(s->doors[i].fd);
		reader_run(pair[1], d->kind, s->sandbox);
	}
	close(pair[1]);
	if (pid > 0) {
		*c = (struct child){ pid, clock_monotonic_ms(), d };
		d->live++;
		pass_descriptor(d->fd, pair[0]);
	}
	close(pair[0]);
}

/* 0, or -1 when the other side is gone or speaks something else. */
static int
serve(struct spawner *s, struct door *d)
{
	char wish[2];
	ssize_t n = recv(d->fd, wish, sizeof(wish), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n != 1 || wish[0] != d->kind)
		return -1;
	start_reader(s, d);
	return 0;
}

/* Reaping needs no signal: a short wait while anybody lives. */
static int
wait_for_wish(struct spawner *s, struct pollfd p[DOORS])
{
	unsigned live = 0;

	for (size_t i = 0; i < DOORS; i++) {
		live += s->doors[i].live;
		p[i] = (struct pollfd){ .fd = s->doors[i].fd,
			.events = s->doors[i].live < SHARE ? POLLIN : 0 };
	}
	return poll(p, DOORS, live > 0 ? 20 : -1);
}

int
spawner_run(const struct spawner_doors *doors, struct err *e)
{
	struct spawner s = { .doors = { { doors->front, READER_BUNDLE, 0 },
				 { doors->keeper, READER_KEY, 0 } },
		.sandbox = doors->sandbox,
		.life_ms = reader_life_ms() };
	struct pollfd p[DOORS];
	bool open = true;

	if (doors->sandbox && sandbox_spawner(e) < 0)
		return -1;
	while (open) {
		if (wait_for_wish(&s, p) < 0 && errno != EINTR) {
			err_errno(e, "wait for requests");
			break;
		}
		reap(&s);
		for (size_t i = 0; i < DOORS && open; i++) {
			if (p[i].revents & POLLIN)
				open = serve(&s, &s.doors[i]) == 0;
			else if (p[i].revents & (POLLHUP | POLLERR | POLLNVAL))
				open = false;
		}
	}
	kill_all(&s);
	return err_is_set(e) ? -1 : 0;
}
