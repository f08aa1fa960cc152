/*
 * spawner.c - one small process that forks a one-shot child for each job
 *
 * It reads single bytes and never sees what a child works on. Each door has
 * its own share of the children, so that none starves another.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/spawner.h"

#define NOBODY 65534

struct door {
	struct spawner_door plan;
	unsigned live;
};

struct child {
	pid_t pid; /* 0: free place */
	int64_t born_ms;
	struct door *door;
};

struct spawner {
	const struct spawner_plan *plan;
	struct door doors[SPAWNER_DOORS_MAX];
	struct child children[SPAWNER_LIVE_MAX];
};

static void
reap(struct spawner *s)
{
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < nitems(s->children); i++) {
		struct child *c = &s->children[i];

		if (c->pid == 0)
			continue;
		if (now - c->born_ms > s->plan->life_ms)
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

/* -1: there is none. */
static ssize_t
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

	if (fd < 0) {
		m.msg_control = NULL;
		m.msg_controllen = 0;
		return sendmsg(to, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	/* whoever does not take his descriptors finds none: his child ends */
	return sendmsg(to, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static struct child *
free_place(struct spawner *s)
{
	for (size_t i = 0; i < nitems(s->children); i++)
		if (s->children[i].pid == 0)
			return &s->children[i];
	return NULL;
}

static int
start_child(struct spawner *s, struct door *d)
{
	struct child *c = free_place(s);
	int pair[2], r = -1;
	pid_t pid;

	if (c == NULL || socketpair(AF_UNIX, s->plan->type | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	if ((pid = fork()) == 0) {
		close(pair[0]);
		for (size_t i = 0; i < s->plan->ndoors; i++)
			close(s->doors[i].plan.fd);
		s->plan->child(pair[1], d->plan.kind, s->plan->arg);
		_exit(127);
	}
	close(pair[1]);
	if (pid > 0) {
		*c = (struct child){ pid, clock_monotonic_ms(), d };
		d->live++;
		r = pass_descriptor(d->plan.fd, pair[0]) < 0 ? -1 : 0;
	}
	close(pair[0]);
	return r;
}

/* 0, or -1 when the other side is gone or speaks something else. */
static int
serve(struct spawner *s, struct door *d)
{
	char wish[2];
	ssize_t n = recv(d->plan.fd, wish, sizeof(wish), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n != 1 || wish[0] != d->plan.kind)
		return -1;
	if (start_child(s, d) < 0)
		pass_descriptor(d->plan.fd, -1); /* who waits for it hears so */
	return 0;
}

/* Reaping needs no signal: a short wait while anybody lives. */
static int
wait_for_wish(struct spawner *s, struct pollfd p[SPAWNER_DOORS_MAX])
{
	unsigned live = 0;

	for (size_t i = 0; i < s->plan->ndoors; i++) {
		const struct door *d = &s->doors[i];

		live += d->live;
		p[i] = (struct pollfd){ .fd = d->plan.fd,
			.events = d->live < d->plan.share ? POLLIN : 0 };
	}
	return poll(p, s->plan->ndoors, live > 0 ? 20 : -1);
}

int
spawner_run(const struct spawner_plan *plan, struct err *e)
{
	struct spawner s = { .plan = plan };
	struct pollfd p[SPAWNER_DOORS_MAX];
	bool open = true;

	for (size_t i = 0; i < plan->ndoors; i++)
		s.doors[i].plan = plan->doors[i];
	while (open) {
		if (wait_for_wish(&s, p) < 0 && errno != EINTR) {
			err_errno(e, "wait for requests");
			break;
		}
		reap(&s);
		for (size_t i = 0; i < plan->ndoors && open; i++) {
			if (p[i].revents & POLLIN)
				open = serve(&s, &s.doors[i]) == 0;
			else if (p[i].revents & (POLLHUP | POLLERR | POLLNVAL))
				open = false;
		}
	}
	kill_all(&s);
	return err_is_set(e) ? -1 : 0;
}

int
spawner_number(const char *text, long *out)
{
	char *end;

	if (text == NULL)
		return -1;
	errno = 0;
	*out = strtol(text, &end, 10);
	return errno != 0 || *end != '\0' || end == text || *out < 0 ? -1 : 0;
}

int
spawner_drop(long uid, long gid, struct err *e)
{
	uid_t u = uid >= 0 ? (uid_t)uid : NOBODY;
	gid_t g = gid >= 0 ? (gid_t)gid : NOBODY;

	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(g, g, g) < 0 || setresuid(u, u, u) < 0)
		return err_errno(e, "become uid %u", (unsigned)u);
	return 0;
}
