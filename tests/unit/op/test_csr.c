/*
 * test_csr.c - certification requests of an identity: all or nothing
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fault.h"
#include "op/op_csr.h"
#include "op/op_identity.h"
#include "op/op_key.h"
#include "procedure_fake.h"

#define TWICE(s) s s
#define UNKNOWN	 "01J00000000000000000000000"

static const struct csr_typed full = { .country = "US",
	.state = "New Jersey",
	.locality = "Hackensack",
	.organization = "Example Video, Inc.",
	.unit = "R&D",
	.common_name = "shop.example.com",
	.email = "pki@example.com",
	.names = "www.example.com" };

static int
set_up(void **state)
{
	struct identity i;
	struct key_row k;

	fake_open(state);
	procedure_fake_reset(&((struct fake *)*state)->cx);
	strcpy(fake_cx->actor.name, "root");
	assert_done(fake_cx, op_identity_create(fake_cx, "shop", &i));
	assert_done(fake_cx, op_key_generate(fake_cx, "shop", "ec:P-256", false, &k));
	return 0;
}

static struct identity
shop(struct ctx *cx)
{
	struct identity i;

	assert_done(cx, op_identity_load(cx, "shop", &i));
	return i;
}

static int
regenerate(struct ctx *cx, const struct csr_typed *typed, struct request_row *r)
{
	struct identity i = shop(cx);
	struct key_row k;

	return op_csr_regenerate(cx, &i, typed, r, &k);
}

static int
regenerate_full(struct ctx *cx)
{
	struct request_row r;

	return regenerate(cx, &full, &r);
}

static struct request_row
made(struct ctx *cx, const struct csr_typed *typed)
{
	struct request_row r;

	assert_done(cx, regenerate(cx, typed, &r));
	return r;
}

static void
V10_fields_request_and_record_are_saved_together_or_not_at_all(void **state)
{
	static const struct fault faults[] = { { "identity", "UPDATE" }, { "setting", "UPDATE" },
		{ "request", "INSERT" }, { "audit", "INSERT" }, { NULL, "COMMIT" } };

	made(fake_cx, &full); /* so that there is a number to count on */
	each_fault(fake_cx, faults, nitems(faults), regenerate_full);
	assert_int_equal(made(fake_cx, &full).number, 2); /* none is used up */
}

static void
nothing_is_saved_when_the_keeper_refuses(void **state)
{
	fake_open_refusal = R_KEEPER_GONE;
	assert_refused_clean(fake_cx, regenerate_full(fake_cx), R_KEEPER_GONE);
	fake_open_refusal = REFUSAL_NONE;
	fake_mute = true;
	assert_refused_clean(fake_cx, regenerate_full(fake_cx), R_CSR_SIGN);
}

static void
others_write_while_the_keeper_signs(void **state)
{
	fake_in_transaction = true;
	made(fake_cx, &full);
	assert_false(fake_in_transaction);
	assert_int_equal(fake_opened_for, PURPOSE_CSR);
}

static void
V11_what_is_not_typed_stays_as_it_was_saved(void **state)
{
	static const struct csr_typed one = { .organization = "Other & Sons" };
	static const struct csr_typed none = { .names = "" };
	struct request_row a = made(fake_cx, &full), b = made(fake_cx, &one), c;
	struct identity i = shop(fake_cx);

	assert_string_equal(b.subject,
	    "C=US\nST=New Jersey\nL=Hackensack\nO=Other & Sons\nOU=R&D\n"
	    "CN=shop.example.com\nemailAddress=pki@example.com");
	assert_string_equal(b.names, "shop.example.com\nwww.example.com");
	assert_string_equal(i.organization, "Other & Sons");
	assert_string_equal(i.names, "www.example.com"); /* the common name stands once */
	c = made(fake_cx, &none);
	assert_string_equal(c.names, "shop.example.com");
	i = shop(fake_cx);
	assert_string_equal(identity_names(fake_cx, &i), "shop.example.com");
	assert_done(fake_cx, op_csr_load(fake_cx, a.id, &c));
	assert_non_null(strstr(c.subject, "O=Example Video, Inc.")); /* once made, as it is */
}

static void
V10_an_emptied_field_is_refused_although_it_was_saved(void **state)
{
	static const size_t at[] = { offsetof(struct csr_typed, country),
		offsetof(struct csr_typed, state), offsetof(struct csr_typed, locality),
		offsetof(struct csr_typed, organization), offsetof(struct csr_typed, unit),
		offsetof(struct csr_typed, common_name), offsetof(struct csr_typed, email) };
	static const char *const fields[] = { "country", "state", "locality", "organization",
		"unit", "common_name", "email" };

	for (int saved = 0; saved < 2; saved++) {
		for (size_t i = 0; i < nitems(at); i++) {
			struct csr_typed typed = full;
			struct request_row r;

			*(const char **)((char *)&typed + at[i]) = saved ? "" : NULL;
			assert_int_equal(regenerate(fake_cx, &typed, &r), -1);
			assert_string_equal(fake_cx->err.field, fields[i]);
			assert_int_equal(fake_end(fake_cx), R_FIELD_REQUIRED);
		}
		made(fake_cx, &full);
	}
}

static void
V9_the_common_name_counts_as_it_goes_into_the_certificate(void **state)
{
	struct csr_typed typed = full;
	struct request_row r;

	typed.common_name = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz.example.com";
	assert_int_equal(strlen(typed.common_name), 64);
	made(fake_cx, &typed);
	typed.common_name = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyza.example.com";
	assert_refused_clean(fake_cx, regenerate(fake_cx, &typed, &r), R_NAME_LONG);
	typed.common_name = TWICE(
	    TWICE(TWICE("\u043f\u0440\u0438\u043c\u0435\u0440"))) ".example.com";
	assert_int_equal(utf8_length(typed.common_name), 60); /* 68 as an A-label */
	assert_int_equal(regenerate(fake_cx, &typed, &r), -1);
	assert_string_equal(fake_cx->err.field, "common_name");
	assert_int_equal(fake_end(fake_cx), R_NAME_LONG);
}

static void
V24_the_key_is_the_newest_that_was_never_installed(void **state)
{
	struct identity i = shop(fake_cx);
	struct key_row one, two, none;
	struct request_row r;

	assert_done(fake_cx, op_key_for_csr(fake_cx, &i, &one));
	assert_done(fake_cx, op_key_generate(fake_cx, "shop", "ec:P-384", false, &two));
	r = made(fake_cx, &full);
	assert_string_equal(r.key, two.id);
	assert_memory_equal(r.spki_sha256, two.spki_sha256, 32);
	assert_string_equal(r.digest, "sha384"); /* by the key */
	assert_done(fake_cx, op_key_destroy(fake_cx, two.id, &none));
	assert_string_equal(made(fake_cx, &full).key, one.id);
	assert_done(fake_cx, op_key_destroy(fake_cx, one.id, &none));
	assert_refused_clean(fake_cx, regenerate_full(fake_cx), R_NO_KEY);
}

static void
V16_two_requests_of_one_key_both_wait_for_their_answer(void **state)
{
	struct csr_typed second = { .unit = "Conferencing" };
	struct request_row a = made(fake_cx, &full), b, *all, r;
	struct identity i;
	size_t n;

	b = made(fake_cx, &second);
	i = shop(fake_cx);
	assert_string_equal(a.key, b.key);
	assert_memory_not_equal(a.sha256, b.sha256, 32);
	assert_done(fake_cx, op_csr_list(fake_cx, &i, &all, &n));
	assert_int_equal(n, 2);
	assert_string_equal(all[0].id, b.id);
	assert_string_equal(all[1].id, a.id);
	assert_int_equal(all[1].number, 1);
	assert_int_equal(all[0].number, 2);
	for (size_t k = 0; k < n; k++)
		assert_string_equal(all[k].state, "pending");
	assert_memory_equal(all[1].der, a.der, a.der_len);
	assert_done(fake_cx, op_csr_newest(fake_cx, &i, &r));
	assert_string_equal(r.id, b.id);
}

static void
the_digest_is_the_typed_one_the_saved_one_or_the_key_s(void **state)
{
	struct csr_typed typed = full;
	struct request_row r;
	struct key_row k;

	typed.digest = "sha512";
	assert_string_equal(made(fake_cx, &typed).digest, "sha512");
	assert_string_equal(made(fake_cx, &full).digest, "sha512"); /* saved */
	typed.digest = "";
	assert_string_equal(made(fake_cx, &typed).digest, "sha256");
	assert_null(shop(fake_cx).digest);
	typed.digest = "md5";
	assert_refused_clean(fake_cx, regenerate(fake_cx, &typed, &r), R_CSR_DIGEST);
	assert_done(fake_cx, op_key_generate(fake_cx, "shop", "ed25519", false, &k));
	assert_string_equal(made(fake_cx, &full).digest, "none");
}

static void
P22_a_request_of_another_tenant_is_not_there(void **state)
{
	struct request_row r = made(fake_cx, &full), out;
	struct identity i = shop(fake_cx);

	strcpy(fake_cx->tenant, "other");
	assert_refused(fake_cx, op_csr_load(fake_cx, r.id, &out), R_NOT_FOUND);
	assert_refused(fake_cx, op_csr_newest(fake_cx, &i, &out), R_NOT_FOUND);
	assert_refused_clean(
	    fake_cx, op_csr_regenerate(fake_cx, &i, &full, &out, &(struct key_row){ 0 }), R_NO_KEY);
	strcpy(fake_cx->tenant, TENANT_SYSTEM);
	assert_refused(fake_cx, op_csr_load(fake_cx, UNKNOWN, &out), R_NOT_FOUND);
	assert_done(fake_cx, op_csr_load(fake_cx, r.id, &out));
}

static void
P28_the_record_names_the_request_and_no_wish(void **state)
{
	struct request_row r = made(fake_cx, &full);
	const char *line = recorded(fake_cx);

	assert_ptr_equal(strstr(line, "csr.regenerate shop "), line);
	assert_non_null(strstr(line, r.id));
	assert_non_null(strstr(line, hex_of(fake_cx->arena, r.sha256, 32)));
	assert_string_equal(r.created_by, "root");
}

/* A CSR whose signature has one bit wrong. */
static void
checking_any_CSR_changes_nothing_even_where_nothing_may_be_written(void **state)
{
	struct request_row r = made(fake_cx, &full);
	unsigned char before[32], after[32], *bad = arena_dup(fake_cx->arena, r.der, r.der_len);
	struct sheet sheet;

	store_hash(before);
	fake_cx->read_only = true;
	assert_done(fake_cx, op_csr_check(fake_cx, r.der, r.der_len, &sheet));
	assert_int_equal(sheet.verdict, VERDICT_ISSUE);
	bad[r.der_len - 1] ^= 1;
	assert_done(fake_cx, op_csr_check(fake_cx, bad, r.der_len, &sheet));
	assert_int_equal(sheet.verdict, VERDICT_REFUSE);
	assert_refused(fake_cx, op_csr_check(fake_cx, "hello", 5, &sheet), R_CSR_NONE);
	fake_cx->read_only = false;
	store_hash(after);
	assert_memory_equal(before, after, 32);
}

static void
what_is_shown_of_a_request_is_what_was_stored(void **state)
{
	struct csr_typed typed = full;
	struct request_row r;
	struct identity i;
	struct csr *csr;
	const char *pem, *text;
	size_t len;

	typed.common_name = "m\u00fcnchen.example.com";
	r = made(fake_cx, &typed);
	i = shop(fake_cx);
	assert_string_equal(
	    identity_names(fake_cx, &i), "xn--mnchen-3ya.example.com\nwww.example.com");
	assert_string_equal(name_unicode(fake_cx, i.common_name), "m\u00fcnchen.example.com");
	assert_null(name_unicode(fake_cx, "www.example.com"));
	assert_null(name_unicode(fake_cx, "xn--a"));
	assert_false(err_is_set(&fake_cx->err));
	pem = request_pem(fake_cx, &r);
	assert_done(fake_cx, csr_parse(&csr, pem, strlen(pem), &fake_cx->err));
	assert_memory_equal(csr_der(csr, &len), r.der, r.der_len);
	assert_int_equal(len, r.der_len);
	csr_free(csr);
	assert_done(fake_cx, request_text(fake_cx, &r, &text));
	assert_non_null(strstr(text, "CN=xn--mnchen-3ya.example.com"));
	r.der_len--; /* as a damaged database has it */
	assert_refused(fake_cx, request_text(fake_cx, &r, &text), R_CSR_DER);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(V10_fields_request_and_record_are_saved_together_or_not_at_all),
		T(nothing_is_saved_when_the_keeper_refuses),
		T(others_write_while_the_keeper_signs),
		T(V11_what_is_not_typed_stays_as_it_was_saved),
		T(V10_an_emptied_field_is_refused_although_it_was_saved),
		T(V9_the_common_name_counts_as_it_goes_into_the_certificate),
		T(V24_the_key_is_the_newest_that_was_never_installed),
		T(V16_two_requests_of_one_key_both_wait_for_their_answer),
		T(the_digest_is_the_typed_one_the_saved_one_or_the_key_s),
		T(P22_a_request_of_another_tenant_is_not_there),
		T(P28_the_record_names_the_request_and_no_wish),
		T(checking_any_CSR_changes_nothing_even_where_nothing_may_be_written),
		T(what_is_shown_of_a_request_is_what_was_stored),
	};

	return cmocka_run_group_tests_name("csr", tests, NULL, NULL);
}
