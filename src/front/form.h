/*
 * form.h - bodies and queries into fields
 *
 * urlencoded, multipart/form-data (RFC 7578) and JSON; all text is valid
 * UTF-8 without NUL. Everything lives in the arena; nothing is copied for
 * uploads.
 */
#pragma once

#include "front/route.h"

/* "a=1&b=2"; at most LIMIT_FORM_FIELDS. R_FORM_MALFORMED */
int	form_urlencoded(struct arena *, const char *text, size_t len,
	    struct pair **, size_t *n, struct err *);
int	form_multipart(struct arena *, const char *content_type, const void *body,
	    size_t len, struct request *, struct err *);
/* Top-level strings, numbers and booleans become fields; an array of
 * strings its lines. rq->json is kept (the caller frees it). */
int	form_json(struct arena *, const void *body, size_t len, struct request *,
	    struct err *);
/* Fields out of rq->json, an object, alone. R_FORM_MALFORMED */
int	form_members(struct arena *, struct request *, struct err *);
/* By content type, into rq. R_FORM_TYPE: a type that is not taken. */
int	form_read(struct arena *, struct request *, struct err *);
