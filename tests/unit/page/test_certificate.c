/*
 * test_certificate.c - Server Certificate: what is served, and what was
 *
 * page_certificate.c, page_certificate_show.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../op/fault.h"
#include "../op/install_fake.h"
#include "op/op_identity.h"
#include "page/page_certificate.h"
#include "page_fake.h"

#define DAY	      86400
#define SEEN(p, want) assert_shown(fake_cx, a.view, p, want)

static struct asked
page(const char *name, enum face face, const char *pair)
{
	return ask(fake_cx, route_named(&page_certificate_routes, name), face,
	    (const char *const[]){ pair == NULL ? "x=" : pair, NULL });
}

static const char *
id(const struct cert_row *c)
{
	return arena_printf(fake_cx->arena, "id=%s", c->id);
}

static struct cert_row
installed(const char *names)
{
	fake_request_of(fake_cx, "portal", names);
	return fake_installed(fake_cx, "portal", names);
}

static void
a_fresh_identity_has_nothing_to_show_and_no_error(void **state)
{
	struct asked a = page("certificate", FACE_PORTAL, NULL);

	assert_done(fake_cx, a.result);
	assert_false(err_is_set(&fake_cx->err));
	SEEN("status", "No certificate is installed yet.");
	SEEN("no_request", "true");
	SEEN("active", "(none)");
	SEEN("history_any", "false");
	SEEN("timeline", "null");
	assert_refused(fake_cx, page("certificate.active", FACE_API, NULL).result, R_NOT_FOUND);
	fake_request_of(fake_cx, "portal", "a.example.com");
	a = page("certificate", FACE_PORTAL, NULL);
	SEEN("waiting", "1");
	SEEN("no_request", "(none)");
}

static void
the_sentence_follows_the_life_of_what_is_presented(void **state)
{
	struct cert_row c = installed("a.example.com"), other;
	const struct {
		int64_t at;
		const char *portal, *other;
	} cases[] = {
		{ c.not_before - 1, "which is not valid yet: browsers refuse it.",
		    " is not valid yet." },
		{ c.not_before, "certificate of a.example.com.", " is active." },
		{ c.not_before + 70 * DAY, "; it is time to renew it.",
		    " is active; it is time to renew it." },
		{ c.not_after, "; it is time to renew it.", " is active; it is time to renew it." },
		{ c.not_after + 1, "which has expired: browsers refuse it.", " has expired." },
	};
	struct identity i;
	struct asked a;

	assert_done(fake_cx, op_identity_create(fake_cx, "shop", &i));
	fake_new_key(fake_cx, "shop");
	fake_request_of(fake_cx, "shop", "a.example.com");
	other = fake_installed(fake_cx, "shop", "a.example.com");
	assert_int_equal(other.not_after, c.not_after);
	for (size_t k = 0; k < nitems(cases); k++) {
		fake_cx->now = cases[k].at;
		a = page("certificate", FACE_PORTAL, NULL);
		assert_true(text_ends(shown(fake_cx, a.view, "status"), cases[k].portal));
		SEEN("active.ended", cases[k].at > c.not_after ? "true" : "false");
		SEEN("certificates.0.state_text", cases[k].at > c.not_after ? "Expired" : "Active");
		a = page("certificate", FACE_PORTAL, "identity=shop");
		assert_true(text_ends(shown(fake_cx, a.view, "status"), cases[k].other));
	}
}

static void
V37_active_previous_and_kept_are_told_apart(void **state)
{
	struct cert_row one = installed("a.example.com"), two = installed("b.example.com"),
			three = installed("c.example.com");
	struct asked a = page("certificate", FACE_PORTAL, NULL);

	SEEN("active.id", three.id);
	SEEN("previous.id", two.id);
	SEEN("active.made_from.number", "3");
	SEEN("certificates.0.state", "active");
	SEEN("certificates.1.state_text", "Previous");
	SEEN("certificates.2.state_text", "Kept");
	SEEN("certificates.2.title", "a.example.com");
	SEEN("certificates.0.judged.mark", "warn");
	SEEN("history.0.act", "installed");
	SEEN("history.2.id", one.id);
	a = page("certificate.one", FACE_PORTAL, id(&three));
	SEEN("sentence", "This certificate is active.");
	a = page("certificate.one", FACE_PORTAL, id(&two));
	SEEN("sentence", "This certificate was active before the one that is.");
	SEEN("made_from.number", "2");
	a = page("certificate.one", FACE_PORTAL, id(&one));
	SEEN("sentence", "This certificate was active once and is kept.");
	fake_cx->now = one.not_after + 1;
	a = page("certificate.one", FACE_PORTAL, id(&one));
	SEEN("sentence", "This certificate was active once; it is over.");
	a = page("certificate.one", FACE_PORTAL, id(&three));
	SEEN("sentence", "This certificate is active and has expired.");
}

static void
the_history_shows_the_last_twenty_acts(void **state)
{
	struct asked a;

	installed("a.example.com");
	installed("b.example.com");
	for (int i = 0; i < 20; i++) {
		fake_cx->now++;
		a = page("certificate.rollback", FACE_PORTAL, "reason=again");
		assert_done(fake_cx, a.result);
		assert_string_equal(a.redirect, CERTIFICATE_PAGE);
	}
	a = page("certificate", FACE_PORTAL, NULL);
	assert_int_equal(json_array_size(json_object_get(a.view, "history")), 20);
	SEEN("history.0.act", "rolled back to");
	SEEN("history.0.reason", "again");
	SEEN("history.0.actor", "root");
}

static void
roll_back_without_a_reason_keeps_none(void **state)
{
	struct asked a;

	installed("a.example.com");
	assert_refused_clean(
	    fake_cx, page("certificate.rollback", FACE_API, NULL).result, R_NO_PREVIOUS);
	installed("b.example.com");
	a = page("certificate.rollback", FACE_API, "reason=");
	assert_done(fake_cx, a.result);
	SEEN("names", "[\"a.example.com\"]");
	assert_null(strstr(recorded(fake_cx), "reason"));
}

static void
the_API_has_the_facts_and_nothing_for_people(void **state)
{
	struct cert_row c = installed("a.example.com");
	struct asked a = page("certificate.active", FACE_API, NULL);

	SEEN("id", c.id);
	SEEN("days_left", "72");
	SEEN("sheet.verdict", "harmless");
	SEEN("override_reason", "null");
	SEEN("fingerprint", "(none)");
	SEEN("not_after_text", "(none)");
	assert_non_null(strstr(shown(fake_cx, a.view, "pem"), "BEGIN CERTIFICATE"));
	a = page("certificate.list", FACE_API, NULL);
	SEEN("certificates.0.id", c.id);
	SEEN("certificates.0.pem", "(none)");
	SEEN("certificates.0.state_text", "(none)");
}

static void
the_file_has_the_chain_when_it_is_asked_for(void **state)
{
	struct cert_row c = installed("a.example.com");
	struct asked a = page("certificate.pem", FACE_API, id(&c));
	const char *leaf = a.download;

	assert_string_equal(
	    a.filename, arena_printf(fake_cx->arena, "certificate-%.16s.pem", c.serial));
	assert_null(strstr(strstr(leaf, "END CERTIFICATE"), "BEGIN"));
	a = ASK(fake_cx, route_named(&page_certificate_routes, "certificate.pem"), FACE_API, id(&c),
	    "chain=1");
	assert_string_equal(a.download, arena_printf(fake_cx->arena, "%s%s", leaf, fake_inter));
}

static void
a_self_signed_certificate_has_no_sheet_and_says_what_browsers_do(void **state)
{
	struct cert_row c = installed("a.example.com");
	struct asked a;

	assert_done(fake_cx, db_begin(fake_cx));
	assert_done(fake_cx,
	    db_exec(fake_cx,
		"UPDATE certificate SET origin = 'self-signed', sheet = NULL, verdict = NULL,"
		" request_id = NULL WHERE id = $1",
		"t", c.id));
	assert_done(fake_cx, db_commit(fake_cx));
	a = page("certificate", FACE_PORTAL, NULL);
	SEEN("status",
	    "All listeners present the certificate of a.example.com, which is self-signed: "
	    "browsers do not trust it.");
	SEEN("active.self_signed", "true");
	SEEN("active.sheet", "null");
	SEEN("active.made_from", "(none)");
	SEEN("certificates.0.judged", "null");
}

static void
P22_what_is_another_tenant_s_is_not_there(void **state)
{
	struct cert_row c = installed("a.example.com");

	strcpy(fake_cx->tenant, "other");
	assert_refused(fake_cx, page("certificate.one", FACE_PORTAL, id(&c)).result, R_NOT_FOUND);
	assert_refused(fake_cx, page("certificate.one", FACE_API, id(&c)).result, R_NOT_FOUND);
	assert_refused(fake_cx, page("certificate.pem", FACE_API, id(&c)).result, R_NOT_FOUND);
	assert_refused(fake_cx, page("certificate", FACE_PORTAL, NULL).result, R_NOT_FOUND);
	assert_refused(fake_cx, page("certificate.list", FACE_API, NULL).result, R_NOT_FOUND);
}

static void
it_is_called_by_its_common_name_or_first_name_or_subject(void **state)
{
	struct cert_row c = { .common_name = "The Server", .names = "a\nb", .subject = "CN=x" };

	assert_string_equal(certificate_title(fake_cx, &c), "The Server");
	c.common_name = NULL;
	assert_string_equal(certificate_title(fake_cx, &c), "a");
	c.names = "";
	assert_string_equal(certificate_title(fake_cx, &c), "CN=x");
}

#define T(name) cmocka_unit_test_setup_teardown(name, install_fake_open, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_fresh_identity_has_nothing_to_show_and_no_error),
		T(the_sentence_follows_the_life_of_what_is_presented),
		T(V37_active_previous_and_kept_are_told_apart),
		T(the_history_shows_the_last_twenty_acts),
		T(roll_back_without_a_reason_keeps_none),
		T(the_API_has_the_facts_and_nothing_for_people),
		T(the_file_has_the_chain_when_it_is_asked_for),
		T(a_self_signed_certificate_has_no_sheet_and_says_what_browsers_do),
		T(P22_what_is_another_tenant_s_is_not_there),
		T(it_is_called_by_its_common_name_or_first_name_or_subject),
	};

	return cmocka_run_group_tests_name("page certificate", tests, NULL, NULL);
}
