/*
 * jsonput.c - a JSON value as text
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/jsonput.h"
#include "base/text.h"

#define FEW 64 /* members sorted without a heap */

static void
put_escaped(struct buf *b, unsigned char c)
{
	static const char short_for[] = { '\b', 'b', '\f', 'f', '\n', 'n', '\r', 'r', '\t', 't',
		'"', '"', '\\', '\\' };

	for (size_t i = 0; i < sizeof(short_for); i += 2)
		if (c == (unsigned char)short_for[i]) {
			buf_put_u8(b, '\\');
			buf_put_u8(b, (uint8_t)short_for[i + 1]);
			return;
		}
	buf_printf(b, "\\u%04X", c);
}

/* Runs of plain characters are copied whole. */
static void
put_string(struct buf *b, const char *s, size_t len)
{
	size_t from = 0;

	buf_put_u8(b, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_put(b, s + from, i - from);
		put_escaped(b, c);
		from = i + 1;
	}
	buf_put(b, s + from, len - from);
	buf_put_u8(b, '"');
}

void
json_put_text(struct buf *b, const char *s)
{
	size_t len = s == NULL ? 0 : strlen(s);
	char *mended;

	if (s == NULL) {
		buf_put_text(b, "null");
	} else if (utf8_valid(s, len)) {
		put_string(b, s, len);
	} else {
		if ((mended = strdup(s)) == NULL)
			abort();
		utf8_mend(mended);
		put_string(b, mended, len);
		explicit_bzero(mended, len);
		free(mended);
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
json_put_with(struct buf *b, const json_t *v, const char *extra, const char *value)
{
	json_t *o = (json_t *)(uintptr_t)v, *member;
	const char *few[FEW], **names = few, *name;
	size_t n = 0;

	if (json_object_size(o) >= FEW &&
	    (names = malloc((json_object_size(o) + 1) * sizeof(*names))) == NULL)
		abort();
	json_object_foreach (o, name, member)
		names[n++] = name;
	if (extra != NULL)
		names[n++] = extra;
	qsort(names, n, sizeof(*names), by_name);
	buf_put_u8(b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_put_u8(b, ',');
		put_string(b, names[i], strlen(names[i]));
		buf_put_u8(b, ':');
		if (names[i] == extra)
			buf_put_text(b, value);
		else
			json_put(b, json_object_get(o, names[i]));
	}
	buf_put_u8(b, '}');
	if (names != few)
		free(names);
}

static void
put_array(struct buf *b, const json_t *v)
{
	buf_put_u8(b, '[');
	for (size_t i = 0; i < json_array_size(v); i++) {
		if (i > 0)
			buf_put_u8(b, ',');
		json_put(b, json_array_get(v, i));
	}
	buf_put_u8(b, ']');
}

void
json_put(struct buf *b, const json_t *v)
{
	char *text;

	switch (json_typeof(v)) {
	case JSON_OBJECT:
		json_put_with(b, v, NULL, NULL);
		break;
	case JSON_ARRAY:
		put_array(b, v);
		break;
	case JSON_STRING:
		put_string(b, json_string_value(v), json_string_length(v));
		break;
	case JSON_INTEGER:
		buf_printf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		break;
	case JSON_REAL: /* rare: the rules of its digits stay in one place */
		text = json_dumps(v, JSON_ENCODE_ANY);
		buf_put_text(b, text == NULL ? "null" : text);
		free(text);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		buf_put_text(b, json_is_true(v) ? "true" : "false");
		break;
	case JSON_NULL:
		buf_put_text(b, "null");
		break;
	}
}
