/*
 * page_plan.c - Coverage plan: which certificates the names here need, and Apply
 */
#include "op/op_key.h"
#include "op/op_plan.h"
#include "page/page_people.h"
#include "page/page_preview.h"

#define PAGE	  "/settings/security/names/plan"
#define NAMES	  50 /* on a page */
#define COLUMNS	  4  /* certificates that have a column each */
#define FIELD_MAX 255

static const int64_t lives[] = { 200, 100, 47 };

static const char *const short_words[PLAN_STRATEGIES] = {
	[PLAN_WILDCARD] = "Wildcards",
	[PLAN_SHARED] = "Many names in each",
	[PLAN_EACH] = "One for each name",
};
static const char *const strategy_words[PLAN_STRATEGIES] = {
	[PLAN_WILDCARD] = "Wildcards where names are siblings, the rest by owner",
	[PLAN_SHARED] = "Many names in each certificate",
	[PLAN_EACH] = "One certificate for each name",
};

/* ---- as the API shows it ------------------------------------------------------------ */

static void
put_effort(json_t *o, size_t certs, int64_t days)
{
	json_t *all = json_array(), *one;

	json_object_set_new(o, "effort", all);
	for (size_t i = 0; i <= nitems(lives); i++) {
		int64_t life = i == nitems(lives) ? days : lives[i];

		json_array_append_new(all, one = json_object());
		put_int(one, "days", life);
		put_int(one, "renewals", plan_renewals(certs, life));
	}
}

static const char *
count_words(struct ctx *cx, size_t n)
{
	return n == 1 ? "1 name" : arena_printf(cx->arena, "%zu names", n);
}

static void
put_strategies(struct ctx *cx, const struct request *rq, json_t *view, const struct coverage *c)
{
	json_t *all = json_array(), *o;

	json_object_set_new(view, "strategies", all);
	for (int s = 0; s < PLAN_STRATEGIES; s++) {
		const struct plan *p = &c->all[s];

		json_array_append_new(all, o = json_object());
		put_text(o, "strategy", plan_strategy_name(p->strategy));
		put_int(o, "certificates", (int64_t)p->ncerts);
		put_int(o, "to_make", (int64_t)p->to_make);
		put_int(o, "exposed", (int64_t)p->exposed);
		put_int(o, "uncovered", (int64_t)p->uncovered);
		put_effort(o, p->ncerts, c->days);
		if (rq->face == FACE_API)
			continue;
		put_text(o, "words", strategy_words[s]);
		put_text(o, "short", short_words[s]);
		put_text(o, "exposed_words", count_words(cx, p->exposed));
		put_bool(o, "chosen", c->chosen == p->strategy);
		put_bool(o, "best", c->recommended == p->strategy);
	}
}

static const char *
cert_state(const struct plan_cert *c)
{
	return c->held == NULL ? "new" : c->held->until == 0 ? "requested" : "installed";
}

/* "3 tenants read each other's names in it" */
static const char *
cert_words(struct ctx *cx, const struct plan_cert *c)
{
	const char *beyond = c->beyond == 0
	    ? ""
	    : arena_printf(cx->arena,
		  "The wildcard covers one label: it leaves out %zu of the names, above or deeper. ",
		  c->beyond);

	if (c->owners > 1)
		return arena_printf(cx->arena,
		    "%sWho connects reads all names in it: %zu tenants see each other’s.", beyond,
		    c->owners);
	return c->wildcard != NULL && c->beyond == 0
	    ? "It covers one label, new names below it, too."
	    : beyond;
}

static void
put_cert(struct ctx *cx, const struct request *rq, json_t *o, const struct plan_cert *c)
{
	json_t *names = json_array();
	const char *state = cert_state(c);

	put_text(o, "identity", c->identity);
	put_text(o, "state", state);
	put_text(o, "tenant", c->held == NULL ? NULL : c->held->owner);
	for (size_t i = 0; c->names != NULL && i < c->n; i++)
		json_array_append_new(names, json_string(c->names[i]));
	json_object_set_new(o, "names", names);
	put_int(o, "size", (int64_t)c->n);
	put_int(o, "covers", (int64_t)c->covers);
	put_int(o, "tenants", (int64_t)c->owners);
	put_text(o, "wildcard", c->wildcard);
	put_int(o, "left_out", (int64_t)c->beyond);
	put_time(cx, rq, o, "not_after", c->held == NULL ? 0 : c->held->until);
	if (rq->face == FACE_API)
		return;
	put_text(o, "words", cert_words(cx, c));
	put_text(o, "count", count_words(cx, c->covers));
	put_text(o, "first", c->names == NULL ? c->wildcard : c->names[0]);
	if (c->n > 1)
		put_text(o, "others", arena_printf(cx->arena, "%zu", c->n - 1));
	put_bool(o, "linked", c->identity != NULL && c->held != NULL);
	if (c->held == NULL)
		put_state(o, "off", "To be made");
	else if (c->held->until == 0)
		put_state(o, "note", "Requested");
	else
		put_state(o, "good", "Installed");
}

static const char *
called(const struct plan_cert *c)
{
	return c->identity == NULL ? "a shared certificate" : c->identity;
}

/* What becomes of the name in this certificate (V28). */
static void
put_cell(json_t *cells, const struct plan *p, const struct plan_item *it, int cert)
{
	json_t *o = json_object();

	json_array_append_new(cells, o);
	put_text(o, "column", called(&p->certs[cert]));
	if (it->cert == cert)
		put_state(o, "good", "Covers it");
	else if (it->beyond == cert)
		put_state(o, "bad", "Leaves it out");
	else
		put_state(o, "off", "Not in it");
}

static void
put_row(json_t *o, const struct coverage *c, const struct plan *p, const struct plan_item *it)
{
	json_t *cells = json_array(), *one;

	json_object_set_new(o, "cells", cells);
	if (p->ncerts <= COLUMNS) {
		for (size_t i = 0; i < p->ncerts; i++)
			put_cell(cells, p, it, (int)i);
	} else {
		json_array_append_new(cells, one = json_object());
		put_text(one, "column", "In the plan");
		put_state(one, it->cert < 0 ? "bad" : "note",
		    it->cert < 0 ? "Not to be covered" : called(&p->certs[it->cert]));
	}
	if (it->now < 0)
		put_state(o, "off", "Not covered");
	else
		put_state(o, "good", "Covered");
	if (it->now >= 0 && c->held[it->now].label == NULL)
		put_text(o, "covered_words", "a shared certificate");
}

/* Of the whole plan, or from the name with this number on. */
static int
put_names_of(struct ctx *cx, const struct request *rq, json_t *view, const struct coverage *c)
{
	const char *typed = request_query(rq, "from");
	size_t from = typed == NULL ? 0 : strtoul(typed, NULL, 10), end = c->all[c->chosen].n;
	const struct plan *p = &c->all[c->chosen];
	json_t *all = json_array(), *o;

	if (rq->face == FACE_PORTAL && from < end && end - from > NAMES) {
		end = from + NAMES;
		put_text(view, "next", arena_printf(cx->arena, "%zu", end));
		put_text(view, "rest", arena_printf(cx->arena, "%zu", p->n - end));
	}
	json_object_set_new(view, "names", all);
	for (size_t i = from; i < end; i++) {
		const struct plan_item *it = &p->items[i];

		json_array_append_new(all, o = json_object());
		put_text(o, "name", it->name);
		put_text(o, "tenant", it->owner);
		put_text(o, "certificate", it->cert < 0 ? NULL : p->certs[it->cert].identity);
		put_text(o, "reason", it->why);
		put_text(o, "left_out_by", it->beyond < 0 ? NULL : p->certs[it->beyond].wildcard);
		put_bool(o, "covered", it->now >= 0);
		put_text(o, "covered_by", it->now < 0 ? NULL : c->held[it->now].label);
		if (rq->face == FACE_PORTAL)
			put_row(o, c, p, it);
	}
	return 0;
}

static void
put_plan(struct ctx *cx, const struct request *rq, json_t *view, const struct coverage *c)
{
	const struct plan *p = &c->all[c->chosen];
	json_t *all = json_array(), *o;

	put_whose(view, &c->preview);
	put_text(view, "base", c->base);
	put_int(view, "days", c->days);
	put_int(view, "max_names", (int64_t)c->max_names);
	put_text(view, "strategy", plan_strategy_name(c->chosen));
	put_text(view, "recommended", plan_strategy_name(c->recommended));
	put_text(view, "reason", c->reason);
	put_text(view, "no_wildcard", p->refused);
	put_int(view, "total", (int64_t)p->n);
	put_int(view, "covered", (int64_t)c->covered);
	put_int(view, "uncovered", (int64_t)p->uncovered);
	put_int(view, "to_make", (int64_t)p->to_make);
	put_strategies(cx, rq, view, c);
	json_object_set_new(view, "certificates", all);
	for (size_t i = 0; i < p->ncerts; i++) {
		if (rq->face == FACE_PORTAL && i == NAMES) {
			put_text(view, "more_certificates",
			    arena_printf(cx->arena, "%zu", p->ncerts - i));
			break;
		}
		json_array_append_new(all, o = json_object());
		put_cert(cx, rq, o, &p->certs[i]);
	}
}

/* ---- the page ------------------------------------------------------------------------- */

static const char *
status_words(struct ctx *cx, const struct coverage *c)
{
	const struct plan *p = &c->all[c->chosen];

	if (p->n == 0)
		return "There are no names yet.";
	if (c->covered == p->n)
		return p->n == 1 ? "The one name is covered now."
				 : arena_printf(cx->arena, "All %zu names are covered now.", p->n);
	return arena_printf(cx->arena, "%zu of %zu names are covered now.", c->covered, p->n);
}

static const char *
make_words(struct ctx *cx, const struct coverage *c)
{
	const struct plan *p = &c->all[c->chosen];

	if (p->to_make == 0)
		return p->n == 0 ? "" : "Nothing is to be asked for.";
	return p->to_make == 1
	    ? "One certificate is to be asked for."
	    : arena_printf(cx->arena, "%zu certificates are to be asked for.", p->to_make);
}

static void
put_columns(json_t *view, const struct plan *p)
{
	json_t *all = json_array();

	json_object_set_new(view, "columns", all);
	if (p->ncerts > COLUMNS)
		json_array_append_new(all, json_pack("{ss}", "title", "In the plan"));
	for (size_t i = 0; i < p->ncerts && p->ncerts <= COLUMNS; i++)
		json_array_append_new(all, json_pack("{ss}", "title", called(&p->certs[i])));
}

static int
put_fields(struct ctx *cx, json_t *view)
{
	struct csr_typed t;

	if (op_coverage_fields(cx, &t) < 0)
		return -1;
	view_form_value(view, "country", t.country);
	view_form_value(view, "state", t.state);
	view_form_value(view, "locality", t.locality);
	view_form_value(view, "organization", t.organization);
	view_form_value(view, "unit", t.unit);
	view_form_value(view, "email", t.email);
	return 0;
}

/* Of the form, of the query, or NULL. */
static const char *
said(const struct request *rq, const char *name)
{
	const char *value = request_field(rq, name);

	return value != NULL ? value : request_query(rq, name);
}

static int
plan_of(struct ctx *cx, const struct request *rq, struct coverage *c)
{
	struct coverage_wish w = { said(rq, "authority"), said(rq, "profile"),
		said(rq, "strategy") };
	const char *choice = said(rq, "choice"), *colon;

	if (choice != NULL && choice[0] != '\0') {
		colon = strchrnul(choice, ':');
		w.authority = arena_dup(cx->arena, choice, (size_t)(colon - choice));
		w.profile = *colon == ':' ? colon + 1 : NULL;
	}
	return op_coverage(cx, &w, c);
}

static int
plan_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct plan *p;
	struct coverage c;

	if (plan_of(cx, rq, &c) < 0)
		return -1;
	p = &c.all[c.chosen];
	put_plan(cx, rq, view, &c);
	put_names_of(cx, rq, view, &c);
	if (rq->face == FACE_API)
		return 0;
	put_choices(cx, view, c.preview.card->authority.id, c.preview.profile->name, true);
	put_columns(view, p);
	put_text(view, "choice",
	    arena_printf(
		cx->arena, "%s:%s", c.preview.card->authority.id, c.preview.profile->name));
	put_text(view, "title", c.preview.card->authority.title);
	put_bool(view, "own", c.preview.card->own != NULL);
	put_bool(view, "any", p->n > 0);
	put_bool(view, "of_system", in_system(cx));
	put_bool(view, "applies", p->to_make > 0 && cx->actor.role >= ROLE_OPERATOR);
	put_text(view, "status", status_words(cx, &c));
	put_text(view, "make", make_words(cx, &c));
	view_command(view,
	    "certwright names plan --authority %s --profile %s --strategy %s\n"
	    "certwright names apply --authority %s --profile %s --strategy %s\n\n"
	    "GET  /api/v1/names/plan?authority=%s&profile=%s&strategy=%s\n"
	    "POST /api/v1/names/plan",
	    c.preview.card->authority.id, c.preview.profile->name, plan_strategy_name(c.chosen),
	    c.preview.card->authority.id, c.preview.profile->name, plan_strategy_name(c.chosen),
	    c.preview.card->authority.id, c.preview.profile->name, plan_strategy_name(c.chosen));
	return put_fields(cx, view);
}

/* ---- Apply ------------------------------------------------------------------------------ */

static void
put_made(const struct request *rq, json_t *o, const struct applied *a)
{
	put_text(o, "identity", a->identity);
	put_text(o, "common_name", a->common_name);
	put_int(o, "size", (int64_t)a->n);
	put_text(o, "request", a->request);
	put_text(o, "submission", a->submission);
	put_text(o, "state", a->state);
	if (rq->face == FACE_API)
		return;
	put_bool(o, "installed", strcmp(a->state, "installed") == 0);
	if (strcmp(a->state, "installed") == 0)
		put_state(o, "good", "Installed");
	else if (strcmp(a->state, "held") == 0)
		put_state(o, "note", "Waits for an approval");
	else
		put_state(o, "note", "Request made");
}

/* " 3 requests were made."; of none nothing */
static const char *
so_many(struct ctx *cx, size_t n, const char *one, const char *many)
{
	return n == 0 ? "" : arena_printf(cx->arena, " %zu %s", n, n == 1 ? one : many);
}

static const char *
result_words(struct ctx *cx, const struct apply_result *r)
{
	size_t installed = 0;

	if (r->n == 0)
		return "There was nothing to do: each certificate of the plan is there or asked for.";
	for (size_t i = 0; i < r->n; i++)
		installed += strcmp(r->made[i].state, "installed") == 0;
	return arena_printf(cx->arena, "%s%s%s",
		   so_many(cx, installed, "certificate is installed, and presented from now on.",
		       "certificates are installed, and presented from now on."),
		   so_many(cx, r->n - installed, "request was made.", "requests were made."),
		   so_many(cx, r->left, "is left: it was not begun. Apply again for it.",
		       "are left: they were not begun. Apply again for them.")) +
	    1;
}

static int
plan_apply(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct apply_wish w = { .key_type = request_field(rq, "type"),
		.requests_only = request_bool(rq, "requests_only"),
		.fields = { .country = request_field(rq, "country"),
		    .state = request_field(rq, "state"),
		    .locality = request_field(rq, "locality"),
		    .organization = request_field(rq, "organization"),
		    .unit = request_field(rq, "unit"),
		    .email = request_field(rq, "email") } };
	json_t *all = json_array(), *o;
	struct apply_result r;
	struct coverage c;

	json_object_set_new(view, "made", all);
	if (plan_of(cx, rq, &c) < 0 || op_coverage_apply(cx, &c, &w, &r) < 0)
		return -1;
	for (size_t i = 0; i < r.n; i++) {
		json_array_append_new(all, o = json_object());
		put_made(rq, o, &r.made[i]);
	}
	put_int(view, "left", (int64_t)r.left);
	json_object_set_new(view, "failed",
	    r.failed == NULL
		? json_null()
		: json_pack("{ss,ss,ss,ss}", "identity", r.failed, "id", refusal_id(r.why.refusal),
		      "detail", r.why.message, "hint", r.why.hint));
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status", result_words(cx, &r));
	put_bool(view, "any", r.n > 0);
	put_bool(view, "some_left", r.left > 0);
	put_whose(view, &c.preview);
	put_text(view, "strategy", plan_strategy_name(c.chosen));
	return 0;
}

static const struct field plan_query[] = { { "authority", "Authority", FIELD_TEXT, 40, false, NULL,
					       "our first own one" },
	{ "profile", "Profile", FIELD_TEXT, 64, false, NULL,
	    "the authority's default when left out" },
	{ "strategy", "Strategy", FIELD_TEXT, 16, false, NULL,
	    "wildcard, shared or each; what is recommended" },
	{ 0 } };
static const struct field apply_fields[] = {
	{ "authority", "Authority", FIELD_TEXT, 40, false, NULL, "our first own one" },
	{ "profile", "Profile", FIELD_TEXT, 64, false, NULL,
	    "the authority's default when left out" },
	{ "strategy", "Strategy", FIELD_TEXT, 16, false, NULL,
	    "wildcard, shared or each; what is recommended" },
	{ "type", "Key type", FIELD_CHOICE, 16, false, KEY_TYPES,
	    "of new keys; ec:P-256 where the authority takes it" },
	{ "requests_only", "Make the requests only", FIELD_BOOL, 0, false, NULL,
	    "else an authority of our own issues, and what it issued is installed" },
	{ "country", "Country Code", FIELD_TEXT, FIELD_MAX, false, NULL,
	    "of each request, as those below; as set for all requests, or saved with the identity portal" },
	{ "state", "State or Province Name", FIELD_TEXT, FIELD_MAX, false, NULL, NULL },
	{ "locality", "Locality", FIELD_TEXT, FIELD_MAX, false, NULL, NULL },
	{ "organization", "Organization Name", FIELD_TEXT, FIELD_MAX, false, NULL, NULL },
	{ "unit", "Organization Unit", FIELD_TEXT, FIELD_MAX, false, NULL, NULL },
	{ "email", "Email Address", FIELD_TEXT, FIELD_MAX, false, NULL, NULL },
	{ "choice", "Authority", FIELD_TEXT, 120, false, NULL, "portal: AUTHORITY:PROFILE" }, { 0 }
};

static const struct route routes[] = {
	{ .name = "plan",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/names/plan",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = plan_show,
	    .template = "plan",
	    .title = "Coverage plan",
	    .tab = "settings",
	    .menu = "names",
	    .query = plan_query,
	    .answer = "Plan",
	    .summary = "Which certificates the names need, three ways, and what covers them now" },
	{ .name = "plan.apply",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = "/names/plan",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = plan_apply,
	    .template = "plan-applied",
	    .title = "Coverage plan",
	    .tab = "settings",
	    .menu = "names",
	    .fields = apply_fields,
	    .audit = "names.apply",
	    .page = "plan",
	    .answer = "Applied",
	    .summary = "Make identity, key and request for each certificate that is not there" },
};
const struct route_table page_plan_routes = { routes, nitems(routes) };
