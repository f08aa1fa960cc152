/*
 * test_trust.c - Server CA Certificates: added from text or file, and their lives
 *
 * page_trust.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../op/fault.h"
#include "../op/install_fake.h"
#include "op/op_trust.h"
#include "page/page_component.h"
#include "page_fake.h"

#define ADD	      route_named(&page_trust_routes, "trust.add")
#define LIST	      route_named(&page_trust_routes, "ca")
#define SEEN(p, want) assert_shown(fake_cx, a.view, p, want)

static const char *
content(const char *text)
{
	return arena_printf(fake_cx->arena, "content=%s", text);
}

static const char *
base64(const char *text)
{
	return content(base64_encode(fake_cx->arena, text, strlen(text)));
}

/* The id of the n-th that is listed, as a pair. */
static const char *
id(size_t n)
{
	struct asked a = ASK(fake_cx, LIST, FACE_API);

	return arena_printf(fake_cx->arena, "id=%s",
	    shown(fake_cx, a.view, arena_printf(fake_cx->arena, "trust.%zu.id", n)));
}

static void
the_portal_takes_text_and_the_API_base64(void **state)
{
	struct asked a;

	a = ASK(fake_cx, ADD, FACE_PORTAL, content("a\r\nb"));
	assert_string_equal(fake_input.data[0], "a\nb");
	fake_end(fake_cx);
	a = ASK(fake_cx, ADD, FACE_PORTAL, content(fake_root));
	assert_done(fake_cx, a.result);
	SEEN("added.0.subject", "CN=Example Root R1");
	SEEN("added.0.kind", "root");
	SEEN("added.0.root", "true");
	SEEN("status", "One is known here, not in use."); /* the list comes along */
	a = ASK(fake_cx, ADD, FACE_API, base64(fake_inter));
	SEEN("trust.0.kind", "intermediate");
	SEEN("trust.0.root", "(none)");
	SEEN("status", "(none)");
	SEEN("notes", "[\"repaired: said by the test\"]");
	a = ASK(fake_cx, ADD, FACE_API, content(fake_root));
	assert_int_equal(a.result, -1);
	assert_string_equal(fake_cx->err.field, "content");
	assert_int_equal(fake_end(fake_cx), R_NOT_BASE64);
}

static void
a_fault_stands_at_the_control_that_it_came_through(void **state)
{
	struct upload up = { "files", "x.pem", "x", 1 };

	ASK(fake_cx, ADD, FACE_PORTAL, content("nothing"));
	assert_string_equal(fake_cx->err.field, "content");
	assert_int_equal(fake_end(fake_cx), R_BUNDLE_NONE);
	fake_sent = (struct sent){ .files = &up, .nfiles = 1 };
	ASK(fake_cx, ADD, FACE_PORTAL, "content=");
	assert_string_equal(fake_cx->err.field, "files");
	assert_int_equal(fake_end(fake_cx), R_BUNDLE_NONE);
	fake_reader_refusal = R_PASSPHRASE_NEEDED;
	fake_sent = (struct sent){ .files = &up, .nfiles = 1 };
	ASK(fake_cx, ADD, FACE_PORTAL, "passphrase=");
	assert_string_equal(fake_cx->err.field, "passphrase");
	assert_null(fake_input.passphrase);
	assert_int_equal(fake_end(fake_cx), R_PASSPHRASE_NEEDED);
	fake_reader_refusal = REFUSAL_NONE;
	ASK(fake_cx, ADD, FACE_PORTAL, "content=");
	assert_string_equal(fake_cx->err.field, "content");
	assert_int_equal(fake_end(fake_cx), R_FIELD_REQUIRED);
}

static void
all_of_a_file_or_nothing_is_added(void **state)
{
	struct identity i = fake_identity(fake_cx, "portal");
	struct key_row k;
	const char *mixed;

	assert_done(fake_cx, store_key_for_csr(fake_cx, &i, &k));
	mixed = arena_printf(fake_cx->arena, "%s%s%s", fake_root,
	    fake_leaf(fake_cx, &k, "a.example.com"), fake_inter);
	assert_refused_clean(
	    fake_cx, ASK(fake_cx, ADD, FACE_PORTAL, content(mixed)).result, R_TRUST_NOT_CA);
}

static int
add_both(struct ctx *cx)
{
	return ASK(
	    cx, ADD, FACE_PORTAL, content(arena_printf(cx->arena, "%s%s", fake_root, fake_inter)))
	    .result;
}

static void
the_store_fails_half_way_and_neither_is_known(void **state)
{
	static const struct fault faults[] = { { "trust", "INSERT" }, { "audit", "INSERT" },
		{ NULL, "COMMIT" } };

	each_fault(fake_cx, faults, nitems(faults), add_both);
}

static void
lives_are_marked_to_the_second(void **state)
{
	static const struct {
		int64_t left; /* seconds before its last one */
		const char *text, *mark;
	} cases[] = { { 91 * 86400, "Valid", "good" }, { 90 * 86400, "Valid", "good" },
		{ 90 * 86400 - 1, "Ends soon", "warn" }, { 0, "Ends soon", "warn" },
		{ -1, "Ended", "bad" } };
	struct trust *list;
	struct asked a;
	size_t n;

	ASK(fake_cx, ADD, FACE_PORTAL, content(fake_root));
	assert_done(fake_cx, op_trust_list(fake_cx, &list, &n));
	for (size_t i = 0; i < nitems(cases); i++) {
		fake_cx->now = list[0].row.not_after - cases[i].left;
		a = ASK(fake_cx, LIST, FACE_PORTAL);
		SEEN("trust.0.state_text", cases[i].text);
		SEEN("trust.0.mark", cases[i].mark);
	}
	fake_cx->now = list[0].row.not_before - 1;
	a = ASK(fake_cx, LIST, FACE_PORTAL);
	SEEN("trust.0.state_text", "Not yet valid");
}

static void
V38_who_uses_it_is_said_and_it_stays_while_in_use(void **state)
{
	struct asked a = ASK(fake_cx, LIST, FACE_PORTAL);

	SEEN("status", "None is known yet.");
	ASK(fake_cx, ADD, FACE_PORTAL, content(fake_root));
	fake_request_of(fake_cx, "portal", "a.example.com");
	fake_installed(fake_cx, "portal", "a.example.com"); /* keeps the intermediate */
	a = ASK(fake_cx, LIST, FACE_PORTAL);
	SEEN("status", "2 are known here, all in use.");
	for (size_t i = 0; i < 2; i++) {
		a = ASK(fake_cx, LIST, FACE_PORTAL);
		assert_string_equal(
		    shown(fake_cx, json_array_get(json_object_get(a.view, "trust"), i),
			strcmp(shown(fake_cx, a.view,
				   arena_printf(fake_cx->arena, "trust.%zu.kind", i)),
			    "root") == 0
			    ? "below"
			    : "users"),
		    "portal");
		if (strcmp(
			shown(fake_cx, a.view, arena_printf(fake_cx->arena, "trust.%zu.kind", i)),
			"intermediate") == 0)
			assert_refused_clean(fake_cx,
			    ASK(fake_cx, route_named(&page_trust_routes, "trust.remove"), FACE_API,
				id(i))
				.result,
			    R_TRUST_IN_USE);
	}
}

static void
one_as_a_file_and_away(void **state)
{
	struct asked a;

	ASK(fake_cx, ADD, FACE_PORTAL, content(fake_root));
	a = ASK(fake_cx, route_named(&page_trust_routes, "trust.pem"), FACE_PORTAL, id(0));
	assert_string_equal(a.download, fake_root);
	assert_int_equal(strlen(a.filename), strlen("ca-01234567.pem"));
	a = ASK(
	    fake_cx, route_named(&page_trust_routes, "trust.remove.portal"), FACE_PORTAL, id(0));
	assert_done(fake_cx, a.result);
	a = ASK(fake_cx, LIST, FACE_PORTAL);
	SEEN("trust", "[]");
	assert_refused(fake_cx,
	    ASK(fake_cx, route_named(&page_trust_routes, "trust.pem"), FACE_API, "id=x").result,
	    R_NOT_FOUND);
}

#define T(name) cmocka_unit_test_setup_teardown(name, install_fake_open, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_portal_takes_text_and_the_API_base64),
		T(a_fault_stands_at_the_control_that_it_came_through),
		T(all_of_a_file_or_nothing_is_added),
		T(the_store_fails_half_way_and_neither_is_known),
		T(lives_are_marked_to_the_second),
		T(V38_who_uses_it_is_said_and_it_stays_while_in_use),
		T(one_as_a_file_and_away),
	};

	return cmocka_run_group_tests_name("page trust", tests, NULL, NULL);
}
