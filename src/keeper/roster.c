/*
 * roster.c - who the custodians are: two of them let a key leave
 */
#include <stdio.h>

#include "keeper/roster.h"

const struct custodian *
roster_find(const struct roster *r, const char *id)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].id, id) == 0)
			return &r->v[i];
	return NULL;
}

const struct custodian *
roster_find_seed(const struct roster *r, const unsigned char seed[32])
{
	for (size_t i = 0; i < r->n; i++)
		if (memcmp(r->v[i].seed, seed, 32) == 0)
			return &r->v[i];
	return NULL;
}

int
roster_add(struct roster *r, const char *id, const unsigned char seed[32])
{
	struct custodian *c = &r->v[r->n];

	if (r->n == CUSTODIANS_MAX || id[0] == '\0' || roster_find(r, id) != NULL)
		return -1;
	snprintf(c->id, sizeof(c->id), "%s", id);
	memcpy(c->seed, seed, sizeof(c->seed));
	r->n++;
	return 0;
}

int
roster_remove(struct roster *r, const char *id)
{
	const struct custodian *c = roster_find(r, id);
	size_t i;

	if (c == NULL)
		return -1;
	i = (size_t)(c - r->v);
	memmove(&r->v[i], &r->v[i + 1], (r->n - i - 1) * sizeof(r->v[0]));
	r->n--;
	return 0;
}
