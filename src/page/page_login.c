/*
 * page_login.c - sign in, one-time code, sign out
 */
#include "op/op_access.h"
#include "op/op_banner.h"
#include "page/page_people.h"

static const struct field sign_in_fields[] = { { "name", "User name", FIELD_TEXT, LIMIT_LOGIN, true,
						   NULL, NULL },
	{ "password", "Password", FIELD_SECRET, LIMIT_PASSWORD, true, NULL, NULL },
	{ "next", "Next", FIELD_TEXT, LIMIT_PATH, false, NULL, NULL }, { 0 } };
static const struct field code_fields[] = { { "code", "One-time code", FIELD_TEXT, 16, false, NULL,
						"the six digits that your telephone shows now" },
	{ "new_password", "New password", FIELD_SECRET, LIMIT_PASSWORD, false, NULL, NULL },
	{ "next", "Next", FIELD_TEXT, LIMIT_PATH, false, NULL, NULL }, { 0 } };

/* Where to go: from the address at first, from the form after a refusal. */
static const char *
next_of(const struct request *rq)
{
	const char *next = request_field(rq, "next");

	return safe_next(next != NULL && next[0] != '\0' ? next : request_query(rq, "next"));
}

static int
sign_in_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct banners b;

	if (cx->actor.kind == ACTOR_ACCOUNT) {
		view_redirect(view, next_of(rq));
		return 0;
	}
	if (op_banners_load(cx, &b) < 0)
		return -1;
	put_text(view, "banner", b.login);
	put_text(view, "next", next_of(rq));
	return 0;
}

/* Where a sign-in that is complete leads: by way of the Welcome banner, if there is one. */
static int
go_in(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *next = next_of(rq);
	struct banners b;

	if (op_banners_load(cx, &b) < 0)
		return -1;
	view_redirect(view,
	    b.welcome[0] == '\0'
		? next
		: arena_printf(cx->arena, "/welcome?next=%s", url_encode(cx->arena, next)));
	return 0;
}

static int
admin_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	if (sign_in_show(cx, rq, view) < 0)
		return -1;
	put_bool(view, "admin", true);
	return 0;
}

static int
sign_in_at(struct ctx *cx, bool super, const struct request *rq, json_t *view)
{
	char secret[SECRET_TEXT_SIZE];
	const char *next = next_of(rq);
	unsigned due;

	if (op_sign_in(cx, super, field_text(rq, "name"), field_text(rq, "password"), rq->agent,
		secret, &due) < 0)
		return -1;
	view_session_cookie(view, secret);
	if (due == 0)
		return go_in(cx, rq, view);
	view_redirect(
	    view, arena_printf(cx->arena, "/sign-in/code?next=%s", url_encode(cx->arena, next)));
	return 0;
}

static int
sign_in(struct ctx *cx, const struct request *rq, json_t *view)
{
	return sign_in_at(cx, true, rq, view);
}

static int
sign_in_admin(struct ctx *cx, const struct request *rq, json_t *view)
{
	return sign_in_at(cx, false, rq, view);
}

static int
code_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	unsigned due;

	if (cx->actor.kind == ACTOR_ACCOUNT) {
		view_redirect(view, next_of(rq));
		return 0;
	}
	if (op_sign_in_due(cx, &due) < 0)
		return -1;
	put_text(view, "next", next_of(rq));
	put_text(view, "csrf", op_csrf_token(cx));
	put_bool(view, "code_due", (due & DUE_CODE) != 0);
	put_bool(view, "password_due", (due & DUE_PASSWORD) != 0);
	return 0;
}

static int
code_give(struct ctx *cx, const struct request *rq, json_t *view)
{
	char secret[SECRET_TEXT_SIZE];

	if (op_csrf_check(cx, field_text(rq, "csrf")) < 0 ||
	    op_sign_in_finish(
		cx, field_text(rq, "code"), field_text(rq, "new_password"), rq->agent, secret) < 0)
		return -1;
	view_session_cookie(view, secret);
	return go_in(cx, rq, view);
}

static int
sign_out(struct ctx *cx, const struct request *rq, json_t *view)
{
	if (op_sign_out(cx) < 0)
		return -1;
	view_session_cookie(view, NULL);
	if (strcmp(cx->actor.tenant, TENANT_SYSTEM) != 0 && cx->actor.tenant[0] != '\0')
		view_redirect(view, "/admin");
	return 0;
}

static const struct route routes[] = {
	{ .name = "sign-in.page",
	    .method = "GET",
	    .portal_path = "/super",
	    .capability = CAP_PUBLIC,
	    .applications = APP_SUPER,
	    .handler = sign_in_show,
	    .template = "sign-in",
	    .title = "Sign in",
	    .summary = "Form to sign in" },
	{ .name = "admin.page",
	    .method = "GET",
	    .portal_path = "/admin",
	    .capability = CAP_PUBLIC,
	    .applications = APP_ADMIN,
	    .handler = admin_show,
	    .template = "sign-in",
	    .title = "Sign in",
	    .summary = "Form to sign in for the people of a tenant" },
	{ .name = "sign-in",
	    .method = "POST",
	    .portal_path = "/sign-in",
	    .capability = CAP_PUBLIC,
	    .applications = APP_SUPER,
	    .handler = sign_in,
	    .fields = sign_in_fields,
	    .audit = "session.sign-in",
	    .page = "sign-in.page",
	    .then = "/components",
	    .summary = "Sign in" },
	{ .name = "sign-in.admin",
	    .method = "POST",
	    .portal_path = "/admin",
	    .capability = CAP_PUBLIC,
	    .applications = APP_ADMIN,
	    .handler = sign_in_admin,
	    .fields = sign_in_fields,
	    .audit = "session.sign-in",
	    .page = "admin.page",
	    .then = "/components",
	    .summary = "Sign in as one of the people of a tenant" },
	{ .name = "sign-in.code.page",
	    .method = "GET",
	    .portal_path = "/sign-in/code",
	    .capability = CAP_PUBLIC,
	    .applications = APP_SUPER | APP_ADMIN,
	    .handler = code_show,
	    .template = "code",
	    .title = "One-time code",
	    .summary = "What is still due at sign-in" },
	{ .name = "sign-in.code",
	    .method = "POST",
	    .portal_path = "/sign-in/code",
	    .capability = CAP_PUBLIC,
	    .applications = APP_SUPER | APP_ADMIN,
	    .handler = code_give,
	    .fields = code_fields,
	    .audit = "session.sign-in",
	    .page = "sign-in.code.page",
	    .then = "/components",
	    .summary = "Finish signing in" },
	{ .name = "sign-out",
	    .method = "POST",
	    .portal_path = "/sign-out",
	    .capability = CAP_SIGNED_IN,
	    .handler = sign_out,
	    .audit = "session.sign-out",
	    .then = "/super",
	    .summary = "End this session" },
};
const struct route_table page_login_routes = { routes, nitems(routes) };
