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
};

const struct route *route_named(const struct route_table *, const char *name);
/*
 * `pairs`: "name=value" of form, query and path alike, ends with NULL. The
 * view belongs to the arena's time: freed by the next ask.
 */
struct asked ask(struct ctx *, const struct route *, enum face, const char *const *pairs);
#define ASK(cx, route, face, ...) \
	ask(cx, route, face, (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })
