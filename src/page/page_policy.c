/*
 * page_policy.c - Policy: what an authority of our own grants
 */
#include <stdio.h>

#include "op/op_ca.h"
#include "base/text.h"
#include "op/op_policy.h"
#include "page/page_people.h"
#include "page/page_policy.h"
#include "page/page_preview.h"
#include "page/page_request.h"
#include "page/page_sheet.h"

#define PAGE "/settings/security/policy"

static const struct field set_query[] = { { "dry_run", "Dry run", FIELD_BOOL, 0, false, NULL,
					      "1: say what it would do, keep nothing" },
	{ 0 } };
static const struct field form_fields[] = { { "card", "Policy", FIELD_LINES, 0, true, NULL,
						"a card, JSON (docs/authorities.md)" },
	{ "dry_run", "Try", FIELD_BOOL, 0, false, NULL, "say what it would do, keep nothing" },
	{ 0 } };

/* ---- what a change does ----------------------------------------------------------- */

static void
put_effects(json_t *view, const struct policy_change *c)
{
	json_t *all = json_array(), *o;
	int64_t fail = 0;

	json_object_set_new(view, "identities", all);
	for (size_t i = 0; i < c->n; i++) {
		const struct policy_effect *e = &c->v[i];

		json_array_append_new(all, o = json_object());
		put_text(o, "identity", e->identity);
		put_text(o, "profile", e->profile);
		put_text(o, "now", verdict_name(e->now));
		put_text(o, "then", verdict_name(e->then));
		put_bool(o, "fails", e->then == VERDICT_REFUSE);
		put_text(o, "item", e->item);
		put_text(o, "reason", e->reason);
		fail += e->then == VERDICT_REFUSE;
	}
	put_int(view, "fail", fail);
}

static int
policy_set(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *dry = request_query(rq, "dry_run");
	struct policy_change c;
	json_t *profiles = json_array();

	json_object_set_new(view, "profiles", profiles);
	if (op_policy_set(cx, request_param(rq, "id"), rq->body, rq->body_len,
		dry != NULL && strcmp(dry, "0") != 0, &c) < 0)
		return -1;
	put_text(view, "name", c.name);
	put_int(view, "version", c.version);
	put_bool(view, "dry_run", dry != NULL && strcmp(dry, "0") != 0);
	for (size_t i = 0; i < c.policy.nprofiles; i++)
		json_array_append_new(profiles, json_string(c.policy.profiles[i].name));
	put_effects(view, &c);
	return 0;
}

/* ---- what is in force ---------------------------------------------------------------- */

/* The authority that is meant: by the path, by the query, or the first. */
static int
meant(struct ctx *cx, const struct request *rq, json_t *view, const char **name)
{
	json_t *all = json_array(), *o;
	struct ca_view *list;
	size_t n;

	if ((*name = request_param(rq, "id")) == NULL)
		*name = request_query(rq, "authority");
	json_object_set_new(view, "authorities", all);
	if (op_ca_list(cx, &list, &n) < 0)
		return -1;
	if (*name == NULL || (*name)[0] == '\0')
		*name = n == 0 ? NULL : list[0].authority.name;
	put_bool(view, "several", n > 1);
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "name", list[i].authority.name);
		put_bool(o, "current", strcmp(list[i].authority.name, *name) == 0);
	}
	return 0;
}

static void
put_profiles(struct ctx *cx, json_t *view, const struct authority *policy)
{
	json_t *all = json_array(), *o;

	json_object_set_new(view, "profiles", all);
	for (size_t i = 0; i < policy->nprofiles; i++) {
		const struct profile *p = &policy->profiles[i];

		json_array_append_new(all, o = json_object());
		put_text(o, "name", p->name);
		put_text(o, "summary", p->summary);
		put_bool(o, "preset", i == policy->default_profile);
		json_object_set_new(o, "sentences", policy_sentences(cx, p));
	}
}

static const char *
version_words(struct ctx *cx, const struct policy_in_force *p)
{
	return p->version == 0
	    ? "The policy that comes with Certwright is in force."
	    : arena_printf(cx->arena, "Version %lld is in force.", (long long)p->version);
}

/* One member a line, however it was sent. */
static const char *
laid_out(struct ctx *cx, const char *text)
{
	json_t *card = json_loads(text, 0, NULL);
	char *lines = json_dumps(card, JSON_INDENT(2));
	const char *copy = lines == NULL ? text : arena_strdup(cx->arena, lines);

	free(lines);
	json_decref(card);
	return copy;
}

static int
put_page(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct policy_in_force p;
	const char *name, *word, *path;

	if (meant(cx, rq, view, &name) < 0)
		return -1;
	put_text(view, "name", name);
	if (name == NULL) {
		put_text(view, "status", "There is no authority of our own yet.");
		return 0;
	}
	if (op_policy_show(cx, name, &p) < 0)
		return -1;
	put_text(view, "status", version_words(cx, &p));
	put_bool(view, "sets", cx->actor.role >= ROLE_TENANT_ADMIN);
	put_profiles(cx, view, &p.policy);
	view_form_value(view, "card", laid_out(cx, p.text));
	word = shell_word(cx, name);
	path = url_encode(cx->arena, name);
	view_command(view,
	    "certwright profile export --authority %s -o policy.json\n"
	    "certwright profile set policy.json --authority %s --dry-run\n"
	    "certwright profile set policy.json --authority %s\n\n"
	    "GET  /api/v1/cas/%s/policy\nPOST /api/v1/cas/%s/policy?dry_run=1\n"
	    "POST /api/v1/cas/%s/policy",
	    word, word, word, path, path, path);
	return 0;
}

static int
policy_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct policy_in_force p;

	if (rq->face == FACE_PORTAL)
		return put_page(cx, rq, view);
	if (op_policy_show(cx, request_param(rq, "id"), &p) < 0)
		return -1;
	put_text(view, "name", p.name);
	put_int(view, "version", p.version);
	json_object_set_new(view, "card", json_loads(p.text, 0, NULL));
	return 0;
}

/* ---- the form -------------------------------------------------------------------------- */

/* "1 identity of 3 would be refused at its next renewal." */
static const char *
tried_words(struct ctx *cx, const struct policy_change *c, int64_t fail)
{
	if (c->n == 0)
		return "No identity has a request yet, so none would be refused.";
	if (fail == 0)
		return "No identity would be refused at its next renewal.";
	return arena_printf(cx->arena,
	    fail == 1 ? "%lld identity of %zu would be refused at its next renewal."
		      : "%lld identities of %zu would be refused at their next renewal.",
	    (long long)fail, c->n);
}

/* Those that would be refused, and why. */
static void
put_tried(struct ctx *cx, json_t *view, const struct policy_change *c)
{
	json_t *tried = json_object(), *all = json_array(), *o;
	int64_t fail = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct policy_effect *e = &c->v[i];

		if (e->then != VERDICT_REFUSE)
			continue;
		fail++;
		json_array_append_new(all, o = json_object());
		put_text(o, "identity", e->identity);
		put_text(o, "profile", e->profile);
		put_text(o, "label", e->item == NULL ? NULL : item_label(e->item));
		put_text(o, "why", as_sentence(cx, e->reason));
		put_bool(o, "already", e->now == VERDICT_REFUSE);
	}
	json_object_set_new(view, "tried", tried);
	json_object_set_new(tried, "refused", all);
	put_bool(view, "tried_refused", fail > 0);
	put_text(tried, "sentence", tried_words(cx, c, fail));
}

/* Try shows the page again with what it would do; Set leads to it. */
static int
policy_form(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name, *card = typed_lines(cx, field_text(rq, "card"));
	bool dry = request_bool(rq, "dry_run");
	struct policy_change c;

	if (meant(cx, rq, view, &name) < 0)
		return -1;
	if (op_policy_set(cx, name == NULL ? "" : name, card, strlen(card), dry, &c) < 0) {
		if (cx->err.refusal == R_CARD || cx->err.refusal == R_POLICY_PUBLIC)
			snprintf(cx->err.field, sizeof(cx->err.field), "card");
		return -1;
	}
	if (!dry) {
		view_redirect(view,
		    arena_printf(cx->arena, PAGE "?authority=%s", url_encode(cx->arena, name)));
		return 0;
	}
	if (put_page(cx, rq, view) < 0)
		return -1;
	put_tried(cx, view, &c);
	view_form_value(view, "card", card);
	return 0;
}

static const struct route routes[] = {
	{ .name = "policy.show",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/cas/{id}/policy",
	    .capability = CAP_READ,
	    .handler = policy_show,
	    .template = "policy",
	    .title = "Policy",
	    .tab = "settings",
	    .menu = "policy",
	    .answer = "Policy",
	    .summary = "The policy of an authority of our own that is in force, as a card" },
	{ .name = "policy.set",
	    .method = "POST",
	    .api_path = "/cas/{id}/policy",
	    .capability = CAP_SETTINGS,
	    .handler = policy_set,
	    .audit = "policy.set",
	    .limit = LIMIT_CARD,
	    .answer = "PolicyChange",
	    .takes = "application/json",
	    .query = set_query,
	    .summary = "Set the profiles of an authority of our own, or say what that would do" },
	{ .name = "policy.form",
	    .method = "POST",
	    .portal_path = PAGE,
	    .capability = CAP_SETTINGS,
	    .handler = policy_form,
	    .template = "policy",
	    .title = "Policy",
	    .tab = "settings",
	    .menu = "policy",
	    .fields = form_fields,
	    .audit = "policy.set",
	    .limit = 3 * LIMIT_CARD,
	    .page = "policy.show",
	    .summary = "The same, from the page's form" },
};
const struct route_table page_policy_routes = { routes, nitems(routes) };
