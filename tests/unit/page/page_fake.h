/*
 * page_fake.h - ask a page's handler as the front would, without HTTP
 */
#pragma once

#include "front/route.h"
#include "../op/people_fake.h"

struct asked {
	json_t		*view;
	int		 result;
	const char	*cookie;	/* what view_session_cookie got; "" = cleared */
	const char	*redirect;
	const char	*download;	/* its bytes as text */
	const char	*filename;
	size_t		 length;	/* of the download */
	int		 status;	/* of view_status; 0: the route's */
	bool		 problem;	/* the view goes into the problem document */
};

/* What goes with the next ask besides its pairs; forgotten after it. */
struct sent {
	const struct upload *files;
	size_t		 nfiles;
	json_t		*json;		/* taken over */
	const void	*body;
	size_t		 body_len;
};
extern struct sent fake_sent;

const struct route *route_named(const struct route_table *, const char *name);
/*
 * `pairs`: "name=value" of form, query and path alike, ends with NULL. The
 * view belongs to the arena's time: freed by the next ask.
 */
struct asked ask(struct ctx *, const struct route *, enum face, const char *const *pairs);
#define ASK(cx, route, face, ...) \
	ask(cx, route, face, (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })

/* What stands at "list.0.member": a text as it is, else as JSON; "(none)". In
 * the arena. */
const char *shown(struct ctx *, const json_t *view, const char *path);
#define assert_shown(cx, view, path, want)	assert_string_equal(shown(cx, view, path), want)
/* The whole view as text, in the arena. */
const char *view_dump(struct ctx *, const json_t *view);
