/*
 * test_confine.c - what a child of a spawner may still use, tried in one
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/confine.h"

static bool
has(__rlimit_resource_t what, rlim_t value)
{
	struct rlimit l;

	return getrlimit(what, &l) == 0 && l.rlim_cur == value && l.rlim_max == value;
}

static int
look(void)
{
	struct err e = { 0 };
	int sig = 0;

	if (confine_child(9, &e) < 0)
		return 1;
	if (!has(RLIMIT_CORE, 0) || !has(RLIMIT_CPU, 5) || !has(RLIMIT_NOFILE, 9) ||
	    !has(RLIMIT_FSIZE, 0))
		return 2;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 3;
	return prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0) == 0 && sig == SIGKILL ? 0 : 4;
}

static void
P41_a_child_has_limits_and_dies_with_its_parent(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(look());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P41_a_child_has_limits_and_dies_with_its_parent),
	};

	return cmocka_run_group_tests_name("confine", tests, NULL, NULL);
}
