/*
 * test_idempotency.c - a write with an Idempotency-Key is done once
 *
 * idempotency.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../op/people_fake.h"
#include "front/idempotency.h"

#define DAY (24 * 60 * 60)

static struct ctx *cx;
static struct job *job;

static int
set_up(void **state)
{
	fake_open(state);
	cx = &((struct fake *)*state)->cx;
	job = job_new();
	return 0;
}

static int
tear_down(void **state)
{
	job_free(job);
	return fake_close(state);
}

/* A write of this body with this key: what idempotency_begin says. */
static int
asked(const char *key, const char *target, const char *body)
{
	job_free(job);
	job = job_new();
	job->method = "POST";
	job->target = target;
	job->body_len = strlen(body);
	job->body = malloc(job->body_len + 1);
	memcpy(job->body, body, job->body_len + 1);
	memset(&cx->claim, 0, sizeof(cx->claim));
	fake_end(cx);
	return idempotency_begin(cx, job, key);
}

/* An effect, as each operation has one: its audit event claims the key. */
static void
done(const char *answer, bool secret)
{
	assert_done(cx, db_begin(cx));
	assert_done(cx, audit(cx, "test", "x", NULL));
	assert_done(cx, db_commit(cx));
	if (answer == NULL)
		return; /* a crash before the answer */
	job->status = 201;
	buf_put_text(&job->out, answer);
	idempotency_end(cx, job, secret);
}

static void
the_same_again_gets_the_same_answer_and_is_not_done(void **state)
{
	assert_int_equal(asked("k", "/x", "a"), 0);
	done("{\"id\":1}", false);
	assert_int_equal(asked("k", "/x", "a"), 1);
	assert_int_equal(job->status, 201);
	assert_string_equal(buf_text(&job->out), "{\"id\":1}");
	assert_string_equal(job->type, "application/json");
	assert_int_equal(asked("other", "/x", "a"), 0);
}

static void
the_key_is_for_one_request_of_one_account(void **state)
{
	assert_int_equal(asked("k", "/x", "a"), 0);
	done("{}", false);
	assert_int_equal(asked("k", "/x", "b"), -1);
	assert_int_equal(fake_end(cx), R_IDEMPOTENCY_OTHER);
	assert_int_equal(asked("k", "/y", "a"), -1);
	assert_int_equal(fake_end(cx), R_IDEMPOTENCY_OTHER);
	strcpy(cx->actor.id, "somebody else");
	assert_int_equal(asked("k", "/x", "a"), 0);
}

/* What ends where is part of what was asked. */
static void
target_and_body_do_not_run_into_each_other(void **state)
{
	assert_int_equal(asked("k", "/xa", "b"), 0);
	done("{}", false);
	assert_int_equal(asked("k", "/x", "ab"), -1);
	assert_int_equal(fake_end(cx), R_IDEMPOTENCY_OTHER);
}

static void
P14_no_secret_is_kept_for_it(void **state)
{
	assert_int_equal(asked("k", "/x", "password=" GOOD_PASSWORD), 0);
	done("{\"token\":\"cw_secret\"}", true);
	assert_int_equal(asked("k", "/x", "password=" GOOD_PASSWORD), -1);
	assert_null(strstr(cx->err.hint, "cw_secret"));
	assert_int_equal(fake_end(cx), R_IDEMPOTENCY_SECRET);
	assert_int_equal(job->out.len, 0);
}

static void
P7_what_was_done_and_never_answered_is_said_to_be_done(void **state)
{
	assert_int_equal(asked("k", "/x", "a"), 0);
	done(NULL, false);
	assert_int_equal(asked("k", "/x", "a"), -1);
	assert_int_equal(fake_end(cx), R_IDEMPOTENCY_CLAIMED);
	/* what had no effect may be tried again */
	assert_int_equal(asked("refused", "/x", "a"), 0);
	assert_int_equal(asked("refused", "/x", "a"), 0);
}

static void
after_a_day_the_key_is_free(void **state)
{
	assert_int_equal(asked("k", "/x", "a"), 0);
	done("{}", false);
	cx->now += DAY - 1;
	assert_int_equal(asked("k", "/x", "a"), 1);
	cx->now += 2;
	assert_int_equal(asked("k", "/x", "a"), 0);
}

static void
a_key_is_short_plain_text(void **state)
{
	char key[130];

	memset(key, 'k', sizeof(key));
	key[129] = '\0';
	assert_int_equal(asked(key, "/x", "a"), -1);
	assert_int_equal(fake_end(cx), R_IDEMPOTENCY_KEY);
	key[128] = '\0';
	assert_int_equal(asked(key, "/x", "a"), 0);
	assert_int_equal(asked("a\nb", "/x", "a"), -1);
	assert_int_equal(fake_end(cx), R_TEXT_CONTROL);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(the_same_again_gets_the_same_answer_and_is_not_done),
		T(the_key_is_for_one_request_of_one_account),
		T(target_and_body_do_not_run_into_each_other),
		T(P14_no_secret_is_kept_for_it),
		T(P7_what_was_done_and_never_answered_is_said_to_be_done),
		T(after_a_day_the_key_is_free),
		T(a_key_is_short_plain_text),
	};

	return cmocka_run_group_tests_name("idempotency", tests, NULL, NULL);
}
