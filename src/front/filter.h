/*
 * filter.h - what HTTP we take: strict where the parser is lenient
 *
 * Pure functions. evhttp takes two lengths, odd chunks, unknown transfer
 * codings, folded lines, NUL in a value, no Host: all of that is refused here
 * with 400 and a closed connection, so that no second request hides in a body.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct header { const char *name; const char *value; };

/* R_HTTP_HEADERS and others; the message says which header. */
int	filter_headers(const struct header *, size_t n, bool has_body, struct err *);
/*
 * The path of a request target, decoded once; query apart (still encoded).
 * Refused: absolute URIs, "//", "..", "%2f", "%00", ";", malformed escapes,
 * control characters, longer than LIMIT_PATH. R_HTTP_PATH
 */
int	filter_target(struct arena *, const char *target, const char **path,
	    const char **query, struct err *);
