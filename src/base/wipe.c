/*
 * wipe.c - memory that is wiped before it is freed
 */
#include <malloc.h>
#include <stdio.h>

#include "base/wipe.h"

void *
wipe_malloc(size_t n)
{
	void *p = malloc(n);

	if (p == NULL && n <= WIPE_ENORMOUS) {
		fputs("<2>out of memory\n", stderr);
		abort();
	}
	return p;
}

void
wipe_free(void *p)
{
	if (p == NULL)
		return;
	explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void *
wipe_realloc(void *p, size_t n)
{
	size_t old = p == NULL ? 0 : malloc_usable_size(p);
	void *more;

	if (p != NULL && n <= old && n > old / 2)
		return p;
	if ((more = wipe_malloc(n)) == NULL)
		return NULL;
	if (p != NULL)
		memcpy(more, p, old < n ? old : n);
	wipe_free(p);
	return more;
}
