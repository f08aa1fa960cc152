/*
 * test_view.c - a view goes out: JSON, page, file, redirect; errors too
 *
 * job.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "front/view.h"

static unsigned shown;

static int
handler(struct ctx *cx, const struct request *rq, json_t *view)
{
	return 0;
}

static int
show(struct ctx *cx, const struct request *rq, json_t *view)
{
	shown++;
	assert_true(cx->read_only);
	assert_string_equal(rq->method, "GET");
	assert_int_equal(rq->nform, 0);
	view_form_value(view, "name", "saved");
	view_form_value(view, "keep", "on");
	json_object_set_new(
	    view, "rsa", json_boolean(request_chosen(rq, "kind", "rsa:2048", false)));
	json_object_set_new(view, "other", json_boolean(request_chosen(rq, "kind", "ec", true)));
	json_object_set_new(view, "first", json_boolean(request_chosen(rq, "unsent", "a", true)));
	json_object_set_new(view, "list", json_string("what may be seen"));
	return 0;
}

static const struct field fields[] = {
	{ "name", "Name", FIELD_TEXT, 64, true, NULL, NULL },
	{ "keep", "Keep", FIELD_BOOL, 0, false, NULL, NULL },
	{ "kind", "Kind", FIELD_CHOICE, 0, false, "ec|rsa:2048", NULL },
	{ "secret", "Secret", FIELD_SECRET, 64, false, NULL, NULL },
	{ "file", "File", FIELD_FILES, 64, false, NULL, NULL },
	{ 0 },
};

static const struct route rows[] = {
	{ .name = "page",
	    .method = "GET",
	    .portal_path = "/page",
	    .api_path = "/page",
	    .capability = CAP_READ,
	    .handler = show,
	    .template = "page",
	    .title = "A page",
	    .tab = "settings",
	    .answer = "Nothing",
	    .summary = "s" },
	{ .name = "save",
	    .method = "POST",
	    .portal_path = "/page",
	    .api_path = "/page",
	    .capability = CAP_OPERATE,
	    .handler = handler,
	    .fields = fields,
	    .audit = "a",
	    .page = "page",
	    .then = "/page/{id}/x",
	    .status = 201,
	    .answer = "Nothing",
	    .summary = "s" },
	{ .name = "bare",
	    .method = "POST",
	    .portal_path = "/bare",
	    .capability = CAP_OPERATE,
	    .handler = handler,
	    .audit = "a",
	    .summary = "s" },
};

struct house {
	struct view_house view;
	struct routes *routes;
	struct templates *templates;
	struct ctx cx;
	struct request rq;
	struct job *job;
	json_t *data;
};

static void
add(struct house *h, const char *name, const char *text)
{
	struct err e = { 0 };

	if (templates_add(&h->templates, name, text, strlen(text), &e) < 0)
		fail_msg("%s", e.message);
}

static int
house_open(void **state)
{
	static const struct route_table table = { rows, nitems(rows) };
	static const struct route_table *const tables[] = { &table, NULL };
	struct house *h = calloc(1, sizeof(*h));

	add(h, "frame", "<title>{{page.title}}</title>{{>main}}");
	add(h, "page",
	    "[{{list}}] name={{form.name.value}} ({{form.name.error}}) "
	    "keep={{form.keep.value}} secret={{form.secret.value}} ({{form.secret.error}}) "
	    "file={{form.file.value}} "
	    "kind={{#form.kind.is.ec}}ec{{/form.kind.is.ec}}"
	    "{{#form.kind.is.rsa_2048}}rsa{{/form.kind.is.rsa_2048}} "
	    "chosen={{#rsa}}rsa{{/rsa}}{{#other}}other{{/other}}{{#first}}first{{/first}} error={{error.message}} user={{page.user}}");
	add(h, "error", "{{error.message}} {{error.hint}} {{error.id}} {{error.status}}");
	add(h, "deep", "{{>main}}");
	assert_int_equal(routes_new(&h->routes, tables, h->templates, &h->cx.err), 0);
	h->view = (struct view_house){ .templates = h->templates, .routes = h->routes };
	*state = h;
	return 0;
}

/* A new request by an operator: POST /page on either face. */
static void
asked(struct house *h, enum face face, const char *route)
{
	json_decref(h->data);
	job_free(h->job);
	h->job = job_new();
	h->data = json_object();
	err_clear(&h->cx.err);
	h->cx.arena = h->job->arena;
	h->cx.actor = (struct actor){ .kind = ACTOR_ACCOUNT,
		.role = ROLE_OPERATOR,
		.name = "<ann>",
		.csrf = "token",
		.tenant = TENANT_SYSTEM };
	strcpy(h->cx.tenant, TENANT_SYSTEM);
	h->cx.read_only = false;
	h->rq = (struct request){ .face = face,
		.method = "POST",
		.path = "/page",
		.route = routes_by_name(h->routes, route) };
	h->job->method = "POST";
	shown = 0;
	view_begin();
}

static int
house_close(void **state)
{
	struct house *h = *state;

	json_decref(h->data);
	job_free(h->job);
	routes_free(h->routes);
	templates_free(h->templates);
	view_begin();
	free(h);
	return 0;
}

static const char *
header(const struct job *j, const char *name)
{
	for (size_t i = 0; i < j->nextra; i++)
		if (strcmp(j->extra[i].name, name) == 0)
			return j->extra[i].value;
	return NULL;
}

static const char *
answered(struct house *h)
{
	view_answer(&h->view, &h->cx, h->job, &h->rq, h->data);
	return buf_text(&h->job->out);
}

static const char *
refused(struct house *h)
{
	view_error(&h->view, &h->cx, h->job, &h->rq);
	return buf_text(&h->job->out);
}

static void
the_same_view_is_JSON_or_a_page(void **state)
{
	struct house *h = *state;

	asked(h, FACE_API, "page");
	json_object_set_new(h->data, "list", json_string("<x>"));
	assert_string_equal(answered(h), "{\"list\":\"<x>\"}\n");
	assert_string_equal(h->job->type, "application/json");
	assert_int_equal(h->job->status, 200);
	asked(h, FACE_PORTAL, "page");
	json_object_set_new(h->data, "list", json_string("<x>"));
	assert_non_null(strstr(answered(h), "<title>A page</title>[&lt;x&gt;]"));
	assert_non_null(strstr(buf_text(&h->job->out), "user=&lt;ann&gt;"));
	assert_string_equal(h->job->type, "text/html; charset=utf-8");
	assert_non_null(header(h->job, "Content-Security-Policy"));
	assert_non_null(strstr(header(h->job, "Cache-Control"), "no-store"));
}

static void
a_write_is_followed_by_303_and_its_own_status(void **state)
{
	struct house *h = *state;

	asked(h, FACE_API, "save");
	json_object_set_new(h->data, "id", json_string("7"));
	assert_string_equal(answered(h), "{\"id\":\"7\"}\n");
	assert_int_equal(h->job->status, 201);
	assert_null(header(h->job, "Location"));
	asked(h, FACE_PORTAL, "save");
	json_object_set_new(h->data, "id", json_string("7\r\nX: /?\xc3\xa9"));
	assert_string_equal(answered(h), "");
	assert_int_equal(h->job->status, 303);
	assert_string_equal(header(h->job, "Location"), "/page/7%0D%0AX%3A%20%2F%3F%C3%A9/x");
	asked(h, FACE_PORTAL, "save");
	view_redirect(h->data, "/elsewhere");
	answered(h);
	assert_string_equal(header(h->job, "Location"), "/elsewhere");
	asked(h, FACE_PORTAL, "bare");
	assert_string_equal(answered(h), "{}\n");
}

static void
a_file_goes_out_whole_and_is_named_plainly(void **state)
{
	struct house *h = *state;

	asked(h, FACE_PORTAL, "page");
	view_download(h->data, "a\"b\\c/d\r\n\xc3\xa9.pem", "application/x-pem-file", "a\0b", 3);
	answered(h);
	assert_int_equal(h->job->out.len, 3);
	assert_memory_equal(h->job->out.data, "a\0b", 3);
	assert_string_equal(h->job->type, "application/x-pem-file");
	assert_string_equal(
	    header(h->job, "Content-Disposition"), "attachment; filename=\"a_b_c_d____.pem\"");
	asked(h, FACE_PORTAL, "page");
	answered(h);
	assert_string_equal(h->job->type, "text/html; charset=utf-8");
	assert_null(header(h->job, "Content-Disposition"));
}

static void
P24_the_cookie_is_locked_up(void **state)
{
	struct house *h = *state;

	asked(h, FACE_PORTAL, "save");
	view_session_cookie(h->data, "s3cret");
	answered(h);
	assert_string_equal(header(h->job, "Set-Cookie"),
	    "__Host-certwright=s3cret; Path=/; Secure; HttpOnly; SameSite=Strict");
	asked(h, FACE_PORTAL, "save");
	view_session_cookie(h->data, NULL);
	answered(h);
	assert_string_equal(header(h->job, "Set-Cookie"),
	    "__Host-certwright=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
	asked(h, FACE_PORTAL, "save");
	answered(h);
	assert_null(header(h->job, "Set-Cookie"));
}

static json_t *
problem(struct house *h)
{
	json_t *p = json_loads(refused(h), 0, NULL);

	assert_non_null(p);
	assert_string_equal(h->job->type, "application/problem+json");
	return p;
}

static void
an_error_of_the_API_is_problem_json(void **state)
{
	static const char *const members[] = { "type", "title", "status", "detail", "hint", "field",
		"id" };
	struct house *h = *state;
	json_t *p;

	asked(h, FACE_API, "save");
	err_set(&h->cx.err, R_FIELD_REQUIRED, "name", "Name is \"%s\"", "\xff\x01");
	err_hint(&h->cx.err, "type it");
	err_detail(&h->cx.err, "line 5");
	p = problem(h);
	for (size_t i = 0; i < nitems(members); i++)
		assert_non_null(json_object_get(p, members[i]));
	assert_int_equal(h->job->status, 400);
	assert_int_equal(json_integer_value(json_object_get(p, "status")), 400);
	assert_string_equal(json_string_value(json_object_get(p, "id")), "field.required");
	assert_string_equal(json_string_value(json_object_get(p, "field")), "name");
	assert_string_equal(json_string_value(json_object_get(p, "detail")), "Name is \"?\x01\"");
	assert_string_equal(json_string_value(json_object_get(p, "more")), "line 5");
	assert_int_equal(shown, 0);
	json_decref(p);
	asked(h, FACE_API, "save");
	err_set(&h->cx.err, R_CAPABILITY, NULL, "no");
	p = problem(h);
	assert_null(json_object_get(p, "field"));
	assert_null(json_object_get(p, "hint"));
	assert_int_equal(h->job->status, 403);
	json_decref(p);
}

static void
some_errors_carry_a_header(void **state)
{
	struct house *h = *state;

	asked(h, FACE_API, "save");
	err_set(&h->cx.err, R_SIGNIN_LOCKED, NULL, "slow down");
	refused(h);
	assert_int_equal(h->job->status, 429);
	assert_non_null(header(h->job, "Retry-After"));
	asked(h, FACE_API, "save");
	err_set(&h->cx.err, R_HTTP_METHOD, NULL, "no");
	h->rq.allow = "GET, POST";
	h->rq.route = NULL;
	refused(h);
	assert_int_equal(h->job->status, 405);
	assert_string_equal(header(h->job, "Allow"), "GET, POST");
}

static void
a_refused_form_comes_back_with_what_was_typed_but_no_secret(void **state)
{
	static const struct pair form[] = { { "name", "<typed>" }, { "secret", "s3cret" },
		{ "file", "f" }, { "kind", "rsa:2048" }, { "csrf", "token" },
		{ "list", "not a field" } };
	struct house *h = *state;
	const char *page;

	asked(h, FACE_PORTAL, "save");
	h->rq.form = (struct pair *)(uintptr_t)form;
	h->rq.nform = nitems(form);
	err_set(&h->cx.err, R_FIELD_LONG, "name", "it is too long");
	err_hint(&h->cx.err, "shorten it");
	page = refused(h);
	assert_int_equal(h->job->status, 400);
	assert_int_equal(shown, 1);
	assert_non_null(strstr(page, "[what may be seen]"));
	assert_non_null(strstr(page, "name=&lt;typed&gt; (It is too long. Shorten it.)"));
	assert_non_null(strstr(page, "keep= "));
	assert_non_null(strstr(page, "secret= ()"));
	assert_non_null(strstr(page, "file= "));
	assert_non_null(strstr(page, "kind=rsa chosen=rsafirst "));
	assert_non_null(strstr(page, "error=It is too long."));
	assert_null(strstr(page, "s3cret"));
	assert_int_equal(h->cx.err.refusal, R_FIELD_LONG);
	asked(h, FACE_PORTAL, "save");
	h->rq.form = (struct pair *)(uintptr_t)form;
	h->rq.nform = nitems(form);
	err_set(&h->cx.err, R_PASSWORD_SHORT, "secret", "RSA is an abbreviation");
	assert_non_null(strstr(refused(h), "(RSA is an abbreviation.)"));
	asked(h, FACE_PORTAL, "save");
	err_set(&h->cx.err, R_PASSWORD_SHORT, "secret", "co.uk is a value");
	err_hint(&h->cx.err, "really?");
	assert_non_null(strstr(refused(h), "(co.uk is a value. Really?)"));
}

static void
P22_a_refused_form_shows_no_page_one_may_not_read(void **state)
{
	struct house *h = *state;

	asked(h, FACE_PORTAL, "save");
	h->cx.actor = (struct actor){ .kind = ACTOR_NOBODY };
	err_set(&h->cx.err, R_SIGNED_OUT, NULL, "you are not signed in");
	assert_null(strstr(refused(h), "what may be seen"));
	assert_non_null(strstr(buf_text(&h->job->out), "You are not signed in"));
	assert_non_null(strstr(buf_text(&h->job->out), "Nothing was changed: sign in"));
	assert_int_equal(h->job->status, 401);
	assert_int_equal(shown, 0);
	asked(h, FACE_PORTAL, "save");
	h->cx.actor.role = ROLE_NONE;
	err_set(&h->cx.err, R_CAPABILITY, NULL, "no");
	refused(h);
	assert_int_equal(shown, 0);
	assert_int_equal(h->job->status, 403);
}

static void
an_error_without_a_form_has_its_own_page(void **state)
{
	struct house *h = *state;

	asked(h, FACE_PORTAL, "bare");
	err_set(&h->cx.err, R_NOT_FOUND, NULL, "there is none");
	err_hint(&h->cx.err, "look <there>: `this` or `that`");
	assert_non_null(strstr(
	    refused(h), "There is none. Look &lt;there&gt;: “this” or “that”. not-found 404"));
	assert_int_equal(h->job->status, 404);
	asked(h, FACE_PORTAL, "bare");
	h->rq.route = NULL;
	h->rq.path = NULL;
	err_set(&h->cx.err, R_INTERNAL, NULL, "oh");
	assert_non_null(strstr(refused(h), "Oh.  internal 500"));
}

static void
a_page_that_cannot_be_made_says_so(void **state)
{
	static const struct route odd = { .name = "odd", .method = "GET", .template = "deep" };
	struct house *h = *state;

	asked(h, FACE_PORTAL, "page");
	h->rq.route = &odd;
	assert_string_equal(answered(h), "internal error\n");
	assert_int_equal(h->job->status, 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_view_is_JSON_or_a_page),
		cmocka_unit_test(a_write_is_followed_by_303_and_its_own_status),
		cmocka_unit_test(a_file_goes_out_whole_and_is_named_plainly),
		cmocka_unit_test(P24_the_cookie_is_locked_up),
		cmocka_unit_test(an_error_of_the_API_is_problem_json),
		cmocka_unit_test(some_errors_carry_a_header),
		cmocka_unit_test(a_refused_form_comes_back_with_what_was_typed_but_no_secret),
		cmocka_unit_test(P22_a_refused_form_shows_no_page_one_may_not_read),
		cmocka_unit_test(an_error_without_a_form_has_its_own_page),
		cmocka_unit_test(a_page_that_cannot_be_made_says_so),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
