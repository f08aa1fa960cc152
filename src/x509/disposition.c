/*
 * disposition.c - what became of each wish
 */
#include <stdarg.h>
#include <stdio.h>

#include "x509/disposition.h"

void
sheet_init(struct sheet *s, struct arena *a)
{
	memset(s, 0, sizeof(*s));
	s->arena = a;
}

struct disposition *
sheet_add(
    struct sheet *s, const char *item, const char *asked, const char *granted, enum outcome outcome)
{
	struct disposition *d;

	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 32 : s->cap * 2;
		struct disposition *v = arena_new_array(s->arena, cap, struct disposition);

		if (s->n > 0)
			memcpy(v, s->v, s->n * sizeof(*v));
		s->v = v;
		s->cap = cap;
	}
	d = &s->v[s->n++];
	memset(d, 0, sizeof(*d));
	d->item = arena_strdup(s->arena, item);
	d->asked = asked == NULL ? NULL : arena_strdup(s->arena, asked);
	d->granted = granted == NULL ? NULL : arena_strdup(s->arena, granted);
	d->outcome = outcome;
	return d;
}

void
sheet_decide(struct disposition *d, enum weight weight, const char *rule, const char *reason,
    const char *reference, const char *set_by)
{
	d->weight = weight;
	d->rule = rule;
	d->reason = reason;
	d->reference = reference;
	d->set_by = set_by;
}

void
sheet_note(struct sheet *s, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (s->nnotes == s->capnotes) {
		size_t cap = s->capnotes == 0 ? 8 : s->capnotes * 2;
		const char **v = arena_new_array(s->arena, cap, const char *);

		if (s->nnotes > 0)
			memcpy(v, s->notes, s->nnotes * sizeof(*v));
		s->notes = v;
		s->capnotes = cap;
	}
	s->notes[s->nnotes++] = arena_strdup(s->arena, line);
}

struct disposition *
sheet_find(const struct sheet *s, const char *item)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].item, item) == 0)
			return &s->v[i];
	return NULL;
}

size_t
sheet_count(const struct sheet *s, enum outcome outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->v[i].outcome == outcome;
	return n;
}

size_t
sheet_count_breaking(const struct sheet *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->v[i].weight == WEIGHT_BREAKING;
	return n;
}

const char *
outcome_name(enum outcome o)
{
	static const char *const names[] = { "granted", "amended", "dropped", "added", "refused" };

	return names[o];
}

const char *
weight_name(enum weight w)
{
	static const char *const names[] = { NULL, "same", "harmless", "breaking" };

	return names[w];
}

const char *
verdict_name(enum verdict v)
{
	static const char *const names[] = { "issue", "amend", "hold", "refuse", "same", "harmless",
		"breaking" };

	return names[v];
}

int
verdict_exit_code(enum verdict v)
{
	static const int codes[] = { 0, 3, 4, 5, 0, 3, 5 };

	return codes[v];
}
