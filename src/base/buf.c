/*
 * buf.c - a growing byte buffer (put) and a bounded view of bytes (get)
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"

void
buf_init(struct buf *b)
{
	memset(b, 0, sizeof(*b));
}

void
buf_free(struct buf *b)
{
	if (b->data != NULL) {
		explicit_bzero(b->data, b->cap);
		free(b->data);
	}
	buf_init(b);
}

void
buf_reset(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->len);
	b->len = 0;
}

/* Grow by copying, never realloc: what is left behind is wiped. */
static void
buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap == 0 ? 256 : b->cap;
	unsigned char *data;

	if (b->cap - b->len >= n)
		return;
	if (n > SIZE_MAX / 4 || b->len > SIZE_MAX / 4)
		abort();
	while (cap - b->len < n)
		cap *= 2;
	if ((data = malloc(cap)) == NULL) {
		fputs("<2>out of memory\n", stderr);
		abort();
	}
	if (b->data != NULL) {
		memcpy(data, b->data, b->len);
		explicit_bzero(b->data, b->cap);
		free(b->data);
	}
	b->data = data;
	b->cap = cap;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	buf_reserve(b, n);
	memcpy(b->data + b->len, p, n);
	b->len += n;
}

void
buf_put_text(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	buf_reserve(b, (size_t)n + 1);
	vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
}

void
buf_put_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

void
buf_put_u16(struct buf *b, uint16_t v)
{
	unsigned char p[2] = { (unsigned char)(v >> 8), (unsigned char)v };

	buf_put(b, p, sizeof(p));
}

void
buf_put_u32(struct buf *b, uint32_t v)
{
	buf_put_u16(b, (uint16_t)(v >> 16));
	buf_put_u16(b, (uint16_t)v);
}

void
buf_put_u64(struct buf *b, uint64_t v)
{
	buf_put_u32(b, (uint32_t)(v >> 32));
	buf_put_u32(b, (uint32_t)v);
}

void
buf_put_string(struct buf *b, const void *p, size_t n)
{
	if (n > UINT32_MAX)
		abort();
	buf_put_u32(b, (uint32_t)n);
	buf_put(b, p, n);
}

void
buf_put_cstring(struct buf *b, const char *s)
{
	buf_put_string(b, s, s == NULL ? 0 : strlen(s));
}

const char *
buf_text(struct buf *b)
{
	buf_reserve(b, 1);
	b->data[b->len] = '\0';
	return (const char *)b->data;
}

struct view
view_of(const void *p, size_t n)
{
	return (struct view){ .data = p, .len = n };
}

int
view_bytes(struct view *v, const unsigned char **out, size_t n)
{
	if (v->failed || v->len < n) {
		v->failed = true;
		return -1;
	}
	*out = v->data;
	v->data += n;
	v->len -= n;
	return 0;
}

int
view_u8(struct view *v, uint8_t *out)
{
	const unsigned char *p;

	if (view_bytes(v, &p, 1) < 0)
		return -1;
	*out = p[0];
	return 0;
}

int
view_u16(struct view *v, uint16_t *out)
{
	const unsigned char *p;

	if (view_bytes(v, &p, 2) < 0)
		return -1;
	*out = (uint16_t)(p[0] << 8 | p[1]);
	return 0;
}

int
view_u32(struct view *v, uint32_t *out)
{
	const unsigned char *p;

	if (view_bytes(v, &p, 4) < 0)
		return -1;
	*out = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return 0;
}

int
view_u64(struct view *v, uint64_t *out)
{
	uint32_t hi, lo;

	if (view_u32(v, &hi) < 0 || view_u32(v, &lo) < 0)
		return -1;
	*out = (uint64_t)hi << 32 | lo;
	return 0;
}

int
view_string(struct view *v, const unsigned char **out, size_t *len, size_t max)
{
	uint32_t n;

	if (view_u32(v, &n) < 0 || n > max || view_bytes(v, out, n) < 0) {
		v->failed = true;
		return -1;
	}
	*len = n;
	return 0;
}

int
view_cstring(struct view *v, char *out, size_t size)
{
	const unsigned char *p;
	size_t n;

	if (view_string(v, &p, &n, size - 1) < 0)
		return -1;
	if (n > 0 && memchr(p, '\0', n) != NULL) {
		v->failed = true;
		return -1;
	}
	if (n > 0)
		memcpy(out, p, n);
	out[n] = '\0';
	return 0;
}

int
view_end(const struct view *v)
{
	return v->failed || v->len != 0 ? -1 : 0;
}
