/*
 * test_submit.c - requests on their way to an authority, until they are answered
 *
 * op_authority.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fault.h"
#include "install_fake.h"
#include "op/op_submit.h"

static struct request_row request;
static struct submission_row row; /* what `withdraw` withdraws */
static struct sheet sheet;

static int
set_up(void **state)
{
	install_fake_open(state);
	request = fake_request_of(fake_cx, "portal", "a.example.com b.example.com");
	return 0;
}

static struct preview
to(const char *authority)
{
	struct preview p;

	assert_done(fake_cx, op_preview_parse(fake_cx, authority, NULL, "90", NULL, &p));
	return p;
}

static int
submit(const char *authority, const char *note)
{
	struct submit_words w = { .note = note };
	struct preview p = to(authority);

	return op_submit(fake_cx, request.der, request.der_len, &p, &w, &sheet, &row);
}

static int
submit_private(struct ctx *cx)
{
	return submit("private", NULL);
}

static int
withdraw(struct ctx *cx)
{
	return op_submission_withdraw(cx, row.id, &row);
}

static const char *
state_of(const char *id)
{
	struct submission_row r;

	assert_done(fake_cx, op_submission_load(fake_cx, id, &r));
	return r.state;
}

static void
what_was_sent_is_kept_with_what_was_expected(void **state)
{
	struct submission_row r;

	assert_done(fake_cx, submit("letsencrypt", "order 4711"));
	assert_int_equal(sheet.verdict, VERDICT_HOLD);
	assert_done(fake_cx, op_submission_load(fake_cx, row.id, &r));
	assert_string_equal(r.request, request.id);
	assert_string_equal(r.authority, "letsencrypt");
	assert_string_equal(r.profile, "classic");
	assert_true(r.is_public);
	assert_int_equal(r.days, 90);
	assert_string_equal(r.state, "sent");
	assert_memory_equal(r.der, request.der, request.der_len);
	assert_string_equal(r.name, "a.example.com");
	assert_string_equal(r.note, "order 4711");
	assert_string_equal(r.created_by, "root");
	assert_non_null(strstr(r.sheet, "\"item\":\"subject.O\""));
	assert_non_null(strstr(r.sheet, "\"verdict\":\"hold\""));
	assert_true(text_starts(recorded(fake_cx), "request.submit "));
	assert_non_null(strstr(recorded(fake_cx), request.id));
	assert_null(strstr(recorded(fake_cx), "4711"));
}

static void
it_is_kept_as_a_whole_or_not_at_all(void **state)
{
	static const struct fault kept[] = { { "submission", "INSERT" }, { "audit", "INSERT" },
		{ NULL, "COMMIT" } };
	static const struct fault ended[] = { { "submission", "UPDATE" }, { "audit", "INSERT" },
		{ NULL, "COMMIT" } };

	each_fault(fake_cx, kept, nitems(kept), submit_private);
	assert_done(fake_cx, submit_private(fake_cx));
	each_fault(fake_cx, ended, nitems(ended), withdraw);
	assert_string_equal(state_of(row.id), "sent");
}

static void
what_the_authority_would_refuse_is_not_sent(void **state)
{
	request = fake_request_of(fake_cx, "portal", "a.example.com 192.0.2.7");
	assert_int_equal(submit("letsencrypt", NULL), -1);
	assert_non_null(strstr(fake_cx->err.message, "Let's Encrypt would refuse it: san.ip"));
	fake_end(fake_cx);
	assert_refused_clean(fake_cx, submit("letsencrypt", NULL), R_SUBMIT_REFUSED);
	assert_int_equal(sheet_find(&sheet, "san.ip:192.0.2.7")->outcome, OUT_REFUSED);
	assert_done(fake_cx, submit("private", NULL));
}

static void
a_CSR_that_proves_nothing_is_not_sent(void **state)
{
	struct preview p = to("private");
	unsigned char *bad = arena_dup(fake_cx->arena, request.der, request.der_len);

	bad[request.der_len - 1] ^= 1;
	assert_refused_clean(fake_cx,
	    op_submit(fake_cx, bad, request.der_len, &p, NULL, &sheet, &row), R_SUBMIT_REFUSED);
	assert_refused_clean(
	    fake_cx, op_submit(fake_cx, "hello", 5, &p, NULL, &sheet, &row), R_CSR_NONE);
}

static void
a_note_is_short_and_plain(void **state)
{
	char longest[NOTE_MAX * 2 + 3] = "";

	for (int i = 0; i <= NOTE_MAX; i++)
		strcat(longest, "\u00e9");
	assert_refused_clean(fake_cx, submit("private", longest), R_NAME_LONG);
	longest[NOTE_MAX * 2] = '\0';
	assert_done(fake_cx, submit("private", longest));
	assert_refused_clean(fake_cx, submit("private", "a\x1b[2J"), R_TEXT_CONTROL);
	assert_done(fake_cx, submit("private", ""));
	assert_null(row.note);
}

static void
a_stranger_s_CSR_is_told_by_its_own_names(void **state)
{
	static const char *const sans[] = { "subjectAltName=DNS:x.example.org", NULL };
	const struct {
		const char *subject;
		const char *const *sans;
		const char *name;
	} cases[] = { { "/O=Example/CN=The Server", sans, "The Server" },
		{ "/O=Example", sans, "x.example.org" },
		{ "/O=Example", NULL, "a CSR without a name" } };
	struct preview p = to("private");

	for (size_t i = 0; i < nitems(cases); i++) {
		X509_REQ *req = make_req(cases[i].subject, fake_stranger(), cases[i].sans);
		unsigned char *der = NULL;
		int n = i2d_X509_REQ(req, &der);

		assert_done(fake_cx, op_submit(fake_cx, der, (size_t)n, &p, NULL, &sheet, &row));
		assert_string_equal(row.name, cases[i].name);
		assert_string_equal(row.request, "");
		OPENSSL_free(der);
		X509_REQ_free(req);
	}
}

static void
only_what_waits_can_be_withdrawn(void **state)
{
	assert_done(fake_cx, submit_private(fake_cx));
	fake_cx->now += 60;
	assert_done(fake_cx, withdraw(fake_cx));
	assert_int_equal(row.ended_at, fake_cx->now);
	assert_true(text_starts(recorded(fake_cx), "request.withdraw "));
	assert_refused_clean(fake_cx, withdraw(fake_cx), R_SUBMIT_ENDED);
	strcpy(fake_cx->tenant, "other");
	assert_refused(fake_cx, withdraw(fake_cx), R_NOT_FOUND);
}

static int
answered(const char *id)
{
	return db_begin(fake_cx) < 0 || op_submission_answered(fake_cx, id) < 0
	    ? -1
	    : db_commit(fake_cx);
}

static void
an_answer_ends_it_when_it_is_plain_whose_answer_it_is(void **state)
{
	struct submission_row one, two;

	assert_done(fake_cx, answered(request.id)); /* none was sent */
	assert_done(fake_cx, submit("letsencrypt", NULL));
	one = row;
	assert_done(fake_cx, submit("private", NULL));
	two = row;
	assert_done(fake_cx, answered(request.id));
	assert_string_equal(state_of(one.id), "sent");
	assert_string_equal(state_of(two.id), "sent");
	assert_done(fake_cx, op_submission_withdraw(fake_cx, two.id, &two));
	assert_done(fake_cx, answered(request.id));
	assert_string_equal(state_of(one.id), "answered");
	assert_string_equal(state_of(two.id), "withdrawn");
	row = one;
	assert_refused_clean(fake_cx, withdraw(fake_cx), R_SUBMIT_ENDED);
}

static bool
is_public(void)
{
	bool out;

	assert_done(fake_cx, op_submission_is_public(fake_cx, request.id, &out));
	return out;
}

static void
it_is_public_when_it_is_with_public_authorities_and_no_other(void **state)
{
	struct submission_row private;

	assert_false(is_public()); /* with none */
	assert_done(fake_cx, submit("letsencrypt", NULL));
	assert_true(is_public());
	assert_done(fake_cx, submit("private", NULL));
	private = row;
	assert_false(is_public());
	assert_done(fake_cx, submit("public-ov", NULL));
	assert_false(is_public());
	assert_done(fake_cx, op_submission_withdraw(fake_cx, private.id, &private));
	assert_true(is_public());
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_sent_is_kept_with_what_was_expected),
		T(it_is_kept_as_a_whole_or_not_at_all),
		T(what_the_authority_would_refuse_is_not_sent),
		T(a_CSR_that_proves_nothing_is_not_sent),
		T(a_note_is_short_and_plain),
		T(a_stranger_s_CSR_is_told_by_its_own_names),
		T(only_what_waits_can_be_withdrawn),
		T(an_answer_ends_it_when_it_is_plain_whose_answer_it_is),
		T(it_is_public_when_it_is_with_public_authorities_and_no_other),
	};

	return cmocka_run_group_tests_name("submit", tests, NULL, NULL);
}
