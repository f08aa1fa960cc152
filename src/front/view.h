/*
 * view.h - a view goes out: as JSON, as a page, as a file, as a redirect
 */
#pragma once

#include "front/job.h"
#include "front/routes.h"
#include "front/template.h"

struct view_house {
	const struct templates *templates;
	const struct routes *routes;
	bool		 no_sandbox;
	const char	*assets;	/* their version: an upgrade is seen at once */
};

void	view_begin(void);		/* before a handler: forget the last one's wishes */
/* A handler's view. */
void	view_answer(const struct view_house *, struct ctx *, struct job *,
	    const struct request *, json_t *view);
/* cx->err: problem+json (RFC 9457) or a page. `form`: show the form again. */
void	view_error(const struct view_house *, struct ctx *, struct job *, struct request *);
