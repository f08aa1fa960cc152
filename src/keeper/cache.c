/*
 * cache.c - keys that were opened lately
 *
 * A tree of the C library finds them; a hand that goes round says who leaves.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/cache.h"
#include "keeper/gcm.h"

struct kept {
	struct opened *key;
	struct bytes blob; /* the key's, or what is looked for */
	bool used;	   /* since the hand came by */
};

struct cache {
	void *tree;
	struct kept **v;
	size_t room, n, hand;
};

struct cache *
cache_new(size_t room)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->v = calloc(room, sizeof(struct kept *))) == NULL) {
		free(c);
		return NULL;
	}
	c->room = room;
	return c;
}

/* The tag at its end is as good as random, and differs first. */
static int
compare(const void *a, const void *b)
{
	const struct bytes *x = &((const struct kept *)a)->blob,
			   *y = &((const struct kept *)b)->blob;
	int r = memcmp(x->data + x->len - GCM_TAG, y->data + y->len - GCM_TAG, GCM_TAG);

	if (r != 0)
		return r;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->data, y->data, x->len);
}

/* The last one takes its place. */
static void
leave(struct cache *c, size_t at)
{
	struct kept *e = c->v[at];

	c->v[at] = c->v[--c->n];
	tdelete(e, &c->tree, compare);
	opened_free(e->key);
	free(e);
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	while (c->n > 0)
		leave(c, c->n - 1);
	free(c->v);
	free(c);
}

struct opened *
cache_find(struct cache *c, const struct bytes *blob)
{
	struct kept wanted = { .blob = *blob }, **found = tfind(&wanted, &c->tree, compare);

	if (found == NULL)
		return NULL;
	(*found)->used = true;
	return (*found)->key;
}

static void
make_room(struct cache *c)
{
	while (c->n == c->room) {
		c->hand = (c->hand + 1) % c->room;
		if (c->v[c->hand]->used)
			c->v[c->hand]->used = false;
		else
			leave(c, c->hand);
	}
}

void
cache_put(struct cache *c, struct opened *key)
{
	struct kept *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return;
	e->key = opened_ref(key);
	e->blob = (struct bytes){ .data = key->blob.data, .len = key->blob.len };
	e->used = true;
	make_room(c);
	if (tsearch(e, &c->tree, compare) == NULL) {
		opened_free(e->key);
		free(e);
		return;
	}
	c->v[c->n++] = e;
}

void
cache_forget(struct cache *c, const char *id)
{
	for (size_t i = c->n; i > 0; i--)
		if (strcmp(c->v[i - 1]->key->head.id, id) == 0)
			leave(c, i - 1);
}
