/*
 * test_batch.c - several requests at once: each for itself, and when one of them
 * cannot be kept (op_batch.c)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fault.h"
#include "install_fake.h"
#include "op/op_batch.h"

void db_test_fail(int n); /* of a build with seams */

#define N 4

static struct request_row request;
static struct batch_element v[N];

static int
set_up(void **state)
{
	install_fake_open(state);
	request = fake_request_of(fake_cx, "portal", "a.example.com b.example.com");
	fake_cx->deadline_ms = INT64_MAX;
	return 0;
}

/* All of them good, for a card that is reached by hand. */
static void
fill(void)
{
	memset(v, 0, sizeof(v));
	for (size_t i = 0; i < N; i++)
		v[i] = (struct batch_element){ .authority = "private", .request = request.id };
}

static int
run(struct ctx *cx)
{
	return op_batch(cx, v, N);
}

static size_t
kept(void)
{
	struct submission_row *list;
	size_t n;

	assert_done(fake_cx, op_submission_list(fake_cx, &list, &n));
	return n;
}

static void
P21_exactly_element_i_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++) {
		size_t before = kept();

		fill();
		v[i].authority = "nobody";
		assert_done(fake_cx, run(fake_cx));
		for (size_t k = 0; k < N; k++)
			assert_int_equal(
			    v[k].err.refusal, k == i ? R_AUTHORITY_UNKNOWN : REFUSAL_NONE);
		assert_int_equal(kept(), before + N - 1);
	}
}

static void
P21_a_fault_that_was_found_before_is_kept_and_recorded(void **state)
{
	(void)state;
	fill();
	err_set(&v[1].err, R_BATCH_ELEMENT, NULL, "an element is not an object");
	assert_done(fake_cx, run(fake_cx));
	assert_int_equal(v[1].err.refusal, R_BATCH_ELEMENT);
	assert_int_equal(v[2].err.refusal, REFUSAL_NONE);
	v[0] = v[1];
	assert_done(fake_cx, op_batch(fake_cx, v, 1));
	assert_true(text_starts(recorded(fake_cx), "request.submit "));
}

static void
P21_what_an_element_lacks_is_said(void **state)
{
	(void)state;
	fill();
	v[0].authority = NULL;
	v[1].request = NULL;
	assert_done(fake_cx, run(fake_cx));
	assert_int_equal(v[0].err.refusal, R_FIELD_REQUIRED);
	assert_string_equal(v[0].err.field, "authority");
	assert_string_equal(v[1].err.field, "csr");
	assert_int_equal(v[2].err.refusal, REFUSAL_NONE);
}

static void
P21_none_and_more_than_a_hundred_are_refused_whole(void **state)
{
	size_t before = kept();

	(void)state;
	fill();
	assert_refused(fake_cx, op_batch(fake_cx, v, 0), R_BATCH_SIZE);
	assert_refused(fake_cx, op_batch(fake_cx, v, BATCH_MAX + 1), R_BATCH_SIZE);
	assert_int_equal(kept(), before);
}

static void
when_its_time_is_over_the_rest_is_not_tried(void **state)
{
	int64_t was = fake_cx->deadline_ms;
	size_t before = kept();

	(void)state;
	fill();
	fake_cx->deadline_ms = 1;
	assert_done(fake_cx, run(fake_cx));
	fake_cx->deadline_ms = was;
	for (size_t i = 0; i < N; i++)
		assert_int_equal(v[i].err.refusal, R_BATCH_LATE);
	assert_int_equal(kept(), before);
}

/* The disk is full for the first of them, and for no other. */
static void
P21_what_could_not_be_kept_fails_alone(void **state)
{
	size_t before = kept();

	(void)state;
	fill();
	db_test_fail(1);
	assert_done(fake_cx, run(fake_cx));
	assert_int_equal(v[0].err.refusal, R_DISK_FULL);
	for (size_t i = 1; i < N; i++)
		assert_int_equal(v[i].err.refusal, REFUSAL_NONE);
	assert_int_equal(kept(), before + N - 1);
}

/* The first one's transaction claimed the key, and was undone. */
static void
M25_the_key_is_claimed_by_the_first_that_is_kept(void **state)
{
	int status;
	const char *body;

	(void)state;
	fill();
	fake_cx->claim = (struct claim){ .key = "k", .actor = "local" };
	db_test_fail(1);
	assert_done(fake_cx, run(fake_cx));
	assert_true(fake_cx->claim.taken);
	assert_int_equal(store_idempotency_find(fake_cx, &status, &body), 1);
	fill();
	fake_cx->claim.taken = false; /* as another request with it */
	assert_refused(fake_cx, run(fake_cx), R_IDEMPOTENCY_CLAIMED);
	memset(&fake_cx->claim, 0, sizeof(fake_cx->claim));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(P21_exactly_element_i_fails),
		T(P21_a_fault_that_was_found_before_is_kept_and_recorded),
		T(P21_what_an_element_lacks_is_said),
		T(P21_none_and_more_than_a_hundred_are_refused_whole),
		T(when_its_time_is_over_the_rest_is_not_tried),
		T(P21_what_could_not_be_kept_fails_alone),
		T(M25_the_key_is_claimed_by_the_first_that_is_kept),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
