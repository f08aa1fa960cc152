/*
 * page_identity.c - identities: the names and subject that a server presents
 */
#include "page/page_procedure.h"

#define KEYS "/settings/security/key" /* the page where its key is made */
#define PAGE "/settings/security/identities"

static const struct field create_fields[] = {
	{ "name", "Name", FIELD_TEXT, LIMIT_NAME, true, NULL, "letters, digits and . _ -" }, { 0 }
};

static int
identities_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct identity *list;
	size_t n;

	json_object_set_new(view, "identities", all);
	if (op_identity_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		if (put_identity(cx, rq, o, &list[i]) < 0)
			return -1;
	}
	return 0;
}

static int
identity_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;

	if (op_identity_load(cx, request_identity(rq), &i) < 0 ||
	    put_identity(cx, rq, view, &i) < 0)
		return -1;
	return put_keys(cx, rq, view, &i);
}

static int
identity_create(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;

	if (op_identity_create(cx, field_text(rq, "name"), &i) < 0 ||
	    put_identity(cx, rq, view, &i) < 0)
		return -1;
	json_object_set_new(view, "keys", json_array());
	if (rq->face == FACE_PORTAL)
		view_redirect(view, identity_path(cx, KEYS, i.name));
	return 0;
}

static int
identity_delete(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_identity_delete(cx, request_identity(rq));
}

static const struct route routes[] = {
	{ .name = "identities",
	    .method = "GET",
	    .api_path = "/identities",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = identities_list,
	    .answer = "Identities",
	    .summary = "All identities" },
	{ .name = "identity.create",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = "/identities",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = identity_create,
	    .fields = create_fields,
	    .audit = "identity.create",
	    .page = "key.page",
	    .status = 201,
	    .answer = "Identity",
	    .summary = "Add an identity" },
	{ .name = "identity",
	    .method = "GET",
	    .api_path = "/identities/{identity}",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = identity_show,
	    .answer = "Identity",
	    .summary = "One identity with its keys" },
	{ .name = "identity.delete",
	    .method = "DELETE",
	    .api_path = "/identities/{identity}",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = identity_delete,
	    .audit = "identity.delete",
	    .answer = "Nothing",
	    .summary = "Delete an identity that has no keys" },
	{ .name = "identity.delete.portal",
	    .method = "POST",
	    .portal_path = PAGE "/delete",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = identity_delete,
	    .audit = "identity.delete",
	    .page = "key.page",
	    .then = KEYS,
	    .summary = "Delete an identity that has no keys" },
};
const struct route_table page_identity_routes = { routes, nitems(routes) };
