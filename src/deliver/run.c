/*
 * run.c - a program of the list, with a time limit
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "deliver/run.h"

#define TICK_MS 10

struct output {
	char text[RUN_LINE_SIZE];
	size_t len;
};

static void
become(char *const argv[], int out)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LANG=C.UTF-8";
	char *const environment[] = { path, lang, NULL };
	int in = open("/dev/null", O_RDONLY);

	setsid();
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	umask(022);
	if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
	    close_range(3, ~0U, 0) < 0 || chdir("/") < 0)
		_exit(126);
	execve(argv[0], argv, environment);
	_exit(127);
}

/* All that is there now; what is too long is read and dropped. */
static void
take(int fd, struct output *o)
{
	char room[512];
	ssize_t n;

	while ((n = read(fd, room, sizeof(room))) > 0) {
		size_t fits = sizeof(o->text) - 1 - o->len;

		fits = (size_t)n < fits ? (size_t)n : fits;
		memcpy(o->text + o->len, room, fits);
		o->len += fits;
	}
}

/* The first line that says something, as text for people. */
static bool
first_line(struct output *o, char line[RUN_LINE_SIZE])
{
	char *p = o->text;
	size_t n;

	o->text[o->len] = '\0';
	for (size_t i = 0; i < o->len; i++)
		if (o->text[i] == '\0' || o->text[i] == '\t' || o->text[i] == '\r')
			o->text[i] = ' ';
	utf8_mend(p);
	p += strspn(p, " \n");
	n = strcspn(p, "\n");
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = '?';
	snprintf(line, RUN_LINE_SIZE, "%.*s", (int)n, p);
	utf8_mend(line); /* it may have been cut */
	return line[0] != '\0';
}

/* 1 it ended, 0 it is late. */
static int
wait_for(pid_t pid, int out, int timeout_s, struct output *o, int *status)
{
	int64_t end = clock_monotonic_ms() + timeout_s * 1000LL;
	struct pollfd p = { .fd = out, .events = POLLIN };

	while (waitpid(pid, status, WNOHANG) != pid) {
		if (clock_monotonic_ms() >= end)
			return 0;
		if (poll(&p, 1, TICK_MS) > 0 && (p.revents & POLLIN) == 0)
			usleep(TICK_MS * 1000); /* it closed its output, and goes on */
		take(out, o);
	}
	take(out, o);
	return 1;
}

static int
judge(int status, struct output *o, char line[RUN_LINE_SIZE])
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (first_line(o, line))
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		snprintf(line, RUN_LINE_SIZE, "it cannot be run");
	else if (WIFEXITED(status))
		snprintf(line, RUN_LINE_SIZE, "it ended with status %d", WEXITSTATUS(status));
	else
		snprintf(line, RUN_LINE_SIZE, "it was ended by signal %d", WTERMSIG(status));
	return -1;
}

int
run_program(char *const argv[], int timeout_s, char line[RUN_LINE_SIZE])
{
	struct output o = { .len = 0 };
	int ends[2], status = 0, done;
	pid_t pid;

	line[0] = '\0';
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0 || (pid = fork()) < 0) {
		snprintf(line, RUN_LINE_SIZE, "it cannot be started: %s", strerror(errno));
		return -1;
	}
	if (pid == 0) {
		fcntl(ends[1], F_SETFL, 0); /* what it writes to does not say "again" */
		become(argv, ends[1]);
	}
	close(ends[1]);
	if ((done = wait_for(pid, ends[0], timeout_s, &o, &status)) == 0) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		snprintf(line, RUN_LINE_SIZE, "it did not end within %d s", timeout_s);
	}
	close(ends[0]);
	return done ? judge(status, &o, line) : -1;
}
