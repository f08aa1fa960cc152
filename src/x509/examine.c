/*
 * examine.c - a request against a policy, before anything is signed
 */
#include <stdio.h>

#include "base/text.h"
#include "x509/examine_impl.h"
#include "x509/rules.h"

/* ---- the key and the proof of its possession ------------------------------------- */

static struct decision
judge_key(const struct examining *x)
{
	const struct profile *p = x->in->profile;
	EVP_PKEY *key = csr_public_key(x->in->request);
	struct decision fine = { .effect = EFFECT_GRANT };

	if (!p->key[key_type_of(key)] ||
	    (x->is_rsa && p->rsa_exponent > 0 && key_rsa_exponent(key) != p->rsa_exponent))
		return decide_by_fact(x, EFFECT_REFUSE, "key", &p->keys_fact);
	return fine;
}

static struct decision
judge_signature(const struct examining *x, const struct item *it)
{
	const struct profile *p = x->in->profile;
	struct decision fine = { .effect = EFFECT_GRANT };

	for (size_t i = 0; i < p->nweak_signatures; i++)
		if (strcasestr(it->value, p->weak_signatures[i]) != NULL)
			return decide_by_fact(x, EFFECT_REFUSE, "signature", &p->signatures_fact);
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
		return decide_by_product(EFFECT_REFUSE, fault.rule, fault.reason);
	return key	? judge_key(x)
	    : signature ? judge_signature(x, it)
			: (struct decision){ .effect = EFFECT_GRANT };
}

static void
examine_wish(struct examining *x, const struct item *it)
{
	static const enum outcome outcomes[] = { OUT_GRANTED, OUT_DROPPED, OUT_REFUSED };
	const struct addition *a = examine_addition(x, it->name);
	struct decision d;

	if (a == NULL || wish_is_ambiguous(it)) {
		d = judge(x, it);
		examine_put(x, it->name, it->value, d.effect == EFFECT_GRANT ? it->value : NULL,
		    outcomes[d.effect], &d);
	} else {
		d = decide_by_fact(x, EFFECT_GRANT, a->item, &a->fact);
		examine_put(x, it->name, it->value, a->value,
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
		why = decide_by_product(EFFECT_GRANT, "examine.cn-first", NULL);
		examine_put(x, "subject.CN", NULL, d->granted, OUT_ADDED, &why);
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

		if (examine_addition(x, a->item) != a || items_find(&x->items, a->item) != NULL)
			continue;
		why = decide_by_fact(x, EFFECT_GRANT, a->item, &a->fact);
		examine_put(x, a->item, NULL, a->value, OUT_ADDED, &why);
	}
}

/* Nothing was granted that says whose it is. */
static void
refuse_nameless(struct examining *x)
{
	struct decision why = decide_by_product(EFFECT_REFUSE, "examine.nameless", NULL);

	for (size_t i = 0; i < x->sheet->n; i++) {
		const struct disposition *d = &x->sheet->v[i];

		if (d->outcome == OUT_REFUSED ||
		    (d->granted != NULL &&
			(text_starts(d->item, "subject.") || text_starts(d->item, "san."))))
			return;
	}
	examine_put(x, "subject", NULL, NULL, OUT_REFUSED, &why);
}

/* ---- a CA below ------------------------------------------------------------------- */

/* RFC 5280 4.1.2.6 and 4.2.1.9: it has a name, and a path that is shorter. */
static void
judge_ca(struct examining *x)
{
	int limit = x->in->issuer == NULL ? -1 : x->in->issuer->path_length;
	struct decision nameless = decide_by_product(EFFECT_REFUSE, "examine.ca-nameless", NULL);
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
		examine_put(x, "subject", NULL, NULL, OUT_REFUSED, &nameless);
	if (limit < 0 || shorter)
		return;
	if (path == NULL)
		path = sheet_add(x->sheet, "basicConstraints.pathlen", NULL, NULL, OUT_REFUSED);
	path->outcome = OUT_REFUSED;
	path->granted = NULL;
	sheet_decide(path, WEIGHT_NONE, r->id, r->sentence, r->reference, r->set_by);
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
