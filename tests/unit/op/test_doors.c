/*
 * test_doors.c - which listener serves which application, and the trial of a change
 *
 * op_doors.c, doors_setting.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"
#include "op/op_doors.h"
#include "people_fake.h"

#define T0 1800000000
#define A  "127.0.0.1:8443"
#define B  "10.0.0.5:443"
#define C  "[::1]:8443"

static struct config config;
static struct ctx *cx;

static void
as_super(int listener)
{
	fake_request(cx, T0, "192.0.2.1");
	strcpy(cx->tenant, TENANT_SYSTEM);
	cx->actor.kind = ACTOR_LOCAL;
	cx->actor.role = ROLE_SUPER;
	strcpy(cx->actor.name, "local");
	cx->listener = listener;
}

static int
three_listeners(void **state)
{
	struct fake *f;

	unsetenv("CERTWRIGHT_TEST_TRIAL_MS");
	if (fake_open(state) < 0)
		return -1;
	f = *state;
	cx = &f->cx;
	config = (struct config){ .listen = { A, B, C }, .nlisten = 3 };
	cx->config = &config;
	f->house.addresses = config.listen;
	f->house.naddresses = 3;
	f->house.doors = doors_new();
	assert_done(cx, op_doors_start(cx));
	as_super(-1);
	return 0;
}

static int
closed(void **state)
{
	doors_free(cx->house->doors);
	return fake_close(state);
}

/* As after a restart. */
static void
again(void)
{
	doors_free(cx->house->doors);
	cx->house->doors = doors_new();
	assert_done(cx, op_doors_start(cx));
}

static int
try(const char *super, const char *admin)
{
	return op_doors_try(cx, &(struct doors_wish){ .super = super, .admin = admin });
}

#define NO_CLIENTS	       "\"client_asked\":\"none\",\"client_required\":\"none\",\"client_cas\":\"all\""
#define HIDDEN(listener, what) assert_int_equal(doors_hidden(cx->house, listener), what)

static void
V44_each_is_served_where_it_was_said_and_the_socket_serves_all(void **state)
{
	struct doors_state s;

	for (int i = -1; i < 3; i++)
		HIDDEN(i, 0);
	assert_done(cx, try(B "," C, A));
	HIDDEN(-1, 0);
	HIDDEN(0, APP_SUPER);
	HIDDEN(1, APP_ADMIN);
	HIDDEN(2, APP_ADMIN);
	op_doors_state(cx, &s);
	assert_int_equal(s.super, 6);
	assert_int_equal(s.admin, 1);
	assert_int_equal(s.kept_super & 7, 7);
	assert_true(s.until > 0);
	cx->hidden = doors_hidden(cx->house, 0);
	assert_true(doors_shut(cx, TENANT_SYSTEM));
	assert_false(doors_shut(cx, "acme"));
	assert_string_equal(doors_address(cx->house, APP_SUPER), A); /* as kept */
	assert_done(cx, op_doors_keep(cx));
	assert_string_equal(doors_address(cx->house, APP_SUPER), B);
	assert_string_equal(doors_address(cx->house, APP_ADMIN), A);
	cx->hidden = 0;
	again();
	HIDDEN(0, APP_SUPER);
	HIDDEN(1, APP_ADMIN);
	assert_done(cx, try("all", NULL));
	HIDDEN(0, 0);
	HIDDEN(1, APP_ADMIN);
}

static void
what_is_no_listener_is_refused(void **state)
{
	static const char *const wrong[] = { "", ",", " \n", "127.0.0.1", B "x", "all," B "x",
		"ALL" };

	for (size_t i = 0; i < nitems(wrong); i++) {
		assert_int_equal(try(wrong[i], NULL), -1);
		assert_string_equal(cx->err.field, "super");
		assert_refused(cx, try(wrong[i], NULL), R_DOORS_ADDRESS);
		assert_int_equal(try(NULL, wrong[i]), -1);
		assert_string_equal(cx->err.field, "admin");
		assert_refused(cx, try(NULL, wrong[i]), R_DOORS_ADDRESS);
	}
	assert_done(cx, try(A "\r\n" B ", " C, "all"));
	assert_refused(cx, op_doors_keep(cx), R_TRIAL_NONE); /* it is as it was */
}

static void
M38_one_trial_at_a_time_kept_from_where_it_is_served(void **state)
{
	assert_refused(cx, op_doors_keep(cx), R_TRIAL_NONE);
	assert_refused(cx, op_doors_revert(cx), R_TRIAL_NONE);
	assert_done(cx, try(B, NULL));
	assert_string_equal(recorded(cx),
	    "applications.try  {\"super\":\"" B "\",\"admin\":\"all\"," NO_CLIENTS "}");
	assert_refused(cx, try(A, NULL), R_TRIAL_ON);
	as_super(0);
	assert_refused(cx, op_doors_keep(cx), R_TRIAL_ELSEWHERE);
	assert_done(cx, op_doors_revert(cx));
	assert_string_equal(recorded(cx),
	    "applications.revert  {\"super\":\"all\",\"admin\":\"all\"," NO_CLIENTS "}");
	HIDDEN(0, 0);
	assert_done(cx, try(B, NULL));
	as_super(1);
	assert_done(cx, op_doors_keep(cx));
	assert_string_equal(recorded(cx),
	    "applications.keep  {\"super\":\"" B "\",\"admin\":\"all\"," NO_CLIENTS "}");
	HIDDEN(0, APP_SUPER);
}

static void
M38_it_is_over_by_itself_and_on_record(void **state)
{
	setenv("CERTWRIGHT_TEST_TRIAL_MS", "1000", 1);
	assert_done(cx, try(B, NULL));
	HIDDEN(0, APP_SUPER);
	assert_done(cx, op_doors_step(cx)); /* too early */
	HIDDEN(0, APP_SUPER);
	op_doors_wait(cx->house);
	HIDDEN(0, 0);
	assert_refused(cx, op_doors_keep(cx), R_TRIAL_NONE);
	assert_string_equal(recorded(cx),
	    "applications.revert  {\"super\":\"all\",\"admin\":\"all\"," NO_CLIENTS
	    ",\"why\":\"nobody kept it\"}");
	assert_done(cx, try(B, NULL));
	op_doors_wait(cx->house);
	assert_done(cx, op_doors_step(cx));
	assert_true(cx->actor.kind == ACTOR_LOCAL);
	assert_done(cx, op_doors_step(cx)); /* once */
	again();
	HIDDEN(0, 0);
}

static void
V44_what_is_gone_locks_nobody_out(void **state)
{
	struct doors_state s;

	assert_done(cx, try(B "," C, C));
	assert_done(cx, op_doors_keep(cx));
	config.listen[2] = "[::1]:9443";
	again();
	op_doors_state(cx, &s);
	assert_string_equal(s.gone, C "\n" C);
	assert_int_equal(s.super & 7, 2);
	assert_int_equal(s.admin & 7, 7);
	assert_done(cx, try(NULL, "[::1]:9443"));
	assert_done(cx, op_doors_keep(cx));
	config.listen[2] = C;
	again();
	op_doors_state(cx, &s);
	assert_int_equal(s.super & 7, 6); /* what was not touched is as it was written */
	assert_string_equal(s.gone, "[::1]:9443");
}

static void
V46_who_wants_certificates_is_tried_kept_and_written_down(void **state)
{
	struct doors_wish w = { .client_required = A, .client_asked = "all" };
	const struct authority_row house = { .name = "house", .created_by = "root", .shards = 1 };
	unsigned before, after;

	assert_refused(cx, op_doors_try(cx, &w), R_CLIENT_CA); /* whose? */
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_authority_insert(cx, &house));
	assert_done(cx, db_commit(cx));
	w.client_cas = "strange";
	assert_refused(cx, op_doors_try(cx, &w), R_CLIENT_CA);
	w.client_cas = "house";
	assert_int_equal(doors_client(cx->house, 0, &before), CLIENT_NO);
	assert_done(cx, op_doors_try(cx, &w));
	assert_string_equal(recorded(cx),
	    "applications.try  {\"super\":\"all\",\"admin\":\"all\",\"client_asked\":\"all\","
	    "\"client_required\":\"" A "\",\"client_cas\":\"house\"}");
	assert_int_equal(doors_client(cx->house, 0, &after), CLIENT_REQUIRED);
	assert_int_not_equal(before, after);
	assert_int_equal(doors_client(cx->house, 1, &after), CLIENT_ASKED);
	assert_int_equal(doors_client(cx->house, -1, &after), CLIENT_NO);
	assert_true(doors_client_ca(cx->house, "house"));
	assert_false(doors_client_ca(cx->house, "hous"));
	assert_false(doors_client_ca(cx->house, "branch"));
	assert_done(cx, op_doors_keep(cx));
	again();
	assert_int_equal(doors_client(cx->house, 0, &after), CLIENT_REQUIRED);
	assert_false(doors_client_ca(cx->house, "branch"));
	w = (struct doors_wish){
		.client_required = "none", .client_asked = "", .client_cas = "all"
	};
	assert_done(cx, op_doors_try(cx, &w));
	assert_int_equal(doors_client(cx->house, 0, &after), CLIENT_NO);
	assert_true(doors_client_ca(cx->house, "branch"));
}

/* Nobody who came during the trial is taken for somebody who came after it. */
static void
V46_the_end_of_a_trial_is_a_change_too(void **state)
{
	unsigned during, after;

	setenv("CERTWRIGHT_TEST_TRIAL_MS", "200", 1);
	assert_done(cx, try(B, NULL));
	doors_client(cx->house, 0, &during);
	op_doors_wait(cx->house);
	doors_client(cx->house, 0, &after);
	assert_int_not_equal(during, after);
	assert_done(cx, op_doors_step(cx));
	doors_client(cx->house, 0, &during);
	assert_int_equal(during, after);
}

static void *
keeps(void *arg)
{
	struct ctx *other = arg;

	return op_doors_keep(other) == 0 ? other : NULL;
}

/* Nor is one who came when it had run out, while it was being written down. */
static void
V46_a_trial_that_is_kept_as_it_runs_out_is_a_change_too(void **state)
{
	struct fake *f = *state;
	unsigned during, late, after;
	struct ctx other = *cx;
	pthread_t thread;
	void *kept;

	setenv("CERTWRIGHT_TEST_TRIAL_MS", "600", 1);
	assert_done(cx, try(B, NULL));
	doors_client(cx->house, 0, &during);
	other.db = db_attach(f->db);
	other.arena = arena_new();
	assert_done(cx, db_begin(cx)); /* who keeps it has to wait */
	assert_int_equal(pthread_create(&thread, NULL, keeps, &other), 0);
	do
		usleep(10000);
	while (doors_client(cx->house, 0, &late), late == during);
	db_rollback(cx);
	assert_int_equal(pthread_join(thread, &kept), 0);
	assert_non_null(kept);
	doors_client(cx->house, 0, &after);
	assert_int_not_equal(after, during);
	assert_int_not_equal(after, late);
	db_detach(other.db);
	arena_free(other.arena);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, three_listeners, closed)
	const struct CMUnitTest tests[] = {
		T(V44_each_is_served_where_it_was_said_and_the_socket_serves_all),
		T(what_is_no_listener_is_refused),
		T(M38_one_trial_at_a_time_kept_from_where_it_is_served),
		T(M38_it_is_over_by_itself_and_on_record),
		T(V44_what_is_gone_locks_nobody_out),
		T(V46_who_wants_certificates_is_tried_kept_and_written_down),
		T(V46_the_end_of_a_trial_is_a_change_too),
		T(V46_a_trial_that_is_kept_as_it_runs_out_is_a_change_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
