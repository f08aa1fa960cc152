/*
 * page_authority.c - Certificate Authorities: whose ways are known, as cards
 */
#include "base/text.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_sheet.h"

#define PAGE "/settings/security/authorities"

static void
put_fact(json_t *o, const struct fact *f)
{
	put_text(o, "reason", f->reason);
	put_text(o, "reference", f->reference);
	put_text(o, "checked", f->checked);
}

static void
put_card(json_t *o, const struct card *c)
{
	const struct authority *a = &c->authority;
	json_t *profiles = json_array(), *order;

	put_text(o, "name", a->id);
	put_text(o, "title", a->title);
	put_text(o, "summary", a->summary);
	put_text(o, "validation", validation_name(a->validation));
	put_text(o, "checked", a->checked);
	put_text(o, "origin", c->site ? "site" : "product");
	for (size_t i = 0; i < a->nprofiles; i++)
		json_array_append_new(profiles, json_string(a->profiles[i].name));
	json_object_set_new(o, "profiles", profiles);
	put_text(o, "default_profile", a->profiles[a->default_profile].name);
	if (a->order != NULL) {
		json_object_set_new(o, "order", order = json_object());
		put_text(order, "format", a->order);
		put_fact(order, &a->order_fact);
	}
}

/* ---- one profile, line by line ------------------------------------------------- */

static json_t *
grants_of(const struct profile *p)
{
	json_t *all = json_array(), *o;

	for (size_t i = 0; i < p->ngrants; i++) {
		const struct grant *g = &p->grants[i];

		json_array_append_new(all, o = json_object());
		put_text(o, "item", g->item);
		put_text(o, "effect", effect_name(g->effect));
		put_text(o, "when", g->address_only ? "address" : NULL);
		put_text(o, "like", g->like);
		put_text(o, "from", g->from);
		put_text(o, "until", g->until);
		put_fact(o, &g->fact);
	}
	return all;
}

static json_t *
additions_of(const struct profile *p)
{
	json_t *all = json_array(), *o;

	for (size_t i = 0; i < p->nadditions; i++) {
		const struct addition *a = &p->additions[i];

		json_array_append_new(all, o = json_object());
		put_text(o, "item", a->item);
		put_text(o, "value", a->value);
		put_text(o, "key", a->rsa_only ? "rsa" : NULL);
		put_text(o, "from", a->from);
		put_text(o, "until", a->until);
		put_fact(o, &a->fact);
	}
	return all;
}

static json_t *
notes_of(const struct profile *p)
{
	json_t *all = json_array(), *o;

	for (size_t i = 0; i < p->nnotes; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "from", p->notes[i].from);
		put_text(o, "until", p->notes[i].until);
		put_fact(o, &p->notes[i].fact);
	}
	return all;
}

static json_t *
life_of(const struct profile *p)
{
	json_t *o = json_object(), *steps = json_array(), *step;

	for (size_t i = 0; i < p->nlife; i++) {
		json_array_append_new(steps, step = json_object());
		put_text(step, "from", p->life[i].from);
		put_int(step, "days", p->life[i].days);
	}
	json_object_set_new(o, "steps", steps);
	put_bool(o, "asked", p->life_asked);
	put_fact(o, &p->life_fact);
	return o;
}

static json_t *
keys_of(const struct profile *p)
{
	json_t *o = json_object(), *allow = json_array();

	for (enum key_type t = KEY_RSA_2048; t <= KEY_RSA_OTHER; t++)
		if (p->key[t])
			json_array_append_new(allow, json_string(key_type_info(t)->name));
	json_object_set_new(o, "allow", allow);
	if (p->rsa_exponent > 0)
		put_int(o, "rsa_exponent", p->rsa_exponent);
	put_fact(o, &p->keys_fact);
	return o;
}

static json_t *
profile_of(const struct profile *p)
{
	static const char *const cn[] = { "keep", "first-name", "none" };
	json_t *o = json_object(), *names;

	put_text(o, "name", p->name);
	put_text(o, "summary", p->summary);
	put_text(o, "rules", validation_name(p->rules));
	put_text(o, "common_name", cn[p->cn]);
	json_object_set_new(o, "keys", keys_of(p));
	json_object_set_new(o, "life", life_of(p));
	json_object_set_new(o, "grants", grants_of(p));
	json_object_set_new(o, "adds", additions_of(p));
	json_object_set_new(o, "notes", notes_of(p));
	if (p->approvals > 0) {
		json_object_set_new(o, "approval", names = json_object());
		put_int(names, "persons", p->approvals);
		put_fact(names, &p->approval_fact);
	}
	if (p->max_names > 0) {
		json_object_set_new(o, "names", names = json_object());
		put_int(names, "max", (int64_t)p->max_names);
		if (p->max_labels > 0)
			put_int(names, "labels", (int64_t)p->max_labels);
		put_fact(names, &p->names_fact);
	}
	return o;
}

static json_t *
rules_of(struct ctx *cx, const struct request *rq, enum validation v)
{
	json_t *all = json_array(), *o;
	struct binding *list;
	size_t n;

	op_authority_rules(cx, v, &list, &n);
	for (size_t i = 0; i < n; i++) {
		const struct dated_rule *r = list[i].rule;

		json_array_append_new(all, o = json_object());
		put_text(o, "rule", r->id);
		put_bool(o, "in_force", list[i].in_force);
		put_text(o, "from", r->from);
		put_text(o, "until", r->until);
		put_text(o, "sentence", r->sentence);
		put_text(o, "reference", r->reference);
		put_text(o, "set_by", r->set_by);
		if (rq->face == FACE_PORTAL)
			put_text(o, "why", as_sentence(cx, r->sentence));
	}
	return all;
}

/* ---- handlers -------------------------------------------------------------------- */

static int
authority_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	const struct card *cards;
	size_t n;

	cards = op_authority_list(cx, &n);
	json_object_set_new(view, "authorities", all);
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_card(o, &cards[i]);
		if (rq->face == FACE_PORTAL)
			put_bool(o, "public", cards[i].authority.validation != VALIDATION_PRIVATE);
	}
	view_command(view, "certwright authority list\n\nGET /api/v1/authorities");
	return 0;
}

/* What the page says of an item: its name for people, and what becomes of it. */
static void
put_words(json_t *line)
{
	static const struct {
		const char *effect, *mark, *word;
	} words[] = { { "grant", "good", "Taken over" }, { "drop", "off", "Left out" },
		{ "refuse", "bad", "Refused" } };
	const char *item = json_string_value(json_object_get(line, "item")),
		   *effect = json_string_value(json_object_get(line, "effect"));

	put_text(line, "label",
	    text_starts(item, "ext.") && item[4] != '*' ? extension_name(item) : item_label(item));
	for (size_t k = 0; effect != NULL && k < nitems(words); k++)
		if (strcmp(words[k].effect, effect) == 0)
			put_state(line, words[k].mark, words[k].word);
}

/* Reasons begin like sentences. */
static void
put_why(struct ctx *cx, json_t *o, const char *from)
{
	put_text(o, "why", as_sentence(cx, json_string_value(json_object_get(o, from))));
}

/* "RSA 2048 bits, EC P-256" */
static const char *
keys_words(struct ctx *cx, const struct profile *p)
{
	const char *words = NULL, *label;

	for (enum key_type t = KEY_RSA_2048; t <= KEY_RSA_OTHER; t++) {
		if (!p->key[t])
			continue;
		label = t == KEY_RSA_OTHER ? "RSA of other sizes" : key_type_info(t)->label;
		words = words == NULL ? label : arena_printf(cx->arena, "%s, %s", words, label);
	}
	return words;
}

static void
put_for_people(struct ctx *cx, json_t *profile, const struct profile *p, bool preset)
{
	static const char *const parts[] = { "keys", "names", "life" },
				 *const lists[] = { "grants", "adds" };
	json_t *o;
	size_t i, k;

	put_bool(profile, "preset", preset);
	put_text(profile, "keys_words", keys_words(cx, p));
	for (k = 0; k < nitems(parts); k++)
		if ((o = json_object_get(profile, parts[k])) != NULL)
			put_why(cx, o, "reason");
	for (k = 0; k < nitems(lists); k++)
		json_array_foreach (json_object_get(profile, lists[k]), i, o) {
			put_words(o);
			put_why(cx, o, "reason");
		}
}

static int
authority_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct card *c;
	json_t *all, *o;

	if (op_authority_find(cx, request_param(rq, "id"), &c) < 0)
		return -1;
	put_card(view, c);
	json_object_set_new(view, "rules", rules_of(cx, rq, c->authority.validation));
	if (rq->face == FACE_PORTAL) {
		put_bool(view, "rules_there", c->authority.validation != VALIDATION_PRIVATE);
		if ((o = json_object_get(view, "order")) != NULL)
			put_why(cx, o, "reason");
	}
	json_object_set_new(view, "profiles", all = json_array());
	for (size_t i = 0; i < c->authority.nprofiles; i++) {
		json_array_append_new(all, o = profile_of(&c->authority.profiles[i]));
		if (rq->face == FACE_PORTAL)
			put_for_people(
			    cx, o, &c->authority.profiles[i], i == c->authority.default_profile);
	}
	if (rq->face == FACE_PORTAL)
		view_command(view,
		    "certwright authority show %s\ncertwright csr preview --authority %s\n\n"
		    "GET  /api/v1/authorities/%s\nPOST /api/v1/csr/preview  "
		    "{\"csr\": \"PEM\", \"authority\": \"%s\"}",
		    c->authority.id, c->authority.id, c->authority.id, c->authority.id);
	return 0;
}

static int
authority_check(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct authority a;
	struct card c;

	if (op_authority_check(cx, rq->body, rq->body_len, &a) < 0)
		return -1;
	c = (struct card){ .authority = a, .site = true };
	put_card(view, &c);
	return 0;
}

static const struct route routes[] = {
	{ .name = "authority.list",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/authorities",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = authority_list,
	    .template = "authorities",
	    .title = "Certificate Authorities",
	    .tab = "settings",
	    .menu = "authorities",
	    .answer = "Cards",
	    .summary = "The authorities whose ways are known here" },
	{ .name = "authority.show",
	    .method = "GET",
	    .portal_path = PAGE "/{id}",
	    .api_path = "/authorities/{id}",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = authority_show,
	    .template = "authority",
	    .title = "Certificate Authority",
	    .tab = "settings",
	    .menu = "authorities",
	    .answer = "Authority",
	    .summary = "One authority: what becomes of each wish, and the rules that bind it" },
	{ .name = "authority.check",
	    .method = "POST",
	    .api_path = "/authorities/check",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = authority_check,
	    .audit = "authority.check",
	    .limit = LIMIT_CARD,
	    .answer = "Card",
	    .takes = "application/json",
	    .summary = "Is the body a capability card? It is not kept" },
};
const struct route_table page_authority_routes = { routes, nitems(routes) };
