/*
 * page_banner.c - the texts before and after sign-in, and the last sign-ins
 */
#include "op/op_banner.h"
#include "page/page_people.h"

static const struct field fields[] = {
	{ "login", "Login banner", FIELD_LINES, 0, false, NULL,
	    "plain text above each form to sign in; empty: none" },
	{ "welcome", "Welcome banner", FIELD_LINES, 0, false, NULL,
	    "plain text shown once after each sign-in; empty: none" },
	{ 0 },
};

static int
put_banners(struct ctx *cx, json_t *view, struct banners *b)
{
	if (op_banners_load(cx, b) < 0)
		return -1;
	put_text(view, "login", b->login);
	put_text(view, "welcome", b->welcome);
	return 0;
}

static int
banners_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct banners b;

	if (put_banners(cx, view, &b) < 0)
		return -1;
	if (rq->face == FACE_API)
		return 0;
	view_form_value(view, "login", b.login);
	view_form_value(view, "welcome", b.welcome);
	put_bool(view, "both", b.login[0] != '\0' && b.welcome[0] != '\0');
	view_command(view,
	    "certwright config banner\n"
	    "certwright config banner --login-file FILE --welcome-file FILE\n\n"
	    "GET /api/v1/banners\n"
	    "PUT /api/v1/banners  {\"login\": \"...\", \"welcome\": \"...\"}");
	return 0;
}

/* What is not sent stays as it is. */
static int
banners_save(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *login = request_field(rq, "login"), *welcome = request_field(rq, "welcome");
	struct banners b;

	if (op_banners_load(cx, &b) < 0)
		return -1;
	if (login != NULL)
		b.login = typed_lines(cx, login);
	if (welcome != NULL)
		b.welcome = typed_lines(cx, welcome);
	return op_banners_save(cx, &b) < 0 ? -1 : put_banners(cx, view, &b);
}

static const char *
outcome_words(struct ctx *cx, const char *outcome)
{
	static const char *const words[][2] = {
		{ "done", "Signed in" },
		{ "sign-in.wrong", "Wrong password" },
		{ "sign-in.locked", "Too many tries" },
		{ "code.wrong", "Wrong one-time code" },
		{ "totp.used", "One-time code used before" },
	};

	for (size_t i = 0; i < nitems(words); i++) {
		if (strcmp(outcome, words[i][0]) == 0)
			return words[i][1];
	}
	return arena_printf(cx->arena, "Refused (%s)", outcome);
}

static int
put_sign_ins(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct audit_row *v;
	size_t n;

	json_object_set_new(view, "sign_ins", all);
	if (op_sign_ins(cx, &v, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_time(cx, rq, o, "at", v[i].at_ms / 1000);
		put_text(o, "source", v[i].source);
		put_text(o, "outcome", v[i].outcome);
		if (rq->face == FACE_API)
			continue;
		put_state(o, strcmp(v[i].outcome, "done") == 0 ? "good" : "bad",
		    outcome_words(cx, v[i].outcome));
	}
	return 0;
}

static int
welcome_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct banners b;

	if (op_banners_load(cx, &b) < 0 || put_sign_ins(cx, rq, view) < 0)
		return -1;
	put_text(view, "banner", b.welcome);
	if (rq->face == FACE_API)
		return 0;
	put_bool(view, "both", b.login[0] != '\0' && b.welcome[0] != '\0');
	put_text(view, "next", safe_next(request_query(rq, "next")));
	view_command(view, "GET /api/v1/account/welcome");
	return 0;
}

#define PAGE "/settings/security/banners"

static const struct route routes[] = {
	{ .name = "banners",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/banners",
	    .capability = CAP_SUPER,
	    .handler = banners_show,
	    .template = "banners",
	    .title = "Banners",
	    .tab = "settings",
	    .menu = "banners",
	    .answer = "Banners",
	    .summary = "What is said before and after sign-in" },
	{ .name = "banners.save",
	    .method = "PUT",
	    .api_path = "/banners",
	    .capability = CAP_SUPER,
	    .handler = banners_save,
	    .fields = fields,
	    .audit = "banners.save",
	    .answer = "Banners",
	    .summary = "Set what is said before and after sign-in; what is not sent stays" },
	{ .name = "banners.save.portal",
	    .method = "POST",
	    .portal_path = PAGE,
	    .capability = CAP_SUPER,
	    .handler = banners_save,
	    .fields = fields,
	    .audit = "banners.save",
	    .page = "banners",
	    .then = PAGE,
	    .summary = "Set what is said before and after sign-in" },
	{ .name = "account.welcome",
	    .method = "GET",
	    .portal_path = "/welcome",
	    .api_path = "/account/welcome",
	    .capability = CAP_SIGNED_IN,
	    .handler = welcome_show,
	    .template = "welcome",
	    .title = "Welcome",
	    .answer = "Welcome",
	    .summary = "The Welcome banner, and the account's last tries to sign in" },
};
const struct route_table page_banner_routes = { routes, nitems(routes) };
