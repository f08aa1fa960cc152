/*
 * compare.c - what was asked against what was issued
 *
 * Each item of the request is met by the item of the certificate with the
 * same name; each that is left over was added. What that means for clients
 * of a TLS server decides the weight.
 */
#include <stdio.h>

#include <openssl/x509v3.h>

#include "base/text.h"
#include "x509/compare_impl.h"
#include "x509/rules.h"

void
compare_decide(struct comparing *c, const char *item, const char *asked, const char *granted,
    enum outcome outcome, enum weight weight, const char *rule, const char *reason)
{
	struct disposition *d = sheet_add(c->sheet, item, asked, granted, outcome);

	if (rule == NULL)
		d->weight = weight;
	else
		rule_apply(c->sheet, d, weight, rule, reason);
}

/* An alternative name of the certificate that covers this DNS name. */
static const char *
covering_name(const struct comparing *c, const char *name)
{
	for (size_t i = 0; i < c->granted.n; i++) {
		const struct item *it = &c->granted.v[i];

		if (it->san != NULL && it->san->type == SAN_DNS && it->fault == NULL &&
		    name_covers(it->value, name))
			return it->value;
	}
	return NULL;
}

/* May clients of a server look for this value of the common name? */
static bool
is_host_name(struct comparing *c, const char *value)
{
	struct err ignored = { 0 };
	struct san san;

	return name_parse_san(&ignored, "", value, c->sheet->arena, &san) == 0;
}

static void
lost_common_name(struct comparing *c, const struct item *asked, const struct item *granted)
{
	enum outcome outcome = granted == NULL ? OUT_DROPPED : OUT_AMENDED;
	const char *value = granted == NULL ? NULL : granted->value;
	const char *ip = arena_printf(c->sheet->arena, "san.ip:%s", asked->value);

	if (covering_name(c, asked->value) != NULL || items_find(&c->granted, ip) != NULL)
		compare_decide(c, asked->name, asked->value, value, outcome, WEIGHT_HARMLESS,
		    "compare.cn.in-san", NULL);
	else if (is_host_name(c, asked->value))
		compare_decide(c, asked->name, asked->value, value, outcome, WEIGHT_BREAKING,
		    "compare.cn.missing", NULL);
	else
		compare_decide(c, asked->name, asked->value, value, outcome, WEIGHT_HARMLESS,
		    granted == NULL ? "compare.subject.dropped" : "compare.subject.amended", NULL);
}

static void
lost_subject(struct comparing *c, const struct item *asked, const struct item *granted)
{
	if (strcmp(asked->name, "subject.CN") == 0)
		lost_common_name(c, asked, granted);
	else if (granted != NULL)
		compare_decide(c, asked->name, asked->value, granted->value, OUT_AMENDED,
		    WEIGHT_HARMLESS, "compare.subject.amended", NULL);
	else
		compare_decide(c, asked->name, asked->value, NULL, OUT_DROPPED, WEIGHT_HARMLESS,
		    "compare.subject.dropped", NULL);
}

static void
lost_san(struct comparing *c, const struct item *asked)
{
	const char *cover = asked->san->type == SAN_DNS ? covering_name(c, asked->value) : NULL;

	if (cover != NULL)
		compare_decide(c, asked->name, asked->value, cover, OUT_AMENDED, WEIGHT_HARMLESS,
		    "compare.san.covered",
		    arena_printf(c->sheet->arena, "%s of the certificate covers this name", cover));
	else if (asked->san->type == SAN_DNS || asked->san->type == SAN_IP)
		compare_decide(c, asked->name, asked->value, NULL, OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.san.missing", NULL);
	else
		compare_decide(c, asked->name, asked->value, NULL, OUT_DROPPED, WEIGHT_HARMLESS,
		    "compare.san.dropped", NULL);
}

/* Asked, and not in the certificate (granted NULL) or not like this. */
static void
lost(struct comparing *c, const struct item *it, const struct item *granted)
{
	const char *value = granted == NULL ? NULL : granted->value;
	enum outcome outcome = granted == NULL ? OUT_DROPPED : OUT_AMENDED;

	if (text_starts(it->name, "subject."))
		lost_subject(c, it, granted);
	else if (it->san != NULL)
		lost_san(c, it);
	else if (text_starts(it->name, "attr."))
		compare_decide(c, it->name, it->value, NULL, OUT_DROPPED, WEIGHT_SAME,
		    "compare.attribute", NULL);
	else if (strcmp(it->name, "ku.digitalSignature") == 0 && c->has_ku)
		compare_decide(c, it->name, it->value, NULL, OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.ku.digital-signature", NULL);
	else if (strcmp(it->name, "eku.serverAuth") == 0 && c->has_eku)
		compare_decide(c, it->name, it->value, NULL, OUT_DROPPED, WEIGHT_BREAKING,
		    "compare.eku.server-auth", NULL);
	else if (text_starts(it->name, "ku.") || text_starts(it->name, "eku."))
		compare_decide(c, it->name, it->value, NULL, OUT_DROPPED, WEIGHT_HARMLESS,
		    "compare.usage.dropped", NULL);
	else if (text_starts(it->name, "basicConstraints."))
		compare_decide(c, it->name, it->value, value, outcome,
		    strcmp(it->value, "FALSE") == 0 ? WEIGHT_SAME : WEIGHT_HARMLESS,
		    "compare.ca.dropped", NULL);
	else
		compare_decide(c, it->name, it->value, value, outcome, WEIGHT_HARMLESS,
		    granted == NULL ? "compare.extension.dropped" : "compare.extension.amended",
		    NULL);
}

/* What breaks a server's certificate whether it was asked or not. */
static const char *
breaks(struct comparing *c, const struct item *it, const char **reason)
{
	int64_t from = asn1_seconds(X509_get0_notBefore(c->leaf)),
		to = asn1_seconds(X509_get0_notAfter(c->leaf));
	struct arena *a = c->sheet->arena;

	if (it->fault != NULL) {
		*reason = it->fault;
		return "compare.malformed";
	}
	if (strcmp(it->name, "basicConstraints.ca") == 0 && strcmp(it->value, "TRUE") == 0)
		return "compare.ca";
	if (strcmp(it->name, "ku.keyCertSign") == 0 || strcmp(it->name, "ku.cRLSign") == 0)
		return "compare.ku.ca";
	if (strcmp(it->name, "validity.notBefore") == 0 && from > c->in->now) {
		*reason = arena_printf(
		    a, "the certificate is valid from %s on", time_minute(a, from));
		return "compare.validity.future";
	}
	if (strcmp(it->name, "validity.days") == 0 && to < c->in->now) {
		*reason = arena_printf(a, "the certificate expired on %s", time_minute(a, to));
		return "compare.validity.expired";
	}
	if (text_starts(it->name, "ext.")) {
		ASN1_OBJECT *oid = OBJ_txt2obj(it->name + 4, 1);
		int at = oid == NULL ? -1 : X509_get_ext_by_OBJ(c->leaf, oid, -1);
		X509_EXTENSION *x = at < 0 ? NULL : X509_get_ext(c->leaf, at);

		ASN1_OBJECT_free(oid);
		if (x != NULL && X509_EXTENSION_get_critical(x) && !X509_supported_extension(x))
			return "compare.extension.critical";
	}
	return NULL;
}

/* Extensions that every authority writes into its certificates. */
static bool
is_customary(const char *name)
{
	static const char *const oids[] = {
		"2.5.29.14",
		"2.5.29.35",
		"2.5.29.31",
		"2.5.29.32",
		"1.3.6.1.5.5.7.1.1",
		"1.3.6.1.4.1.11129.2.4.2",
		"1.3.6.1.4.1.311.20.2",
		"1.3.6.1.4.1.311.21.7",
		"1.3.6.1.4.1.311.21.10",
	};

	for (size_t i = 0; i < nitems(oids); i++)
		if (strcmp(name + strlen("ext."), oids[i]) == 0)
			return true;
	return false;
}

static void
added(struct comparing *c, const struct item *it)
{
	static const char *const usual[] = { "ku.digitalSignature", "ku.keyEncipherment",
		"ku.keyAgreement", "eku.serverAuth" };
	enum weight weight = WEIGHT_HARMLESS;
	const char *rule = "compare.extension.added";

	if (text_starts(it->name, "subject."))
		rule = "compare.subject.added";
	else if (it->san != NULL)
		rule = "compare.san.added";
	else if (text_starts(it->name, "validity.")) {
		rule = "compare.validity";
		weight = WEIGHT_SAME;
	} else if (text_starts(it->name, "basicConstraints."))
		weight = WEIGHT_SAME;
	else if (text_starts(it->name, "ext.") && is_customary(it->name))
		weight = WEIGHT_SAME;
	else if (!text_starts(it->name, "ext.")) {
		rule = "compare.usage.added";
		for (size_t i = 0; i < nitems(usual); i++)
			if (strcmp(it->name, usual[i]) == 0)
				weight = WEIGHT_SAME;
	}
	compare_decide(c, it->name, NULL, it->value, OUT_ADDED, weight, rule, NULL);
}

/* The same value, or the same identifier in another extension value. */
static void
compare_asked(struct comparing *c, const struct item *it)
{
	const struct item *granted = items_find(&c->granted, it->name);
	const char *reason = NULL, *rule;

	if (compare_fixed(c, it->name))
		return;
	rule = granted == NULL ? NULL : breaks(c, granted, &reason);
	if (rule != NULL)
		compare_decide(c, it->name, it->value, granted->value, OUT_REFUSED, WEIGHT_BREAKING,
		    rule, reason);
	else if (granted != NULL && strcmp(it->value, granted->value) == 0)
		compare_decide(
		    c, it->name, it->value, granted->value, OUT_GRANTED, WEIGHT_SAME, NULL, NULL);
	else
		lost(c, it, granted);
}

static void
compare_granted(struct comparing *c, const struct item *it)
{
	const char *reason = NULL, *rule;

	if (items_find(&c->asked, it->name) != NULL || compare_fixed(c, it->name))
		return;
	rule = breaks(c, it, &reason);
	if (rule != NULL)
		compare_decide(
		    c, it->name, NULL, it->value, OUT_ADDED, WEIGHT_BREAKING, rule, reason);
	else
		added(c, it);
}

/* Nobody asked, and a server cannot do without. */
static void
compare_needed(struct comparing *c)
{
	static const char *const needed[][2] = {
		{ "ku.digitalSignature", "compare.ku.digital-signature" },
		{ "eku.serverAuth", "compare.eku.server-auth" },
	};

	for (size_t i = 0; i < nitems(needed); i++)
		if ((i == 0 ? c->has_ku : c->has_eku) &&
		    items_find(&c->granted, needed[i][0]) == NULL &&
		    items_find(&c->asked, needed[i][0]) == NULL)
			compare_decide(c, needed[i][0], NULL, NULL, OUT_DROPPED, WEIGHT_BREAKING,
			    needed[i][1], NULL);
}

/* Without a request: the saved names and the identity's key. */
static void
saved_items(struct comparing *c)
{
	const struct compare_input *in = c->in;
	struct arena *a = c->sheet->arena;
	size_t n = in->names == NULL ? 0 : in->names->n;
	struct items *list = &c->asked;
	const struct item *key = items_find(&c->granted, "key");
	unsigned char hash[SPKI_SHA256_SIZE];

	list->arena = a;
	list->v = arena_new_array(a, n + 2, struct item);
	if (in->common_name != NULL && in->common_name[0] != '\0')
		list->v[list->n++] =
		    (struct item){ .name = "subject.CN", .value = in->common_name };
	for (size_t i = 0; i < n; i++)
		if (items_find(list, in->names->v[i].item) == NULL)
			list->v[list->n++] = (struct item){ .name = in->names->v[i].item,
				.value = in->names->v[i].text,
				.san = &in->names->v[i] };
	if (in->spki_sha256 == NULL)
		return;
	cert_spki_sha256(c->leaf, hash);
	list->v[list->n++] = (struct item){ .name = "key",
		.value = memcmp(hash, in->spki_sha256, sizeof(hash)) == 0
		    ? key->value
		    : arena_printf(a, "sha256:%s", hex_of(a, in->spki_sha256, SPKI_SHA256_SIZE)) };
}

static void
note_root(struct comparing *c)
{
	const struct chain *ch = c->in->chain;
	struct arena *a = c->sheet->arena;

	if (ch->root != NULL && !ch->root_known && !c->in->public_authority)
		sheet_note(c->sheet, "clients must trust %s, a root that is not known here",
		    subject_text(a, X509_get_subject_name(ch->root)));
}

int
compare(const struct compare_input *in, struct sheet *s, struct err *e)
{
	struct comparing *c = arena_alloc(s->arena, sizeof(*c));

	c->in = in;
	c->sheet = s;
	c->leaf = in->chain->leaf;
	c->has_ku = X509_get_ext_by_NID(c->leaf, NID_key_usage, -1) >= 0;
	c->has_eku = X509_get_ext_by_NID(c->leaf, NID_ext_key_usage, -1) >= 0;
	items_of_certificate(s->arena, c->leaf, &c->granted);
	if (in->request != NULL)
		items_of_request(s->arena, in->request, &c->asked);
	else
		saved_items(c);
	for (size_t i = 0; i < c->asked.n; i++)
		compare_asked(c, &c->asked.v[i]);
	for (size_t i = 0; i < c->granted.n; i++)
		compare_granted(c, &c->granted.v[i]);
	compare_needed(c);
	note_root(c);
	s->verdict = VERDICT_SAME;
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].weight == WEIGHT_HARMLESS && s->verdict == VERDICT_SAME)
			s->verdict = VERDICT_HARMLESS;
	if (sheet_count_breaking(s) > 0)
		s->verdict = VERDICT_BREAKING;
	return 0;
}

bool
compare_overridable(const struct sheet *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].rule != NULL &&
		    (strcmp(s->v[i].rule, "compare.key.other") == 0 ||
			strcmp(s->v[i].rule, "compare.key.weak") == 0 ||
			strcmp(s->v[i].rule, "compare.signature.broken") == 0))
			return false;
	return true;
}
