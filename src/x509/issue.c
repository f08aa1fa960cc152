/*
 * issue.c - the sheet becomes a TBSCertificate (RFC 5280 section 4.1)
 */
#include <stdlib.h>

#include <openssl/sha.h>

#include "base/text.h"
#include "x509/ca_make.h"
#include "x509/der_names.h"
#include "x509/der_put.h"
#include "x509/issue.h"
#include "x509/items.h"
#include "x509/rules.h"
#include "x509/shown.h"

#define EXT_SKI	     "ext.2.5.29.14"
#define EXT_AKI	     "ext.2.5.29.35"
#define EXT_CRL	     "ext.2.5.29.31"
#define EXT_AIA	     "ext.1.3.6.1.5.5.7.1.1"
#define NO_CHECK     "1.3.6.1.5.5.7.48.1.5" /* RFC 6960 4.2.2.2.1 */
#define EXT_NO_CHECK "ext.1.3.6.1.5.5.7.48.1.5"

static const char *
granted(const struct sheet *s, const char *item)
{
	const struct disposition *d = sheet_find(s, item);

	return d == NULL ? NULL : d->granted;
}

static int
unfit(struct err *e, const char *item)
{
	err_set(e, R_ISSUE_PLAN, NULL, "%s cannot be put into a certificate here", item);
	return err_hint(e, "change the profile so that it does not grant it");
}

bool
issue_can(const char *item)
{
	static const char *const begin[] = { "subject.",
		"san.dns:", "san.ip:", "san.uri:", "san.email:", "ku.", "eku.", "key", "signature",
		"validity." };
	static const char *const whole[] = { "basicConstraints.ca", "basicConstraints.pathlen",
		EXT_NO_CHECK, EXT_SKI, EXT_AKI, EXT_CRL, EXT_AIA };

	if ((text_starts(item, "subject.") || text_starts(item, "eku.")) &&
	    strchr(item, ' ') != NULL)
		return false; /* an OID that is not shown whole */
	for (size_t i = 0; i < nitems(begin); i++)
		if (text_starts(item, begin[i]))
			return true;
	for (size_t i = 0; i < nitems(whole); i++)
		if (strcmp(item, whole[i]) == 0)
			return true;
	return false;
}

bool
issue_decides(const char *item)
{
	static const char *const ours[] = { EXT_SKI, EXT_AKI, EXT_CRL, EXT_AIA };

	for (size_t i = 0; i < nitems(ours); i++)
		if (strcmp(item, ours[i]) == 0)
			return true;
	return false;
}

/* ---- subject -------------------------------------------------------------- */

/* RFC 5280 4.1.2.4 and appendix A: countries, serial numbers and qualifiers (2.5.4.46)
 * are printable, e-mail and domain components IA5. */
static unsigned char
string_tag(const char *name)
{
	static const char *const printable[] = { "C", "serialNumber", "jurisdictionC", "2.5.4.46" };

	for (size_t i = 0; i < nitems(printable); i++)
		if (strcmp(name, printable[i]) == 0)
			return DER_PRINTABLE;
	return strcmp(name, "emailAddress") == 0 || strcmp(name, "DC") == 0 ? DER_IA5 : DER_UTF8;
}

static int
put_attribute(struct buf *b, const struct disposition *d, struct err *e)
{
	AUTO_BUF struct buf pair = { 0 };
	char name[SHOWN_OID + 1];
	size_t n = strcspn(d->item + strlen("subject."), "#"); /* a second one: "OU#2" */

	if (n >= sizeof(name))
		return unfit(e, d->item);
	memcpy(name, d->item + strlen("subject."), n);
	name[n] = '\0';
	if (der_put_oid(&pair, name) < 0)
		return unfit(e, d->item);
	der_put(&pair, string_tag(name), d->granted, strlen(d->granted));
	der_wrap(&pair, DER_SEQUENCE);
	der_put(b, DER_SET, pair.data, pair.len);
	return 0;
}

static int
put_subject(struct buf *b, const struct sheet *s, bool *empty, struct err *e)
{
	AUTO_BUF struct buf name = { 0 };

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].granted != NULL && text_starts(s->v[i].item, "subject.") &&
		    put_attribute(&name, &s->v[i], e) < 0)
			return -1;
	*empty = name.len == 0;
	der_put(b, DER_SEQUENCE, name.data, name.len);
	return 0;
}

/* ---- extensions ------------------------------------------------------------- */

static int
put_names(struct buf *b, const struct sheet *s, bool critical, struct err *e)
{
	static const struct {
		const char *item;
		enum san_type type;
	} kinds[] = { { "san.dns:", SAN_DNS }, { "san.ip:", SAN_IP }, { "san.uri:", SAN_URI },
		{ "san.email:", SAN_EMAIL } };
	AUTO_BUF struct buf names = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		struct san san = { .text = s->v[i].granted };
		size_t k = 0, before = names.len;

		if (san.text == NULL || !text_starts(s->v[i].item, "san."))
			continue;
		while (k < nitems(kinds) && !text_starts(s->v[i].item, kinds[k].item))
			k++;
		if (k == nitems(kinds))
			return unfit(e, s->v[i].item);
		san.type = kinds[k].type;
		der_put_general_name(&names, &san);
		if (names.len == before)
			return unfit(e, s->v[i].item);
	}
	if (names.len == 0)
		return 0;
	der_wrap(&names, DER_SEQUENCE);
	der_put_extension(b, "2.5.29.17", critical, &names);
	return 0;
}

static void
put_key_usage(struct buf *b, const struct sheet *s)
{
	unsigned char bits[3] = { 0 };
	AUTO_BUF struct buf value = { 0 };
	int last = -1;
	size_t n;

	for (int i = 0; i < KEY_USAGES; i++)
		if (granted(s, key_usage_items[i]) != NULL) {
			bits[1 + i / 8] |= (unsigned char)(0x80 >> i % 8);
			last = i;
		}
	if (last < 0)
		return;
	n = (size_t)last / 8 + 1;
	bits[0] = (unsigned char)(7 - last % 8); /* named bits: no zero bit at the end */
	der_put(&value, DER_BIT_STRING, bits, n + 1);
	der_put_extension(b, "2.5.29.15", true, &value);
}

static int
put_extended_key_usage(struct buf *b, const struct sheet *s, struct err *e)
{
	AUTO_BUF struct buf value = { 0 };

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].granted != NULL && text_starts(s->v[i].item, "eku.") &&
		    der_put_oid(&value, s->v[i].item + strlen("eku.")) < 0)
			return unfit(e, s->v[i].item);
	if (value.len == 0)
		return 0;
	der_wrap(&value, DER_SEQUENCE);
	der_put_extension(b, "2.5.29.37", false, &value);
	return 0;
}

/* A CA, or (cA FALSE is left out: it is the default) none. */
static int
put_basic_constraints(struct buf *b, const struct sheet *s, struct err *e)
{
	static const unsigned char yes[] = { DER_BOOLEAN, 1, 0xff };
	const char *ca = granted(s, "basicConstraints.ca"),
		   *path = granted(s, "basicConstraints.pathlen");
	AUTO_BUF struct buf value = { 0 };

	if (ca == NULL)
		return path == NULL ? 0 : unfit(e, "basicConstraints.pathlen");
	if (strcmp(ca, "TRUE") == 0)
		buf_put(&value, yes, sizeof(yes));
	if (path != NULL) {
		if (path[0] < '0' || path[0] > '9' || path[1] != '\0')
			return unfit(e, "basicConstraints.pathlen");
		der_put_uint(&value, (uint64_t)(path[0] - '0'));
	}
	der_wrap(&value, DER_SEQUENCE);
	der_put_extension(b, "2.5.29.19", true, &value);
	return 0;
}

static void
put_no_check(struct buf *b, const struct sheet *s)
{
	static const unsigned char nothing[] = { DER_NULL, 0 };
	AUTO_BUF struct buf value = { 0 };

	if (granted(s, EXT_NO_CHECK) == NULL)
		return;
	buf_put(&value, nothing, sizeof(nothing));
	der_put_extension(b, NO_CHECK, false, &value);
}

static int
put_key_ids(struct buf *b, const struct sheet *s, const struct issue_input *in, struct err *e)
{
	unsigned char key_id[SHA_DIGEST_LENGTH];

	if (spki_key_id(in->spki, in->spki_len, key_id) < 0)
		return unfit(e, EXT_SKI);
	if (granted(s, EXT_SKI) != NULL)
		der_put_key_id(b, key_id, sizeof(key_id));
	if (granted(s, EXT_AKI) != NULL)
		der_put_authority_key_id(b, in->key_id, in->key_id_len);
	return 0;
}

static int
put_extensions(struct buf *b, const struct sheet *s, const struct issue_input *in, bool nameless,
    struct err *e)
{
	AUTO_BUF struct buf all = { 0 };

	if (put_basic_constraints(&all, s, e) < 0)
		return -1;
	put_key_usage(&all, s);
	if (put_extended_key_usage(&all, s, e) < 0 || put_key_ids(&all, s, in, e) < 0 ||
	    put_names(&all, s, nameless, e) < 0)
		return -1;
	put_no_check(&all, s);
	if (granted(s, EXT_NO_CHECK) == NULL) /* nobody asks about it */
		der_put_addresses(&all, in->crl_url, in->ocsp_url, in->issuer_url);
	der_wrap(&all, DER_SEQUENCE);
	der_put(b, DER_CONTEXT(3), all.data, all.len);
	return 0;
}

/* ---- all of it ------------------------------------------------------------------ */

/* Asked for or not, it is the authority's. */
static void
plan_address(struct sheet *s, const char *item, const char *address, const char *rule)
{
	struct disposition *d = sheet_find(s, item);

	if (d == NULL) {
		d = sheet_add(s, item, NULL, address, OUT_ADDED);
	} else if (d->outcome == OUT_REFUSED) {
		return;
	} else {
		d->granted = address;
		d->outcome = OUT_AMENDED;
		if (s->verdict == VERDICT_ISSUE)
			s->verdict = VERDICT_AMEND;
	}
	rule_apply(s, d, WEIGHT_NONE, rule, NULL);
}

void
issue_plan(struct sheet *s, const struct issue_input *in)
{
	if (granted(s, EXT_NO_CHECK) != NULL)
		return;
	if (in->crl_url != NULL)
		plan_address(s, EXT_CRL, in->crl_url, "issue.crl-address");
	if (in->ocsp_url != NULL || in->issuer_url != NULL)
		plan_address(s, EXT_AIA, in->ocsp_url != NULL ? in->ocsp_url : in->issuer_url,
		    "issue.access-address");
}

int
issue_tbs(struct buf *out, const struct sheet *s, const struct issue_input *in, struct err *e)
{
	static const unsigned char version[] = { DER_CONTEXT(0), 3, DER_INTEGER, 1, 2 };
	const char *days = granted(s, "validity.days");
	AUTO_BUF struct buf life = { 0 };
	bool nameless;

	if (days == NULL)
		return unfit(e, "validity.days");
	buf_reset(out);
	buf_put(out, version, sizeof(version));
	der_put_unsigned(out, in->serial, sizeof(in->serial));
	buf_put(out, in->signing->alg, in->signing->len);
	buf_put(out, in->issuer, in->issuer_len);
	der_put_time(&life, in->when);
	der_put_time(&life, in->when + strtoll(days, NULL, 10) * 86400 - 1);
	der_put(out, DER_SEQUENCE, life.data, life.len);
	if (put_subject(out, s, &nameless, e) < 0)
		return -1;
	buf_put(out, in->spki, in->spki_len);
	if (put_extensions(out, s, in, nameless, e) < 0)
		return -1;
	der_wrap(out, DER_SEQUENCE);
	return 0;
}
