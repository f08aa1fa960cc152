/*
 * test_install.c - a certificate is put to work: checked, activated, stored, served
 *
 * op_cert.c, op_serve.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fault.h"
#include "install_fake.h"
#include "op/op_authority.h"
#include "op/op_identity.h"
#include "op/op_install.h"
#include "op/op_key.h"
#include "op/op_submit.h"
#include "op/op_trust.h"

static struct answer answer; /* the one that the calls below install */

/* The answer to the newest request of the portal, with its chain. */
static void
answered(const char *names)
{
	struct identity i = fake_identity(fake_cx, "portal");
	struct key_row k;

	answer_clear(&answer);
	assert_done(fake_cx, op_key_for_csr(fake_cx, &i, &k));
	assert_done(fake_cx,
	    fake_read(fake_cx, "portal",
		arena_printf(fake_cx->arena, "%s%s", fake_leaf(fake_cx, &k, names), fake_inter),
		NULL, &answer));
}

static int
set_up(void **state)
{
	install_fake_open(state);
	fake_request_of(fake_cx, "portal", "a.example.com b.example.com");
	answered("a.example.com b.example.com");
	return 0;
}

static int
tear_down(void **state)
{
	answer_clear(&answer);
	return install_fake_close(state);
}

static int
install(struct ctx *cx)
{
	struct cert_row c;

	return op_install(cx, &answer, NULL, &c);
}

static int
roll_back(struct ctx *cx)
{
	struct identity i = fake_identity(cx, "portal");
	struct cert_row c;

	return op_rollback(cx, &i, NULL, &c);
}

static struct key_row
key(const char *id)
{
	struct key_row k;

	assert_done(fake_cx, op_key_load(fake_cx, id, &k));
	return k;
}

static const char *
request_state(const char *id)
{
	struct request_row r;

	assert_done(fake_cx, op_csr_load(fake_cx, id, &r));
	return r.state;
}

static void
P1_it_is_stored_first_and_then_served(void **state)
{
	struct identity i;
	struct cert_row c;
	struct trust *known;
	size_t n;

	fake_serve_in_transaction = true;
	assert_done(fake_cx, op_install(fake_cx, &answer, NULL, &c));
	assert_int_equal(fake_served, 1);
	assert_false(fake_serve_in_transaction);
	assert_memory_equal(fake_served_sha256, c.sha256, 32);
	i = fake_identity(fake_cx, "portal");
	assert_string_equal(i.active, c.id);
	assert_string_equal(i.previous, "");
	assert_int_equal(key(c.key).state, KEY_ACTIVE);
	assert_non_null(strstr((const char *)key(c.key).blob, " serves"));
	assert_string_equal(request_state(c.request), "issued");
	assert_string_equal(c.names, "a.example.com\nb.example.com");
	assert_string_equal(c.verdict, "harmless");
	assert_true(text_starts(recorded(fake_cx), "certificate.install portal {"));
	assert_done(fake_cx, op_trust_list(fake_cx, &known, &n));
	assert_int_equal(n, 1); /* the intermediate, for later answers */
}

static void
P5_nothing_is_kept_or_served_when_the_store_fails_half_way(void **state)
{
	static const struct fault faults[] = { { "key", "UPDATE" }, { "certificate", "INSERT" },
		{ "identity", "UPDATE" }, { "install", "INSERT" }, { "request", "UPDATE" },
		{ "submission", "UPDATE" }, { "trust", "INSERT" }, { "audit", "INSERT" },
		{ NULL, "COMMIT" } };
	struct submission_row s;
	struct preview p;
	struct sheet sheet;

	assert_done(fake_cx, op_preview_parse(fake_cx, "private", NULL, NULL, NULL, &p));
	assert_done(fake_cx,
	    op_submit(fake_cx, answer.request.der, answer.request.der_len, &p, NULL, &sheet, &s));
	each_fault(fake_cx, faults, nitems(faults), install);
	assert_int_equal(fake_served, 0);
	assert_done(fake_cx, install(fake_cx));
	assert_done(fake_cx, op_submission_load(fake_cx, s.id, &s));
	assert_string_equal(s.state, "answered");
}

static void
P5_what_can_be_refused_is_refused_before_anything_is_stored(void **state)
{
	fake_in_transaction = true;
	fake_activate_refusal = R_ACTIVATE_OTHER;
	assert_refused_clean(fake_cx, install(fake_cx), R_ACTIVATE_OTHER);
	assert_false(fake_in_transaction); /* others write while the keeper works */
	fake_activate_refusal = REFUSAL_NONE;
	fake_serve_refusal = R_TLS;
	assert_refused_clean(fake_cx, install(fake_cx), R_TLS);
	fake_serve_refusal = REFUSAL_NONE;
	fake_open_refusal = R_KEEPER_GONE;
	assert_refused_clean(fake_cx, install(fake_cx), R_KEEPER_GONE);
	assert_int_equal(fake_served, 0);
	fake_open_refusal = REFUSAL_NONE;
	assert_done(fake_cx, install(fake_cx));
}

static void
the_key_was_destroyed_since_the_answer_was_read(void **state)
{
	struct key_row k;

	assert_done(fake_cx, op_key_destroy(fake_cx, answer.key.id, &k));
	assert_refused_clean(fake_cx, install(fake_cx), R_KEY_DESTROYED);
	assert_int_equal(fake_activated, 0);
	assert_int_equal(fake_served, 0);
}

static void
fields_saved_since_the_answer_was_read_stay(void **state)
{
	fake_request_of(fake_cx, "portal", "new.example.com");
	assert_done(fake_cx, install(fake_cx));
	assert_string_equal(fake_identity(fake_cx, "portal").common_name, "new.example.com");
}

static void
M8_a_renewal_with_a_new_key_retires_the_old_one(void **state)
{
	struct key_row old = answer.key, new;
	struct cert_row one, two;
	struct identity i;

	assert_done(fake_cx, op_install(fake_cx, &answer, NULL, &one));
	new = fake_new_key(fake_cx, "portal");
	fake_request_of(fake_cx, "portal", "a.example.com");
	two = fake_installed(fake_cx, "portal", "a.example.com");
	i = fake_identity(fake_cx, "portal");
	assert_string_equal(i.active, two.id);
	assert_string_equal(i.previous, one.id);
	assert_int_equal(key(old.id).state, KEY_RETIRED);
	assert_int_equal(key(new.id).state, KEY_ACTIVE);
	assert_int_equal(fake_activated, 2);
	assert_string_equal(cert_state(&i, &one), "previous");
	assert_string_equal(cert_state(&i, &two), "active");
}

static void
a_renewal_with_the_same_key_activates_nothing_anew(void **state)
{
	struct cert_row one, two;

	assert_done(fake_cx, op_install(fake_cx, &answer, NULL, &one));
	two = fake_installed(fake_cx, "portal", "a.example.com b.example.com");
	assert_string_equal(one.key, two.key);
	assert_string_not_equal(one.id, two.id);
	assert_int_equal(fake_activated, 1);
	assert_int_equal(key(one.key).state, KEY_ACTIVE);
	assert_string_equal(fake_identity(fake_cx, "portal").previous, one.id);
}

static void
the_same_certificate_again_is_one_row_with_its_new_chain(void **state)
{
	struct cert_row one, again, *all, before;
	struct install_row *history;
	struct identity i;
	size_t n;

	before = fake_installed(fake_cx, "portal", "a.example.com b.example.com");
	answer.chain.n = 0; /* the first time it came alone */
	assert_done(fake_cx, op_install(fake_cx, &answer, NULL, &one));
	assert_int_equal(one.chain_len, 0);
	answer.chain.n = 1;
	fake_cx->now += 60;
	assert_done(fake_cx, op_install(fake_cx, &answer, NULL, &again));
	i = fake_identity(fake_cx, "portal");
	assert_string_equal(again.id, one.id);
	assert_int_equal(again.created_at, one.created_at);
	assert_done(fake_cx, op_cert_list(fake_cx, &i, &all, &n));
	assert_int_equal(n, 2);
	assert_true(all[0].chain_len > 0);
	assert_string_equal(i.previous, before.id); /* it did not become its own one before */
	assert_done(fake_cx, op_install_history(fake_cx, &i, &history, &n));
	assert_int_equal(n, 3);
}

static void
P5_what_breaks_is_refused_and_overridden_with_a_reason_by_a_Super_Admin_only(void **state)
{
	static const char control[] = "because\a";
	char longest[REASON_MAX + 2];
	struct cert_row c;

	answered("a.example.com"); /* b is missing */
	assert_int_equal(answer.sheet.verdict, VERDICT_BREAKING);
	assert_int_equal(install(fake_cx), -1);
	assert_non_null(strstr(fake_cx->err.message, "san.dns:b.example.com"));
	assert_non_null(strstr(fake_cx->err.hint, "with a reason"));
	assert_int_equal(fake_end(fake_cx), R_INSTALL_BREAKING);
	assert_refused_clean(fake_cx, op_install(fake_cx, &answer, "", &c), R_INSTALL_BREAKING);
	assert_refused_clean(fake_cx, op_install(fake_cx, &answer, control, &c), R_TEXT_CONTROL);
	memset(longest, 'x', sizeof(longest));
	longest[REASON_MAX + 1] = '\0';
	assert_refused_clean(fake_cx, op_install(fake_cx, &answer, longest, &c), R_NAME_LONG);
	fake_cx->actor.role = ROLE_TENANT_ADMIN;
	assert_refused_clean(fake_cx, op_install(fake_cx, &answer, "because", &c), R_CAPABILITY);
	fake_cx->actor.role = ROLE_SUPER;
	assert_int_equal(fake_served, 0);
	longest[REASON_MAX] = '\0';
	assert_done(fake_cx, op_install(fake_cx, &answer, longest, &c));
	assert_string_equal(c.override_reason, longest);
	assert_string_equal(c.verdict, "breaking");
	assert_non_null(strstr(recorded(fake_cx), longest));
}

static void
no_reason_is_kept_where_none_was_needed(void **state)
{
	struct cert_row c;

	assert_done(fake_cx, op_install(fake_cx, &answer, "just in case", &c));
	assert_null(c.override_reason);
	assert_null(strstr(recorded(fake_cx), "just in case"));
}

static void
P5_another_key_is_never_installed_whatever_the_reason(void **state)
{
	struct make m = { .subject = "a.example.com",
		.key = fake_stranger(),
		.extensions = { "subjectAltName=DNS:a.example.com,DNS:b.example.com" } };
	struct cert_row c;

	answer_clear(&answer);
	assert_done(fake_cx, fake_read(fake_cx, "portal", fake_cert(fake_cx, m), NULL, &answer));
	assert_refused_clean(fake_cx, install(fake_cx), R_INSTALL_BREAKING);
	assert_refused_clean(fake_cx, op_install(fake_cx, &answer, "because", &c), R_INSTALL_NEVER);
	/* whatever the sheet says: the key decides */
	answer.sheet.n = 0;
	answer.sheet.verdict = VERDICT_SAME;
	assert_int_equal(op_install(fake_cx, &answer, "because", &c), -1);
	assert_non_null(strstr(fake_cx->err.message, "it is for another key"));
	assert_int_equal(fake_end(fake_cx), R_INSTALL_NEVER);
	assert_int_equal(fake_served, 0);
}

static void
P5_a_signature_that_does_not_verify_is_never_installed(void **state)
{
	EVP_PKEY *other = make_key("ec:P-256");
	X509 *forged = make_ca("Example TLS CA 1", other, NULL, NULL);
	struct make m = { .subject = "a.example.com",
		.key = fake_key_of(answer.key.spki, answer.key.spki_len),
		.issuer = forged,
		.issuer_key = other,
		.extensions = { "subjectAltName=DNS:a.example.com,DNS:b.example.com" } };
	const char *pem = arena_printf(fake_cx->arena, "%s%s", fake_cert(fake_cx, m), fake_inter);
	struct cert_row c;

	answer_clear(&answer);
	assert_done(fake_cx, fake_read(fake_cx, "portal", pem, NULL, &answer));
	assert_true(answer.has_key);
	assert_refused_clean(fake_cx, op_install(fake_cx, &answer, "because", &c), R_INSTALL_NEVER);
	X509_free(forged);
	EVP_PKEY_free(other);
}

static void
an_identity_without_listeners_here_is_installed_and_not_served(void **state)
{
	struct identity i;

	assert_done(fake_cx, op_identity_create(fake_cx, "shop", &i));
	fake_new_key(fake_cx, "shop");
	fake_request_of(fake_cx, "shop", "shop.example.com");
	fake_installed(fake_cx, "shop", "shop.example.com");
	assert_int_equal(fake_served, 0);
	assert_string_not_equal(fake_identity(fake_cx, "shop").active, "");
	assert_string_equal(fake_identity(fake_cx, "portal").active, "");
}

static void
P22_an_answer_does_not_reach_another_tenant(void **state)
{
	struct cert_row c;

	strcpy(fake_cx->tenant, "other");
	assert_refused_clean(fake_cx, install(fake_cx), R_NOT_FOUND);
	strcpy(fake_cx->tenant, TENANT_SYSTEM);
	assert_done(fake_cx, op_install(fake_cx, &answer, NULL, &c));
	strcpy(fake_cx->tenant, "other");
	assert_refused(fake_cx, op_cert_load(fake_cx, c.id, &c), R_NOT_FOUND);
	assert_refused_clean(
	    fake_cx, op_rollback(fake_cx, &answer.identity, NULL, &c), R_NOT_FOUND);
}

/* ---- roll back ------------------------------------------------------------------------ */

static void
V37_roll_back_swaps_the_two_and_swaps_them_again(void **state)
{
	struct cert_row one, two, out;
	struct install_row *history;
	struct identity i;
	size_t n;

	assert_refused_clean(fake_cx, roll_back(fake_cx), R_NO_PREVIOUS);
	assert_done(fake_cx, op_install(fake_cx, &answer, NULL, &one));
	assert_refused_clean(fake_cx, roll_back(fake_cx), R_NO_PREVIOUS);
	fake_new_key(fake_cx, "portal");
	fake_request_of(fake_cx, "portal", "a.example.com");
	two = fake_installed(fake_cx, "portal", "a.example.com");
	i = fake_identity(fake_cx, "portal");
	assert_done(fake_cx, op_rollback(fake_cx, &i, "the new one has a wrong name", &out));
	assert_string_equal(out.id, one.id);
	assert_memory_equal(fake_served_sha256, one.sha256, 32);
	assert_int_equal(key(one.key).state, KEY_ACTIVE);
	assert_int_equal(key(two.key).state, KEY_RETIRED);
	assert_int_equal(fake_activated, 2); /* it could serve already */
	assert_non_null(strstr(recorded(fake_cx), "\"reason\":\"the new one has a wrong name\""));
	assert_done(fake_cx, op_install_history(fake_cx, &i, &history, &n));
	assert_int_equal(n, 3);
	assert_string_equal(history[0].act, "rollback");
	assert_string_equal(history[0].reason, "the new one has a wrong name");
	assert_done(fake_cx, roll_back(fake_cx));
	i = fake_identity(fake_cx, "portal");
	assert_string_equal(i.active, two.id);
	assert_string_equal(i.previous, one.id);
	assert_memory_equal(fake_served_sha256, two.sha256, 32);
}

static void
P5_a_roll_back_is_whole_or_not_at_all(void **state)
{
	static const struct fault faults[] = { { "key", "UPDATE" }, { "identity", "UPDATE" },
		{ "install", "INSERT" }, { "audit", "INSERT" }, { NULL, "COMMIT" } };
	char reason[REASON_MAX + 2];
	struct cert_row one, out;
	struct identity i;
	struct key_row k;

	assert_done(fake_cx, op_install(fake_cx, &answer, NULL, &one));
	fake_new_key(fake_cx, "portal");
	fake_request_of(fake_cx, "portal", "a.example.com");
	fake_installed(fake_cx, "portal", "a.example.com");
	fake_served = 0;
	each_fault(fake_cx, faults, nitems(faults), roll_back);
	fake_serve_refusal = R_TLS;
	assert_refused_clean(fake_cx, roll_back(fake_cx), R_TLS);
	fake_serve_refusal = REFUSAL_NONE;
	memset(reason, 'x', sizeof(reason));
	reason[REASON_MAX + 1] = '\0';
	i = fake_identity(fake_cx, "portal");
	assert_refused_clean(fake_cx, op_rollback(fake_cx, &i, reason, &out), R_NAME_LONG);
	assert_done(fake_cx, op_key_destroy(fake_cx, one.key, &k)); /* retired: it may go */
	assert_refused_clean(fake_cx, roll_back(fake_cx), R_KEY_DESTROYED);
	assert_int_equal(fake_served, 0);
}

/* ---- what there is ---------------------------------------------------------------------- */

static void
what_is_shown_of_a_certificate_is_what_was_stored(void **state)
{
	struct identity i = fake_identity(fake_cx, "portal");
	struct cert_row c;
	const char *text;

	assert_refused(fake_cx, op_cert_active(fake_cx, &i, &c), R_NOT_FOUND);
	assert_done(fake_cx, install(fake_cx));
	i = fake_identity(fake_cx, "portal");
	assert_done(fake_cx, op_cert_active(fake_cx, &i, &c));
	assert_string_equal(cert_row_pem(fake_cx, &c, true),
	    arena_printf(fake_cx->arena, "%s%s", cert_row_pem(fake_cx, &c, false), fake_inter));
	assert_done(fake_cx, cert_row_text(fake_cx, &c, &text));
	assert_non_null(strstr(text, "DNS:a.example.com, DNS:b.example.com"));
	assert_string_equal(cert_state(&(struct identity){ 0 }, &c), "kept");
	c.der_len--; /* as a damaged database has it */
	assert_refused(fake_cx, cert_row_text(fake_cx, &c, &text), R_DB_DAMAGED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(P1_it_is_stored_first_and_then_served),
		T(P5_nothing_is_kept_or_served_when_the_store_fails_half_way),
		T(P5_what_can_be_refused_is_refused_before_anything_is_stored),
		T(the_key_was_destroyed_since_the_answer_was_read),
		T(fields_saved_since_the_answer_was_read_stay),
		T(M8_a_renewal_with_a_new_key_retires_the_old_one),
		T(a_renewal_with_the_same_key_activates_nothing_anew),
		T(the_same_certificate_again_is_one_row_with_its_new_chain),
		T(P5_what_breaks_is_refused_and_overridden_with_a_reason_by_a_Super_Admin_only),
		T(no_reason_is_kept_where_none_was_needed),
		T(P5_another_key_is_never_installed_whatever_the_reason),
		T(P5_a_signature_that_does_not_verify_is_never_installed),
		T(an_identity_without_listeners_here_is_installed_and_not_served),
		T(P22_an_answer_does_not_reach_another_tenant),
		T(V37_roll_back_swaps_the_two_and_swaps_them_again),
		T(P5_a_roll_back_is_whole_or_not_at_all),
		T(what_is_shown_of_a_certificate_is_what_was_stored),
	};

	return cmocka_run_group_tests_name("install", tests, NULL, NULL);
}
