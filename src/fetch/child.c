/*
 * child.c - a one-shot process: one job, one answer, the end
 *
 * A timer ends it, whatever it waits for: its handler sends the refusal that
 * was made ready with each stage, and the kernel does the rest.
 */
#include <sys/time.h>

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/outside.h"

#define EXIT_SANDBOX 3
#define EXIT_JOB     4

/* What the handler sends. */
static struct {
	int fd;
	struct buf packet;
} late = { .fd = -1 };

static void
time_is_up(int sig)
{
	send(late.fd, late.packet.data, late.packet.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	_exit(0);
}

void
job_stage(struct job *j, const char *fmt, ...)
{
	struct err e = { 0 };
	sigset_t alarm, before;
	char stage[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(stage, sizeof(stage), fmt, ap);
	va_end(ap);
	err_set(&e, R_FETCH_LATE, NULL, "there was no answer within %.1f s: %s",
	    (double)j->asked.time_ms / 1000, stage);
	err_hint(&e, "see that the server is up and reached from here");
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarm, &before);
	buf_reset(&late.packet);
	answer_refusal(&late.packet, &e);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void
set_timer(struct job *j)
{
	struct itimerval t = { .it_value = { .tv_sec = j->asked.time_ms / 1000,
				   .tv_usec = (suseconds_t)(j->asked.time_ms % 1000) * 1000 } };

	j->deadline_ms = clock_monotonic_ms() + j->asked.time_ms;
	job_stage(j, "beginning");
	setitimer(ITIMER_REAL, &t, NULL);
}

static int
receive(int fd, struct job *j)
{
	unsigned char *packet = arena_alloc(j->arena, FETCH_JOB_MAX);
	ssize_t n = recv(fd, packet, FETCH_JOB_MAX, MSG_TRUNC);

	if (n <= 0 || n > FETCH_JOB_MAX)
		return -1;
	return job_read(view_of(packet, (size_t)n), &j->asked);
}

static int
work(struct job *j, struct buf *answer)
{
	switch (j->asked.kind) {
	case JOB_TLS:
		return do_tls(j, answer);
	case JOB_HTTP:
		return do_http(j, answer);
	case JOB_MAIL:
		return do_mail(j, answer);
	case JOB_POST:
		return do_post(j, answer);
	default:
		return do_txt(j, answer);
	}
}

void
outside_run(int fd, const struct outside *o)
{
	struct job j = { .outside = o, .arena = arena_new() };
	const struct itimerval none = { 0 };
	struct buf answer = { 0 };
	struct err e = { 0 };

	late.fd = fd;
	signal(SIGALRM, time_is_up);
	if (o->sandbox && sandbox_job(&e) < 0)
		_exit(EXIT_SANDBOX); /* P41: then nothing is asked */
	if (receive(fd, &j) < 0)
		_exit(EXIT_JOB);
	set_timer(&j);
	if (work(&j, &answer) < 0) {
		buf_reset(&answer);
		answer_refusal(&answer, &j.err);
	}
	setitimer(ITIMER_REAL, &none, NULL);
	send(fd, answer.data, answer.len, MSG_NOSIGNAL);
	_exit(0);
}
