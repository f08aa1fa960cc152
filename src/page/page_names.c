/*
 * page_names.c - Names & Wildcards: whose a name is, and what is presented for it
 */
#include "op/op_names.h"
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
	if (rq->face == FACE_API)
		return;
	if (n->tenant == NULL)
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
	if (rq->face == FACE_PORTAL)
		put_text(view, "next",
		    more ? arena_printf(cx->arena, "after=%s&text=%s",
			       url_encode(cx->arena, t[n - 1].name),
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
	if (in_system(cx))
		view_form_value(view, "domain", base);
	view_command(view,
	    in_system(cx) ? "certwright names base DOMAIN\ncertwright names list\n\n"
			    "GET  /api/v1/names\nPUT  /api/v1/names/base  {\"domain\": \"DOMAIN\"}"
			  : "certwright names add NAME\ncertwright names list\n\n"
			    "GET  /api/v1/names\nPOST /api/v1/names  {\"name\": \"NAME\"}");
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

static int
name_add(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct name_row r;

	if (op_names_add(cx, field_text(rq, "name"), &r) < 0)
		return -1;
	put_text(view, "name", r.name);
	put_text(view, "added_by", r.added_by);
	put_time(cx, rq, view, "added", r.added_at);
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
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = name_add,
	    .fields = add_fields,
	    .audit = "names.add",
	    .page = "names",
	    .then = PAGE,
	    .status = 201,
	    .answer = "Name",
	    .summary = "Give a tenant a name, and all below it" },
	{ .name = "names.remove",
	    .method = "DELETE",
	    .api_path = "/names/{name}",
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = name_remove,
	    .audit = "names.remove",
	    .answer = "Nothing",
	    .summary =
		"Take a name from a tenant: it is presented no more, and cannot be asked for" },
	{ .name = "names.remove.portal",
	    .method = "POST",
	    .portal_path = PAGE "/{name}/remove",
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = name_remove,
	    .audit = "names.remove",
	    .page = "names",
	    .then = PAGE,
	    .summary = "Take a name from a tenant" },
};
const struct route_table page_names_routes = { routes, nitems(routes) };
