/*
 * test_sandbox.c - P41: what the keeper can do no more, tried in a child
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/sandbox.h"

/* How it ends when a sandboxed process does this: the wait status. */
static int
ends(int (*act)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct err e = { 0 };

		if (sandbox_early(&e) < 0 || sandbox_close(&e) < 0)
			_exit(99);
		_exit(act());
	}
	waitpid(pid, &status, 0);
	return status;
}

static int
works(void)
{
	void *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("x", MFD_CLOEXEC);

	return p == MAP_FAILED || fd < 0 || write(fd, "x", 1) != 1 || malloc(1 << 20) == NULL ||
		mprotect(p, 4096, PROT_READ) < 0
	    ? 1
	    : 0;
}

static int
opens(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 0 : 1;
}

static int
speaks(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int
runs(void)
{
	return execl("/bin/true", "true", NULL);
}

static int
forks(void)
{
	return fork() < 0;
}

static int
makes_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	    MAP_FAILED;
}

static int
turns_data_into_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC) < 0;
}

static int
signals_another(void)
{
	return (int)syscall(SYS_tgkill, getppid(), getppid(), 0) < 0;
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
P41_only_what_is_needed_is_left(void **state)
{
	assert_int_equal(ends(works), 0);
	assert_int_equal(ends(opens), 0);
	assert_true(killed(ends(speaks)));
	assert_true(killed(ends(runs)));
	assert_true(killed(ends(forks)));
	assert_true(killed(ends(makes_code)));
	assert_true(killed(ends(turns_data_into_code)));
	assert_true(killed(ends(signals_another)));
	assert_int_equal(WTERMSIG(ends(ends_itself)), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P41_only_what_is_needed_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
