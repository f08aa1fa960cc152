/*
 * test_csr.c - the page SSL CSR and requests over the API
 *
 * page_csr.c, page_request.c, page_procedure.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../op/fault.h"
#include "../op/install_fake.h"
#include "op/op_key.h"
#include "page/page_request.h"
#include "page_fake.h"

#define FIELDS                                                                           \
	"country=US", "state=New Jersey", "locality=Hackensack", "organization=Example", \
	    "unit=R&D", "common_name=shop.example.com", "email=pki@example.com"
#define SEEN(path, want) assert_shown(fake_cx, a.view, path, want)

static struct asked
csr(const char *name, enum face face, const char *pair)
{
	const struct route_table *t =
	    strcmp(name, "csr") == 0 || strcmp(name, "csr.regenerate") == 0 ? &page_csr_routes
									    : &page_request_routes;

	return ask(fake_cx, route_named(t, name), face,
	    (const char *const[]){ pair == NULL ? "x=" : pair, NULL });
}

static void
new_identity(const char *name)
{
	struct identity i;

	assert_done(fake_cx, op_identity_create(fake_cx, name, &i));
}

static void
V17_without_a_key_the_page_says_so_and_is_no_error(void **state)
{
	struct asked a;

	new_identity("shop");
	a = csr("csr", FACE_PORTAL, "identity=shop");
	assert_done(fake_cx, a.result);
	assert_false(err_is_set(&fake_cx->err));
	SEEN("no_key", "true");
	SEEN("key", "(none)");
	SEEN("request", "(none)");
	SEEN("of.query", "?identity=shop");
	SEEN("requests", "[]");
}

static void
V13_regenerate_leads_back_to_the_identity_s_page(void **state)
{
	struct asked a;

	a = ASK(fake_cx, route_named(&page_csr_routes, "csr.regenerate"), FACE_PORTAL, FIELDS);
	assert_done(fake_cx, a.result);
	assert_string_equal(a.redirect, "/settings/security/csr");
	new_identity("shop");
	fake_new_key(fake_cx, "shop");
	a = ASK(fake_cx, route_named(&page_csr_routes, "csr.regenerate"), FACE_PORTAL, FIELDS,
	    "identity=shop");
	assert_string_equal(a.redirect, "/settings/security/csr?identity=shop");
	a = ASK(fake_cx, route_named(&page_csr_routes, "csr.regenerate"), FACE_API, FIELDS,
	    "identity=shop");
	assert_null(a.redirect);
	SEEN("identity", "shop");
	SEEN("number", "3");
	SEEN("state", "pending");
	SEEN("subject.OU", "R&D");
	assert_non_null(strstr(shown(fake_cx, a.view, "pem"), "BEGIN CERTIFICATE REQUEST"));
}

static void
V24_an_older_request_says_that_its_key_is_not_the_next_one(void **state)
{
	struct request_row r = fake_request_of(fake_cx, "portal", "a.example.com");
	struct asked a = csr("csr", FACE_PORTAL, NULL);

	SEEN("older_key", "false");
	SEEN("request.fingerprint", hex_colons(fake_cx->arena, r.sha256, 32));
	SEEN("request.pending", "true");
	fake_new_key(fake_cx, "portal");
	a = csr("csr", FACE_PORTAL, NULL);
	SEEN("older_key", "true");
	SEEN("request.id", r.id);
}

static void
a_request_that_is_asked_for_brings_its_own_identity(void **state)
{
	struct request_row one = fake_request_of(fake_cx, "portal", "a.example.com"), other;
	struct asked a;

	fake_request_of(fake_cx, "portal", "b.example.com");
	a = csr("csr", FACE_PORTAL, arena_printf(fake_cx->arena, "request=%s", one.id));
	SEEN("request.id", one.id); /* not the newest */
	new_identity("shop");
	fake_new_key(fake_cx, "shop");
	other = fake_request_of(fake_cx, "shop", "shop.example.com");
	a = ASK(fake_cx, route_named(&page_csr_routes, "csr"), FACE_PORTAL, "identity=portal",
	    arena_printf(fake_cx->arena, "request=%s", other.id));
	SEEN("of.name", "shop");
	SEEN("identities.1.name", "shop");
	SEEN("identities.1.current", "true");
	assert_refused(fake_cx, csr("csr", FACE_PORTAL, "request=nothing").result, R_NOT_FOUND);
	strcpy(fake_cx->tenant, "other");
	assert_refused(fake_cx,
	    csr("csr.one", FACE_API, arena_printf(fake_cx->arena, "id=%s", one.id)).result,
	    R_NOT_FOUND);
}

static void
M24_the_command_is_what_a_shell_takes_as_it_was_typed(void **state)
{
	static const char *const words[][2] = { { "plain-1.2_3/x@y,+=:", "plain-1.2_3/x@y,+=:" },
		{ "", "''" }, { "two words", "'two words'" }, { "it's", "'it'\\''s'" },
		{ "$(id)", "'$(id)'" }, { "a\nb", "'a\nb'" }, { "*", "'*'" } };
	struct csr_typed typed = { .organization = "It's \"q\" & Co" };
	struct identity i;
	struct request_row r;
	struct key_row k;
	struct asked a;

	for (size_t n = 0; n < nitems(words); n++)
		assert_string_equal(shell_word(fake_cx, words[n][0]), words[n][1]);
	a = csr("csr", FACE_PORTAL, NULL);
	assert_non_null(strstr(shown(fake_cx, a.view, "command"), "--country ... --state"));
	fake_request_of(fake_cx, "portal", "a.example.com *.b.example.com");
	i = fake_identity(fake_cx, "portal");
	assert_done(fake_cx, op_csr_regenerate(fake_cx, &i, &typed, &r, &k));
	a = csr("csr", FACE_PORTAL, NULL);
	assert_non_null(
	    strstr(shown(fake_cx, a.view, "command"), "--organization 'It'\\''s \"q\" & Co'"));
	assert_non_null(strstr(shown(fake_cx, a.view, "command"), "--name '*.b.example.com'"));
	assert_null(strstr(shown(fake_cx, a.view, "command"), "--identity"));
}

static void
M19_names_are_shown_as_people_write_them_beside_what_is_asked(void **state)
{
	struct asked a;

	fake_request_of(fake_cx, "portal", "m\u00fcnchen.example.com www.example.com");
	a = csr("csr.newest", FACE_API, NULL);
	SEEN("names", "[\"xn--mnchen-3ya.example.com\",\"www.example.com\"]");
	SEEN("unicode_names", "[\"m\u00fcnchen.example.com\"]");
	a = csr("csr", FACE_PORTAL, NULL);
	SEEN("request.names.0.unicode", "m\u00fcnchen.example.com");
	SEEN("request.names.1.unicode", "null");
	SEEN("form.names.value", "xn--mnchen-3ya.example.com\nwww.example.com");
	fake_request_of(fake_cx, "portal", "www.example.com");
	a = csr("csr.newest", FACE_API, NULL);
	SEEN("unicode_names", "(none)");
}

static void
what_is_listed_says_what_became_of_it(void **state)
{
	struct request_row withdrawn = fake_request_of(fake_cx, "portal", "a.example.com"), r;
	struct key_row gone;
	struct asked a;

	assert_done(fake_cx, op_key_destroy(fake_cx, withdrawn.key, &gone));
	fake_new_key(fake_cx, "portal");
	r = fake_request_of(fake_cx, "portal", "a.example.com");
	fake_installed(fake_cx, "portal", "a.example.com");
	fake_request_of(fake_cx, "portal", "a.example.com");
	a = csr("csr", FACE_PORTAL, NULL);
	SEEN("requests.0.mark", "note");
	SEEN("requests.1.id", r.id);
	SEEN("requests.1.mark", "good");
	SEEN("requests.2.state", "withdrawn");
	SEEN("requests.2.mark", "off");
	a = csr("csr.list", FACE_API, NULL);
	SEEN("requests.2.state", "withdrawn");
	SEEN("requests.2.mark", "(none)"); /* for people */
	assert_null(strstr(view_dump(fake_cx, a.view), "\"pem\""));
}

static void
the_files_are_the_request_byte_for_byte(void **state)
{
	struct request_row r = fake_request_of(fake_cx, "portal", "a.example.com");
	const char *id = arena_printf(fake_cx->arena, "id=%s", r.id);
	struct asked a = csr("csr.der", FACE_PORTAL, id);

	assert_string_equal(a.filename, "request-1.der");
	assert_int_equal(a.length, r.der_len);
	assert_memory_equal(a.download, r.der, r.der_len);
	a = csr("csr.pem", FACE_PORTAL, id);
	assert_string_equal(a.filename, "request-1.csr");
	assert_string_equal(a.download, request_pem(fake_cx, &r));
	assert_refused(fake_cx, csr("csr.pem", FACE_API, "id=nothing").result, R_NOT_FOUND);
	assert_refused(fake_cx, csr("csr.der", FACE_API, "id=nothing").result, R_NOT_FOUND);
}

static void
any_CSR_is_checked_as_member_or_as_body_and_not_kept(void **state)
{
	struct request_row r = fake_request_of(fake_cx, "portal", "a.example.com");
	unsigned char before[32], after[32];
	struct asked a;

	store_hash(before);
	fake_sent = (struct sent){ .body = r.der, .body_len = r.der_len };
	a = csr("csr.check", FACE_API, NULL);
	assert_done(fake_cx, a.result);
	SEEN("verdict", "issue");
	fake_sent = (struct sent){ .body = "{}", .body_len = 2 };
	a = csr("csr.check", FACE_API,
	    arena_printf(fake_cx->arena, "csr=%s", request_pem(fake_cx, &r)));
	SEEN("verdict", "issue"); /* the member counts */
	fake_sent = (struct sent){ .body = "hello", .body_len = 5 };
	assert_refused(fake_cx, csr("csr.check", FACE_API, NULL).result, R_CSR_NONE);
	assert_refused(fake_cx, csr("csr.check", FACE_API, NULL).result, R_CSR_EMPTY);
	store_hash(after);
	assert_memory_equal(before, after, 32);
}

static void
V12_beside_each_field_stands_what_the_authority_makes_of_it(void **state)
{
	struct asked a = csr("csr", FACE_PORTAL, "authority=letsencrypt:classic");

	assert_done(fake_cx, a.result);
	SEEN("preview.profile", "classic");
	SEEN("preview.sentence", "(none)"); /* of the fields alone */
	assert_non_null(
	    strstr(shown(fake_cx, a.view, "fate.organization"), "This CA leaves it out: "));
	fake_request_of(fake_cx, "portal", "a.example.com");
	a = csr("csr", FACE_PORTAL, "authority=letsencrypt:classic");
	SEEN("preview.sentence", "It will be issued, but not as asked.");
	SEEN("preview.refused", "false");
	fake_request_of(fake_cx, "portal", "a.example.com 192.0.2.1");
	a = csr("csr", FACE_PORTAL, "authority=letsencrypt:classic");
	SEEN("preview.refused", "true");
	a = csr("csr", FACE_PORTAL, "authority=private:server");
	SEEN("fate.organization", "This CA takes it over.");
	assert_refused(
	    fake_cx, csr("csr", FACE_PORTAL, "authority=nobody").result, R_AUTHORITY_UNKNOWN);
	assert_refused(
	    fake_cx, csr("csr", FACE_PORTAL, "authority=letsencrypt:x").result, R_PROFILE_UNKNOWN);
}

#define T(name) cmocka_unit_test_setup_teardown(name, install_fake_open, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(V17_without_a_key_the_page_says_so_and_is_no_error),
		T(V13_regenerate_leads_back_to_the_identity_s_page),
		T(V24_an_older_request_says_that_its_key_is_not_the_next_one),
		T(a_request_that_is_asked_for_brings_its_own_identity),
		T(M24_the_command_is_what_a_shell_takes_as_it_was_typed),
		T(M19_names_are_shown_as_people_write_them_beside_what_is_asked),
		T(what_is_listed_says_what_became_of_it),
		T(the_files_are_the_request_byte_for_byte),
		T(any_CSR_is_checked_as_member_or_as_body_and_not_kept),
		T(V12_beside_each_field_stands_what_the_authority_makes_of_it),
	};

	return cmocka_run_group_tests_name("page csr", tests, NULL, NULL);
}
