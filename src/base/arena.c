/*
 * arena.c - memory of one request: many small pieces, freed at once
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"

#define BLOCK_SIZE (16 * 1024 - 64)

struct block {
	struct block *next; /* older block */
	size_t size;
	size_t used;
	_Alignas(16) unsigned char data[];
};

struct arena {
	struct block *top;
	size_t used;
};

static struct block *
block_new(struct block *next, size_t size)
{
	struct block *b;

	if (size > SIZE_MAX / 2 || (b = malloc(sizeof(*b) + size)) == NULL) {
		fputs("<2>out of memory\n", stderr);
		abort();
	}
	b->next = next;
	b->size = size;
	b->used = 0;
	return b;
}

struct arena *
arena_new(void)
{
	struct block *b = block_new(NULL, BLOCK_SIZE);
	struct arena *a = (struct arena *)(void *)b->data;

	b->used = 16;
	a->top = b;
	a->used = 0;
	return a;
}

static void
block_free(struct block *b)
{
	explicit_bzero(b->data, b->used);
	free(b);
}

/* The arena itself lives at the start of its first (oldest) block. */
void
arena_reset(struct arena *a)
{
	struct block *b = a->top, *next;

	for (; b->next != NULL; b = next) {
		next = b->next;
		block_free(b);
	}
	explicit_bzero(b->data + 16, b->used - 16);
	b->used = 16;
	a->top = b;
	a->used = 0;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	block_free(a->top);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t need = (n + 15) & ~(size_t)15;
	struct block *b = a->top;
	void *p;

	if (need < n)
		abort();
	if (need == 0)
		need = 16;
	if (b->size - b->used < need)
		b = a->top = block_new(b, need > BLOCK_SIZE ? need : BLOCK_SIZE);
	p = b->data + b->used;
	b->used += need;
	a->used += need;
	memset(p, 0, need);
	return p;
}

void *
arena_dup(struct arena *a, const void *data, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(p, data, n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_dup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
