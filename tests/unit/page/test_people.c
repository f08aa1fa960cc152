/*
 * test_people.c - the pages about people: their rows, and what they show
 *
 * page_account.c, page_accounts.c, page_activity.c, page_banner.c, page_license.c,
 * page_login.c, page_passwords.c, page_setup.c, page_status.c,
 * page_tokens.c, op/op_about.c, op/op_banner.c, op/op_license.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "page/page_people.h"
#include "page_fake.h"

#define T0   1800000000
#define HOME "192.0.2.1"

static const struct route_table *const tables[] = { &page_setup_routes, &page_login_routes,
	&page_account_routes, &page_accounts_routes, &page_passwords_routes, &page_license_routes,
	&page_activity_routes, &page_tokens_routes, &page_status_routes, &page_banner_routes };

static const struct route *
any(const char *name)
{
	for (size_t t = 0; t < nitems(tables); t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			if (strcmp(tables[t]->v[i].name, name) == 0)
				return &tables[t]->v[i];
		}
	}
	return NULL;
}

static void
check_row(const struct route *r)
{
	bool get = strcmp(r->method, "GET") == 0;
	const struct route *page = r->page == NULL ? NULL : any(r->page);
	char path[256];

	assert_non_null(r->handler);
	assert_non_null(r->summary);
	assert_ptr_equal(any(r->name), r); /* unique */
	assert_true(r->portal_path != NULL || r->api_path != NULL);
	assert_true(get || r->audit != NULL);
	if (r->template != NULL) {
		snprintf(path, sizeof(path), TEMPLATES "/%s.html", r->template);
		assert_int_equal(access(path, R_OK), 0);
		assert_non_null(r->title);
	}
	if (r->portal_path == NULL)
		return;
	assert_true(get ? r->template != NULL : r->then != NULL || r->template != NULL);
	if (!get && strcmp(r->name, "sign-out") != 0) {
		assert_non_null(page);
		assert_string_equal(page->method, "GET");
	}
}

static void
every_row_of_the_tables_is_complete(void **state)
{
	for (size_t t = 0; t < nitems(tables); t++) {
		for (size_t i = 0; i < tables[t]->n; i++)
			check_row(&tables[t]->v[i]);
	}
}

static void
only_doors_are_public(void **state)
{
	for (size_t t = 0; t < nitems(tables); t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct route *r = &tables[t]->v[i];

			if (r->capability == CAP_PUBLIC)
				assert_true(t <= 1 && r->api_path == NULL);
		}
	}
}

static void
after_sign_in_nobody_is_led_elsewhere(void **state)
{
	static const char *const odd[] = { NULL, "", "components", "//evil.example",
		"/\\evil.example", "/x\\y", "https://evil.example/", "/a\nb", "/a b", "/\xc3\xa4" };

	for (size_t i = 0; i < nitems(odd); i++)
		assert_string_equal(safe_next(odd[i]), "/components");
	assert_string_equal(safe_next("/settings/security/csr?x=1"), "/settings/security/csr?x=1");
}

static const char *
text(const json_t *view, const char *name)
{
	return json_string_value(json_object_get(view, name));
}

static void
P14_no_view_shows_a_secret(const struct asked *a)
{
	char *all = json_dumps(a->view, 0);

	assert_null(strstr(all, "argon2"));
	assert_null(strstr(all, GOOD_PASSWORD));
	free(all);
}

/* Signs in as root through the pages; the cookie's session is the actor's. */
static void
enter(struct ctx *cx, const char *next, const char *want)
{
	const struct route *r = any("sign-in");
	struct asked a;

	fake_request(cx, cx->now, HOME);
	a = ASK(cx, r, FACE_PORTAL, "name=root", "password=" GOOD_PASSWORD,
	    arena_printf(cx->arena, "next=%s", next));
	assert_done(cx, a.result);
	assert_string_equal(a.redirect, want);
	fake_request(cx, cx->now, HOME);
	assert_done(cx, op_authenticate_cookie(cx, a.cookie));
}

static void
V1_V6_the_doors(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char link[SECRET_TEXT_SIZE];
	const char *token;
	struct asked a;

	assert_done(cx, op_setup_token(cx, link));
	token = arena_printf(cx->arena, "token=%s", link);
	assert_done(cx, ASK(cx, any("setup.page"), FACE_PORTAL, token).result);
	assert_refused(cx, ASK(cx, any("setup.page"), FACE_PORTAL, "token=x").result, R_SETUP_LINK);
	a = ASK(cx, any("setup"), FACE_PORTAL, token, "name=root", "email=root@example.com",
	    "password=" GOOD_PASSWORD);
	assert_done(cx, a.result);
	assert_int_equal(strlen(a.cookie), SECRET_TEXT_SIZE - 1);
	fake_request(cx, T0, HOME);
	assert_refused(cx, ASK(cx, any("sign-in"), FACE_PORTAL, "name=root", "password=x").result,
	    R_SIGNIN_WRONG);
	a = ASK(cx, any("sign-in.page"), FACE_PORTAL, "next=/activity");
	assert_string_equal(text(a.view, "next"), "/activity");
	enter(cx, "/activity", "/activity");
	enter(cx, "//evil.example", "/components");
	a = ASK(cx, any("sign-in.page"), FACE_PORTAL, "next=/activity");
	assert_string_equal(a.redirect, "/activity");
	a = ASK(cx, any("sign-out"), FACE_PORTAL);
	assert_done(cx, a.result);
	assert_string_equal(a.cookie, "");
}

static void
a_one_time_code_at_the_door(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char code[7];
	const char *seed;
	struct asked a;

	fake_account(cx, "root");
	enter(cx, "", "/components");
	a = ASK(cx, any("account.totp.start"), FACE_PORTAL);
	assert_done(cx, a.result);
	seed = arena_strdup(cx->arena, text(a.view, "secret"));
	assert_non_null(strstr(text(a.view, "uri"), seed));
	assert_non_null(text(json_object_get(a.view, "qr"), "path"));
	a = ASK(cx, any("account.page"), FACE_PORTAL);
	assert_true(json_is_true(json_object_get(a.view, "totp_pending")));
	P14_no_view_shows_a_secret(&a);
	fake_code(seed, T0, code);
	assert_done(cx,
	    ASK(cx, any("account.totp.on"), FACE_PORTAL, arena_printf(cx->arena, "code=%s", code))
		.result);

	fake_request(cx, T0 + 30, HOME);
	a = ASK(cx, any("sign-in"), FACE_PORTAL, "name=root", "password=" GOOD_PASSWORD,
	    "next=/activity");
	assert_string_equal(a.redirect, "/sign-in/code?next=%2Factivity");
	fake_request(cx, T0 + 30, HOME);
	assert_int_equal(op_authenticate_cookie(cx, a.cookie), -1);
	fake_end(cx);
	a = ASK(cx, any("sign-in.code.page"), FACE_PORTAL, "next=/activity");
	assert_true(json_is_true(json_object_get(a.view, "code_due")));
	assert_string_equal(text(a.view, "csrf"), cx->actor.csrf);
	fake_code(seed, T0 + 30, code);
	assert_refused(cx,
	    ASK(cx, any("sign-in.code"), FACE_PORTAL, arena_printf(cx->arena, "code=%s", code))
		.result,
	    R_CSRF);
	a = ASK(cx, any("sign-in.code"), FACE_PORTAL, arena_printf(cx->arena, "code=%s", code),
	    arena_printf(cx->arena, "csrf=%s", cx->actor.csrf), "next=/activity");
	assert_done(cx, a.result);
	assert_string_equal(a.redirect, "/activity");
	fake_request(cx, T0 + 30, HOME);
	assert_done(cx, op_authenticate_cookie(cx, a.cookie));
	a = ASK(cx, any("sign-in.code.page"), FACE_PORTAL, "next=/activity");
	assert_string_equal(a.redirect, "/activity");
	assert_done(cx,
	    ASK(cx, any("account.totp.off"), FACE_PORTAL, "totp_password=" GOOD_PASSWORD).result);
}

static void
my_account_shows_and_changes(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	const char *id;
	struct asked a;

	fake_account(cx, "root");
	enter(cx, "", "/components");
	enter(cx, "", "/components");
	a = ASK(cx, any("account.page"), FACE_PORTAL);
	assert_done(cx, a.result);
	P14_no_view_shows_a_secret(&a);
	assert_string_equal(text(a.view, "name"), "root");
	a = ASK(cx, any("account.sessions"), FACE_API);
	assert_int_equal(json_array_size(json_object_get(a.view, "sessions")), 2);
	id = arena_printf(
	    cx->arena, "id=%s", text(json_array_get(json_object_get(a.view, "sessions"), 1), "id"));
	assert_done(cx, ASK(cx, any("session.end"), FACE_PORTAL, id).result);
	a = ASK(cx, any("account.change-password"), FACE_PORTAL, "current=" GOOD_PASSWORD,
	    "password=eine ganz neue Parole 9");
	assert_done(cx, a.result);
	fake_request(cx, T0, HOME);
	assert_done(cx, op_authenticate_cookie(cx, a.cookie));
	a = ASK(cx, any("session.sign-out-everywhere"), FACE_PORTAL);
	assert_string_equal(a.cookie, "");
	/* over the socket there is no account, and the page says who it is */
	fake_request(cx, T0, "local");
	cx->actor.kind = ACTOR_LOCAL;
	strcpy(cx->actor.name, "local administrator");
	a = ASK(cx, any("account.page"), FACE_API);
	assert_string_equal(text(a.view, "name"), "local administrator");
}

static void
V53_accounts_are_listed_added_and_changed(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct asked a;

	fake_account(cx, "root");
	a = ASK(cx, any("account.create"), FACE_API, "name=second", "email=second@example.com",
	    "password=" GOOD_PASSWORD);
	assert_done(cx, a.result);
	assert_int_equal(any("account.create")->status, 201);
	P14_no_view_shows_a_secret(&a);
	a = ASK(cx, any("accounts"), FACE_PORTAL);
	assert_int_equal(json_array_size(json_object_get(a.view, "accounts")), 2);
	assert_string_equal(text(a.view, "status"), "2 Super Admins can sign in.");
	a = ASK(cx, any("account.disable"), FACE_API, "id=second");
	assert_true(json_is_false(json_object_get(a.view, "enabled")));
	a = ASK(cx, any("accounts"), FACE_PORTAL);
	assert_string_equal(text(a.view, "status"), "One Super Admin can sign in.");
	assert_done(cx, ASK(cx, any("account.enable"), FACE_API, "id=second").result);
	assert_done(cx,
	    ASK(cx, any("account.password"), FACE_API, "id=second",
		"password=eine ganz neue Parole 9")
		.result);
	assert_done(cx, ASK(cx, any("account.reset-totp"), FACE_API, "id=second").result);
	a = ASK(cx, any("account.one"), FACE_PORTAL, "id=second");
	assert_string_equal(text(a.view, "email"), "second@example.com");
	P14_no_view_shows_a_secret(&a);
	assert_done(cx, ASK(cx, any("account.delete"), FACE_API, "id=second").result);
	assert_refused(cx, ASK(cx, any("account.one"), FACE_API, "id=second").result, R_NOT_FOUND);
}

static void
V49_V50_the_rules_for_passwords(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct asked a;

	a = ASK(cx, any("password-policy"), FACE_PORTAL);
	assert_true(json_is_true(json_object_get(a.view, "as_default")));
	a = ASK(cx, any("password-policy.save"), FACE_PORTAL, "expiry_days=0", "inactivity_days=30",
	    "max_failures=3", "complexity=on");
	assert_done(cx, a.result);
	a = ASK(cx, any("password-policy"), FACE_PORTAL);
	assert_true(json_is_true(json_object_get(a.view, "never")));
	assert_string_equal(
	    text(json_object_get(json_object_get(a.view, "form"), "max_failures"), "value"), "3");
	assert_refused(cx,
	    ASK(cx, any("password-policy.save"), FACE_PORTAL, "expiry_days=", "inactivity_days=30",
		"max_failures=3")
		.result,
	    R_POLICY_RANGE);
	assert_refused(cx,
	    ASK(cx, any("password-policy.save"), FACE_PORTAL, "expiry_days=1x",
		"inactivity_days=30", "max_failures=3")
		.result,
	    R_POLICY_RANGE);
	a = ASK(cx, any("password-policy.default.page"), FACE_PORTAL);
	assert_int_equal(json_integer_value(json_object_get(a.view, "max_failures")), 5);
	assert_done(cx, ASK(cx, any("password-policy.default"), FACE_PORTAL).result);
	a = ASK(cx, any("password-policy"), FACE_API);
	assert_int_equal(json_integer_value(json_object_get(a.view, "expiry_days")), 365);
}

static void
V54_banners_are_plain_text_of_limited_length(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct asked a;
	char *page = arena_printf(cx->arena, "login=%02001d", 0);

	a = ASK(cx, any("banners"), FACE_API);
	assert_string_equal(text(a.view, "login"), "");
	a = ASK(cx, any("banners.save"), FACE_PORTAL, "login=One <b>&\r\ntwo", "welcome= ");
	assert_done(cx, a.result);
	assert_string_equal(text(a.view, "login"), "One <b>&\ntwo");
	assert_string_equal(text(a.view, "welcome"), ""); /* blank is none */
	a = ASK(cx, any("banners.save"), FACE_API, "welcome=Hello");
	assert_string_equal(text(a.view, "login"), "One <b>&\ntwo");
	a = ASK(cx, any("sign-in.page"), FACE_PORTAL);
	assert_string_equal(text(a.view, "banner"), "One <b>&\ntwo");
	assert_refused(
	    cx, ASK(cx, any("banners.save"), FACE_API, "login=a\tb").result, R_TEXT_CONTROL);
	assert_refused(cx, ASK(cx, any("banners.save"), FACE_API, page).result, R_BANNER_LONG);
}

static void
tokens_are_shown_once(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct asked a;
	const char *id, *secret;
	char *all;

	a = ASK(cx, any("token.create"), FACE_API, "days=7");
	assert_done(cx, a.result);
	secret = arena_strdup(cx->arena, text(a.view, "token"));
	id = arena_printf(cx->arena, "id=%s", text(a.view, "id"));
	assert_string_equal(text(a.view, "expires"), "2027-01-22T08:00:00Z");
	a = ASK(cx, any("tokens"), FACE_API);
	all = json_dumps(a.view, 0);
	assert_null(strstr(all, secret));
	assert_non_null(strstr(all, "local administrator"));
	free(all);
	assert_refused(cx, ASK(cx, any("token.create"), FACE_API, "days=0").result, R_TOKEN_DAYS);
	assert_refused(cx, ASK(cx, any("token.create"), FACE_API, "days=x").result, R_TOKEN_DAYS);
	assert_done(cx, ASK(cx, any("token.revoke"), FACE_API, id).result);
}

static void
V55_activity_shows_and_hands_out(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct asked a;

	fake_account(cx, "root");
	a = ASK(cx, any("activity"), FACE_PORTAL);
	assert_done(cx, a.result);
	assert_true(json_is_null(json_object_get(a.view, "verified")));
	a = ASK(cx, any("activity"), FACE_PORTAL, "verify=1", "text=account");
	assert_true(json_is_true(json_object_get(json_object_get(a.view, "verified"), "whole")));
	assert_string_equal(
	    text(json_array_get(json_object_get(a.view, "events"), 0), "action"), "account.create");
	a = ASK(cx, any("activity"), FACE_PORTAL, "limit=1", "text=a&b");
	assert_true(json_is_null(json_object_get(a.view, "older")));
	fake_account(cx, "second");
	a = ASK(cx, any("activity"), FACE_PORTAL, "limit=1", "text=ac");
	assert_string_equal(text(a.view, "older"), "before=2&text=ac");
	a = ASK(cx, any("audit.list"), FACE_API, "limit=1");
	assert_int_equal(json_array_size(json_object_get(a.view, "events")), 1);
	a = ASK(cx, any("audit.export"), FACE_PORTAL);
	assert_non_null(strstr(a.download, "\"signature\""));
	a = ASK(cx, any("audit.verify"), FACE_API);
	assert_true(json_is_null(json_object_get(a.view, "place")));
}

static void
V3_the_licence_page_and_status_say_what_this_is(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct identity id = { .name = "portal",
		.common_name = "portal.example.com",
		.names = "portal.example.com\nwww.portal.example.com" };
	struct asked a;

	id_new(id.id);
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_identity_insert(cx, &id));
	assert_done(cx, db_commit(cx));
	assert_string_equal(any("license")->title, "Upload System License");
	a = ASK(cx, any("license"), FACE_PORTAL);
	assert_done(cx, a.result);
	assert_true(json_array_size(json_object_get(a.view, "notices")) > 10);
	assert_true(json_is_false(json_object_get(a.view, "uploads")));
	a = ASK(cx, any("license.read"), FACE_API);
	assert_done(cx, a.result);
	assert_true(json_is_false(json_object_get(a.view, "configured")));
	assert_true(json_is_null(json_object_get(a.view, "max_tenants")));
	assert_refused(
	    cx, ASK(cx, any("license.upload"), FACE_API, "content=eA==").result, R_LICENSE_VENDOR);
	a = ASK(cx, any("license"), FACE_PORTAL);
	assert_string_equal(text(json_array_get(json_object_get(a.view, "coverage"), 0), "names"),
	    "portal.example.com, www.portal.example.com");
	a = ASK(cx, any("status"), FACE_API);
	assert_done(cx, a.result);
	assert_int_equal(json_integer_value(json_object_get(a.view, "identities")), 1);
	assert_int_equal(
	    json_array_size(json_object_get(json_object_get(a.view, "keeper"), "pool")), 3);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_tables_is_complete),
		cmocka_unit_test(only_doors_are_public),
		cmocka_unit_test(after_sign_in_nobody_is_led_elsewhere),
		T(V1_V6_the_doors),
		T(a_one_time_code_at_the_door),
		T(my_account_shows_and_changes),
		T(V53_accounts_are_listed_added_and_changed),
		T(V49_V50_the_rules_for_passwords),
		T(V54_banners_are_plain_text_of_limited_length),
		T(tokens_are_shown_once),
		T(V55_activity_shows_and_hands_out),
		T(V3_the_licence_page_and_status_say_what_this_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
