/*
 * page_url.c - how people reach this portal, for links that are handed over
 */
#include "op/op_component.h"
#include "page/page_people.h"

const char *
portal_url(struct ctx *cx, const struct request *rq)
{
	IN_TENANT(cx, TENANT_SYSTEM);
	struct component *c;
	size_t n;

	if (rq->host != NULL)
		return arena_printf(cx->arena, "https://%s/", rq->host);
	if (op_component_list(cx, &c, &n) < 0)
		return NULL;
	return c[0].management_url != NULL
	    ? c[0].management_url
	    : arena_printf(cx->arena, "https://%s/", c[0].addresses[0]);
}
