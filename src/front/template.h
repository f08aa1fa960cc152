/*
 * template.h - pages without logic in them
 *
 *   {{a.b}}            the value, escaped for where it stands
 *   {{#a}} .. {{/a}}   for each of an array, or once if it is there
 *   {{^a}} .. {{/a}}   if it is not there (null, false, "", 0, [])
 *   {{>name}}          another template; {{>main}} is the page of a layout
 *   {{! comment}}      nothing;  {{.}} the item itself
 *
 * A name is looked up in the item, then outwards. There is no raw output.
 * Values may stand in text and in quoted attributes; in URL attributes (href,
 * src, action) they are made safe as such. Anything else does not load.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

struct templates;

/* Adds one; the text is copied. R_TEMPLATE with line. */
int	templates_add(struct templates **, const char *name, const char *text, size_t len,
	    struct err *);
/* All partials exist, nothing is nested too deep. R_TEMPLATE */
int	templates_check(const struct templates *, struct err *);
bool	templates_have(const struct templates *, const char *name);
/* layout "frame" with `page` as its {{>main}}; page NULL: layout alone. */
int	templates_render(const struct templates *, const char *layout, const char *page,
	    const json_t *view, struct buf *out, struct err *);
void	templates_free(struct templates *);
