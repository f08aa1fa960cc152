/*
 * test_message.c - jobs and answers of certwright-fetch, there and back
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fetch/message.h"

static struct err err;
static struct arena *arena;

static const struct fetch_job jobs[] = {
	{ .kind = JOB_TLS,
	    .time_ms = 1,
	    .host = "h",
	    .port = 65535,
	    .name = "",
	    .start = FETCH_TLS },
	{ .kind = JOB_TLS,
	    .time_ms = 20000,
	    .host = "::1",
	    .port = 1,
	    .name = "n",
	    .start = FETCH_SMTP },
	{ .kind = JOB_HTTP, .time_ms = 5000, .url = "http://h/x" },
	{ .kind = JOB_TXT, .time_ms = 5000, .name = "a.example" },
};

static void
jobs_come_as_they_were_sent(void **state)
{
	for (size_t i = 0; i < nitems(jobs); i++) {
		AUTO_BUF struct buf b = { 0 };
		struct fetch_job got;

		assert_int_equal(job_put(&b, &jobs[i], &err), 0);
		assert_int_equal(job_read(view_of(b.data, b.len), &got), 0);
		assert_memory_equal(&got, &jobs[i], sizeof(got));
		for (size_t n = 0; n < b.len; n++) /* cut off anywhere */
			assert_int_equal(job_read(view_of(b.data, n), &got), -1);
		buf_put_u8(&b, 0);
		assert_int_equal(job_read(view_of(b.data, b.len), &got), -1);
	}
}

/* Texts that point into the packet are held against each other by what they say. */
static void
what_is_sent_comes_as_it_was(void **state)
{
	static const struct fetch_bytes ca = { (const unsigned char *)"ca", 2 };
	static const struct fetch_bytes body = { (const unsigned char *)"body", 4 };
	const struct fetch_job sent[] = { { .kind = JOB_MAIL,
					      .time_ms = 5000,
					      .host = "h",
					      .port = 587,
					      .start = FETCH_PLAIN,
					      .user = "u",
					      .password = "p",
					      .from = "a@h",
					      .to = "b@h",
					      .ca = ca,
					      .message = body },
		{ .kind = JOB_POST,
		    .time_ms = 5000,
		    .url = "https://h/",
		    .signature = "s",
		    .ca = ca,
		    .message = body } };

	for (size_t i = 0; i < nitems(sent); i++) {
		AUTO_BUF struct buf b = { 0 };
		struct fetch_job got;

		assert_int_equal(job_put(&b, &sent[i], &err), 0);
		assert_int_equal(job_read(view_of(b.data, b.len), &got), 0);
		assert_int_equal(got.ca.len, 2);
		assert_memory_equal(got.ca.data, "ca", 2);
		assert_int_equal(got.message.len, 4);
		assert_memory_equal(got.message.data, "body", 4);
		got.ca = sent[i].ca;
		got.message = sent[i].message;
		assert_memory_equal(&got, &sent[i], sizeof(got));
		for (size_t n = 0; n < b.len; n++)
			assert_int_equal(job_read(view_of(b.data, n), &got), -1);
	}
}

static void
jobs_that_cannot_be_are_refused(void **state)
{
	static const struct fetch_job wrong[] = {
		{ 0 },
		{ .kind = 'X', .time_ms = 1, .name = "a" },
		{ .kind = JOB_TXT, .time_ms = 0, .name = "a" },
		{ .kind = JOB_TXT, .time_ms = FETCH_TIME_MAX_MS + 1, .name = "a" },
		{ .kind = JOB_TXT, .time_ms = 1 },
		{ .kind = JOB_HTTP, .time_ms = 1 },
		{ .kind = JOB_TLS, .time_ms = 1, .host = "h" },
		{ .kind = JOB_TLS, .time_ms = 1, .port = 1 },
		{ .kind = JOB_TLS, .time_ms = 1, .host = "h", .port = 1, .start = 2 },
	};

	for (size_t i = 0; i < nitems(wrong); i++) {
		AUTO_BUF struct buf b = { 0 };

		err_clear(&err);
		assert_int_equal(job_put(&b, &wrong[i], &err), -1);
		assert_int_equal(err.refusal, R_FETCH_TARGET);
		assert_true(err.hint[0] != '\0');
	}
}

static void
what_a_server_presents_comes_whole(void **state)
{
	struct fetch_bytes certs[2] = { { (const unsigned char *)"leaf", 4 },
		{ (const unsigned char *)"", 0 } };
	struct fetch_presented got,
	    p = { .version = "TLSv1.3", .address = "192.0.2.1", .certs = certs, .n = 2 };
	AUTO_BUF struct buf b = { 0 };

	err_clear(&err);
	answer_tls(&b, &p);
	assert_int_equal(answer_read_tls(view_of(b.data, b.len), arena, &got, &err), 0);
	assert_string_equal(got.version, "TLSv1.3");
	assert_string_equal(got.address, "192.0.2.1");
	assert_int_equal(got.n, 2);
	assert_memory_equal(got.certs[0].data, "leaf", 4);
	assert_int_equal(got.certs[1].len, 0);
	for (size_t n = 0; n < b.len; n++) {
		err_clear(&err);
		assert_int_equal(answer_read_tls(view_of(b.data, n), arena, &got, &err), -1);
		assert_int_equal(err.refusal, R_FETCH_STOPPED);
	}
	p.n = 0;
	buf_reset(&b);
	answer_tls(&b, &p);
	assert_int_equal(answer_read_tls(view_of(b.data, b.len), arena, &got, &err), -1);
}

static void
files_and_records_come_whole(void **state)
{
	struct fetch_bytes list[FETCH_TXT_MAX + 1] = { { (const unsigned char *)"a\0b", 3 } },
						*records;
	struct fetch_answer got, a = { 404, list[0] };
	AUTO_BUF struct buf b = { 0 };
	size_t n;

	err_clear(&err);
	answer_http(&b, &a);
	assert_int_equal(answer_read_http(view_of(b.data, b.len), arena, &got, &err), 0);
	assert_int_equal(got.status, 404);
	assert_memory_equal(got.body.data, "a\0b", 4);
	buf_reset(&b);
	answer_txt(&b, list, 1);
	assert_int_equal(answer_read_txt(view_of(b.data, b.len), arena, &records, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(records[0].len, 3);
	buf_reset(&b);
	for (size_t i = 0; i < nitems(list); i++)
		list[i] = list[0];
	answer_txt(&b, list, nitems(list));
	assert_int_equal(answer_read_txt(view_of(b.data, b.len), arena, &records, &n, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_STOPPED);
	err_clear(&err);
	a.status = 99;
	buf_reset(&b);
	answer_http(&b, &a);
	assert_int_equal(answer_read_http(view_of(b.data, b.len), arena, &got, &err), -1);
}

static void
a_refusal_is_carried_as_one_line(void **state)
{
	static const enum refusal own[] = { R_FETCH_TARGET, R_FETCH_FORBIDDEN, R_FETCH_DNS,
		R_FETCH_CONNECT, R_FETCH_TLS, R_FETCH_HTTP, R_FETCH_LATE };
	struct fetch_answer got;

	for (size_t i = 0; i < nitems(own); i++) {
		AUTO_BUF struct buf b = { 0 };
		struct err e = { 0 };

		err_set(&e, own[i], NULL, "why\nnot \xff");
		err_hint(&e, "what next");
		answer_refusal(&b, &e);
		err_clear(&err);
		assert_int_equal(answer_read_http(view_of(b.data, b.len), arena, &got, &err), -1);
		assert_int_equal(err.refusal, own[i]);
		assert_string_equal(err.message, "why not ?");
		assert_string_equal(err.hint, "what next");
	}
}

static void
a_refusal_of_something_else_is_none(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct fetch_answer got;
	struct err e = { 0 };

	err_set(&e, R_NOMEM, NULL, "not enough memory");
	answer_refusal(&b, &e);
	err_clear(&err);
	assert_int_equal(answer_read_http(view_of(b.data, b.len), arena, &got, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_STOPPED);
	b.data[0] = 2;
	err_clear(&err);
	assert_int_equal(answer_read_http(view_of(b.data, b.len), arena, &got, &err), -1);
	assert_int_equal(err.refusal, R_FETCH_STOPPED);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_come_as_they_were_sent),
		cmocka_unit_test(what_is_sent_comes_as_it_was),
		cmocka_unit_test(jobs_that_cannot_be_are_refused),
		cmocka_unit_test(what_a_server_presents_comes_whole),
		cmocka_unit_test(files_and_records_come_whole),
		cmocka_unit_test(a_refusal_is_carried_as_one_line),
		cmocka_unit_test(a_refusal_of_something_else_is_none),
	};

	arena = arena_new();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
