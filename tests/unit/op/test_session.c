/*
 * test_session.c - sessions, tokens, CSRF, passwords
 *
 * known.c, op_account.c, op_password.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "people_fake.h"

#define T0   1800000000
#define HOME "192.0.2.1"

static char cookie[SECRET_TEXT_SIZE];

static void
signed_in(struct ctx *cx, const char *name)
{
	unsigned due;

	fake_request(cx, cx->now, HOME);
	assert_done(cx, op_sign_in(cx, true, name, GOOD_PASSWORD, "test", cookie, &due));
	fake_request(cx, cx->now, HOME);
	assert_done(cx, op_authenticate_cookie(cx, cookie));
}

static int
again(struct ctx *cx, int64_t now)
{
	fake_request(cx, now, HOME);
	return op_authenticate_cookie(cx, cookie);
}

static void
P24_each_sign_in_has_a_fresh_secret(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char first[SECRET_TEXT_SIZE];

	fake_account(cx, "root");
	signed_in(cx, "root");
	memcpy(first, cookie, sizeof(first));
	signed_in(cx, "root");
	assert_int_equal(strlen(first), SECRET_TEXT_SIZE - 1);
	assert_string_not_equal(first, cookie);
}

static void
P24_a_session_ends_by_rest_and_by_age(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	int64_t now = T0;

	fake_account(cx, "root");
	signed_in(cx, "root");
	assert_refused(cx, again(cx, T0 + SESSION_IDLE_S), R_SESSION_EXPIRED);
	/* kept in use it lives on, until its age ends it */
	for (; now + 1500 < T0 + SESSION_LIFE_S; now += 1500) {
		assert_done(cx, again(cx, now + 1500));
		assert_true(op_session_touch_due(cx));
		op_session_touch(cx);
		assert_false(op_session_touch_due(cx));
	}
	assert_done(cx, again(cx, T0 + SESSION_LIFE_S - 1));
	assert_refused(cx, again(cx, T0 + SESSION_LIFE_S), R_SESSION_EXPIRED);
}

static void
a_session_is_noted_in_use_once_a_minute(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;

	fake_account(cx, "root");
	signed_in(cx, "root");
	assert_done(cx, again(cx, T0 + 59));
	assert_false(op_session_touch_due(cx));
	assert_done(cx, again(cx, T0 + 60));
	assert_true(op_session_touch_due(cx));
	cx->read_only = true; /* a GET */
	err_set(&cx->err, R_INTERNAL, NULL, "kept");
	op_session_touch(cx);
	assert_string_equal(cx->err.message, "kept");
	assert_done(cx, again(cx, T0 + 61));
	assert_false(op_session_touch_due(cx));
}

static void
P24_P27_a_change_of_the_account_ends_its_sessions_at_once(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char before[SECRET_TEXT_SIZE];
	struct account a;

	fake_account(cx, "root");
	fake_account(cx, "second");
	signed_in(cx, "second");
	assert_done(cx, op_account_enable(cx, "second", false, &a));
	assert_refused(cx, again(cx, T0), R_SESSION_EXPIRED);
	assert_done(cx, op_account_enable(cx, "second", true, &a));
	assert_refused(cx, again(cx, T0), R_SESSION_EXPIRED);
	signed_in(cx, "second");
	assert_done(cx, op_account_password(cx, "second", "eine ganz neue Parole 9", &a));
	assert_refused(cx, again(cx, T0), R_SESSION_UNKNOWN);

	signed_in(cx, "root");
	memcpy(before, cookie, sizeof(before));
	assert_refused(cx,
	    op_account_change_password(cx, "wrong", "eine ganz neue Parole 9", "", cookie),
	    R_PASSWORD_WRONG);
	assert_refused(cx, op_account_change_password(cx, GOOD_PASSWORD, GOOD_PASSWORD, "", cookie),
	    R_PASSWORD_SAME);
	assert_done(cx,
	    op_account_change_password(cx, GOOD_PASSWORD, "eine ganz neue Parole 9", "", cookie));
	assert_done(cx, again(cx, T0)); /* this browser goes on, with a fresh one */
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_authenticate_cookie(cx, before), R_SESSION_UNKNOWN);
	assert_done(cx, op_account_delete(cx, "second"));
}

static void
P23_a_taken_session_does_not_help_to_guess_the_password(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char out[SECRET_TEXT_SIZE];

	fake_account(cx, "root");
	signed_in(cx, "root");
	for (int i = 0; i < 5; i++)
		assert_refused(
		    cx, op_account_change_password(cx, "wrong", "x", "", out), R_PASSWORD_WRONG);
	assert_refused(cx,
	    op_account_change_password(cx, GOOD_PASSWORD, "eine ganz neue Parole 9", "", out),
	    R_SIGNIN_LOCKED);
	cx->now += 60;
	assert_done(
	    cx, op_account_change_password(cx, GOOD_PASSWORD, "eine ganz neue Parole 9", "", out));
}

static void
P24_sessions_can_be_listed_and_ended(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char first[SECRET_TEXT_SIZE];
	struct session *list;
	size_t n;

	fake_account(cx, "root");
	fake_account(cx, "second");
	signed_in(cx, "second");
	memcpy(first, cookie, sizeof(first));
	assert_done(cx, op_session_list(cx, &list, &n));
	signed_in(cx, "root");
	assert_refused(cx, op_session_end(cx, list[0].id), R_SESSION_NONE); /* another's */
	assert_refused(cx, op_session_end(cx, "x"), R_SESSION_NONE);
	signed_in(cx, "second");
	assert_done(cx, op_session_end(cx, list[0].id));
	assert_done(cx, op_session_list(cx, &list, &n));
	assert_int_equal(n, 1);
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_authenticate_cookie(cx, first), R_SESSION_UNKNOWN);
	assert_done(cx, again(cx, T0));
	assert_done(cx, op_sign_out_everywhere(cx));
	assert_refused(cx, again(cx, T0), R_SESSION_UNKNOWN);
}

static void
P25_a_form_token_belongs_to_its_session(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char first[65];

	fake_account(cx, "root");
	signed_in(cx, "root");
	memcpy(first, op_csrf_token(cx), sizeof(first));
	assert_int_equal(strlen(first), 64);
	assert_null(strstr(first, cookie));
	assert_done(cx, op_csrf_check(cx, first));
	assert_done(cx, again(cx, T0));
	assert_done(cx, op_csrf_check(cx, first));
	assert_refused(cx, op_csrf_check(cx, NULL), R_CSRF);
	assert_refused(cx, op_csrf_check(cx, ""), R_CSRF);
	signed_in(cx, "root");
	assert_refused(cx, op_csrf_check(cx, first), R_CSRF);
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_csrf_check(cx, ""), R_CSRF);
}

static void
odd_cookies_are_nobody(void **state)
{
	static const char *const odd[] = { NULL, "", "x",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	struct ctx *cx = &((struct fake *)*state)->cx;

	for (size_t i = 0; i < nitems(odd); i++) {
		assert_refused(cx, op_authenticate_cookie(cx, odd[i]), R_SESSION_UNKNOWN);
		assert_refused(cx, op_authenticate_token(cx, odd[i]), R_TOKEN_UNKNOWN);
		assert_int_equal(cx->actor.kind, ACTOR_NOBODY);
	}
	assert_refused(cx, op_authenticate_token(cx, "cw_unknown"), R_TOKEN_UNKNOWN);
}

/* ---- tokens ------------------------------------------------------------------ */
static void
tokens_live_until_they_end(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char text[TOKEN_TEXT_SIZE], mine[TOKEN_TEXT_SIZE];
	struct token t, own, *list;
	struct account a;
	size_t n;

	cx->actor.kind = ACTOR_LOCAL;
	cx->actor.role = ROLE_SUPER;
	assert_refused(cx, op_token_create(cx, NULL, -1, &t, text), R_TOKEN_DAYS);
	assert_refused(cx, op_token_create(cx, NULL, 3651, &t, text), R_TOKEN_DAYS);
	assert_refused(cx, op_token_create(cx, "nobody", 1, &t, text), R_NOT_FOUND);
	assert_done(cx, op_token_create(cx, NULL, 0, &t, text));
	assert_int_equal(strspn(text,
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			     "0123456789_-"),
	    strlen(text));
	assert_int_equal(t.expires_at, T0 + 90 * 86400);
	assert_done(cx, op_authenticate_token(cx, text));
	assert_int_equal(cx->actor.role, ROLE_SUPER);
	assert_int_equal(cx->actor.kind, ACTOR_TOKEN);
	op_session_touch(cx);
	assert_done(cx, op_authenticate_token(cx, text));
	assert_int_equal(cx->actor.seen_at, T0);
	fake_request(cx, t.expires_at, HOME);
	assert_refused(cx, op_authenticate_token(cx, text), R_TOKEN_EXPIRED);

	fake_account(cx, "root");
	fake_account(cx, "second");
	assert_done(cx, op_token_create(cx, "second", 1, &own, mine));
	assert_done(cx, op_authenticate_token(cx, mine));
	assert_string_equal(cx->actor.name, "second");
	assert_done(cx, op_account_enable(cx, "second", false, &a)); /* P27 */
	assert_refused(cx, op_authenticate_token(cx, mine), R_TOKEN_REVOKED);
	assert_done(cx, op_token_revoke(cx, t.id));
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_authenticate_token(cx, text), R_TOKEN_REVOKED);
	assert_done(cx, op_token_list(cx, &list, &n));
	assert_int_equal(n, 2);
	assert_refused(cx, op_token_revoke(cx, "x"), R_NOT_FOUND);
}

/* Behind the back of the product: only who asks the table again sees it. */
static void
demote_unseen(struct ctx *cx, const char *name)
{
	assert_done(cx, db_begin(cx));
	assert_done(cx,
	    db_exec(cx, "UPDATE account SET role = $2 WHERE name = $1", "ti", name,
		(int64_t)ROLE_AUDITOR));
	assert_done(cx, db_commit(cx));
}

static void
P27_a_token_is_looked_up_once_and_again_when_any_right_changes(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char text[TOKEN_TEXT_SIZE], other[TOKEN_TEXT_SIZE];
	struct token t, more;
	struct account a;

	fake_account(cx, "root");
	fake_account(cx, "second");
	assert_done(cx, op_token_create(cx, "second", 1, &t, text));
	assert_done(cx, op_authenticate_token(cx, text));
	demote_unseen(cx, "second");
	fake_request(cx, T0, "192.0.2.7");
	assert_done(cx, op_authenticate_token(cx, text));
	assert_int_equal(cx->actor.role, ROLE_SUPER);
	assert_string_equal(cx->actor.name, "second");
	assert_string_equal(cx->actor.session, t.id);
	assert_string_equal(cx->actor.source, "192.0.2.7");
	assert_string_equal(cx->tenant, TENANT_SYSTEM);

	/* a change that is given up is none, one of anybody's rights is */
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_token_revoke(cx, t.id));
	db_rollback(cx);
	assert_done(cx, op_authenticate_token(cx, text));
	assert_int_equal(cx->actor.role, ROLE_SUPER);
	assert_done(cx, op_token_create(cx, "root", 1, &more, other));
	assert_done(cx, op_authenticate_token(cx, text));
	assert_int_equal(cx->actor.role, ROLE_AUDITOR);

	assert_done(cx, op_account_delete(cx, "second"));
	assert_refused(cx, op_authenticate_token(cx, text), R_TOKEN_UNKNOWN);
	assert_done(cx, op_authenticate_token(cx, other));
	assert_done(cx, op_account_password(cx, "root", "eine ganz neue Parole 9", &a));
	assert_refused(cx, op_authenticate_token(cx, other), R_TOKEN_REVOKED);
}

static void
the_local_administrator_has_no_own_account(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct session *list;
	size_t n;

	cx->actor.kind = ACTOR_LOCAL;
	assert_refused(cx, op_session_list(cx, &list, &n), R_ACCOUNT_NONE);
	assert_refused(cx, op_session_end(cx, "x"), R_ACCOUNT_NONE);
	assert_refused(cx, op_sign_out_everywhere(cx), R_ACCOUNT_NONE);
	assert_refused(cx, op_totp_confirm(cx, "123456"), R_ACCOUNT_NONE);
	assert_refused(cx, op_account_change_password(cx, "x", "y", "", cookie), R_ACCOUNT_NONE);
	assert_done(cx, op_sign_out(cx));
}

/* ---- passwords ------------------------------------------------------------------ */
static int
judged(struct ctx *cx, bool complexity, const char *password)
{
	struct password_policy p = password_policy_default;

	p.complexity = complexity;
	return password_check(cx, &p, "password", "jsmith", "j.smith@example.com", password);
}

static void
V51_each_rule_of_the_complexity_switch_has_its_message(void **state)
{
	static const struct {
		const char *password;
		enum refusal r;
	} rows[] = {
		{ "ABcdef12!?ghij", R_PASSWORD_SHORT }, /* 14 */
		{ "Abcxyzqw12!?ghij", R_PASSWORD_UPPER },
		{ "ABCXYZQW12!?GHIj", R_PASSWORD_LOWER },
		{ "ABcxyzqwklm1!?ghij", R_PASSWORD_DIGITS },
		{ "ABcxyzqwklm12?ghij", R_PASSWORD_SPECIAL },
		{ "ABcxyzzzqwk12!?ghij", R_PASSWORD_REPEAT },
	};
	struct ctx *cx = &((struct fake *)*state)->cx;

	for (size_t i = 0; i < nitems(rows); i++)
		assert_refused(cx, judged(cx, true, rows[i].password), rows[i].r);
	assert_done(cx, judged(cx, true, "ABxq72!?kwmvzzp")); /* 15, two equal are fine */
	assert_done(cx, judged(cx, false, "ABcxyzzzqwk12!?ghij"));
}

static void
passwords_that_are_easy_to_guess_are_refused(void **state)
{
	static const char *const easy[] = { "password1234", "qwertyuiop12", "aaaaaaaaaaaa",
		"certwright123", "jsmith.jsmith", "123456789012" };
	struct ctx *cx = &((struct fake *)*state)->cx;
	char *large = arena_alloc(cx->arena, 2000);

	for (size_t i = 0; i < nitems(easy); i++)
		assert_refused(cx, judged(cx, false, easy[i]), R_PASSWORD_GUESSABLE);
	assert_refused(cx, judged(cx, false, "short"), R_PASSWORD_SHORT);
	assert_refused(cx, judged(cx, false, "a\tb\tc\td\te\tf\tg"), R_TEXT_CONTROL);
	memset(large, 'x', 1025);
	assert_refused(cx, judged(cx, false, large), R_PASSWORD_LONG);
	assert_done(cx, judged(cx, false, "correct horse battery staple"));
	assert_done(cx, judged(cx, false, GOOD_PASSWORD));
}

static void
P14_a_stored_password_is_a_keyed_hash(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	const char *one, *two;

	assert_done(cx, password_hash(cx, GOOD_PASSWORD, &one));
	assert_done(cx, password_hash(cx, GOOD_PASSWORD, &two));
	assert_string_not_equal(one, two);
	assert_true(text_starts(one, "argon2id$v=19$m=19456,t=2,p=1$"));
	assert_int_equal(password_verify(cx, GOOD_PASSWORD, one), 1);
	assert_int_equal(password_verify(cx, "x", one), 0);
	assert_int_equal(password_verify(cx, GOOD_PASSWORD, NULL), 0);
	assert_int_equal(password_verify(cx, GOOD_PASSWORD, "argon2id$v=19$odd"), 0);
}

static void
V50_the_rules_can_be_set_and_brought_back(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct password_policy p;

	assert_done(cx, op_password_policy_load(cx, &p));
	assert_true(p.expiry_days > 0 && p.inactivity_days > 0 && p.max_failures > 0);
	p = (struct password_policy){ 0, 30, 3, true };
	assert_done(cx, op_password_policy_save(cx, &p));
	assert_done(cx, op_password_policy_load(cx, &p));
	assert_int_equal(p.expiry_days, 0);
	assert_int_equal(p.max_failures, 3);
	assert_true(p.complexity);
	p.expiry_days = 4000;
	assert_refused(cx, op_password_policy_save(cx, &p), R_POLICY_RANGE);
	p.expiry_days = -1;
	assert_refused(cx, op_password_policy_save(cx, &p), R_POLICY_RANGE);
	assert_done(cx, op_password_policy_reset(cx));
	assert_done(cx, op_password_policy_load(cx, &p));
	assert_int_equal(p.max_failures, 5);
	assert_false(p.complexity);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		T(P24_each_sign_in_has_a_fresh_secret),
		T(P24_a_session_ends_by_rest_and_by_age),
		T(a_session_is_noted_in_use_once_a_minute),
		T(P24_P27_a_change_of_the_account_ends_its_sessions_at_once),
		T(P23_a_taken_session_does_not_help_to_guess_the_password),
		T(P24_sessions_can_be_listed_and_ended),
		T(P25_a_form_token_belongs_to_its_session),
		T(odd_cookies_are_nobody),
		T(tokens_live_until_they_end),
		T(P27_a_token_is_looked_up_once_and_again_when_any_right_changes),
		T(the_local_administrator_has_no_own_account),
		T(V51_each_rule_of_the_complexity_switch_has_its_message),
		T(passwords_that_are_easy_to_guess_are_refused),
		T(P14_a_stored_password_is_a_keyed_hash),
		T(V50_the_rules_can_be_set_and_brought_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
