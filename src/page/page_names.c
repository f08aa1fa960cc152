/*
 * page_names.c - Names & Wildcards: whose a name is, and what is presented for it
 */
#include "op/op_names.h"
#include "op/op_proof.h"
#include "op/op_tenant.h"
#include "page/page_people.h"

#define PAGE "/settings/security/names"

static const struct field base_fields[] = {
	{ "domain", "Base domain", FIELD_TEXT, LIMIT_DNS_NAME, false, NULL,
	    "each tenant has its own name under it; empty: none" },
	{ 0 }
};
static const struct field add_fields[] = {
	{ "name", "Name", FIELD_TEXT, LIMIT_DNS_NAME, true, NULL, "it and all below it" }, { 0 }
};

static const struct field verify_fields[] = {
	{ "method", "Method", FIELD_CHOICE, 8, false, "dns|http",
	    "dns: it and all below it (default); http: it alone" },
	{ 0 }
};

/* Where it stands, and what is to be published where. claim: NULL for what needs no proof. */
static void
put_claim(struct ctx *cx, const struct request *rq, json_t *o, const struct name_claim *c)
{
	bool proved = c != NULL && c->method != NULL;

	put_text(o, "state", c == NULL ? "given" : claim_state(c, cx->now));
	put_text(o, "method", c == NULL ? NULL : c->method);
	put_time(cx, rq, o, "proved", proved ? c->proved_at : 0);
	put_time(cx, rq, o, "proof_ends", proved ? claim_ends(c) : 0);
	put_text(o, "record", c == NULL ? NULL : claim_record(cx, c));
	put_text(o, "token", c == NULL ? NULL : c->token);
	put_text(o, "url", c == NULL ? NULL : claim_url(cx, c));
}

/* A proof in words, with its countdown (M11). */
static void
put_proof_state(struct ctx *cx, json_t *o, const struct name_claim *c)
{
	int64_t days = c->method == NULL ? 0 : (claim_ends(c) - cx->now) / 86400;

	if (c->method == NULL)
		put_state(o, "off", "Claimed, not proved yet");
	else if (claim_ends(c) <= cx->now)
		put_state(o, "bad",
		    arena_printf(cx->arena, "Proof too old since %s: prove it again",
			time_day(cx->arena, claim_ends(c))));
	else
		put_state(o, days < 14 ? "warn" : "good",
		    arena_printf(cx->arena, "Proved by %s, good for %lld day%s",
			strcmp(c->method, "dns") == 0 ? "DNS" : "a file", (long long)days,
			days == 1 ? "" : "s"));
}

static void
put_name(struct ctx *cx, const struct request *rq, json_t *o, const struct own_name *n)
{
	bool own = n->tenant != NULL && strcmp(n->tenant, cx->tenant) == 0;

	put_text(o, "name", n->name);
	put_bool(o, "by_itself", n->by_itself);
	put_text(o, "added_by", n->added_by);
	put_time(cx, rq, o, "added", n->added_at);
	put_bool(o, "covered", n->tenant != NULL);
	/* of a certificate that is another's it is not said whose (P22) */
	put_text(o, "identity", own ? n->identity : NULL);
	put_claim(cx, rq, o, n->claim);
	if (rq->face == FACE_API)
		return;
	put_bool(o, "claimed", n->claim != NULL);
	put_bool(o, "takes", n->claim != NULL || (cx->actor.role == ROLE_SUPER && !n->by_itself));
	put_bool(o, "exact",
	    n->claim != NULL && n->claim->method != NULL && strcmp(n->claim->method, "http") == 0);
	if (n->claim != NULL)
		put_proof_state(cx, o, n->claim);
	else if (n->tenant == NULL)
		put_state(o, "off", "Not covered");
	else
		put_state(o, "good", own ? "Covered" : "Covered by a shared certificate");
}

/* The tenants under the base domain, a page of them. */
static int
put_tenants(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct tenant_query q = { .text = request_query(rq, "text"),
		.after = request_query(rq, "after") };
	json_t *all = json_array(), *names, *o, *one;
	struct own_name *list;
	struct tenant *t;
	size_t n, m;
	bool more;

	json_object_set_new(view, "tenants", all);
	if (op_tenant_list(cx, &q, &t, &n, &more) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		IN_TENANT(cx, t[i].id);

		json_array_append_new(all, o = json_object());
		put_text(o, "tenant", t[i].name);
		json_object_set_new(o, "names", names = json_array());
		if (op_names_list(cx, &list, &m) < 0)
			return -1;
		for (size_t k = 0; k < m; k++) {
			json_array_append_new(names, one = json_object());
			put_name(cx, rq, one, &list[k]);
		}
	}
	put_bool(view, "more", more);
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "text", q.text == NULL ? "" : q.text);
	put_bool(view, "filtered", (q.text != NULL && q.text[0] != '\0') || q.after != NULL);
	put_bool(view, "search", n > 0 || q.text != NULL);
	put_text(view, "next",
	    more ? arena_printf(cx->arena, "after=%s&text=%s", url_encode(cx->arena, t[n - 1].name),
		       url_encode(cx->arena, q.text == NULL ? "" : q.text))
		 : NULL);
	return 0;
}

static int
names_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct own_name *list;
	const char *base;
	size_t n;

	json_object_set_new(view, "names", all);
	if (op_names_base(cx, &base) < 0 || op_names_list(cx, &list, &n) < 0)
		return -1;
	put_text(view, "base", base[0] == '\0' ? NULL : base);
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_name(cx, rq, o, &list[i]);
	}
	if (!in_system(cx)) {
		json_object_set_new(view, "tenants", json_array());
		put_bool(view, "more", false);
	} else if (put_tenants(cx, rq, view) < 0) {
		return -1;
	}
	if (rq->face == FACE_API)
		return 0;
	put_bool(view, "any", n > 0);
	put_bool(view, "of_system", in_system(cx));
	put_bool(view, "tenants_any", json_array_size(json_object_get(view, "tenants")) > 0);
	put_bool(view, "gives", cx->actor.role == ROLE_SUPER);
	put_bool(view, "claims", cx->actor.role == ROLE_TENANT_ADMIN);
	put_bool(view, "acts", cx->actor.role >= ROLE_TENANT_ADMIN);
	if (in_system(cx))
		view_form_value(view, "domain", base);
	view_command(view,
	    in_system(cx) ? "certwright names base DOMAIN\ncertwright names list\n\n"
			    "GET  /api/v1/names\nPUT  /api/v1/names/base  {\"domain\": \"DOMAIN\"}"
			  : "certwright names add NAME\ncertwright names verify NAME\n"
			    "certwright names list\n\n"
			    "GET  /api/v1/names\nPOST /api/v1/names  {\"name\": \"NAME\"}\n"
			    "POST /api/v1/names/NAME/verify  {\"method\": \"dns\"}");
	return 0;
}

static int
base_set(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *base;

	if (op_names_set_base(cx, field_text(rq, "domain")) < 0 || op_names_base(cx, &base) < 0)
		return -1;
	put_text(view, "base", base[0] == '\0' ? NULL : base);
	return 0;
}

static void
put_one(struct ctx *cx, const struct request *rq, json_t *view, const struct name_row *r,
    const struct name_claim *c)
{
	put_text(view, "name", r == NULL ? c->name : r->name);
	put_text(view, "added_by", r == NULL ? c->claimed_by : r->added_by);
	put_time(cx, rq, view, "added", r == NULL ? c->claimed_at : r->added_at);
	put_claim(cx, rq, view, c);
}

/* A Super Admin gives it; who is of the tenant claims it. */
static int
name_add(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct name_claim c;
	struct name_row r;

	if (cx->actor.role != ROLE_SUPER) {
		if (op_claim(cx, field_text(rq, "name"), &c) < 0)
			return -1;
		put_one(cx, rq, view, NULL, &c);
		return 0;
	}
	if (op_names_add(cx, field_text(rq, "name"), &r) < 0)
		return -1;
	put_one(cx, rq, view, &r, NULL);
	return 0;
}

static int
name_verify(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *method = field_text(rq, "method");
	struct name_claim c;

	if (op_claim_verify(cx, request_param(rq, "name"), method[0] == '\0' ? "dns" : method, &c) <
	    0)
		return -1;
	put_one(cx, rq, view, NULL, &c);
	return 0;
}

static int
name_remove(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_names_remove(cx, request_param(rq, "name"));
}

static const struct field list_query[] = { { "text", "Text", FIELD_TEXT, 0, false, NULL,
					       "of the tenants: in the name or the contact" },
	{ "after", "After", FIELD_TEXT, 0, false, NULL, "behind the tenant of this name" }, { 0 } };

static const struct route routes[] = {
	{ .name = "names",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/names",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = names_show,
	    .template = "names",
	    .title = "Names & Wildcards",
	    .tab = "settings",
	    .menu = "names",
	    .query = list_query,
	    .answer = "Names",
	    .summary = "Whose a name is, and whether a certificate is presented for it" },
	{ .name = "names.base",
	    .method = "PUT",
	    .api_path = "/names/base",
	    .capability = CAP_SUPER,
	    .handler = base_set,
	    .fields = base_fields,
	    .audit = "names.base",
	    .answer = "Base",
	    .summary = "The domain under which each tenant has a name by itself" },
	{ .name = "names.base.portal",
	    .method = "POST",
	    .portal_path = PAGE "/base",
	    .capability = CAP_SUPER,
	    .handler = base_set,
	    .fields = base_fields,
	    .audit = "names.base",
	    .page = "names",
	    .then = PAGE,
	    .summary = "The domain under which each tenant has a name by itself" },
	{ .name = "names.add",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = "/names",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = name_add,
	    .fields = add_fields,
	    .audit = "names.add",
	    .page = "names",
	    .then = PAGE,
	    .status = 201,
	    .answer = "Name",
	    .summary = "Give a tenant a name, and all below it; or as a tenant claim one" },
	{ .name = "names.verify",
	    .method = "POST",
	    .portal_path = PAGE "/{name}/verify",
	    .api_path = "/names/{name}/verify",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = name_verify,
	    .fields = verify_fields,
	    .audit = "names.prove",
	    .page = "names",
	    .then = PAGE,
	    .answer = "Name",
	    .summary = "See whether what proves a claimed name is published" },
	{ .name = "names.remove",
	    .method = "DELETE",
	    .api_path = "/names/{name}",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = name_remove,
	    .audit = "names.remove",
	    .answer = "Nothing",
	    .summary =
		"Take away a name that was given or claimed: it is presented no more, and cannot "
		"be asked for" },
	{ .name = "names.remove.portal",
	    .method = "POST",
	    .portal_path = PAGE "/{name}/remove",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = name_remove,
	    .audit = "names.remove",
	    .page = "names",
	    .then = PAGE,
	    .summary = "Take away a name that was given or claimed" },
};
const struct route_table page_names_routes = { routes, nitems(routes) };
