/*
 * page_account.c - My account: password, one-time codes, sessions
 */
#include "op/op_access.h"
#include "page/page_people.h"

static const struct field password_fields[] = { { "current", "Current password", FIELD_SECRET,
						    LIMIT_PASSWORD, true, NULL, NULL },
	{ "password", "New password", FIELD_SECRET, LIMIT_PASSWORD, true, NULL, NULL }, { 0 } };
static const struct field code_fields[] = { { "code", "One-time code", FIELD_TEXT, 16, true, NULL,
						"the six digits that your telephone shows now" },
	{ 0 } };
static const struct field off_fields[] = { { "totp_password", "Password", FIELD_SECRET,
					       LIMIT_PASSWORD, true, NULL,
					       "your current password" },
	{ 0 } };

/* "Firefox on Linux" for what a browser calls itself; else that, cut short. */
static const char *
agent_words(struct ctx *cx, const char *agent)
{
	static const struct {
		const char *token, *name;
	} browsers[] = { { "Edg/", "Edge" }, { "OPR/", "Opera" }, { "Firefox/", "Firefox" },
		{ "Chrome/", "Chrome" }, { "Safari/", "Safari" } },
	  systems[] = { { "Windows", "Windows" }, { "Android", "Android" }, { "iPhone", "iPhone" },
		  { "iPad", "iPad" }, { "Mac OS X", "macOS" }, { "Linux", "Linux" } };
	const char *browser = NULL, *system = NULL;

	for (size_t i = 0; browser == NULL && i < nitems(browsers); i++)
		browser = strstr(agent, browsers[i].token) == NULL ? NULL : browsers[i].name;
	for (size_t i = 0; system == NULL && i < nitems(systems); i++)
		system = strstr(agent, systems[i].token) == NULL ? NULL : systems[i].name;
	if (browser != NULL && system != NULL)
		return arena_printf(cx->arena, "%s on %s", browser, system);
	return agent[0] == '\0' ? "not said" : arena_printf(cx->arena, "%.40s", agent);
}

static int
put_sessions(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct session *list;
	json_t *all = json_array(), *o;
	size_t n;

	json_object_set_new(view, "sessions", all);
	if (op_session_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (list[i].half || list[i].expires_at <= cx->now)
			continue;
		json_array_append_new(all, o = json_object());
		put_text(o, "id", list[i].id);
		put_text(o, "source", list[i].source);
		put_text(o, "agent", list[i].agent);
		if (rq->face == FACE_PORTAL)
			put_text(o, "agent_text", agent_words(cx, list[i].agent));
		put_bool(o, "current", strcmp(list[i].id, cx->actor.session) == 0);
		put_time(cx, rq, o, "created", list[i].created_at);
		put_time(cx, rq, o, "seen", list[i].seen_at);
		put_time(cx, rq, o, "expires", list[i].expires_at);
	}
	return 0;
}

static int
account_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct password_policy policy;
	struct account a;

	if (cx->actor.id[0] == '\0') {
		put_text(view, "name", cx->actor.name);
		put_text(view, "role", "super");
		return 0;
	}
	if (op_account_load(cx, cx->actor.id, &a) < 0 || op_password_policy_load(cx, &policy) < 0)
		return -1;
	put_account(cx, rq, view, &a);
	if (rq->face == FACE_API)
		return 0;
	view_command(view,
	    "certwright admin password %s --password-file FILE\n\n"
	    "GET    /api/v1/account\n"
	    "POST   /api/v1/account/password     {\"current\": \"...\", \"password\": \"...\"}\n"
	    "POST   /api/v1/account/totp\n"
	    "POST   /api/v1/account/totp/confirm  {\"code\": \"...\"}\n"
	    "POST   /api/v1/account/totp/off      {\"totp_password\": \"...\"}\n"
	    "GET    /api/v1/account/sessions\n"
	    "DELETE /api/v1/account/sessions/ID\n"
	    "POST   /api/v1/account/sign-out-everywhere",
	    a.name);
	put_bool(view, "totp_pending", a.totp != NULL && !totp_is_on(&a));
	put_time(cx, rq, view, "password_expires",
	    policy.expiry_days == 0 ? 0 : a.password_set_at + policy.expiry_days * 86400);
	return put_sessions(cx, rq, view);
}

static int
sessions_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	return put_sessions(cx, rq, view);
}

static int
password_change(struct ctx *cx, const struct request *rq, json_t *view)
{
	char secret[SECRET_TEXT_SIZE];

	if (op_account_change_password(
		cx, field_text(rq, "current"), field_text(rq, "password"), rq->agent, secret) < 0)
		return -1;
	if (secret[0] != '\0')
		view_session_cookie(view, secret);
	return 0;
}

/* Shown in the answer to this POST, and never again. */
static int
totp_start(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct totp_start t;
	json_t *qr = json_object();

	json_object_set_new(view, "qr", qr);
	if (op_totp_start(cx, &t) < 0)
		return -1;
	view_command(view,
	    "POST /api/v1/account/totp\n"
	    "POST /api/v1/account/totp/confirm  {\"code\": \"123456\"}");
	put_text(view, "secret", t.secret);
	put_text(view, "uri", t.uri);
	put_int(qr, "size", (int64_t)t.qr_size);
	put_text(qr, "path", t.qr_path);
	put_text(
	    qr, "viewbox", arena_printf(cx->arena, "-4 -4 %zu %zu", t.qr_size + 8, t.qr_size + 8));
	return 0;
}

static int
totp_confirm(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_totp_confirm(cx, field_text(rq, "code"));
}

static int
totp_off(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_totp_off(cx, field_text(rq, "totp_password"));
}

static int
session_end(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_session_end(cx, request_param(rq, "id"));
}

static int
sign_out_everywhere(struct ctx *cx, const struct request *rq, json_t *view)
{
	if (op_sign_out_everywhere(cx) < 0)
		return -1;
	view_session_cookie(view, NULL);
	if (strcmp(cx->actor.tenant, TENANT_SYSTEM) != 0 && cx->actor.tenant[0] != '\0')
		view_redirect(view, "/admin");
	return 0;
}

static const struct route routes[] = {
	{ .name = "account.page",
	    .method = "GET",
	    .portal_path = "/account",
	    .api_path = "/account",
	    .capability = CAP_SIGNED_IN,
	    .handler = account_show,
	    .template = "account",
	    .title = "My account",
	    .tab = "account",
	    .answer = "Account",
	    .summary = "The caller's own account" },
	{ .name = "account.change-password",
	    .method = "POST",
	    .portal_path = "/account/password",
	    .api_path = "/account/password",
	    .capability = CAP_SIGNED_IN,
	    .handler = password_change,
	    .fields = password_fields,
	    .audit = "account.change-password",
	    .page = "account.page",
	    .then = "/account",
	    .answer = "Nothing",
	    .summary = "Change the own password; other sessions end" },
	{ .name = "account.totp.start",
	    .method = "POST",
	    .portal_path = "/account/totp",
	    .api_path = "/account/totp",
	    .capability = CAP_SIGNED_IN,
	    .handler = totp_start,
	    .template = "totp",
	    .title = "One-time codes",
	    .tab = "account",
	    .audit = "account.totp.start",
	    .secret = true,
	    .page = "account.page",
	    .answer = "Totp",
	    .summary = "Make a seed for one-time codes; shown once" },
	{ .name = "account.totp.on",
	    .method = "POST",
	    .portal_path = "/account/totp/confirm",
	    .api_path = "/account/totp/confirm",
	    .capability = CAP_SIGNED_IN,
	    .handler = totp_confirm,
	    .fields = code_fields,
	    .audit = "account.totp.on",
	    .page = "account.page",
	    .then = "/account",
	    .answer = "Nothing",
	    .summary = "Turn one-time codes on with the first code" },
	{ .name = "account.totp.off",
	    .method = "POST",
	    .portal_path = "/account/totp/off",
	    .api_path = "/account/totp/off",
	    .capability = CAP_SIGNED_IN,
	    .handler = totp_off,
	    .fields = off_fields,
	    .audit = "account.totp.off",
	    .page = "account.page",
	    .then = "/account",
	    .answer = "Nothing",
	    .summary = "Turn one-time codes off" },
	{ .name = "account.sessions",
	    .method = "GET",
	    .api_path = "/account/sessions",
	    .capability = CAP_SIGNED_IN,
	    .handler = sessions_show,
	    .answer = "Sessions",
	    .summary = "The caller's sessions" },
	{ .name = "session.end",
	    .method = "POST",
	    .portal_path = "/account/sessions/{id}/end",
	    .capability = CAP_SIGNED_IN,
	    .handler = session_end,
	    .audit = "session.end",
	    .page = "account.page",
	    .then = "/account",
	    .summary = "End one session" },
	{ .name = "session.delete",
	    .method = "DELETE",
	    .api_path = "/account/sessions/{id}",
	    .capability = CAP_SIGNED_IN,
	    .handler = session_end,
	    .audit = "session.end",
	    .answer = "Nothing",
	    .summary = "End one session" },
	{ .name = "session.sign-out-everywhere",
	    .method = "POST",
	    .portal_path = "/account/sign-out-everywhere",
	    .api_path = "/account/sign-out-everywhere",
	    .capability = CAP_SIGNED_IN,
	    .handler = sign_out_everywhere,
	    .audit = "session.sign-out-everywhere",
	    .page = "account.page",
	    .then = "/super",
	    .answer = "Nothing",
	    .summary = "End all own sessions" },
};
const struct route_table page_account_routes = { routes, nitems(routes) };
