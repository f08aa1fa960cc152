/*
 * page_fake.c - ask a page's handler as the front would, without HTTP
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "page_fake.h"

struct sent fake_sent;
static struct asked now;
static struct ctx *asking;

static const char *
find(const struct pair *p, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(p[i].name, name) == 0)
			return p[i].value;
	}
	return NULL;
}

const char *
request_param(const struct request *rq, const char *name)
{
	return find(rq->params, rq->nparams, name);
}

const char *
request_query(const struct request *rq, const char *name)
{
	return find(rq->query, rq->nquery, name);
}

const char *
request_field(const struct request *rq, const char *name)
{
	return find(rq->form, rq->nform, name);
}

const struct upload *
request_file(const struct request *rq, const char *field, size_t i)
{
	for (size_t k = 0; k < rq->nfiles; k++)
		if (strcmp(rq->files[k].field, field) == 0 && i-- == 0)
			return &rq->files[k];
	return NULL;
}

bool
request_chosen(const struct request *rq, const char *name, const char *value, bool otherwise)
{
	return otherwise;
}

bool
request_bool(const struct request *rq, const char *name)
{
	const char *s = request_field(rq, name);

	return s != NULL && strcmp(s, "on") == 0;
}

void
view_download(json_t *view, const char *filename, const char *type, const void *data, size_t len)
{
	now.download = arena_dup(asking->arena, data, len);
	now.filename = arena_strdup(asking->arena, filename);
	now.length = len;
}

void
view_problem(json_t *view)
{
	now.problem = true;
}

/* What the API would show: tests look at the view. */
void
view_text(json_t *view, const char *name, const char *json)
{
	json_object_set_new(view, name, json_loads(json, 0, NULL));
}

void
view_status(json_t *view, int status)
{
	now.status = status;
}

void
view_redirect(json_t *view, const char *path)
{
	now.redirect = arena_strdup(asking->arena, path);
}

void
view_session_cookie(json_t *view, const char *secret)
{
	now.cookie = arena_strdup(asking->arena, secret == NULL ? "" : secret);
}

void
view_form_value(json_t *view, const char *field, const char *value)
{
	json_t *form = json_object_get(view, "form");

	if (form == NULL)
		json_object_set_new(view, "form", form = json_object());
	json_object_set_new(form, field, json_pack("{ss}", "value", value));
}

void
view_command(json_t *view, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_object_set_new(view, "command", json_string(text));
}

const struct route *
route_named(const struct route_table *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->v[i].name, name) == 0)
			return &t->v[i];
	}
	fail_msg("no route %s", name);
	return NULL;
}

struct asked
ask(struct ctx *cx, const struct route *route, enum face face, const char *const *pairs)
{
	struct pair list[16];
	struct request rq = { .face = face, .method = route->method, .route = route };
	size_t n = 0;

	for (; pairs[n] != NULL; n++) {
		char *copy = arena_strdup(cx->arena, pairs[n]), *eq = strchr(copy, '=');

		*eq = '\0';
		list[n] = (struct pair){ copy, eq + 1 };
		if (n < nitems(rq.params))
			rq.params[n] = list[n];
	}
	rq.nparams = n < nitems(rq.params) ? n : nitems(rq.params);
	rq.query = rq.form = list;
	rq.nquery = rq.nform = n;
	rq.files = (struct upload *)(uintptr_t)fake_sent.files;
	rq.nfiles = fake_sent.nfiles;
	rq.json = fake_sent.json;
	rq.body = fake_sent.body;
	rq.body_len = fake_sent.body_len;
	if (now.view != NULL)
		json_decref(now.view);
	now = (struct asked){ .view = json_object() };
	asking = cx;
	cx->read_only = strcmp(route->method, "GET") == 0; /* P25 */
	now.result = route->handler(cx, &rq, now.view);
	cx->read_only = false;
	json_decref(fake_sent.json);
	fake_sent = (struct sent){ 0 };
	return now;
}

const char *
view_dump(struct ctx *cx, const json_t *view)
{
	char *all = json_dumps(view, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
	const char *copy = arena_strdup(cx->arena, all);

	free(all);
	return copy;
}

const char *
shown(struct ctx *cx, const json_t *view, const char *path)
{
	char *copy = arena_strdup(cx->arena, path), *save = NULL;

	for (char *p = strtok_r(copy, ".", &save); p != NULL; p = strtok_r(NULL, ".", &save))
		view = json_is_array(view) ? json_array_get(view, (size_t)atoi(p))
					   : json_object_get(view, p);
	if (view == NULL)
		return "(none)";
	return json_is_string(view) ? json_string_value(view) : view_dump(cx, view);
}
