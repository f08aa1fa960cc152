/*
 * test_compare.c - asked against issued: what breaks, what is harmless
 *
 * compare.c, compare_key.c, items.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "make.h"
#include "x509/compare.h"
#include "x509/items.h"

#define SUBJECT                                                              \
	"/C=BR/ST=S\xc3\xa3o Paulo/L=Campinas/O=Example Video, Inc./OU=R&D/" \
	"CN=portal.example.com/emailAddress=hostmaster@example.com"
#define SANS "subjectAltName=DNS:portal.example.com,DNS:www.example.com"
#define USUAL                                                                       \
	"basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature", \
	    "extendedKeyUsage=serverAuth", "subjectKeyIdentifier=hash",             \
	    "authorityKeyIdentifier=keyid"

static struct {
	EVP_PKEY *rk, *lk, *ok;
	X509 *r;
	struct csr *csr;
} w;

static int
setup(void **state)
{
	w.rk = make_key("ec:P-256");
	w.lk = make_key("ec:P-256");
	w.ok = make_key("ec:P-256");
	w.r = make_ca("Root R1", w.rk, NULL, NULL);
	w.csr = make_csr(w.lk, "portal.example.com", "www.example.com");
	return 0;
}

static int
teardown(void **state)
{
	csr_free(w.csr);
	X509_free(w.r);
	EVP_PKEY_free(w.rk);
	EVP_PKEY_free(w.lk);
	EVP_PKEY_free(w.ok);
	return 0;
}

struct compared {
	struct arena *arena;
	struct sheet sheet;
};

/* Each item once; all that is not granted is explained. */
static void
check_sheet(const struct sheet *s, const struct items *asked, const struct items *granted)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct disposition *d = &s->v[i];

		if (sheet_find(s, d->item) != d)
			fail_msg("%s stands twice", d->item);
		assert_int_not_equal(d->weight, WEIGHT_NONE);
		if (d->outcome != OUT_GRANTED)
			assert_true(d->rule[0] && d->reason[0] && d->reference[0] && d->set_by[0]);
	}
	for (size_t i = 0; asked != NULL && i < asked->n; i++) {
		const struct disposition *d = sheet_find(s, asked->v[i].name);

		if (d == NULL || d->asked == NULL)
			fail_msg("%s was asked and vanished", asked->v[i].name);
		assert_int_not_equal(d->outcome, OUT_ADDED);
	}
	for (size_t i = 0; i < granted->n; i++) {
		const struct disposition *d = sheet_find(s, granted->v[i].name);

		if (d == NULL)
			fail_msg("%s is in the certificate and vanished", granted->v[i].name);
		if (asked != NULL && items_find(asked, granted->v[i].name) == NULL)
			assert_int_equal(d->outcome, OUT_ADDED);
	}
}

/* Compares and frees the leaf; pool: leaf and root unless `alone`. */
static void
compare_leaf(struct compared *c, const struct csr *request, X509 *leaf, bool alone, bool root_known,
    struct compare_input in)
{
	X509 *pool[] = { leaf, w.r }, *trust[] = { w.r };
	struct items asked, granted;
	struct chain chain;
	unsigned char hash[SPKI_SHA256_SIZE];
	struct err e = { 0 };

	c->arena = arena_new();
	sheet_init(&c->sheet, c->arena);
	cert_spki_sha256(leaf, hash);
	if (chain_build(c->arena, pool, alone ? 1 : 2, trust, root_known ? 1 : 0, hash, &chain,
		&c->sheet, &e) < 0)
		fail_msg("%s", e.message);
	in.request = request;
	in.chain = &chain;
	if (in.now == 0)
		in.now = MAKE_NOW;
	assert_int_equal(compare(&in, &c->sheet, &e), 0);
	items_of_certificate(c->arena, leaf, &granted);
	if (request != NULL)
		items_of_request(c->arena, request, &asked);
	check_sheet(&c->sheet, request == NULL ? NULL : &asked, &granted);
	X509_free(leaf);
}

static X509 *
leaf(struct make m)
{
	m.issuer = w.r;
	m.issuer_key = w.rk;
	if (m.key == NULL)
		m.key = w.lk;
	if (m.subject == NULL)
		m.subject = SUBJECT;
	return make_cert(&m);
}

static const struct disposition *
at(const struct compared *c, const char *item)
{
	const struct disposition *d = sheet_find(&c->sheet, item);

	if (d == NULL)
		fail_msg("%s is missing", item);
	return d;
}

static void
as_asked_is_same(void **state)
{
	struct compared c;

	compare_leaf(&c, w.csr, leaf((struct make){ .extensions = { SANS, USUAL } }), false, true,
	    (struct compare_input){ 0 });
	assert_int_equal(c.sheet.verdict, VERDICT_SAME);
	assert_int_equal(at(&c, "subject.O")->outcome, OUT_GRANTED);
	assert_int_equal(at(&c, "validity.days")->outcome, OUT_ADDED);
	assert_string_equal(at(&c, "validity.days")->granted, "90");
	assert_string_equal(at(&c, "validity.notBefore")->granted, "2026-11-01T00:00:00Z");
	assert_int_equal(at(&c, "basicConstraints.ca")->weight, WEIGHT_SAME);
	arena_free(c.arena);
}

static void
an_unknown_root_is_a_note_unless_the_authority_is_public(void **state)
{
	struct compared c;
	bool said = false;

	compare_leaf(&c, w.csr, leaf((struct make){ .extensions = { SANS, USUAL } }), false, false,
	    (struct compare_input){ 0 });
	assert_int_equal(c.sheet.verdict, VERDICT_SAME);
	for (size_t i = 0; i < c.sheet.nnotes; i++)
		said = said || strstr(c.sheet.notes[i], "clients must trust CN=Root R1") != NULL;
	assert_true(said);
	arena_free(c.arena);
	compare_leaf(&c, w.csr, leaf((struct make){ .extensions = { SANS, USUAL } }), false, false,
	    (struct compare_input){ .public_authority = true });
	assert_int_equal(c.sheet.verdict, VERDICT_BREAKING);
	assert_string_equal(at(&c, "signature")->rule, "compare.root.unknown");
	assert_true(compare_overridable(&c.sheet));
	arena_free(c.arena);
}

struct expected {
	const char *what;
	struct make make;
	enum verdict verdict;
	const char *item;
	enum outcome outcome;
	enum weight weight;
	const char *rule;
	bool overridable;
};

static void
run(const struct expected *cases, size_t n, const struct csr *request)
{
	for (size_t i = 0; i < n; i++) {
		const struct expected *x = &cases[i];
		const struct disposition *d;
		struct compared c;

		compare_leaf(&c, request, leaf(x->make), false, true, (struct compare_input){ 0 });
		d = at(&c, x->item);
		if (c.sheet.verdict != x->verdict || d->outcome != x->outcome ||
		    d->weight != x->weight || d->rule == NULL || strcmp(d->rule, x->rule) != 0)
			fail_msg("%s: %s, %s %s %s %s", x->what, verdict_name(c.sheet.verdict),
			    d->item, outcome_name(d->outcome), weight_name(d->weight), d->rule);
		assert_int_equal(compare_overridable(&c.sheet), x->overridable);
		arena_free(c.arena);
	}
}

static void
V21_what_clients_do_not_see_is_harmless(void **state)
{
	const struct expected cases[] = {
		{ "DV subject", { .subject = "portal.example.com", .extensions = { SANS, USUAL } },
		    VERDICT_HARMLESS, "subject.O", OUT_DROPPED, WEIGHT_HARMLESS,
		    "compare.subject.dropped", true },
		{ "changed O",
		    { .subject = "/O=Other/CN=portal.example.com", .extensions = { SANS, USUAL } },
		    VERDICT_HARMLESS, "subject.O", OUT_AMENDED, WEIGHT_HARMLESS,
		    "compare.subject.amended", true },
		{ "added serial",
		    { .subject = SUBJECT "/serialNumber=1", .extensions = { SANS, USUAL } },
		    VERDICT_HARMLESS, "subject.serialNumber", OUT_ADDED, WEIGHT_HARMLESS,
		    "compare.subject.added", true },
		{ "no CN", { .subject = "/O=Example Video, Inc.", .extensions = { SANS, USUAL } },
		    VERDICT_HARMLESS, "subject.CN", OUT_DROPPED, WEIGHT_HARMLESS,
		    "compare.cn.in-san", true },
		{ "extra name", { .extensions = { SANS ",DNS:extra.example.com", USUAL } },
		    VERDICT_HARMLESS, "san.dns:extra.example.com", OUT_ADDED, WEIGHT_HARMLESS,
		    "compare.san.added", true },
		{ "wildcard instead",
		    { .extensions = { "subjectAltName=DNS:*.example.com", USUAL } },
		    VERDICT_HARMLESS, "san.dns:www.example.com", OUT_AMENDED, WEIGHT_HARMLESS,
		    "compare.san.covered", true },
		{ "clientAuth too",
		    { .extensions = { SANS, "basicConstraints=CA:FALSE",
			  "extendedKeyUsage=serverAuth,clientAuth" } },
		    VERDICT_HARMLESS, "eku.clientAuth", OUT_ADDED, WEIGHT_HARMLESS,
		    "compare.usage.added", true },
		{ "another extension", { .extensions = { SANS, "1.2.3.4=ASN1:NULL", USUAL } },
		    VERDICT_HARMLESS, "ext.1.2.3.4", OUT_ADDED, WEIGHT_HARMLESS,
		    "compare.extension.added", true },
		{ "nothing but names", { .extensions = { SANS, "1.2.3.4=ASN1:NULL" } },
		    VERDICT_HARMLESS, "ext.1.2.3.4", OUT_ADDED, WEIGHT_HARMLESS,
		    "compare.extension.added", true },
	};

	run(cases, nitems(cases), w.csr);
}

static void
what_clients_refuse_is_breaking(void **state)
{
	const struct expected cases[] = {
		{ "missing name",
		    { .extensions = { "subjectAltName=DNS:portal.example.com", USUAL } },
		    VERDICT_BREAKING, "san.dns:www.example.com", OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.san.missing", true },
		{ "a wildcard does not cover the apex",
		    { .extensions = { "subjectAltName=DNS:*.portal.example.com,DNS:www.example.com",
			  USUAL } },
		    VERDICT_BREAKING, "san.dns:portal.example.com", OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.san.missing", true },
		{ "CN nowhere",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:www.example.com", USUAL } },
		    VERDICT_BREAKING, "subject.CN", OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.cn.missing", true },
		{ "another key", { .key = w.ok, .extensions = { SANS, USUAL } }, VERDICT_BREAKING,
		    "key", OUT_AMENDED, WEIGHT_BREAKING, "compare.key.other", false },
		{ "client only", { .extensions = { SANS, "extendedKeyUsage=clientAuth" } },
		    VERDICT_BREAKING, "eku.serverAuth", OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.eku.server-auth", true },
		{ "no signatures", { .extensions = { SANS, "keyUsage=keyEncipherment" } },
		    VERDICT_BREAKING, "ku.digitalSignature", OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.ku.digital-signature", true },
		{ "a CA", { .extensions = { SANS, "basicConstraints=critical,CA:TRUE" } },
		    VERDICT_BREAKING, "basicConstraints.ca", OUT_ADDED, WEIGHT_BREAKING,
		    "compare.ca", true },
		{ "may sign certificates",
		    { .extensions = { SANS, "keyUsage=digitalSignature,keyCertSign" } },
		    VERDICT_BREAKING, "ku.keyCertSign", OUT_ADDED, WEIGHT_BREAKING, "compare.ku.ca",
		    true },
		{ "expired",
		    { .from = MAKE_NOW - 100 * 86400, .days = 99, .extensions = { SANS, USUAL } },
		    VERDICT_BREAKING, "validity.days", OUT_ADDED, WEIGHT_BREAKING,
		    "compare.validity.expired", true },
		{ "future", { .from = MAKE_NOW + 60, .extensions = { SANS, USUAL } },
		    VERDICT_BREAKING, "validity.notBefore", OUT_ADDED, WEIGHT_BREAKING,
		    "compare.validity.future", true },
		{ "SHA-1", { .digest = "sha1", .extensions = { SANS, USUAL } }, VERDICT_BREAKING,
		    "signature", OUT_REFUSED, WEIGHT_BREAKING, "compare.signature.weak", true },
		{ "unknown critical",
		    { .extensions = { SANS, "1.2.3.4=critical,ASN1:NULL", USUAL } },
		    VERDICT_BREAKING, "ext.1.2.3.4", OUT_ADDED, WEIGHT_BREAKING,
		    "compare.extension.critical", true },
		{ "malformed usage", { .extensions = { SANS, "2.5.29.37=ASN1:NULL" } },
		    VERDICT_BREAKING, "ext.2.5.29.37", OUT_ADDED, WEIGHT_BREAKING,
		    "compare.malformed", true },
	};

	run(cases, nitems(cases), w.csr);
}

static struct csr *
foreign_csr(const char *subject, EVP_PKEY *key, const char *const *lines)
{
	return make_parsed(make_req(subject, key, lines));
}

static void
everything_that_can_be_asked_can_be_refused(void **state)
{
	static const char *const lines[] = {
		"subjectAltName=DNS:portal.example.com,URI:https://x.example.com/,"
		"email:x@example.com,IP:192.0.2.1",
		"keyUsage=digitalSignature,nonRepudiation",
		"extendedKeyUsage=serverAuth,codeSigning", "basicConstraints=CA:TRUE,pathlen:1",
		"1.2.3.4=ASN1:UTF8String:one", "1.2.3.5=ASN1:NULL", NULL
	};
	AUTO(csr) struct csr *csr = foreign_csr("/CN=Example Portal/O=x", w.lk, lines);
	const struct expected cases[] = {
		{ "CN in words",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com,IP:192.0.2.1",
			    USUAL } },
		    VERDICT_HARMLESS, "subject.CN", OUT_DROPPED, WEIGHT_HARMLESS,
		    "compare.subject.dropped", true },
		{ "URI",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com,IP:192.0.2.1",
			    USUAL } },
		    VERDICT_HARMLESS, "san.uri:https://x.example.com/", OUT_DROPPED,
		    WEIGHT_HARMLESS, "compare.san.dropped", true },
		{ "IP",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com", USUAL } },
		    VERDICT_BREAKING, "san.ip:192.0.2.1", OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.san.missing", true },
		{ "usage",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com,IP:192.0.2.1",
			    USUAL } },
		    VERDICT_HARMLESS, "ku.nonRepudiation", OUT_DROPPED, WEIGHT_HARMLESS,
		    "compare.usage.dropped", true },
		{ "CA",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com,IP:192.0.2.1",
			    USUAL } },
		    VERDICT_HARMLESS, "basicConstraints.ca", OUT_AMENDED, WEIGHT_HARMLESS,
		    "compare.ca.dropped", true },
		{ "a CA as asked",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com,IP:192.0.2.1",
			    "basicConstraints=CA:TRUE,pathlen:1" } },
		    VERDICT_BREAKING, "basicConstraints.ca", OUT_REFUSED, WEIGHT_BREAKING,
		    "compare.ca", true },
		{ "other value",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com,IP:192.0.2.1",
			    "1.2.3.4=ASN1:UTF8String:two", USUAL } },
		    VERDICT_HARMLESS, "ext.1.2.3.4", OUT_AMENDED, WEIGHT_HARMLESS,
		    "compare.extension.amended", true },
		{ "extension",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com,IP:192.0.2.1",
			    USUAL } },
		    VERDICT_HARMLESS, "ext.1.2.3.5", OUT_DROPPED, WEIGHT_HARMLESS,
		    "compare.extension.dropped", true },
		{ "asked serverAuth",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com,IP:192.0.2.1",
			    "extendedKeyUsage=codeSigning" } },
		    VERDICT_BREAKING, "eku.serverAuth", OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.eku.server-auth", true },
		{ "asked signatures",
		    { .subject = "/O=x",
			.extensions = { "subjectAltName=DNS:portal.example.com,IP:192.0.2.1",
			    "keyUsage=keyAgreement" } },
		    VERDICT_BREAKING, "ku.digitalSignature", OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.ku.digital-signature", true },
	};

	run(cases, nitems(cases), csr);
}

static void
attributes_are_never_in_a_certificate_and_never_shown(void **state)
{
	X509_REQ *req = make_req("portal.example.com", w.lk, NULL);
	unsigned char *der = NULL;
	AUTO(csr) struct csr *csr = NULL;
	struct err e = { 0 };
	struct compared c;
	int n;

	X509_REQ_add1_attr_by_NID(req, NID_pkcs9_challengePassword, MBSTRING_UTF8,
	    (const unsigned char *)"hunter2hunter2", -1);
	X509_REQ_sign(req, w.lk, EVP_sha256());
	n = i2d_X509_REQ(req, &der);
	assert_int_equal(csr_parse(&csr, der, (size_t)n, &e), 0);
	compare_leaf(&c, csr,
	    leaf((struct make){ .subject = "portal.example.com", .extensions = { USUAL } }), false,
	    true, (struct compare_input){ 0 });
	assert_int_equal(c.sheet.verdict, VERDICT_SAME);
	assert_string_equal(at(&c, "attr.1.2.840.113549.1.9.7")->rule, "compare.attribute");
	for (size_t i = 0; i < c.sheet.n; i++)
		assert_true(
		    c.sheet.v[i].asked == NULL || strstr(c.sheet.v[i].asked, "hunter2") == NULL);
	arena_free(c.arena);
	OPENSSL_free(der);
	X509_REQ_free(req);
}

static void
V36_a_leaf_alone_is_harmless_and_a_forged_one_never_passes(void **state)
{
	AUTO(pkey) EVP_PKEY *fk = make_key("ec:P-256");
	AUTO(x509) X509 *fake = make_cert(&(struct make){ .subject = "Root R1", .key = fk });
	struct compared c;
	X509 *forged;

	compare_leaf(&c, w.csr, leaf((struct make){ .extensions = { SANS, USUAL } }), true, false,
	    (struct compare_input){ 0 });
	assert_int_equal(c.sheet.verdict, VERDICT_HARMLESS);
	assert_string_equal(at(&c, "signature")->rule, "compare.issuer.missing");
	arena_free(c.arena);
	forged = make_cert(&(struct make){ .subject = SUBJECT,
	    .key = w.lk,
	    .issuer = fake,
	    .issuer_key = fk,
	    .extensions = { SANS } });
	compare_leaf(&c, w.csr, forged, false, true, (struct compare_input){ 0 });
	assert_int_equal(c.sheet.verdict, VERDICT_BREAKING);
	assert_string_equal(at(&c, "signature")->rule, "compare.signature.broken");
	assert_false(compare_overridable(&c.sheet));
	arena_free(c.arena);
}

static void
a_weak_or_smaller_key_is_breaking(void **state)
{
	AUTO(pkey) EVP_PKEY *weak = make_key("rsa:1024"), *rsa = make_key("rsa:2048");
	AUTO(csr) struct csr *csr = foreign_csr("portal.example.com", weak, NULL);
	AUTO(csr) struct csr *strong = foreign_csr("portal.example.com", rsa, NULL);
	AUTO(csr) struct csr *small = foreign_csr("portal.example.com", w.lk, NULL);
	struct compared c;

	compare_leaf(&c, csr, leaf((struct make){ .subject = "portal.example.com", .key = weak }),
	    false, true, (struct compare_input){ 0 });
	assert_string_equal(at(&c, "key")->rule, "compare.key.weak");
	assert_int_equal(c.sheet.verdict, VERDICT_BREAKING);
	arena_free(c.arena);
	compare_leaf(&c, strong,
	    leaf((struct make){ .subject = "portal.example.com", .key = weak }), false, true,
	    (struct compare_input){ 0 });
	assert_string_equal(at(&c, "key.size")->rule, "compare.key.size");
	assert_int_equal(at(&c, "key.size")->weight, WEIGHT_BREAKING);
	arena_free(c.arena);
	compare_leaf(&c, small, leaf((struct make){ .subject = "portal.example.com", .key = rsa }),
	    false, true, (struct compare_input){ 0 });
	assert_int_equal(at(&c, "key.size")->weight, WEIGHT_HARMLESS);
	assert_false(compare_overridable(&c.sheet));
	arena_free(c.arena);
}

static void
without_a_request_the_saved_names_count(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	unsigned char hash[SPKI_SHA256_SIZE], other[SPKI_SHA256_SIZE];
	struct san_list names;
	struct compared c;
	struct err e = { 0 };

	names_parse(&e, "names", "www.example.com", "portal.example.com", a, &names);
	spki_sha256(w.lk, hash, &e);
	spki_sha256(w.ok, other, &e);
	compare_leaf(&c, NULL, leaf((struct make){ .extensions = { SANS, USUAL } }), false, true,
	    (struct compare_input){
		.names = &names, .common_name = "portal.example.com", .spki_sha256 = hash });
	assert_int_equal(at(&c, "san.dns:www.example.com")->outcome, OUT_GRANTED);
	assert_int_equal(at(&c, "subject.O")->outcome, OUT_ADDED);
	assert_int_equal(at(&c, "key")->outcome, OUT_GRANTED);
	assert_int_equal(c.sheet.verdict, VERDICT_HARMLESS);
	arena_free(c.arena);
	compare_leaf(&c, NULL,
	    leaf((struct make){ .extensions = { "subjectAltName=DNS:portal.example.com" } }), false,
	    true,
	    (struct compare_input){
		.names = &names, .common_name = "portal.example.com", .spki_sha256 = other });
	assert_string_equal(at(&c, "key")->rule, "compare.key.other");
	assert_string_equal(at(&c, "san.dns:www.example.com")->rule, "compare.san.missing");
	arena_free(c.arena);
	compare_leaf(&c, NULL, leaf((struct make){ .extensions = { SANS } }), false, true,
	    (struct compare_input){ 0 });
	assert_int_equal(at(&c, "key")->outcome, OUT_ADDED);
	arena_free(c.arena);
}

/* A small generator of lines, the same on every run. */
static unsigned
roll(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % n;
}

static size_t
some_lines(unsigned *seed, const char **lines)
{
	static const char *const all[][3] = {
		{ SANS, "subjectAltName=DNS:*.example.com,IP:192.0.2.1",
		    "subjectAltName=DNS:a.b.example.org,URI:urn:x,DNS:a.b.example.org" },
		{ "keyUsage=digitalSignature", "keyUsage=critical,keyAgreement,nonRepudiation",
		    "keyUsage=digitalSignature,keyCertSign" },
		{ "extendedKeyUsage=serverAuth", "extendedKeyUsage=clientAuth,1.2.3.4",
		    "extendedKeyUsage=serverAuth,clientAuth,codeSigning" },
		{ "basicConstraints=CA:FALSE", "basicConstraints=critical,CA:TRUE",
		    "basicConstraints=CA:TRUE,pathlen:2" },
		{ "1.2.3.4=ASN1:NULL", "1.2.3.4=ASN1:UTF8String:x", "1.2.3.6=ASN1:NULL" },
		{ "subjectKeyIdentifier=hash", "tlsfeature=status_request",
		    "1.2.3.7=critical,ASN1:NULL" },
	};
	size_t n = 0;

	for (size_t i = 0; i < nitems(all); i++) {
		unsigned pick = roll(seed, 5);

		if (pick < 3)
			lines[n++] = all[i][pick];
	}
	lines[n] = NULL;
	return n;
}

static void
LAW3_nothing_vanishes_in_silence(void **state)
{
	static const char *const subjects[] = { SUBJECT, "portal.example.com",
		"/O=x/OU=a/OU=b/CN=www.example.com", "", "/DC=example/DC=com/CN=Someone",
		"/C=US/CN=*.example.com/serialNumber=5" };
	unsigned seed = 42;

	for (int i = 0; i < 300; i++) {
		const char *asked[8];
		struct make m = { .subject = subjects[roll(&seed, nitems(subjects))],
			.key = roll(&seed, 4) == 0 ? w.ok : w.lk,
			.days = roll(&seed, 400) + 1 };
		AUTO(csr) struct csr *csr = NULL;
		struct compared c;

		some_lines(&seed, asked);
		csr = foreign_csr(subjects[roll(&seed, nitems(subjects))], w.lk, asked);
		some_lines(&seed, m.extensions);
		compare_leaf(&c, csr, leaf(m), roll(&seed, 2) == 0, roll(&seed, 2) == 0,
		    (struct compare_input){ .public_authority = roll(&seed, 2) == 0 });
		arena_free(c.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_asked_is_same),
		cmocka_unit_test(an_unknown_root_is_a_note_unless_the_authority_is_public),
		cmocka_unit_test(V21_what_clients_do_not_see_is_harmless),
		cmocka_unit_test(what_clients_refuse_is_breaking),
		cmocka_unit_test(everything_that_can_be_asked_can_be_refused),
		cmocka_unit_test(attributes_are_never_in_a_certificate_and_never_shown),
		cmocka_unit_test(V36_a_leaf_alone_is_harmless_and_a_forged_one_never_passes),
		cmocka_unit_test(a_weak_or_smaller_key_is_breaking),
		cmocka_unit_test(without_a_request_the_saved_names_count),
		cmocka_unit_test(LAW3_nothing_vanishes_in_silence),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
