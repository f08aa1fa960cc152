/*
 * wish.c - every wish of any CSR, each once, and its faults
 */
#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "x509/items.h"
#include "x509/rules.h"
#include "x509/wish.h"

static struct wish_fault
refused(struct sheet *s, const char *rule, const char *reason)
{
	return (struct wish_fault){ rule, arena_strdup(s->arena, reason) };
}

static const struct wish_fault fine = { NULL, NULL };

/* Upper bounds of RFC 5280 appendix A.1, in characters. */
static size_t
upper_bound(const char *item)
{
	static const struct {
		const char *item;
		size_t max;
	} bounds[] = {
		{ "subject.ST", 128 },
		{ "subject.L", 128 },
		{ "subject.O", 64 },
		{ "subject.OU", 64 },
		{ "subject.CN", 64 },
		{ "subject.serialNumber", 64 },
		{ "subject.title", 64 },
		{ "subject.emailAddress", 255 },
	};
	size_t n = strcspn(item, "#");

	for (size_t i = 0; i < nitems(bounds); i++)
		if (strlen(bounds[i].item) == n && strncmp(bounds[i].item, item, n) == 0)
			return bounds[i].max;
	return 32768;
}

/* RFC 5280 appendix A and X.520 have fewer letters for some: PrintableString, IA5String. */
static bool
letters_fit(const struct item *it)
{
	static const char printable[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					"0123456789 '()+,-./:=?";

	if (item_is(it, "subject.serialNumber") || item_is(it, "subject.2.5.4.46"))
		return it->value[strspn(it->value, printable)] == '\0';
	for (const char *c = it->value; item_is(it, "subject.DC") && *c != '\0'; c++)
		if ((*c & 0x80) != 0)
			return false;
	return true;
}

static struct wish_fault
judge_subject(struct sheet *s, const struct item *it)
{
	struct err why = { 0 };

	if (it->fault != NULL)
		return refused(s, "csr.subject.text", it->fault);
	if (it->value[0] == '\0')
		return refused(s, "csr.subject.text", "the value is empty");
	if (!letters_fit(it))
		return refused(s, "csr.subject.text", "it has letters that this attribute has not");
	if (item_is(it, "subject.C") || item_is(it, "subject.jurisdictionC"))
		return name_check_country(&why, "", it->value) == 0
		    ? fine
		    : refused(s, "csr.subject.country", why.message);
	if (utf8_length(it->value) > upper_bound(it->name))
		return refused(s, "csr.subject.length",
		    arena_printf(s->arena, "%zu characters, at most %zu fit",
			utf8_length(it->value), upper_bound(it->name)));
	if (item_is(it, "subject.emailAddress") && name_check_email(&why, "", it->value) < 0)
		return refused(s, "csr.subject.email", why.message);
	return fine;
}

static struct wish_fault
judge_san(struct sheet *s, const struct item *it)
{
	struct err why = { 0 };
	const char *out;

	if (it->fault != NULL)
		return refused(s, "csr.san.text", it->fault);
	switch (it->san->type) {
	case SAN_DNS:
		if (name_check_dns(&why, "", it->value, s->arena, &out, NULL) == 0)
			return fine;
		if (why.refusal == R_DNS_SINGLE) {
			sheet_note(s,
			    "%s is not a fully qualified domain name; public "
			    "authorities refuse it (BR 4.2.2)",
			    it->value);
			return fine;
		}
		return refused(s, "csr.san.dns", why.message);
	case SAN_EMAIL:
		return name_check_email(&why, "", it->value) == 0
		    ? fine
		    : refused(s, "csr.san.email", why.message);
	case SAN_URI:
		if (strchr(it->value, ':') == NULL || it->value[0] == ':' ||
		    strpbrk(it->value, " <>\"") != NULL)
			return refused(s, "csr.san.uri", rule_find("csr.san.uri")->sentence);
		return fine;
	default:
		return fine;
	}
}

/* What has a rule of its own; the size has an item of its own, too. */
static const char *
key_rule(enum refusal r)
{
	switch (r) {
	case R_KEY_SMALL:
	case R_KEY_LARGE:
	case R_KEY_SIZE:
		return "csr.key.size";
	case R_KEY_SHARED:
		return "csr.key.shared-factor";
	case R_KEY_COMPROMISED:
		return "csr.key.compromised";
	case R_KEY_BLOCKED:
		return "csr.key.blocked";
	default:
		return "csr.key";
	}
}

/* The fault of the key stands at its size when that is what is wrong. */
static struct wish_fault
judge_key(struct sheet *s, const struct err *fault, bool size)
{
	const char *rule = key_rule(fault->refusal);

	if (!err_is_set(fault) || (strcmp(rule, "csr.key.size") == 0) != size)
		return fine;
	return refused(s, rule, fault->message);
}

static struct wish_fault
judge_signature(struct sheet *s, const struct csr *csr, const char *name)
{
	if (!csr_proof_ok(csr))
		return refused(s, "csr.proof", rule_find("csr.proof")->sentence);
	if (strcasestr(name, "sha1") != NULL || strcasestr(name, "md5") != NULL ||
	    strcasestr(name, "md4") != NULL || strcasestr(name, "md2") != NULL)
		return refused(s, "csr.signature.weak", rule_find("csr.signature.weak")->sentence);
	return fine;
}

struct wish_fault
wish_judge(
    struct sheet *s, const struct csr *csr, const struct err *key_fault, const struct item *it)
{
	if (text_starts(it->name, "subject."))
		return judge_subject(s, it);
	if (it->san != NULL)
		return judge_san(s, it);
	if (strcmp(it->name, "key") == 0)
		return judge_key(s, key_fault, false);
	if (strcmp(it->name, "key.size") == 0)
		return judge_key(s, key_fault, true);
	if (strcmp(it->name, "signature") == 0)
		return judge_signature(s, csr, it->value);
	if (it->fault != NULL)
		return refused(s,
		    text_starts(it->name, "attr.") ? "csr.attribute" : "csr.extension", it->fault);
	return fine;
}

/* What is no fault, but worth knowing before it is sent. */
static void
note_names(struct sheet *s, const struct items *list, const struct subject *subject)
{
	struct err ignored = { 0 };
	const char *out, *name;
	size_t names = 0;

	for (size_t i = 0; i < list->n; i++) {
		names += list->v[i].san != NULL;
		if (list->v[i].san != NULL && list->v[i].times > 1)
			sheet_note(s, "%s is asked %u times: one name", list->v[i].value,
			    list->v[i].times);
	}
	for (size_t i = 0; i < subject->n; i++) {
		if (strcmp(subject->v[i].item, "subject.CN") != 0 || subject->v[i].fault != NULL)
			continue;
		name = text_lower_ascii(s->arena, subject->v[i].value);
		if (items_find(list, arena_printf(s->arena, "san.dns:%s", name)) != NULL ||
		    items_find(list, arena_printf(s->arena, "san.ip:%s", name)) != NULL)
			continue;
		if (name_check_dns(&ignored, "", name, s->arena, &out, NULL) < 0)
			sheet_note(
			    s, "the common name %s is not the name of a host", subject->v[i].value);
		else
			sheet_note(s,
			    "the common name %s is not among the alternative names, "
			    "and clients look only there (RFC 9525 section 6.1)",
			    subject->v[i].value);
	}
	if (names > LIMIT_SANS_FORM)
		sheet_note(
		    s, "%zu names; most authorities allow at most %d", names, LIMIT_SANS_FORM);
}

static void
note_encodings(struct sheet *s, const X509_NAME *name)
{
	for (int i = 0; name != NULL && i < X509_NAME_entry_count(name); i++) {
		int type = ASN1_STRING_type(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));

		if (type == V_ASN1_BMPSTRING || type == V_ASN1_T61STRING ||
		    type == V_ASN1_UNIVERSALSTRING) {
			sheet_note(s,
			    "the subject has text in an outdated encoding (%s); "
			    "UTF8String is meant today (RFC 5280 section 4.1.2.4)",
			    ASN1_tag2str(type));
			return;
		}
	}
}

struct err
wish_key_fault(const struct csr *csr, const struct weak *weak)
{
	struct err e = *csr_key_fault(csr);

	if (csr_public_key(csr) != NULL)
		key_check(csr_public_key(csr), weak, true, &e);
	return e;
}

void
wish_notes(struct sheet *s, const struct csr *csr, const struct items *list)
{
	note_names(s, list, csr_subject(csr));
	note_encodings(s, csr_name(csr));
	if (csr_subject(csr)->together)
		sheet_note(s,
		    "several attributes stand in one part of the subject (a multi-valued RDN); "
		    "in a certificate each has a part of its own (BR 7.1.4.1)");
	if (csr_subject(csr)->n == 0 && csr_sans(csr)->n == 0)
		sheet_note(s, "the CSR names nothing: neither subject nor alternative name");
}

int
csr_check(const struct csr *csr, const struct weak *weak, struct sheet *s, struct err *e)
{
	struct err key_fault = wish_key_fault(csr, weak);
	struct items list;

	items_of_request(s->arena, csr, &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct item *it = &list.v[i];
		struct wish_fault v = wish_judge(s, csr, &key_fault, it);
		struct disposition *d = sheet_add(s, it->name, it->value,
		    v.rule == NULL ? it->value : NULL, v.rule == NULL ? OUT_GRANTED : OUT_REFUSED);

		if (v.rule != NULL)
			rule_apply(s, d, WEIGHT_NONE, v.rule, v.reason);
	}
	wish_notes(s, csr, &list);
	s->verdict = sheet_count(s, OUT_REFUSED) > 0 ? VERDICT_REFUSE
	    : s->nnotes > 0			     ? VERDICT_AMEND
						     : VERDICT_ISSUE;
	return 0;
}
