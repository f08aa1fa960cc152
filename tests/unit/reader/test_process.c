/*
 * test_process.c - spawner and readers as processes: sandbox, bounds, deaths
 *
 * child.c, main.c, sandbox.c, spawner.c
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests.h"

/* The number behind `name` in /proc/PID/status, or -1. */
static long
status_of(pid_t pid, const char *name)
{
	char path[64], line[256];
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtol(line + strlen(name), NULL, 10);
	fclose(f);
	return value;
}

/* A living child of the spawner, or 0. */
static pid_t
child_of(pid_t pid)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	if (fscanf(f, "%d", &child) != 1)
		child = 0;
	fclose(f);
	return child;
}

static void
sleep_ms(int ms)
{
	poll(NULL, 0, ms);
}

static void
p41_a_reader_is_behind_its_filter(void **state)
{
	struct spawned s;
	pid_t child = 0;
	int fd;

	spawn(&s, NULL);
	fd = reader_for(s.keeper, 'K');
	assert_true(fd >= 0);
	for (int i = 0; i < 200; i++) {
		child = child_of(s.pid);
		if (child != 0 && status_of(child, "Seccomp_filters:") == 2)
			break;
		sleep_ms(5);
	}
	assert_true(child != 0);
	assert_int_equal(status_of(s.pid, "Seccomp:"), 2);
	assert_int_equal(status_of(child, "Seccomp:"), 2);
	assert_int_equal(status_of(child, "Seccomp_filters:"), 2);
	assert_int_equal(status_of(child, "NoNewPrivs:"), 1);
	if (geteuid() == 0)
		assert_int_equal(status_of(child, "Uid:"), 65534);
	close(fd);
	assert_int_equal(spawned_end(&s), 0);
}

static void
p41_no_sandbox_only_when_it_is_said(void **state)
{
	struct spawned s;

	spawn(&s, "--no-sandbox");
	close(reader_for(s.front, 'B'));
	assert_int_equal(status_of(s.pid, "Seccomp:"), 0);
	assert_int_equal(spawned_end(&s), 0);
}

static void
wrong_options_do_not_start(void **state)
{
	struct spawned s;

	spawn(&s, "--nonsense");
	assert_int_equal(WEXITSTATUS(spawned_end(&s)), 2);
}

static bool
ready(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

static void
silent_clients_wait_in_line_and_never_at_the_other_door(void **state)
{
	struct spawned s;
	int fds[8], n = 0;

	spawn(&s, NULL);
	while (n < 8)
		assert_true((fds[n++] = reader_for(s.front, 'B')) >= 0);
	assert_int_equal(send(s.front, "B", 1, 0), 1);
	assert_false(ready(s.front, 60)); /* the ninth waits */
	close(reader_for(s.keeper, 'K')); /* the other door is open */
	close(fds[0]);
	assert_true(ready(s.front, 2000)); /* its turn */
	while (n > 1)
		close(fds[--n]);
	assert_int_equal(spawned_end(&s), 0);
}

static void
a_reader_that_lives_too_long_is_killed(void **state)
{
	struct spawned s;
	char byte;
	int fd;

	setenv("CERTWRIGHT_TEST_READER_LIFE_MS", "50", 1);
	spawn(&s, NULL);
	unsetenv("CERTWRIGHT_TEST_READER_LIFE_MS");
	fd = reader_for(s.front, 'B');
	assert_true(ready(fd, 3000));
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
	assert_int_equal(spawned_end(&s), 0);
}

static void
the_spawner_ends_on_a_wrong_byte(void **state)
{
	struct spawned s;
	char byte;

	spawn(&s, NULL);
	assert_int_equal(send(s.front, "K", 1, 0), 1); /* the front gets no key reader */
	assert_true(ready(s.front, 3000));
	assert_int_equal(recv(s.front, &byte, 1, 0), 0);
	assert_int_equal(spawned_end(&s), 0);
}

static int
ask_through(struct readers *r, struct err *e)
{
	AUTO_BUF struct buf pem = made_cert_pem(made_cert("leaf"));
	struct reader_file f = { "a", pem.data, pem.len };
	struct arena *a = arena_new();
	struct reader_bundle out;
	int result;

	memset(e, 0, sizeof(*e));
	result = readers_bundle(r, &f, 1, NULL, a, &out, e);
	arena_free(a);
	if (result < 0)
		saw_refusal(e->refusal);
	return result;
}

/* A spawner's answer, whose reader is as good as dead. */
static void
pass_dead_reader(int to)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} u = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = u.space,
		.msg_controllen = sizeof(u.space) };
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
	CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &pair[0], sizeof(int));
	assert_int_equal(sendmsg(to, &m, 0), 1);
	close(pair[0]);
	close(pair[1]);
}

static void
a_reader_that_stops_is_a_message(void **state)
{
	struct readers *r;
	struct err e;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	r = readers_attach(pair[0]);
	pass_dead_reader(pair[1]);
	assert_int_equal(ask_through(r, &e), -1);
	assert_int_equal(e.refusal, R_READER_FAILED);
	readers_detach(r);
	close(pair[1]);
}

static void
a_spawner_that_is_gone_or_silent_is_a_message(void **state)
{
	struct readers *r;
	struct err e;
	int pair[2];

	setenv("CERTWRIGHT_TEST_READER_PATIENCE_MS", "30", 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	r = readers_attach(pair[0]);
	unsetenv("CERTWRIGHT_TEST_READER_PATIENCE_MS");
	assert_int_equal(ask_through(r, &e), -1);
	assert_int_equal(e.refusal, R_READER_TIMEOUT);
	close(pair[1]);
	assert_int_equal(ask_through(r, &e), -1);
	assert_int_equal(e.refusal, R_READER_GONE);
	readers_detach(r);
}

static void
requests_that_need_no_reader(void **state)
{
	struct reader_file files[17] = { { "a", "x", 1 } };
	struct arena *a = arena_new();
	struct reader_bundle out;
	struct err e = { 0 };
	char passphrase[1026];

	assert_int_equal(readers_bundle(readers, files, 0, NULL, a, &out, &e), -1);
	assert_int_equal(e.refusal, R_FILE_EMPTY);
	err_clear(&e);
	assert_int_equal(readers_bundle(readers, files, 17, NULL, a, &out, &e), -1);
	assert_int_equal(e.refusal, R_FILE_MANY);
	err_clear(&e);
	memset(passphrase, 'x', sizeof(passphrase) - 1);
	passphrase[sizeof(passphrase) - 1] = '\0';
	assert_int_equal(readers_bundle(readers, files, 1, passphrase, a, &out, &e), -1);
	assert_int_equal(e.refusal, R_PASSPHRASE_WRONG);
	arena_free(a);
}

#define THREADS 12
#define EACH	20

static void *
ask_often(void *failures)
{
	struct err e;

	for (int i = 0; i < EACH; i++)
		if (ask_through(readers, &e) < 0)
			__atomic_fetch_add((int *)failures, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* More threads than there are readers at once: each gets its own answer. */
static void
threads_share_one_spawner(void **state)
{
	pthread_t threads[THREADS];
	int failures = 0;

	made_cert("leaf");
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &failures), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(failures, 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(p41_a_reader_is_behind_its_filter),
	cmocka_unit_test(p41_no_sandbox_only_when_it_is_said),
	cmocka_unit_test(wrong_options_do_not_start),
	cmocka_unit_test(silent_clients_wait_in_line_and_never_at_the_other_door),
	cmocka_unit_test(a_reader_that_lives_too_long_is_killed),
	cmocka_unit_test(the_spawner_ends_on_a_wrong_byte),
	cmocka_unit_test(a_reader_that_stops_is_a_message),
	cmocka_unit_test(a_spawner_that_is_gone_or_silent_is_a_message),
	cmocka_unit_test(requests_that_need_no_reader),
	cmocka_unit_test(threads_share_one_spawner),
};
const struct group process_group = { tests, nitems(tests) };
