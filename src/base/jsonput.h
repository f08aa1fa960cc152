/*
 * jsonput.h - a JSON value as text
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"

/*
 * Appends the value, compact, members sorted: byte for byte what json_dumps
 * makes with JSON_COMPACT, JSON_SORT_KEYS and JSON_ENCODE_ANY, at a quarter
 * of the time; an answer's longest text is its PEM.
 */
void	json_put(struct buf *, const json_t *);
/* The same of an object with one more member, whose value is JSON text already. */
void	json_put_with(struct buf *, const json_t *, const char *name, const char *value);
/* A string; malformed UTF-8 in it is mended. NULL: null. */
void	json_put_text(struct buf *, const char *);
