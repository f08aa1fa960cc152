/*
 * test_policy.c - a profile in sentences
 *
 * page_policy_words.c, over the product's cards and changes of them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../op/fault.h"
#include "../op/install_fake.h"
#include "base/io.h"
#include "page/page_policy.h"
#include "page_fake.h"

static const struct profile *
profile_of(const char *text, const char *name)
{
	struct authority *a = arena_alloc(fake_cx->arena, sizeof(*a));
	const struct profile *p;

	assert_done(fake_cx, authority_parse(fake_cx->arena, text, strlen(text), a, &fake_cx->err));
	p = authority_profile(a, name, &fake_cx->err);
	assert_non_null(p);
	return p;
}

static const char *
card(const char *name)
{
	struct buf text = { 0 };
	const char *copy;

	assert_done(fake_cx,
	    file_read(&text, arena_printf(fake_cx->arena, CARDS "/%s.json", name), LIMIT_CARD,
		&fake_cx->err));
	copy = arena_dup(fake_cx->arena, text.data, text.len);
	buf_free(&text);
	return copy;
}

/* The sentence of this kind; "(none)". */
static const char *
said(const struct profile *p, const char *what)
{
	json_t *all = policy_sentences(fake_cx, p), *o;
	const char *sentence = "(none)";
	size_t i;

	json_array_foreach (all, i, o)
		if (strcmp(json_string_value(json_object_get(o, "what")), what) == 0)
			sentence = arena_strdup(
			    fake_cx->arena, json_string_value(json_object_get(o, "sentence")));
	json_decref(all);
	return sentence;
}

static void
the_policy_of_the_house_is_said_in_sentences(void **state)
{
	static const char *const sentences[][2] = {
		{ "Keys", "RSA 2048 to 4096 bits, EC P-256, EC P-384, EC P-521 and Ed25519." },
		{ "Signature", "Requests signed with sha1 and md5 are refused." },
		{ "Subject", "The seven fields as asked. All else is left out." },
		{ "Names",
		    "DNS names and IP addresses as asked, at most 100 in all. All else is left out." },
		{ "Key usage", "What is asked is left out." },
		{ "All else", "What is asked is left out." },
		{ "Life", "As asked, at most 398 days." },
		{ "Always added",
		    "Use as a TLS server, key usage digitalSignature, key usage keyEncipherment "
		    "(RSA keys), that it is no CA, subject key identifier and authority key "
		    "identifier." },
		{ "Approval", "None: what is in line is issued at once." },
	};
	const struct profile *server = profile_of(card("private"), "server");

	for (size_t i = 0; i < nitems(sentences); i++)
		assert_string_equal(said(server, sentences[i][0]), sentences[i][1]);
	assert_string_equal(said(profile_of(card("private"), "client"), "Names"),
	    "URIs, e-mail addresses, DNS names and IP addresses as asked, at most 100 in all. "
	    "All else is left out.");
}

static void
profiles_for_CAs_and_for_OCSP_and_their_rules_are_said(void **state)
{
	const char *c = card("private");
	struct profile p = *profile_of(c, "server");
	struct grant like = { .item = "san.dns", .effect = EFFECT_GRANT, .like = "*.example.com" };

	assert_string_equal(said(profile_of(c, "sub-ca"), "Always added"),
	    "That it is a CA, that no CA is below it, key usage keyCertSign, key usage cRLSign, "
	    "subject key identifier and authority key identifier.");
	assert_string_equal(said(profile_of(c, "sub-ca"), "Approval"), "By two persons first.");
	assert_non_null(
	    strstr(said(profile_of(c, "ocsp-signer"), "Always added"), "That it answers OCSP"));
	assert_non_null(
	    strstr(said(profile_of(c, "baseline"), "Rules by date"), "domain-validated"));
	assert_string_equal(said(&p, "Rules by date"), "(none)");
	p.rules = VALIDATION_OV;
	assert_non_null(strstr(said(&p, "Rules by date"), "organization-validated"));
	p.grants = &like;
	p.ngrants = 1;
	assert_string_equal(said(&p, "Names"),
	    "DNS names like *.example.com as asked, at most 100 in all. All else is left out.");
}

static void
an_approval_is_by_so_many_persons(void **state)
{
	struct profile p = *profile_of(card("private"), "server");

	p.approvals = 1;
	assert_string_equal(said(&p, "Approval"), "By one person first.");
	p.approvals = 2;
	assert_string_equal(said(&p, "Approval"), "By two persons first.");
}

static void
what_is_refused_is_said_and_what_an_earlier_line_decides_is_not(void **state)
{
	struct grant lines[] = {
		{ .item = "subject.CN", .effect = EFFECT_REFUSE, .address_only = true },
		{ .item = "subject.CN" }, { .item = "subject.O" },
		{ .item = "subject.OU", .effect = EFFECT_DROP },
		{ .item = "subject.O", .effect = EFFECT_REFUSE },
		{ .item = "subject.*", .effect = EFFECT_REFUSE }, { .item = "subject.C" }
	};
	struct profile p = { .grants = lines, .ngrants = nitems(lines), .life = NULL };

	assert_string_equal(said(&p, "Subject"),
	    "Common Name and Organization as asked. Left out: Organization Unit. Refused: "
	    "Common Name that is an IP address. All else is refused.");
	p.ngrants = 5;
	assert_string_equal(said(&p, "Subject"),
	    "Common Name and Organization as asked. Refused: Common Name that is an IP address. "
	    "All else is left out.");
	assert_string_equal(said(&p, "Keys"), "None.");
	assert_string_equal(said(&p, "Always added"), "Nothing.");
}

static void
lines_count_from_their_day_until_their_day(void **state)
{
	struct grant lines[] = { { .item = "subject.O", .until = "2026-01-01" },
		{ .item = "subject.OU", .until = "2099-01-01" },
		{ .item = "subject.L", .from = "2099-01-01" } };
	struct addition added[] = {
		{ .item = "eku.clientAuth", .value = "TRUE", .until = "2026-01-01" },
		{ .item = "basicConstraints.ca", .value = "TRUE" }
	};
	struct life_step life[] = { { NULL, 90 }, { "2026-01-01", 64 }, { "2099-01-01", 45 } };
	struct profile p = { .grants = lines,
		.ngrants = nitems(lines),
		.additions = added,
		.nadditions = nitems(added),
		.life = life,
		.nlife = nitems(life) };

	assert_string_equal(said(&p, "Subject"),
	    "Organization Unit (until 2099-01-01) and Locality (from 2099-01-01) as asked. All "
	    "else is left out.");
	assert_string_equal(said(&p, "Always added"), "That it is a CA.");
	assert_string_equal(
	    said(&p, "Life"), "64 days, from 2099-01-01 45 days, whatever is asked.");
}

static void
keys_and_names_of_other_cards(void **state)
{
	const struct profile *p = profile_of(card("letsencrypt"), "classic");

	assert_string_equal(said(p, "Keys"),
	    "RSA 2048, 3072 and 4096 bits with exponent 65537, EC P-256 and EC P-384.");
	assert_string_equal(said(p, "Names"),
	    "DNS names as asked, at most 100 in all, none of more than 10 labels. Refused: "
	    "IP addresses, e-mail addresses and URIs. All else is left out.");
}

#define T(name) cmocka_unit_test_setup_teardown(name, install_fake_open, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_policy_of_the_house_is_said_in_sentences),
		T(profiles_for_CAs_and_for_OCSP_and_their_rules_are_said),
		T(an_approval_is_by_so_many_persons),
		T(what_is_refused_is_said_and_what_an_earlier_line_decides_is_not),
		T(lines_count_from_their_day_until_their_day),
		T(keys_and_names_of_other_cards),
	};

	return cmocka_run_group_tests_name("page policy", tests, NULL, NULL);
}
