/*
 * render.c - a template and a view make a page
 */
#include <ctype.h>
#include <stdio.h>

#include "front/template_node.h"

#define STACK_MAX 32

struct render {
	const struct templates *all;
	const struct template *page;
	const json_t *stack[STACK_MAX];
	size_t n;
	struct buf *out;
	struct err *e;
};

static void
put_escaped(struct buf *out, const char *s)
{
	for (;;) {
		size_t n = strcspn(s, "&<>\"'");

		buf_put(out, s, n);
		s += n;
		switch (*s++) {
		case '&':
			buf_put_text(out, "&amp;");
			break;
		case '<':
			buf_put_text(out, "&lt;");
			break;
		case '>':
			buf_put_text(out, "&gt;");
			break;
		case '"':
			buf_put_text(out, "&quot;");
			break;
		case '\'':
			buf_put_text(out, "&#39;");
			break;
		default:
			return;
		}
	}
}

/*
 * Part of a URL attribute: what is not plain is percent-encoded. At the start
 * of the attribute it must lead to this site (a path) or be https.
 */
static void
put_url(struct buf *out, const char *s)
{
	bool at_start = out->len > 0 &&
	    (out->data[out->len - 1] == '"' || out->data[out->len - 1] == '\'');

	if (at_start && !(s[0] == '/' && s[1] != '/' && s[1] != '\\') && s[0] != '#' &&
	    s[0] != '?' && strncmp(s, "https://", 8) != 0 && s[0] != '\0') {
		buf_put_text(out, "#refused");
		return;
	}
	for (; *s != '\0'; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~/?#=:@!$,;*()[]%+", *s) != NULL)
			buf_put(out, s, 1);
		else if (*s == '&')
			buf_put_text(out, "&amp;");
		else
			buf_printf(out, "%%%02X", (unsigned char)*s);
	}
}

static void
put_value(struct render *r, const struct node *n, const json_t *v)
{
	char number[32];
	const char *text = number;

	switch (v == NULL ? JSON_NULL : json_typeof(v)) {
	case JSON_STRING:
		text = json_string_value(v);
		break;
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		break;
	case JSON_REAL:
		snprintf(number, sizeof(number), "%.2f", json_real_value(v));
		break;
	case JSON_TRUE:
		text = "true";
		break;
	case JSON_FALSE:
		text = "false";
		break;
	default:
		return;
	}
	if (n->url)
		put_url(r->out, text);
	else
		put_escaped(r->out, text);
}

static const json_t *
member(const json_t *v, const char *name, size_t len)
{
	char key[81];

	if (!json_is_object(v) || len >= sizeof(key))
		return NULL;
	memcpy(key, name, len);
	key[len] = '\0';
	return json_object_get(v, key);
}

/* The first part outwards through the stack, the rest inwards from there. */
static const json_t *
look_up(const struct render *r, const char *path, size_t len)
{
	const char *end = path + len, *dot;
	const json_t *v = NULL;
	size_t i = r->n, part;

	if (len == 1 && path[0] == '.')
		return r->stack[r->n - 1];
	dot = memchr(path, '.', len);
	part = dot == NULL ? len : (size_t)(dot - path);
	while (v == NULL && i > 0)
		v = member(r->stack[--i], path, part);
	while (dot != NULL && v != NULL) {
		path = dot + 1;
		dot = memchr(path, '.', (size_t)(end - path));
		v = member(v, path, dot == NULL ? (size_t)(end - path) : (size_t)(dot - path));
	}
	return v;
}

static bool
is_there(const json_t *v)
{
	switch (v == NULL ? JSON_NULL : json_typeof(v)) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_STRING:
		return json_string_length(v) > 0;
	case JSON_ARRAY:
		return json_array_size(v) > 0;
	case JSON_INTEGER:
		return json_integer_value(v) != 0;
	default:
		return true;
	}
}

static int render_range(
    struct render *, const struct template *, size_t from, size_t to, int depth);

static int
render_with(struct render *r, const struct template *t, size_t from, size_t to, const json_t *item,
    int depth)
{
	int result;

	if (r->n == STACK_MAX)
		return err_set(r->e, R_TEMPLATE, NULL, "template %s nests too deep", t->name);
	r->stack[r->n++] = item;
	result = render_range(r, t, from, to, depth);
	r->n--;
	return result;
}

static int
render_section(struct render *r, const struct template *t, size_t at, int depth)
{
	const struct node *n = &t->v[at];
	const json_t *v = look_up(r, n->text, n->len), *item;
	size_t i;

	if (n->kind == NODE_INVERTED)
		return is_there(v) ? 0 : render_range(r, t, at + 1, n->end, depth);
	if (!is_there(v))
		return 0;
	if (!json_is_array(v))
		return render_with(r, t, at + 1, n->end, v, depth);
	json_array_foreach ((json_t *)(uintptr_t)v, i, item)
		if (render_with(r, t, at + 1, n->end, item, depth) < 0)
			return -1;
	return 0;
}

static int
render_partial(struct render *r, const struct template *t, const struct node *n, int depth)
{
	const struct template *other = n->len == 4 && memcmp(n->text, "main", 4) == 0
	    ? r->page
	    : template_find(r->all, n->text, n->len);

	if (other == NULL)
		return 0;
	if (depth > TEMPLATE_DEPTH)
		return err_set(r->e, R_TEMPLATE, NULL, "template %s nests too deep", t->name);
	return render_range(r, other, 0, other->n, depth + 1);
}

static int
render_range(struct render *r, const struct template *t, size_t from, size_t to, int depth)
{
	for (size_t i = from; i < to; i++) {
		const struct node *n = &t->v[i];

		switch (n->kind) {
		case NODE_TEXT:
			buf_put(r->out, n->text, n->len);
			break;
		case NODE_VALUE:
			put_value(r, n, look_up(r, n->text, n->len));
			break;
		case NODE_PARTIAL:
			if (render_partial(r, t, n, depth) < 0)
				return -1;
			break;
		default:
			if (render_section(r, t, i, depth) < 0)
				return -1;
			i = n->end - 1;
		}
	}
	return 0;
}

int
templates_render(const struct templates *all, const char *layout, const char *page,
    const json_t *view, struct buf *out, struct err *e)
{
	const struct template *t = template_find(all, layout, strlen(layout));
	struct render r = { .all = all, .out = out, .e = e, .stack = { view }, .n = 1 };

	if (page != NULL)
		r.page = template_find(all, page, strlen(page));
	if (t == NULL || (page != NULL && r.page == NULL))
		return err_set(
		    e, R_TEMPLATE, NULL, "template %s is not there", t == NULL ? layout : page);
	return render_range(&r, t, 0, t->n, 0);
}
