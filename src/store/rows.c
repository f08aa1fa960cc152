/*
 * rows.c - small shapes that every table file needs
 */
#include <stdio.h>

#include "store/rows.h"

int
row_none(struct ctx *cx, const char *kind)
{
	err_set(&cx->err, R_NOT_FOUND, NULL, "no such %s", kind);
	return err_hint(&cx->err, "list what there is and use an id or a name from there");
}

const char *
row_ref(const char *id)
{
	return id[0] == '\0' ? NULL : id;
}

void
row_id(struct db_stmt *st, int column, char out[ID_SIZE], struct arena *a)
{
	const char *text = db_text(st, column, a);

	snprintf(out, ID_SIZE, "%s", text == NULL ? "" : text);
}

void
row_digest(struct db_stmt *st, int column, unsigned char out[32], struct arena *a)
{
	const unsigned char *data;
	size_t n;

	data = db_blob(st, column, &n, a);
	memset(out, 0, 32);
	if (data != NULL && n == 32)
		memcpy(out, data, 32);
}

void *
row_grow(struct arena *a, void *v, size_t n, size_t size)
{
	void *bigger;

	if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
		return v;
	bigger = arena_alloc(a, (n == 0 ? 8 : 2 * n) * size);
	if (n > 0)
		memcpy(bigger, v, n * size);
	return bigger;
}

int
row_find(struct ctx *cx, struct db_stmt *st, fill_fn *fill, void *row)
{
	int r = db_step(cx, st);

	if (r > 0)
		fill(cx, st, row);
	return r;
}

int
row_load(struct ctx *cx, struct db_stmt *st, const char *kind, fill_fn *fill, void *row)
{
	int r = row_find(cx, st, fill, row);

	return r < 0 ? -1 : r == 0 ? row_none(cx, kind) : 0;
}

int
rows_collect(struct ctx *cx, struct db_stmt *st, size_t size, fill_fn *fill, void *out, size_t *n)
{
	unsigned char *v = NULL;
	int r;

	*n = 0;
	while ((r = db_step(cx, st)) > 0) {
		v = row_grow(cx->arena, v, *n, size);
		fill(cx, st, v + *n * size);
		(*n)++;
	}
	if (r < 0)
		return -1;
	memcpy(out, &v, sizeof(v));
	return 0;
}
