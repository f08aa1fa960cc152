/*
 * examine_profile.c - what profile and dated rules say of a wish
 */
#include "base/text.h"
#include "x509/examine_impl.h"
#include "x509/issue.h"
#include "x509/rules.h"

#define BY_PROFILE "authority profile"

struct decision
decide_by_fact(
    const struct examining *x, enum effect effect, const char *what, const struct fact *f)
{
	return (struct decision){ effect,
		arena_printf(x->sheet->arena, "%s.%s", x->in->authority->id, what), f->reason,
		f->reference, BY_PROFILE };
}

struct decision
decide_by_dated(const struct dated_rule *r)
{
	return (struct decision){ r->effect == DATED_REFUSE ? EFFECT_REFUSE : EFFECT_DROP, r->id,
		r->sentence, r->reference, r->set_by };
}

struct decision
decide_by_product(enum effect effect, const char *id, const char *reason)
{
	const struct rule *r = rule_find(id);

	return (struct decision){ effect, id, reason == NULL ? r->sentence : reason, r->reference,
		r->set_by };
}

void
examine_put(struct examining *x, const char *item, const char *asked, const char *granted,
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
			return decide_by_fact(
			    x, p->grants[i].effect, p->grants[i].item, &p->grants[i].fact);
	return decide_by_product(EFFECT_DROP, "examine.not-granted", NULL);
}

const struct addition *
examine_addition(const struct examining *x, const char *item)
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
		return decide_by_product(EFFECT_DROP, "issue.not-made", NULL);
	if (issue_decides(it->name))
		return decide_by_product(EFFECT_DROP, "issue.decides", NULL);
	return is_of_cas(x, it) ? decide_by_product(EFFECT_DROP, "issue.ca-profile", NULL)
				: granted;
}

/* The stricter of what holds for all public authorities and of the profile. */
struct decision
judge_wish(const struct examining *x, const struct item *it)
{
	const struct dated_rule *dated = dated_find(x->in->profile->rules, x->day, &x->items, it);
	struct decision d = by_profile(x, it);

	if (dated != NULL && (dated->effect == DATED_REFUSE || d.effect != EFFECT_REFUSE))
		return decide_by_dated(dated);
	return x->in->issuer != NULL && d.effect == EFFECT_GRANT ? by_maker(x, it, d) : d;
}

/* ---- wishes that are no names ----------------------------------------------------- */

/*
 * What parsers disagree on is refused, whatever a profile would do with it:
 * of an extension that stands there twice the authority may take the other.
 */
bool
wish_is_ambiguous(const struct item *it)
{
	return it->fault != NULL && !text_starts(it->name, "subject.");
}

struct decision
judge_other(struct examining *x, const struct item *it)
{
	struct decision d = judge_wish(x, it);
	struct wish_fault fault;

	if (d.effect != EFFECT_GRANT && !wish_is_ambiguous(it))
		return d;
	fault = wish_judge(x->sheet, x->in->request, &x->key_fault, it);
	return fault.rule == NULL ? d : decide_by_product(EFFECT_REFUSE, fault.rule, fault.reason);
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
