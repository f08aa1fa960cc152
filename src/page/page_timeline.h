/*
 * page_timeline.h - a picture of validity: what lives from when until when
 *
 * Computed here, drawn by templates/timeline.html:
 *
 *   put_timeline(cx, rq, view, "timeline", rows, n);
 *   {{#timeline}}{{>timeline}}{{/timeline}}
 *
 * The range is that of the lives and today; what is longer (a key of ten
 * years, an older certificate) is cut at the edges. Times are seconds, UTC.
 */
#pragma once

#include "front/route.h"

enum timeline_kind {
	TIMELINE_PAST,			/* a certificate that was served */
	TIMELINE_LIFE,			/* the one that is */
	TIMELINE_NEXT,			/* one to come, planned or not yet installed */
	TIMELINE_KEY,
	TIMELINE_REQUEST,
};
struct timeline_row {
	const char	*label;		/* "Active", at most 14 characters */
	enum timeline_kind kind;
	int64_t		 from;
	int64_t		 until;		/* 0: no end: a key goes on, a request waits */
	int64_t		 window_from;	/* the renewal window, up to until; 0 = none */
	const char	*caption;	/* "EC P-256", or NULL: the dates are added */
};

/* Portal only; n 0: null, so that the template's section is left out. */
void	put_timeline(struct ctx *, const struct request *, json_t *view, const char *name,
	    const struct timeline_row *, size_t n);
