/*
 * test_door.c - a child that cannot be started is refused, and the next one comes
 *
 * door.c, spawner.c
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "wire/door.h"
#include "wire/spawner.h"

static struct door *door;
static pid_t spawner;

static void
child(int fd, char kind, void *arg)
{
	_exit(write(fd, "here", 4) == 4 ? 0 : 1);
}

static int
open_house(void **state)
{
	int pair[2];
	struct err e = { 0 };

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ||
	    (spawner = fork()) < 0)
		return -1;
	if (spawner == 0) {
		const struct spawner_plan plan = { .doors = { { pair[1], 'x', 4 } },
			.ndoors = 1,
			.type = SOCK_STREAM,
			.life_ms = 5000,
			.child = child };

		close(pair[0]);
		_exit(spawner_run(&plan, &e) == 0 ? 0 : 1);
	}
	close(pair[1]);
	door = door_new(pair[0]);
	return 0;
}

static int
close_house(void **state)
{
	door_free(door);
	return waitpid(spawner, NULL, 0) == spawner ? 0 : -1;
}

static int
ask(void)
{
	return door_ask(door, 'x', clock_monotonic_ms() + 3000);
}

static void
comes(void)
{
	char text[5] = "";
	int fd = ask();

	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, 4), 4);
	assert_string_equal(text, "here");
	close(fd);
}

/* So many descriptors this process may have from now on; 0: as before. */
static void
descriptors(pid_t who, rlim_t n)
{
	static struct rlimit before;
	struct rlimit now = before;

	if (n > 0) {
		assert_int_equal(prlimit(who, RLIMIT_NOFILE, NULL, &before), 0);
		now = before;
		now.rlim_cur = n;
	}
	assert_int_equal(prlimit(who, RLIMIT_NOFILE, &now, NULL), 0);
}

static void
refused_at_once(void)
{
	int64_t begin = clock_monotonic_ms();

	assert_int_equal(ask(), DOOR_LATE);
	assert_true(clock_monotonic_ms() - begin < 2000);
}

static void
P7_a_child_that_cannot_be_started_holds_up_no_other(void **state)
{
	comes();
	descriptors(spawner, 3);
	refused_at_once();
	refused_at_once();
	descriptors(spawner, 0);
	comes();
	comes();
}

static void
P7_a_descriptor_that_finds_no_place_here_is_not_waited_for(void **state)
{
	int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(lowest);
	descriptors(getpid(), (rlim_t)lowest);
	refused_at_once();
	descriptors(getpid(), 0);
	comes();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P7_a_child_that_cannot_be_started_holds_up_no_other),
		cmocka_unit_test(P7_a_descriptor_that_finds_no_place_here_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("door", tests, open_house, close_house);
}
