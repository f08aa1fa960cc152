/*
 * page_passwords.c - the rules for passwords, and the Default button
 */
#include "page/page_people.h"

static const struct field policy_fields[] = {
	{ "expiry_days", "Days until expiry", FIELD_INT, 4, true, NULL,
	    "a password older than this must be changed at sign-in; 0 = never" },
	{ "inactivity_days", "Days of inactivity", FIELD_INT, 4, true, NULL,
	    "an account not used for longer must get a new password; 0 = never" },
	{ "max_failures", "Failed attempts before lock", FIELD_INT, 3, true, NULL,
	    "for each name and address; the delay grows; 0 = never" },
	{ "complexity", "Complexity", FIELD_BOOL, 0, false, NULL,
	    "at least 15 characters, 2 upper case, 2 lower case, 2 digits, 2 special, no "
	    "more than 2 equal in a row" },
	{ 0 }
};

static void
put_policy(json_t *view, const struct password_policy *p)
{
	put_int(view, "expiry_days", p->expiry_days);
	put_int(view, "inactivity_days", p->inactivity_days);
	put_int(view, "max_failures", p->max_failures);
	put_bool(view, "complexity", p->complexity);
}

static void
put_form(struct ctx *cx, json_t *view, const struct password_policy *p)
{
	view_form_value(
	    view, "expiry_days", arena_printf(cx->arena, "%lld", (long long)p->expiry_days));
	view_form_value(view, "inactivity_days",
	    arena_printf(cx->arena, "%lld", (long long)p->inactivity_days));
	view_form_value(
	    view, "max_failures", arena_printf(cx->arena, "%lld", (long long)p->max_failures));
	view_form_value(view, "complexity", p->complexity ? "on" : "");
}

static bool
is_default(const struct password_policy *p)
{
	const struct password_policy *d = &password_policy_default;

	return p->expiry_days == d->expiry_days && p->inactivity_days == d->inactivity_days &&
	    p->max_failures == d->max_failures && p->complexity == d->complexity;
}

static int
policy_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct password_policy p;

	if (op_password_policy_load(cx, &p) < 0)
		return -1;
	put_policy(view, &p);
	if (rq->face == FACE_API)
		return 0;
	put_form(cx, view, &p);
	put_bool(view, "as_default", is_default(&p));
	put_bool(
	    view, "never", p.expiry_days == 0 || p.inactivity_days == 0 || p.max_failures == 0);
	view_command(view,
	    "GET  /api/v1/password-policy\n"
	    "PUT  /api/v1/password-policy          {\"expiry_days\": %lld, \"inactivity_days\": "
	    "%lld, \"max_failures\": %lld, \"complexity\": %s}\n"
	    "POST /api/v1/password-policy/default\n\n"
	    "curl --unix-socket certwright.sock http://localhost/api/v1/password-policy",
	    (long long)p.expiry_days, (long long)p.inactivity_days, (long long)p.max_failures,
	    p.complexity ? "true" : "false");
	return 0;
}

/* A number as typed in a form or sent as a JSON integer. */
static int
read_days(struct ctx *cx, const struct request *rq, const char *name, int64_t *out)
{
	const json_t *j = json_object_get(rq->json, name);
	const char *text = request_field(rq, name);
	char *end;

	if (json_is_integer(j)) {
		*out = json_integer_value(j);
		return 0;
	}
	if (text != NULL && text[0] >= '0' && text[0] <= '9') {
		*out = strtoll(text, &end, 10);
		if (*end == '\0')
			return 0;
	}
	return err_set(
	    &cx->err, R_POLICY_RANGE, name, "a whole number is needed here; 0 means never");
}

static int
policy_save(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct password_policy p = { 0 };

	if (read_days(cx, rq, "expiry_days", &p.expiry_days) < 0 ||
	    read_days(cx, rq, "inactivity_days", &p.inactivity_days) < 0 ||
	    read_days(cx, rq, "max_failures", &p.max_failures) < 0)
		return -1;
	p.complexity = request_bool(rq, "complexity");
	if (op_password_policy_save(cx, &p) < 0)
		return -1;
	put_policy(view, &p);
	return 0;
}

static int
default_ask(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *now = json_object();
	struct password_policy p;

	json_object_set_new(view, "now", now);
	if (op_password_policy_load(cx, &p) < 0)
		return -1;
	put_policy(now, &p);
	put_policy(view, &password_policy_default);
	view_command(view, "POST /api/v1/password-policy/default");
	return 0;
}

static int
policy_default(struct ctx *cx, const struct request *rq, json_t *view)
{
	if (op_password_policy_reset(cx) < 0)
		return -1;
	put_policy(view, &password_policy_default);
	return 0;
}

#define PAGE "/settings/security/passwords"

static const struct route routes[] = {
	{ .name = "password-policy",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/password-policy",
	    .capability = CAP_SUPER,
	    .handler = policy_show,
	    .template = "passwords",
	    .title = "Passwords",
	    .tab = "settings",
	    .menu = "passwords",
	    .answer = "PasswordPolicy",
	    .summary = "Rules for passwords" },
	{ .name = "password-policy.save",
	    .method = "PUT",
	    .api_path = "/password-policy",
	    .capability = CAP_SUPER,
	    .handler = policy_save,
	    .fields = policy_fields,
	    .audit = "password-policy.save",
	    .answer = "PasswordPolicy",
	    .summary = "Set the rules for passwords" },
	{ .name = "password-policy.save.portal",
	    .method = "POST",
	    .portal_path = PAGE,
	    .capability = CAP_SUPER,
	    .handler = policy_save,
	    .fields = policy_fields,
	    .audit = "password-policy.save",
	    .page = "password-policy",
	    .then = PAGE,
	    .summary = "Set the rules for passwords" },
	{ .name = "password-policy.default.page",
	    .method = "GET",
	    .portal_path = PAGE "/default",
	    .capability = CAP_SUPER,
	    .handler = default_ask,
	    .template = "passwords-default",
	    .title = "Passwords",
	    .tab = "settings",
	    .menu = "passwords",
	    .summary = "Asks before the default rules come back" },
	{ .name = "password-policy.default",
	    .method = "POST",
	    .portal_path = PAGE "/default",
	    .api_path = "/password-policy/default",
	    .capability = CAP_SUPER,
	    .handler = policy_default,
	    .audit = "password-policy.default",
	    .page = "password-policy.default.page",
	    .then = PAGE,
	    .answer = "PasswordPolicy",
	    .summary = "Bring the default rules back" },
};
const struct route_table page_passwords_routes = { routes, nitems(routes) };
