/*
 * examine_names.c - names, and what the subject has of them
 */
#include "base/text.h"
#include "x509/der_names.h"
#include "x509/examine_impl.h"

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

struct decision
judge_name(struct examining *x, const struct item *it)
{
	const struct profile *p = x->in->profile;
	struct decision d = judge_wish(x, it);
	struct wish_fault fault;

	if (d.effect == EFFECT_DROP && is_email_of_subject(x, it))
		d = decide_by_product(EFFECT_GRANT, "issue.email-in-names", NULL);
	/* of a name that cannot be read, no rule about names says what is wrong */
	if (d.effect == EFFECT_DROP || (d.effect == EFFECT_REFUSE && it->fault == NULL))
		return d;
	fault = wish_judge(x->sheet, x->in->request, &x->key_fault, it);
	if (fault.rule != NULL)
		return decide_by_product(EFFECT_REFUSE, fault.rule, fault.reason);
	if (p->max_labels > 0 && it->san->type == SAN_DNS && labels(it->value) > p->max_labels)
		return decide_by_fact(x, EFFECT_REFUSE, "names.labels", &p->names_fact);
	if (is_full(x))
		return decide_by_fact(x, EFFECT_REFUSE, "names.max", &p->names_fact);
	if (!is_permitted(x->in->issuer, it->san))
		return decide_by_product(EFFECT_REFUSE, "issue.name-constraints", NULL);
	x->names++;
	return d;
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
	return x->in->issuer == NULL || examine_addition(x, "eku.serverAuth") != NULL;
}

/* Clients look among the names only: there it has to stand, or nowhere. */
struct decision
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
	name = decide_by_product(EFFECT_GRANT, "examine.cn-in-names", NULL);
	examine_put(x, apart.name, NULL, apart.value, OUT_ADDED, &name);
	return d;
}

/* ---- e-mail addresses ------------------------------------------------------------ */

/* RFC 5280 4.1.2.6: an address in the subject stands among the names, too. */
struct decision
judge_email(struct examining *x, const struct item *it)
{
	struct decision d = judge_other(x, it), name;
	struct san address = { .type = SAN_EMAIL, .text = it->value };
	struct arena *a = x->sheet->arena;
	const char *item;

	if (x->in->issuer == NULL || d.effect != EFFECT_GRANT)
		return d;
	if (!is_permitted(x->in->issuer, &address))
		return decide_by_product(EFFECT_REFUSE, "issue.name-constraints", NULL);
	item = arena_printf(a, "san.email:%s", it->value);
	if (items_find(&x->items, item) != NULL || sheet_find(x->sheet, item) != NULL)
		return d;
	if (is_full(x))
		return decide_by_fact(x, EFFECT_REFUSE, "names.max", &x->in->profile->names_fact);
	name = decide_by_product(EFFECT_GRANT, "issue.email-in-names", NULL);
	examine_put(x, item, NULL, it->value, OUT_ADDED, &name);
	x->names++;
	return d;
}

/* ---- a name by itself -------------------------------------------------------------- */

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
		d = decide_by_fact(&x, EFFECT_REFUSE, "names.labels", &p->names_fact);
	if (d.effect == EFFECT_GRANT && !is_permitted(issuer, &san))
		d = decide_by_product(EFFECT_REFUSE, "issue.name-constraints", NULL);
	return (struct fate){ d.effect, d.reason, d.reference, d.set_by };
}
