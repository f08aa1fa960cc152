/*
 * lint.c - what is wrong with a certificate that is about to be signed: the rows
 */
#include "x509/der_put.h"
#include "x509/examine.h"
#include "x509/lint_rows.h"

/* ---- the whole ------------------------------------------------------------------- */

static bool
no_certificate(const struct lint_view *v)
{
	return !v->parsed;
}

static bool
backwards(const struct lint_view *v)
{
	return v->tbs.not_before > v->tbs.not_after;
}

static bool
odd_times(const struct lint_view *v)
{
	return !v->tbs.times_fit;
}

/* 48 hours either way (BR 7.1.2.7.2); a clock that is further away is wrong. */
static bool
begins_elsewhere(const struct lint_view *v)
{
	int64_t apart = v->tbs.not_before - v->in->when;

	return apart > 48 * 3600 || apart < -48 * 3600;
}

static bool
short_serial(const struct lint_view *v)
{
	return v->tbs.serial.len < 8;
}

static bool
nameless_issuer(const struct lint_view *v)
{
	return lint_name(&v->tbs.issuer).len == 0;
}

static bool
twice(const struct lint_view *v)
{
	return !v->distinct;
}

static bool
critical_unknown(const struct lint_view *v)
{
	return v->critical_unknown;
}

/* The last arc of the algorithms that sign with SHA-1 or MD5. */
static bool
broken_hash(const struct lint_view *v)
{
	static const unsigned char rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1 },
				   ecdsa_sha1[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1 };
	struct der d = v->tbs.algorithm, seq, id;

	if (der_expect(&d, DER_SEQUENCE, &seq) < 0 || der_expect(&seq, DER_OID, &id) < 0)
		return true;
	return der_equal(&id, ecdsa_sha1, sizeof(ecdsa_sha1)) ||
	    (id.len == 9 && memcmp(id.data, rsa, sizeof(rsa)) == 0 && id.data[8] >= 2 &&
		id.data[8] <= 5);
}

static bool
leaf_with_broken_hash(const struct lint_view *v)
{
	return !v->is_ca && broken_hash(v);
}

static bool
ca_with_broken_hash(const struct lint_view *v)
{
	return v->is_ca && broken_hash(v);
}

/* ---- CA or not ---------------------------------------------------------------------- */

static bool
odd_basics(const struct lint_view *v)
{
	return !v->basic_fit;
}

static bool
ca_not_critical(const struct lint_view *v)
{
	return v->is_ca && !v->critical[EXT_BASIC_CONSTRAINTS];
}

static bool
path_without_signing(const struct lint_view *v)
{
	return v->path_len >= 0 && (v->usage & USE_CERT_SIGN) == 0;
}

static bool
ca_cannot_sign(const struct lint_view *v)
{
	return v->is_ca && (v->usage & USE_CERT_SIGN) == 0;
}

static bool
signs_without_ca(const struct lint_view *v)
{
	return !v->is_ca && (v->usage & (USE_CERT_SIGN | USE_CRL_SIGN)) != 0;
}

static bool
ca_without_key_id(const struct lint_view *v)
{
	return v->is_ca && !v->there[EXT_SUBJECT_KEY_ID];
}

static bool
ca_without_name(const struct lint_view *v)
{
	return v->is_ca && lint_name(&v->tbs.subject).len == 0;
}

static bool
constraints_of_none(const struct lint_view *v)
{
	return v->there[EXT_NAME_CONSTRAINTS] && !v->is_ca;
}

static bool
constraints_not_critical(const struct lint_view *v)
{
	return v->there[EXT_NAME_CONSTRAINTS] && !v->critical[EXT_NAME_CONSTRAINTS];
}

/* ---- usage --------------------------------------------------------------------------- */

static bool
odd_usage(const struct lint_view *v)
{
	return !v->usage_fit;
}

static bool
no_usage(const struct lint_view *v)
{
	struct der bits = v->value[EXT_KEY_USAGE], in;

	return v->there[EXT_KEY_USAGE] && v->usage_fit && v->usage == 0 &&
	    (der_expect(&bits, DER_BIT_STRING, &in) < 0 || in.len <= 2);
}

static bool
usage_not_critical(const struct lint_view *v)
{
	return v->there[EXT_KEY_USAGE] && !v->critical[EXT_KEY_USAGE];
}

static bool
key_cannot_encipher(const struct lint_view *v)
{
	return v->key != LINT_KEY_RSA && (v->usage & (USE_ENCIPHER | USE_DATA)) != 0;
}

static bool
key_cannot_agree(const struct lint_view *v)
{
	return v->key != LINT_KEY_EC && (v->usage & USE_AGREE) != 0;
}

static bool
odd_purposes(const struct lint_view *v)
{
	return !v->purposes_fit;
}

/* RFC 5280 4.2.1.12 says which bits go with TLS. */
static bool
tls_without_usage(const struct lint_view *v)
{
	return (v->purposes & (FOR_SERVERS | FOR_CLIENTS)) != 0 && v->there[EXT_KEY_USAGE] &&
	    (v->usage & (USE_SIGN | USE_ENCIPHER | USE_AGREE)) == 0;
}

static bool
any_is_critical(const struct lint_view *v)
{
	return (v->purposes & FOR_ANY) != 0 && v->critical[EXT_EXTENDED_USAGE];
}

static bool
answers_unchecked(const struct lint_view *v)
{
	return (v->purposes & FOR_OCSP) != 0 && !v->is_ca && !v->there[EXT_NO_CHECK];
}

static bool
unchecked_without_answers(const struct lint_view *v)
{
	return v->there[EXT_NO_CHECK] && (v->purposes & FOR_OCSP) == 0;
}

/* ---- what its issuer allows ------------------------------------------------------------- */

static bool
outside_names(const struct lint_view *v)
{
	const struct issuer_limits *l = v->in->issuer;

	return l != NULL && l->names != NULL &&
	    name_limits_refuse(l->names, &v->tbs.subject,
		v->there[EXT_ALT_NAMES] ? &v->value[EXT_ALT_NAMES] : NULL) != NULL;
}

static bool
outside_purposes(const struct lint_view *v)
{
	const struct issuer_limits *l = v->in->issuer;

	return l != NULL &&
	    (((v->purposes & FOR_SERVERS) != 0 && !l->for_servers) ||
		((v->purposes & FOR_CLIENTS) != 0 && !l->for_clients));
}

/* ---- other extensions ------------------------------------------------------------------ */

static bool
key_id_critical(const struct lint_view *v)
{
	return v->critical[EXT_SUBJECT_KEY_ID];
}

static bool
authority_key_id_critical(const struct lint_view *v)
{
	return v->critical[EXT_AUTHORITY_KEY_ID];
}

static bool
no_authority_key_id(const struct lint_view *v)
{
	return !v->there[EXT_AUTHORITY_KEY_ID] && !v->self_issued;
}

static bool
access_critical(const struct lint_view *v)
{
	return v->critical[EXT_ACCESS];
}

static bool
crl_address_critical(const struct lint_view *v)
{
	return v->critical[EXT_CRL_ADDRESS];
}

/* ---- the table ---------------------------------------------------------------------------- */

#define E     LINT_ERROR, false
#define W     LINT_WARNING, false
#define BR_E  LINT_ERROR, true
#define BR_W  LINT_WARNING, true
#define AKI   "ext.2.5.29.35"
#define SKI   "ext.2.5.29.14"
#define CRL   "ext.2.5.29.31"
#define AIA   "ext.1.3.6.1.5.5.7.1.1"
#define NAMES "ext.2.5.29.17"

const struct lint lints[] = {
	{ "lint.der", "certificate", E, NULL, NULL, no_certificate,
	    "it is no TBSCertificate of version 3 in strict DER with a positive serial number",
	    "RFC 5280 section 4.1" },
	{ "lint.validity.order", "validity.days", E, NULL, NULL, backwards,
	    "it ends before it begins", "RFC 5280 section 4.1.2.5" },
	{ "lint.validity.encoding", "validity.notBefore", E, NULL, NULL, odd_times,
	    "times are UTCTime through 2049 and GeneralizedTime from 2050 on",
	    "RFC 5280 section 4.1.2.5" },
	{ "lint.validity.begin", "validity.notBefore", E, NULL, NULL, begins_elsewhere,
	    "it begins more than 48 hours from now", "BR 7.1.2.7.2" },
	{ "lint.serial", "certificate", E, "2016-09-30", NULL, short_serial,
	    "a serial number has at least 64 bits of chance", "BR 7.1" },
	{ "lint.issuer", "certificate", E, NULL, NULL, nameless_issuer, "the issuer has no name",
	    "RFC 5280 section 4.1.2.4" },
	{ "lint.extension.twice", "certificate", E, NULL, NULL, twice,
	    "an extension is malformed, or stands there twice", "RFC 5280 section 4.2" },
	{ "lint.extension.critical", "certificate", E, NULL, NULL, critical_unknown,
	    "clients refuse a critical extension that they do not know", "RFC 5280 section 4.2" },
	{ "lint.signature.leaf", "signature", E, "2016-01-01", NULL, leaf_with_broken_hash,
	    "no certificate is signed with SHA-1 or MD5 since 1 Jan 2016", "BR 7.1.3.2.1" },
	{ "lint.signature.ca", "signature", E, "2026-09-15", NULL, ca_with_broken_hash,
	    "nor is that of a CA since 15 Sep 2026", "SC-097" },
	/* CA or not */
	{ "lint.basic.malformed", "basicConstraints.ca", E, NULL, NULL, odd_basics,
	    "the basic constraints are malformed", "RFC 5280 section 4.2.1.9" },
	{ "lint.basic.critical", "basicConstraints.ca", E, NULL, NULL, ca_not_critical,
	    "that it is a CA has to be critical", "RFC 5280 section 4.2.1.9" },
	{ "lint.basic.path", "basicConstraints.pathlen", E, NULL, NULL, path_without_signing,
	    "a path length goes with keyCertSign alone", "RFC 5280 section 4.2.1.9" },
	{ "lint.ca.usage", "ku.keyCertSign", E, NULL, NULL, ca_cannot_sign,
	    "the key usage of a CA has keyCertSign", "RFC 5280 section 4.2.1.3" },
	{ "lint.ca.none", "ku.keyCertSign", E, NULL, NULL, signs_without_ca,
	    "it is no CA, and its key usage is that of one", "RFC 5280 section 4.2.1.9" },
	{ "lint.ca.key-id", SKI, E, NULL, NULL, ca_without_key_id, "a CA says which key it has",
	    "RFC 5280 section 4.2.1.2" },
	{ "lint.ca.name", "subject", E, NULL, NULL, ca_without_name, "a CA has a name",
	    "RFC 5280 section 4.1.2.6" },
	{ "lint.constraints.leaf", "ext.2.5.29.30", E, NULL, NULL, constraints_of_none,
	    "name constraints are for CAs alone", "RFC 5280 section 4.2.1.10" },
	{ "lint.constraints.critical", "ext.2.5.29.30", E, NULL, NULL, constraints_not_critical,
	    "name constraints are critical", "RFC 5280 section 4.2.1.10" },
	/* usage */
	{ "lint.usage.malformed", "ext.2.5.29.15", E, NULL, NULL, odd_usage,
	    "the key usage is malformed", "RFC 5280 section 4.2.1.3" },
	{ "lint.usage.empty", "ext.2.5.29.15", E, NULL, NULL, no_usage, "a key usage has a bit",
	    "RFC 5280 section 4.2.1.3" },
	{ "lint.usage.critical", "ext.2.5.29.15", W, NULL, NULL, usage_not_critical,
	    "the key usage should be critical", "RFC 5280 section 4.2.1.3" },
	{ "lint.usage.encipher", "ku.keyEncipherment", E, NULL, NULL, key_cannot_encipher,
	    "only RSA keys encipher", "RFC 8813 section 3; RFC 8410 section 5" },
	{ "lint.usage.agree", "ku.keyAgreement", E, NULL, NULL, key_cannot_agree,
	    "only EC keys agree on keys", "RFC 8410 section 5; BR 7.1.2.7.11" },
	{ "lint.purpose.malformed", "ext.2.5.29.37", E, NULL, NULL, odd_purposes,
	    "the extended key usage is malformed or empty", "RFC 5280 section 4.2.1.12" },
	{ "lint.purpose.usage", "ku.digitalSignature", E, NULL, NULL, tls_without_usage,
	    "a key for TLS signs, enciphers or agrees", "RFC 5280 section 4.2.1.12" },
	{ "lint.purpose.any", "eku.anyExtendedKeyUsage", E, NULL, NULL, any_is_critical,
	    "that all is allowed should not be critical", "RFC 5280 section 4.2.1.12" },
	{ "lint.ocsp.check", "ext.1.3.6.1.5.5.7.48.1.5", W, NULL, NULL, answers_unchecked,
	    "clients would ask whether the one who answers is revoked",
	    "RFC 6960 section 4.2.2.2.1" },
	{ "lint.ocsp.no-check", "ext.1.3.6.1.5.5.7.48.1.5", E, NULL, NULL,
	    unchecked_without_answers, "only who answers OCSP goes without a check",
	    "RFC 6960 section 4.2.2.2.1" },
	/* what its issuer allows */
	{ "lint.issuer.names", "subject", E, NULL, NULL, outside_names,
	    "subject or names lie outside of those that the authority may certify",
	    "RFC 5280 section 4.2.1.10" },
	{ "lint.issuer.purposes", "ext.2.5.29.37", E, NULL, NULL, outside_purposes,
	    "the authority's own certificate is not for that: clients would not take it",
	    "RFC 5280 section 4.2.1.12" },
	/* other extensions */
	{ "lint.key-id.critical", SKI, E, NULL, NULL, key_id_critical,
	    "the subject key identifier is not critical", "RFC 5280 section 4.2.1.2" },
	{ "lint.authority-key-id.critical", AKI, E, NULL, NULL, authority_key_id_critical,
	    "the authority key identifier is not critical", "RFC 5280 section 4.2.1.1" },
	{ "lint.authority-key-id", AKI, E, NULL, NULL, no_authority_key_id,
	    "a certificate says which key of its authority signed it", "RFC 5280 section 4.2.1.1" },
	{ "lint.access.critical", AIA, E, NULL, NULL, access_critical,
	    "addresses of the authority are not critical", "RFC 5280 section 4.2.2.1" },
	{ "lint.crl.critical", CRL, W, NULL, NULL, crl_address_critical,
	    "the address of the list should not be critical", "RFC 5280 section 4.2.1.13" },
	/* subject and names */
	{ "lint.subject.malformed", "subject", E, NULL, NULL, lint_subject_malformed,
	    "the subject is malformed or has a value that is no clean text",
	    "RFC 5280 section 4.1.2.4" },
	{ "lint.subject.country", "subject.C", E, NULL, NULL, lint_country,
	    "a country is two capital letters, printable", "RFC 5280 appendix A.1" },
	{ "lint.subject.length", "subject", E, NULL, NULL, lint_subject_long,
	    "a value of the subject is longer than its upper bound", "RFC 5280 appendix A.1" },
	{ "lint.names.none", "subject", E, NULL, NULL, lint_nameless,
	    "neither subject nor names say whose it is", "RFC 5280 section 4.1.2.6" },
	{ "lint.names.empty", NAMES, E, NULL, NULL, lint_names_empty,
	    "the alternative names are malformed or empty", "RFC 5280 section 4.2.1.6" },
	{ "lint.names.critical", NAMES, E, NULL, NULL, lint_names_not_critical,
	    "without a subject the names are critical", "RFC 5280 section 4.2.1.6" },
	{ "lint.names.not-critical", NAMES, W, NULL, NULL, lint_names_critical,
	    "with a subject the names should not be critical", "RFC 5280 section 4.2.1.6" },
	{ "lint.names.dns", NAMES, E, NULL, NULL, lint_dns,
	    "a DNS name has labels of letters, digits and hyphens; a wildcard is the whole first",
	    "RFC 5280 section 4.2.1.6; RFC 1123 section 2.1" },
	{ "lint.names.ip", NAMES, E, NULL, NULL, lint_ip, "an address has 4 or 16 octets",
	    "RFC 5280 section 4.2.1.6" },
	{ "lint.names.ascii", NAMES, E, NULL, NULL, lint_text,
	    "URIs and e-mail addresses are ASCII, with their colon or at-sign",
	    "RFC 5280 section 4.2.1.6" },
	/* the Baseline Requirements, where a profile follows them */
	{ "lint.baseline.life", "validity.days", BR_E, NULL, NULL, lint_life,
	    "it lives longer than is allowed on this day", "BR 6.3.2; SC-081v3" },
	{ "lint.baseline.life-margin", "validity.days", BR_W, NULL, NULL, lint_life_margin,
	    "it lives for the very last day that is allowed", "BR 6.3.2" },
	{ "lint.baseline.unit", "subject.OU", BR_E, "2022-09-01", NULL, lint_unit,
	    "no organization unit since 1 Sep 2022", "BR 7.1.2.7.2; SC47" },
	{ "lint.baseline.subject", "subject", BR_E, "2023-09-15", NULL, lint_beyond_dv,
	    "a domain-validated certificate says a country and the name only",
	    "BR 7.1.2.7.2; SC62" },
	{ "lint.baseline.cn", "subject.CN", BR_E, "2021-08-25", NULL, lint_cn_apart,
	    "the common name repeats one of the names", "BR 7.1.4.3; SC48" },
	{ "lint.baseline.names", NAMES, BR_E, NULL, NULL, lint_other_names,
	    "DNS names and IP addresses alone, and one at least", "BR 7.1.2.7.12" },
	{ "lint.baseline.internal", NAMES, BR_E, "2015-11-01", NULL, lint_internal,
	    "no internal name and no reserved address", "BR 4.2.2" },
	{ "lint.baseline.names-critical", NAMES, BR_E, "2023-09-15", NULL, lint_names_critical,
	    "with a subject the names are not critical", "BR 7.1.2.7.12; SC62" },
	{ "lint.baseline.server", "eku.serverAuth", BR_E, NULL, NULL, lint_no_server,
	    "it is for TLS servers", "BR 7.1.2.7.10" },
	{ "lint.baseline.purposes", "eku.clientAuth", BR_E, NULL, NULL, lint_other_purposes,
	    "it is for TLS servers, and clients at most", "BR 7.1.2.7.10" },
	{ "lint.baseline.server-only", "eku.clientAuth", BR_E, "2027-03-15", NULL, lint_clients,
	    "it is for TLS servers only since 15 Mar 2027", "Chrome Root Program 1.8, 1.3.2" },
	{ "lint.baseline.revocation", CRL, BR_E, "2024-03-15", NULL, lint_no_revocation,
	    "it says where it can be found revoked, unless it is short-lived", "BR 7.1.2.11.2" },
	{ "lint.baseline.access", AIA, BR_E, NULL, "2026-10-04", lint_no_access,
	    "it says where its issuer's certificate is", "BR 7.1.2.7.7" },
	{ "lint.baseline.access-should", AIA, BR_W, "2026-10-04", NULL, lint_no_access,
	    "it should say where its issuer's certificate is", "SC-104; BR 2.3.1" },
	{ "lint.baseline.key", "key", BR_E, NULL, NULL, lint_other_key, "the key is RSA or EC",
	    "BR 6.1.5" },
	{ NULL, NULL, E, NULL, NULL, NULL, NULL, NULL }
};

/* ---- all of it ------------------------------------------------------------------------ */

static bool
applies(const struct lint_view *v, const struct lint *r)
{
	if (r != &lints[0] && !v->parsed)
		return false;
	return (!r->baseline || (v->in->rules != VALIDATION_PRIVATE && !v->is_ca)) &&
	    in_force(r->from, r->until, v->day);
}

const struct lint *
lint_next(const struct lint_view *v, const struct lint *last)
{
	for (const struct lint *r = last == NULL ? lints : last + 1; r->id != NULL; r++)
		if (applies(v, r) && r->finds(v))
			return r;
	return NULL;
}

static int
refuse(const struct lint *r, struct sheet *s, struct err *e)
{
	struct disposition *d;

	if (s != NULL) {
		if ((d = sheet_find(s, r->item)) == NULL)
			d = sheet_add(s, r->item, NULL, NULL, OUT_REFUSED);
		d->outcome = OUT_REFUSED;
		d->granted = NULL;
		sheet_decide(d, WEIGHT_NONE, r->id, r->sentence, r->reference, LINT_SET_BY);
		s->verdict = VERDICT_REFUSE;
	}
	err_set(e, R_LINT, NULL, "the certificate would be at fault: %s: %s (%s, %s)", r->item,
	    r->sentence, r->id, r->reference);
	return err_hint(
	    e, "change the profile, or what is asked, so that it does not come to that");
}

static void
warn(const struct lint *r, struct sheet *s)
{
	struct disposition *d = sheet_find(s, r->item);

	sheet_note(s, "%s (%s, %s)", r->sentence, r->id, r->reference);
	if (d != NULL && d->rule == NULL)
		sheet_decide(d, WEIGHT_NONE, r->id, r->sentence, r->reference, LINT_SET_BY);
}

int
lint_check(const struct lint_input *in, struct sheet *s, struct err *e)
{
	struct lint_view v;

	lint_view_of(&v, in);
	for (const struct lint *r = lint_next(&v, NULL); r != NULL; r = lint_next(&v, r)) {
		if (r->severity == LINT_ERROR)
			return refuse(r, s, e);
		if (s != NULL)
			warn(r, s);
	}
	return 0;
}
