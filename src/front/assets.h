/*
 * assets.h - templates and static files, read once before the sandbox closes
 */
#pragma once

#include "front/template.h"

struct asset {
	char		*path;		/* "/static/portal.css" */
	const char	*type;
	unsigned char	*data;
	size_t		 len;
	char		 etag[20];	/* quoted, of the content */
};

struct assets;

/* share: folder with templates/ and static/. */
int	assets_load(struct assets **, struct templates **, const char *share, struct err *);
/* Of all static files: other contents, another one. */
const char *assets_version(const struct assets *);
const struct asset *assets_find(const struct assets *, const char *path, size_t len);
