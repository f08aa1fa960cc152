/*
 * page_component_one.c - a component: added, shown, set, delivered to, removed
 */
#include "op/op_check.h"
#include "op/op_component.h"
#include "op/op_deliver.h"
#include "page/page_component.h"
#include "page/page_people.h"

#define PAGE "/components"
#define ONE  PAGE "/{id}"

/* Where it is looked at, and how. */
#define ADDRESS                                                                    \
	{                                                                          \
		"address", "Address", FIELD_TEXT, LIMIT_DNS_NAME + 8, false, NULL, \
		    "HOST:PORT where it can be looked at"                          \
	}
#define SNI                                                                        \
	{                                                                          \
		"sni", "Name to ask for", FIELD_TEXT, LIMIT_DNS_NAME, false, NULL, \
		    "there; unless it is given, a name of the certificate"         \
	}
#define STARTTLS                                                        \
	{                                                               \
		"starttls", "STARTTLS", FIELD_CHOICE, 8, false, "smtp", \
		    "smtp: TLS begins after it"                         \
	}

static const struct field set_fields[] = { ADDRESS, SNI, STARTTLS, { 0 } };
static const struct field add_fields[] = { { "name", "Name", FIELD_TEXT, LIMIT_NAME, true, NULL,
					       "letters, digits or . _ -" },
	{ "target", "Target", FIELD_TEXT, LIMIT_NAME, true, NULL, "of the host's list" },
	{ "identity", "Identity", FIELD_TEXT, LIMIT_NAME, true, NULL,
	    "what it presents; its next key may be delivered" },
	ADDRESS, SNI, STARTTLS, { 0 } };

static int
targets_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct host_target *t;
	size_t n;

	json_object_set_new(view, "targets", all);
	if (op_target_list(cx, &t, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "name", t[i].name);
		put_text(o, "kind", t[i].kind);
		put_text(o, "place", t[i].place);
		put_bool(o, "taken", t[i].taken);
		put_text(o, "component", t[i].component);
	}
	return 0;
}

static int
show(struct ctx *cx, const struct request *rq, const char *id, json_t *view)
{
	struct component c;

	if (op_component_load(cx, id, &c) < 0)
		return -1;
	put_component(cx, rq, view, &c);
	return 0;
}

/* What stands in the form at first. */
static void
put_place(struct ctx *cx, const struct request *rq, json_t *view)
{
	const json_t *addresses = json_object_get(view, "addresses");

	put_bool(view, "sets",
	    cx->actor.role == ROLE_SUPER && json_is_string(json_object_get(view, "target")));
	view_form_value(view, "address", json_string_value(json_array_get(addresses, 0)));
	put_bool(view, "smtp",
	    request_chosen(
		rq, "starttls", "smtp", json_is_string(json_object_get(view, "starttls"))));
	view_form_value(view, "sni", json_string_value(json_object_get(view, "sni")));
}

static int
component_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name;
	bool bare;

	if (show(cx, rq, request_param(rq, "id"), view) < 0)
		return -1;
	if (rq->face == FACE_API)
		return 0;
	name = json_string_value(json_object_get(view, "name"));
	bare = strcmp(json_string_value(json_object_get(view, "status")), "no-certificate") == 0 &&
	    json_is_string(json_object_get(view, "target"));
	put_bool(view, "bare", bare);
	put_bool(view, "delivers",
	    cx->actor.role >= ROLE_OPERATOR && !bare &&
		json_is_string(json_object_get(view, "target")));
	put_bool(view, "checks",
	    cx->actor.role >= ROLE_OPERATOR &&
		json_array_size(json_object_get(view, "addresses")) > 0 &&
		json_is_string(json_object_get(view, "delivered_sha256")));
	put_bool(view, "removes", cx->actor.role == ROLE_SUPER);
	put_place(cx, rq, view);
	view_command(view,
	    "certwright component show %s\n"
	    "certwright component set %s --address HOST:PORT\ncertwright component deliver %s\n"
	    "certwright component check %s\ncertwright component remove %s\n\n"
	    "GET    /api/v1/components/%s\n"
	    "PUT    /api/v1/components/%s  {\"address\": \"HOST:PORT\"}\n"
	    "POST   /api/v1/components/%s/deliver\n"
	    "POST   /api/v1/components/%s/check\nDELETE /api/v1/components/%s",
	    name, name, name, name, name, name, name, name, name, name);
	return 0;
}

static int
component_add(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct component_wish w = { .name = field_text(rq, "name"),
		.target = field_text(rq, "target"),
		.identity = field_text(rq, "identity"),
		.address = field_text(rq, "address"),
		.sni = field_text(rq, "sni"),
		.starttls = field_text(rq, "starttls") };
	struct component_row c;

	return op_component_add(cx, &w, &c) < 0 ? -1 : show(cx, rq, c.id, view);
}

static int
component_set(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct component_wish w = { .address = request_field(rq, "address"),
		.sni = request_field(rq, "sni"),
		.starttls = request_field(rq, "starttls") };
	struct component_row c;

	return op_component_set(cx, request_param(rq, "id"), &w, &c) < 0 ? -1
									 : show(cx, rq, c.id, view);
}

static int
component_deliver(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct component_row c;

	return op_deliver(cx, request_param(rq, "id"), &c) < 0 ? -1 : show(cx, rq, c.id, view);
}

static int
component_check(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct component_row c;

	return op_check(cx, request_param(rq, "id"), &c) < 0 ? -1 : show(cx, rq, c.id, view);
}

static int
component_remove(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_component_remove(cx, request_param(rq, "id"));
}

static const struct route routes[] = {
	{ .name = "targets",
	    .method = "GET",
	    .api_path = "/targets",
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = targets_show,
	    .answer = "Targets",
	    .summary = "Where certificates can be delivered on this host" },
	{ .name = "component.add",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = PAGE,
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = component_add,
	    .fields = add_fields,
	    .audit = "component.add",
	    .page = "components",
	    .then = PAGE "/{name}",
	    .status = 201,
	    .answer = "Component",
	    .summary = "Deliver what an identity presents to a target of this host" },
	{ .name = "component",
	    .method = "GET",
	    .portal_path = ONE,
	    .api_path = ONE,
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = component_show,
	    .template = "component",
	    .title = "Component",
	    .tab = "components",
	    .answer = "Component",
	    .summary = "A component that is delivered to, and what became of it" },
	{ .name = "component.set",
	    .method = "PUT",
	    .api_path = ONE,
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = component_set,
	    .fields = set_fields,
	    .audit = "component.set",
	    .answer = "Component",
	    .summary = "Where it is looked at; what is left out is as it was, and empty is none" },
	{ .name = "component.set.portal",
	    .method = "POST",
	    .portal_path = ONE,
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = component_set,
	    .fields = set_fields,
	    .audit = "component.set",
	    .page = "component",
	    .then = PAGE "/{name}",
	    .summary = "Where it is looked at" },
	{ .name = "component.deliver",
	    .method = "POST",
	    .portal_path = ONE "/deliver",
	    .api_path = ONE "/deliver",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = component_deliver,
	    .audit = "component.deliver",
	    .page = "component",
	    .then = PAGE "/{name}",
	    .status = 202,
	    .answer = "Component",
	    .summary = "Deliver what its identity has active, in the background" },
	{ .name = "component.check",
	    .method = "POST",
	    .portal_path = ONE "/check",
	    .api_path = ONE "/check",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = component_check,
	    .audit = "component.check",
	    .page = "component",
	    .then = PAGE "/{name}",
	    .answer = "Component",
	    .summary = "Look which certificate it presents, and compare" },
	{ .name = "component.remove",
	    .method = "DELETE",
	    .api_path = ONE,
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = component_remove,
	    .audit = "component.remove",
	    .answer = "Nothing",
	    .summary = "Deliver nothing to it any more; its files stay as they are" },
	{ .name = "component.remove.portal",
	    .method = "POST",
	    .portal_path = ONE "/remove",
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = component_remove,
	    .audit = "component.remove",
	    .page = "component",
	    .then = PAGE,
	    .summary = "Deliver nothing to it any more" },
};
const struct route_table page_component_one_routes = { routes, nitems(routes) };
