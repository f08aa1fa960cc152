/*
 * page_component.c - Components: who presents a certificate, what needs a person
 */
#include "op/op_component.h"
#include "op/op_deliver.h"
#include "op/op_identity.h"
#include "page/page_component.h"
#include "page/page_people.h"
#include "page/page_procedure.h"

static const struct status_words {
	const char *name, *text, *mark, *sentence;
} statuses[] = {
	[COMPONENT_FINE] = { "fine", "As it should be", "good",
	    "The portal presents the certificate it should." },
	[COMPONENT_SELF_SIGNED] = { "self-signed", "Self-signed", "warn",
	    "The portal is encrypted, but no CA vouches for it yet." },
	[COMPONENT_DUE] = { "renewal-due", "Renewal due", "warn",
	    "The portal presents the certificate it should; it is time to renew it." },
	[COMPONENT_EARLY] = { "not-yet-valid", "Not yet valid", "bad",
	    "The portal presents a certificate that is not yet valid." },
	[COMPONENT_EXPIRED] = { "expired", "Expired", "bad",
	    "The portal presents a certificate that has expired." },
	[COMPONENT_PENDING] = { "pending", "Being delivered", "note", NULL },
	[COMPONENT_EMPTY] = { "no-certificate", "No certificate", "off", NULL },
	[COMPONENT_UNREACHABLE] = { "unreachable", "Not reached", "warn", NULL },
	[COMPONENT_FAILED] = { "failed", "Delivery failed", "bad", NULL },
	[COMPONENT_OTHER] = { "presents-another", "Presents another", "bad",
	    "The portal presents another certificate than it should." },
};

static const char *const served_words[] = { [SERVED_SAME] = "same",
	[SERVED_OTHER] = "other",
	[SERVED_UNREACHABLE] = "unreachable",
	[SERVED_UNCHECKED] = "not checked" };

#define ATTENTION_SHOWN 50 /* the worst, unless all are asked for */

static const struct field list_query[] = { { "attention", "Attention", FIELD_CHOICE, 0, false,
					       "all", "all that needs a person, not the worst 50" },
	{ 0 } };

static const struct attention_words {
	const char *mark, *word;
} attentions[ATTENTION_KINDS] = {
	[ATTENTION_OTHER] = { "bad", "Presents another" },
	[ATTENTION_FAILED] = { "bad", "Delivery failed" },
	[ATTENTION_BAD_KEY] = { "bad", "Bad key" },
	[ATTENTION_REPLACE] = { "bad", "Not revoked" },
	[ATTENTION_EXPIRED] = { "bad", "Expired" },
	[ATTENTION_EARLY] = { "bad", "Not yet valid" },
	[ATTENTION_CLOCK] = { "bad", "Clock" },
	[ATTENTION_RESTORED] = { "bad", "Old database" },
	[ATTENTION_LICENSE] = { "warn", "Licence ended" },
	[ATTENTION_SANDBOX] = { "bad", "No sandbox" },
	[ATTENTION_RENEWAL] = { "bad", "Renewal failed" },
	[ATTENTION_UNREACHABLE] = { "warn", "Not reached" },
	[ATTENTION_PULL] = { "bad", "Not pulled" },
	[ATTENTION_DUE] = { "warn", "Ends soon" },
	[ATTENTION_SELF_SIGNED] = { "warn", "Self-signed" },
	[ATTENTION_OVERRIDE] = { "warn", "Not fit for use" },
	[ATTENTION_REQUEST] = { "note", "Waiting for a CA" },
	[ATTENTION_ROOT_AWAY] = { "warn", "Root offline" },
	[ATTENTION_ONE_SUPER] = { "note", "One Super Admin" },
	[ATTENTION_NEXT_START] = { "warn", "Next start" },
};

static const struct step_words {
	const char *path, *text;
} steps[] = {
	[STEP_KEY] = { "/settings/security/key", "Make its private key" },
	[STEP_REPLACE] = { "/settings/security/replace", "Replace the key" },
	[STEP_REQUEST] = { "/settings/security/csr", "Make a CSR" },
	[STEP_ANSWER] = { "/settings/security/certificate", "Enter the answer" },
};

/* A host before what is none: an e-mail address, a URI. */
static const char *
first_name(const json_t *names)
{
	const json_t *one;
	const char *name;
	size_t i;

	json_array_foreach (names, i, one) {
		name = json_string_value(one);
		if (strchr(name, '@') == NULL && strstr(name, "://") == NULL)
			return name;
	}
	return json_string_value(json_array_get(names, 0));
}

static void
put_names(struct ctx *cx, json_t *o, const struct component *c)
{
	json_t *names = lines_array(cx, c->names);
	size_t n = json_array_size(names);

	put_text(o, "first_name", first_name(names));
	put_text(o, "more_names", n > 1 ? arena_printf(cx->arena, "and %zu more", n - 1) : NULL);
	json_decref(names);
}

/* Where it is delivered to, and what became of it; of own listeners nothing. */
static void
put_bound(struct ctx *cx, const struct request *rq, json_t *o, const struct component *c)
{
	const struct component_row *r = &c->row;

	put_text(o, "kind", c->bound ? r->kind : "own-listener");
	put_text(o, "target", r->target);
	put_text(o, "authority", r->authority);
	put_text(o, "profile", r->profile);
	put_text(o, "sni", r->sni);
	put_text(o, "starttls", r->starttls);
	put_text(o, "delivery", r->delivery);
	put_time(cx, rq, o, "delivered", r->delivered_at);
	put_text(o, "delivered_sha256",
	    r->has_sha256 ? hex_of(cx->arena, r->sha256, sizeof(r->sha256)) : NULL);
	put_text(o, "message", r->message);
	put_time(cx, rq, o, "checked", r->checked_at);
	put_text(o, "served_note", c->note);
}

static void
put_left(struct ctx *cx, json_t *o, const struct component *c, int64_t left)
{
	if (c->not_after == 0)
		put_text(o, "left", "–");
	else if (left < 0)
		put_text(o, "left", "ended");
	else if (left == 0)
		put_text(o, "left", "under a day");
	else
		put_text(o, "left",
		    arena_printf(cx->arena, "%lld day%s", (long long)left, left == 1 ? "" : "s"));
}

void
put_component(struct ctx *cx, const struct request *rq, json_t *o, const struct component *c)
{
	const struct status_words *s = &statuses[c->status];
	const struct component_row *r = &c->row;
	int64_t left = days_left(c->not_after, cx->now);
	json_t *addresses = json_array();

	put_text(o, "name", c->name);
	put_text(o, "type", c->type);
	json_object_set_new(o, "addresses", addresses);
	for (size_t i = 0; i < c->naddresses; i++)
		json_array_append_new(addresses, json_string(c->addresses[i]));
	put_text(o, "identity", c->identity);
	json_object_set_new(o, "names", lines_array(cx, c->names));
	put_text(o, "served", served_words[c->served]);
	put_text(o, "status", s->name);
	json_object_set_new(o, "days_left", c->not_after == 0 ? json_null() : json_integer(left));
	put_time(cx, rq, o, "not_after", c->not_after);
	put_text(o, "next", c->next);
	put_text(o, "version", c->version);
	put_text(o, "management_url", c->management_url);
	put_bound(cx, rq, o, c);
	if (rq->face == FACE_API)
		return;
	put_state(o, s->mark, s->text);
	put_left(cx, o, c, left);
	put_bool(o, "bound", c->bound);
	put_bool(o, "pulls", c->bound && r->target == NULL);
	put_bool(o, "now", !c->bound);
	put_names(cx, o, c);
}

/* Where a person does something about it; NULL: not in the portal. */
static void
put_link(struct ctx *cx, json_t *o, const struct attention *a)
{
	const struct step_words *s = &steps[a->step];

	if (a->step == STEP_COMPONENT) {
		put_text(o, "href", arena_printf(cx->arena, "/components/%s", a->component));
		put_text(o, "link", "Look at it");
	} else if (a->step == STEP_RENEWAL) {
		put_text(
		    o, "href", arena_printf(cx->arena, "/certificates/renewals/%s", a->identity));
		put_text(o, "link", "Look at it");
	} else if (a->kind == ATTENTION_ONE_SUPER) {
		put_text(o, "href", "/settings/accounts");
		put_text(o, "link", "Add a second one");
	} else if (a->step == STEP_CLOCK || a->step == STEP_ROOT) {
		put_text(o, "href", "/settings/security/ca");
		put_text(o, "link", "Look at it");
	} else if (a->step == STEP_LICENSE) {
		put_text(o, "href", "/settings");
		put_text(o, "link", "Upload a new one");
	} else if (a->step == STEP_RESTORED) {
		put_text(o, "href", "/settings/system");
		put_text(o, "link", "Look at it");
	} else if (a->step != STEP_NONE) {
		put_text(o, "href", identity_path(cx, s->path, a->identity));
		put_text(o, "link", s->text);
	} else {
		put_text(o, "href", NULL);
	}
}

static int
put_attention(
    struct ctx *cx, const struct request *rq, json_t *view, const struct component *c, size_t nc)
{
	const char *asked = request_query(rq, "attention");
	json_t *all = json_array(), *o;
	struct attention *list;
	size_t n, shown;

	json_object_set_new(view, "attention", all);
	if (op_attention_among(cx, c, nc, &list, &n) < 0)
		return -1;
	shown = n;
	if (n > ATTENTION_SHOWN && (asked == NULL || strcmp(asked, "all") != 0))
		shown = ATTENTION_SHOWN;
	put_int(view, "attention_total", (int64_t)n);
	if (rq->face == FACE_PORTAL && shown < n)
		put_text(view, "attention_more", arena_printf(cx->arena, "%zu", n - shown));
	for (size_t i = 0; i < shown; i++) {
		const struct attention_words *w = &attentions[list[i].kind];

		json_array_append_new(all, o = json_object());
		put_text(o, "id", attention_id(list[i].kind));
		put_text(o, "weight", w->mark);
		put_text(o, "identity", list[i].identity);
		put_text(o, "message", list[i].message);
		if (rq->face == FACE_API)
			continue;
		put_state(o, w->mark, w->word);
		put_link(cx, o, &list[i]);
	}
	return 0;
}

/* What a Super Admin may bind here: targets that nobody has, and the identities. */
static int
put_choices(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *targets = json_array(), *identities = json_array();
	struct host_target *t;
	struct identity *all;
	size_t n, m;

	json_object_set_new(view, "targets", targets);
	json_object_set_new(view, "identities", identities);
	put_bool(view, "supers", cx->actor.role == ROLE_SUPER);
	put_bool(view, "adds", false);
	if (cx->actor.role != ROLE_SUPER)
		return 0;
	if (op_target_list(cx, &t, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!t[i].taken)
			json_array_append_new(targets,
			    json_pack("{ss,ss,ss,sb}", "name", t[i].name, "kind", t[i].kind,
				"place", t[i].place, "chosen",
				request_chosen(rq, "target", t[i].name, false)));
	put_bool(view, "listless", n == 0);
	put_bool(view, "all_taken", n > 0 && json_array_size(targets) == 0);
	if (json_array_size(targets) == 0)
		return 0;
	if (op_identity_list(cx, &all, &m) < 0)
		return -1;
	for (size_t i = 0; i < m; i++)
		json_array_append_new(identities,
		    json_pack("{ss,sb}", "name", all[i].name, "chosen",
			request_chosen(rq, "identity", all[i].name, false)));
	put_bool(view, "adds", true);
	return 0;
}

static const char *
sentence(const struct component *list, size_t n)
{
	const char *portal = n == 0 ? NULL : statuses[list[0].status].sentence;

	if (portal != NULL && !list[0].bound)
		return portal;
	return n == 0 ? "No listener here presents a certificate of this tenant."
		      : "What this tenant's certificates are presented by.";
}

static int
components_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct component *list;
	size_t n;

	json_object_set_new(view, "components", all);
	if (op_component_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_component(cx, rq, o, &list[i]);
	}
	if (put_attention(cx, rq, view, list, n) < 0)
		return -1;
	if (rq->face == FACE_API)
		return 0;
	put_bool(view, "attention_any", json_array_size(json_object_get(view, "attention")) > 0);
	put_text(view, "status", sentence(list, n));
	put_bool(view, "any", n > 0);
	view_command(view,
	    "certwright component list\ncertwright component add NAME --target T --identity I\n"
	    "certwright component add-pull NAME --authority A --name HOST\n"
	    "certwright status\n\n"
	    "GET  /api/v1/components\nPOST /api/v1/components  "
	    "{\"name\": \"NAME\", \"target\": \"T\", \"identity\": \"I\"}\n"
	    "POST /api/v1/components/pull  "
	    "{\"name\": \"NAME\", \"authority\": \"A\", \"names\": [\"HOST\"]}\n"
	    "GET  /api/v1/status");
	return put_choices(cx, rq, view);
}

static const struct route routes[] = {
	{ .name = "components",
	    .method = "GET",
	    .portal_path = "/components",
	    .api_path = "/components",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = components_show,
	    .query = list_query,
	    .template = "components",
	    .title = "Components",
	    .tab = "components",
	    .answer = "Components",
	    .summary = "Services that present a certificate, and what needs a person" },
};
const struct route_table page_component_routes = { routes, nitems(routes) };
