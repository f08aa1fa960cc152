/*
 * fuzz_issue.c - any CSR before an authority of our own: what it issues obeys
 *
 * What may be issued is judged by OpenSSL's reading of request and
 * certificate. The request comes as it is, and signed again: a proof of
 * possession does not survive what a fuzzer does to the rest.
 */
#include <stdlib.h>

#include <openssl/x509v3.h>

#include "fuzz_house.h"
#include "x509/ca_make.h"
#include "x509/csr.h"
#include "x509/der_put.h"
#include "x509/examine.h"
#include "x509/issue.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

#define WHEN 1795651200 /* 2026-11-26 */
#define DAY  86400
#define MUST(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

DEFINE_AUTO(X509, X509, X509_free)
DEFINE_AUTO(X509_REQ, X509_REQ, X509_REQ_free)
DEFINE_AUTO(GENERAL_NAMES, GENERAL_NAMES, GENERAL_NAMES_free)

/* ---- names: asked, or in the subject ------------------------------------------------ */

static bool
is_text(const ASN1_STRING *a, const char *text)
{
	return (size_t)ASN1_STRING_length(a) == strlen(text) &&
	    strncasecmp((const char *)ASN1_STRING_get0_data(a), text, strlen(text)) == 0;
}

static bool
is_address(const ASN1_STRING *a, const char *text)
{
	ASN1_OCTET_STRING *ip = a2i_IPADDRESS(text[0] == '[' ? "" : text);
	bool same = ip != NULL && ASN1_STRING_cmp(ip, a) == 0;

	ASN1_OCTET_STRING_free(ip);
	return same;
}

/* Is the name said by this attribute of the subject? */
static bool
says(const X509_NAME_ENTRY *entry, const GENERAL_NAME *g)
{
	int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
	unsigned char *utf8 = NULL;
	bool same = false;
	char *host = NULL;

	if (ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry)) < 0)
		return false;
	if (nid == NID_pkcs9_emailAddress && g->type == GEN_EMAIL)
		same = is_text(g->d.rfc822Name, (char *)utf8);
	else if (nid == NID_commonName && g->type == GEN_IPADD)
		same = is_address(g->d.iPAddress, (char *)utf8);
	else if (nid == NID_commonName && g->type == GEN_DNS)
		same = is_text(g->d.dNSName, (char *)utf8) ||
		    ((host = fuzz_a_labels((char *)utf8)) != NULL && is_text(g->d.dNSName, host));
	free(host);
	OPENSSL_free(utf8);
	return same;
}

static bool
is_in_subject(const X509_NAME *subject, const GENERAL_NAME *g)
{
	for (int i = 0; i < X509_NAME_entry_count(subject); i++)
		if (says(X509_NAME_get_entry(subject, i), g))
			return true;
	return false;
}

/* As the request writes it; the case of a DNS name is not part of it. */
static bool
is_same_name(const GENERAL_NAME *a, const GENERAL_NAME *b)
{
	if (a->type != GEN_DNS || b->type != GEN_DNS)
		return GENERAL_NAME_cmp((GENERAL_NAME *)a, (GENERAL_NAME *)b) == 0;
	return ASN1_STRING_length(a->d.dNSName) == ASN1_STRING_length(b->d.dNSName) &&
	    strncasecmp((const char *)ASN1_STRING_get0_data(a->d.dNSName),
		(const char *)ASN1_STRING_get0_data(b->d.dNSName),
		(size_t)ASN1_STRING_length(a->d.dNSName)) == 0;
}

static bool
is_asked_in(const X509_EXTENSIONS *extensions, const GENERAL_NAME *g)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++) {
		X509_EXTENSION *x = sk_X509_EXTENSION_value(extensions, i);
		AUTO(GENERAL_NAMES) GENERAL_NAMES *names = NULL;

		if (OBJ_obj2nid(X509_EXTENSION_get_object(x)) != NID_subject_alt_name ||
		    (names = X509V3_EXT_d2i(x)) == NULL)
			continue;
		for (int k = 0; k < sk_GENERAL_NAME_num(names); k++)
			if (is_same_name(sk_GENERAL_NAME_value(names, k), g))
				return true;
	}
	return false;
}

/* Of either vendor's attribute. */
static bool
is_asked(X509_REQ *req, const GENERAL_NAME *g)
{
	bool found = false;

	for (int i = 0; i < X509_REQ_get_attr_count(req) && !found; i++) {
		X509_ATTRIBUTE *a = X509_REQ_get_attr(req, i);
		int nid = OBJ_obj2nid(X509_ATTRIBUTE_get0_object(a));
		ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(a, 0);
		X509_EXTENSIONS *all;
		const unsigned char *p;

		if ((nid != NID_ext_req && nid != NID_ms_ext_req) || value == NULL ||
		    value->type != V_ASN1_SEQUENCE)
			continue;
		p = value->value.sequence->data;
		all = d2i_X509_EXTENSIONS(NULL, &p, value->value.sequence->length);
		found = is_asked_in(all, g);
		sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	}
	return found;
}

static void
judge_names(X509 *x, X509_REQ *req, bool server)
{
	int at = X509_get_ext_by_NID(x, NID_subject_alt_name, -1);
	const X509_NAME *subject = X509_get_subject_name(x);
	AUTO(GENERAL_NAMES)
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool nameless = X509_NAME_entry_count(subject) == 0;

	/* RFC 5280 4.1.2.6: it says who it is for, in one place at least */
	MUST(names != NULL || !nameless);
	MUST(names == NULL || (X509_EXTENSION_get_critical(X509_get_ext(x, at)) != 0) == nameless);
	MUST(sk_GENERAL_NAME_num(names) <= 100);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		MUST(g->type == GEN_DNS || g->type == GEN_IPADD || g->type == GEN_EMAIL ||
		    g->type == GEN_URI);
		MUST(is_asked(req, g) || is_in_subject(X509_REQ_get_subject_name(req), g));
		MUST(!server || g->type != GEN_URI);
		MUST(!server || g->type != GEN_EMAIL || is_in_subject(subject, g));
		for (int k = 0; k < i; k++)
			MUST(!is_same_name(g, sk_GENERAL_NAME_value(names, k)));
	}
}

/* ---- the subject: of the seven, and each was asked ------------------------------------- */

static bool
is_same_entry(const X509_NAME_ENTRY *a, const X509_NAME_ENTRY *b)
{
	unsigned char *s = NULL, *t = NULL;
	int n = ASN1_STRING_to_UTF8(&s, X509_NAME_ENTRY_get_data(a)),
	    m = ASN1_STRING_to_UTF8(&t, X509_NAME_ENTRY_get_data(b));
	bool same = n >= 0 && n == m && memcmp(s, t, (size_t)n) == 0 &&
	    OBJ_cmp(X509_NAME_ENTRY_get_object(a), X509_NAME_ENTRY_get_object(b)) == 0;

	OPENSSL_free(s);
	OPENSSL_free(t);
	return same;
}

static int
times(const X509_NAME *name, const X509_NAME_ENTRY *entry)
{
	int n = 0;

	for (int i = 0; i < X509_NAME_entry_count(name); i++)
		n += is_same_entry(X509_NAME_get_entry(name, i), entry);
	return n;
}

static void
judge_subject(const X509_NAME *subject, const X509_NAME *asked)
{
	static const int seven[] = { NID_countryName, NID_stateOrProvinceName, NID_localityName,
		NID_organizationName, NID_organizationalUnitName, NID_commonName,
		NID_pkcs9_emailAddress };

	for (int i = 0; i < X509_NAME_entry_count(subject); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
		bool known = false;

		for (size_t k = 0; k < sizeof(seven) / sizeof(seven[0]); k++)
			known |= seven[k] == nid;
		MUST(known);
		MUST(times(subject, entry) <= times(asked, entry));
	}
}

/* ---- extensions: those of the profile, each once ----------------------------------------- */

static void
judge_extensions(X509 *x, bool server)
{
	static const int known[] = { NID_basic_constraints, NID_key_usage, NID_ext_key_usage,
		NID_subject_key_identifier, NID_authority_key_identifier, NID_subject_alt_name,
		NID_crl_distribution_points, NID_info_access };
	bool rsa = EVP_PKEY_is_a(X509_get0_pubkey(x), "RSA");
	unsigned char key_id[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int found = 0;

	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		int at = X509_get_ext_by_NID(x, known[k], -1);

		found += at >= 0;
		MUST(at >= 0 || known[k] == NID_subject_alt_name);
		MUST(at < 0 || X509_get_ext_by_NID(x, known[k], at) < 0);
		MUST(
		    (k < 2) == (at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(x, at)) != 0) ||
		    known[k] == NID_subject_alt_name);
	}
	MUST(found == X509_get_ext_count(x));
	MUST((X509_get_extension_flags(x) & (EXFLAG_INVALID | EXFLAG_CRITICAL | EXFLAG_CA)) == 0);
	MUST(X509_check_ca(x) == 0);
	MUST(X509_get_key_usage(x) == (KU_DIGITAL_SIGNATURE | (rsa ? KU_KEY_ENCIPHERMENT : 0u)));
	MUST(X509_get_extended_key_usage(x) == (server ? XKU_SSL_SERVER : XKU_SSL_CLIENT));
	MUST(X509_check_purpose(x, server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT, 0) ==
	    1);
	MUST(X509_pubkey_digest(x, EVP_sha1(), key_id, &n) == 1);
	MUST((unsigned)ASN1_STRING_length(X509_get0_subject_key_id(x)) == n &&
	    memcmp(ASN1_STRING_get0_data(X509_get0_subject_key_id(x)), key_id, n) == 0);
}

/* ---- the rest ------------------------------------------------------------------------------ */

static void
judge_life(const X509 *x, int64_t days)
{
	int whole = 0, seconds = 0;

	MUST(ASN1_TIME_cmp_time_t(X509_get0_notBefore(x), WHEN) == 0);
	MUST(ASN1_TIME_diff(&whole, &seconds, X509_get0_notBefore(x), X509_get0_notAfter(x)) == 1);
	/* the last second counts */
	MUST(whole >= 0 && seconds == DAY - 1 && whole + 1 <= 398);
	MUST(days == 0 || whole + 1 <= days);
	MUST(ASN1_TIME_compare(X509_get0_notAfter(x), X509_get0_notAfter(fuzz_house()->ca)) <= 0);
}

static void
judge_key(X509 *x, X509_REQ *req)
{
	unsigned char *a = NULL, *b = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &a),
	    m = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(req), &b);

	MUST(n > 0 && n == m && memcmp(a, b, (size_t)n) == 0);
	MUST(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) == 1); /* possession was proved */
	OPENSSL_free(a);
	OPENSSL_free(b);
}

static void
judge(X509 *x, const struct csr *csr, bool server, int64_t days)
{
	AUTO(X509_REQ) X509_REQ *req = NULL;
	size_t len;
	const unsigned char *der = csr_der(csr, &len);

	req = d2i_X509_REQ(NULL, &der, (long)len);
	MUST(req != NULL && X509_get_version(x) == X509_VERSION_3);
	judge_key(x, req);
	judge_subject(X509_get_subject_name(x), X509_REQ_get_subject_name(req));
	judge_names(x, req, server);
	judge_extensions(x, server);
	judge_life(x, days);
	MUST(fuzz_house_trusts(x, WHEN));
}

/* ---- the way of a request -------------------------------------------------------------------- */

static X509 *
issue(const struct csr *csr, struct sheet *sheet)
{
	struct issue_input in = fuzz_house()->input;
	AUTO_TBS struct tbs_parts parts = { 0 };
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };
	const unsigned char *p;
	X509 *x;

	in.when = WHEN;
	in.spki = csr_spki(csr, &in.spki_len);
	issue_plan(sheet, &in);
	/* what the sheet grants can be made, and is what is made */
	if (issue_tbs(&b, sheet, &in, &e) < 0 || issue_check(sheet, &b, &in, &parts, &e) < 0 ||
	    signing_put(&b, in.signing, fuzz_house()->key, &e) < 0) {
		fprintf(stderr, "%s\n", e.message);
		abort();
	}
	der_wrap(&b, DER_SEQUENCE);
	p = b.data;
	x = d2i_X509(NULL, &p, (long)b.len);
	MUST(x != NULL && p == b.data + b.len);
	return x;
}

static void
ask(const unsigned char *data, size_t len, const char *profile, int64_t days)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(csr) struct csr *csr = NULL;
	struct examine_input in = { .authority = &fuzz_house()->authority,
		.issuer = &fuzz_house()->limits,
		.when = WHEN,
		.days = days };
	struct err e = { 0 };
	struct sheet sheet;

	if (csr_parse_unproved(&csr, data, len, &e) < 0)
		return;
	in.request = csr;
	in.profile = authority_profile(in.authority, profile, &e);
	sheet_init(&sheet, a);
	examine(&in, &sheet);
	if (sheet.verdict == VERDICT_REFUSE)
		return;
	AUTO(X509) X509 *x = issue(csr, &sheet);
	judge(x, csr, strcmp(profile, "server") == 0, days);
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

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static const char *const profiles[] = { "server", "client" };
	static const int64_t days[] = { 0, 30, 500 };
	unsigned char *again;
	int n = 0;

	again = signed_again(data, len, &n);
	for (size_t i = 0; i < 2; i++) {
		ask(data, len, profiles[i], days[len % 3]);
		if (again != NULL)
			ask(again, (size_t)n, profiles[i], days[len % 3]);
	}
	OPENSSL_free(again);
	ERR_clear_error();
	return 0;
}
