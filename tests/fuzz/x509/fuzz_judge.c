/*
 * fuzz_judge.c - does a certificate obey its profile? By OpenSSL's reading alone
 *
 * What each profile of the product may make is written down here once more, by
 * hand: nothing of the policy that made it is asked.
 */
#include <stdlib.h>

#include <openssl/x509v3.h>

#include "fuzz_house.h"
#include "fuzz_judge.h"

#define DAY 86400

DEFINE_AUTO(X509_REQ, X509_REQ, X509_REQ_free)
DEFINE_AUTO(GENERAL_NAMES, GENERAL_NAMES, GENERAL_NAMES_free)

#define DS   KU_DIGITAL_SIGNATURE
#define KE   KU_KEY_ENCIPHERMENT
#define SIGN (KU_KEY_CERT_SIGN | KU_CRL_SIGN)

#define SEVEN "C ST L O OU CN emailAddress "

const struct fuzz_profile fuzz_profiles[FUZZ_PROFILES] = {
	{ .name = "server",
	    .subject = SEVEN,
	    .usage = DS,
	    .rsa_usage = KE,
	    .purposes = XKU_SSL_SERVER,
	    .days = 398,
	    .names = true },
	{ .name = "client",
	    .subject = SEVEN,
	    .usage = DS,
	    .rsa_usage = KE,
	    .purposes = XKU_SSL_CLIENT,
	    .days = 398,
	    .names = true,
	    .uris = true,
	    .emails = true },
	{ .name = "server-client",
	    .subject = SEVEN,
	    .usage = DS,
	    .rsa_usage = KE,
	    .purposes = XKU_SSL_SERVER | XKU_SSL_CLIENT,
	    .days = 398,
	    .names = true },
	{ .name = "baseline",
	    .subject = "CN ",
	    .usage = DS,
	    .purposes = XKU_SSL_SERVER,
	    .days = 199,
	    .names = true,
	    .cn_in_names = true,
	    .baseline = true },
	{ .name = "acme",
	    .subject = "CN ",
	    .usage = DS,
	    .purposes = XKU_SSL_SERVER,
	    .days = 90,
	    .names = true,
	    .first_name = true },
	{ .name = "est",
	    .subject = SEVEN "serialNumber ",
	    .usage = DS,
	    .rsa_usage = KE,
	    .purposes = XKU_SSL_SERVER | XKU_SSL_CLIENT,
	    .days = 398,
	    .names = true,
	    .uris = true },
	{ .name = "ocsp-signer",
	    .subject = SEVEN,
	    .usage = DS,
	    .purposes = XKU_OCSP_SIGN,
	    .days = 30,
	    .no_check = true },
	{ .name = "sub-ca", .subject = "C ST L O CN ", .usage = SIGN, .days = 1825, .ca = true },
};

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
judge_name(const GENERAL_NAME *g, X509 *x, X509_REQ *req, const struct fuzz_profile *p)
{
	MUST(g->type == GEN_DNS || g->type == GEN_IPADD || g->type == GEN_EMAIL ||
	    g->type == GEN_URI);
	MUST(is_asked(req, g) || is_in_subject(X509_REQ_get_subject_name(req), g));
	MUST(p->uris || g->type != GEN_URI);
	MUST(p->emails || g->type != GEN_EMAIL || is_in_subject(X509_get_subject_name(x), g));
}

static void
judge_names(X509 *x, X509_REQ *req, const struct fuzz_profile *p)
{
	int at = X509_get_ext_by_NID(x, NID_subject_alt_name, -1);
	AUTO(GENERAL_NAMES)
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool nameless = X509_NAME_entry_count(X509_get_subject_name(x)) == 0;

	/* RFC 5280 4.1.2.6: it says who it is for, in one place at least */
	MUST(names != NULL || !nameless);
	MUST(names == NULL || (X509_EXTENSION_get_critical(X509_get_ext(x, at)) != 0) == nameless);
	MUST(sk_GENERAL_NAME_num(names) <= 100);
	MUST(!p->ca || !nameless);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		judge_name(g, x, req, p);
		/* but for the address of the subject, which has to stand there */
		MUST(p->names || g->type == GEN_EMAIL);
		for (int k = 0; k < i; k++)
			MUST(!is_same_name(g, sk_GENERAL_NAME_value(names, k)));
	}
}

/* ---- the subject: of what it may have, and each was asked -------------------------------------
 */

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

/* Is it a DNS name or an address of the certificate? */
static bool
is_among_names(X509 *x, const X509_NAME_ENTRY *entry)
{
	AUTO(GENERAL_NAMES)
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++)
		found = says(entry, sk_GENERAL_NAME_value(names, i));
	return found;
}

static void
judge_subject(X509 *x, const X509_NAME *asked, const struct fuzz_profile *p)
{
	const X509_NAME *subject = X509_get_subject_name(x);

	for (int i = 0; i < X509_NAME_entry_count(subject); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
		bool cn = nid == NID_commonName;
		char name[40];

		snprintf(name, sizeof(name), "%s ", OBJ_nid2sn(nid));
		MUST(strstr(p->subject, name) != NULL);
		MUST(times(subject, entry) <= times(asked, entry) ||
		    (p->first_name && cn && X509_NAME_entry_count(subject) == 1 &&
			is_among_names(x, entry)));
		MUST(!cn || !p->cn_in_names || is_among_names(x, entry));
		MUST(ASN1_STRING_length(X509_NAME_ENTRY_get_data(entry)) > 0);
	}
	MUST(!p->baseline || X509_NAME_entry_count(subject) <= 1);
}

/* ---- extensions: those of the profile, each once ----------------------------------------- */

static bool
is_there(X509 *x, int nid)
{
	int at = X509_get_ext_by_NID(x, nid, -1);

	MUST(at < 0 || X509_get_ext_by_NID(x, nid, at) < 0);
	return at >= 0;
}

/* Each that belongs there once, and none else; the first two are critical. */
static void
judge_extensions(X509 *x, const struct fuzz_profile *p)
{
	const struct {
		int nid;
		bool there;
	} all[] = { { NID_basic_constraints, true }, { NID_key_usage, true },
		{ NID_ext_key_usage, p->purposes != 0 }, { NID_subject_key_identifier, true },
		{ NID_authority_key_identifier, true },
		{ NID_crl_distribution_points, !p->no_check }, { NID_info_access, !p->no_check },
		{ NID_id_pkix_OCSP_noCheck, p->no_check } };
	int n = is_there(x, NID_subject_alt_name);

	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		int at = X509_get_ext_by_NID(x, all[k].nid, -1);

		MUST(is_there(x, all[k].nid) == all[k].there);
		MUST(at < 0 || (X509_EXTENSION_get_critical(X509_get_ext(x, at)) != 0) == (k < 2));
		n += at >= 0;
	}
	MUST(n == X509_get_ext_count(x));
	MUST((X509_get_extension_flags(x) & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0);
}

static void
judge_usage(X509 *x, const struct fuzz_profile *p)
{
	bool rsa = EVP_PKEY_is_a(X509_get0_pubkey(x), "RSA");
	unsigned char key_id[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	MUST(X509_check_ca(x) == (p->ca ? 1 : 0));
	MUST(X509_get_pathlen(x) == (p->ca ? 0 : -1));
	MUST(X509_get_key_usage(x) == (p->usage | (rsa ? p->rsa_usage : 0u)));
	MUST(p->purposes == 0 || X509_get_extended_key_usage(x) == p->purposes);
	MUST((p->purposes & XKU_SSL_SERVER) == 0 ||
	    X509_check_purpose(x, X509_PURPOSE_SSL_SERVER, 0) == 1);
	MUST((p->purposes & XKU_SSL_CLIENT) == 0 ||
	    X509_check_purpose(x, X509_PURPOSE_SSL_CLIENT, 0) == 1);
	MUST(X509_pubkey_digest(x, EVP_sha1(), key_id, &n) == 1);
	MUST((unsigned)ASN1_STRING_length(X509_get0_subject_key_id(x)) == n &&
	    memcmp(ASN1_STRING_get0_data(X509_get0_subject_key_id(x)), key_id, n) == 0);
}

/* ---- the rest ------------------------------------------------------------------------------ */

static void
judge_life(const X509 *x, const struct fuzz_profile *p, int64_t when, int64_t days)
{
	int whole = 0, seconds = 0;

	MUST(ASN1_TIME_cmp_time_t(X509_get0_notBefore(x), (time_t)when) == 0);
	MUST(ASN1_TIME_diff(&whole, &seconds, X509_get0_notBefore(x), X509_get0_notAfter(x)) == 1);
	/* the last second counts */
	MUST(whole >= 0 && seconds == DAY - 1 && whole + 1 <= p->days);
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

void
fuzz_judge(X509 *x, const struct csr *csr, const struct fuzz_profile *p, int64_t when, int64_t days)
{
	AUTO(X509_REQ) X509_REQ *req = NULL;
	size_t len;
	const unsigned char *der = csr_der(csr, &len);

	req = d2i_X509_REQ(NULL, &der, (long)len);
	MUST(req != NULL && X509_get_version(x) == X509_VERSION_3);
	judge_key(x, req);
	judge_subject(x, X509_REQ_get_subject_name(req), p);
	judge_names(x, req, p);
	judge_extensions(x, p);
	judge_usage(x, p);
	judge_life(x, p, when, days);
	MUST(fuzz_house_trusts(x, when));
}
