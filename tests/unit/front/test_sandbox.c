/*
 * test_sandbox.c - P41: what the front can do no more, tried in a child
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "front/sandbox.h"

static char folder[] = "/tmp/cw-sandbox-XXXXXX";

/* How it ends when a sandboxed process does this: the wait status. */
static int
ends(int (*act)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		const char *level;
		struct err e = { 0 };

		if (chdir(folder) < 0 || sandbox_front(NULL, &level, &e) < 0) {
			fprintf(stderr, "%s\n", e.message);
			_exit(99);
		}
		_exit(act());
	}
	waitpid(pid, &status, 0);
	return status;
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
works(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	pthread_t thread;

	return fd < 0 || write(fd, "x", 1) != 1 || rename("file", "other") < 0 ||
		unlink("other") < 0 || pthread_create(&thread, NULL, nothing, NULL) != 0 ||
		pthread_join(thread, NULL) != 0 || malloc(1 << 20) == NULL
	    ? 1
	    : 0;
}

static int
reads_elsewhere(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 0 : 1;
}

static int
writes_elsewhere(void)
{
	return open("/tmp/cw-sandbox-escaped", O_WRONLY | O_CREAT, 0600) < 0 && errno == EACCES ? 0
												: 1;
}

static int
runs(void)
{
	return execl("/bin/true", "true", NULL);
}

static int
speaks(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int
forks(void)
{
	return fork() < 0 && (errno == EPERM || errno == ENOSYS) ? 0 : 1;
}

static int
makes_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		    MAP_FAILED &&
		mprotect(p, 4096, PROT_READ | PROT_EXEC) < 0
	    ? 0
	    : 1;
}

static int
signals_another(void)
{
	return kill(getppid(), 0) < 0 && syscall(SYS_tgkill, getppid(), getppid(), 0) < 0 ? 0 : 1;
}

static int
ends_itself(void)
{
	abort();
}

static bool
killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void
P35_P41_only_what_is_needed_is_left(void **state)
{
	assert_non_null(mkdtemp(folder));
	assert_int_equal(ends(works), 0);
	assert_int_equal(ends(reads_elsewhere), 0);
	assert_int_equal(ends(writes_elsewhere), 0);
	assert_true(killed(ends(runs)));
	assert_true(killed(ends(speaks)));
	assert_int_equal(ends(forks), 0);
	assert_int_equal(ends(makes_code), 0);
	assert_int_equal(ends(signals_another), 0);
	assert_int_equal(WTERMSIG(ends(ends_itself)), SIGABRT);
	rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P35_P41_only_what_is_needed_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
