/*
 * test_examine.c - requests against the cards of the product: examine.c,
 * examine_life.c, examine_names.c, examine_profile.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/text.h"
#include "make.h"
#include "x509/examine.h"
#include "x509/items.h"

#define TODAY "2026-11-25"

struct examined {
	struct arena *arena;
	struct authority authority;
	struct csr *csr;
	struct sheet sheet;
};

static const char seven[] = "/C=US/ST=New Jersey/L=Hackensack/O=Example Video, Inc./OU=Conferencing"
			    "/CN=portal.example.com/emailAddress=pki@example.com";

static void
load_card(struct examined *x, const char *id)
{
	AUTO_BUF struct buf text = { 0 };
	struct err e = { 0 };

	x->arena = arena_new();
	if (file_read(&text, arena_printf(x->arena, "%s/%s.json", CARDS, id), 1 << 20, &e) < 0 ||
	    authority_parse(x->arena, buf_text(&text), text.len, &x->authority, &e) < 0)
		fail_msg("%s: %s", id, e.message);
}

static void
run(struct examined *x, const char *profile, const char *day, int64_t days, struct sheet *s)
{
	struct err e = { 0 };
	struct examine_input in = { .request = x->csr,
		.authority = &x->authority,
		.profile = authority_profile(&x->authority, profile, &e),
		.days = days };

	assert_non_null(in.profile);
	assert_int_equal(day_parse(day, &in.when), 0);
	sheet_init(s, x->arena);
	examine(&in, s);
}

/* Law 3: every item of the request has exactly one disposition, all else is added. */
static void
nothing_vanishes(struct examined *x)
{
	struct items asked;
	size_t n = 0;

	items_of_request(x->arena, x->csr, &asked);
	for (size_t i = 0; i < x->sheet.n; i++) {
		const struct disposition *d = &x->sheet.v[i];

		if (sheet_find(&x->sheet, d->item) != d)
			fail_msg("%s stands there twice", d->item);
		n += items_find(&asked, d->item) != NULL;
		if (d->outcome == OUT_GRANTED)
			assert_string_equal(d->asked, d->granted);
		else
			assert_true(d->rule[0] && d->reason[0] && d->reference[0] && d->set_by[0]);
		if (d->outcome == OUT_ADDED)
			assert_true(d->asked == NULL && d->granted != NULL);
		if (d->outcome == OUT_DROPPED || d->outcome == OUT_REFUSED)
			assert_null(d->granted);
		assert_int_equal(d->weight, WEIGHT_NONE);
	}
	for (size_t i = 0; i < asked.n; i++)
		if (sheet_find(&x->sheet, asked.v[i].name) == NULL)
			fail_msg("%s vanished", asked.v[i].name);
	/* a life that was asked for is no item of the request */
	assert_int_equal(n, asked.n);
}

static void
look(struct examined *x, const char *card, const char *profile, const char *subject,
    const char *key, const char *names, const char *day, int64_t days)
{
	const char *lines[] = { names, NULL };
	AUTO(pkey) EVP_PKEY *pair = make_key(key);
	X509_REQ *req = make_req(subject, pair, names == NULL ? lines + 1 : lines);
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);
	struct err e = { 0 };

	memset(x, 0, sizeof(*x));
	load_card(x, card);
	if (csr_parse_unproved(&x->csr, der, (size_t)n, &e) < 0)
		fail_msg("%s", e.message);
	OPENSSL_free(der);
	X509_REQ_free(req);
	run(x, profile, day, days, &x->sheet);
	nothing_vanishes(x);
}

static void
done(struct examined *x)
{
	csr_free(x->csr);
	arena_free(x->arena);
}

static void
expect(const struct examined *x, const char *item, enum outcome outcome, const char *granted,
    const char *rule)
{
	const struct disposition *d = sheet_find(&x->sheet, item);

	if (d == NULL)
		fail_msg("%s is missing", item);
	if (d->outcome != outcome)
		fail_msg("%s is %s", item, outcome_name(d->outcome));
	if (granted != NULL)
		assert_string_equal(d->granted, granted);
	if (rule != NULL)
		assert_string_equal(d->rule, rule);
}

#define NAMES "subjectAltName=DNS:portal.example.com,DNS:*.portal.example.com"

static void
V18_all_is_granted_by_a_private_authority(void **state)
{
	struct examined x;

	look(&x, "private", NULL, seven, "ec:P-256", NAMES, TODAY, 90);
	assert_int_equal(x.sheet.verdict, VERDICT_ISSUE);
	for (size_t i = 0; i < x.sheet.n; i++)
		if (x.sheet.v[i].asked != NULL)
			assert_int_equal(x.sheet.v[i].outcome, OUT_GRANTED);
	expect(&x, "validity.days", OUT_GRANTED, "90", NULL);
	expect(&x, "eku.serverAuth", OUT_ADDED, "TRUE", "private.eku.serverAuth");
	assert_null(sheet_find(&x.sheet, "ku.keyEncipherment"));
	done(&x);
	look(&x, "private", NULL, seven, "rsa:2048", NAMES, TODAY, 0);
	expect(&x, "ku.keyEncipherment", OUT_ADDED, "TRUE", NULL);
	expect(&x, "validity.days", OUT_ADDED, "398", NULL);
	done(&x);
}

static void
M1_what_Lets_Encrypt_makes_of_the_seven_fields(void **state)
{
	struct examined x;

	look(&x, "letsencrypt", NULL, seven, "ec:P-256", NAMES, TODAY, 365);
	assert_int_equal(x.sheet.verdict, VERDICT_AMEND);
	expect(&x, "subject.C", OUT_DROPPED, NULL, "letsencrypt.subject.*");
	expect(&x, "subject.O", OUT_DROPPED, NULL, "public.subject.dv");
	expect(&x, "subject.OU", OUT_DROPPED, NULL, "public.subject.ou");
	assert_string_equal(sheet_find(&x.sheet, "subject.OU")->set_by, "CA/Browser Forum");
	expect(&x, "subject.emailAddress", OUT_DROPPED, NULL, NULL);
	expect(&x, "subject.CN", OUT_GRANTED, "portal.example.com", NULL);
	expect(&x, "san.dns:*.portal.example.com", OUT_GRANTED, NULL, NULL);
	expect(&x, "validity.days", OUT_AMENDED, "90", "letsencrypt.life");
	assert_string_equal(sheet_find(&x.sheet, "validity.days")->set_by, "authority profile");
	done(&x);
}

static void
the_life_of_a_profile_changes_on_its_day(void **state)
{
	static const struct {
		const char *day, *days;
	} cases[] = { { TODAY, "90" }, { "2027-02-09", "90" }, { "2027-02-10", "64" },
		{ "2028-02-15", "64" }, { "2028-02-16", "45" }, { "2030-01-01", "45" } };
	struct examined x;

	for (size_t i = 0; i < nitems(cases); i++) {
		look(&x, "letsencrypt", "classic", "/CN=a.example.com", "ec:P-256",
		    "subjectAltName=DNS:a.example.com", cases[i].day, 0);
		expect(&x, "validity.days", OUT_ADDED, cases[i].days, NULL);
		done(&x);
	}
}

static void
what_Lets_Encrypt_rejects(void **state)
{
	static const struct {
		const char *profile, *subject, *key, *names, *item;
	} cases[] = {
		{ NULL, "/CN=a.example.com", "ec:P-521", "subjectAltName=DNS:a.example.com",
		    "key" },
		{ NULL, "/CN=a.example.com", "ed25519", "subjectAltName=DNS:a.example.com", "key" },
		{ NULL, "/CN=a.example.com", "ec:P-256",
		    "subjectAltName=DNS:a.example.com,email:x@example.com",
		    "san.email:x@example.com" },
		{ NULL, "/CN=a.example.com", "ec:P-256",
		    "subjectAltName=DNS:a.example.com,URI:https://a.example.com/",
		    "san.uri:https://a.example.com/" },
		{ NULL, "/CN=a.example.com", "ec:P-256",
		    "subjectAltName=DNS:a.example.com,IP:8.8.8.8", "san.ip:8.8.8.8" },
		{ "shortlived", "/CN=a.example.com", "ec:P-256",
		    "subjectAltName=DNS:a.example.com,IP:10.0.0.1", "san.ip:10.0.0.1" },
		{ "shortlived", "/CN=8.8.8.8", "ec:P-256", "subjectAltName=IP:8.8.8.8",
		    "subject.CN" },
		{ NULL, "/CN=mail.local", "ec:P-256", "subjectAltName=DNS:mail.local",
		    "san.dns:mail.local" },
		{ NULL, "/CN=mail.local", "ec:P-256", NULL, "subject.CN" },
		{ NULL, "/CN=a.example.com", "ec:P-256", "subjectAltName=DNS:a_b.example.com",
		    "san.dns:a_b.example.com" },
		{ NULL, "/CN=a.example.com", "ec:P-256",
		    "subjectAltName=DNS:1.2.3.4.5.6.7.8.9.example.com",
		    "san.dns:1.2.3.4.5.6.7.8.9.example.com" },
		{ NULL, "/CN=a.example.com", "ec:P-256", "tlsfeature=status_request",
		    "ext.1.3.6.1.5.5.7.1.24" },
	};
	struct examined x;

	for (size_t i = 0; i < nitems(cases); i++) {
		look(&x, "letsencrypt", cases[i].profile, cases[i].subject, cases[i].key,
		    cases[i].names, TODAY, 0);
		expect(&x, cases[i].item, OUT_REFUSED, NULL, NULL);
		assert_int_equal(x.sheet.verdict, VERDICT_REFUSE);
		done(&x);
	}
}

static void
M22_M23_the_common_name_is_chosen_in_plain_sight(void **state)
{
	struct examined x;

	look(&x, "letsencrypt", "classic", "/", "ec:P-256",
	    "subjectAltName=DNS:b.example.com,DNS:a.example.com", TODAY, 0);
	expect(&x, "subject.CN", OUT_ADDED, "b.example.com", "examine.cn-first");
	assert_int_equal(x.sheet.verdict, VERDICT_AMEND);
	done(&x);
	look(&x, "letsencrypt", "tlsserver", "/CN=a.example.com", "ec:P-256",
	    "subjectAltName=DNS:a.example.com", TODAY, 0);
	expect(&x, "subject.CN", OUT_DROPPED, NULL, "letsencrypt.subject.CN");
	expect(&x, "validity.days", OUT_ADDED, "45", NULL);
	done(&x);
	look(&x, "public-dv", NULL, "/CN=a.example.com", "ec:P-256",
	    "subjectAltName=DNS:b.example.com", TODAY, 0);
	expect(&x, "san.dns:a.example.com", OUT_ADDED, "a.example.com", "examine.cn-in-names");
	expect(&x, "subject.CN", OUT_GRANTED, NULL, NULL);
	done(&x);
	look(&x, "public-dv", NULL, "/CN=Our portal", "ec:P-256",
	    "subjectAltName=DNS:b.example.com", TODAY, 0);
	expect(&x, "subject.CN", OUT_DROPPED, NULL, "public.subject.cn");
	done(&x);
}

/* RFC 5280 4.1.2.6: neither subject nor name, or all of them dropped. */
static void
V20_what_would_name_nobody_is_refused(void **state)
{
	static const struct {
		const char *card, *subject, *names;
	} cases[] = {
		{ "private", "/", NULL },
		{ "private", "/title=Boss", "subjectAltName=URI:urn:example:a" },
		{ "public-dv", "/CN=Our portal", NULL },
		{ "letsencrypt", "/O=Example", NULL },
	};
	struct examined x;

	for (size_t i = 0; i < nitems(cases); i++) {
		look(&x, cases[i].card, NULL, cases[i].subject, "ec:P-256", cases[i].names, TODAY,
		    0);
		expect(&x, "subject", OUT_REFUSED, NULL, "examine.nameless");
		assert_int_equal(x.sheet.verdict, VERDICT_REFUSE);
		done(&x);
	}
	look(&x, "private", NULL, "/", "ec:P-256", "subjectAltName=DNS:a.example.com", TODAY, 0);
	assert_null(sheet_find(&x.sheet, "subject"));
	assert_int_equal(x.sheet.verdict, VERDICT_ISSUE);
	done(&x);
}

/* The same request on two days that stand next to each other. */
static void
rules_act_from_their_day_on(void **state)
{
	static const struct {
		const char *card, *before, *day, *item;
		enum outcome was, is;
	} cases[] = {
		{ "public-ov", "2021-08-15", "2021-08-16", "subject.OU", OUT_GRANTED, OUT_GRANTED },
		{ "public-ov", "2022-08-31", "2022-09-01", "subject.OU", OUT_GRANTED, OUT_DROPPED },
		{ "public-ov", "2023-09-14", "2023-09-15", "subject.emailAddress", OUT_GRANTED,
		    OUT_DROPPED },
		{ "public-ov", "2015-10-31", "2015-11-01", "san.ip:10.0.0.1", OUT_GRANTED,
		    OUT_REFUSED },
		{ "public-ov", "2015-10-31", "2015-11-01", "san.dns:mail.local", OUT_GRANTED,
		    OUT_REFUSED },
		{ "letsencrypt", "2026-02-10", "2026-02-11", "eku.clientAuth", OUT_GRANTED,
		    OUT_DROPPED },
	};
	static const char *const lines[] = {
		"subjectAltName=DNS:portal.example.com,DNS:mail.local,IP:10.0.0.1",
		"extendedKeyUsage=clientAuth", NULL
	};
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	X509_REQ *req = make_req(seven, key, lines);
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);
	struct err e = { 0 };

	for (size_t i = 0; i < nitems(cases); i++) {
		struct examined x = { 0 };

		load_card(&x, cases[i].card);
		assert_int_equal(csr_parse_unproved(&x.csr, der, (size_t)n, &e), 0);
		run(&x, NULL, cases[i].before, 0, &x.sheet);
		expect(&x, cases[i].item, cases[i].was, NULL, NULL);
		run(&x, NULL, cases[i].day, 0, &x.sheet);
		expect(&x, cases[i].item, cases[i].is, NULL, NULL);
		done(&x);
	}
	OPENSSL_free(der);
	X509_REQ_free(req);
}

static void
no_unit_without_an_organization_for_a_year(void **state)
{
	static const struct {
		const char *day;
		enum outcome outcome;
	} cases[] = { { "2021-08-15", OUT_GRANTED }, { "2021-08-16", OUT_DROPPED } };
	struct examined x;

	for (size_t i = 0; i < nitems(cases); i++) {
		look(&x, "public-ov", NULL, "/C=US/OU=Sales/CN=a.example.com", "ec:P-256",
		    "subjectAltName=DNS:a.example.com", cases[i].day, 0);
		expect(&x, "subject.OU", cases[i].outcome, NULL, NULL);
		done(&x);
	}
}

static void
M10_the_life_is_cut_by_who_is_stricter(void **state)
{
	static const struct {
		const char *card, *day;
		int64_t asked;
		enum outcome outcome;
		const char *granted, *set_by;
	} cases[] = {
		{ "public-dv", "2026-03-14", 365, OUT_GRANTED, "365", NULL },
		{ "public-dv", "2026-03-15", 365, OUT_AMENDED, "200", "CA/Browser Forum" },
		{ "public-dv", "2027-03-15", 200, OUT_AMENDED, "100", "CA/Browser Forum" },
		{ "public-dv", "2029-03-15", 100, OUT_AMENDED, "47", "CA/Browser Forum" },
		{ "public-dv", "2029-03-15", 30, OUT_GRANTED, "30", NULL },
		{ "public-dv", "2029-03-15", 0, OUT_ADDED, "47", "CA/Browser Forum" },
		{ "private", "2029-03-15", 1000, OUT_AMENDED, "398", "authority profile" },
		{ "letsencrypt", "2029-03-15", 30, OUT_AMENDED, "45", "authority profile" },
	};
	struct examined x;

	for (size_t i = 0; i < nitems(cases); i++) {
		const struct disposition *d;

		look(&x, cases[i].card, NULL, "/CN=a.example.com", "ec:P-256",
		    "subjectAltName=DNS:a.example.com", cases[i].day, cases[i].asked);
		expect(&x, "validity.days", cases[i].outcome, cases[i].granted, NULL);
		d = sheet_find(&x.sheet, "validity.days");
		if (cases[i].set_by != NULL)
			assert_string_equal(d->set_by, cases[i].set_by);
		done(&x);
	}
}

static void
M21_URIs_and_addresses_of_people_under_client_only(void **state)
{
	static const char names[] = "subjectAltName=URI:spiffe://example.com/x,email:a@example.com";
	struct examined x;

	look(&x, "private", "server", "/CN=a.example.com", "ec:P-256", names, TODAY, 0);
	expect(&x, "san.uri:spiffe://example.com/x", OUT_DROPPED, NULL, "private.san.uri");
	expect(&x, "san.email:a@example.com", OUT_DROPPED, NULL, NULL);
	done(&x);
	look(&x, "private", "client", "/CN=a.example.com", "ec:P-256", names, TODAY, 0);
	expect(&x, "san.uri:spiffe://example.com/x", OUT_GRANTED, NULL, NULL);
	expect(&x, "eku.clientAuth", OUT_ADDED, "TRUE", NULL);
	done(&x);
}

static void
names_beyond_the_most_are_refused(void **state)
{
	AUTO_BUF struct buf names = { 0 };
	struct examined x;

	buf_put_text(&names, "subjectAltName=DNS:n0.example.com");
	for (int i = 1; i < 27; i++)
		buf_printf(&names, ",DNS:n%d.example.com", i);
	look(&x, "letsencrypt", "tlsserver", "/", "ec:P-256", buf_text(&names), TODAY, 0);
	expect(&x, "san.dns:n24.example.com", OUT_GRANTED, NULL, NULL);
	expect(&x, "san.dns:n25.example.com", OUT_REFUSED, NULL, "letsencrypt.names.max");
	assert_int_equal(sheet_count(&x.sheet, OUT_REFUSED), 2);
	done(&x);
}

static void
what_no_line_grants_is_dropped(void **state)
{
	struct examined x;

	look(&x, "private", NULL, "/CN=a.example.com/serialNumber=5", "ec:P-256",
	    "1.2.3.5=ASN1:UTF8String:odd", TODAY, 0);
	expect(&x, "ext.1.2.3.5", OUT_DROPPED, NULL, "examine.not-granted");
	expect(&x, "subject.serialNumber", OUT_DROPPED, NULL, "private.subject.*");
	done(&x);
	look(&x, "private", NULL, "/CN=a.example.com", "ec:P-256",
	    "basicConstraints=CA:TRUE,pathlen:1", TODAY, 0);
	expect(&x, "basicConstraints.ca", OUT_AMENDED, "FALSE", NULL);
	expect(&x, "basicConstraints.pathlen", OUT_DROPPED, NULL, NULL);
	done(&x);
}

/* Clients look for none of them in the subject, be it the first or a later one. */
static void
M23_every_common_name_of_a_host_joins_the_names(void **state)
{
	struct examined x;

	look(&x, "private", NULL, "/CN=a.example.com/CN=b.example.com/CN=b.example.com/CN=The shop",
	    "ec:P-256", "subjectAltName=DNS:a.example.com", TODAY, 0);
	expect(&x, "subject.CN#2", OUT_GRANTED, NULL, NULL);
	expect(&x, "san.dns:b.example.com", OUT_ADDED, "b.example.com", "examine.cn-in-names");
	assert_int_equal(x.sheet.verdict, VERDICT_AMEND);
	done(&x);
	look(&x, "private", "baseline", "/CN=a.example.com/CN=b.example.com", "ec:P-256",
	    "subjectAltName=DNS:a.example.com", TODAY, 0);
	expect(&x, "subject.CN", OUT_GRANTED, NULL, NULL);
	expect(&x, "subject.CN#2", OUT_DROPPED, NULL, "public.subject.once");
	expect(&x, "san.dns:b.example.com", OUT_ADDED, "b.example.com", NULL);
	done(&x);
}

static void
what_parsers_disagree_on_is_refused(void **state)
{
	static const char *const cards[] = { "private", "letsencrypt", "public-ov",
		"adcs-webserver" };
	static const char *const lines[] = { "subjectAltName=DNS:a.example.com",
		"subjectAltName=DNS:b.example.com", "1.2.3.5=ASN1:UTF8String:one",
		"1.2.3.5=ASN1:UTF8String:two", "basicConstraints=CA:FALSE,pathlen:1", NULL };
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	X509_REQ *req = make_req("/CN=a.example.com", key, lines);
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);
	struct err e = { 0 };

	for (size_t i = 0; i < nitems(cards); i++) {
		struct examined x = { 0 };

		load_card(&x, cards[i]);
		assert_int_equal(csr_parse_unproved(&x.csr, der, (size_t)n, &e), 0);
		run(&x, NULL, TODAY, 0, &x.sheet);
		expect(&x, "ext.2.5.29.17", OUT_REFUSED, NULL, "csr.extension");
		expect(&x, "ext.1.2.3.5", OUT_REFUSED, NULL, "csr.extension");
		assert_int_equal(x.sheet.verdict, VERDICT_REFUSE);
		done(&x);
	}
	OPENSSL_free(der);
	X509_REQ_free(req);
}

static void
weak_keys_are_refused_whatever_the_card_says(void **state)
{
	struct examined x;

	look(&x, "private", NULL, "/CN=a.example.com", "rsa:1024", NULL, TODAY, 0);
	expect(&x, "key.size", OUT_REFUSED, NULL, "csr.key.size");
	assert_int_equal(x.sheet.verdict, VERDICT_REFUSE);
	done(&x);
}

static void
the_same_request_and_day_give_the_same_sheet(void **state)
{
	struct sheet again;
	struct examined x;

	look(&x, "public-ov", NULL, seven, "ec:P-256", NAMES, TODAY, 365);
	run(&x, NULL, TODAY, 365, &again);
	assert_int_equal(x.sheet.n, again.n);
	assert_int_equal(x.sheet.nnotes, again.nnotes);
	for (size_t i = 0; i < again.n; i++) {
		assert_string_equal(x.sheet.v[i].item, again.v[i].item);
		assert_int_equal(x.sheet.v[i].outcome, again.v[i].outcome);
	}
	done(&x);
}

static void
notes_say_what_the_day_brings(void **state)
{
	struct examined x;
	bool wildcard = false, reuse = false;

	look(&x, "public-dv", NULL, "/CN=portal.example.com", "ec:P-256", NAMES, "2027-03-15", 0);
	for (size_t i = 0; i < x.sheet.nnotes; i++) {
		wildcard |= strstr(x.sheet.notes[i], "a wildcard is proved by DNS") != NULL;
		reuse |= strstr(x.sheet.notes[i], "good for 100 days") != NULL;
	}
	assert_true(wildcard && reuse);
	done(&x);
}

/* The day before and the day of each step of a card's notes. */
static void
notes_of_a_profile_have_their_days(void **state)
{
	static const struct {
		const char *profile, *day, *life;
	} cases[] = { { "classic", "2027-02-09", "30 days" },
		{ "classic", "2027-02-10", "10 days" }, { "classic", "2028-02-15", "10 days" },
		{ "classic", "2028-02-16", "7 hours" }, { "tlsserver", TODAY, "7 hours" } };
	struct examined x;

	for (size_t i = 0; i < nitems(cases); i++) {
		size_t n = 0;

		look(&x, "letsencrypt", cases[i].profile, "/CN=a.example.com", "ec:P-256",
		    "subjectAltName=DNS:a.example.com", cases[i].day, 0);
		for (size_t k = 0; k < x.sheet.nnotes; k++)
			if (strstr(x.sheet.notes[k], "reuses a proof") != NULL) {
				assert_non_null(strstr(x.sheet.notes[k], cases[i].life));
				n++;
			}
		assert_int_equal(n, 1);
		done(&x);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(V18_all_is_granted_by_a_private_authority),
		cmocka_unit_test(M1_what_Lets_Encrypt_makes_of_the_seven_fields),
		cmocka_unit_test(the_life_of_a_profile_changes_on_its_day),
		cmocka_unit_test(what_Lets_Encrypt_rejects),
		cmocka_unit_test(M22_M23_the_common_name_is_chosen_in_plain_sight),
		cmocka_unit_test(V20_what_would_name_nobody_is_refused),
		cmocka_unit_test(rules_act_from_their_day_on),
		cmocka_unit_test(no_unit_without_an_organization_for_a_year),
		cmocka_unit_test(M10_the_life_is_cut_by_who_is_stricter),
		cmocka_unit_test(M21_URIs_and_addresses_of_people_under_client_only),
		cmocka_unit_test(names_beyond_the_most_are_refused),
		cmocka_unit_test(what_no_line_grants_is_dropped),
		cmocka_unit_test(M23_every_common_name_of_a_host_joins_the_names),
		cmocka_unit_test(what_parsers_disagree_on_is_refused),
		cmocka_unit_test(weak_keys_are_refused_whatever_the_card_says),
		cmocka_unit_test(the_same_request_and_day_give_the_same_sheet),
		cmocka_unit_test(notes_say_what_the_day_brings),
		cmocka_unit_test(notes_of_a_profile_have_their_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
