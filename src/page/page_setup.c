/*
 * page_setup.c - the one-time link that makes the first account (P26)
 */
#include "op/op_access.h"
#include "page/page_people.h"

static const struct field setup_fields[] = { { "name", "User name", FIELD_TEXT, LIMIT_NAME, true,
						 NULL, "letters, digits and . _ @ -" },
	{ "email", "E-mail", FIELD_EMAIL, 254, true, NULL, "reaches you when it matters" },
	{ "password", "Password", FIELD_SECRET, LIMIT_PASSWORD, true, NULL,
	    "at least 12 characters; a few words that do not belong together" },
	{ 0 } };

static int
setup_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *token = request_param(rq, "token");

	put_text(view, "token", token);
	return op_setup_check(cx, token);
}

static int
setup_make(struct ctx *cx, const struct request *rq, json_t *view)
{
	char secret[SECRET_TEXT_SIZE];

	if (op_setup(cx, request_param(rq, "token"), field_text(rq, "name"),
		field_text(rq, "email"), field_text(rq, "password"), rq->agent, secret) < 0)
		return -1;
	view_session_cookie(view, secret);
	return 0;
}

static const struct route routes[] = {
	{ .name = "setup.page",
	    .method = "GET",
	    .portal_path = "/setup/{token}",
	    .capability = CAP_PUBLIC,
	    .applications = APP_SUPER,
	    .handler = setup_show,
	    .template = "setup",
	    .title = "Set up the first account",
	    .summary = "Form of the first account" },
	{ .name = "setup",
	    .method = "POST",
	    .portal_path = "/setup/{token}",
	    .capability = CAP_PUBLIC,
	    .applications = APP_SUPER,
	    .handler = setup_make,
	    .fields = setup_fields,
	    .audit = "setup",
	    .page = "setup.page",
	    .then = "/components",
	    .summary = "Make the first account" },
};
const struct route_table page_setup_routes = { routes, nitems(routes) };
