/*
 * fuzz_issue.c - any CSR before an authority of our own: what it issues obeys
 *
 * The last byte chooses the profile. What stands before it is a request, or
 * after an 'r' what a request is made by (generate.h). It comes as it is, and
 * signed again: a proof of possession does not survive what a fuzzer does to
 * the rest.
 */
#include <stdlib.h>

#include "fuzz_house.h"
#include "fuzz_judge.h"
#include "unit/x509/generate.h"
#include "x509/csr.h"
#include "x509/der_put.h"
#include "x509/examine.h"
#include "x509/issue.h"
#include "x509/lint.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

#define WHEN 1795651200 /* 2026-11-26 */

DEFINE_AUTO(X509, X509, X509_free)
DEFINE_AUTO(X509_REQ, X509_REQ, X509_REQ_free)

static void
fails(const char *what)
{
	fprintf(stderr, "%s\n", what);
	abort();
}

/* What the sheet grants can be made, is what is made, and is found in order. */
static X509 *
issue(const struct csr *csr, const struct fuzz_profile *p, struct sheet *sheet)
{
	struct issue_input in = fuzz_house()->input;
	struct lint_input lint = { .when = WHEN, .issuer = &fuzz_house()->limits };
	AUTO_TBS struct tbs_parts parts = { 0 };
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };
	const unsigned char *der;
	X509 *x;

	in.when = WHEN;
	in.spki = csr_spki(csr, &in.spki_len);
	issue_plan(sheet, &in);
	if (issue_tbs(&b, sheet, &in, &e) < 0 || issue_check(sheet, &b, &in, &parts, &e) < 0)
		fails(e.message);
	lint.tbs = b.data;
	lint.len = b.len;
	lint.rules = p->baseline ? VALIDATION_DV : VALIDATION_PRIVATE;
	if (lint_check(&lint, sheet, &e) < 0 ||
	    signing_put(&b, in.signing, fuzz_house()->key, &e) < 0)
		fails(e.message);
	der_wrap(&b, DER_SEQUENCE);
	der = b.data;
	x = d2i_X509(NULL, &der, (long)b.len);
	MUST(x != NULL && der == b.data + b.len);
	return x;
}

/* Each item once, also after the authority put its own there. */
static void
judge_sheet(const struct sheet *s)
{
	for (size_t i = 0; i < s->n; i++)
		MUST(sheet_find(s, s->v[i].item) == &s->v[i]);
}

static void
ask(const unsigned char *data, size_t len, const struct fuzz_profile *p, int64_t days)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(csr) struct csr *csr = NULL;
	struct examine_input in = { .authority = &fuzz_house()->authority,
		.issuer = &fuzz_house()->limits,
		.when = WHEN,
		.days = days,
		.approved = true };
	struct err e = { 0 };
	struct sheet sheet;

	if (csr_parse_unproved(&csr, data, len, &e) < 0)
		return;
	in.request = csr;
	in.profile = authority_profile(in.authority, p->name, &e);
	MUST(in.profile != NULL && in.authority->nprofiles == FUZZ_PROFILES);
	sheet_init(&sheet, a);
	examine(&in, &sheet);
	judge_sheet(&sheet);
	if (sheet.verdict == VERDICT_REFUSE)
		return;
	AUTO(X509) X509 *x = issue(csr, p, &sheet);
	judge_sheet(&sheet);
	fuzz_judge(x, csr, p, WHEN, days);
}

/* The same wishes with a key of ours and its signature; NULL: they are none. */
static unsigned char *
signed_again(const unsigned char *data, size_t len, int *n)
{
	AUTO(X509_REQ) X509_REQ *req = d2i_X509_REQ(NULL, &data, (long)len);
	EVP_PKEY *key = len % 8 == 0 ? fuzz_house()->rsa : fuzz_house()->key;
	unsigned char *der = NULL;

	if (req == NULL || X509_REQ_set_pubkey(req, key) != 1 ||
	    X509_REQ_sign(req, key, EVP_sha256()) <= 0)
		return NULL;
	*n = i2d_X509_REQ(req, &der);
	return *n < 0 ? NULL : der;
}

static void
ask_made(const unsigned char *data, size_t len, const struct fuzz_profile *p, int64_t days)
{
	static struct generator gen;
	struct chance c = { .data = data, .len = len };
	struct generated g;

	if (gen.ec == NULL)
		generator_init(&gen);
	generate(&gen, &c, &g);
	ask(g.der.data, g.der.len, p, days);
	generated_free(&g);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static const int64_t all[] = { 0, 30, 500 };
	const struct fuzz_profile *p;
	unsigned char *again;
	int64_t days;
	int n = 0;

	if (len < 2)
		return 0;
	len--;
	p = &fuzz_profiles[data[len] % FUZZ_PROFILES];
	days = all[data[len] / FUZZ_PROFILES % 3];
	if (data[0] == 'r') {
		ask_made(data + 1, len - 1, p, days);
	} else {
		ask(data, len, p, days);
		if ((again = signed_again(data, len, &n)) != NULL)
			ask(again, (size_t)n, p, days);
		OPENSSL_free(again);
	}
	ERR_clear_error();
	return 0;
}
