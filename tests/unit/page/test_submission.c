/*
 * test_submission.c - previews, and what is on its way to an authority
 *
 * page_submission.c, page_submission_show.c, page_preview.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../op/fault.h"
#include "../op/install_fake.h"
#include "page/page_preview.h"
#include "page_fake.h"

#define ROUTE(name)   route_named(&page_submission_routes, "submission." name)
#define PREVIEW	      route_named(&page_preview_routes, "csr.preview")
#define SEEN(p, want) assert_shown(fake_cx, a.view, p, want)

static struct request_row request;

static int
set_up(void **state)
{
	install_fake_open(state);
	request = fake_request_of(fake_cx, "portal", "a.example.com 192.0.2.1");
	return 0;
}

static const char *
pair(const char *name, const char *value)
{
	return arena_printf(fake_cx->arena, "%s=%s", name, value);
}

/* From the page: a request here, and one choice of authority and profile. */
static struct asked
chosen(const char *choice)
{
	return ASK(fake_cx, ROUTE("submit"), FACE_PORTAL, pair("request", request.id),
	    pair("choice", choice), "days=30", "note=order 1");
}

static void
the_page_s_choice_names_authority_and_profile(void **state)
{
	struct asked a = chosen("private:server");

	assert_done(fake_cx, a.result);
	SEEN("profile", "server");
	SEEN("verdict", "hold");
	SEEN("certificate", "null");
	a = ASK(fake_cx, ROUTE("one"), FACE_PORTAL, pair("id", shown(fake_cx, a.view, "id")));
	SEEN("days", "30");
	SEEN("note", "order 1");
	SEEN("state_text", "Waits for its answer");
	SEEN("sent", "true");
	SEEN("sheet.breaking", "false");
	assert_done(fake_cx, chosen("private").result); /* the default profile */
	assert_refused_clean(fake_cx, chosen("private:x").result, R_PROFILE_UNKNOWN);
	assert_refused_clean(fake_cx, chosen("").result, R_AUTHORITY_UNKNOWN);
	assert_refused_clean(fake_cx, chosen(":server").result, R_AUTHORITY_UNKNOWN);
}

static void
P22_a_request_that_is_not_one_s_own_is_not_sent(void **state)
{
	strcpy(fake_cx->tenant, "other");
	assert_refused_clean(fake_cx, chosen("private").result, R_NOT_FOUND);
}

static void
the_API_takes_numbers_texts_and_a_bare_CSR(void **state)
{
	struct asked a;

	fake_sent.json = json_pack("{si}", "days", 45);
	a = ASK(fake_cx, ROUTE("submit"), FACE_API, "id=private",
	    pair("csr", request_pem(fake_cx, &request)), "days=90");
	assert_done(fake_cx, a.result);
	a = ASK(fake_cx, ROUTE("one"), FACE_API, pair("id", shown(fake_cx, a.view, "id")));
	SEEN("days", "45");	     /* the number as it was sent */
	SEEN("request", request.id); /* recognised by its bytes */
	SEEN("sheet.verdict", "hold");
	SEEN("ended", "null");
	SEEN("mark", "(none)");
	assert_non_null(strstr(shown(fake_cx, a.view, "pem"), "BEGIN CERTIFICATE REQUEST"));
	fake_sent = (struct sent){ .body = request.der, .body_len = request.der_len };
	a = ASK(fake_cx, ROUTE("submit"), FACE_API, "id=private");
	assert_done(fake_cx, a.result);
	a = ASK(fake_cx, ROUTE("one"), FACE_API, pair("id", shown(fake_cx, a.view, "id")));
	SEEN("days", "null");
	assert_refused_clean(fake_cx,
	    ASK(fake_cx, ROUTE("submit"), FACE_API, "id=private", "days=soon").result,
	    R_PREVIEW_DAYS);
}

static void
what_would_be_refused_comes_back_with_its_sheet(void **state)
{
	unsigned char before[32], after[32];
	struct asked a;

	store_hash(before);
	a = chosen("letsencrypt:classic");
	assert_int_equal(a.result, -1);
	assert_int_equal(fake_end(fake_cx), R_SUBMIT_REFUSED);
	assert_true(a.problem);
	SEEN("verdict", "refuse");
	SEEN("authority", "letsencrypt");
	SEEN("id", "(none)");
	a = ASK(fake_cx, ROUTE("submit"), FACE_API, "id=private", "csr=hello");
	assert_int_equal(fake_end(fake_cx), R_CSR_NONE);
	assert_false(a.problem); /* there is no sheet */
	store_hash(after);
	assert_memory_equal(before, after, 32);
}

static void
the_list_says_how_many_wait(void **state)
{
	struct asked a = ASK(fake_cx, ROUTE("list"), FACE_PORTAL);
	const char *one;

	SEEN("status", "Nothing waits.");
	a = chosen("private");
	one = pair("id", shown(fake_cx, a.view, "id"));
	a = ASK(fake_cx, ROUTE("list"), FACE_PORTAL);
	SEEN("status", "One request waits for its answer.");
	chosen("private");
	chosen("private");
	a = ASK(fake_cx, ROUTE("list"), FACE_PORTAL);
	SEEN("status", "3 requests wait for their answers.");
	a = ASK(fake_cx, ROUTE("withdraw"), FACE_PORTAL, one);
	assert_done(fake_cx, a.result);
	SEEN("withdrawn", "true");
	assert_refused_clean(
	    fake_cx, ASK(fake_cx, ROUTE("withdraw"), FACE_API, one).result, R_SUBMIT_ENDED);
	a = ASK(fake_cx, ROUTE("list"), FACE_PORTAL);
	SEEN("status", "2 requests wait for their answers.");
	SEEN("submissions.2.state_text", "Withdrawn");
	SEEN("submissions.2.mark", "off");
	SEEN("submissions.0.mark", "note");
	a = ASK(fake_cx, ROUTE("list"), FACE_API);
	SEEN("status", "(none)");
	SEEN("submissions.2.state", "withdrawn");
}

static void
an_installed_answer_is_seen_in_the_list(void **state)
{
	struct asked a;

	request = fake_request_of(fake_cx, "portal", "a.example.com");
	chosen("private");
	fake_installed(fake_cx, "portal", "a.example.com");
	a = ASK(fake_cx, ROUTE("list"), FACE_PORTAL);
	SEEN("status", "Nothing waits.");
	SEEN("submissions.0.state_text", "Answered");
	SEEN("submissions.0.mark", "good");
	SEEN("submissions.0.ended", "2026-11-18T00:00:00Z");
}

static void
V12_a_preview_changes_nothing_even_where_nothing_may_be_written(void **state)
{
	const char *csr = pair("csr", request_pem(fake_cx, &request));
	unsigned char before[32], after[32];
	struct asked a;

	store_hash(before);
	a = ASK(fake_cx, PREVIEW, FACE_API, csr, "authority=letsencrypt");
	SEEN("verdict", "refuse"); /* the address */
	SEEN("profile", "classic");
	SEEN("date", "2026-11-18");
	a = ASK(fake_cx, PREVIEW, FACE_API, csr, "authority=private", "date=2027-03-15");
	SEEN("verdict", "issue");
	SEEN("date", "2027-03-15");
	assert_refused(fake_cx, ASK(fake_cx, PREVIEW, FACE_API, csr).result, R_FIELD_REQUIRED);
	assert_refused(fake_cx,
	    ASK(fake_cx, PREVIEW, FACE_API, csr, "authority=private", "date=soon").result,
	    R_PREVIEW_DATE);
	assert_refused(fake_cx,
	    ASK(fake_cx, PREVIEW, FACE_API, csr, "authority=private", "days=0").result,
	    R_PREVIEW_DAYS);
	store_hash(after);
	assert_memory_equal(before, after, 32);
}

static void
one_choice_of_all_profiles_is_selected(void **state)
{
	const struct request rq = { .face = FACE_PORTAL,
		.query = (struct pair[]){ { "authority", "letsencrypt" } },
		.nquery = 1 };
	struct asked a = { .view = json_object() };
	size_t i, selected = 0;
	json_t *choice;

	assert_done(fake_cx, put_preview(fake_cx, &rq, a.view, NULL));
	json_array_foreach (json_object_get(a.view, "choices"), i, choice)
		if (json_is_true(json_object_get(choice, "selected"))) {
			selected++;
			assert_shown(fake_cx, choice, "value", "letsencrypt:classic");
			assert_shown(fake_cx, choice, "label", "Let's Encrypt, classic");
		} else if (strcmp(shown(fake_cx, choice, "value"), "adcs-webserver:webserver") == 0)
			assert_shown(
			    fake_cx, choice, "label", "Microsoft AD CS, template Web Server");
	assert_int_equal(selected, 1);
	assert_true(i > 5);
	json_decref(a.view);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_page_s_choice_names_authority_and_profile),
		T(P22_a_request_that_is_not_one_s_own_is_not_sent),
		T(the_API_takes_numbers_texts_and_a_bare_CSR),
		T(what_would_be_refused_comes_back_with_its_sheet),
		T(the_list_says_how_many_wait),
		T(an_installed_answer_is_seen_in_the_list),
		T(V12_a_preview_changes_nothing_even_where_nothing_may_be_written),
		T(one_choice_of_all_profiles_is_selected),
	};

	return cmocka_run_group_tests_name("page submission", tests, NULL, NULL);
}
