/*
 * test_notice.c - moments of a life, and when a message is tried again
 *
 * digest.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "op/digest.h"
#include "op/op_component.h"
#include "people_fake.h"
#include "store/tenant.h"

#define DAY 86400

static struct arena *arena;

static const char *
after(int64_t days, int64_t life, const char *parts, const char *left)
{
	const char *t = notice_threshold(arena, parts, left, 0, life * DAY, days * DAY);

	return t == NULL ? "none" : t;
}

static void
M33_the_last_moment_that_came_is_told(void **state)
{
	assert_string_equal(after(59, 90, "2/3,9/10", ""), "none");
	assert_string_equal(after(60, 90, "2/3,9/10", ""), "2/3");
	assert_string_equal(after(81, 90, "2/3,9/10", ""), "9/10");
	assert_string_equal(after(91, 90, "2/3,9/10", ""), "ended");
	assert_string_equal(after(4, 6, "2/3,9/10", ""), "2/3"); /* a life of six days, too */
	assert_string_equal(after(83, 90, "2/3,9/10", "14,7"), "7 days");
	assert_string_equal(after(77, 90, "2/3", "14,7"), "14 days");
	assert_string_equal(after(1, 6, "2/3", "14,7"), "none"); /* longer than it lives */
	assert_string_equal(after(91, 90, "", ""), "ended");
}

static void
M33_levels_that_are_none_are_refused(void **state)
{
	static const char *const parts[] = { "1", "3/2", "1/0", "0/2", "1/2,", "1/2;2/3", "a/b",
		"1/101", "1/9,2/9,3/9,4/9,5/9,6/9,7/9,8/9,1/8" };
	struct ctx cx = { .arena = arena };
	const char *out;

	for (size_t i = 0; i < nitems(parts); i++) {
		err_clear(&cx.err);
		assert_int_equal(notice_parts(&cx, parts[i], &out), -1);
		assert_int_equal(cx.err.refusal, R_NOTIFY_PARTS);
	}
	err_clear(&cx.err);
	assert_int_equal(notice_parts(&cx, "2/3, 9/10", &out), 0);
	assert_string_equal(out, "2/3,9/10");
	assert_int_equal(notice_parts(&cx, "", &out), 0);
	assert_int_equal(notice_days(&cx, "14, 1", &out), 0);
	assert_int_equal(notice_days(&cx, "3651", &out), -1);
}

static void
M33_tries_come_rarer_and_never_storm(void **state)
{
	int64_t before = 0;

	for (int64_t tries = 1; tries < 200; tries++) {
		int64_t d = digest_delay(tries);

		assert_true(d >= 60 && d >= before && d <= 3600);
		before = d;
	}
	assert_int_equal(digest_delay(INT64_MAX), 3600);
}

static void
M33_a_signature_is_HMAC_over_time_and_body(void **state)
{
	assert_string_equal(digest_signature(arena, "key", 3, 1, "{}"),
	    "t=1,v1=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224");
}

/* ---- what is so now ---------------------------------------------------------------- */

static void
M33_each_kind_has_a_name_of_its_own(void **state)
{
	for (enum attention_kind i = 0; i < ATTENTION_KINDS; i++) {
		assert_non_null(attention_id(i));
		for (enum attention_kind k = 0; k < i; k++)
			assert_string_not_equal(attention_id(i), attention_id(k));
	}
}

static const struct notify_row rules = { .parts = "", .days = "" };

/* Those of this kind, in *v, which has room for four. */
static size_t
gathered(struct ctx *cx, const char *kind, struct notice *v)
{
	struct notice *all;
	size_t n, of = 0;

	assert_done(cx, notice_gather(cx, &rules, &all, &n));
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].kind, kind) == 0 && of < 4)
			v[of++] = all[i];
	return of;
}

static void
failed_component(struct ctx *cx, const char *name, const char *identity)
{
	struct component_row c = { .name = name,
		.kind = "files",
		.target = name,
		.delivery = "failed",
		.created_by = "root" };

	strcpy(c.identity, identity);
	id_new(c.id);
	assert_done(cx, store_component_insert(cx, &c));
	c.message = "it said no";
	assert_done(cx, store_component_set_delivery(cx, &c));
}

static void
M33_two_components_are_two_notices(void **state)
{
	struct fake *f = *state;
	struct ctx *cx = &f->cx;
	struct identity i = { .name = "web" };
	struct notice v[4];

	id_new(i.id);
	fake_request(cx, 1796083200, "192.0.2.1");
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_identity_insert(cx, &i));
	failed_component(cx, "one", i.id);
	failed_component(cx, "web", i.id);
	assert_done(cx, db_commit(cx));
	assert_int_equal(gathered(cx, attention_id(ATTENTION_FAILED), v), 2);
	assert_string_not_equal(v[0].object, v[1].object);
	assert_string_not_equal(v[0].object, "web"); /* which is how the identity is named */
	assert_string_not_equal(v[1].object, "web");
}

static bool
presents(struct sni *sni, const char *identity, const unsigned char sha256[32])
{
	return true;
}

/* A life of `days` from the first of December on, in use. */
static void
in_use(struct ctx *cx, int64_t days)
{
	struct identity i = { .name = "web" };
	struct key_row key = { .type = "ec:P-256",
		.origin = "generated",
		.blob = (const unsigned char *)"b",
		.blob_len = 1,
		.spki = (const unsigned char *)"s",
		.spki_len = 1 };
	struct cert_row c = { .der = (const unsigned char *)"d",
		.der_len = 1,
		.serial = "01",
		.subject = "CN=web",
		.issuer = "CN=CA",
		.names = "web.example.com",
		.origin = "answer",
		.not_before = 1796083200,
		.not_after = 1796083200 + days * DAY };

	id_new(i.id);
	id_new(key.id);
	id_new(c.id);
	strcpy(key.identity, i.id);
	strcpy(c.identity, i.id);
	strcpy(c.key, key.id);
	strcpy(i.active, c.id);
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_identity_insert(cx, &i));
	assert_done(cx, store_key_insert(cx, &key));
	assert_done(cx, store_cert_insert(cx, &c));
	assert_done(cx, db_commit(cx));
}

static void
M33_an_end_that_nears_says_how_many_days_are_left(void **state)
{
	static const struct {
		int64_t day;
		const char *threshold, *words;
	} cases[] = { { 40, "60 days", "60 days are left." },
		{ 66, "60 days", "34 days are left." }, { 70, "30 days", "30 days are left." },
		{ 99, "1 day", "1 day is left." } };
	const struct notify_row near = { .parts = "2/3", .days = "60,30,1" };
	struct fake *f = *state;
	struct notice *all;
	size_t n, k;

	fake_request(&f->cx, 1796083200, "192.0.2.1");
	f->house.presents = presents;
	in_use(&f->cx, 100);
	for (size_t i = 0; i < nitems(cases); i++) {
		f->cx.now = 1796083200 + cases[i].day * DAY;
		assert_done(&f->cx, notice_gather(&f->cx, &near, &all, &n));
		for (k = 0; k < n && strcmp(all[k].kind, "expiry") != 0; k++)
			continue;
		assert_true(k < n);
		assert_string_equal(all[k].threshold, cases[i].threshold);
		if (strstr(all[k].sentence, cases[i].words) == NULL)
			fail_msg("%s", all[k].sentence);
	}
}

static void
held(struct ctx *cx, const char *id, const char *name)
{
	struct submission_row s = { .authority = "house",
		.title = "house",
		.profile = "server",
		.state = "held",
		.der = (const unsigned char *)"d",
		.der_len = 1,
		.name = name,
		.subject = name,
		.sheet = "{}",
		.created_by = "root",
		.created_at = 1796083200 };

	id_new(s.id);
	IN_TENANT(cx, id);
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_submission_insert(cx, &s));
	assert_done(cx, db_commit(cx));
}

static void
M33_a_request_that_waits_says_whose_it_is_and_who_decides(void **state)
{
	struct fake *f = *state;
	struct ctx *cx = &f->cx;
	struct tenant t = { .name = "acme", .state = "active", .created_by = "root" };
	struct notice v[4];

	id_new(t.id);
	fake_request(cx, 1796083200, "192.0.2.1");
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_tenant_insert(cx, &t));
	assert_done(cx, db_commit(cx));
	held(cx, t.id, "shop.acme.example");
	assert_int_equal(gathered(cx, "approval", v), 1);
	assert_string_equal(v[0].sentence,
	    "A request of the tenant acme for shop.acme.example to house waits for an approval "
	    "since 1 Dec 2026, 00:00 UTC.");
	held(cx, TENANT_SYSTEM, "www.example.com");
	assert_int_equal(gathered(cx, "approval", v), 2);
	assert_string_equal(v[1].sentence,
	    "A request for www.example.com to house waits for an approval since 1 Dec 2026, "
	    "00:00 UTC.");
	IN_TENANT(cx, t.id);
	assert_int_equal(gathered(cx, "approval", v), 1);
	assert_string_equal(v[0].sentence,
	    "A request for shop.acme.example to house waits since 1 Dec 2026, 00:00 UTC; people "
	    "of the system approve it.");
}

static int
begin(void **state)
{
	arena = arena_new();
	return 0;
}

static int
end(void **state)
{
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(M33_the_last_moment_that_came_is_told),
		cmocka_unit_test(M33_levels_that_are_none_are_refused),
		cmocka_unit_test(M33_tries_come_rarer_and_never_storm),
		cmocka_unit_test(M33_a_signature_is_HMAC_over_time_and_body),
		cmocka_unit_test(M33_each_kind_has_a_name_of_its_own),
		cmocka_unit_test_setup_teardown(
		    M33_two_components_are_two_notices, fake_open, fake_close),
		cmocka_unit_test_setup_teardown(
		    M33_an_end_that_nears_says_how_many_days_are_left, fake_open, fake_close),
		cmocka_unit_test_setup_teardown(
		    M33_a_request_that_waits_says_whose_it_is_and_who_decides, fake_open,
		    fake_close),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
