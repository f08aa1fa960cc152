/*
 * test_access.c - set-up, sign-in, lock-out, one-time codes, accounts
 *
 * op_attempt.c, op_totp.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "people_fake.h"

#define T0    1800000000
#define HOME  "192.0.2.1"
#define OTHER "198.51.100.7"

static char secret[SECRET_TEXT_SIZE];
static unsigned due;

static int
sign_in(struct ctx *cx, const char *name, const char *password)
{
	return op_sign_in(cx, true, name, password, "test", secret, &due);
}

/* As the next request of a signed-in browser. */
static void
as(struct ctx *cx, int64_t now, const char *source, const char *cookie)
{
	fake_request(cx, now, source);
	assert_done(cx, op_authenticate_cookie(cx, cookie));
}

static void
P26_the_setup_link_makes_one_account(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char link[SECRET_TEXT_SIZE], late[SECRET_TEXT_SIZE];
	struct account a;

	assert_done(cx, op_setup_token(cx, late));
	assert_done(cx, op_setup_token(cx, link));
	assert_refused(cx, op_setup_check(cx, late), R_SETUP_LINK); /* replaced */
	assert_refused(cx, op_setup_check(cx, "x"), R_SETUP_LINK);
	assert_done(cx, op_setup_check(cx, link));
	assert_refused(cx, op_setup(cx, link, "root", "root@example.com", "short", "", secret),
	    R_PASSWORD_SHORT);
	assert_done(cx, op_setup(cx, link, "root", "root@example.com", GOOD_PASSWORD, "", secret));
	as(cx, T0, HOME, secret);
	assert_int_equal(cx->actor.role, ROLE_SUPER);
	assert_refused(cx, op_setup(cx, link, "two", "two@example.com", GOOD_PASSWORD, "", secret),
	    R_SETUP_LINK);
	assert_done(cx, op_account_load(cx, "root", &a));
	assert_null(strstr(a.password, GOOD_PASSWORD));
}

static void
P26_the_setup_link_ends_after_a_day_or_with_the_first_account(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char link[SECRET_TEXT_SIZE];

	assert_done(cx, op_setup_token(cx, link));
	fake_request(cx, T0 + SETUP_LIFE_S, HOME);
	assert_refused(cx, op_setup_check(cx, link), R_SETUP_LINK);
	assert_done(cx, op_setup_token(cx, link));
	fake_account(cx, "root");
	assert_refused(cx, op_setup_check(cx, link), R_SETUP_LINK);
}

static void
V1_sign_in_and_out(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char kept[SECRET_TEXT_SIZE];

	fake_account(cx, "root");
	assert_refused(cx, sign_in(cx, "root", "wrong"), R_SIGNIN_WRONG);
	assert_refused(cx, sign_in(cx, "nobody", GOOD_PASSWORD), R_SIGNIN_WRONG);
	assert_done(cx, sign_in(cx, "Root", GOOD_PASSWORD));
	assert_int_equal(due, 0);
	memcpy(kept, secret, sizeof(kept));
	as(cx, T0, HOME, kept);
	assert_string_equal(cx->actor.name, "root");
	assert_done(cx, op_sign_out(cx));
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_authenticate_cookie(cx, kept), R_SESSION_UNKNOWN);
}

static void
P23_V49_the_fourth_bad_try_is_refused_and_the_delay_grows(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct password_policy p = { .max_failures = 3 };
	int64_t at = T0;

	fake_account(cx, "root");
	assert_done(cx, op_password_policy_save(cx, &p));
	for (int i = 0; i < 3; i++)
		assert_refused(cx, sign_in(cx, "root", "wrong"), R_SIGNIN_WRONG);
	/* locked: the right password is not looked at, whatever the case */
	assert_refused(cx, sign_in(cx, "root", GOOD_PASSWORD), R_SIGNIN_LOCKED);
	assert_int_equal(sign_in(cx, "ROOT", "wrong"), -1);
	assert_non_null(strstr(cx->err.hint, "try again in"));
	assert_int_equal(fake_end(cx), R_SIGNIN_LOCKED);
	/* each further failure after the lock doubles it: 1, 2, 4 minutes */
	for (int64_t lock = 60; lock <= 240; lock *= 2) {
		fake_request(cx, at + lock - 1, HOME);
		assert_refused(cx, sign_in(cx, "root", "wrong"), R_SIGNIN_LOCKED);
		fake_request(cx, at += lock, HOME);
		assert_refused(cx, sign_in(cx, "root", "wrong"), R_SIGNIN_WRONG);
	}
	/* the owner from elsewhere gets in meanwhile */
	fake_request(cx, at, OTHER);
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	fake_request(cx, at + 480, HOME);
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	assert_refused(cx, sign_in(cx, "root", "wrong"), R_SIGNIN_WRONG); /* counts anew */
}

static void
P23_names_nobody_has_lock_alike_and_a_site_of_IPv6_counts_as_one(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char source[64];

	fake_account(cx, "root");
	for (int i = 0; i < 5; i++) {
		snprintf(source, sizeof(source), i == 0 ? "2001:db8:1:2::" : "2001:db8:1:2::%d", i);
		fake_request(cx, T0, source);
		assert_refused(cx, sign_in(cx, "nobody", "wrong"), R_SIGNIN_WRONG);
	}
	fake_request(cx, T0, "2001:db8:1:2::99");
	assert_refused(cx, sign_in(cx, "nobody", "wrong"), R_SIGNIN_LOCKED);
	fake_request(cx, T0, "2001:db8:1:3::99");
	assert_refused(cx, sign_in(cx, "nobody", "wrong"), R_SIGNIN_WRONG);
}

static void
a_disabled_or_forgotten_account_stays_out(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a;

	fake_account(cx, "root");
	fake_account(cx, "second");
	assert_done(cx, op_account_enable(cx, "second", false, &a));
	assert_refused(cx, sign_in(cx, "second", "wrong"), R_SIGNIN_WRONG);
	assert_refused(cx, sign_in(cx, "second", GOOD_PASSWORD), R_ACCOUNT_DISABLED);
	assert_done(cx, op_account_enable(cx, "second", true, &a));
	assert_done(cx, sign_in(cx, "second", GOOD_PASSWORD));
	fake_request(cx, T0 + 181 * 86400, HOME);
	assert_refused(cx, sign_in(cx, "second", GOOD_PASSWORD), R_ACCOUNT_INACTIVE);
	assert_done(cx, op_account_password(cx, "second", "eine ganz neue Parole 9", &a));
	assert_done(cx, sign_in(cx, "second", "eine ganz neue Parole 9"));
}

static void
an_expired_password_must_be_changed_at_sign_in(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct password_policy p = password_policy_default;
	char half[SECRET_TEXT_SIZE];

	fake_account(cx, "root");
	p.inactivity_days = 0;
	assert_done(cx, op_password_policy_save(cx, &p));
	fake_request(cx, T0 + 366 * 86400, HOME);
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	assert_int_equal(due, DUE_PASSWORD);
	memcpy(half, secret, sizeof(half));
	fake_request(cx, cx->now, HOME);
	assert_int_equal(op_authenticate_cookie(cx, half), -1);
	assert_int_equal(fake_end(cx), R_SESSION_HALF);
	assert_refused(cx, op_sign_in_finish(cx, "", "", "", secret), R_PASSWORD_EXPIRED);
	assert_refused(cx, op_sign_in_finish(cx, "", GOOD_PASSWORD, "", secret), R_PASSWORD_SAME);
	assert_done(cx, op_sign_in_finish(cx, "", "eine ganz neue Parole 9", "", secret));
	as(cx, cx->now, HOME, secret);
	fake_request(cx, cx->now, HOME);
	assert_refused(cx, op_authenticate_cookie(cx, half), R_SESSION_UNKNOWN);
	assert_done(cx, sign_in(cx, "root", "eine ganz neue Parole 9"));
	assert_int_equal(due, 0);
}

/* ---- one-time codes ---------------------------------------------------------- */
static const char *
totp_on(struct ctx *cx)
{
	struct totp_start t;
	char code[7];

	assert_done(cx, op_totp_start(cx, &t));
	assert_true(t.qr_size >= 21);
	assert_int_equal(strspn(t.qr_path, "Mhvz 0123456789-"), strlen(t.qr_path));
	fake_code(t.secret, cx->now, code);
	assert_done(cx, op_totp_confirm(cx, code));
	return t.secret;
}

static void
a_one_time_code_is_asked_for_and_works_once(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char code[7], half[SECRET_TEXT_SIZE];
	const char *seed;

	fake_account(cx, "root");
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	as(cx, T0, HOME, secret);
	assert_refused(cx, op_totp_confirm(cx, "123456"), R_TOTP_NONE);
	assert_refused(cx, op_totp_off(cx, GOOD_PASSWORD), R_TOTP_NONE);
	seed = totp_on(cx);
	assert_refused(cx, op_totp_start(cx, &(struct totp_start){ 0 }), R_TOTP_ON);
	assert_refused(cx, op_totp_confirm(cx, "123456"), R_TOTP_ON);

	fake_request(cx, T0, HOME);
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	assert_int_equal(due, DUE_CODE);
	memcpy(half, secret, sizeof(half));
	fake_request(cx, T0, HOME);
	assert_int_equal(op_authenticate_cookie(cx, half), -1);
	fake_end(cx);
	assert_int_equal(cx->actor.role, ROLE_NONE);
	assert_done(cx, op_sign_in_due(cx, &due));
	assert_int_equal(due, DUE_CODE);
	fake_code(seed, T0, code); /* the one that turned it on */
	assert_refused(cx, op_sign_in_finish(cx, code, "", "", secret), R_TOTP_USED);
	assert_refused(cx, op_sign_in_finish(cx, "12345", "", "", secret), R_CODE_WRONG);
	assert_refused(cx, op_sign_in_finish(cx, "abcdef", "", "", secret), R_CODE_WRONG);
	cx->now = T0 + 60;
	fake_code(seed, cx->now, code);
	assert_done(cx, op_sign_in_finish(cx, code, "", "", secret));
	as(cx, cx->now, HOME, secret);
	assert_refused(cx, op_totp_off(cx, "wrong"), R_PASSWORD_WRONG);
	assert_done(cx, op_totp_off(cx, GOOD_PASSWORD));
	fake_request(cx, cx->now, HOME);
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	assert_int_equal(due, 0);
}

static void
P23_guessing_codes_is_bounded_too(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	enum refusal r = REFUSAL_NONE;
	char half[SECRET_TEXT_SIZE], source[32];
	int tries = 0;

	fake_account(cx, "root");
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	as(cx, T0, HOME, secret);
	totp_on(cx);
	fake_request(cx, T0, HOME);
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	memcpy(half, secret, sizeof(half));
	/* from ever new addresses: the account's own count ends it */
	for (; tries < 200 && r != R_SIGNIN_LOCKED; tries++) {
		snprintf(source, sizeof(source), "192.0.2.%d", tries);
		fake_request(cx, T0, source);
		op_authenticate_cookie(cx, half);
		fake_end(cx);
		assert_int_equal(op_sign_in_finish(cx, "000000", "", "", secret), -1);
		r = fake_end(cx);
	}
	assert_int_equal(tries, 51);
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_sign_in_finish(cx, "000000", "", "", secret), R_SESSION_UNKNOWN);
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_sign_in_due(cx, &due), R_SESSION_UNKNOWN);
}

static void
P14_a_seed_moved_to_another_account_does_not_open(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a, b;
	char code[7];
	const char *seed;

	fake_account(cx, "root");
	fake_account(cx, "second");
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	as(cx, T0, HOME, secret);
	seed = totp_on(cx);
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_account_load(cx, "root", &a));
	assert_done(cx, store_account_load(cx, "second", &b));
	b.totp = a.totp;
	b.totp_len = a.totp_len;
	b.totp_step = 1;
	assert_done(cx, store_account_update(cx, &b));
	assert_done(cx, db_commit(cx));
	assert_done(cx, sign_in(cx, "second", GOOD_PASSWORD));
	fake_request(cx, T0, HOME);
	op_authenticate_cookie(cx, secret);
	fake_end(cx);
	fake_code(seed, T0, code);
	assert_refused(cx, op_sign_in_finish(cx, code, "", "", secret), R_INTERNAL);
}

/* ---- accounts ------------------------------------------------------------------ */
static void
V53_the_last_enabled_Super_Admin_stays(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a;

	fake_account(cx, "root");
	assert_refused(cx, op_account_enable(cx, "root", false, &a), R_LAST_SUPER);
	assert_refused(cx, op_account_delete(cx, "root"), R_LAST_SUPER);
	fake_account(cx, "second");
	assert_done(cx, op_account_enable(cx, "second", false, &a));
	assert_refused(cx, op_account_delete(cx, "root"), R_LAST_SUPER);
	assert_done(cx, op_account_enable(cx, "second", true, &a));
	assert_done(cx, op_account_delete(cx, "root"));
	assert_refused(cx, op_account_load(cx, "root", &a), R_NOT_FOUND);
}

static void
V53_names_and_addresses_are_plausible(void **state)
{
	static const char *const names[] = { "", "x y", "-x", "a\xc3\xa4", "<b>",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	static const char *const emails[] = { "", "x", "@example.com", "x@", "x@example",
		"x@.example.com", "x@example.com.", "x y@example.com", "x..y@example.com",
		"x@exa mple.com", "x@y@example.com", "x.@example.com", "x@example.com\n" };
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a;

	for (size_t i = 0; i < nitems(names); i++)
		assert_refused(cx,
		    op_account_create(cx, names[i], "x@example.com", NULL, GOOD_PASSWORD, &a),
		    R_ACCOUNT_NAME);
	for (size_t i = 0; i < nitems(emails); i++)
		assert_refused(cx, op_account_create(cx, "x", emails[i], NULL, GOOD_PASSWORD, &a),
		    R_ACCOUNT_EMAIL);
	fake_account(cx, "root");
	assert_refused(cx, op_account_create(cx, "ROOT", "x@example.com", NULL, GOOD_PASSWORD, &a),
	    R_ACCOUNT_EXISTS);
}

static void
one_time_codes_of_another_can_be_reset(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a;

	fake_account(cx, "root");
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	as(cx, T0, HOME, secret);
	totp_on(cx);
	assert_done(cx, op_account_load(cx, "root", &a));
	assert_true(totp_is_on(&a));
	assert_done(cx, op_account_reset_totp(cx, "root", &a));
	assert_done(cx, op_account_load(cx, "root", &a));
	assert_false(totp_is_on(&a));
}

static struct fake *there;

/* An administrator ends all that is open for root. */
static void
root_is_changed(void)
{
	struct ctx cx = {
		.arena = arena_new(), .db = db_attach(there->db), .house = &there->house
	};
	struct account a;

	snprintf(cx.tenant, sizeof(cx.tenant), "%s", TENANT_SYSTEM);
	assert_done(&cx, db_begin(&cx));
	assert_done(&cx, store_account_load(&cx, "root", &a));
	a.epoch++;
	assert_done(&cx, store_account_update(&cx, &a));
	assert_done(&cx, db_commit(&cx));
	db_detach(cx.db);
	arena_free(cx.arena);
}

static void
P24_a_password_that_is_changed_meanwhile_opens_nothing(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char kept[SECRET_TEXT_SIZE], fresh[SECRET_TEXT_SIZE];
	struct session *list;
	struct account a;
	size_t n;

	there = *state;
	fake_account(cx, "root");
	fake_request(cx, T0, HOME);
	fake_meanwhile = root_is_changed;
	assert_refused(cx, sign_in(cx, "root", GOOD_PASSWORD), R_SIGNIN_WRONG);
	assert_done(cx, store_account_load(cx, "root", &a));
	assert_done(cx, store_session_list(cx, a.id, &list, &n));
	assert_int_equal(n, 0);

	fake_request(cx, T0, HOME);
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
	memcpy(kept, secret, sizeof(kept));
	as(cx, T0 + 1, HOME, kept);
	fake_meanwhile = root_is_changed;
	assert_refused(cx,
	    op_account_change_password(
		cx, GOOD_PASSWORD, "Ganz-Anders-Gewaehlt-31?", "test", fresh),
	    R_SESSION_EXPIRED);
	fake_request(cx, T0 + 2, HOME);
	assert_done(cx, sign_in(cx, "root", GOOD_PASSWORD));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		T(P26_the_setup_link_makes_one_account),
		T(P26_the_setup_link_ends_after_a_day_or_with_the_first_account),
		T(V1_sign_in_and_out),
		T(P24_a_password_that_is_changed_meanwhile_opens_nothing),
		T(P23_V49_the_fourth_bad_try_is_refused_and_the_delay_grows),
		T(P23_names_nobody_has_lock_alike_and_a_site_of_IPv6_counts_as_one),
		T(a_disabled_or_forgotten_account_stays_out),
		T(an_expired_password_must_be_changed_at_sign_in),
		T(a_one_time_code_is_asked_for_and_works_once),
		T(P23_guessing_codes_is_bounded_too),
		T(P14_a_seed_moved_to_another_account_does_not_open),
		T(V53_the_last_enabled_Super_Admin_stays),
		T(V53_names_and_addresses_are_plausible),
		T(one_time_codes_of_another_can_be_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
