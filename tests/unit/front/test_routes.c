/*
 * test_routes.c - the table of routes: whole or not started, matched, told
 *
 * openapi.c, shapes.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "front/routes.h"
#include "front/template.h"

static int
handler(struct ctx *cx, const struct request *rq, json_t *view)
{
	return 0;
}

static const struct field fields[] = {
	{ "name", "Name", FIELD_TEXT, 64, true, NULL, "as people say it" },
	{ "kind", "Kind", FIELD_CHOICE, 0, false, "a|bb", NULL },
	{ "days", "Days", FIELD_INT, 4, false, NULL, NULL },
	{ "keep", "Keep", FIELD_BOOL, 0, false, NULL, NULL },
	{ "secret", "Secret", FIELD_SECRET, 8, false, NULL, NULL },
	{ "files", "Files", FIELD_FILES, 9, false, NULL, NULL },
	{ 0 },
};

#define GET_ROW(n, portal, api, ...)                                                             \
	{                                                                                        \
		.name = n, .method = "GET", .portal_path = portal, .api_path = api,              \
		.capability = CAP_READ, .handler = handler, .summary = "s", .answer = "Nothing", \
		##__VA_ARGS__                                                                    \
	}
#define POST_ROW(n, portal, api, ...)                                                             \
	{                                                                                         \
		.name = n, .method = "POST", .portal_path = portal, .api_path = api,              \
		.capability = CAP_OPERATE, .handler = handler, .summary = "s", .audit = "x.make", \
		.answer = "Nothing", ##__VA_ARGS__                                                \
	}

static const struct route good[] = {
	GET_ROW("list", "/things", "/things", .template = "t", .title = "Things"),
	POST_ROW("make", "/things", "/things", .page = "list", .then = "/things", .fields = fields,
	    .status = 201),
	GET_ROW("one", NULL, "/things/{id}"),
	{ .name = "end",
	    .method = "DELETE",
	    .api_path = "/things/{id}",
	    .capability = CAP_SUPER,
	    .handler = handler,
	    .answer = "text/plain",
	    .summary = "s",
	    .audit = "x.end" },
	GET_ROW("part", NULL, "/things/{id}/parts/{part}.pem"),
	GET_ROW("special", NULL, "/things/{id}/special"),
	{ .name = "open",
	    .method = "GET",
	    .portal_path = "/",
	    .capability = CAP_PUBLIC,
	    .handler = handler,
	    .summary = "s" },
};

static struct err err;

static struct routes *
made(const struct route *v, size_t n)
{
	const struct route_table table = { v, n };
	const struct route_table *const tables[] = { &table, NULL };
	struct templates *t = NULL;
	struct routes *all = NULL;

	err_clear(&err);
	templates_add(&t, "t", "x", 1, &err);
	if (routes_new(&all, tables, t, &err) < 0)
		assert_null(all);
	templates_free(t);
	return all;
}

static void
a_row_with_a_missing_field_does_not_start(void **state)
{
	static const struct {
		struct route row;
		const char *why;
	} cases[] = {
		{ GET_ROW(NULL, NULL, "/a"), "route ? lacks a name, a method or a handler" },
		{ { .name = "a", .api_path = "/a", .handler = handler, .summary = "s" },
		    "route a lacks a name, a method or a handler" },
		{ { .name = "a", .method = "GET", .api_path = "/a", .summary = "s" },
		    "route a lacks a name, a method or a handler" },
		{ GET_ROW("a", NULL, NULL), "route a lacks a path" },
		{ { .name = "a",
		      .method = "POST",
		      .api_path = "/a",
		      .handler = handler,
		      .summary = "s" },
		    "route a lacks its audit action" },
		{ { .name = "a", .method = "GET", .api_path = "/a", .handler = handler },
		    "route a lacks a summary" },
		{ GET_ROW("a", NULL, "/a", .fields = fields),
		    "route a lacks a body for its fields" },
		{ GET_ROW("a", "/a", NULL, .template = "t"), "route a lacks a title" },
		{ GET_ROW("a", "/a", NULL, .template = "no", .title = "A"),
		    "route a lacks its template" },
		{ POST_ROW("a", "/a", NULL, .page = "no"),
		    "route a lacks the page that it shows again" },
		{ POST_ROW("a", "/a", NULL, .page = "a"),
		    "route a lacks the page that it shows again" },
		{ POST_ROW("a", "/a", NULL, .page = "one"),
		    "route a lacks the page that it shows again" },
		{ { .name = "a",
		      .method = "DELETE",
		      .api_path = "/a",
		      .handler = handler,
		      .fields = fields,
		      .summary = "s",
		      .audit = "x.end" },
		    "route a lacks a body for its fields" },
		{ GET_ROW("list", NULL, "/a"), "route list is there twice" },
		{ { .name = "a",
		      .method = "GET",
		      .api_path = "/a",
		      .handler = handler,
		      .summary = "s" },
		    "route a lacks the shape of its answer" },
		{ { .name = "a",
		      .method = "GET",
		      .api_path = "/a",
		      .handler = handler,
		      .summary = "s",
		      .answer = "Nonsense" },
		    "route a lacks the shape of its answer" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct route v[nitems(good) + 1];

		for (size_t at = 0; at <= nitems(good); at += nitems(good)) {
			memcpy(v + (at == 0), good, sizeof(good));
			v[at] = cases[i].row;
			assert_null(made(v, nitems(v)));
			assert_int_equal(err.refusal, R_ROUTE);
			assert_string_equal(err.message, cases[i].why);
		}
	}
}

/* The row's name; "" none; else the methods that are allowed. */
static const char *
match(const struct routes *all, const char *method, const char *path, struct request *rq)
{
	static struct arena *a;
	const char *allow = NULL;
	int r;

	arena_free(a);
	a = path == NULL ? NULL : arena_new();
	if (path == NULL)
		return NULL;
	*rq = (struct request){ .method = method, .path = path };
	r = routes_match(all, a, rq, &allow);
	return r == 1 ? rq->route->name : r == 0 ? "" : allow;
}

/* What a listener does not serve is not there, whatever the method. */
static void
V44_what_is_hidden_is_matched_by_nothing(void **state)
{
	static const struct route rows[] = {
		GET_ROW("system", "/system", "/system"),
		GET_ROW("both", "/both", "/both", .tenant_scoped = true),
		GET_ROW("pull", NULL, "/pull", .tenant_scoped = true, .hosts = true),
		{ .name = "own",
		    .method = "GET",
		    .api_path = "/own",
		    .capability = CAP_SIGNED_IN,
		    .handler = handler,
		    .answer = "Nothing",
		    .summary = "s" },
		{ .name = "door",
		    .method = "GET",
		    .portal_path = "/admin",
		    .capability = CAP_PUBLIC,
		    .applications = APP_ADMIN,
		    .handler = handler,
		    .summary = "s" },
		{ .name = "open",
		    .method = "GET",
		    .portal_path = "/open",
		    .capability = CAP_PUBLIC,
		    .handler = handler,
		    .summary = "s" },
	};
	static const struct {
		const char *path;
		unsigned of;
	} cases[] = {
		{ "/api/v1/system", APP_SUPER },
		{ "/both", APP_SUPER | APP_ADMIN },
		{ "/api/v1/pull", 0 },
		{ "/api/v1/own", APP_SUPER | APP_ADMIN },
		{ "/admin", APP_ADMIN },
		{ "/open", 0 },
	};
	struct routes *all = made(rows, nitems(rows));
	struct arena *a = arena_new();

	for (size_t i = 0; i < nitems(cases); i++)
		for (unsigned hidden = 0; hidden <= (APP_SUPER | APP_ADMIN); hidden++) {
			bool there = cases[i].of == 0 || (cases[i].of & ~hidden) != 0;
			struct request rq = {
				.method = "GET", .path = cases[i].path, .hidden = hidden
			};
			const char *allow;

			assert_int_equal(routes_match(all, a, &rq, &allow), there ? 1 : 0);
			rq.method = "DELETE";
			rq.path = cases[i].path;
			assert_int_equal(routes_match(all, a, &rq, &allow), there ? -1 : 0);
		}
	arena_free(a);
	routes_free(all);
}

static void
a_path_is_matched_whole(void **state)
{
	struct routes *all = made(good, nitems(good));
	struct request rq;

	assert_string_equal(match(all, "GET", "/things", &rq), "list");
	assert_int_equal(rq.face, FACE_PORTAL);
	assert_string_equal(match(all, "GET", "/api/v1/things", &rq), "list");
	assert_int_equal(rq.face, FACE_API);
	assert_string_equal(match(all, "HEAD", "/things", &rq), "list");
	assert_string_equal(match(all, "POST", "/things", &rq), "make");
	assert_string_equal(match(all, "GET", "/api/v1/things/abc", &rq), "one");
	assert_string_equal(request_param(&rq, "id"), "abc");
	assert_null(request_param(&rq, "part"));
	assert_string_equal(match(all, "DELETE", "/api/v1/things/a.b", &rq), "end");
	assert_string_equal(request_param(&rq, "id"), "a.b");
	assert_string_equal(match(all, "GET", "/api/v1/things/a/special", &rq), "special");
	assert_int_equal(rq.nparams, 1);
	assert_string_equal(match(all, "GET", "/", &rq), "open");
	for (const char *const *p = (const char *const[]){ "/thing", "/things/", "/things/a", "",
		 "/T", "/api/v1/", "/api/v1", "/api/v1/things/", "/api/v1/things/a/",
		 "/api/v2/things", "/api/v1/things/a/b", "/api/v1/things/a/special/",
		 "/api/v1/api/v1/things", NULL };
	     *p != NULL; p++)
		assert_string_equal(match(all, "GET", *p, &rq), "");
	match(NULL, NULL, NULL, NULL);
	routes_free(all);
}

static void
another_method_is_told_which_there_are(void **state)
{
	struct routes *all = made(good, nitems(good));
	struct request rq;

	assert_string_equal(match(all, "DELETE", "/things", &rq), "GET, POST");
	assert_string_equal(match(all, "POST", "/api/v1/things/a", &rq), "GET, DELETE");
	assert_string_equal(match(all, "PUT", "/", &rq), "GET");
	assert_null(rq.route);
	assert_int_equal(rq.nparams, 0);
	match(NULL, NULL, NULL, NULL);
	routes_free(all);
}

static void
each_capability_wants_its_role(void **state)
{
	static const struct {
		enum capability wants;
		enum role least;
	} cases[] = {
		{ CAP_SIGNED_IN, ROLE_AUDITOR },
		{ CAP_READ, ROLE_AUDITOR },
		{ CAP_OPERATE, ROLE_OPERATOR },
		{ CAP_SETTINGS, ROLE_TENANT_ADMIN },
		{ CAP_SUPER, ROLE_SUPER },
	};
	const struct route open = { .capability = CAP_PUBLIC };
	struct ctx cx = { 0 };

	assert_int_equal(route_allowed(&cx, &open), 0);
	for (size_t i = 0; i < nitems(cases); i++) {
		const struct route r = { .capability = cases[i].wants };

		cx.actor.kind = ACTOR_NOBODY;
		cx.actor.role = ROLE_SUPER;
		assert_int_equal(route_allowed(&cx, &r), -1);
		assert_int_equal(cx.err.refusal, R_SIGNED_OUT);
		err_clear(&cx.err);
		cx.actor.kind = ACTOR_ACCOUNT;
		strcpy(cx.actor.tenant, TENANT_SYSTEM);
		for (int role = ROLE_NONE; role <= ROLE_SUPER; role++) {
			cx.actor.role = (enum role)role;
			assert_int_equal(
			    route_allowed(&cx, &r), role >= (int)cases[i].least ? 0 : -1);
			assert_int_equal(cx.err.refusal,
			    role >= (int)cases[i].least ? REFUSAL_NONE : R_CAPABILITY);
			err_clear(&cx.err);
		}
	}
}

static void
P22_what_is_of_the_system_is_not_for_people_of_a_tenant(void **state)
{
	const struct route own = { .capability = CAP_SIGNED_IN },
			   scoped = { .capability = CAP_SETTINGS, .tenant_scoped = true };
	struct ctx cx = {
		.actor = { .kind = ACTOR_ACCOUNT, .role = ROLE_TENANT_ADMIN, .tenant = "01acme" }
	};

	assert_int_equal(route_allowed(&cx, &own), 0);
	assert_int_equal(route_allowed(&cx, &scoped), 0);
	for (int c = CAP_READ; c <= CAP_SUPER; c++) {
		const struct route r = { .capability = (enum capability)c };

		assert_int_equal(route_allowed(&cx, &r), -1);
		assert_int_equal(cx.err.refusal, R_CAPABILITY);
		err_clear(&cx.err);
	}
}

static void
a_path_names_the_tenant_or_none(void **state)
{
	static const struct {
		const char *path, *rest, *tenant;
	} cases[] = {
		{ "/components", "/components", NULL },
		{ "/t/acme/components", "/components", "acme" },
		{ "/t/acme", "/components", "acme" },
		{ "/t/acme/", "/components", "acme" },
		{ "/t/", "/components", "" },
		{ "/t", "/t", NULL },
		{ "/api/v1/t/acme/keys/x", "/api/v1/keys/x", "acme" },
		{ "/api/v1/tokens", "/api/v1/tokens", NULL },
		{ "/t/acme/t/zeta/components", "/t/zeta/components", "acme" },
		{ "/tenants/acme", "/tenants/acme", NULL },
	};
	struct arena *a = arena_new();

	for (size_t i = 0; i < nitems(cases); i++) {
		struct request rq = { .path = cases[i].path };

		route_tenant(a, &rq);
		assert_string_equal(rq.path, cases[i].rest);
		if (cases[i].tenant == NULL)
			assert_null(rq.tenant);
		else
			assert_string_equal(rq.tenant, cases[i].tenant);
	}
	arena_free(a);
}

static void
the_dump_says_all_of_every_row(void **state)
{
	struct routes *all = made(good, nitems(good));
	json_t *dump = routes_dump(all), *row = json_array_get(dump, 4);
	static const char *const members[] = { "name", "method", "portal_path", "api_path",
		"capability", "tenant", "public", "handler", "template", "params", "limits",
		"audit" };

	assert_int_equal(json_array_size(dump), nitems(good));
	for (size_t i = 0; i < nitems(members); i++)
		assert_non_null(json_object_get(row, members[i]));
	assert_string_equal(json_string_value(json_object_get(row, "api_path")),
	    "/api/v1/things/{id}/parts/{part}.pem");
	assert_int_equal(json_array_size(json_object_get(row, "params")), 2);
	assert_true(json_is_null(json_object_get(row, "portal_path")));
	assert_true(json_is_true(json_object_get(json_array_get(dump, 6), "public")));
	assert_true(json_is_null(json_object_get(json_array_get(dump, 6), "api_path")));
	json_decref(dump);
	routes_free(all);
	routes_free(NULL);
}

static const json_t *
at(const json_t *v, const char *const *path)
{
	for (; *path != NULL; path++)
		if ((v = json_object_get(v, *path)) == NULL)
			fail_msg("no %s in the document", *path);
	return v;
}
#define AT(v, ...) at(v, (const char *const[]){ __VA_ARGS__, NULL })

static void
M24_the_API_document_has_every_route_and_field(void **state)
{
	struct routes *all = made(good, nitems(good));
	json_t *doc = routes_openapi(all);
	const json_t *make, *schema;

	assert_non_null(doc);
	assert_int_equal(json_object_size(AT(doc, "paths")), 5);
	assert_null(json_object_get(AT(doc, "paths"), "/api/v1/"));
	make = AT(doc, "paths", "/api/v1/things", "post");
	assert_string_equal(json_string_value(AT(make, "operationId")), "make");
	assert_string_equal(json_string_value(AT(make, "x-capability")), "operate");
	assert_non_null(AT(make, "responses", "201"));
	assert_non_null(AT(make, "responses", "default"));
	assert_non_null(AT(doc, "paths", "/api/v1/things", "get", "responses", "200"));
	assert_non_null(AT(doc, "paths", "/api/v1/things/{id}", "delete", "responses", "200",
	    "content", "text/plain"));
	assert_string_equal(json_string_value(AT(doc, "paths", "/api/v1/things", "get", "responses",
				"200", "content", "application/json", "schema", "$ref")),
	    "#/components/schemas/Nothing");
	schema = AT(make, "requestBody", "content", "application/json", "schema");
	assert_int_equal(json_array_size(AT(schema, "required")), 1);
	assert_int_equal(json_object_size(AT(schema, "properties")), 6);
	assert_int_equal(json_integer_value(AT(schema, "properties", "name", "maxLength")), 64);
	assert_int_equal(json_array_size(AT(schema, "properties", "kind", "enum")), 2);
	assert_string_equal(json_string_value(AT(schema, "properties", "days", "type")), "integer");
	assert_string_equal(json_string_value(AT(schema, "properties", "keep", "type")), "boolean");
	assert_string_equal(
	    json_string_value(AT(schema, "properties", "secret", "format")), "password");
	assert_string_equal(json_string_value(AT(schema, "properties", "files", "type")), "array");
	assert_int_equal(json_array_size(AT(doc, "paths", "/api/v1/things/{id}/parts/{part}.pem",
			     "get", "parameters")),
	    2);
	json_decref(doc);
	routes_free(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_with_a_missing_field_does_not_start),
		cmocka_unit_test(V44_what_is_hidden_is_matched_by_nothing),
		cmocka_unit_test(a_path_is_matched_whole),
		cmocka_unit_test(another_method_is_told_which_there_are),
		cmocka_unit_test(each_capability_wants_its_role),
		cmocka_unit_test(P22_what_is_of_the_system_is_not_for_people_of_a_tenant),
		cmocka_unit_test(a_path_names_the_tenant_or_none),
		cmocka_unit_test(the_dump_says_all_of_every_row),
		cmocka_unit_test(M24_the_API_document_has_every_route_and_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
