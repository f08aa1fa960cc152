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

/*
 * Steps `st` and collects each row by `fill` (rows of `size` bytes) into *out.
 * Finishes nothing: the caller's AUTO(db_stmt) does.
 */
int	rows_collect(struct ctx *, struct db_stmt *, size_t size,
	    void (*fill)(struct ctx *, struct db_stmt *, void *row), void *out, size_t *n);
