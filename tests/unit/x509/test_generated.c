/*
 * test_generated.c - requests made by chance, before every card and profile
 *
 * What a request asks is known from its making (generate.h), what a certificate
 * has is read by OpenSSL (read_back.h): neither comes from the code under test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "base/io.h"
#include "generate.h"
#include "make.h"
#include "read_back.h"
#include "x509/authority.h"
#include "x509/der_put.h"
#include "x509/examine.h"
#include "x509/issue.h"
#include "x509/lint.h"

#define REQUESTS 3000
#define SEED	 20261126

static const char *const ids[] = { "adcs-webserver", "letsencrypt", "public-dv", "public-ov",
	"private" };
/* From here on they are policies of our own authority. */
#define OWN	 4
#define GENEROUS nitems(ids)

static struct house {
	struct arena *arena, *cards_arena; /* of one request; of all */
	struct authority cards[GENEROUS + 1];
	struct generator gen;
	EVP_PKEY *ca_key;
	X509 *ca;
	struct issuer_limits limits[2]; /* the second has name constraints */
	struct name_limits names;
	struct issue_input input;
} house;

/* ---- one sheet ------------------------------------------------------------------------------ */

/* Which request of which run it was, when a law is broken. */
struct run {
	unsigned nth;
	const struct generated *g;
	const struct csr *csr;
	const struct authority *authority;
	const struct profile *profile;
	int64_t when;
	struct sheet sheet;
	size_t issued;
};

#define LAW(run, condition, item)                      \
	do {                                           \
		if (!(condition))                      \
			broken(run, #condition, item); \
	} while (0)

static void
broken(const struct run *r, const char *law, const char *item)
{
	for (size_t i = 0; i < r->sheet.n; i++) {
		const struct disposition *d = &r->sheet.v[i];

		print_error("  %s: %s -> %s (%s, %s)\n", d->item, d->asked, d->granted,
		    outcome_name(d->outcome), d->rule);
	}
	for (size_t i = 0; i < r->g->n; i++)
		print_error("  asked %s\n", r->g->item[i]);
	fail_msg("request %u before %s %s: %s: not %s", r->nth, r->authority->id, r->profile->name,
	    item, law);
}

static bool
was_asked(const struct generated *g, const char *item)
{
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->item[i], item) == 0)
			return true;
	return false;
}

/* Items asked and items added are the dispositions: each once, and none else. */
static void
judge_dispositions(const struct run *r)
{
	const struct sheet *s = &r->sheet;
	bool refused = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct disposition *d = &s->v[i];
		bool is_none = d->outcome == OUT_DROPPED || d->outcome == OUT_REFUSED;

		LAW(r, sheet_find(s, d->item) == d, d->item);
		LAW(r, (d->granted == NULL) == is_none, d->item);
		LAW(r, d->outcome != OUT_ADDED || d->asked == NULL, d->item);
		LAW(r, was_asked(r->g, d->item) == (d->asked != NULL) || d->outcome == OUT_REFUSED,
		    d->item);
		LAW(r, d->outcome != OUT_GRANTED || strcmp(d->asked, d->granted) == 0, d->item);
		LAW(r, d->outcome != OUT_AMENDED || strcmp(d->asked, d->granted) != 0, d->item);
		LAW(r,
		    d->outcome == OUT_GRANTED ||
			(d->rule && d->reason[0] && d->reference[0] && d->set_by[0]),
		    d->item);
		refused |= d->outcome == OUT_REFUSED;
	}
	for (size_t i = 0; i < r->g->n; i++)
		LAW(r, sheet_find(s, r->g->item[i]) != NULL, r->g->item[i]);
	LAW(r, refused == (s->verdict == VERDICT_REFUSE), "verdict");
}

/* What parsers disagree on, and what was not proved, is refused by all of them. */
static void
judge_verdict(const struct run *r)
{
	if (r->g->misread || !r->g->proved)
		LAW(r, r->sheet.verdict == VERDICT_REFUSE, "verdict");
}

/* ---- one certificate --------------------------------------------------------------------------
 */

static bool
is_of_the_request(const char *item)
{
	return strcmp(item, "signature") == 0 || strncmp(item, "attr.", 5) == 0;
}

/* The disposition that a part of the certificate comes from: of attributes of one
 * type the nth is the nth that was granted. */
static const struct disposition *
comes_from(const struct sheet *s, const char *told)
{
	size_t n = strcspn(told, "#"), nth = told[n] == '\0' ? 1 : strtoul(told + n + 1, NULL, 10);

	if (strncmp(told, "subject.", 8) != 0)
		return sheet_find(s, told);
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].granted != NULL && strcspn(s->v[i].item, "#") == n &&
		    strncmp(s->v[i].item, told, n) == 0 && --nth == 0)
			return &s->v[i];
	return NULL;
}

/* What the certificate has is what the sheet grants: each once, and none else. */
static void
judge_certificate(const struct run *r, X509 *x)
{
	struct told told = { 0 };
	size_t granted = 0;

	read_back(house.arena, x, &told);
	for (size_t i = 0; i < told.n; i++) {
		const struct disposition *d = comes_from(&r->sheet, told.v[i].item);

		LAW(r, d != NULL && d->granted != NULL, told.v[i].item);
		LAW(r, told.v[i].value == NULL || strcmp(told.v[i].value, d->granted) == 0,
		    told.v[i].item);
		for (size_t k = 0; k < i; k++)
			LAW(r, strcmp(told.v[i].item, told.v[k].item) != 0, told.v[i].item);
	}
	for (size_t i = 0; i < r->sheet.n; i++)
		granted += r->sheet.v[i].granted != NULL && !is_of_the_request(r->sheet.v[i].item);
	LAW(r, granted == told.n, "certificate");
}

/* By turns: what the CA's own certificate allows. */
static const struct issuer_limits *
limits(const struct run *r)
{
	return &house.limits[r->nth / 4 % 2];
}

/* -1: it is not made; what the sheet promises is kept by every profile of the product. */
static int
make(struct run *r, struct buf *der, struct err *e)
{
	struct issue_input in = house.input;
	AUTO_TBS struct tbs_parts parts = { 0 };
	struct lint_input lint = {
		.rules = r->profile->rules, .when = r->when, .issuer = limits(r)
	};

	in.when = r->when;
	in.spki = csr_spki(r->csr, &in.spki_len);
	issue_plan(&r->sheet, &in);
	if (issue_tbs(der, &r->sheet, &in, e) < 0 ||
	    issue_check(&r->sheet, der, &in, &parts, e) < 0)
		return -1;
	lint.tbs = der->data;
	lint.len = der->len;
	return lint_check(&lint, &r->sheet, e);
}

static void
issue(struct run *r)
{
	static const unsigned char signature[] = { DER_BIT_STRING, 2, 0, 0 };
	AUTO_BUF struct buf der = { 0 };
	struct err e = { 0 };
	const unsigned char *p;
	X509 *x;

	if (make(r, &der, &e) < 0) {
		LAW(r, r->authority == &house.cards[GENEROUS] && e.refusal == R_LINT, e.message);
		return;
	}
	buf_put(&der, house.input.signing->alg, house.input.signing->len);
	buf_put(&der, signature, sizeof(signature)); /* none: its bytes are looked at */
	der_wrap(&der, DER_SEQUENCE);
	p = der.data;
	x = d2i_X509(NULL, &p, (long)der.len);
	LAW(r, x != NULL && p == der.data + der.len, "certificate");
	judge_certificate(r, x);
	judge_dispositions(r);
	X509_free(x);
	r->issued++;
}

/* `csr check` lists what was asked, and nothing else. */
static void
judge_check(struct run *r)
{
	struct err e = { 0 };

	r->authority = &house.cards[OWN];
	r->profile = &r->authority->profiles[0];
	sheet_init(&r->sheet, house.arena);
	LAW(r, csr_check(r->csr, NULL, &r->sheet, &e) == 0, e.message);
	judge_dispositions(r);
	judge_verdict(r);
	LAW(r, r->sheet.n == r->g->n, "check");
}

/* ---- all of them --------------------------------------------------------------------------------
 */

static void
examine_one(struct run *r, const struct authority *a, const struct profile *p, int64_t days)
{
	struct examine_input in = { .request = r->csr,
		.authority = a,
		.profile = p,
		.issuer = a >= &house.cards[OWN] ? limits(r) : NULL,
		.when = r->when,
		.days = days,
		.approved = true };

	r->authority = a;
	r->profile = p;
	sheet_init(&r->sheet, house.arena);
	examine(&in, &r->sheet);
	judge_dispositions(r);
	judge_verdict(r);
	if (in.issuer != NULL && r->sheet.verdict != VERDICT_REFUSE)
		issue(r);
}

/* Each request before every fourth profile, each time others: they are many. */
static void
examine_all(struct run *r, struct generated *g, int64_t days)
{
	unsigned turn = r->nth;

	if (days > 0) /* said when it is handed in */
		g->item[g->n++] = "validity.days";
	for (size_t i = 0; i < nitems(house.cards); i++)
		for (size_t k = 0; k < house.cards[i].nprofiles; k++)
			if (turn++ % 4 == 0)
				examine_one(r, &house.cards[i], &house.cards[i].profiles[k], days);
}

static void
asked_and_added_are_the_dispositions_and_the_certificate(void **state)
{
	static const int64_t days[] = { 0, 0, 1, 30, 500 };
	struct chance c = { .state = SEED };
	struct run r = { 0 };
	size_t read = 0;

	for (r.nth = 0; r.nth < REQUESTS; r.nth++) {
		AUTO(csr) struct csr *csr = NULL;
		struct generated g;
		struct err e = { 0 };

		generate(&house.gen, &c, &g);
		r.g = &g;
		r.when = MAKE_NOW + (int64_t)chance(&c, 900) * 86400;
		if (csr_parse_unproved(&csr, g.der.data, g.der.len, &e) == 0) {
			r.csr = csr;
			judge_check(&r);
			examine_all(&r, &g, days[chance(&c, nitems(days))]);
			read++;
		} else {
			assert_true(e.message[0] != '\0');
		}
		generated_free(&g);
		arena_reset(house.arena);
	}
	print_message("# %zu of %d read, %zu certificates\n", read, REQUESTS, r.issued);
	/* the chance is worth something: most can be read, many are issued */
	assert_true(read > REQUESTS * 4 / 5);
	assert_true(r.issued > REQUESTS / 2);
}

/* ---- the house ----------------------------------------------------------------------------------
 */

static void
load(struct authority *card, const char *text, size_t len)
{
	struct err e = { 0 };

	if (authority_parse(house.cards_arena, text, len, card, &e) < 0)
		fail_msg("%s", e.message);
}

/* Grants all that is asked, and adds nothing but what no certificate is without. */
static const char generous[] =
    "{\"id\":\"generous\",\"title\":\"Generous\",\"summary\":\"All.\",\"validation\":\"private\","
    "\"checked\":\"2026-11-26\",\"default_profile\":\"all\",\"profiles\":[{\"name\":\"all\","
    "\"summary\":\"All.\",\"common_name\":\"keep\",\"keys\":{\"allow\":[\"rsa:2048\","
    "\"ec:P-256\",\"ed25519\"],\"reason\":\"r\",\"reference\":\"r\",\"checked\":\"2026-11-26\"},"
    "\"signatures\":{\"refuse\":[],\"reason\":\"r\",\"reference\":\"r\",\"checked\":\"2026-11-26\"},"
    "\"names\":{\"max\":200,\"reason\":\"r\",\"reference\":\"r\",\"checked\":\"2026-11-26\"},"
    "\"life\":{\"asked\":true,\"steps\":[{\"days\":398}],\"reason\":\"r\",\"reference\":\"r\","
    "\"checked\":\"2026-11-26\"},\"grants\":[{\"item\":\"*\",\"effect\":\"grant\",\"reason\":\"r\","
    "\"reference\":\"r\",\"checked\":\"2026-11-26\"}],\"adds\":[{\"item\":\"ext.2.5.29.35\","
    "\"value\":\"by the authority\",\"reason\":\"r\",\"reference\":\"r\","
    "\"checked\":\"2026-11-26\"}]}]}";

/* The second CA: names below example.com alone, and no address. */
static void
limit(void)
{
	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, NULL, NID_name_constraints,
	    "permitted;DNS:example.com,permitted;email:example.com,excluded;IP:0.0.0.0/0.0.0.0,"
	    "excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0");
	const ASN1_OCTET_STRING *der = X509_EXTENSION_get_data(x);
	size_t n = (size_t)ASN1_STRING_length(der);

	house.limits[0] = (struct issuer_limits){ .not_after = MAKE_NOW + 3650 * 86400LL,
		.for_servers = true,
		.for_clients = true,
		.path_length = 1 };
	house.limits[1] = house.limits[0];
	assert_null(name_limits_read(
	    &house.names, der_of(arena_dup(house.cards_arena, ASN1_STRING_get0_data(der), n), n)));
	house.limits[1].names = &house.names;
	X509_EXTENSION_free(x);
}

static int
set_up(void **state)
{
	const ASN1_OCTET_STRING *id;
	struct err e = { 0 };

	house.arena = arena_new();
	house.cards_arena = arena_new();
	for (size_t i = 0; i < nitems(ids); i++) {
		AUTO_BUF struct buf text = { 0 };
		char path[400];

		snprintf(path, sizeof(path), "%s/%s.json", CARDS, ids[i]);
		if (file_read(&text, path, 1 << 20, &e) < 0)
			fail_msg("%s", e.message);
		load(&house.cards[i], buf_text(&text), text.len);
	}
	load(&house.cards[GENEROUS], generous, sizeof(generous) - 1);
	generator_init(&house.gen);
	house.ca_key = make_key("ec:P-256");
	house.ca = make_ca("House Issuing CA", house.ca_key, NULL, NULL);
	limit();
	house.input = (struct issue_input){ .signing = signing_for(house.ca_key, NULL, &e),
		.serial = { 0x80, 1 },
		.crl_url = "http://pki.example.com/crl/1.crl",
		.ocsp_url = "http://pki.example.com/ocsp/1",
		.issuer_url = "http://pki.example.com/ca/1.crt" };
	X509_NAME_get0_der(
	    X509_get_subject_name(house.ca), &house.input.issuer, &house.input.issuer_len);
	id = X509_get0_subject_key_id(house.ca);
	house.input.key_id = ASN1_STRING_get0_data(id);
	house.input.key_id_len = (size_t)ASN1_STRING_length(id);
	return 0;
}

static int
tear_down(void **state)
{
	X509_free(house.ca);
	EVP_PKEY_free(house.ca_key);
	generator_free(&house.gen);
	arena_free(house.arena);
	arena_free(house.cards_arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked_and_added_are_the_dispositions_and_the_certificate),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
