/*
 * err.h - one error, made where the fault is known, carried unchanged
 *
 * The first specific error wins: later ones are ignored, so that a caller
 * that adds "could not do X" never hides why. Every refusal has an id in
 * the catalogue (refusals/<area>.def) and a kind; the kind decides the HTTP
 * status and the exit code. message: one line, lower case, says why.
 * hint: what to do next. field: the form field or JSON member at fault.
 */
#pragma once

#include "base/base.h"

enum err_kind {
	ERR_NONE = 0,
	ERR_INVALID,		/* 400, exit 6 */
	ERR_UNAUTHENTICATED,	/* 401, exit 7 */
	ERR_DENIED,		/* 403, exit 7 */
	ERR_NOTFOUND,		/* 404, exit 8 */
	ERR_CONFLICT,		/* 409, exit 9 */
	ERR_TOOBIG,		/* 413, exit 6 */
	ERR_REFUSED,		/* 422, exit 5: a verdict was reached */
	ERR_LIMIT,		/* 429, exit 10 */
	ERR_INTERNAL,		/* 500, exit 1 */
	ERR_REMOTE,		/* 502, exit 11 */
	ERR_UNAVAILABLE,	/* 503, exit 11 */
	ERR_USAGE,		/* no HTTP status; exit 2: options, configuration */
};

enum refusal {
	REFUSAL_NONE = 0,
#define REFUSAL(name, kind, id) name,
#include "base/refusals/all.def"
#undef REFUSAL
	REFUSAL_COUNT
};

struct err {
	enum refusal	 refusal;
	enum err_kind	 kind;
	char		 field[48];
	char		 message[512];
	char		 detail[1024];
	char		 hint[320];
};

/* All return -1, so that `return err_set(...)` reads well. */
int	err_set(struct err *, enum refusal, const char *field,
	    const char *fmt, ...) PRINTF(4, 5);
int	err_hint(struct err *, const char *fmt, ...) PRINTF(2, 3);
int	err_detail(struct err *, const char *fmt, ...) PRINTF(2, 3);
/* R_SYSTEM (or R_DISK_FULL, R_READ_ONLY by errno): "could not <what>: ..." */
int	err_errno(struct err *, const char *what, ...) PRINTF(2, 3);
int	err_nomem(struct err *);
void	err_clear(struct err *);

static inline bool
err_is_set(const struct err *e)
{
	return e->refusal != REFUSAL_NONE;
}

const char	*refusal_id(enum refusal);		/* "csr.country.unknown" */
enum err_kind	 refusal_kind(enum refusal);
enum refusal	 refusal_by_id(const char *id);		/* REFUSAL_NONE if unknown */
int		 err_http_status(enum err_kind);
int		 err_exit_code(enum err_kind);
const char	*err_kind_title(enum err_kind);		/* RFC 9457 title */
