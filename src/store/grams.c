/*
 * grams.c - the pieces of a text by which it is found again
 */
#include <ctype.h>

#include "store/grams.h"

static void *
must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

static struct gram *
slot_of(struct gram *v, size_t room, uint32_t gram)
{
	size_t i = gram * 0x9e3779b1U >> 7;

	while (v[i &= room - 1].n != 0 && v[i].gram != gram)
		i++;
	return &v[i];
}

static void
grow(struct grams *g)
{
	size_t room = g->room == 0 ? 1024 : g->room * 2;
	struct gram *v = must(calloc(room, sizeof(*v)));

	for (size_t i = 0; i < g->room; i++)
		if (g->v[i].n != 0)
			*slot_of(v, room, g->v[i].gram) = g->v[i];
	free(g->v);
	g->v = v;
	g->room = room;
}

void
grams_add(struct grams *g, uint32_t gram, uint16_t at)
{
	struct gram *s;

	if (g->n * 2 >= g->room)
		grow(g);
	s = slot_of(g->v, g->room, gram);
	if (s->n > 0 && s->at[s->n - 1] == at)
		return;
	if (s->n == 0) {
		s->gram = gram;
		g->n++;
	}
	if (s->n == s->room) {
		s->room = s->room == 0 ? 4 : (uint16_t)(s->room * 2);
		s->at = must(realloc(s->at, s->room * sizeof(*s->at)));
	}
	s->at[s->n++] = at;
}

void
grams_add_text(struct grams *g, const char *text, uint16_t at)
{
	uint32_t three = GRAM_THREE;
	size_t n = strlen(text);

	for (size_t i = 0; i <= n; i++) {
		unsigned char c = i < n ? (unsigned char)tolower((unsigned char)text[i]) : '\n';

		three = (three << 8 | c) & (GRAM_THREE - 1);
		if (i < n)
			grams_add(g, c, at);
		if (i >= 2)
			grams_add(g, GRAM_THREE | three, at);
	}
}

static int
by_gram(const void *a, const void *b)
{
	uint32_t x = ((const struct gram *)a)->gram, y = ((const struct gram *)b)->gram;

	return x < y ? -1 : x > y;
}

void
grams_sort(struct grams *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->room; i++)
		if (g->v[i].n != 0)
			g->v[n++] = g->v[i];
	if (n > 0)
		qsort(g->v, n, sizeof(*g->v), by_gram);
	g->room = n;
}

void
gram_bits(const struct gram *s, struct bits *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < s->n; i++)
		bits_add(out, s->at[i]);
}

void
grams_free(struct grams *g)
{
	for (size_t i = 0; i < g->room; i++)
		free(g->v[i].at);
	free(g->v);
	memset(g, 0, sizeof(*g));
}
