/*
 * examine.c - a request against a policy, before anything is signed
 */
#include <stdio.h>

#include "base/text.h"
#include "x509/dated.h"
#include "x509/der_names.h"
#include "x509/examine.h"
#include "x509/issue.h"
#include "x509/rules.h"
#include "x509/wish.h"

#define BY_PROFILE "authority profile"

struct examining {
	const struct examine_input *in;
	struct sheet *sheet;
	struct items items;
	struct err key_fault;
	char day[DAY_SIZE];
	size_t names; /* granted so far */
	bool is_rsa;
};

/* Why something is so: the rule, in words. */
struct decision {
	enum effect effect;
	const char *rule, *reason, *reference, *set_by;
};

static struct decision
by_fact(const struct examining *x, enum effect effect, const char *what, const struct fact *f)
{
	return (struct decision){ effect,
		arena_printf(x->sheet->arena, "%s.%s", x->in->authority->id, what), f->reason,
		f->reference, BY_PROFILE };
}

static struct decision
by_dated(const struct dated_rule *r)
{
	return (struct decision){ r->effect == DATED_REFUSE ? EFFECT_REFUSE : EFFECT_DROP, r->id,
		r->sentence, r->reference, r->set_by };
}

static struct decision
by_product(enum effect effect, const char *id, const char *reason)
{
	const struct rule *r = rule_find(id);

	return (struct decision){ effect, id, reason == NULL ? r->sentence : reason, r->reference,
		r->set_by };
}

static void
put(struct examining *x, const char *item, const char *asked, const char *granted,
    enum outcome outcome, const struct decision *why)
{
	struct disposition *d = sheet_add(x->sheet, item, asked, granted, outcome);

	if (outcome != OUT_GRANTED)
		sheet_decide(d, WEIGHT_NONE, why->rule, why->reason, why->reference, why->set_by);
}

/* ---- what the profile says ---------------------------------------------------- */

static bool
grant_fits(const struct grant *g, const struct item *it)
{
	size_t n = strlen(g->item);
	bool fits = g->item[n - 1] == '*'
	    ? strncmp(g->item, it->name, n - 1) == 0
	    : text_starts(it->name, g->item) && strchr(":#", it->name[n]) != NULL;

	if (!fits || it->value == NULL)
		return fits && !g->address_only && g->like == NULL;
	return (!g->address_only || name_is_address(it->value)) &&
	    (g->like == NULL || value_is_like(it->value, g->like));
}

static struct decision
by_profile(const struct examining *x, const struct item *it)
{
	const struct profile *p = x->in->profile;

	for (size_t i = 0; i < p->ngrants; i++)
		if (in_force(p->grants[i].from, p->grants[i].until, x->day) &&
		    grant_fits(&p->grants[i], it))
			return by_fact(
			    x, p->grants[i].effect, p->grants[i].item, &p->grants[i].fact);
	return by_product(EFFECT_DROP, "examine.not-granted", NULL);
}

static const struct addition *
addition_of(const struct examining *x, const char *item)
{
	const struct profile *p = x->in->profile;

	for (size_t i = 0; i < p->nadditions; i++) {
		const struct addition *a = &p->additions[i];

		if (in_force(a->from, a->until, x->day) && (!a->rsa_only || x->is_rsa) &&
		    strcmp(a->item, item) == 0)
			return a;
	}
	return NULL;
}

/* What makes a certificate that of a CA is set by a profile for CAs alone. */
static bool
is_of_cas(const struct examining *x, const struct item *it)
{
	return x->in->issuer != NULL && !x->in->profile->ca &&
	    (text_starts(it->name, "basicConstraints.") ||
		strcmp(it->name, "ku.keyCertSign") == 0 || strcmp(it->name, "ku.cRLSign") == 0);
}

#define NO_CHECK      "ext.1.3.6.1.5.5.7.48.1.5"
#define NO_CHECK_NULL "0500" /* RFC 6960 4.2.2.2.1 */

/* Our own authority puts into certificates what it can, and no more than it should. */
static struct decision
by_maker(const struct examining *x, const struct item *it, struct decision granted)
{
	if (!issue_can(it->name) ||
	    (strcmp(it->name, NO_CHECK) == 0 && strcmp(it->value, NO_CHECK_NULL) != 0))
		return by_product(EFFECT_DROP, "issue.not-made", NULL);
	if (issue_decides(it->name))
		return by_product(EFFECT_DROP, "issue.decides", NULL);
	return is_of_cas(x, it) ? by_product(EFFECT_DROP, "issue.ca-profile", NULL) : granted;
}

/* The stricter of what holds for all public authorities and of the profile. */
static struct decision
judge_wish(const struct examining *x, const struct item *it)
{
	const struct dated_rule *dated = dated_find(x->in->profile->rules, x->day, &x->items, it);
	struct decision d = by_profile(x, it);

	if (dated != NULL && (dated->effect == DATED_REFUSE || d.effect != EFFECT_REFUSE))
		return by_dated(dated);
	return x->in->issuer != NULL && d.effect == EFFECT_GRANT ? by_maker(x, it, d) : d;
}

/* ---- names ---------------------------------------------------------------------- */

static size_t
labels(const char *name)
{
	size_t n = 1;

	for (; *name != '\0'; name++)
		n += *name == '.';
	return n;
}

static bool
is_permitted(const struct issuer_limits *l, const struct san *san)
{
	AUTO_BUF struct buf name = { 0 };

	if (l == NULL || l->names == NULL)
		return true;
	der_put_general_name(&name, san);
	return name_limits_refuse_one(l->names, der_of(name.data, name.len)) == NULL;
}

static bool
is_full(const struct examining *x)
{
	return x->in->profile->max_names > 0 && x->names >= x->in->profile->max_names;
}

/* What our own authority puts into the subject, and the name that goes with it. */
static bool
is_email_of_subject(const struct examining *x, const struct item *it)
{
	if (x->in->issuer == NULL || it->san->type != SAN_EMAIL || it->fault != NULL)
		return false;
	for (size_t i = 0; i < x->sheet->n; i++)
		if (text_starts(x->sheet->v[i].item, "subject.emailAddress") &&
		    x->sheet->v[i].granted != NULL &&
		    strcmp(x->sheet->v[i].granted, it->value) == 0)
			return true;
	return false;
}

static struct decision
judge_name(struct examining *x, const struct item *it)
{
	const struct profile *p = x->in->profile;
	struct decision d = judge_wish(x, it);
	struct wish_fault fault;

	if (d.effect == EFFECT_DROP && is_email_of_subject(x, it))
		d = by_product(EFFECT_GRANT, "issue.email-in-names", NULL);
	/* of a name that cannot be read, no rule about names says what is wrong */
	if (d.effect == EFFECT_DROP || (d.effect == EFFECT_REFUSE && it->fault == NULL))
		return d;
	fault = wish_judge(x->sheet, x->in->request, &x->key_fault, it);
	if (fault.rule != NULL)
		return by_product(EFFECT_REFUSE, fault.rule, fault.reason);
	if (p->max_labels > 0 && it->san->type == SAN_DNS && labels(it->value) > p->max_labels)
		return by_fact(x, EFFECT_REFUSE, "names.labels", &p->names_fact);
	if (is_full(x))
		return by_fact(x, EFFECT_REFUSE, "names.max", &p->names_fact);
	if (!is_permitted(x->in->issuer, it->san))
		return by_product(EFFECT_REFUSE, "issue.name-constraints", NULL);
	x->names++;
	return d;
}

/* ---- all other wishes ------------------------------------------------------------ */

/*
 * What parsers disagree on is refused, whatever a profile would do with it:
 * of an extension that stands there twice the authority may take the other.
 */
static bool
is_ambiguous(const struct item *it)
{
	return it->fault != NULL && !text_starts(it->name, "subject.");
}

static struct decision
judge_other(struct examining *x, const struct item *it)
{
	struct decision d = judge_wish(x, it);
	struct wish_fault fault;

	if (d.effect != EFFECT_GRANT && !is_ambiguous(it))
		return d;
	fault = wish_judge(x->sheet, x->in->request, &x->key_fault, it);
	return fault.rule == NULL ? d : by_product(EFFECT_REFUSE, fault.rule, fault.reason);
}

/* ---- the common name ---------------------------------------------------------- */

/* The name of the common name when it is one of a host and none of the names. */
static bool
name_apart(struct examining *x, const struct item *it, struct item *out)
{
	struct san *san = arena_alloc(x->sheet->arena, sizeof(*san));
	struct err ignored = { 0 };

	if (it->fault != NULL || it->value == NULL ||
	    name_parse_san(&ignored, "", it->value, x->sheet->arena, san) < 0 ||
	    items_find(&x->items, san->item) != NULL || sheet_find(x->sheet, san->item) != NULL)
		return false;
	*out = (struct item){ .name = san->item, .value = san->text, .san = san, .times = 1 };
	return true;
}

/* Only to a server of our own authority nobody comes by its common name. */
static bool
is_for_servers(const struct examining *x)
{
	return x->in->issuer == NULL || addition_of(x, "eku.serverAuth") != NULL;
}

/* Clients look among the names only: there it has to stand, or nowhere. */
static struct decision
judge_common_name(struct examining *x, const struct item *it)
{
	struct decision d = judge_other(x, it), name;
	struct item apart;

	if (d.effect == EFFECT_REFUSE || !name_apart(x, it, &apart))
		return d;
	name = judge_name(x, &apart);
	if (name.effect == EFFECT_REFUSE)
		return name;
	if (name.effect == EFFECT_DROP)
		return d.effect == EFFECT_DROP || !is_for_servers(x) ? d : name;
	name = by_product(EFFECT_GRANT, "examine.cn-in-names", NULL);
	put(x, apart.name, NULL, apart.value, OUT_ADDED, &name);
	return d;
}

/* ---- e-mail addresses ------------------------------------------------------------ */

/* RFC 5280 4.1.2.6: an address in the subject stands among the names, too. */
static struct decision
judge_email(struct examining *x, const struct item *it)
{
	struct decision d = judge_other(x, it), name;
	struct san address = { .type = SAN_EMAIL, .text = it->value };
	struct arena *a = x->sheet->arena;
	const char *item;

	if (x->in->issuer == NULL || d.effect != EFFECT_GRANT)
		return d;
	if (!is_permitted(x->in->issuer, &address))
		return by_product(EFFECT_REFUSE, "issue.name-constraints", NULL);
	item = arena_printf(a, "san.email:%s", it->value);
	if (items_find(&x->items, item) != NULL || sheet_find(x->sheet, item) != NULL)
		return d;
	if (is_full(x))
		return by_fact(x, EFFECT_REFUSE, "names.max", &x->in->profile->names_fact);
	name = by_product(EFFECT_GRANT, "issue.email-in-names", NULL);
	put(x, item, NULL, it->value, OUT_ADDED, &name);
	x->names++;
	return d;
}

/* ---- the key and the proof of its possession ------------------------------------- */

static struct decision
judge_key(const struct examining *x)
{
	const struct profile *p = x->in->profile;
	EVP_PKEY *key = csr_public_key(x->in->request);
	struct decision fine = { .effect = EFFECT_GRANT };

	if (!p->key[key_type_of(key)] ||
	    (x->is_rsa && p->rsa_exponent > 0 && key_rsa_exponent(key) != p->rsa_exponent))
		return by_fact(x, EFFECT_REFUSE, "key", &p->keys_fact);
	return fine;
}

static struct decision
judge_signature(const struct examining *x, const struct item *it)
{
	const struct profile *p = x->in->profile;
	struct decision fine = { .effect = EFFECT_GRANT };

	for (size_t i = 0; i < p->nweak_signatures; i++)
		if (strcasestr(it->value, p->weak_signatures[i]) != NULL)
			return by_fact(x, EFFECT_REFUSE, "signature", &p->signatures_fact);
	return fine;
}

/* ---- one wish -------------------------------------------------------------------- */

static struct decision
judge(struct examining *x, const struct item *it)
{
	bool key = strcmp(it->name, "key") == 0, signature = strcmp(it->name, "signature") == 0;
	struct wish_fault fault;

	if (it->san != NULL)
		return judge_name(x, it);
	if (item_is(it, "subject.CN") && it->fault == NULL)
		return judge_common_name(x, it);
	if (item_is(it, "subject.emailAddress") && it->fault == NULL)
		return judge_email(x, it);
	if (!key && !signature && strcmp(it->name, "key.size") != 0)
		return judge_other(x, it);
	fault = wish_judge(x->sheet, x->in->request, &x->key_fault, it);
	if (fault.rule != NULL)
		return by_product(EFFECT_REFUSE, fault.rule, fault.reason);
	return key	? judge_key(x)
	    : signature ? judge_signature(x, it)
			: (struct decision){ .effect = EFFECT_GRANT };
}

static void
examine_wish(struct examining *x, const struct item *it)
{
	static const enum outcome outcomes[] = { OUT_GRANTED, OUT_DROPPED, OUT_REFUSED };
	const struct addition *a = addition_of(x, it->name);
	struct decision d;

	if (a == NULL || is_ambiguous(it)) {
		d = judge(x, it);
		put(x, it->name, it->value, d.effect == EFFECT_GRANT ? it->value : NULL,
		    outcomes[d.effect], &d);
	} else {
		d = by_fact(x, EFFECT_GRANT, a->item, &a->fact);
		put(x, it->name, it->value, a->value,
		    it->value != NULL && strcmp(it->value, a->value) == 0 ? OUT_GRANTED
									  : OUT_AMENDED,
		    &d);
	}
}

/* ---- what was not asked ----------------------------------------------------------- */

static void
add_common_name(struct examining *x)
{
	const struct disposition *d;
	struct decision why;

	if (x->in->profile->cn != CN_FIRST_NAME || items_find(&x->items, "subject.CN") != NULL)
		return;
	for (size_t i = 0; i < x->sheet->n; i++) {
		d = &x->sheet->v[i];
		if (!text_starts(d->item, "san.dns:") || d->granted == NULL ||
		    utf8_length(d->granted) > 64)
			continue;
		why = by_product(EFFECT_GRANT, "examine.cn-first", NULL);
		put(x, "subject.CN", NULL, d->granted, OUT_ADDED, &why);
		return;
	}
}

static void
add_fixed(struct examining *x)
{
	const struct profile *p = x->in->profile;

	for (size_t i = 0; i < p->nadditions; i++) {
		const struct addition *a = &p->additions[i];
		struct decision why;

		if (addition_of(x, a->item) != a || items_find(&x->items, a->item) != NULL)
			continue;
		why = by_fact(x, EFFECT_GRANT, a->item, &a->fact);
		put(x, a->item, NULL, a->value, OUT_ADDED, &why);
	}
}

/* Nothing was granted that says whose it is. */
static void
refuse_nameless(struct examining *x)
{
	struct decision why = by_product(EFFECT_REFUSE, "examine.nameless", NULL);

	for (size_t i = 0; i < x->sheet->n; i++) {
		const struct disposition *d = &x->sheet->v[i];

		if (d->outcome == OUT_REFUSED ||
		    (d->granted != NULL &&
			(text_starts(d->item, "subject.") || text_starts(d->item, "san."))))
			return;
	}
	put(x, "subject", NULL, NULL, OUT_REFUSED, &why);
}

/* ---- a CA below ------------------------------------------------------------------- */

/* RFC 5280 4.1.2.6 and 4.2.1.9: it has a name, and a path that is shorter. */
static void
judge_ca(struct examining *x)
{
	int limit = x->in->issuer == NULL ? -1 : x->in->issuer->path_length;
	struct decision nameless = by_product(EFFECT_REFUSE, "examine.ca-nameless", NULL);
	struct disposition *path = sheet_find(x->sheet, "basicConstraints.pathlen");
	bool shorter = path != NULL && path->granted != NULL && atoi(path->granted) < limit;
	const struct rule *r = rule_find("issue.path-length");
	bool named = false;

	if (!x->in->profile->ca)
		return;
	for (size_t i = 0; i < x->sheet->n; i++)
		named |= x->sheet->v[i].granted != NULL &&
		    text_starts(x->sheet->v[i].item, "subject.");
	if (!named)
		put(x, "subject", NULL, NULL, OUT_REFUSED, &nameless);
	if (limit < 0 || shorter)
		return;
	if (path == NULL)
		path = sheet_add(x->sheet, "basicConstraints.pathlen", NULL, NULL, OUT_REFUSED);
	path->outcome = OUT_REFUSED;
	path->granted = NULL;
	sheet_decide(path, WEIGHT_NONE, r->id, r->sentence, r->reference, r->set_by);
}

/* ---- the life ---------------------------------------------------------------------- */

static int64_t
profile_days(const struct examining *x)
{
	const struct profile *p = x->in->profile;
	int64_t days = p->life[0].days;

	for (size_t i = 1; i < p->nlife; i++)
		if (strcmp(x->day, p->life[i].from) >= 0)
			days = p->life[i].days;
	return days;
}

/* No certificate outlives the authority's own. */
static struct decision
by_issuer(const struct examining *x, int64_t days)
{
	int64_t end = x->in->issuer->not_after;
	char time[TIME_SIZE];

	if (days >= 1)
		return by_product(EFFECT_GRANT, "issue.issuer-ends", NULL);
	time_format(time, end);
	return by_product(EFFECT_REFUSE, "issue.issuer-ends",
	    arena_printf(x->sheet->arena,
		"the authority's own certificate %s %s: it needs a new one"
		" (`certwright ca rollover`)",
		end < x->in->when ? "ended" : "ends", time));
}

static void
examine_life(struct examining *x)
{
	const struct examine_input *in = x->in;
	const struct dated_rule *limit = dated_limit(in->profile->rules, x->day);
	struct decision why = by_fact(x, EFFECT_GRANT, "life", &in->profile->life_fact);
	int64_t days = profile_days(x);
	struct arena *a = x->sheet->arena;
	char time[TIME_SIZE];

	if (in->profile->life_asked && in->days > 0 && in->days < days)
		days = in->days;
	if (limit != NULL && days > limit->days) {
		days = limit->days;
		why = by_dated(limit);
	}
	if (in->issuer != NULL && days > life_days(in->when, in->issuer->not_after)) {
		days = life_days(in->when, in->issuer->not_after);
		why = by_issuer(x, days);
	}
	put(x, "validity.days", in->days > 0 ? arena_printf(a, "%lld", (long long)in->days) : NULL,
	    days < 1 ? NULL : arena_printf(a, "%lld", (long long)days),
	    days < 1		   ? OUT_REFUSED
		: in->days == 0	   ? OUT_ADDED
		: in->days == days ? OUT_GRANTED
				   : OUT_AMENDED,
	    &why);
	if (limit != NULL && days == limit->days)
		sheet_note(x->sheet,
		    "%lld days is the very last that is allowed; authorities stay one day below",
		    (long long)days);
	time_format(time, in->when);
	why = by_product(EFFECT_GRANT, "examine.not-before", NULL);
	put(x, "validity.notBefore", NULL, time, OUT_ADDED, &why);
}

/* ---- all of it ---------------------------------------------------------------------- */

static void
note_rules(struct examining *x)
{
	enum validation v = x->in->authority->validation;
	const struct profile *p = x->in->profile;

	for (const struct dated_rule *r = dated_rules; r->id != NULL; r++)
		if (r->effect == DATED_NOTE && dated_in_force(r, v, x->day) &&
		    (r->hits == NULL || r->hits(&x->items, NULL)))
			sheet_note(x->sheet, "%s (%s)", r->sentence, r->reference);
	for (size_t i = 0; i < p->nnotes; i++)
		if (in_force(p->notes[i].from, p->notes[i].until, x->day))
			sheet_note(x->sheet, "%s (%s)", p->notes[i].fact.reason,
			    p->notes[i].fact.reference);
}

static bool
is_more(const char *item)
{
	return text_starts(item, "subject.") ||
	    (text_starts(item, "san.") && !text_starts(item, "san.email:"));
}

/* Another name or subject than asked, and it is not issued as asked; but for an
 * e-mail name, which says what the subject says. */
static enum verdict
verdict_of(const struct sheet *s)
{
	enum verdict v = VERDICT_ISSUE;

	for (size_t i = 0; i < s->n; i++) {
		const struct disposition *d = &s->v[i];

		if (d->outcome == OUT_REFUSED)
			return VERDICT_REFUSE;
		if (d->outcome == OUT_AMENDED || d->outcome == OUT_DROPPED ||
		    (d->outcome == OUT_ADDED && is_more(d->item)))
			v = VERDICT_AMEND;
	}
	return v;
}

void
examine(const struct examine_input *in, struct sheet *s)
{
	struct examining x = { .in = in, .sheet = s };
	EVP_PKEY *key = csr_public_key(in->request);

	day_of(x.day, in->when);
	x.is_rsa = key != NULL && EVP_PKEY_is_a(key, "RSA");
	x.key_fault = wish_key_fault(in->request, in->weak);
	items_of_request(s->arena, in->request, &x.items);
	for (size_t i = 0; i < x.items.n; i++)
		examine_wish(&x, &x.items.v[i]);
	add_common_name(&x);
	add_fixed(&x);
	judge_ca(&x);
	refuse_nameless(&x);
	examine_life(&x);
	wish_notes(s, in->request, &x.items);
	note_rules(&x);
	s->verdict = verdict_of(s);
	if (in->profile->approvals > 0 && !in->approved && s->verdict != VERDICT_REFUSE) {
		s->verdict = VERDICT_HOLD;
		sheet_note(s, "%s (%s)", in->profile->approval_fact.reason,
		    in->profile->approval_fact.reference);
	}
}

struct fate
examine_attribute(struct arena *a, const struct authority *authority, const struct profile *p,
    int64_t when, const char *item)
{
	struct examine_input in = { .authority = authority, .profile = p, .when = when };
	struct sheet sheet;
	struct examining x = { .in = &in, .sheet = &sheet, .items = { .arena = a } };
	/* a value that suits every attribute: a host's name is one a CN may have */
	struct item it = { .name = item, .value = "a.example.com", .times = 1 };
	struct decision d;

	sheet_init(&sheet, a);
	day_of(x.day, when);
	d = judge_wish(&x, &it);
	return (struct fate){ d.effect, d.reason, d.reference, d.set_by };
}

struct fate
examine_name(struct arena *a, const struct authority *authority, const struct profile *p,
    const struct issuer_limits *issuer, int64_t when, const char *name)
{
	struct examine_input in = {
		.authority = authority, .profile = p, .issuer = issuer, .when = when
	};
	struct sheet sheet;
	struct examining x = { .in = &in, .sheet = &sheet, .items = { .arena = a } };
	struct san san = {
		.type = SAN_DNS, .text = name, .item = arena_printf(a, "san.dns:%s", name)
	};
	struct item it = { .name = san.item, .value = name, .san = &san, .times = 1 };
	struct decision d;

	sheet_init(&sheet, a);
	day_of(x.day, when);
	d = judge_wish(&x, &it);
	if (d.effect == EFFECT_GRANT && p->max_labels > 0 && labels(name) > p->max_labels)
		d = by_fact(&x, EFFECT_REFUSE, "names.labels", &p->names_fact);
	if (d.effect == EFFECT_GRANT && !is_permitted(issuer, &san))
		d = by_product(EFFECT_REFUSE, "issue.name-constraints", NULL);
	return (struct fate){ d.effect, d.reason, d.reference, d.set_by };
}

int64_t
examine_days(const struct profile *p, const struct issuer_limits *issuer, int64_t when)
{
	struct examine_input in = { .profile = p };
	struct examining x = { .in = &in };
	const struct dated_rule *limit;
	int64_t days;

	day_of(x.day, when);
	days = profile_days(&x);
	if ((limit = dated_limit(p->rules, x.day)) != NULL && days > limit->days)
		days = limit->days;
	if (issuer != NULL && days > life_days(when, issuer->not_after))
		days = life_days(when, issuer->not_after);
	return days < 0 ? 0 : days;
}
