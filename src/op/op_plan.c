/*
 * op_plan.c - the coverage plan: what names there are, and what covers them
 */
#include "base/limits.h"
#include "op/op_names.h"
#include "op/op_own.h"
#include "op/op_plan.h"
#include "op/op_tenant.h"
#include "store/plan.h"

struct gathering {
	struct plan_name *names, *domains;
	size_t n, ndomains;
	struct plan_held *held;
	size_t nheld;
};

struct sources {
	struct plan_row *tenants, *given, *proved, *saved, *active, *waiting;
	size_t ntenants, ngiven, nproved, nsaved, nactive, nwaiting;
};

/* ---- names ------------------------------------------------------------------------- */

/* It, and all below it, is the tenant's; a suspended one needs nothing new. */
static void
take_domain(struct gathering *g, const struct plan_row *r, const char *name)
{
	g->domains[g->ndomains++] = (struct plan_name){ name, r->owner };
	if (r->until != 0)
		g->names[g->n++] = (struct plan_name){ name, r->owner };
}

/* By a file it is this name alone; what is proved too long ago gives nothing. */
static void
take_proved(struct ctx *cx, struct gathering *g, const struct plan_row *r)
{
	if (dated_proof_end(r->proved_at) <= cx->now)
		return;
	if (strcmp(r->method, "dns") == 0)
		take_domain(g, r, r->names);
	else if (r->until != 0)
		g->names[g->n++] = (struct plan_name){ r->names, r->owner };
}

static size_t
count_names(const struct sources *s)
{
	size_t n = 1 + s->ntenants + s->ngiven + s->nproved;

	for (size_t i = 0; i < s->nsaved; i++)
		for (const char *c = s->saved[i].names; *c != '\0'; c++)
			n += *c == '\n';
	return n + s->nsaved;
}

/* A wildcard is how names are covered, and none itself. */
static void
take_saved(struct ctx *cx, struct gathering *g, const struct plan_row *r)
{
	for (const char *s = r->names; *s != '\0';) {
		size_t len = strcspn(s, "\n");

		if (len > 0 && *s != '*')
			g->names[g->n++] = (struct plan_name){
				text_lower_ascii(cx->arena, arena_dup(cx->arena, s, len)), r->owner
			};
		s += len + (s[len] == '\n');
	}
}

static void
take_names(struct ctx *cx, const struct sources *s, const char *base, struct gathering *g)
{
	g->names = arena_new_array(cx->arena, count_names(s), struct plan_name);
	g->domains = arena_new_array(
	    cx->arena, s->ntenants + s->ngiven + s->nproved, struct plan_name);
	if (base != NULL && in_system(cx))
		g->names[g->n++] = (struct plan_name){ base, NULL };
	for (size_t i = 0; i < s->ntenants && base != NULL; i++)
		take_domain(
		    g, &s->tenants[i], arena_printf(cx->arena, "%s.%s", s->tenants[i].names, base));
	for (size_t i = 0; i < s->ngiven; i++)
		take_domain(g, &s->given[i], s->given[i].names);
	for (size_t i = 0; i < s->nproved; i++)
		take_proved(cx, g, &s->proved[i]);
	for (size_t i = 0; i < s->nsaved; i++)
		take_saved(cx, g, &s->saved[i]);
}

/* Whose a certificate of the system is, no tenant is told (P22). */
static void
take_held(struct ctx *cx, const struct sources *s, struct gathering *g)
{
	g->held = arena_new_array(cx->arena, s->nactive + s->nwaiting, struct plan_held);
	for (size_t i = 0; i < s->nactive + s->nwaiting; i++) {
		const struct plan_row *r = i < s->nactive ? &s->active[i]
							  : &s->waiting[i - s->nactive];

		g->held[g->nheld++] = (struct plan_held){
			.label = r->owner == NULL && !in_system(cx) ? NULL : r->identity,
			.owner = r->owner,
			.names = r->names,
			.until = r->until
		};
	}
}

static int
gather(struct ctx *cx, const char *base, struct gathering *g)
{
	struct sources s;

	if (store_plan_tenants(cx, &s.tenants, &s.ntenants) < 0 ||
	    store_plan_given(cx, &s.given, &s.ngiven) < 0 ||
	    store_plan_proved(cx, &s.proved, &s.nproved) < 0 ||
	    store_plan_saved(cx, &s.saved, &s.nsaved) < 0 ||
	    store_plan_active(cx, &s.active, &s.nactive) < 0 ||
	    store_plan_waiting(cx, &s.waiting, &s.nwaiting) < 0)
		return -1;
	take_names(cx, &s, base, g);
	take_held(cx, &s, g);
	return 0;
}

/* ---- the authority -------------------------------------------------------------------- */

/* Our own first; else what binds all public ones. */
static int
choose_authority(struct ctx *cx, const struct coverage_wish *w, struct preview *p)
{
	const char *id = w->authority;
	const struct card *all;
	size_t n;

	if (id != NULL && id[0] != '\0')
		return op_preview_parse(cx, id, w->profile, NULL, NULL, p);
	all = op_authority_list(cx, &n);
	for (size_t i = 0; i < n && (id == NULL || id[0] == '\0'); i++)
		if (all[i].own != NULL || strcmp(all[i].authority.id, "public-dv") == 0)
			id = all[i].authority.id;
	return op_preview_parse(cx, id == NULL ? "" : id, w->profile, NULL, NULL, p);
}

static const struct issuer_limits *
limits_of(const struct preview *p)
{
	return p->card->own == NULL ? NULL : &own_signer(p->card->own, p->profile)->limits;
}

struct asking {
	struct ctx *cx;
	const struct preview *preview;
};

static const char *
refuses(void *arg, const char *name)
{
	const struct asking *a = arg;
	struct fate f = examine_name(a->cx->arena, &a->preview->card->authority,
	    a->preview->profile, limits_of(a->preview), a->preview->when, name);

	return f.effect == EFFECT_GRANT ? NULL : f.reason;
}

static int
choose_strategy(struct ctx *cx, const char *name, struct coverage *c)
{
	c->recommended = plan_recommend(cx->arena, c->all, &c->reason);
	c->chosen = c->recommended;
	if (name == NULL || name[0] == '\0' || plan_strategy_of(name, &c->chosen) == 0)
		return 0;
	err_set(&cx->err, R_PLAN_STRATEGY, "strategy", "there is no strategy %.40s", name);
	return err_hint(&cx->err, "one of wildcard, shared, each");
}

int
op_coverage(struct ctx *cx, const struct coverage_wish *w, struct coverage *c)
{
	struct asking asking = { cx, &c->preview };
	struct plan_input in = { .refuses = refuses, .arg = &asking };
	struct gathering g = { 0 };

	*c = (struct coverage){ 0 };
	if (choose_authority(cx, w, &c->preview) < 0 || op_names_base(cx, &c->base) < 0)
		return -1;
	if (c->base[0] == '\0')
		c->base = NULL;
	if (gather(cx, c->base, &g) < 0)
		return -1;
	c->days = examine_days(c->preview.profile, limits_of(&c->preview), c->preview.when);
	c->max_names = c->preview.profile->max_names;
	if (c->max_names == 0 || c->max_names > LIMIT_SANS_FORM)
		c->max_names = LIMIT_SANS_FORM;
	in.names = g.names;
	in.n = g.n;
	in.domains = g.domains;
	in.ndomains = g.ndomains;
	in.base = in_system(cx) ? c->base : NULL;
	in.held = c->held = g.held;
	in.nheld = g.nheld;
	in.max_names = c->max_names;
	plan_make(cx->arena, &in, c->all);
	for (size_t i = 0; i < c->all[0].n; i++)
		c->covered += c->all[0].items[i].now >= 0;
	return choose_strategy(cx, w->strategy, c);
}
