/*
 * field.c - what a handler reads from a request, checked as declared
 */
#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "front/route.h"

static const char *
find(const struct pair *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].name, name) == 0)
			return v[i].value;
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
request_chosen(const struct request *rq, const char *name, const char *value, bool otherwise)
{
	const char *v = find(rq->typed, rq->ntyped, name);

	return v == NULL ? otherwise : strcmp(v, value) == 0;
}

bool
request_bool(const struct request *rq, const char *name)
{
	const char *v = request_field(rq, name);

	return v != NULL &&
	    (strcmp(v, "true") == 0 || strcmp(v, "on") == 0 || strcmp(v, "1") == 0 ||
		strcmp(v, "yes") == 0);
}

const struct upload *
request_file(const struct request *rq, const char *field, size_t i)
{
	for (size_t n = 0; n < rq->nfiles; n++)
		if (strcmp(rq->files[n].field, field) == 0 && i-- == 0)
			return &rq->files[n];
	return NULL;
}

static bool
is_choice(const char *choices, const char *value)
{
	size_t n = strlen(value);

	for (const char *p = choices; *p != '\0'; p += strcspn(p, "|"), p += *p == '|') {
		if (strcspn(p, "|") == n && memcmp(p, value, n) == 0)
			return true;
	}
	return false;
}

static bool
is_texts(const json_t *array)
{
	size_t i;
	json_t *v;

	json_array_foreach (array, i, v)
		if (!json_is_string(v))
			return false;
	return json_is_array(array);
}

static int
wrong_type(struct ctx *cx, const struct field *f, const char *want)
{
	return err_set(&cx->err, R_FIELD_TYPE, f->name, "%s must be %s in JSON", f->label, want);
}

/* What was sent counts or is refused: a member of another type is not left out. */
static int
check_type(struct ctx *cx, const struct request *rq, const struct field *f)
{
	const json_t *v = json_object_get(rq->json, f->name);

	if (v == NULL || json_is_null(v))
		return 0;
	switch (f->kind) {
	case FIELD_BOOL:
		return json_is_boolean(v) ? 0 : wrong_type(cx, f, "true or false");
	case FIELD_INT:
		return json_is_integer(v) || json_is_string(v)
		    ? 0
		    : wrong_type(cx, f, "a whole number");
	case FIELD_FILES:
		return json_is_array(v) ? 0 : wrong_type(cx, f, "an array of files");
	case FIELD_LIST:
		return json_is_array(v) ? 0 : wrong_type(cx, f, "an array of objects");
	case FIELD_LINES:
		if (json_array_size(v) > LIMIT_SANS)
			return err_set(&cx->err, R_FIELD_LONG, f->name, "%s has more than %d lines",
			    f->label, LIMIT_SANS);
		return json_is_string(v) || is_texts(v)
		    ? 0
		    : wrong_type(cx, f, "text or an array of texts");
	default:
		return json_is_string(v) ? 0 : wrong_type(cx, f, "text");
	}
}

static int
check_kind(struct ctx *cx, const struct field *f, const char *v)
{
	const char *digits = v + (v[0] == '-');

	if (f->kind == FIELD_CHOICE && !is_choice(f->choices, v)) {
		err_set(&cx->err, R_FIELD_CHOICE, f->name, "%s cannot be \"%.60s\"", f->label, v);
		return err_hint(&cx->err, "one of: %s", f->choices);
	}
	if (f->kind == FIELD_INT &&
	    (strlen(v) > 9 || digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0'))
		return err_set(
		    &cx->err, R_FIELD_NUMBER, f->name, "%s must be a whole number", f->label);
	if (f->kind == FIELD_TEXT || f->kind == FIELD_EMAIL || f->kind == FIELD_CHOICE)
		return text_check(&cx->err, f->name, v);
	return 0;
}

/* The body is one document that the handler reads as a whole. */
static bool
is_document(const struct route *r)
{
	return r != NULL && r->takes != NULL && strcmp(r->takes, "application/json") == 0;
}

/* What nobody reads would be taken for granted by whoever sent it. */
static int
check_unknown(struct ctx *cx, const struct request *rq, const struct field *fields)
{
	const char *name, *known = "";
	json_t *value;

	if (is_document(rq->route))
		return 0;
	json_object_foreach (rq->json, name, value) {
		const struct field *f = fields;

		while (f != NULL && f->name != NULL && strcmp(f->name, name) != 0)
			f++;
		if (f != NULL && f->name != NULL)
			continue;
		if (text_check(&cx->err, NULL, name) < 0)
			return -1;
		err_set(&cx->err, R_FIELD_UNKNOWN, name, "there is no field \"%.60s\" here", name);
		for (f = fields; f != NULL && f->name != NULL; f++)
			known = arena_printf(
			    cx->arena, "%s%s%s", known, *known == '\0' ? "" : ", ", f->name);
		return *known == '\0' ? err_hint(&cx->err, "this takes no fields")
				      : err_hint(&cx->err, "leave it out; known are: %s", known);
	}
	return 0;
}

int
form_check(struct ctx *cx, const struct request *rq, const struct field *fields)
{
	for (const struct field *f = fields; f != NULL && f->name != NULL; f++) {
		const char *v = request_field(rq, f->name);

		if (check_type(cx, rq, f) < 0)
			return -1;
		if (f->kind == FIELD_FILES || f->kind == FIELD_BOOL)
			continue;
		if (f->kind == FIELD_LIST && json_is_array(json_object_get(rq->json, f->name)))
			continue;
		if (v == NULL || v[0] == '\0') {
			if (!f->required)
				continue;
			err_set(&cx->err, R_FIELD_REQUIRED, f->name, "%s is required", f->label);
			return f->help == NULL ? -1 : err_hint(&cx->err, "%s", f->help);
		}
		if (f->max > 0 &&
		    (f->kind == FIELD_SECRET || f->kind == FIELD_LINES ? strlen(v)
								       : utf8_length(v)) > f->max)
			return err_set(&cx->err, R_FIELD_LONG, f->name,
			    "%s has more than %zu characters", f->label, f->max);
		if (check_kind(cx, f, v) < 0)
			return -1;
	}
	return check_unknown(cx, rq, fields);
}
