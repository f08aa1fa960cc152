/*
 * test_key.c - SSL Private Key: taken in, shown, given out, destroyed
 *
 * page_key.c, page_key_show.c
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
#include "page/page_key.h"
#include "page_fake.h"

#define PAGE	      "/settings/security/key"
#define ROUTE(name)   route_named(&page_key_routes, name)
#define IMPORT	      ROUTE("key.import")
#define SEEN(p, want) assert_shown(fake_cx, a.view, p, want)

static const char *
pair(const char *name, const char *value)
{
	return arena_printf(fake_cx->arena, "%s=%s", name, value);
}

static void
P14_no_view_has_more_than_the_public_half(void **state)
{
	static const char *const pages[] = { "key.page", "key", "keys", "key.one" };

	for (size_t i = 0; i < nitems(pages); i++)
		for (enum face face = FACE_API; face <= FACE_PORTAL; face++) {
			struct key_row k = fake_new_key(fake_cx, "portal");
			struct asked a = ASK(fake_cx, ROUTE(pages[i]), face, pair("id", k.id));
			const char *all = view_dump(fake_cx, a.view);

			assert_done(fake_cx, a.result);
			assert_null(strstr(all, "blob"));
			assert_null(strstr(all, "PRIVATE KEY-"));
			assert_non_null(strstr(all, "BEGIN PUBLIC KEY"));
		}
}

static void
V22_a_key_comes_in_by_one_way_and_no_more(void **state)
{
	struct upload up = { "file", "key.pem", "x", 1 };
	struct asked a;

	a = ASK(fake_cx, IMPORT, FACE_API, "file=eA==", "exportable=on");
	assert_done(fake_cx, a.result);
	SEEN("origin", "imported");
	SEEN("exportable", "true");
	assert_done(fake_cx, ASK(fake_cx, IMPORT, FACE_API, "sealed=eA==").result);
	assert_done(fake_cx, ASK(fake_cx, IMPORT, FACE_API, "text=PEM").result);
	fake_sent = (struct sent){ .files = &up, .nfiles = 1 };
	a = ASK(fake_cx, IMPORT, FACE_PORTAL, "text=");
	assert_done(fake_cx, a.result);
	assert_string_equal(a.redirect, PAGE);
	assert_refused_clean(
	    fake_cx, ASK(fake_cx, IMPORT, FACE_PORTAL, "text=").result, R_FIELD_REQUIRED);
	assert_refused_clean(
	    fake_cx, ASK(fake_cx, IMPORT, FACE_API, "file=eA==", "text=PEM").result, R_KEYFILE_TWO);
	assert_refused_clean(fake_cx,
	    ASK(fake_cx, IMPORT, FACE_API, "file=eA==", "sealed=eA==").result, R_KEYFILE_TWO);
	assert_int_equal(ASK(fake_cx, IMPORT, FACE_API, "sealed=e").result, -1);
	assert_string_equal(fake_cx->err.field, "sealed");
	assert_int_equal(fake_end(fake_cx), R_NOT_BASE64);
}

static void
a_fault_of_a_pasted_key_stands_at_the_text(void **state)
{
	fake_key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	ASK(fake_cx, IMPORT, FACE_PORTAL, "text=PEM");
	assert_string_equal(fake_cx->err.field, "text");
	assert_int_equal(fake_end(fake_cx), R_KEY_SMALL);
	ASK(fake_cx, IMPORT, FACE_API, "file=eA==");
	assert_string_equal(fake_cx->err.field, "file");
	assert_int_equal(fake_end(fake_cx), R_KEY_SMALL);
	EVP_PKEY_free(fake_key);
}

static int
import_text(struct ctx *cx)
{
	return ASK(cx, IMPORT, FACE_PORTAL, "text=PEM").result;
}

static void
V22_an_import_is_whole_or_not_at_all(void **state)
{
	static const struct fault faults[] = { { "key", "INSERT" }, { "identity", "UPDATE" },
		{ "audit", "INSERT" }, { NULL, "COMMIT" } };

	each_fault(fake_cx, faults, nitems(faults), import_text);
}

static void
V24_what_is_out_is_said_before_a_new_key_is_made(void **state)
{
	static const char *const outs[] = {
		"No request is out. A new key is the next generation: it destroys nothing.",
		"Request 1 is out. A new key is the next generation: it destroys nothing, and the "
		"answer still installs.",
		"Requests 2 and 1 are out. A new key is the next generation: it destroys nothing, "
		"and the answers still install.",
		"Requests 3, 2 and 1 are out.",
		"Requests 4, 3, 2 and 1 are out.",
		"Requests 5, 4, 3, 2 and 1 are out.",
		"Requests 6, 5, 4, 3, 2 and 1 more are out.",
		"Requests 7, 6, 5, 4, 3 and 2 more are out.",
	};
	struct asked a;

	for (size_t i = 0; i < nitems(outs); i++) {
		a = ASK(fake_cx, ROUTE("key.page"), FACE_PORTAL);
		assert_true(text_starts(shown(fake_cx, a.view, "out"), outs[i]));
		fake_request_of(fake_cx, "portal", "a.example.com");
	}
}

static void
the_page_says_which_key_is_next_and_which_is_active(void **state)
{
	struct identity i;
	struct asked a;

	a = ASK(fake_cx, ROUTE("key.page"), FACE_PORTAL);
	SEEN("status",
	    "The next CSR is made from generation 1, EC P-256, which is not installed yet.");
	SEEN("served", "null");
	fake_request_of(fake_cx, "portal", "a.example.com");
	fake_installed(fake_cx, "portal", "a.example.com");
	a = ASK(fake_cx, ROUTE("key.page"), FACE_PORTAL);
	SEEN("status", "The next CSR is made from generation 1, EC P-256, which is active.");
	SEEN("current.in_use", "true");
	SEEN("current.certificates.0.state", "active");
	fake_new_key(fake_cx, "portal");
	fake_request_of(fake_cx, "portal", "b.example.com");
	fake_installed(fake_cx, "portal", "b.example.com");
	a = ASK(fake_cx, ROUTE("key.page"), FACE_PORTAL);
	SEEN("served", "Generation 2 is active until then.");
	SEEN("keys.1.rolls_back", "true"); /* generation 1: of the certificate before */
	SEEN("keys.1.in_use", "false");
	SEEN("keys.1.state_text", "Was active");
	assert_done(fake_cx, op_identity_create(fake_cx, "bare", &i));
	a = ASK(fake_cx, ROUTE("key.page"), FACE_PORTAL, "identity=bare");
	assert_done(fake_cx, a.result);
	SEEN("status", "There is no private key to base a CSR on yet.");
	SEEN("current", "null");
	assert_refused(
	    fake_cx, ASK(fake_cx, ROUTE("key"), FACE_API, "identity=bare").result, R_NO_KEY);
}

static void
P16_destroying_wants_more_than_a_click(void **state)
{
	struct asked a;
	struct key_row k;
	const char *id;

	assert_done(fake_cx, op_key_generate(fake_cx, "portal", "ec:P-256", true, &k));
	id = pair("id", k.id);
	assert_int_equal(ASK(fake_cx, ROUTE("key.destroy.portal"), FACE_PORTAL, id).result, -1);
	assert_string_equal(fake_cx->err.field, "understood");
	assert_int_equal(fake_end(fake_cx), R_FIELD_REQUIRED);
	assert_int_equal(fake_destroyed, 0);
	a = ASK(fake_cx, ROUTE("key.destroy.portal"), FACE_PORTAL, id, "understood=on");
	assert_done(fake_cx, a.result);
	assert_string_equal(a.redirect, PAGE);
	assert_int_equal(fake_destroyed, 1);
	a = ASK(fake_cx, ROUTE("key.one"), FACE_PORTAL, id);
	SEEN("sentence", "This key was destroyed.");
	assert_null(strstr(shown(fake_cx, a.view, "command"), "destroy"));
	assert_null(strstr(shown(fake_cx, a.view, "command"), "export"));
	assert_refused_clean(
	    fake_cx, ASK(fake_cx, ROUTE("key.destroy"), FACE_API, id).result, R_KEY_DESTROYED);
}

static void
the_command_offers_what_would_not_be_refused(void **state)
{
	struct key_row plain = fake_new_key(fake_cx, "portal"), open;
	struct asked a;

	assert_done(fake_cx, op_key_generate(fake_cx, "portal", "ec:P-256", true, &open));
	a = ASK(fake_cx, ROUTE("key.one"), FACE_PORTAL, pair("id", plain.id));
	SEEN("sentence", "This key is not installed yet.");
	assert_null(strstr(shown(fake_cx, a.view, "command"), "key export"));
	assert_non_null(strstr(shown(fake_cx, a.view, "command"), "key destroy"));
	a = ASK(fake_cx, ROUTE("key.one"), FACE_PORTAL, pair("id", open.id));
	assert_non_null(strstr(shown(fake_cx, a.view, "command"), "key export"));
}

static void
a_key_goes_out_as_a_file_to_people_and_as_text_to_programs(void **state)
{
	struct key_row k;
	const char *id;
	struct asked a;

	assert_done(fake_cx, op_key_generate(fake_cx, "portal", "ec:P-256", true, &k));
	id = pair("id", k.id);
	a = ASK(fake_cx, ROUTE("key.export"), FACE_PORTAL, id, "passphrase=long enough for it");
	assert_done(fake_cx, a.result);
	assert_string_equal(a.filename, arena_printf(fake_cx->arena, "key-%s.pem", k.id));
	assert_non_null(strstr(a.download, "BEGIN ENCRYPTED PRIVATE KEY"));
	assert_string_equal(view_dump(fake_cx, a.view), "{}");
	a = ASK(fake_cx, ROUTE("key.export"), FACE_API, id, "passphrase=long enough for it");
	assert_string_equal(a.download == NULL ? "" : a.download, "");
	assert_non_null(strstr(shown(fake_cx, a.view, "pem"), "BEGIN ENCRYPTED PRIVATE KEY"));
	assert_refused(fake_cx,
	    ASK(fake_cx, ROUTE("key.export"), FACE_PORTAL, id, "passphrase=short").result,
	    R_EXPORT_PASSPHRASE);
}

static void
P22_a_key_of_another_tenant_is_not_there(void **state)
{
	static const char *const rows[] = { "key.one", "key.destroy", "key.export" };
	struct key_row k = fake_new_key(fake_cx, "portal");

	strcpy(fake_cx->tenant, "other");
	for (size_t i = 0; i < nitems(rows); i++)
		assert_refused_clean(fake_cx,
		    ASK(fake_cx, ROUTE(rows[i]), FACE_API, pair("id", k.id),
			"passphrase=long enough for it")
			.result,
		    R_NOT_FOUND);
	assert_int_equal(fake_destroyed, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, install_fake_open, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(P14_no_view_has_more_than_the_public_half),
		T(V22_a_key_comes_in_by_one_way_and_no_more),
		T(a_fault_of_a_pasted_key_stands_at_the_text),
		T(V22_an_import_is_whole_or_not_at_all),
		T(V24_what_is_out_is_said_before_a_new_key_is_made),
		T(the_page_says_which_key_is_next_and_which_is_active),
		T(P16_destroying_wants_more_than_a_click),
		T(the_command_offers_what_would_not_be_refused),
		T(a_key_goes_out_as_a_file_to_people_and_as_text_to_programs),
		T(P22_a_key_of_another_tenant_is_not_there),
	};

	return cmocka_run_group_tests_name("page key", tests, NULL, NULL);
}
