/*
 * answer.h - what a handler can wish besides its view: set on the view (view.c)
 */
#pragma once

#include <jansson.h>

#include "base/err.h"

/* A file or another place instead of JSON or a page. */
void	view_download(json_t *view, const char *filename, const char *type,
	    const void *data, size_t len);
void	view_redirect(json_t *view, const char *path);
/* Another success status of the API than the route's. */
void	view_status(json_t *view, int status);
/* A member of an answer of the API that is JSON text already; one, in the arena. */
void	view_text(json_t *view, const char *name, const char *json);
/* Members of `view` that go into the problem document of this refusal too. */
void	view_problem(json_t *view);
/* The problem document (RFC 9457) of an error. */
json_t	*view_problem_of(const struct err *, int status);
/* Set-Cookie of the session secret; secret NULL clears it. */
void	view_session_cookie(json_t *view, const char *secret);
/* What a form's field shows on a plain GET: form.<field>.value. */
void	view_form_value(json_t *view, const char *field, const char *value);
/* CLI line and API call for "Show as command". */
void	view_command(json_t *view, const char *fmt, ...) PRINTF(2, 3);
