/*
 * authority.c - the text of a capability card
 *
 * Strict: a member that is unknown here is a fault, since a card that says
 * more than is understood would promise more than is kept.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <jansson.h>

#include "base/text.h"
#include "x509/authority.h"

#define CARD_ITEMS_MAX 200

struct card {
	struct arena *arena;
	struct err *e;
};

static int
fault(const struct card *c, const char *where, const char *what)
{
	err_set(c->e, R_CARD, NULL, "the card is wrong at %s: %s", where, what);
	return err_hint(c->e, "docs/authorities.md says what a card holds");
}

/* json_unpack with its complaint as ours; `!` in fmt: nothing may be left. */
static int
take(const struct card *c, const char *where, json_t *o, const char *fmt, ...)
{
	json_error_t error;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = json_vunpack_ex(o, &error, 0, fmt, ap);
	va_end(ap);
	return r == 0 ? 0 : fault(c, where, error.text);
}

static int
take_text(const struct card *c, const char *where, const char **text, bool needed)
{
	struct err e = { 0 };

	if (*text == NULL || (*text)[0] == '\0')
		return needed ? fault(c, where, "a text is missing or empty") : 0;
	if (text_check(&e, NULL, *text) < 0)
		return fault(c, where, e.message);
	*text = arena_strdup(c->arena, *text);
	return 0;
}

static int
take_fact(const struct card *c, const char *where, struct fact *f)
{
	int64_t day;

	if (take_text(c, where, &f->reason, true) < 0 ||
	    take_text(c, where, &f->reference, true) < 0 ||
	    take_text(c, where, &f->checked, true) < 0)
		return -1;
	return day_parse(f->checked, &day) < 0 ? fault(c, where, "`checked` is no day") : 0;
}

static int
take_day(const struct card *c, const char *where, const char **day)
{
	int64_t seconds;

	if (*day == NULL)
		return 0;
	if (day_parse(*day, &seconds) < 0)
		return fault(c, where, "a day is YYYY-MM-DD");
	*day = arena_strdup(c->arena, *day);
	return 0;
}

static int
take_grant(const struct card *c, const char *where, json_t *o, struct grant *g)
{
	const char *effect, *when = NULL;

	if (take(c, where, o, "{s:s,s:s,s:s,s:s,s:s,s?s,s?s,s?s,s?s!}", "item", &g->item, "effect",
		&effect, "reason", &g->fact.reason, "reference", &g->fact.reference, "checked",
		&g->fact.checked, "when", &when, "like", &g->like, "from", &g->from, "until",
		&g->until) < 0 ||
	    take_text(c, where, &g->item, true) < 0 || take_text(c, where, &g->like, false) < 0 ||
	    take_fact(c, where, &g->fact) < 0 || take_day(c, where, &g->from) < 0 ||
	    take_day(c, where, &g->until) < 0)
		return -1;
	g->address_only = when != NULL;
	if (when != NULL && strcmp(when, "address") != 0)
		return fault(c, where, "`when` is address");
	for (g->effect = EFFECT_GRANT; g->effect <= EFFECT_REFUSE; g->effect++)
		if (strcmp(effect, effect_name(g->effect)) == 0)
			return 0;
	return fault(c, where, "`effect` is grant, drop or refuse");
}

static int
take_addition(const struct card *c, const char *where, json_t *o, struct addition *a)
{
	const char *key = NULL;

	if (take(c, where, o, "{s:s,s:s,s:s,s:s,s:s,s?s,s?s,s?s!}", "item", &a->item, "value",
		&a->value, "reason", &a->fact.reason, "reference", &a->fact.reference, "checked",
		&a->fact.checked, "key", &key, "from", &a->from, "until", &a->until) < 0 ||
	    take_text(c, where, &a->item, true) < 0 || take_text(c, where, &a->value, true) < 0 ||
	    take_fact(c, where, &a->fact) < 0 || take_day(c, where, &a->from) < 0 ||
	    take_day(c, where, &a->until) < 0)
		return -1;
	a->rsa_only = key != NULL;
	return key == NULL || strcmp(key, "rsa") == 0 ? 0 : fault(c, where, "`key` is rsa");
}

/* How many lines an array has; both of a card's own and of its profile. */
static int
count(const struct card *c, const char *where, json_t *array, size_t *n)
{
	*n = json_array_size(array);
	if (array != NULL && !json_is_array(array))
		return fault(c, where, "an array is expected");
	return *n > CARD_ITEMS_MAX ? fault(c, where, "it has more than 200 lines") : 0;
}

/* Those of the profile come first, so that they decide before the common ones. */
static int
take_grants(const struct card *c, const char *name, json_t *own, json_t *common, struct profile *p)
{
	json_t *o, *lists[] = { own, common };
	size_t n[2], i;

	if (count(c, name, own, &n[0]) < 0 || count(c, name, common, &n[1]) < 0)
		return -1;
	p->grants = arena_new_array(c->arena, n[0] + n[1] + 1, struct grant);
	for (size_t k = 0; k < nitems(lists); k++)
		json_array_foreach (lists[k], i, o)
			if (take_grant(c, arena_printf(c->arena, "%s grants[%zu]", name, i), o,
				&p->grants[p->ngrants++]) < 0)
				return -1;
	return 0;
}

static int
take_additions(
    const struct card *c, const char *name, json_t *own, json_t *common, struct profile *p)
{
	json_t *o, *lists[] = { own, common };
	size_t n[2], i;

	if (count(c, name, own, &n[0]) < 0 || count(c, name, common, &n[1]) < 0)
		return -1;
	p->additions = arena_new_array(c->arena, n[0] + n[1] + 1, struct addition);
	for (size_t k = 0; k < nitems(lists); k++)
		json_array_foreach (lists[k], i, o)
			if (take_addition(c, arena_printf(c->arena, "%s adds[%zu]", name, i), o,
				&p->additions[p->nadditions++]) < 0)
				return -1;
	return 0;
}

static int
take_keys(const struct card *c, const char *name, json_t *o, struct profile *p)
{
	const char *where = arena_printf(c->arena, "%s keys", name), *text;
	json_t *allow, *v;
	int exponent = 0;
	size_t i;

	if (take(c, where, o, "{s:o,s?i,s:s,s:s,s:s!}", "allow", &allow, "rsa_exponent", &exponent,
		"reason", &p->keys_fact.reason, "reference", &p->keys_fact.reference, "checked",
		&p->keys_fact.checked) < 0 ||
	    take_fact(c, where, &p->keys_fact) < 0)
		return -1;
	p->rsa_exponent = exponent;
	json_array_foreach (allow, i, v) {
		text = json_string_value(v);
		if (text == NULL)
			return fault(c, where, "`allow` lists names of key types");
		p->key[KEY_RSA_OTHER] |= strcmp(text, "rsa") == 0; /* of any other size */
		p->key[key_type_by_name(text)] = true;
		if (strcmp(text, "rsa") != 0 && key_type_by_name(text) == KEY_NONE)
			return fault(c, where, "`allow` names a key type that is unknown here");
	}
	p->key[KEY_NONE] = false;
	return i > 0 ? 0 : fault(c, where, "`allow` names no key type");
}

static int
take_signatures(const struct card *c, const char *name, json_t *o, struct profile *p)
{
	const char *where = arena_printf(c->arena, "%s signatures", name);
	json_t *refuse, *v;
	size_t i;

	if (o == NULL)
		return 0;
	if (take(c, where, o, "{s:o,s:s,s:s,s:s!}", "refuse", &refuse, "reason",
		&p->signatures_fact.reason, "reference", &p->signatures_fact.reference, "checked",
		&p->signatures_fact.checked) < 0 ||
	    take_fact(c, where, &p->signatures_fact) < 0 || count(c, where, refuse, &i) < 0)
		return -1;
	p->weak_signatures = arena_new_array(c->arena, i + 1, const char *);
	json_array_foreach (refuse, i, v) {
		const char *text = json_string_value(v);

		if (take_text(c, where, &text, true) < 0)
			return -1;
		p->weak_signatures[p->nweak_signatures++] = text;
	}
	return 0;
}

static int
take_names(const struct card *c, const char *name, json_t *o, struct profile *p)
{
	const char *where = arena_printf(c->arena, "%s names", name);
	int max = 0, labels = 0;

	if (o == NULL)
		return 0;
	if (take(c, where, o, "{s:i,s?i,s:s,s:s,s:s!}", "max", &max, "labels", &labels, "reason",
		&p->names_fact.reason, "reference", &p->names_fact.reference, "checked",
		&p->names_fact.checked) < 0 ||
	    take_fact(c, where, &p->names_fact) < 0)
		return -1;
	if (max < 1 || labels < 0)
		return fault(c, where, "`max` and `labels` are counts");
	p->max_names = (size_t)max;
	p->max_labels = (size_t)labels;
	return 0;
}

static int
take_life(const struct card *c, const char *name, json_t *o, struct profile *p)
{
	const char *where = arena_printf(c->arena, "%s life", name);
	json_t *steps, *v;
	int asked = 0;
	size_t i, n;

	if (take(c, where, o, "{s:o,s:b,s:s,s:s,s:s!}", "steps", &steps, "asked", &asked, "reason",
		&p->life_fact.reason, "reference", &p->life_fact.reference, "checked",
		&p->life_fact.checked) < 0 ||
	    take_fact(c, where, &p->life_fact) < 0 || count(c, where, steps, &n) < 0)
		return -1;
	p->life_asked = asked;
	p->life = arena_new_array(c->arena, n + 1, struct life_step);
	json_array_foreach (steps, i, v) {
		struct life_step *s = &p->life[p->nlife++];
		json_int_t days;

		if (take(c, where, v, "{s?s,s:I!}", "from", &s->from, "days", &days) < 0 ||
		    take_day(c, where, &s->from) < 0)
			return -1;
		if (days < 1 || days > 36500 || (i == 0) != (s->from == NULL) ||
		    (i > 1 && strcmp(s->from, s[-1].from) <= 0))
			return fault(c, where, "steps go from the first, without `from`, forward");
		s->days = days;
	}
	return n > 0 ? 0 : fault(c, where, "there is no step");
}

static int
take_approval(const struct card *c, const char *name, json_t *o, struct profile *p)
{
	const char *where = arena_printf(c->arena, "%s approval", name);

	if (o == NULL)
		return 0;
	if (take(c, where, o, "{s:i,s:s,s:s,s:s!}", "persons", &p->approvals, "reason",
		&p->approval_fact.reason, "reference", &p->approval_fact.reference, "checked",
		&p->approval_fact.checked) < 0 ||
	    take_fact(c, where, &p->approval_fact) < 0)
		return -1;
	return p->approvals == 1 || p->approvals == 2 ? 0 : fault(c, where, "`persons` is 1 or 2");
}

static int
take_notes(const struct card *c, const char *name, json_t *all, struct profile *p)
{
	const char *where = arena_printf(c->arena, "%s notes", name);
	size_t i, n;
	json_t *o;

	if (count(c, where, all, &n) < 0)
		return -1;
	p->notes = arena_new_array(c->arena, n + 1, struct note);
	json_array_foreach (all, i, o) {
		struct note *note = &p->notes[p->nnotes++];

		if (take(c, where, o, "{s:s,s:s,s:s,s?s,s?s!}", "reason", &note->fact.reason,
			"reference", &note->fact.reference, "checked", &note->fact.checked, "from",
			&note->from, "until", &note->until) < 0 ||
		    take_fact(c, where, &note->fact) < 0 || take_day(c, where, &note->from) < 0 ||
		    take_day(c, where, &note->until) < 0)
			return -1;
	}
	return 0;
}

static int
take_cn(const struct card *c, const char *where, const char *text, struct profile *p)
{
	static const char *const names[] = { "keep", "first-name", "none" };

	for (size_t i = 0; i < nitems(names); i++)
		if (strcmp(text, names[i]) == 0) {
			p->cn = (enum cn_policy)i;
			return 0;
		}
	return fault(c, where, "`common_name` is keep, first-name or none");
}

static int
take_validation(const struct card *c, const char *where, const char *text, enum validation *v)
{
	for (*v = VALIDATION_PRIVATE; *v <= VALIDATION_OV; (*v)++)
		if (strcmp(text, validation_name(*v)) == 0)
			return 0;
	return fault(c, where, "it is private, dv or ov");
}

/* What of the lines counts for more than a wish. */
static int
check_lines(const struct card *c, struct profile *p)
{
	bool path = false;

	for (size_t i = p->nadditions; i-- > 0;) { /* the first of a kind decides */
		const struct addition *a = &p->additions[i];

		if (strcmp(a->item, "basicConstraints.ca") == 0)
			p->ca = strcmp(a->value, "TRUE") == 0;
		path |= strcmp(a->item, "basicConstraints.pathlen") == 0;
	}
	if (path && !p->ca)
		return fault(c, p->name, "a path length is for a CA only");
	return p->ca && p->approvals < 2
	    ? fault(c, p->name, "certificates of CAs are approved by two persons")
	    : 0;
}

static int
take_profile(const struct card *c, json_t *o, json_t *grants, json_t *adds, size_t i,
    enum validation rules, struct profile *p)
{
	json_t *keys, *signatures = NULL, *names = NULL, *life, *approval = NULL,
		      *own_grants = NULL, *own_adds = NULL, *notes = NULL;
	const char *where = arena_printf(c->arena, "profiles[%zu]", i), *cn, *own_rules = NULL;

	p->rules = rules;
	if (take(c, where, o, "{s:s,s:s,s?s,s:s,s:o,s?o,s?o,s:o,s?o,s?o,s?o,s?o!}", "name",
		&p->name, "summary", &p->summary, "rules", &own_rules, "common_name", &cn, "keys",
		&keys, "signatures", &signatures, "names", &names, "life", &life, "approval",
		&approval, "grants", &own_grants, "adds", &own_adds, "notes", &notes) < 0 ||
	    take_text(c, where, &p->name, true) < 0 || take_text(c, where, &p->summary, true) < 0 ||
	    take_cn(c, where, cn, p) < 0 ||
	    (own_rules != NULL && take_validation(c, where, own_rules, &p->rules) < 0))
		return -1;
	return take_keys(c, p->name, keys, p) < 0 ||
		take_signatures(c, p->name, signatures, p) < 0 ||
		take_names(c, p->name, names, p) < 0 || take_life(c, p->name, life, p) < 0 ||
		take_approval(c, p->name, approval, p) < 0 ||
		take_notes(c, p->name, notes, p) < 0 ||
		take_grants(c, p->name, own_grants, grants, p) < 0 ||
		take_additions(c, p->name, own_adds, adds, p) < 0 || check_lines(c, p) < 0
	    ? -1
	    : 0;
}

static int
take_profiles(const struct card *c, json_t *all, json_t *grants, json_t *adds, const char *preset,
    struct authority *a)
{
	json_t *o;
	size_t i;

	if (count(c, "profiles", all, &i) < 0)
		return -1;
	a->profiles = arena_new_array(c->arena, i + 1, struct profile);
	a->default_profile = SIZE_MAX;
	json_array_foreach (all, i, o) {
		if (take_profile(c, o, grants, adds, i, a->validation, &a->profiles[i]) < 0)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(a->profiles[k].name, a->profiles[i].name) == 0)
				return fault(c, a->profiles[i].name, "the name stands there twice");
		if (strcmp(a->profiles[i].name, preset) == 0)
			a->default_profile = i;
		a->nprofiles++;
	}
	return a->default_profile == SIZE_MAX
	    ? fault(c, "default_profile", "there is no profile of this name")
	    : 0;
}

/* Which format to order; any that comes is read (V35). */
static int
take_order(const struct card *c, json_t *o, struct authority *a)
{
	struct fact *f = &a->order_fact;

	return o != NULL &&
		(take(c, "order", o, "{s:s,s:s,s:s,s:s!}", "format", &a->order, "reason",
		     &f->reason, "reference", &f->reference, "checked", &f->checked) < 0 ||
		    take_text(c, "order", &a->order, true) < 0 || take_fact(c, "order", f) < 0)
	    ? -1
	    : 0;
}

static int
take_card(const struct card *c, json_t *root, struct authority *a)
{
	json_t *profiles, *grants = NULL, *adds = NULL, *order = NULL;
	const char *validation, *preset;
	int64_t day;

	if (take(c, "the top", root, "{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s?o,s?o,s?o!}", "id", &a->id,
		"title", &a->title, "summary", &a->summary, "validation", &validation, "checked",
		&a->checked, "default_profile", &preset, "profiles", &profiles, "grants", &grants,
		"adds", &adds, "order", &order) < 0 ||
	    take_order(c, order, a) < 0 || take_text(c, "id", &a->id, true) < 0 ||
	    take_text(c, "title", &a->title, true) < 0 ||
	    take_text(c, "summary", &a->summary, true) < 0 ||
	    take_text(c, "checked", &a->checked, true) < 0)
		return -1;
	if (strspn(a->id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(a->id) ||
	    strlen(a->id) > 40)
		return fault(c, "id", "lower-case letters, digits and hyphens, at most 40");
	if (day_parse(a->checked, &day) < 0)
		return fault(c, "checked", "it is no day (YYYY-MM-DD)");
	if (take_validation(c, "validation", validation, &a->validation) < 0)
		return -1;
	return take_profiles(c, profiles, grants, adds, preset, a);
}

int
authority_parse(
    struct arena *arena, const char *text, size_t len, struct authority *a, struct err *e)
{
	struct card c = { arena, e };
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	int r;

	memset(a, 0, sizeof(*a));
	if (root == NULL)
		return fault(&c, arena_printf(arena, "line %d", error.line), error.text);
	r = take_card(&c, root, a);
	json_decref(root);
	return r;
}
