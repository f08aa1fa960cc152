/*
 * test_targets.c - certwright-deliver, as the front asks it
 */
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/targets.h"

static void
who_is_gone_is_said_and_nothing_is_found(void **state)
{
	struct arena *arena = arena_new();
	struct err e = { 0 };
	struct targets *t;
	int fds[2];
	size_t n;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	t = targets_attach(fds[0]);
	assert_false(targets_gone(t));
	close(fds[1]);
	assert_true(targets_gone(t));
	assert_int_equal(targets_read(t, &e), -1);
	assert_int_equal(e.refusal, R_DELIVER_GONE);
	targets_list(t, arena, &n);
	assert_int_equal(n, 0);
	arena_free(arena);
	targets_detach(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_gone_is_said_and_nothing_is_found),
	};

	return cmocka_run_group_tests_name("targets", tests, NULL, NULL);
}
