/*
 * rows.h - small shapes that every table file needs
 */
#pragma once

#include "store/store.h"

/* "no such request": the same words for a foreign object and for none (P22) */
int	row_none(struct ctx *, const char *kind);
/* Empty text counts as NULL: for foreign keys. */
const char *row_ref(const char *id);
/* Text column into an id field; NULL becomes "". */
void	row_id(struct db_stmt *, int column, char out[ID_SIZE], struct arena *);
/* A 32-byte digest column. */
void	row_digest(struct db_stmt *, int column, unsigned char out[32], struct arena *);
/* Which certificates a text finds: in names or subject, or how serial or SHA-256 begin. */
#define ISSUED_HAS_TEXT(text)                                                            \
	"(instr(lower(names), " text ") > 0 OR instr(lower(subject), " text ") > 0 OR"   \
	" instr(serial, " text ") = 1 OR instr(lower(hex(sha256)), " text ") = 1)"
/* Room for one more of `n` elements of `size`, in the arena; doubles. */
void	*row_grow(struct arena *, void *v, size_t n, size_t size);

/* The row of `st` into *row by `fill`. row_find: 1, 0 there is none, -1;
 * row_load: 0, -1 R_NOT_FOUND "no such <kind>". */
typedef void fill_fn(struct ctx *, struct db_stmt *, void *row);
int	row_find(struct ctx *, struct db_stmt *, fill_fn *, void *row);
int	row_load(struct ctx *, struct db_stmt *, const char *kind, fill_fn *, void *row);

/*
 * Steps `st` and collects each row by `fill` (rows of `size` bytes) into *out.
 * Finishes nothing: the caller's AUTO(db_stmt) does.
 */
int	rows_collect(struct ctx *, struct db_stmt *, size_t size, fill_fn *, void *out,
	    size_t *n);
