/*
 * test_client.c - asking certwright-fetch: answers, and what it is that none came
 *
 * A spawner of the test (wire/spawner.c, wire/door.c) stands in its place.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fetch/message.h"
#include "wire/spawner.h"

static struct arena *arena;
static struct err err;
static pid_t spawner;

/* What a job's name asks for. */
static void
child(int fd, char kind, void *arg)
{
	struct fetch_bytes one = { (const unsigned char *)"text", 4 };
	unsigned char packet[FETCH_JOB_MAX];
	struct buf b = { 0 };
	struct fetch_job j;
	ssize_t n = recv(fd, packet, sizeof(packet), 0);

	if (n <= 0 || job_read(view_of(packet, (size_t)n), &j) < 0)
		_exit(4);
	if (strcmp(j.name, "hang") == 0)
		sleep(30);
	if (strcmp(j.name, "end") == 0)
		_exit(1);
	if (j.kind == JOB_TLS) {
		struct fetch_presented p = { "TLSv1.3", j.host, &one, 1 };

		answer_tls(&b, &p);
	} else if (j.kind == JOB_HTTP) {
		struct fetch_answer a = { 200, one };

		answer_http(&b, &a);
	} else {
		answer_txt(&b, &one, 1);
	}
	send(fd, b.data, b.len, MSG_NOSIGNAL);
	_exit(0);
}

/* One with so many places. */
static struct fetcher *
begin(unsigned places)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	if ((spawner = fork()) == 0) {
		struct spawner_plan plan = { .doors = { { pair[1], FETCH_KIND, places } },
			.ndoors = 1,
			.type = SOCK_SEQPACKET,
			.life_ms = 3000,
			.child = child };
		struct err e = { 0 };

		close(pair[0]);
		_exit(spawner_run(&plan, &e) < 0 ? 1 : 0);
	}
	close(pair[1]);
	err_clear(&err);
	return fetcher_attach(pair[0]);
}

static void
finish(struct fetcher *f)
{
	int status;

	fetcher_detach(f);
	assert_int_equal(waitpid(spawner, &status, 0), spawner);
	assert_int_equal(status, 0);
}

static void
each_question_has_its_answer(void **state)
{
	struct fetcher *f = begin(2);
	struct fetch_server s = { .host = "h", .port = 1 };
	struct fetch_presented p;
	struct fetch_bytes *texts;
	struct fetch_answer a;
	size_t n;

	assert_int_equal(fetch_tls(f, &s, arena, &p, &err), 0);
	assert_string_equal(p.address, "h");
	assert_int_equal(p.n, 1);
	assert_int_equal(fetch_http(f, "http://h/", 0, arena, &a, &err), 0);
	assert_memory_equal(a.body.data, "text", 5);
	assert_int_equal(fetch_txt(f, "name", 0, arena, &texts, &n, &err), 0);
	assert_int_equal(n, 1);
	finish(f);
}

static void
what_is_too_long_is_not_asked(void **state)
{
	struct fetcher *f = begin(1);
	char name[300], url[FETCH_URL_MAX + 2];
	struct fetch_server s = { .host = name, .port = 1 };
	struct fetch_presented p;
	struct fetch_bytes *texts;
	struct fetch_answer a;
	size_t n;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memset(url, 'x', sizeof(url) - 1);
	url[sizeof(url) - 1] = '\0';
	assert_int_equal(fetch_tls(f, &s, arena, &p, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_TARGET);
	err_clear(&err);
	assert_int_equal(fetch_http(f, url, 0, arena, &a, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_TARGET);
	err_clear(&err);
	assert_int_equal(fetch_txt(f, name, 0, arena, &texts, &n, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_TARGET);
	finish(f);
}

static void
one_that_ends_or_hangs_is_a_message(void **state)
{
	struct fetcher *f = begin(2);
	struct fetch_bytes *texts;
	int64_t start;
	size_t n;

	assert_int_equal(fetch_txt(f, "end", 1000, arena, &texts, &n, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_STOPPED);
	err_clear(&err);
	start = clock_monotonic_ms();
	assert_int_equal(fetch_txt(f, "hang", 100, arena, &texts, &n, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_LATE);
	assert_true(clock_monotonic_ms() - start < 2500);
	finish(f);
}

static void *
ask_and_hang(void *arg)
{
	struct arena *own = arena_new();
	struct fetch_bytes *texts;
	struct err e = { 0 };
	size_t n;

	fetch_txt(arg, "hang", 800, own, &texts, &n, &e);
	arena_free(own);
	return NULL;
}

static void
when_all_places_are_taken_it_says_so(void **state)
{
	struct fetcher *f = begin(1);
	struct fetch_bytes *texts;
	pthread_t thread;
	size_t n;

	pthread_create(&thread, NULL, ask_and_hang, f);
	usleep(200000);
	assert_int_equal(fetch_txt(f, "name", 200, arena, &texts, &n, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_BUSY);
	pthread_join(thread, NULL);
	finish(f);
}

static void
without_it_nothing_is_asked(void **state)
{
	struct fetch_bytes *texts;
	struct fetcher *f;
	int pair[2];
	size_t n;

	err_clear(&err);
	assert_int_equal(fetch_txt(NULL, "name", 0, arena, &texts, &n, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_GONE);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	close(pair[1]);
	f = fetcher_attach(pair[0]);
	err_clear(&err);
	assert_int_equal(fetch_txt(f, "name", 0, arena, &texts, &n, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_GONE);
	fetcher_detach(f);
	fetcher_detach(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_question_has_its_answer),
		cmocka_unit_test(what_is_too_long_is_not_asked),
		cmocka_unit_test(one_that_ends_or_hangs_is_a_message),
		cmocka_unit_test(when_all_places_are_taken_it_says_so),
		cmocka_unit_test(without_it_nothing_is_asked),
	};

	arena = arena_new();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
