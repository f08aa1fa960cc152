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

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

/* Is each of eight bytes plain, at once? The top bit of a byte says that it is not. */
static bool
are_plain(const char *s)
{
	const uint64_t each = 0x0101010101010101, top = 0x8080808080808080;
	uint64_t w, quote, slash;

	memcpy(&w, s, sizeof(w));
	quote = w ^ each * '"';
	slash = w ^ each * '\\';
	return ((((w - each * 0x20) & ~w) | ((quote - each) & ~quote) | ((slash - each) & ~slash)) &
		   top) == 0;
}

/* Runs of plain characters are copied whole. */
static void
put_string(struct buf *b, const char *s, size_t len)
{
	size_t from = 0, i = 0;

	buf_put_u8(b, '"');
	while (i < len) {
		if (len - i >= 8 && are_plain(s + i)) {
			i += 8;
		} else if (is_plain((unsigned char)s[i])) {
			i++;
		} else {
			buf_put(b, s + from, i - from);
			put_escaped(b, (unsigned char)s[i++]);
			from = i;
		}
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
