/*
 * form.c - bodies and queries into fields
 */
#include <stdio.h>
#include <strings.h>

#include "base/text.h"
#include "front/form.h"
#include "front/jsonscan.h"

static int
malformed(struct err *e, const char *what)
{
	return err_set(e, R_FORM_MALFORMED, NULL, "the form is malformed: %s", what);
}

/* Percent and plus decoding (WHATWG urlencoded), checked as UTF-8. */
static int
decode(struct arena *a, const char *s, size_t len, const char **out, struct err *e)
{
	char *o = arena_alloc(a, len + 1), *start = o;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '+') {
			*o++ = ' ';
		} else if (s[i] == '%') {
			if (i + 2 >= len || hex_digit(s[i + 1]) < 0 || hex_digit(s[i + 2]) < 0)
				return malformed(e, "a percent escape is cut short");
			*o++ = (char)(hex_digit(s[i + 1]) << 4 | hex_digit(s[i + 2]));
			i += 2;
		} else {
			*o++ = s[i];
		}
	}
	if (!utf8_valid(start, (size_t)(o - start)))
		return malformed(e, "it is not UTF-8");
	*out = start;
	return 0;
}

int
form_urlencoded(
    struct arena *a, const char *text, size_t len, struct pair **out, size_t *n, struct err *e)
{
	struct pair *v = arena_new_array(a, LIMIT_FORM_FIELDS, struct pair);
	const char *end = text + len;

	*n = 0;
	while (text < end) {
		const char *amp = memchr(text, '&', (size_t)(end - text));
		const char *stop = amp == NULL ? end : amp;
		const char *eq = memchr(text, '=', (size_t)(stop - text));

		if (stop > text) {
			if (*n == LIMIT_FORM_FIELDS)
				return malformed(e, "it has too many fields");
			if (decode(a, text, (size_t)((eq == NULL ? stop : eq) - text), &v[*n].name,
				e) < 0 ||
			    decode(a, eq == NULL ? stop : eq + 1,
				eq == NULL ? 0 : (size_t)(stop - eq - 1), &v[*n].value, e) < 0)
				return -1;
			(*n)++;
		}
		text = stop + 1;
	}
	*out = v;
	return 0;
}

/* Just past the value that starts here: a token, or quoted. */
static const char *
value_end(const char *p)
{
	if (*p != '"')
		return p + strcspn(p, "; ");
	for (p++; *p != '\0' && *p != '"'; p++)
		p += *p == '\\' && p[1] == '"';
	return p + (*p == '"');
}

/* The value without its quotes; a quote in it stands behind a backslash. */
static const char *
value_of(struct arena *a, const char *p, const char *end)
{
	char *out = arena_alloc(a, (size_t)(end - p) + 1), *o = out;
	bool quoted = *p == '"';

	for (p += quoted; p < end && !(quoted && *p == '"'); p++) {
		p += quoted && *p == '\\' && p[1] == '"';
		*o++ = *p;
	}
	return out;
}

/* The value of name="..." in a header line; NULL if it is not there. */
static const char *
parameter(struct arena *a, const char *line, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = strchr(line, ';'); p != NULL; p = strchr(p, ';')) {
		const char *at = p + 1 + strspn(p + 1, " "), *end;

		p = at + strcspn(at, "=; \"");
		if (*p != '=')
			continue;
		end = value_end(p + 1);
		if ((size_t)(p - at) == n && strncasecmp(at, name, n) == 0)
			return value_of(a, p + 1, end);
		p = end;
	}
	return NULL;
}

/* The header line "name: ..." among those of a part, ended; NULL. */
static const char *
line_of(struct arena *a, const char *head, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = head, *eol; p != NULL; p = eol == NULL ? NULL : eol + 2) {
		eol = strstr(p, "\r\n");
		if (strncasecmp(p, name, n) == 0 && p[n] == ':')
			return arena_dup(a, p, eol == NULL ? strlen(p) : (size_t)(eol - p));
	}
	return NULL;
}

static const unsigned char *
find(const unsigned char *p, const unsigned char *end, const char *what, size_t n)
{
	return p >= end ? NULL : memmem(p, (size_t)(end - p), what, n);
}

/* One part: headers, an empty line, content. */
static int
take_part(struct arena *a, const unsigned char *p, const unsigned char *end, struct request *rq,
    struct err *e)
{
	const unsigned char *body = find(p, end, "\r\n\r\n", 4);
	const char *head, *line, *name = NULL, *file = NULL;

	if (body == NULL || body - p > 4096)
		return malformed(e, "a part has no headers");
	head = arena_dup(a, p, (size_t)(body - p));
	body += 4;
	if ((line = line_of(a, head, "Content-Disposition")) != NULL) {
		name = parameter(a, line, "name");
		file = parameter(a, line, "filename");
	}
	if (name == NULL || !utf8_valid(name, strlen(name)) ||
	    (file != NULL && !utf8_valid(file, strlen(file))))
		return malformed(e, "a part has no name");
	if (file != NULL) {
		if (body == end && *file == '\0')
			return 0; /* no file was chosen */
		if (rq->nfiles == LIMIT_FILES)
			return malformed(e, "it has too many files");
		rq->files[rq->nfiles++] = (struct upload){ name, file, body, (size_t)(end - body) };
		return 0;
	}
	if (rq->nform == LIMIT_FORM_FIELDS)
		return malformed(e, "it has too many fields");
	if (!utf8_valid((const char *)body, (size_t)(end - body)))
		return malformed(e, "it is not UTF-8");
	rq->form[rq->nform++] = (struct pair){ name, arena_dup(a, body, (size_t)(end - body)) };
	return 0;
}

int
form_multipart(struct arena *a, const char *type, const void *data, size_t len, struct request *rq,
    struct err *e)
{
	const char *boundary = parameter(a, type, "boundary"), *mark;
	const unsigned char *p = data, *end = p + len, *next;
	size_t n;

	if (boundary == NULL || boundary[0] == '\0' || strlen(boundary) > 70)
		return malformed(e, "its boundary is missing");
	rq->form = arena_new_array(a, LIMIT_FORM_FIELDS, struct pair);
	rq->files = arena_new_array(a, LIMIT_FILES, struct upload);
	mark = arena_printf(a, "\r\n--%s", boundary);
	n = strlen(mark);
	if (len < n - 2 || memcmp(p, mark + 2, n - 2) != 0)
		return malformed(e, "it does not start with its boundary");
	for (p += n - 2;; p = next + n) {
		if (end - p >= 2 && memcmp(p, "--", 2) == 0)
			return 0;
		if (end - p < 2 || memcmp(p, "\r\n", 2) != 0 ||
		    (next = find(p + 2, end, mark, n)) == NULL)
			return malformed(e, "it is cut short");
		if (take_part(a, p + 2, next, rq, e) < 0)
			return -1;
	}
}

/* An array of strings is their lines. */
static const char *
lines_of(struct arena *a, const json_t *array)
{
	size_t i, len = 1;
	char *text, *o;
	json_t *v;

	json_array_foreach (array, i, v) {
		if (!json_is_string(v))
			return NULL;
		len += json_string_length(v) + 1;
	}
	text = o = arena_alloc(a, len);
	json_array_foreach (array, i, v) {
		if (i > 0)
			*o++ = '\n';
		memcpy(o, json_string_value(v), json_string_length(v));
		o += json_string_length(v);
	}
	return text;
}

static const char *
text_of(struct arena *a, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		return arena_strdup(a, json_string_value(v));
	case JSON_INTEGER:
		return arena_printf(a, "%lld", (long long)json_integer_value(v));
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_ARRAY:
		return json_array_size(v) > LIMIT_SANS ? NULL : lines_of(a, v);
	default:
		return NULL;
	}
}

int
form_members(struct arena *a, struct request *rq, struct err *e)
{
	const char *key, *text;
	json_t *v;

	rq->form = arena_new_array(a, LIMIT_FORM_FIELDS, struct pair);
	json_object_foreach (rq->json, key, v) {
		if (rq->nform == LIMIT_FORM_FIELDS)
			return malformed(e, "it has too many members");
		if ((text = text_of(a, v)) != NULL)
			rq->form[rq->nform++] = (struct pair){ arena_strdup(a, key), text };
	}
	return 0;
}

int
form_json(struct arena *a, const void *body, size_t len, struct request *rq, struct err *e)
{
	json_error_t why;

	if (json_scan(body, len, e) < 0)
		return -1;
	rq->json = json_loadb(body, len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(rq->json)) {
		err_set(e, R_JSON_MALFORMED, NULL, "the body is not a JSON object");
		return rq->json == NULL ? err_detail(e, "line %d: %s", why.line, why.text) : -1;
	}
	return form_members(a, rq, e);
}

static bool
type_is(const char *type, const char *want)
{
	size_t n = strlen(want);

	return strncasecmp(type, want, n) == 0 &&
	    (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

int
form_read(struct arena *a, struct request *rq, struct err *e)
{
	const char *type = rq->content_type;

	if (rq->body_len == 0)
		return 0;
	if (type_is(type, "application/x-www-form-urlencoded"))
		return form_urlencoded(a, rq->body, rq->body_len, &rq->form, &rq->nform, e);
	if (type_is(type, "multipart/form-data"))
		return form_multipart(a, type, rq->body, rq->body_len, rq, e);
	if (type_is(type, "application/json"))
		return form_json(a, rq->body, rq->body_len, rq, e);
	if ((rq->route == NULL || rq->route->takes != NULL) &&
	    (type_is(type, "application/pkcs10") || type_is(type, "application/x-pem-file") ||
		type_is(type, "text/plain") || type_is(type, "application/octet-stream")))
		return 0; /* the handler reads rq->body; elsewhere it would be lost */
	err_set(e, R_FORM_TYPE, NULL, "bodies of type \"%.60s\" are not taken", type);
	return err_hint(e, "send application/json, a form, or application/pkcs10 for a CSR");
}
