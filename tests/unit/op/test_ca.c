/*
 * test_ca.c - our own authorities: made, asked, changed; all or nothing
 *
 * op_ca.c, ca_make.c, ca_sign.c, op_own.c, op_issue.c, op_issued.c, op_pki.c, op_revoke.c,
 * op_crl.c, op_ocsp.c, ocsp_signer.c, op_policy.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/ocsp.h>

#include "base/config.h"
#include "base/io.h"
#include "fault.h"
#include "install_fake.h"
#include "op/ca_sign.h"
#include "op/op_ca.h"
#include "op/op_install.h"
#include "op/op_issue.h"
#include "op/op_pki.h"
#include "op/op_policy.h"
#include "op/op_revoke.h"

static struct config config;
static struct request_row request;
static struct submission_row row; /* the last one that was submitted */
static struct sheet sheet;

static int
create(struct ctx *cx)
{
	return op_ca_create(cx, &(struct ca_order){ .name = "house" });
}

static int
set_up(void **state)
{
	install_fake_open(state);
	config = (struct config){ .http_url = "http://pki.example.com" };
	fake_cx->config = &config;
	request = fake_request_of(fake_cx, "portal", "a.example.com b.example.com");
	return 0;
}

static bool
is_unsettled(void)
{
	bool unsettled;
	size_t n;

	ca_signing_pause(&unsettled, &n);
	ca_signing_resume();
	return unsettled;
}

/* A house with an authority of its own. */
static int
set_up_house(void **state)
{
	set_up(state);
	assert_done(fake_cx, create(fake_cx));
	is_unsettled(); /* of the test before */
	return 0;
}

/* In the daemon they live as long as it does. */
static struct owns *kept[64];
static size_t nkept;

static int
tear_down(void **state)
{
	kept[nkept++] = fake_cx->house->owns;
	return install_fake_close(state);
}

static int
submit(struct ctx *cx)
{
	struct preview p;

	return op_preview_parse(cx, "house", NULL, NULL, NULL, &p) < 0
	    ? -1
	    : op_submit(cx, request.der, request.der_len, &p, NULL, &sheet, &row);
}

static const struct issued_which *
that(const char *serial)
{
	static struct issued_which w;

	w = (struct issued_which){ .serial = serial };
	return &w;
}

/* The certificate of the last submission; X509_free. */
static X509 *
issued(void)
{
	struct issued_row i;
	const unsigned char *p;
	X509 *x;

	assert_done(fake_cx, op_issued_load(fake_cx, that(row.serial), &i));
	p = i.der;
	assert_non_null(x = d2i_X509(NULL, &p, (long)i.der_len));
	return x;
}

/* ---- authorities ------------------------------------------------------------------ */

static void
a_root_and_an_issuing_CA_are_made_together_or_not_at_all(void **state)
{
	static const struct fault faults[] = { { "authority", "INSERT" }, { "ca", "INSERT" },
		{ "issued", "INSERT" }, { "trust", "INSERT" }, { "audit", "INSERT" },
		{ NULL, "COMMIT" } };
	struct ca_view v;

	each_fault(fake_cx, faults, nitems(faults), create);
	assert_null(op_own_find(fake_cx, "house"));
	fake_mute = true;
	assert_refused_clean(fake_cx, create(fake_cx), R_ISSUE_SIGN);
	fake_mute = false;
	assert_true(is_unsettled()); /* the journal may know more: it is read again */
	assert_done(fake_cx, create(fake_cx));
	assert_false(is_unsettled());
	assert_done(fake_cx, op_ca_show(fake_cx, "house", &v));
	assert_int_equal(v.n, 2);
	assert_string_equal(op_own_find(fake_cx, "house")->ca, v.authority.issuing);
}

static void
its_name_is_that_of_no_card_and_no_other_authority(void **state)
{
	static const char *const bad[] = { "", " x", "x ", ".x", "a/b", "a\nb", "caf\u00e9",
		"12345678901234567890123456789012345678901" };

	for (size_t i = 0; i < nitems(bad); i++)
		assert_refused_clean(fake_cx,
		    op_ca_create(fake_cx, &(struct ca_order){ .name = bad[i] }), R_CA_NAME);
	assert_refused_clean(
	    fake_cx, op_ca_create(fake_cx, &(struct ca_order){ .name = "private" }), R_CA_EXISTS);
	assert_done(fake_cx, create(fake_cx));
	assert_refused_clean(fake_cx, create(fake_cx), R_CA_EXISTS);
	assert_refused_clean(fake_cx,
	    op_ca_create(fake_cx, &(struct ca_order){ .name = "b", .days = CA_DAYS_MAX + 1 }),
	    R_CA_DAYS);
	assert_refused_clean(fake_cx,
	    op_ca_create(fake_cx, &(struct ca_order){ .name = "b", .under = "nobody" }),
	    R_NOT_FOUND);
}

static int
roll_over(struct ctx *cx)
{
	struct ca_row fresh;

	return op_ca_rollover(cx, "house", 0, &fresh);
}

static int
retire(struct ctx *cx)
{
	struct consent c;

	return op_ca_retire(cx, "house", "", &c);
}

static void
a_rollover_keeps_the_name_and_is_whole_or_not_at_all(void **state)
{
	static const struct fault faults[] = { { "ca", "INSERT" }, { "issued", "INSERT" },
		{ "authority", "UPDATE" }, { "ca", "UPDATE" }, { "audit", "INSERT" },
		{ NULL, "COMMIT" } };
	char before[ID_SIZE];
	struct ca_row old;

	strcpy(before, op_own_find(fake_cx, "house")->ca);
	each_fault(fake_cx, faults, nitems(faults), roll_over);
	assert_string_equal(op_own_find(fake_cx, "house")->ca, before);
	assert_done(fake_cx, roll_over(fake_cx));
	assert_string_not_equal(op_own_find(fake_cx, "house")->ca, before);
	assert_done(fake_cx, op_ca_certificate(fake_cx, before, &old));
	assert_string_equal(old.state, "retired");
	assert_non_null(old.blob); /* it still signs its CRL */
	assert_done(fake_cx, submit(fake_cx));
}

static void
what_is_retired_issues_no_more(void **state)
{
	static const struct fault faults[] = { { "ca", "UPDATE" }, { "authority", "UPDATE" },
		{ "audit", "INSERT" }, { NULL, "COMMIT" } };

	each_fault(fake_cx, faults, nitems(faults), retire);
	assert_done(fake_cx, submit(fake_cx)); /* it does while it is not */
	assert_done(fake_cx, retire(fake_cx));
	assert_refused_clean(fake_cx, submit(fake_cx), R_AUTHORITY_UNKNOWN);
	assert_refused_clean(fake_cx, retire(fake_cx), R_CA_RETIRED);
	assert_done(fake_cx, roll_over(fake_cx));
	assert_done(fake_cx, submit(fake_cx));
}

/* ---- certificates ----------------------------------------------------------------- */

static void
P18_what_is_issued_verifies_and_answers_the_request(void **state)
{
	const struct own *own = op_own_find(fake_cx, "house");
	struct answer_input in = { .request = request.id };
	X509 *x;

	assert_done(fake_cx, submit(fake_cx));
	assert_string_equal(row.state, "issued");
	x = issued();
	assert_int_equal(X509_verify(x, own->public_key), 1);
	assert_int_equal(X509_check_host(x, "b.example.com", 0, 0, NULL), 1);
	X509_free(x);
	assert_done(fake_cx, op_issued_answer(fake_cx, &in));
	assert_string_equal(in.request, request.id);
	assert_int_equal(in.nissued, 2); /* the root is with who trusts it */
	assert_memory_equal(in.issued[0].der, row.made->der, row.made->der_len);
	assert_true(text_starts(recorded(fake_cx), "certificate.issue "));
	assert_non_null(strstr(row.sheet, "\"outcome\":\"added\""));
}

static void
what_was_issued_is_installed_without_a_reader(void **state)
{
	struct identity portal = fake_identity(fake_cx, "portal");
	struct cert_row cert;

	assert_done(fake_cx, submit(fake_cx));
	fake_reader_refusal = R_READER_GONE;
	assert_done(fake_cx, op_install_issued(fake_cx, &portal, row.id, &cert));
	assert_memory_equal(cert.sha256, row.made->sha256, sizeof(cert.sha256));
	assert_string_equal(cert.request, request.id);
	assert_true(cert.chain_len > 0);
}

static void
P4_issued_is_all_of_it_or_the_journal_is_read_again(void **state)
{
	static const struct fault faults[] = { { "submission", "INSERT" }, { "issued", "INSERT" },
		{ "audit", "INSERT" }, { NULL, "COMMIT" } };

	assert_false(is_unsettled());
	for (size_t i = 0; i < nitems(faults); i++) {
		each_fault(fake_cx, &faults[i], 1, submit);
		assert_true(is_unsettled());
	}
	fake_mute = true;
	assert_done(fake_cx, op_owns_load(fake_cx)); /* they hold their keys open */
	assert_refused_clean(fake_cx, submit(fake_cx), R_ISSUE_SIGN);
	assert_true(is_unsettled());
}

static void
two_requests_of_one_key_are_two_certificates_of_their_own_serial(void **state)
{
	char first[64];

	assert_done(fake_cx, submit(fake_cx));
	snprintf(first, sizeof(first), "%s", row.serial);
	assert_true(strlen(first) >= 30); /* 128 bits */
	assert_done(fake_cx, submit(fake_cx));
	assert_string_not_equal(row.serial, first);
}

static void
what_cannot_be_issued_leaves_nothing(void **state)
{
	struct preview p;
	unsigned char *bad = arena_dup(fake_cx->arena, request.der, request.der_len);

	assert_done(fake_cx, op_preview_parse(fake_cx, "house", NULL, NULL, NULL, &p));
	bad[request.der_len - 1] ^= 1;
	assert_refused_clean(fake_cx,
	    op_submit(fake_cx, bad, request.der_len, &p, NULL, &sheet, &row), R_SUBMIT_REFUSED);
	assert_int_equal(sheet.verdict, VERDICT_REFUSE);
	assert_false(is_unsettled()); /* nothing was signed */
}

static void
P22_an_authority_of_another_tenant_is_not_there(void **state)
{
	struct issued_row i;
	struct ca_view v;

	assert_done(fake_cx, submit(fake_cx));
	strcpy(fake_cx->tenant, "other");
	assert_refused(fake_cx, op_ca_show(fake_cx, "house", &v), R_NOT_FOUND);
	assert_refused(fake_cx, op_issued_load(fake_cx, that(row.serial), &i), R_NOT_FOUND);
	assert_refused_clean(fake_cx, op_revoke(fake_cx, that(row.serial), NULL, &i), R_NOT_FOUND);
	assert_refused_clean(fake_cx, roll_over(fake_cx), R_NOT_FOUND);
}

/* ---- revoked ------------------------------------------------------------------------ */

static int
revoke(struct ctx *cx)
{
	struct issued_row i;

	return op_revoke(cx, that(row.serial), "superseded", &i);
}

static void
P6_revoked_is_revoked_whole_once_and_for_good(void **state)
{
	static const struct fault faults[] = { { "issued", "UPDATE" }, { "audit", "INSERT" },
		{ NULL, "COMMIT" } };
	struct issued_row i;

	assert_done(fake_cx, submit(fake_cx));
	each_fault(fake_cx, faults, nitems(faults), revoke);
	assert_refused_clean(fake_cx, op_revoke(fake_cx, that(row.serial), "bored", &i), R_REASON);
	assert_done(fake_cx, revoke(fake_cx));
	assert_done(fake_cx, op_issued_load(fake_cx, that(row.serial), &i));
	assert_string_equal(i.state, "revoked");
	assert_int_equal(i.revoked_at, fake_cx->now);
	assert_refused_clean(fake_cx, revoke(fake_cx), R_REVOKED);
	assert_refused_clean(fake_cx, op_release(fake_cx, that(row.serial), &i), R_NOT_HELD);
	assert_refused_clean(fake_cx, op_revoke(fake_cx, that("xyz"), NULL, &i), R_SERIAL);
	assert_refused_clean(fake_cx, op_revoke(fake_cx, that("0a"), NULL, &i), R_NOT_FOUND);
}

static void
a_hold_is_released_or_made_final_with_its_first_time(void **state)
{
	struct issued_row i;
	int64_t held;

	assert_done(fake_cx, submit(fake_cx));
	assert_done(fake_cx, op_revoke(fake_cx, that(row.serial), "certificateHold", &i));
	assert_string_equal(i.state, "held");
	assert_done(fake_cx, op_release(fake_cx, that(row.serial), &i));
	assert_string_equal(i.state, "issued");
	assert_int_equal(i.revoked_at, 0);
	assert_done(fake_cx, op_revoke(fake_cx, that(row.serial), "certificateHold", &i));
	assert_refused_clean(
	    fake_cx, op_revoke(fake_cx, that(row.serial), "certificateHold", &i), R_REVOKED);
	held = fake_cx->now;
	fake_cx->now += 3600;
	assert_done(fake_cx, op_revoke(fake_cx, that(row.serial), "keyCompromise", &i));
	assert_string_equal(i.state, "revoked");
	assert_int_equal(i.revoked_at, held);
}

/* ---- lists and answers --------------------------------------------------------------- */

static struct buf der; /* what relying parties fetched last */

static int
fetch_list(struct ctx *cx)
{
	static char ca[ID_SIZE];
	const struct own *own = op_own_find(cx, "house"); /* the system's alone */
	struct pki_answer a = { .out = &der };

	if (own != NULL)
		memcpy(ca, own->ca, sizeof(ca));
	return op_crl(cx, &(struct crl_which){ ca, 0, false }, &a);
}

/* The newest list, verified: its number, and whether the last certificate is on it. */
static long
listed(bool *there)
{
	const unsigned char *p;
	X509_REVOKED *found;
	ASN1_INTEGER *number;
	X509_CRL *crl;
	X509 *x = issued();
	long n;

	assert_done(fake_cx, fetch_list(fake_cx));
	p = der.data;
	assert_non_null(crl = d2i_X509_CRL(NULL, &p, (long)der.len));
	assert_int_equal(X509_CRL_verify(crl, op_own_find(fake_cx, "house")->public_key), 1);
	*there = X509_CRL_get0_by_cert(crl, &found, x) == 1;
	number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	n = ASN1_INTEGER_get(number);
	ASN1_INTEGER_free(number);
	X509_CRL_free(crl);
	X509_free(x);
	return n;
}

static void
P6_the_next_list_has_it_under_a_number_of_its_own(void **state)
{
	static const struct fault faults[] = { { "ca", "UPDATE" } };
	bool there;
	long first;

	assert_done(fake_cx, submit(fake_cx));
	first = listed(&there);
	assert_false(there);
	assert_int_equal(listed(&there), first); /* nothing changed: the same list */
	assert_done(fake_cx, revoke(fake_cx));
	each_fault(fake_cx, faults, nitems(faults), fetch_list);
	fake_mute = true;
	assert_refused(fake_cx, fetch_list(fake_cx), R_ISSUE_SIGN);
	fake_mute = false;
	/* that number is gone: no two lists have the same */
	assert_int_equal(listed(&there), first + 2);
	assert_true(there);
	fake_cx->now += CRL_FRESH;
	assert_int_equal(listed(&there), first + 3); /* before it is too old */
	strcpy(fake_cx->tenant, "other");
	assert_refused(fake_cx, fetch_list(fake_cx), R_NOT_FOUND);
}

/* What OCSP says of the last certificate. */
static int
answered(void)
{
	const struct own *own = op_own_find(fake_cx, "house");
	struct pki_answer a = { .out = &der };
	const unsigned char *p = own->der;
	X509 *ca = d2i_X509(NULL, &p, (long)own->der_len), *x = issued();
	OCSP_REQUEST *q = OCSP_REQUEST_new();
	OCSP_CERTID *id = OCSP_cert_to_id(NULL, x, ca);
	unsigned char *asked = NULL;
	int n, status = -1, reason;
	OCSP_RESPONSE *r;
	OCSP_BASICRESP *b;

	assert_non_null(OCSP_request_add0_id(q, OCSP_CERTID_dup(id)));
	n = i2d_OCSP_REQUEST(q, &asked);
	assert_done(fake_cx, op_ocsp(fake_cx, own->ca, asked, (size_t)n, &a));
	p = der.data;
	assert_non_null(r = d2i_OCSP_RESPONSE(NULL, &p, (long)der.len));
	assert_int_equal(OCSP_response_status(r), OCSP_RESPONSE_STATUS_SUCCESSFUL);
	assert_non_null(b = OCSP_response_get1_basic(r));
	assert_int_equal(OCSP_resp_find_status(b, id, &status, &reason, NULL, NULL, NULL), 1);
	OCSP_BASICRESP_free(b);
	OCSP_RESPONSE_free(r);
	OCSP_REQUEST_free(q);
	OCSP_CERTID_free(id);
	OPENSSL_free(asked);
	X509_free(ca);
	X509_free(x);
	return status;
}

static void
P6_the_next_answer_says_it(void **state)
{
	struct issued_row i;

	assert_done(fake_cx, submit(fake_cx));
	assert_int_equal(answered(), V_OCSP_CERTSTATUS_GOOD);
	assert_done(fake_cx, op_revoke(fake_cx, that(row.serial), "certificateHold", &i));
	assert_int_equal(answered(), V_OCSP_CERTSTATUS_REVOKED);
	assert_done(fake_cx, op_release(fake_cx, that(row.serial), &i));
	assert_int_equal(answered(), V_OCSP_CERTSTATUS_GOOD);
	assert_done(fake_cx, revoke(fake_cx));
	assert_int_equal(answered(), V_OCSP_CERTSTATUS_REVOKED);
}

/* ---- policy ------------------------------------------------------------------------- */

static struct buf policy;

static int
set_policy(struct ctx *cx)
{
	struct policy_change c;

	return op_policy_set(cx, "house", buf_text(&policy), policy.len, false, &c);
}

static void
M29_a_policy_is_in_force_whole_or_as_it_was(void **state)
{
	static const struct fault faults[] = { { "authority", "UPDATE" }, { "audit", "INSERT" },
		{ NULL, "COMMIT" } };
	unsigned char before[32], after[32];
	struct policy_change c;
	char *max;

	buf_reset(&policy);
	assert_done(fake_cx, file_read(&policy, CARDS "/private.json", LIMIT_CARD, &fake_cx->err));
	assert_non_null(max = strstr(buf_text(&policy), "\"max\": 100"));
	memcpy(max + strlen("\"max\": "), "1  ", 3); /* one name, where two are asked */
	store_hash(before);
	assert_done(
	    fake_cx, op_policy_set(fake_cx, "house", buf_text(&policy), policy.len, true, &c));
	store_hash(after);
	assert_memory_equal(before, after, 32); /* a dry run */
	assert_int_equal(c.n, 1);
	assert_string_equal(c.v[0].identity, "portal");
	assert_int_equal(c.v[0].then, VERDICT_REFUSE);
	assert_int_not_equal(c.v[0].now, VERDICT_REFUSE);
	each_fault(fake_cx, faults, nitems(faults), set_policy);
	assert_done(fake_cx, submit(fake_cx)); /* the old one */
	assert_done(fake_cx, set_policy(fake_cx));
	assert_refused_clean(fake_cx, submit(fake_cx), R_SUBMIT_REFUSED);
	assert_true(text_starts(recorded(fake_cx), "policy.set house {\"version\":1}"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define H(name) cmocka_unit_test_setup_teardown(name, set_up_house, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_root_and_an_issuing_CA_are_made_together_or_not_at_all),
		T(its_name_is_that_of_no_card_and_no_other_authority),
		H(a_rollover_keeps_the_name_and_is_whole_or_not_at_all),
		H(what_is_retired_issues_no_more),
		H(P18_what_is_issued_verifies_and_answers_the_request),
		H(what_was_issued_is_installed_without_a_reader),
		H(P4_issued_is_all_of_it_or_the_journal_is_read_again),
		H(two_requests_of_one_key_are_two_certificates_of_their_own_serial),
		H(what_cannot_be_issued_leaves_nothing),
		H(P22_an_authority_of_another_tenant_is_not_there),
		H(P6_revoked_is_revoked_whole_once_and_for_good),
		H(a_hold_is_released_or_made_final_with_its_first_time),
		H(P6_the_next_list_has_it_under_a_number_of_its_own),
		H(P6_the_next_answer_says_it),
		H(M29_a_policy_is_in_force_whole_or_as_it_was),
	};

	return cmocka_run_group_tests_name("ca", tests, NULL, NULL);
}
