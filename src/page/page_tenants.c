/*
 * page_tenants.c - tenants: list, make, limits, suspend, resume, delete
 */
#include "op/op_tenant.h"
#include "page/page_people.h"

#define LIMIT_HELP "0 is no limit"
#define LIMITS                                                                             \
	{ "contact", "Contact", FIELD_EMAIL, 254, false, NULL, "an e-mail address" },      \
	    { "max_identities", "Identities", FIELD_INT, 9, false, NULL, LIMIT_HELP },     \
	    { "max_certificates", "Certificates", FIELD_INT, 9, false, NULL, LIMIT_HELP }, \
	{                                                                                  \
		"max_requests", "Requests a day", FIELD_INT, 9, false, NULL, LIMIT_HELP    \
	}

static const struct field create_fields[] = { { "name", "Name", FIELD_TEXT, LIMIT_DNS_LABEL, true,
						  NULL,
						  "a DNS label: lower-case letters, digits and -" },
	LIMITS, { 0 } };
static const struct field change_fields[] = { LIMITS, { 0 } };
static const struct field suspend_fields[] = {
	{ "reason", "Reason", FIELD_TEXT, 200, false, NULL, "its people are shown it" }, { 0 }
};
static const struct field delete_fields[] = { { "confirm", "Name of the tenant", FIELD_TEXT,
						  LIMIT_DNS_LABEL, true, NULL,
						  "typed again, as a confirmation" },
	{ 0 } };

void
put_tenant_name(struct ctx *cx, json_t *o, const char *id)
{
	const char *name = NULL;

	if (in_system(cx) && id != NULL && strcmp(id, TENANT_SYSTEM) != 0) {
		IN_TENANT(cx, id);
		name = op_tenant_name(cx);
	}
	put_text(o, "tenant", name);
}

static void
put_tenant_state(json_t *o, const struct tenant *t)
{
	if (strcmp(t->state, "active") == 0)
		put_state(o, "good", "Active");
	else if (strcmp(t->state, "suspended") == 0)
		put_state(o, "warn", "Suspended");
	else
		put_state(o, "off", "Deleted");
}

static int
put_tenant(struct ctx *cx, const struct request *rq, json_t *o, const struct tenant *t)
{
	struct tenant_use u;

	if (op_tenant_use(cx, t, &u) < 0)
		return -1;
	put_text(o, "id", t->id);
	put_text(o, "name", t->former != NULL ? t->former : t->name);
	put_text(o, "state", t->state);
	put_text(o, "reason", t->reason);
	put_text(o, "contact", t->contact);
	put_text(o, "created_by", t->created_by);
	put_time(cx, rq, o, "created", t->created_at);
	put_time(cx, rq, o, "ended", t->ended_at);
	put_int(o, "max_identities", t->max_identities);
	put_int(o, "max_certificates", t->max_certificates);
	put_int(o, "max_requests", t->max_requests);
	put_int(o, "people", u.people);
	put_int(o, "identities", u.identities);
	put_int(o, "certificates", u.certificates);
	put_int(o, "requests", u.requests);
	if (rq->face != FACE_PORTAL)
		return 0;
	put_tenant_state(o, t);
	put_bool(o, "active", strcmp(t->state, "active") == 0);
	put_bool(o, "suspended", strcmp(t->state, "suspended") == 0);
	put_bool(o, "deleted", t->ended_at != 0);
	return 0;
}

/* A number as typed, or of JSON; -1: not given, -2: none. */
static int64_t
number(const struct request *rq, const char *name)
{
	const json_t *j = json_object_get(rq->json, name);
	const char *text = request_field(rq, name);
	char *end;
	int64_t n;

	if (json_is_integer(j))
		return json_integer_value(j) < 0 ? -2 : json_integer_value(j);
	if (text == NULL || text[0] == '\0')
		return -1;
	n = strtoll(text, &end, 10);
	return *end != '\0' || n < 0 ? -2 : n;
}

static struct tenant_wish
wish_of(const struct request *rq)
{
	return (struct tenant_wish){ request_field(rq, "contact"), number(rq, "max_identities"),
		number(rq, "max_certificates"), number(rq, "max_requests") };
}

static int
tenants_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *limit = request_query(rq, "limit"), *state = request_query(rq, "state");
	struct tenant_query q = { .text = request_query(rq, "text"),
		.after = request_query(rq, "after"),
		.ended = state != NULL && strcmp(state, "deleted") == 0,
		.limit = limit == NULL ? 0 : (size_t)strtoll(limit, NULL, 10) };
	json_t *all = json_array(), *o;
	struct tenant *list;
	bool more;
	size_t n;

	json_object_set_new(view, "tenants", all);
	if (op_tenant_list(cx, &q, &list, &n, &more) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		if (put_tenant(cx, rq, o, &list[i]) < 0)
			return -1;
	}
	put_bool(view, "more", more);
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "text", q.text == NULL ? "" : q.text);
	put_bool(view, "ended", q.ended);
	put_bool(view, "has", n > 0);
	put_bool(view, "filtered", (q.text != NULL && q.text[0] != '\0') || q.after != NULL);
	put_text(view, "next",
	    more ? arena_printf(cx->arena, "after=%s&state=%s&text=%s",
		       url_encode(cx->arena, list[n - 1].name), q.ended ? "deleted" : "",
		       url_encode(cx->arena, q.text == NULL ? "" : q.text))
		 : NULL);
	view_command(view,
	    "certwright tenant create NAME [--contact ADDRESS]\ncertwright tenant list\n\n"
	    "GET  /api/v1/tenants?text=TEXT\n"
	    "POST /api/v1/tenants  {\"name\": \"NAME\"}");
	return 0;
}

static void
put_limit(struct ctx *cx, json_t *view, const char *name, int64_t n)
{
	view_form_value(view, name, arena_printf(cx->arena, "%lld", (long long)n));
}

static int
tenant_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct tenant t;

	if (op_tenant_load(cx, request_param(rq, "id"), &t) < 0 || put_tenant(cx, rq, view, &t) < 0)
		return -1;
	if (rq->face == FACE_API)
		return 0;
	view_form_value(view, "contact", t.contact);
	put_limit(cx, view, "max_identities", t.max_identities);
	put_limit(cx, view, "max_certificates", t.max_certificates);
	put_limit(cx, view, "max_requests", t.max_requests);
	view_command(view,
	    "certwright tenant show %s\ncertwright tenant change %s --requests-a-day 20\n"
	    "certwright tenant %s %s\ncertwright tenant delete %s --confirm %s\n"
	    "certwright --tenant %s account invite USER --email ADDRESS\n\n"
	    "GET    /api/v1/tenants/%s\nPUT    /api/v1/tenants/%s  {\"max_requests\": 20}\n"
	    "GET    /api/v1/t/%s/components",
	    t.name, t.name, strcmp(t.state, "active") == 0 ? "suspend" : "resume", t.name, t.name,
	    t.name, t.name, t.name, t.name, t.name);
	return 0;
}

static int
tenant_create(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct tenant_wish w = wish_of(rq);
	struct tenant t;

	if (op_tenant_create(cx, field_text(rq, "name"), &w, &t) < 0)
		return -1;
	return put_tenant(cx, rq, view, &t);
}

static int
tenant_change(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct tenant_wish w = wish_of(rq);
	struct tenant t;

	if (op_tenant_change(cx, request_param(rq, "id"), &w, &t) < 0)
		return -1;
	return put_tenant(cx, rq, view, &t);
}

static int
tenant_suspend(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct tenant t;

	if (op_tenant_suspend(cx, request_param(rq, "id"), request_field(rq, "reason"), &t) < 0)
		return -1;
	return put_tenant(cx, rq, view, &t);
}

static int
tenant_resume(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct tenant t;

	if (op_tenant_resume(cx, request_param(rq, "id"), &t) < 0)
		return -1;
	return put_tenant(cx, rq, view, &t);
}

static int
tenant_delete(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_tenant_delete(cx, request_param(rq, "id"), field_text(rq, "confirm"));
}

static const struct field list_query[] = { { "text", "Text", FIELD_TEXT, 0, false, NULL,
					       "in the name or the contact" },
	{ "state", "State", FIELD_CHOICE, 0, false, "deleted", "deleted: the tombstones" },
	{ "after", "After", FIELD_TEXT, 0, false, NULL, "behind the tenant of this name" },
	{ "limit", "Limit", FIELD_INT, 0, false, NULL,
	    "at most so many, up to 500; 50 by default" },
	{ 0 } };

#define PAGE "/tenants"
#define ONE  PAGE "/{id}"

static const struct route routes[] = {
	{ .name = "tenants",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = PAGE,
	    .capability = CAP_SUPER,
	    .handler = tenants_list,
	    .template = "tenants",
	    .title = "Tenants",
	    .tab = "tenants",
	    .query = list_query,
	    .answer = "Tenants",
	    .summary = "The tenants by name" },
	{ .name = "tenant.create",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = PAGE,
	    .capability = CAP_SUPER,
	    .handler = tenant_create,
	    .fields = create_fields,
	    .audit = "tenant.create",
	    .page = "tenants",
	    .then = PAGE "/{name}",
	    .status = 201,
	    .answer = "Tenant",
	    .summary = "Add a tenant, with an identity \"portal\" of its own" },
	{ .name = "tenant",
	    .method = "GET",
	    .portal_path = ONE,
	    .api_path = ONE,
	    .capability = CAP_SUPER,
	    .handler = tenant_show,
	    .template = "tenant",
	    .title = "Tenant",
	    .tab = "tenants",
	    .answer = "Tenant",
	    .summary = "One tenant with what it has" },
	{ .name = "tenant.change",
	    .method = "PUT",
	    .api_path = ONE,
	    .capability = CAP_SUPER,
	    .handler = tenant_change,
	    .fields = change_fields,
	    .audit = "tenant.change",
	    .answer = "Tenant",
	    .summary = "Change contact and limits; what is not sent stays" },
	{ .name = "tenant.change.portal",
	    .method = "POST",
	    .portal_path = ONE,
	    .capability = CAP_SUPER,
	    .handler = tenant_change,
	    .fields = change_fields,
	    .audit = "tenant.change",
	    .page = "tenant",
	    .then = PAGE "/{name}",
	    .summary = "Change contact and limits" },
	{ .name = "tenant.suspend",
	    .method = "POST",
	    .portal_path = ONE "/suspend",
	    .api_path = ONE "/suspend",
	    .capability = CAP_SUPER,
	    .handler = tenant_suspend,
	    .fields = suspend_fields,
	    .audit = "tenant.suspend",
	    .page = "tenant",
	    .then = PAGE "/{name}",
	    .answer = "Tenant",
	    .summary = "Refuse its people and tokens at once; what is served stays served" },
	{ .name = "tenant.resume",
	    .method = "POST",
	    .portal_path = ONE "/resume",
	    .api_path = ONE "/resume",
	    .capability = CAP_SUPER,
	    .handler = tenant_resume,
	    .audit = "tenant.resume",
	    .page = "tenant",
	    .then = PAGE "/{name}",
	    .answer = "Tenant",
	    .summary = "Let its people and tokens in again" },
	{ .name = "tenant.delete",
	    .method = "POST",
	    .portal_path = ONE "/delete",
	    .api_path = ONE "/delete",
	    .capability = CAP_SUPER,
	    .handler = tenant_delete,
	    .fields = delete_fields,
	    .audit = "tenant.delete",
	    .page = "tenant",
	    .then = PAGE,
	    .answer = "Nothing",
	    .summary = "Delete it for good: its people lose access; audit and certificates stay" },
};
const struct route_table page_tenants_routes = { routes, nitems(routes) };
