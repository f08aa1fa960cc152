/*
 * test_custodian.c - what waits for a second custodian: who asked, how long, what
 * for (op_approval.c)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "op/op_custodian.h"
#include "op/op_identity.h"
#include "op/op_key.h"
#include "procedure_fake.h"

#define T0 INT64_C(1800000000)

static struct account people[3]; /* alice, bob, carol */
static const char *seeds[3];
static struct key_row key;

/* As the next request of one of them. */
static void
as(int who, int64_t now)
{
	fake_request(fake_cx, now, "192.0.2.1");
	fake_cx->actor.kind = ACTOR_TOKEN;
	fake_cx->actor.role = ROLE_SUPER;
	snprintf(fake_cx->actor.id, ID_SIZE, "%s", people[who].id);
	snprintf(fake_cx->actor.name, sizeof(fake_cx->actor.name), "%s", people[who].name);
}

static const char *
code(int who)
{
	char digits[7];

	fake_code(seeds[who], fake_cx->now, digits);
	return arena_strdup(fake_cx->arena, digits);
}

static int
set_up(void **state)
{
	static const char *const names[] = { "alice", "bob", "carol" };
	struct totp_start t;
	struct identity i;

	fake_open(state);
	fake_cx = &((struct fake *)*state)->cx;
	for (int n = 0; n < 3; n++) {
		fake_account(fake_cx, names[n]);
		assert_done(fake_cx, op_account_load(fake_cx, names[n], &people[n]));
		as(n, T0);
		assert_done(fake_cx, op_totp_start(fake_cx, &t));
		seeds[n] = t.secret;
		assert_done(fake_cx, op_totp_confirm(fake_cx, code(n)));
	}
	assert_done(fake_cx, op_identity_create(fake_cx, "shop", &i));
	assert_done(fake_cx, op_key_generate(fake_cx, "shop", "ec:P-256", true, &key));
	return 0;
}

static void
two(void)
{
	struct consent c;

	for (int n = 0; n < 2; n++) {
		assert_done(fake_cx, op_custodian_add(fake_cx, people[n].name, "", &c));
		assert_false(c.waiting);
	}
}

static int export(const char *digits, struct exported *x)
{
	struct export_wish w = { .passphrase = "long enough for it", .code = digits };

	return op_key_export(fake_cx, key.id, &w, x);
}

static void
P15_who_asked_gets_it_when_another_one_approved(void **state)
{
	struct exported x;
	struct approval asked;

	two();
	as(0, T0 + 60);
	assert_refused(fake_cx, export("", &x), R_APPROVAL_CODE);
	as(2, T0 + 60);
	assert_refused(fake_cx, export(code(2), &x), R_CUSTODIAN_NOT);
	as(0, T0 + 60);
	assert_done(fake_cx, export(code(0), &x));
	assert_true(x.consent.waiting);
	assert_true(x.consent.until == T0 + 60 + APPROVAL_LIFE_S);
	assert_null(x.der);
	assert_refused(fake_cx, op_key_approve(fake_cx, key.id, code(0), &asked), R_APPROVAL_OWN);
	as(1, T0 + 60);
	assert_refused(fake_cx, export(code(1), &x), R_APPROVAL_OTHER);
	assert_done(fake_cx, op_key_approve(fake_cx, key.id, code(1), &asked));
	assert_string_equal(asked.name, "alice");
	assert_string_equal(asked.wish, "pkcs8");
	as(0, T0 + 61);
	assert_done(fake_cx, export("", &x));
	assert_false(x.consent.waiting);
	assert_non_null(x.pem);
	assert_int_equal(fake_leave.tickets_len, 2 * KEYS_TICKET_SIZE);
	assert_string_equal(fake_leave.tickets, people[0].id);
	assert_string_equal((const char *)fake_leave.tickets + KEYS_TICKET_SIZE, people[1].id);
	assert_refused(fake_cx, export("", &x), R_APPROVAL_CODE);
}

static void
P15_what_waits_ends_after_a_quarter_of_an_hour(void **state)
{
	struct approval asked, *list;
	struct exported x;
	size_t n;

	two();
	as(0, T0 + 60);
	assert_done(fake_cx, export(code(0), &x));
	approval_list(fake_cx, &list, &n);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].about, key.id);
	as(1, T0 + 60 + APPROVAL_LIFE_S);
	approval_list(fake_cx, &list, &n);
	assert_int_equal(n, 0);
	assert_refused(fake_cx, op_key_approve(fake_cx, key.id, code(1), &asked), R_APPROVAL_NONE);
}

static void
P15_the_code_of_an_approval_signs_nobody_in(void **state)
{
	struct exported x;

	two();
	as(0, T0); /* the step that turned the codes on */
	assert_refused(fake_cx, export(code(0), &x), R_TOTP_USED);
	as(0, T0 + 60);
	assert_done(fake_cx, export(code(0), &x));
	assert_done(fake_cx, db_begin(fake_cx));
	assert_refused(
	    fake_cx, store_account_use_step(fake_cx, people[0].id, fake_cx->now / 30), R_TOTP_USED);
}

static void
P15_the_same_change_by_another_custodian_does_it(void **state)
{
	struct consent c;

	assert_refused(fake_cx, op_custodian_remove(fake_cx, "carol", "", &c), R_CUSTODIAN_NOT);
	two();
	as(0, T0 + 60);
	assert_refused(fake_cx, op_custodian_add(fake_cx, "bob", "", &c), R_CUSTODIAN_IS);
	assert_done(fake_cx, op_custodian_add(fake_cx, "carol", code(0), &c));
	assert_true(c.waiting);
	assert_done(fake_cx, op_custodian_add(fake_cx, "carol", "", &c));
	assert_true(c.waiting);
	assert_int_equal(fake_ncustodians, 2);
	as(1, T0 + 60);
	assert_done(fake_cx, op_custodian_add(fake_cx, "carol", code(1), &c));
	assert_false(c.waiting);
	assert_int_equal(fake_ncustodians, 3);
}

static void
P15_a_custodian_keeps_codes_and_account(void **state)
{
	struct account a;

	two();
	as(0, T0 + 60);
	assert_refused(fake_cx, op_totp_off(fake_cx, GOOD_PASSWORD), R_CUSTODIAN_STAYS);
	assert_refused(fake_cx, op_account_reset_totp(fake_cx, "bob", &a), R_CUSTODIAN_STAYS);
	assert_refused(fake_cx, op_account_delete(fake_cx, "bob"), R_CUSTODIAN_STAYS);
	assert_done(fake_cx, op_account_reset_totp(fake_cx, "carol", &a));
	assert_done(fake_cx, op_account_delete(fake_cx, "carol"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(P15_who_asked_gets_it_when_another_one_approved),
		T(P15_what_waits_ends_after_a_quarter_of_an_hour),
		T(P15_the_code_of_an_approval_signs_nobody_in),
		T(P15_the_same_change_by_another_custodian_does_it),
		T(P15_a_custodian_keeps_codes_and_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
