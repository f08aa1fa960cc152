/*
 * test_lint.c - each row of the lint finds what it is for, in a certificate that
 * is wrong in that alone, from its day on
 *
 * lint_names.c, lint_baseline.c, lint_view.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "make.h"
#include "x509/examine.h"
#include "x509/items.h"
#include "x509/lint_view.h"

#define DAY 86400LL

/* What a good one has; a case changes lines of it, "name=-" takes one away. */
static const char *const good[] = { "basicConstraints=critical,CA:FALSE",
	"keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth",
	"subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid",
	"subjectAltName=DNS:a.example.com",
	"crlDistributionPoints=URI:http://pki.example.com/1.crl",
	"authorityInfoAccess=caIssuers;URI:http://pki.example.com/1.crt" };

static EVP_PKEY *ca_key;
static X509 *ca;

static void
negative_serial(X509 *x)
{
	ASN1_INTEGER_set(X509_get_serialNumber(x), -5);
}

static void
short_serial(X509 *x)
{
	ASN1_INTEGER_set(X509_get_serialNumber(x), 0x12345678);
}

static void
backwards(X509 *x)
{
	ASN1_TIME_set(X509_getm_notAfter(x), asn1_seconds(X509_get0_notBefore(x)) - 1);
}

static void
other_time(X509 *x)
{
	ASN1_GENERALIZEDTIME *t = ASN1_GENERALIZEDTIME_set(
	    NULL, asn1_seconds(X509_get0_notBefore(x)));

	X509_set1_notBefore(x, t);
	ASN1_GENERALIZEDTIME_free(t);
}

static void
begins_later(X509 *x)
{
	int64_t from = asn1_seconds(X509_get0_notBefore(x));

	ASN1_TIME_set(X509_getm_notBefore(x), from + 49 * 3600);
}

static void
nameless_issuer(X509 *x)
{
	X509_NAME *name = X509_NAME_new();

	X509_set_issuer_name(x, name);
	X509_NAME_free(name);
}

static void
twice(X509 *x)
{
	X509_add_ext(x, X509_get_ext(x, 0), -1);
}

static void
add(X509 *x, const char *what, int type, const char *value)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), what, type,
			     (const unsigned char *)value, -1, -1, 0),
	    1);
}

static void
control(X509 *x)
{
	add(x, "O", V_ASN1_UTF8STRING, "a\x01z");
}

static void
teletex(X509 *x)
{
	add(x, "O", V_ASN1_T61STRING, "abc");
}

static void
bidi(X509 *x)
{
	add(x, "O", V_ASN1_UTF8STRING, "abc\u202e");
}

static void
small_country(X509 *x)
{
	add(x, "C", V_ASN1_PRINTABLESTRING, "us");
}

static void
wide_country(X509 *x)
{
	add(x, "C", V_ASN1_UTF8STRING, "US");
}

static void
long_country(X509 *x)
{
	add(x, "C", V_ASN1_PRINTABLESTRING, "USA");
}

static void
long_unit(X509 *x)
{
	add(x, "OU", V_ASN1_UTF8STRING,
	    "ooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo");
}

/* Authorities that may certify some names, or are for one side of TLS only. */
static struct name_limits org, people;
static const struct issuer_limits example_org = { .names = &org,
	.for_servers = true,
	.for_clients = true },
				  example_people = { .names = &people,
					  .for_servers = true,
					  .for_clients = true },
				  clients_only = { .for_clients = true },
				  servers_only = { .for_servers = true };

static void
read_limits(void)
{
	static const char dns[] = "\x30\x11\xa0\x0f\x30\x0d\x82\x0b"
				  "example.org",
			  organization[] = "\x30\x14\xa0\x12\x30\x10\xa4\x0e\x30\x0c\x31\x0a"
					   "\x30\x08\x06\x03\x55\x04\x0a\x0c\x01x";

	assert_null(name_limits_read(&org, der_of(dns, sizeof(dns) - 1)));
	assert_null(name_limits_read(&people, der_of(organization, sizeof(organization) - 1)));
}

#define NO_USE "extendedKeyUsage=-"
#define A_CA   "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign", NO_USE
#define DV     .rules = VALIDATION_DV

/* found: the row it is for, then those that find something of it, too. */
struct bad {
	const char *found;
	const char *lines[5];
	void (*spoil)(X509 *);
	const char *subject; /* NULL: CN=a.example.com */
	const char *key, *digest;
	unsigned days;
	enum validation rules;
	const struct issuer_limits *issuer;
	const char *on; /* NULL: 2026-11-18 */
};

static const struct bad cases[] = {
	{ "lint.der", .spoil = negative_serial },
	{ "lint.serial", .spoil = short_serial },
	{ "lint.validity.order", .spoil = backwards },
	{ "lint.validity.encoding", .spoil = other_time },
	{ "lint.validity.begin", .spoil = begins_later },
	{ "lint.issuer", .spoil = nameless_issuer },
	{ "lint.extension.twice", .spoil = twice },
	{ "lint.extension.critical", { "1.2.3.4=critical,DER:0500" } },
	{ "lint.signature.leaf", .digest = "sha1" },
	{ "lint.signature.ca", { A_CA }, .digest = "sha1" },
	{ "lint.basic.malformed", { "basicConstraints=-", "2.5.29.19=critical,DER:3003020100" } },
	{ "lint.basic.critical",
	    { "basicConstraints=CA:TRUE", "keyUsage=critical,keyCertSign", NO_USE } },
	{ "lint.basic.path lint.ca.usage", { "basicConstraints=critical,CA:TRUE,pathlen:0" } },
	{ "lint.ca.usage", { "basicConstraints=critical,CA:TRUE" } },
	{ "lint.ca.none", { "keyUsage=critical,digitalSignature,keyCertSign" } },
	{ "lint.ca.none", { "keyUsage=critical,digitalSignature,cRLSign" } },
	{ "lint.ca.key-id", { A_CA, "subjectKeyIdentifier=-" } },
	{ "lint.ca.name", { A_CA, "subjectAltName=critical,DNS:a.example.com" }, .subject = "" },
	{ "lint.constraints.leaf", { "nameConstraints=critical,permitted;DNS:example.com" } },
	{ "lint.constraints.critical", { A_CA, "nameConstraints=permitted;DNS:example.com" } },
	{ "lint.issuer.names", .issuer = &example_org },
	{ "lint.issuer.names", .issuer = &example_people },
	{ "lint.issuer.purposes", .issuer = &clients_only },
	{ "lint.issuer.purposes", { "extendedKeyUsage=clientAuth" }, .issuer = &servers_only },
	{ "lint.usage.malformed", { "keyUsage=-", "2.5.29.15=critical,DER:0500", NO_USE } },
	{ "lint.usage.empty", { "keyUsage=-", "2.5.29.15=critical,DER:03020700", NO_USE } },
	{ "lint.usage.critical", { "keyUsage=digitalSignature" } },
	{ "lint.usage.encipher", { "keyUsage=critical,digitalSignature,keyEncipherment" } },
	{ "lint.usage.encipher", { "keyUsage=critical,digitalSignature,dataEncipherment" },
	    .key = "ed25519" },
	{ "lint.usage.agree", { "keyUsage=critical,digitalSignature,keyAgreement" },
	    .key = "ed25519" },
	{ "lint.usage.agree", { "keyUsage=critical,digitalSignature,keyAgreement" },
	    .key = "rsa:2048" },
	{ "lint.purpose.malformed", { NO_USE, "2.5.29.37=DER:3000" } },
	{ "lint.purpose.malformed", { NO_USE, "2.5.29.37=DER:0500" } },
	{ "lint.purpose.usage", { "keyUsage=critical,nonRepudiation" } },
	{ "lint.purpose.any", { "extendedKeyUsage=critical,serverAuth,anyExtendedKeyUsage" } },
	{ "lint.ocsp.check", { "extendedKeyUsage=OCSPSigning" } },
	{ "lint.ocsp.no-check", { "noCheck=ignored" } },
	{ "lint.key-id.critical", { "subjectKeyIdentifier=critical,hash" } },
	{ "lint.authority-key-id.critical",
	    { "authorityKeyIdentifier=-", "2.5.29.35=critical,DER:300480020102" } },
	{ "lint.authority-key-id", { "authorityKeyIdentifier=-" } },
	{ "lint.access.critical",
	    { "authorityInfoAccess=critical,caIssuers;URI:http://pki.example.com/1.crt" } },
	{ "lint.crl.critical",
	    { "crlDistributionPoints=critical,URI:http://pki.example.com/1.crl" } },
	{ "lint.subject.malformed", .spoil = control },
	{ "lint.subject.malformed", .spoil = teletex },
	{ "lint.subject.malformed", .spoil = bidi },
	{ "lint.subject.country", .spoil = small_country },
	{ "lint.subject.country", .spoil = wide_country },
	{ "lint.subject.country", .spoil = long_country },
	{ "lint.subject.length", .spoil = long_unit },
	{ "lint.names.none", { "subjectAltName=-" }, .subject = "" },
	{ "lint.names.empty", { "subjectAltName=-", "2.5.29.17=DER:3000" } },
	{ "lint.names.critical", .subject = "" },
	{ "lint.names.not-critical", { "subjectAltName=critical,DNS:a.example.com" } },
	{ "lint.names.dns", { "subjectAltName=DNS:a_b.example.com" } },
	{ "lint.names.dns", { "subjectAltName=DNS:a..example.com" } },
	{ "lint.names.dns", { "subjectAltName=DNS:a.*.example.com" } },
	{ "lint.names.dns", { "subjectAltName=DNS:*" } },
	{ "lint.names.dns", { "subjectAltName=DNS:-a.example.com" } },
	{ "lint.names.dns", { "subjectAltName=DNS:a.example.com." } },
	{ "lint.names.ip", { "subjectAltName=-", "2.5.29.17=DER:30058703010203" } },
	{ "lint.names.ascii", { "subjectAltName=-", "2.5.29.17=DER:30048602c3a9" } },
	{ "lint.names.ascii", { "subjectAltName=URI:nothing" } },
	{ "lint.names.ascii", { "subjectAltName=email:nobody" } },
	{ "lint.baseline.life lint.baseline.life-margin", .days = 201, DV },
	{ "lint.baseline.life lint.baseline.life-margin", .days = 101, DV, .on = "2027-03-15" },
	{ "lint.baseline.life lint.baseline.life-margin", .days = 399, DV, .on = "2026-03-14" },
	{ "lint.baseline.life-margin", .days = 200, DV },
	{ "lint.baseline.unit lint.baseline.subject", .subject = "/OU=x/CN=a.example.com", DV },
	{ "lint.baseline.subject", .subject = "/O=x/CN=a.example.com", DV },
	{ "lint.baseline.unit", .subject = "/O=x/OU=y/CN=a.example.com", .rules = VALIDATION_OV },
	{ "lint.baseline.cn", .subject = "/CN=b.example.com", DV },
	{ "lint.baseline.names", { "subjectAltName=DNS:a.example.com,URI:urn:a" }, DV },
	{ "lint.baseline.names lint.baseline.cn", { "subjectAltName=-" }, DV },
	{ "lint.baseline.internal", { "subjectAltName=DNS:a.example.com,DNS:printer.local" }, DV },
	{ "lint.baseline.internal", { "subjectAltName=DNS:a.example.com,IP:10.0.0.1" }, DV },
	{ "lint.baseline.names-critical lint.names.not-critical",
	    { "subjectAltName=critical,DNS:a.example.com" }, DV },
	{ "lint.baseline.server", { "extendedKeyUsage=clientAuth" }, DV },
	{ "lint.baseline.server lint.baseline.server-only", { "extendedKeyUsage=clientAuth" }, DV,
	    .on = "2027-03-15" },
	{ "lint.baseline.purposes", { "extendedKeyUsage=serverAuth,codeSigning" }, DV },
	{ "lint.baseline.server-only", { "extendedKeyUsage=serverAuth,clientAuth" }, DV,
	    .on = "2027-03-15" },
	{ "lint.baseline.revocation lint.baseline.access-should",
	    { "crlDistributionPoints=-", "authorityInfoAccess=-" }, DV },
	{ "lint.baseline.access", { "authorityInfoAccess=-" }, DV, .on = "2026-10-03" },
	{ "lint.baseline.access-should", { "authorityInfoAccess=-" }, DV },
	{ "lint.baseline.access-should", { "authorityInfoAccess=-", "crlDistributionPoints=-" }, DV,
	    .days = 7 },
	{ "lint.baseline.key", .key = "ed25519", DV },
};

/* ---- made and looked at --------------------------------------------------------- */

static bool
same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return n == strcspn(b, "=") && memcmp(a, b, n) == 0;
}

static size_t
lines_of(const struct bad *b, const char **out)
{
	size_t n = 0;

	for (size_t i = 0; i < nitems(good); i++) {
		const char *line = good[i];

		for (size_t k = 0; line != NULL && k < nitems(b->lines) && b->lines[k] != NULL; k++)
			if (same_name(b->lines[k], line))
				line = NULL;
		if (line != NULL)
			out[n++] = line;
	}
	for (size_t k = 0; k < nitems(b->lines) && b->lines[k] != NULL; k++)
		if (strcmp(strchr(b->lines[k], '='), "=-") != 0)
			out[n++] = b->lines[k];
	return n;
}

static X509 *
make(const struct bad *b, int64_t when)
{
	static const unsigned char serial[] = { 0x7f, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct make m = { .subject = b->subject == NULL ? "/CN=a.example.com" : b->subject,
		.key = make_key(b->key == NULL ? "ec:P-256" : b->key),
		.issuer = ca,
		.issuer_key = ca_key,
		.digest = b->digest,
		.from = when,
		.days = b->days };
	BIGNUM *n = BN_bin2bn(serial, sizeof(serial), NULL);
	X509 *x;

	lines_of(b, m.extensions);
	x = make_cert(&m);
	BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	EVP_PKEY_free(m.key);
	if (b->spoil != NULL)
		b->spoil(x);
	return x;
}

/* " lint.a lint.b " of the rows that find something. */
static void
lint(const struct bad *b, int64_t when, char found[1024])
{
	AUTO(x509) X509 *x = make(b, when);
	unsigned char *der = NULL;
	int n = i2d_re_X509_tbs(x, &der);
	struct lint_input in = {
		.tbs = der, .len = (size_t)n, .rules = b->rules, .when = when, .issuer = b->issuer
	};
	struct lint_view v;

	lint_view_of(&v, &in);
	strcpy(found, " ");
	for (const struct lint *r = lint_next(&v, NULL); r != NULL; r = lint_next(&v, r)) {
		strcat(found, r->id);
		strcat(found, " ");
	}
	OPENSSL_free(der);
}

static int64_t
day(const char *text)
{
	int64_t when = MAKE_NOW;

	assert_true(text == NULL || day_parse(text, &when) == 0);
	return when;
}

/* Is this row the first word? */
static bool
is_for(const struct bad *b, const struct lint *r)
{
	size_t n = strlen(r->id);

	return strncmp(b->found, r->id, n) == 0 && (b->found[n] == ' ' || b->found[n] == '\0');
}

static bool
has(const char *found, const char *id)
{
	char word[300];

	snprintf(word, sizeof(word), " %s ", id);
	return strstr(found, word) != NULL;
}

static size_t
words(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s += strcspn(s, " "), s += strspn(s, " "))
		n += *s != ' ';
	return n;
}

/* ---- tests ------------------------------------------------------------------------- */

static void
P18_a_good_one_has_no_finding(void **state)
{
	static const struct bad fine[] = { { "" }, { "", DV }, { "", .key = "rsa:2048" },
		{ "", .key = "ed25519" }, { "", .subject = "/C=US/O=Zo\u00eb/OU=R&D/CN=x" },
		{ "", { A_CA } }, { "", { "subjectAltName=critical,IP:192.0.2.1" }, .subject = "" },
		{ "", { "subjectAltName=DNS:*.example.com,DNS:a.example.com" } },
		{ "", .days = 199, DV }, { "", .days = 99, DV, .on = "2027-03-15" },
		{ "", { "extendedKeyUsage=OCSPSigning", "noCheck=ignored" } } };
	char found[1024];

	(void)state;
	for (size_t i = 0; i < nitems(fine); i++) {
		lint(&fine[i], day(fine[i].on), found);
		if (strcmp(found, " ") != 0)
			fail_msg("%zu:%s", i, found);
	}
}

static void
P18_each_row_finds_what_it_is_for_and_no_other_does(void **state)
{
	char found[1024], expected[256];

	(void)state;
	for (size_t i = 0; i < nitems(cases); i++) {
		const char *p = cases[i].found;

		lint(&cases[i], day(cases[i].on), found);
		for (size_t n; *p != '\0'; p += n + (p[n] == ' ')) {
			n = strcspn(p, " ");
			snprintf(expected, sizeof(expected), "%.*s", (int)n, p);
			if (!has(found, expected))
				fail_msg("%zu: %s is not found, but%s", i, expected, found);
		}
		if (words(found + 1) != words(cases[i].found))
			fail_msg("%zu: %s; found%s", i, cases[i].found, found);
	}
}

static void
P18_each_row_has_its_case_and_says_who_and_where(void **state)
{
	(void)state;
	for (const struct lint *r = lints; r->id != NULL; r++) {
		size_t n = 0;

		for (size_t i = 0; i < nitems(cases); i++)
			n += is_for(&cases[i], r);
		if (n == 0)
			fail_msg("%s has no case", r->id);
		assert_true(r->sentence[0] != '\0' && r->reference[0] != '\0');
		assert_true(strncmp(r->id, "lint.", 5) == 0);
		for (const struct lint *q = lints; q != r; q++)
			assert_string_not_equal(q->id, r->id);
	}
}

/* The day before and the day of each date. */
static void
P18_a_row_is_in_force_from_its_day_until_its_day(void **state)
{
	char found[1024];

	(void)state;
	for (const struct lint *r = lints; r->id != NULL; r++) {
		const struct bad *b = cases;

		while (!is_for(b, r))
			b++;
		if (r->from != NULL) {
			lint(b, day(r->from) - DAY, found);
			assert_false(has(found, r->id));
			lint(b, day(r->from), found);
			assert_true(has(found, r->id));
		}
		if (r->until != NULL) {
			lint(b, day(r->until) - DAY, found);
			assert_true(has(found, r->id));
			lint(b, day(r->until), found);
			assert_false(has(found, r->id));
		}
	}
}

static int
check(const struct bad *b, struct sheet *s, struct err *e)
{
	AUTO(x509) X509 *x = make(b, MAKE_NOW);
	unsigned char *der = NULL;
	int n = i2d_re_X509_tbs(x, &der), r;
	struct lint_input in = {
		.tbs = der, .len = (size_t)n, .rules = b->rules, .when = MAKE_NOW
	};

	r = lint_check(&in, s, e);
	OPENSSL_free(der);
	return r;
}

static void
P18_an_error_refuses_and_a_warning_is_said(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	struct bad unit = { "", .subject = "/OU=x/CN=a.example.com", DV };
	struct bad soft = { "", { "keyUsage=digitalSignature" }, .days = 200, DV };
	const struct disposition *d;
	struct err e = { 0 };
	struct sheet s;

	(void)state;
	sheet_init(&s, a);
	sheet_add(&s, "subject.OU", "x", "x", OUT_GRANTED);
	assert_int_equal(check(&unit, &s, &e), -1);
	assert_int_equal(e.refusal, R_LINT);
	assert_non_null(strstr(e.message, "lint.baseline.unit"));
	assert_non_null(strstr(e.message, "BR 7.1.2.7.2"));
	d = sheet_find(&s, "subject.OU");
	assert_int_equal(d->outcome, OUT_REFUSED);
	assert_null(d->granted);
	assert_string_equal(d->rule, "lint.baseline.unit");
	assert_int_equal(s.verdict, VERDICT_REFUSE);
	assert_int_equal(check(&unit, NULL, &e), -1);

	err_clear(&e);
	sheet_init(&s, a);
	sheet_add(&s, "validity.days", "200", "200", OUT_GRANTED);
	assert_int_equal(check(&soft, &s, &e), 0);
	assert_int_equal(s.nnotes, 2);
	assert_non_null(strstr(s.notes[0], "lint.usage.critical"));
	d = sheet_find(&s, "validity.days");
	assert_int_equal(d->outcome, OUT_GRANTED);
	assert_string_equal(d->rule, "lint.baseline.life-margin");
	assert_int_equal(check(&soft, NULL, &e), 0);
}

/* Whatever the bytes are, it is a finding and no fault of the memory. */
static void
P31_no_bytes_are_fatal(void **state)
{
	AUTO(x509) X509 *x = make(&(struct bad){ "" }, MAKE_NOW);
	unsigned char *der = NULL;
	int n = i2d_re_X509_tbs(x, &der);
	struct lint_input in = {
		.tbs = der, .len = (size_t)n, .rules = VALIDATION_DV, .when = MAKE_NOW
	};
	struct lint_view v;

	(void)state;
	for (int i = 0; i < n; i++)
		for (int bit = 0; bit < 8; bit++) {
			der[i] ^= (unsigned char)(1 << bit);
			lint_view_of(&v, &in);
			for (const struct lint *r = lint_next(&v, NULL); r != NULL;)
				r = lint_next(&v, r);
			der[i] ^= (unsigned char)(1 << bit);
		}
	for (in.len = 0; in.len < (size_t)n; in.len++) {
		lint_view_of(&v, &in);
		assert_string_equal(lint_next(&v, NULL)->id, "lint.der");
	}
	OPENSSL_free(der);
}

static int
set_up(void **state)
{
	(void)state;
	ca_key = make_key("ec:P-256");
	ca = make_ca("House CA", ca_key, NULL, NULL);
	read_limits();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P18_a_good_one_has_no_finding),
		cmocka_unit_test(P18_each_row_finds_what_it_is_for_and_no_other_does),
		cmocka_unit_test(P18_each_row_has_its_case_and_says_who_and_where),
		cmocka_unit_test(P18_a_row_is_in_force_from_its_day_until_its_day),
		cmocka_unit_test(P18_an_error_refuses_and_a_warning_is_said),
		cmocka_unit_test(P31_no_bytes_are_fatal),
	};

	return cmocka_run_group_tests_name("lint", tests, set_up, tear_down);
}
