/*
 * test_issue.c - the sheet becomes a certificate: this one and no other
 *
 * der_names.c, der_put.c, issue_check.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "base/io.h"
#include "make.h"
#include "x509/authority.h"
#include "x509/cert.h"
#include "x509/der_put.h"
#include "x509/examine.h"
#include "x509/issue.h"

#define CRL "http://pki.example.com/crl/1.crl"

struct house {
	struct arena *arena;
	struct authority authority;
	EVP_PKEY *ca_key;
	X509 *ca;
	struct issuer_limits limits;
};

static int
set_up(void **state)
{
	static struct house h;
	AUTO_BUF struct buf text = { 0 };
	struct err e = { 0 };

	h.arena = arena_new();
	if (file_read(&text, CARDS "/private.json", 1 << 20, &e) < 0 ||
	    authority_parse(h.arena, buf_text(&text), text.len, &h.authority, &e) < 0)
		fail_msg("%s", e.message);
	h.ca_key = make_key("ec:P-256");
	h.ca = make_ca("House Issuing CA", h.ca_key, NULL, NULL);
	h.limits = (struct issuer_limits){ .not_after = MAKE_NOW + 3650 * 86400LL };
	*state = &h;
	return 0;
}

static int
tear_down(void **state)
{
	struct house *h = *state;

	X509_free(h->ca);
	EVP_PKEY_free(h->ca_key);
	arena_free(h->arena);
	return 0;
}

static void
examine_it(
    struct house *h, const struct csr *csr, const char *profile, int64_t days, struct sheet *s)
{
	struct err e = { 0 };
	struct examine_input in = { .request = csr,
		.authority = &h->authority,
		.profile = authority_profile(&h->authority, profile, &e),
		.issuer = &h->limits,
		.when = MAKE_NOW,
		.days = days };

	assert_non_null(in.profile);
	sheet_init(s, h->arena);
	examine(&in, s);
}

static void
input(struct house *h, const struct csr *csr, struct issue_input *in)
{
	struct err e = { 0 };
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(h->ca);

	*in = (struct issue_input){ .signing = signing_for(h->ca_key, NULL, &e),
		.serial = { 0x80, 1 },
		.when = MAKE_NOW,
		.crl_url = CRL };
	assert_int_equal(
	    X509_NAME_get0_der(X509_get_subject_name(h->ca), &in->issuer, &in->issuer_len), 1);
	in->key_id = ASN1_STRING_get0_data(id);
	in->key_id_len = (size_t)ASN1_STRING_length(id);
	in->spki = csr_spki(csr, &in->spki_len);
}

/* The whole way; the certificate is checked by OpenSSL. */
static X509 *
issue(struct house *h, const struct csr *csr, const char *profile, struct sheet *s)
{
	AUTO_BUF struct buf tbs = { 0 };
	AUTO_TBS struct tbs_parts parts = { 0 };
	struct issue_input in;
	struct err e = { 0 };
	const unsigned char *p;
	X509 *x;

	examine_it(h, csr, profile, 0, s);
	assert_int_not_equal(s->verdict, VERDICT_REFUSE);
	input(h, csr, &in);
	issue_plan(s, &in);
	if (issue_tbs(&tbs, s, &in, &e) < 0 || issue_check(s, &tbs, &in, &parts, &e) < 0 ||
	    signing_put(&tbs, in.signing, h->ca_key, &e) < 0)
		fail_msg("%s", e.message);
	der_wrap(&tbs, DER_SEQUENCE);
	p = tbs.data;
	x = d2i_X509(NULL, &p, (long)tbs.len);
	assert_non_null(x);
	assert_ptr_equal(p, tbs.data + tbs.len);
	assert_int_equal(X509_verify(x, h->ca_key), 1);
	assert_int_equal(X509_check_issued(h->ca, x), X509_V_OK);
	return x;
}

static void
test_seven_fields(void **state)
{
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_csr(key, "portal.example.com", "a.example.com\n192.0.2.1");
	struct sheet s;
	AUTO(x509) X509 *x = issue(h, csr, NULL, &s);
	struct cert_facts f;
	struct err e = { 0 };

	assert_int_equal(cert_facts(h->arena, x, &f, &e), 0);
	assert_string_equal(f.common_name, "portal.example.com");
	assert_int_equal(f.sans.n, 4); /* the e-mail address of the subject, too */
	assert_int_equal(f.not_before, MAKE_NOW);
	assert_int_equal(f.not_after, MAKE_NOW + 398 * 86400LL - 1);
	assert_false(f.is_ca);
	assert_string_equal(f.serial, "80010000000000000000000000000000");
	assert_int_equal(X509_get_extension_flags(x) & EXFLAG_INVALID, 0);
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_get_extended_key_usage(x), XKU_SSL_SERVER);
	assert_string_equal(sheet_find(&s, "ext.2.5.29.31")->granted, CRL);
}

static void
test_every_kind_of_name(void **state)
{
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("rsa:2048");
	const char *const ext[] = {
		"subjectAltName=DNS:a.example.com,IP:2001:db8::1,URI:urn:example:a,email:a@example.com",
		NULL
	};
	X509_REQ *req = make_req("", key, ext);
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);
	AUTO(csr) struct csr *csr = NULL;
	struct sheet s;
	struct err e = { 0 };
	struct cert_facts f;

	assert_int_equal(csr_parse(&csr, der, (size_t)n, &e), 0);
	AUTO(x509) X509 *x = issue(h, csr, "client", &s);
	assert_int_equal(cert_facts(h->arena, x, &f, &e), 0);
	assert_int_equal(f.sans.n, 4);
	/* RFC 5280 4.2.1.6: critical, since the subject is empty */
	assert_int_equal(X509_EXTENSION_get_critical(
			     X509_get_ext(x, X509_get_ext_by_NID(x, NID_subject_alt_name, -1))),
	    1);
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
	X509_REQ_free(req);
	OPENSSL_free(der);
}

/* RFC 5280 4.1.2.6; a request that asks for the name itself gets it as asked. */
static void
test_P18_an_email_of_the_subject_stands_among_the_names(void **state)
{
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	static const struct {
		const char *names;
		enum outcome outcome;
		const char *granted, *other;
	} cases[] = {
		{ "subjectAltName=DNS:a.example.com", OUT_ADDED, "pki@example.com", NULL },
		{ "subjectAltName=DNS:a.example.com,email:pki@example.com,email:x@example.com",
		    OUT_GRANTED, "pki@example.com", "san.email:x@example.com" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		const char *ext[] = { cases[i].names, NULL };
		X509_REQ *req = make_req(
		    "/CN=a.example.com/emailAddress=pki@example.com", key, ext);
		unsigned char *der = NULL;
		int n = i2d_X509_REQ(req, &der);
		AUTO(csr) struct csr *csr = NULL;
		const struct disposition *d;
		struct err e = { 0 };
		struct sheet s;

		assert_int_equal(csr_parse(&csr, der, (size_t)n, &e), 0);
		AUTO(x509) X509 *x = issue(h, csr, "server", &s);
		d = sheet_find(&s, "san.email:pki@example.com");
		assert_int_equal(d->outcome, cases[i].outcome);
		assert_string_equal(d->granted, cases[i].granted);
		assert_int_equal(X509_check_email(x, "pki@example.com", 0, 0), 1);
		if (cases[i].other != NULL)
			assert_int_equal(sheet_find(&s, cases[i].other)->outcome, OUT_DROPPED);
		else
			assert_int_equal(s.verdict, VERDICT_ISSUE);
		X509_REQ_free(req);
		OPENSSL_free(der);
	}
}

/* What is planned and what is built are compared: each difference is found. */
static void
test_differences_are_found(void **state)
{
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_csr(key, "portal.example.com", "a.example.com");
	AUTO_BUF struct buf tbs = { 0 };
	struct issue_input in;
	struct sheet s;

	examine_it(h, csr, NULL, 0, &s);
	input(h, csr, &in);
	issue_plan(&s, &in);
	assert_int_equal(issue_tbs(&tbs, &s, &in, &(struct err){ 0 }), 0);
	for (size_t i = 0; i < s.n; i++) {
		struct disposition was = s.v[i];
		struct err e = { 0 };

		if (was.granted == NULL || strcmp(was.item, "signature") == 0)
			continue;
		AUTO_TBS struct tbs_parts one = { 0 }, two = { 0 };

		s.v[i].granted = NULL; /* it is there, and was not decided */
		assert_int_equal(issue_check(&s, &tbs, &in, &one, &e), -1);
		assert_int_equal(e.refusal, R_ISSUE_PLAN);
		assert_non_null(strstr(e.message, was.item));
		s.v[i] = was;
		if (strncmp(was.item, "ext.", 4) == 0 || strcmp(was.item, "key.size") == 0)
			continue;
		s.v[i].granted = "other";
		assert_int_equal(issue_check(&s, &tbs, &in, &two, &(struct err){ 0 }), -1);
		s.v[i] = was;
	}
	sheet_add(&s, "san.dns:more.example.com", NULL, "more.example.com", OUT_ADDED);
	AUTO_TBS struct tbs_parts parts = { 0 };
	assert_int_equal(issue_check(&s, &tbs, &in, &parts, &(struct err){ 0 }), -1);
	tbs_parts_clear(&parts);
	s.n--;
	assert_int_equal(issue_check(&s, &tbs, &in, &parts, &(struct err){ 0 }), 0);
	tbs_parts_clear(&parts);
	in.spki_len--; /* another key than was asked for */
	assert_int_equal(issue_check(&s, &tbs, &in, &parts, &(struct err){ 0 }), -1);
}

static void
test_names_outside_the_constraints_are_refused(void **state)
{
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	static const struct {
		const char *name;
		enum verdict verdict;
	} cases[] = {
		{ "a.example.com", VERDICT_ISSUE },
		{ "example.com", VERDICT_ISSUE },
		{ "*.a.example.com", VERDICT_ISSUE },
		{ "*.example.com", VERDICT_REFUSE }, /* it reaches not.example.com */
		{ "notexample.com", VERDICT_REFUSE },
		{ "a.not.example.com", VERDICT_REFUSE },
		{ "example.com.example.net", VERDICT_REFUSE },
		{ "192.0.2.1", VERDICT_REFUSE },
	};
	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, NULL, NID_name_constraints,
	    "permitted;DNS:example.com,excluded;DNS:not.example.com,excluded;IP:0.0.0.0/0.0.0.0");
	const ASN1_OCTET_STRING *der = X509_EXTENSION_get_data(x);
	struct name_limits names;

	assert_non_null(x);
	assert_null(name_limits_read(
	    &names, der_of(ASN1_STRING_get0_data(der), (size_t)ASN1_STRING_length(der))));
	h->limits.names = &names;
	for (size_t i = 0; i < nitems(cases); i++) {
		AUTO(csr) struct csr *csr = make_csr(key, "b.example.com", cases[i].name);
		struct sheet s;

		examine_it(h, csr, NULL, 0, &s);
		if (s.verdict != cases[i].verdict)
			fail_msg("%s: %s", cases[i].name, verdict_name(s.verdict));
	}
	h->limits.names = NULL;
	X509_EXTENSION_free(x);
}

/* The request has pki@example.com. Refused is said at the address. */
static void
email_under(struct house *h, const char *constraints, const char *rule)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_csr(key, "b.example.com", "b.example.com");
	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, NULL, NID_name_constraints, constraints);
	const ASN1_OCTET_STRING *der = X509_EXTENSION_get_data(x);
	struct name_limits names;
	struct sheet s;

	assert_null(name_limits_read(
	    &names, der_of(ASN1_STRING_get0_data(der), (size_t)ASN1_STRING_length(der))));
	h->limits.names = &names;
	examine_it(h, csr, NULL, 0, &s);
	h->limits.names = NULL;
	X509_EXTENSION_free(x);
	if (rule == NULL) {
		assert_int_not_equal(s.verdict, VERDICT_REFUSE);
		return;
	}
	assert_string_equal(sheet_find(&s, "subject.emailAddress")->rule, rule);
	assert_int_equal(s.verdict, VERDICT_REFUSE);
}

static void
test_an_email_of_the_subject_is_held_against_the_constraints(void **state)
{
	email_under(*state, "permitted;email:example.org", "issue.name-constraints");
	email_under(*state, "excluded;email:example.com", "issue.name-constraints");
	email_under(*state, "permitted;email:example.com", NULL);
}

static void
test_P17_a_CA_below(void **state)
{
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_csr(key, "Branch CA", "a.example.com");
	const char *const ext[] = { "subjectAltName=DNS:a.example.com", NULL };
	X509_REQ *req = make_req("", key, ext);
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);
	AUTO(csr) struct csr *nameless = NULL;
	static const int short_paths[] = { 0, 1 };
	struct err e = { 0 };
	struct sheet s;

	assert_int_equal(csr_parse(&nameless, der, (size_t)n, &e), 0);
	h->limits.path_length = 1;
	AUTO(x509) X509 *x = issue(h, csr, "sub-ca", &s);
	assert_int_equal(X509_check_ca(x), 1);
	assert_int_equal(X509_get_pathlen(x), 0);
	assert_int_equal(X509_get_key_usage(x), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	assert_int_equal(X509_get_ext_by_NID(x, NID_ext_key_usage, -1), -1);
	assert_int_equal(X509_get_ext_by_NID(x, NID_subject_alt_name, -1), -1);
	examine_it(h, nameless, "sub-ca", 0, &s);
	assert_string_equal(sheet_find(&s, "subject")->rule, "examine.ca-nameless");
	assert_int_equal(s.verdict, VERDICT_REFUSE);
	h->limits.path_length = -1;
	examine_it(h, csr, "sub-ca", 0, &s);
	assert_int_equal(s.verdict, VERDICT_HOLD);
	for (size_t i = 0; i < nitems(short_paths); i++) {
		h->limits.path_length = short_paths[i];
		examine_it(h, csr, "sub-ca", 0, &s);
		assert_int_equal(s.verdict, i == 0 ? VERDICT_REFUSE : VERDICT_HOLD);
	}
	h->limits.path_length = 0;
	examine_it(h, csr, "sub-ca", 0, &s);
	assert_string_equal(sheet_find(&s, "basicConstraints.pathlen")->rule, "issue.path-length");
	assert_null(sheet_find(&s, "basicConstraints.pathlen")->granted);
	X509_REQ_free(req);
	OPENSSL_free(der);
}

/* Where the list is, who answers, which key signs: whoever asks for others gets ours. */
static void
test_P17_addresses_and_key_ids_are_those_of_the_authority(void **state)
{
	static const char *const ext[] = { "subjectAltName=DNS:a.example.com",
		"crlDistributionPoints=URI:http://evil.example/crl",
		"authorityInfoAccess=OCSP;URI:http://evil.example/ocsp",
		"subjectKeyIdentifier=00:01:02", NULL };
	static const char *const items[] = { "ext.2.5.29.31", "ext.1.3.6.1.5.5.7.1.1",
		"ext.2.5.29.14" };
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_parsed(make_req("a.example.com", key, ext));
	AUTO_BUF struct buf tbs = { 0 };
	AUTO_TBS struct tbs_parts parts = { 0 };
	struct issue_input in;
	struct sheet s;

	examine_it(h, csr, NULL, 0, &s);
	input(h, csr, &in);
	in.ocsp_url = "http://pki.example.com/ocsp/1";
	issue_plan(&s, &in);
	assert_int_equal(issue_tbs(&tbs, &s, &in, &(struct err){ 0 }), 0);
	assert_int_equal(issue_check(&s, &tbs, &in, &parts, &(struct err){ 0 }), 0);
	assert_null(memmem(tbs.data, tbs.len, "evil", 4));
	for (size_t i = 0; i < nitems(items); i++) {
		const struct disposition *d = sheet_find(&s, items[i]);

		assert_int_equal(d->outcome, OUT_AMENDED);
		assert_non_null(d->asked);
		assert_non_null(d->rule);
		for (size_t k = 0; k < s.n; k++)
			assert_true(&s.v[k] == d || strcmp(s.v[k].item, items[i]) != 0);
	}
	assert_string_equal(sheet_find(&s, "ext.2.5.29.31")->granted, CRL);
	assert_int_equal(s.verdict, VERDICT_AMEND);
}

/* A profile may be as generous as it likes: some things are not its own to give. */
static void
test_P17_no_grant_gives_what_is_not_to_be_given(void **state)
{
	static const char *const ext[] = { "subjectAltName=DNS:a.example.com,RID:1.2.3",
		"subjectKeyIdentifier=00:01:02",
		"authorityInfoAccess=OCSP;URI:http://evil.example/",
		"1.3.6.1.5.5.7.48.1.5=DER:30:00", "basicConstraints=CA:TRUE", "1.2.3.5=ASN1:NULL",
		"keyUsage=keyCertSign,keyAgreement", NULL };
	static const struct {
		const char *item, *rule;
	} cases[] = { { "ext.2.5.29.14", "issue.decides" },
		{ "ext.1.3.6.1.5.5.7.1.1", "issue.decides" },
		{ "ext.1.3.6.1.5.5.7.48.1.5", "issue.not-made" },
		{ "san.rid:1.2.3", "issue.not-made" }, { "ext.1.2.3.5", "issue.not-made" },
		{ "basicConstraints.ca", "issue.ca-profile" },
		{ "ku.keyCertSign", "issue.ca-profile" }, { "ku.keyAgreement", NULL } };
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_parsed(make_req("a.example.com", key, ext));
	struct grant all = { .item = "*", .effect = EFFECT_GRANT };
	struct profile generous = h->authority.profiles[0];
	struct examine_input in = { .request = csr,
		.authority = &h->authority,
		.profile = &generous,
		.issuer = &h->limits,
		.when = MAKE_NOW };
	struct sheet s;

	generous.grants = &all;
	generous.ngrants = 1;
	generous.nadditions = 0;
	sheet_init(&s, h->arena);
	examine(&in, &s);
	for (size_t i = 0; i < nitems(cases); i++) {
		const struct disposition *d = sheet_find(&s, cases[i].item);

		if (d->outcome != (cases[i].rule == NULL ? OUT_GRANTED : OUT_DROPPED) ||
		    (cases[i].rule != NULL && strcmp(d->rule, cases[i].rule) != 0))
			fail_msg("%s: %s, %s", d->item, outcome_name(d->outcome), d->rule);
	}
}

/* In the certificate the third of a type is the second when the second was dropped. */
static void
test_P17_a_later_attribute_is_issued_when_an_earlier_is_dropped(void **state)
{
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr)
	struct csr *csr = make_parsed(make_req("/OU=One/OU=Two/OU=Three/CN=x", key, NULL));
	AUTO_BUF struct buf tbs = { 0 };
	struct issue_input in;
	struct sheet s;

	examine_it(h, csr, NULL, 0, &s);
	input(h, csr, &in);
	issue_plan(&s, &in);
	for (int i = 0; i < 2; i++) {
		AUTO_TBS struct tbs_parts parts = { 0 };
		struct disposition *d = sheet_find(&s, i == 0 ? "subject.OU#2" : "subject.OU");

		d->granted = NULL; /* as a profile with a pattern does */
		d->outcome = OUT_DROPPED;
		assert_int_equal(issue_tbs(&tbs, &s, &in, &(struct err){ 0 }), 0);
		assert_int_equal(issue_check(&s, &tbs, &in, &parts, &(struct err){ 0 }), 0);
		assert_int_equal(parts.subject.n, 3 - i);
	}
	/* but it is that one: with other words in the plan they differ */
	sheet_find(&s, "subject.OU#3")->granted = "Two";
	AUTO_TBS struct tbs_parts parts = { 0 };
	assert_int_equal(issue_check(&s, &tbs, &in, &parts, &(struct err){ 0 }), -1);
}

/* Nobody asks about it: it says no address where one could. */
static void
test_P17_a_signer_of_OCSP_answers(void **state)
{
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("rsa:2048");
	AUTO(csr) struct csr *csr = make_csr(key, "ocsp.example.com", "ocsp.example.com");
	struct sheet s;
	AUTO(x509) X509 *x = issue(h, csr, "ocsp-signer", &s);

	assert_int_equal(X509_get_extended_key_usage(x), XKU_OCSP_SIGN);
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE);
	assert_true(X509_get_ext_by_NID(x, NID_id_pkix_OCSP_noCheck, -1) >= 0);
	assert_int_equal(X509_get_ext_by_NID(x, NID_crl_distribution_points, -1), -1);
	assert_null(sheet_find(&s, "ext.2.5.29.31"));
	assert_string_equal(sheet_find(&s, "subject.CN")->granted, "ocsp.example.com");
	assert_int_equal(sheet_find(&s, "san.dns:ocsp.example.com")->outcome, OUT_DROPPED);
}

static void
test_no_certificate_outlives_its_issuer(void **state)
{
	struct house *h = *state;
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *csr = make_csr(key, "portal.example.com", "");
	struct issuer_limits was = h->limits;
	struct sheet s;

	h->limits.not_after = MAKE_NOW + 10 * 86400 - 1;
	examine_it(h, csr, NULL, 90, &s);
	assert_string_equal(sheet_find(&s, "validity.days")->granted, "10");
	assert_string_equal(sheet_find(&s, "validity.days")->rule, "issue.issuer-ends");
	assert_int_equal(s.verdict, VERDICT_AMEND);
	h->limits.not_after = MAKE_NOW + 3600;
	examine_it(h, csr, NULL, 90, &s);
	assert_int_equal(s.verdict, VERDICT_REFUSE);
	h->limits = was;
}

static void
test_serials_are_minimal_and_positive(void **state)
{
	static const struct {
		unsigned char in[4];
		const char *der;
		size_t len;
	} cases[] = {
		{ { 0x80, 0, 0, 0 }, "\x02\x05\x00\x80\x00\x00\x00", 7 },
		{ { 0x7f, 0, 0, 0 }, "\x02\x04\x7f\x00\x00\x00", 6 },
		{ { 0, 0, 0x80, 1 }, "\x02\x03\x00\x80\x01", 5 },
		{ { 0, 0, 0, 1 }, "\x02\x01\x01", 3 },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		AUTO_BUF struct buf b = { 0 };

		der_put_unsigned(&b, cases[i].in, 4);
		assert_int_equal(b.len, cases[i].len);
		assert_memory_equal(b.data, cases[i].der, b.len);
	}
}

/* RFC 5280 4.1.2.5: UTCTime until 2049, GeneralizedTime from 2050. */
static void
test_times_from_2050(void **state)
{
	AUTO_BUF struct buf b = { 0 };

	der_put_time(&b, 2524607999); /* 2049-12-31 23:59:59 */
	assert_memory_equal(b.data,
	    "\x17\x0d"
	    "491231235959Z",
	    15);
	buf_reset(&b);
	der_put_time(&b, 2524608000);
	assert_memory_equal(b.data,
	    "\x18\x0f"
	    "20500101000000Z",
	    17);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seven_fields),
		cmocka_unit_test(test_every_kind_of_name),
		cmocka_unit_test(test_P18_an_email_of_the_subject_stands_among_the_names),
		cmocka_unit_test(test_differences_are_found),
		cmocka_unit_test(test_names_outside_the_constraints_are_refused),
		cmocka_unit_test(test_an_email_of_the_subject_is_held_against_the_constraints),
		cmocka_unit_test(test_P17_a_CA_below),
		cmocka_unit_test(test_P17_no_grant_gives_what_is_not_to_be_given),
		cmocka_unit_test(test_P17_addresses_and_key_ids_are_those_of_the_authority),
		cmocka_unit_test(test_P17_a_later_attribute_is_issued_when_an_earlier_is_dropped),
		cmocka_unit_test(test_P17_a_signer_of_OCSP_answers),
		cmocka_unit_test(test_no_certificate_outlives_its_issuer),
		cmocka_unit_test(test_serials_are_minimal_and_positive),
		cmocka_unit_test(test_times_from_2050),
	};

	return cmocka_run_group_tests_name("issue", tests, set_up, tear_down);
}
