/*
 * page_system.c - the API about itself: document, configuration; the root
 */
#include "base/config.h"
#include "front/routes.h"
#include "page/page_system.h"

static const struct routes *all;

void
page_system_set(const struct routes *routes)
{
	all = routes;
}

static int
openapi_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *doc = routes_openapi(all);

	json_object_update(view, doc);
	json_decref(doc);
	return 0;
}

static void
put_option(void *arg, const char *name, const char *value, bool many)
{
	json_t *list = many ? json_object_get(arg, name) : NULL;

	if (many && list == NULL)
		json_object_set_new(arg, name, list = json_array());
	if (many)
		json_array_append_new(list, json_string(value));
	else
		json_object_set_new(arg, name, json_string(value));
}

static int
config_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	config_each(cx->config, put_option, view);
	return 0;
}

static int
root_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	view_redirect(view, "/components");
	return 0;
}

static const struct route routes[] = {
	{ .name = "openapi.show",
	    .method = "GET",
	    .api_path = "/openapi.json",
	    .capability = CAP_SIGNED_IN,
	    .handler = openapi_show,
	    .answer = "Document",
	    .summary = "This document" },
	{ .name = "config.show",
	    .method = "GET",
	    .api_path = "/config",
	    .capability = CAP_SUPER,
	    .handler = config_show,
	    .answer = "Config",
	    .summary = "Every option with the value in force" },
	{ .name = "root",
	    .method = "GET",
	    .portal_path = "/",
	    .capability = CAP_PUBLIC,
	    .applications = APP_SUPER | APP_ADMIN,
	    .handler = root_show,
	    .summary = "Leads to Components" },
};
const struct route_table page_system_routes = { routes, nitems(routes) };
