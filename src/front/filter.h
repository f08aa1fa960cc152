/*
 * filter.h - what HTTP we take: strict where the parser is lenient
 *
 * Pure functions. evhttp takes two lengths, odd chunks, unknown transfer
 * codings, a body that it does not read behind GET, folded lines, bare CR or
 * LF, NUL in a value, no Host: all of that is refused here with 400 and a
 * closed connection, so that no second request hides in a body.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/*
 * The head of one request as its bytes come in, before libevent sees lines:
 * CRLF ends a line and nothing else does, no NUL, no folding. Zeroed for each
 * request, fed piece by piece; what follows the empty line is not looked at.
 */
struct filter_head { bool started, in_line, cr, ended, bad; };
void	filter_head(struct filter_head *, const unsigned char *, size_t);

struct header { const char *name; const char *value; };

bool	filter_may_have_body(const char *method);
/*
 * R_HTTP_HEADERS; the message says what is wrong. has_body: bytes of a body
 * came. Only POST and PUT have one, and its length is told by Content-Length:
 * chunked bodies are not taken, since libevent reads them too kindly.
 */
int	filter_headers(const char *method, const struct header *, size_t n, bool has_body,
	    struct err *);
/*
 * The path of a request target, decoded once; query apart (still encoded).
 * Refused: absolute URIs, "//", "..", "%2f", "%00", ";", malformed escapes,
 * control characters, longer than LIMIT_PATH. R_HTTP_PATH
 */
int	filter_target(struct arena *, const char *target, const char **path,
	    const char **query, struct err *);
