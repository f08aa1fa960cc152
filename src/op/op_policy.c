/*
 * op_policy.c - what an authority of our own grants: its profiles, as a card
 */
#include <jansson.h>

#include "op/ca_sign.h"
#include "op/op_policy.h"
#include "op/op_sheet.h"
#include "op/op_weak.h"
#include "store/store.h"
#include "x509/csr.h"
#include "x509/rules.h"

static int
judge(struct ctx *cx, const struct request_row *r, const struct own *own,
    const struct authority *policy, const char *profile, struct sheet *sheet)
{
	AUTO(csr) struct csr *csr = NULL;
	struct err e = { 0 };
	struct examine_input in = { .authority = policy,
		.profile = authority_profile(policy, profile, &e),
		.weak = op_weak(cx),
		.when = cx->now };

	sheet_init(sheet, cx->arena);
	if (in.profile == NULL) { /* it is gone: nothing is issued under it */
		rule_apply(sheet, sheet_add(sheet, "profile", profile, NULL, OUT_REFUSED),
		    WEIGHT_NONE, "examine.profile-gone", NULL);
		sheet->verdict = VERDICT_REFUSE;
		return 0;
	}
	if (csr_parse_unproved(&csr, r->der, r->der_len, &cx->err) < 0)
		return -1;
	in.request = csr;
	in.issuer = own == NULL ? NULL : &own_signer(own, in.profile)->limits;
	examine(&in, sheet);
	return err_is_set(&cx->err) ? -1 : 0;
}

/* The profile under which this authority issued to the request, else its default. */
static int
profile_of(struct ctx *cx, const char *authority, const char *request, const char **profile)
{
	struct submission_row *list;
	size_t n;

	*profile = NULL;
	if (store_submission_of(cx, request, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && *profile == NULL; i++)
		if (strcmp(list[i].authority, authority) == 0)
			*profile = list[i].profile;
	return 0;
}

static const struct disposition *
first_refused(const struct sheet *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].outcome == OUT_REFUSED)
			return &s->v[i];
	return NULL;
}

/* 1 there is an effect, 0 the identity has no request, -1 */
static int
effect_on(struct ctx *cx, const struct identity *i, const struct own *own,
    const struct policy_change *c, struct policy_effect *out)
{
	const struct disposition *refused;
	struct sheet now, then;
	struct request_row r;

	if (store_request_newest(cx, i->id, &r) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		return 0;
	}
	*out = (struct policy_effect){ .identity = i->name };
	if (profile_of(cx, c->name, r.id, &out->profile) < 0 ||
	    judge(cx, &r, own, own == NULL ? &c->policy : &own->card.authority, out->profile,
		&now) < 0 ||
	    judge(cx, &r, own, &c->policy, out->profile, &then) < 0)
		return -1;
	if (out->profile == NULL)
		out->profile = c->policy.profiles[c->policy.default_profile].name;
	out->now = now.verdict;
	out->then = then.verdict;
	if ((refused = first_refused(&then)) != NULL) {
		out->item = refused->item;
		out->reason = refused->reason;
	}
	return 1;
}

static int
effects(struct ctx *cx, const struct own *own, struct policy_change *c)
{
	struct identity *all;
	size_t n;
	int r;

	if (store_identity_list(cx, &all, &n) < 0)
		return -1;
	c->v = arena_new_array(cx->arena, n + 1, struct policy_effect);
	for (size_t i = 0; i < n; i++) {
		if ((r = effect_on(cx, &all[i], own, c, &c->v[c->n])) < 0)
			return -1;
		c->n += (size_t)r;
	}
	return 0;
}

static int
save(struct ctx *cx, struct authority_row *row, const char *text, struct policy_change *c)
{
	row->policy = text;
	c->version = ++row->policy_version;
	if (db_begin(cx) < 0 || store_authority_update(cx, row) < 0 ||
	    audit(cx, "policy.set", row->name,
		arena_printf(cx->arena, "{\"version\":%lld}", (long long)c->version)) < 0)
		return -1;
	return db_commit(cx);
}

static int
set(struct ctx *cx, const char *name, const char *text, size_t len, bool dry,
    struct policy_change *c)
{
	struct authority_row row;

	memset(c, 0, sizeof(*c));
	if (store_authority_load(cx, name, &row) < 0 ||
	    authority_parse(cx->arena, text, len, &c->policy, &cx->err) < 0)
		return -1;
	if (c->policy.validation != VALIDATION_PRIVATE) {
		err_set(&cx->err, R_POLICY_PUBLIC, NULL, "its validation is %s, not private",
		    validation_name(c->policy.validation));
		return err_hint(&cx->err, "an authority of our own is a private one");
	}
	c->name = row.name;
	c->version = row.policy_version;
	c->policy.id = c->policy.title = row.name;
	if (effects(cx, op_own_find(cx, name), c) < 0)
		return -1;
	return dry ? 0 : save(cx, &row, arena_dup(cx->arena, text, len), c);
}

int
op_policy_show(struct ctx *cx, const char *name, struct policy_in_force *p)
{
	const struct card *product;
	struct authority_row row;

	memset(p, 0, sizeof(*p));
	if (store_authority_load(cx, name, &row) < 0)
		return -1;
	p->text = row.policy;
	if (p->text == NULL) {
		if (op_card_find(cx, "private", &product) < 0)
			return -1;
		p->text = product->text;
	}
	if (authority_parse(cx->arena, p->text, strlen(p->text), &p->policy, &cx->err) < 0)
		return -1;
	p->name = p->policy.id = p->policy.title = row.name;
	p->version = row.policy_version;
	return 0;
}

int
op_policy_set(struct ctx *cx, const char *name, const char *text, size_t len, bool dry,
    struct policy_change *c)
{
	int r;

	if (dry) /* a reading, whoever changes what meanwhile */
		return set(cx, name, text, len, true, c);
	ca_change_begin();
	r = set(cx, name, text, len, false, c);
	return ca_change_end(cx, r);
}
