/*
 * test_answer.c - what the CA sent: check shows the sheet, install acts on it
 *
 * page_answer.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../op/fault.h"
#include "../op/install_fake.h"
#include "base/limits.h"
#include "op/op_key.h"
#include "page/page_certificate.h"
#include "page_fake.h"

#define CHECK	      route_named(&page_answer_routes, "certificate.check")
#define INSTALL	      route_named(&page_answer_routes, "certificate.install")
#define ANSWER(pem)   arena_printf(fake_cx->arena, "answer=%s", pem)
#define SEEN(p, want) assert_shown(fake_cx, a.view, p, want)

static struct key_row key;

static int
set_up(void **state)
{
	struct identity i;

	install_fake_open(state);
	fake_request_of(fake_cx, "portal", "a.example.com b.example.com");
	i = fake_identity(fake_cx, "portal");
	assert_done(fake_cx, op_key_for_csr(fake_cx, &i, &key));
	return 0;
}

static const char *
fit(void)
{
	return arena_printf(fake_cx->arena, "%s%s",
	    fake_leaf(fake_cx, &key, "a.example.com b.example.com"), fake_inter);
}

static void
V37_check_shows_the_sheet_and_changes_nothing(void **state)
{
	unsigned char before[32], after[32];
	struct asked a;

	store_hash(before);
	a = ASK(fake_cx, CHECK, FACE_PORTAL, ANSWER(fit()));
	assert_done(fake_cx, a.result);
	SEEN("fit", "true");
	SEEN("overridable", "false");
	SEEN("name", "a.example.com");
	SEEN("certificate.days_left", "72");
	SEEN("certificate.ended", "false");
	SEEN("request.number", "1");
	SEEN("missing", "CN=Example Root R1");
	SEEN("chain_complete", "false");
	SEEN("sheet.verdict", "harmless");
	/* what goes into the form is the normalised chain, leaf first */
	assert_string_equal(shown(fake_cx, a.view, "answer"),
	    arena_printf(fake_cx->arena, "%s%s", shown(fake_cx, a.view, "chain.0"),
		shown(fake_cx, a.view, "chain.1")));
	a = ASK(fake_cx, CHECK, FACE_API, ANSWER(fit()));
	SEEN("sheet", "(none)");
	SEEN("answer", "(none)");
	SEEN("verdict", "harmless");
	store_hash(after);
	assert_memory_equal(before, after, 32);
}

static void
an_expired_certificate_is_said_to_be_over(void **state)
{
	struct asked a;

	fake_cx->now += 100 * 86400;
	a = ASK(fake_cx, CHECK, FACE_PORTAL, ANSWER(fit()));
	SEEN("certificate.ended", "true");
	SEEN("fit", "false");
	SEEN("overridable", "true");
}

static void
only_a_Super_Admin_is_shown_the_field_for_a_reason(void **state)
{
	const char *lacking = ANSWER(fake_leaf(fake_cx, &key, "a.example.com"));
	const char *strange = ANSWER(fake_cert(
	    fake_cx, (struct make){ .subject = "a.example.com", .key = fake_stranger() }));
	struct asked a = ASK(fake_cx, CHECK, FACE_PORTAL, lacking);

	SEEN("fit", "false");
	SEEN("overridable", "true");
	fake_cx->actor.role = ROLE_OPERATOR;
	a = ASK(fake_cx, CHECK, FACE_PORTAL, lacking);
	SEEN("overridable", "false");
	fake_cx->actor.role = ROLE_SUPER;
	a = ASK(fake_cx, CHECK, FACE_PORTAL, strange); /* another key: nobody can */
	SEEN("fit", "false");
	SEEN("overridable", "false");
}

static void
V37_install_leads_to_the_page_and_tells_the_API_the_id(void **state)
{
	struct asked a = ASK(fake_cx, INSTALL, FACE_API, ANSWER(fit()));
	struct identity i;

	assert_done(fake_cx, a.result);
	i = fake_identity(fake_cx, "portal");
	SEEN("id", i.active);
	SEEN("installed", "true");
	SEEN("verdict", "harmless");
	a = ASK(fake_cx, INSTALL, FACE_PORTAL, ANSWER(fit()));
	assert_string_equal(a.redirect, CERTIFICATE_PAGE);
	assert_int_equal(fake_served, 2);
}

static void
P5_a_refused_install_carries_its_sheet_and_changes_nothing(void **state)
{
	unsigned char before[32], after[32];
	struct asked a;

	store_hash(before);
	a = ASK(fake_cx, INSTALL, FACE_API, ANSWER(fake_leaf(fake_cx, &key, "a.example.com")));
	assert_int_equal(a.result, -1);
	assert_int_equal(fake_end(fake_cx), R_INSTALL_BREAKING);
	assert_true(a.problem);
	SEEN("verdict", "breaking");
	SEEN("id", "(none)");
	a = ASK(fake_cx, INSTALL, FACE_API, ANSWER("nothing at all"));
	assert_false(a.problem);
	assert_int_equal(fake_end(fake_cx), R_BUNDLE_NONE);
	store_hash(after);
	assert_memory_equal(before, after, 32);
	a = ASK(fake_cx, INSTALL, FACE_API, ANSWER(fake_leaf(fake_cx, &key, "a.example.com")),
	    "override=the other name moved");
	assert_done(fake_cx, a.result);
}

static void
what_a_browser_sends_is_read_as_it_was_typed(void **state)
{
	struct upload up[] = { { "files", "server.crt", "one", 3 }, { "files", "ca.pem", "two", 3 },
		{ "other", "not.me", "three", 5 } };

	fake_sent = (struct sent){ .files = up, .nfiles = nitems(up) };
	ASK(fake_cx, CHECK, FACE_PORTAL, "answer=a\r\nb\rc\r\n", "passphrase=", "request=");
	assert_int_equal(fake_end(fake_cx), R_BUNDLE_NONE);
	assert_int_equal(fake_input.n, 3);
	assert_string_equal(fake_input.name[0], "server.crt");
	assert_string_equal(fake_input.data[1], "two");
	assert_string_equal(fake_input.name[2], "the pasted text");
	assert_string_equal(fake_input.data[2], "a\nb\rc\n");
	assert_null(fake_input.passphrase);
	ASK(fake_cx, CHECK, FACE_API, "answer=a\r\n", "passphrase=x");
	assert_string_equal(fake_input.data[0], "a\r\n");
	assert_string_equal(fake_input.passphrase, "x");
	fake_end(fake_cx);
	ASK(fake_cx, CHECK, FACE_PORTAL, "answer= \r\n\t ");
	assert_int_equal(fake_input.n, 0); /* nothing was pasted */
	fake_end(fake_cx);
}

static void
files_of_the_API_are_base64(void **state)
{
	struct asked a;

	fake_sent.json = json_pack(
	    "{s[{ss,ss},{ss}]}", "files", "name", "a.pem", "content", "b25l", "content", "dHdv");
	a = ASK(fake_cx, CHECK, FACE_API, "x=");
	assert_int_equal(fake_end(fake_cx), R_BUNDLE_NONE);
	assert_int_equal(fake_input.n, 2);
	assert_string_equal(fake_input.data[0], "one");
	assert_string_equal(fake_input.name[0], "a.pem");
	assert_null(fake_input.name[1]);
	for (int i = 0; i < 3; i++) {
		static const char *const bad[] = { "{\"files\":[{\"content\":\"b25l\"},{}]}",
			"{\"files\":[{\"content\":\"b25l\"},{\"content\":\"b2\"}]}",
			"{\"files\":[{\"content\":\"b25l\"},\"b25l\"]}" };

		fake_sent.json = json_loads(bad[i], 0, NULL);
		a = ASK(fake_cx, CHECK, FACE_API, "x=");
		assert_int_equal(a.result, -1);
		assert_string_equal(fake_cx->err.field, "files");
		assert_non_null(strstr(fake_cx->err.message, "file 2"));
		assert_int_equal(fake_end(fake_cx), R_NOT_BASE64);
	}
}

/* The reader's stub refuses one too many; nothing is written behind the list. */
static void
P31_more_files_than_fit_reach_the_stub_as_one_too_many(void **state)
{
	struct upload up[LIMIT_FILES + 5];
	json_t *files = json_array();

	for (int i = 0; i < LIMIT_FILES + 5; i++) {
		json_array_append_new(files, json_pack("{ss}", "content", "b25l"));
		up[i] = (struct upload){ "files", "x", "y", 1 };
	}
	fake_sent = (struct sent){
		.json = json_pack("{so}", "files", files), .files = up, .nfiles = nitems(up)
	};
	ASK(fake_cx, CHECK, FACE_API, "answer=and a text");
	assert_in_range(fake_input.n, LIMIT_FILES + 1, LIMIT_FILES + 2);
	fake_end(fake_cx);
	fake_sent = (struct sent){ .files = up, .nfiles = nitems(up) };
	ASK(fake_cx, CHECK, FACE_PORTAL, "answer=and a text");
	assert_in_range(fake_input.n, LIMIT_FILES + 1, LIMIT_FILES + 2);
	fake_end(fake_cx);
}

static void
an_unknown_identity_or_request_is_not_there(void **state)
{
	assert_refused(fake_cx,
	    ASK(fake_cx, CHECK, FACE_API, "identity=nobody", ANSWER(fit())).result, R_NOT_FOUND);
	assert_refused(fake_cx,
	    ASK(fake_cx, INSTALL, FACE_API, "request=nothing", ANSWER(fit())).result, R_NOT_FOUND);
	assert_int_equal(fake_served, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(V37_check_shows_the_sheet_and_changes_nothing),
		T(an_expired_certificate_is_said_to_be_over),
		T(only_a_Super_Admin_is_shown_the_field_for_a_reason),
		T(V37_install_leads_to_the_page_and_tells_the_API_the_id),
		T(P5_a_refused_install_carries_its_sheet_and_changes_nothing),
		T(what_a_browser_sends_is_read_as_it_was_typed),
		T(files_of_the_API_are_base64),
		T(P31_more_files_than_fit_reach_the_stub_as_one_too_many),
		T(an_unknown_identity_or_request_is_not_there),
	};

	return cmocka_run_group_tests_name("page answer", tests, NULL, NULL);
}
