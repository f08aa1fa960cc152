/*
 * exec_list.c - the programs that may be run after a certificate was put in place
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "cli/exec_list.h"

#define TURN_NS 20000000L /* between two looks at the program */

/* ---- the text ---------------------------------------------------------------------- */

static int
line_refused(struct err *e, size_t line, const char *why)
{
	err_set(e, R_CONFIG, NULL, "line %zu of the exec list: %s", line, why);
	return err_hint(e, "a line is: NAME /absolute/program ARGUMENT...");
}

static bool
is_name(const char *s)
{
	size_t n = strspn(s,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789._-");

	return n > 0 && n <= EXEC_NAME_MAX && s[n] == '\0' && s[0] != '-';
}

/* What is wrong with the bytes of a line, or NULL. */
static const char *
bad_bytes(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((s[i] < ' ' && s[i] != '\t') || s[i] > '~')
			return "only printable ASCII is read here";
		if (strchr("'\"\\`$", s[i]) != NULL)
			return "quotes, backslashes and $ mean nothing here: no shell reads them";
	}
	return NULL;
}

/* The words of one line, which is cut up: name, program, arguments, NULL. */
static int
split(char *line, size_t number, char *words[EXEC_ARGS_MAX + 2], struct err *e)
{
	char *rest = NULL;
	size_t n = 0;

	for (char *w = strtok_r(line, " \t", &rest); w != NULL; w = strtok_r(NULL, " \t", &rest)) {
		if (n == EXEC_ARGS_MAX + 1)
			return line_refused(e, number, "too many arguments");
		words[n++] = w;
	}
	words[n] = NULL;
	if (n == 0)
		return 0;
	if (!is_name(words[0]))
		return line_refused(
		    e, number, "a name is up to 64 letters, digits, dots, underscores and hyphens");
	if (n < 2 || words[1][0] != '/')
		return line_refused(e, number, "the program needs its absolute path");
	return (int)n;
}

/* 1: it is the one, into argv; 0: another, or none; -1 */
static int
read_line(struct arena *a, const char *s, size_t len, size_t number, const char *name, char ***argv,
    struct err *e)
{
	char *words[EXEC_ARGS_MAX + 2] = { NULL }, *line;
	const char *why;
	int n;

	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	if (len == 0 || *s == '#')
		return 0;
	if ((why = bad_bytes(s, len)) != NULL)
		return line_refused(e, number, why);
	line = arena_dup(a, s, len);
	if ((n = split(line, number, words, e)) < 0)
		return -1;
	if (n == 0 || strcmp(words[0], name) != 0)
		return 0;
	if (*argv != NULL)
		return line_refused(e, number, "this name is there twice");
	*argv = arena_new_array(a, (size_t)n, char *);
	for (int i = 1; i <= n; i++) /* the NULL too */
		(*argv)[i - 1] = words[i];
	return 1;
}

int
exec_list_find(
    struct arena *a, const char *text, size_t len, const char *name, char ***argv, struct err *e)
{
	size_t number = 0, n;

	*argv = NULL;
	for (const char *p = text; len > 0; p += n, len -= n) {
		const char *end = memchr(p, '\n', len);

		n = end == NULL ? len : (size_t)(end - p) + 1;
		if (read_line(a, p, n - (end != NULL), ++number, name, argv, e) < 0)
			return -1;
	}
	if (*argv != NULL)
		return 0;
	err_set(e, R_CONFIG, NULL, "the exec list has no program of that name");
	return err_hint(e, "root adds a line to it: NAME /absolute/program ARGUMENT...");
}

/* ---- the file ---------------------------------------------------------------------- */

int
exec_list_load(struct arena *a, const char *path, const char *name, char ***argv, struct err *e)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *text;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set(e, R_CONFIG, NULL, "could not read %s: %s", path, strerror(errno));
		return err_hint(e, "--exec-list-file names another one");
	}
	if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		err_set(e, R_CONFIG, NULL,
		    "%s is not a file of root or of the caller that nobody else can write", path);
		return err_hint(
		    e, "chown root:root and chmod 0644 it, after a look at what it says");
	}
	if ((size_t)st.st_size > EXEC_LIST_MAX)
		return err_set(e, R_CONFIG, NULL, "%s is larger than 64 KiB", path);
	text = arena_new_array(a, (size_t)st.st_size + 1, char);
	if (read_full(fd, text, (size_t)st.st_size) < 0)
		return err_set(e, R_CONFIG, NULL, "could not read %s", path);
	return exec_list_find(a, text, (size_t)st.st_size, name, argv, e);
}

/* ---- running ------------------------------------------------------------------------ */

static _Noreturn void
become(char *const *argv)
{
	static char *const nothing[] = { NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setpgid(0, 0);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) < 0 || chdir("/") < 0)
		_exit(126);
	umask(022);
	execve(argv[0], argv, nothing);
	_exit(127);
}

/* 1 when it has ended by itself, 0 when its time is over. */
static int
wait_for(pid_t pid, int seconds, int *status)
{
	const struct timespec turn = { .tv_nsec = TURN_NS };
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (;;) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return 1;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec))
			return 0;
		nanosleep(&turn, NULL);
	}
}

int
exec_run(struct arena *a, char *const *argv, int seconds, const char **why)
{
	int status = 0;
	pid_t pid;

	signal(SIGCHLD, SIG_DFL); /* ignored, as some callers have it, no end would be told */
	if ((pid = fork()) == 0)
		become(argv);
	if (pid < 0) {
		*why = arena_printf(a, "%s could not be started: %s", argv[0], strerror(errno));
		return -1;
	}
	setpgid(pid, pid);
	if (!wait_for(pid, seconds, &status)) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
		*why = arena_printf(a, "%s did not end in %d seconds", argv[0], seconds);
		return -1;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	*why = WIFEXITED(status)
	    ? arena_printf(a, "%s ended with %d", argv[0], WEXITSTATUS(status))
	    : arena_printf(a, "%s was ended by signal %d", argv[0], WTERMSIG(status));
	return -1;
}
