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
	char text[1024];
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
	if (now.view != NULL)
		json_decref(now.view);
	now = (struct asked){ .view = json_object() };
	asking = cx;
	cx->read_only = strcmp(route->method, "GET") == 0; /* P25 */
	now.result = route->handler(cx, &rq, now.view);
	cx->read_only = false;
	return now;
}
