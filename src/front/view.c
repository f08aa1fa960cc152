/*
 * view.c - a view goes out: as JSON, as a page, as a file, as a redirect
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/jsonput.h"
#include "front/view.h"
#include "op/op_hsts.h"
#include "op/op_session.h"
#include "op/op_tenant.h"

#define POLICY                                                                      \
	"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " \
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; connect-src 'self'"

/* For a page that nobody signs in to: it does nothing. */
#define GUEST_POLICY                                                                 \
	"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; " \
	"base-uri 'none'; frame-ancestors 'none'"

/* What a handler wishes besides its view; of the thread that runs it. */
static _Thread_local struct {
	char filename[128], type[64], redirect[1200], cookie[128];
	bool set_cookie;
	struct buf download;
	bool has_download;
	int status;
	json_t *problem;
	const char *name, *text; /* a member, JSON */
} wish;

void
view_begin(void)
{
	wish.filename[0] = wish.type[0] = wish.redirect[0] = wish.cookie[0] = '\0';
	wish.set_cookie = wish.has_download = false;
	wish.status = 0;
	wish.name = wish.text = NULL;
	buf_free(&wish.download);
	json_decref(wish.problem);
	wish.problem = NULL;
}

void
view_download(json_t *view, const char *filename, const char *type, const void *data, size_t len)
{
	snprintf(wish.filename, sizeof(wish.filename), "%s", filename);
	/* in a quoted string of a header: nothing that ends or splits it */
	for (char *c = wish.filename; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 0x7f || strchr("\"\\/%;", *c) != NULL)
			*c = '_';
	snprintf(wish.type, sizeof(wish.type), "%s", type);
	buf_reset(&wish.download);
	buf_put(&wish.download, data, len);
	wish.has_download = true;
}

void
view_status(json_t *view, int status)
{
	wish.status = status;
}

void
view_text(json_t *view, const char *name, const char *json)
{
	wish.name = name;
	wish.text = json;
}

void
view_problem(json_t *view)
{
	json_decref(wish.problem);
	wish.problem = json_incref(view);
}

void
view_redirect(json_t *view, const char *path)
{
	snprintf(wish.redirect, sizeof(wish.redirect), "%s", path);
}

void
view_session_cookie(json_t *view, const char *secret)
{
	snprintf(wish.cookie, sizeof(wish.cookie), "%s", secret == NULL ? "" : secret);
	wish.set_cookie = true;
}

void
view_form_value(json_t *view, const char *field, const char *value)
{
	json_t *form = json_object_get(view, "form"), *f;

	if (form == NULL)
		json_object_set_new(view, "form", form = json_object());
	if ((f = json_object_get(form, field)) == NULL)
		json_object_set_new(form, field, f = json_object());
	json_object_set_new(f, "value", json_string(value == NULL ? "" : value));
}

void
view_command(json_t *view, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_object_set_new(view, "command", json_string(text));
}

/* What stands before each path of the tenant that the address names; "": none. */
static const char *
base_of(struct ctx *cx, const struct request *rq)
{
	return !rq->entered ? "" : arena_printf(cx->arena, TENANT_PREFIX "%s", rq->tenant);
}

static void
put_tenant(struct ctx *cx, const struct request *rq, json_t *page)
{
	json_object_set_new(page, "base", json_string(base_of(cx, rq)));
	if (in_system(cx))
		return;
	json_object_set_new(page, "tenant", json_string(op_tenant_name(cx)));
	json_object_set_new(
	    page, "acting", json_boolean(strcmp(cx->actor.tenant, TENANT_SYSTEM) == 0));
}

/* The commands of a page, as they are for the tenant that the address names. */
static void
put_commands(struct ctx *cx, const struct request *rq, json_t *view)
{
	static const char cli[] = "certwright ", api[] = API_PREFIX "/";
	const char *p = json_string_value(json_object_get(view, "command"));
	bool starts = true;
	AUTO_BUF struct buf b = { 0 };

	if (p == NULL || !rq->entered)
		return;
	for (; *p != '\0'; starts = *p++ == '\n')
		if (starts && text_starts(p, cli)) {
			buf_printf(&b, "%s--tenant %s ", cli, rq->tenant);
			p += strlen(cli) - 1;
		} else if (text_starts(p, api)) {
			buf_printf(&b, "%st/%s/", api, rq->tenant);
			p += strlen(api) - 1;
		} else {
			buf_put(&b, p, 1);
		}
	json_object_set_new(view, "command", json_string(buf_text(&b)));
}

/* Doors that are served where the request came in; the first is who is sent to one. */
static void
put_doors(const struct ctx *cx, const struct request *rq, json_t *page)
{
	bool super = (cx->hidden & APP_SUPER) == 0, admin = (cx->hidden & APP_ADMIN) == 0;
	bool tenants = rq->of_tenant || rq->tenant != NULL;
	const char *door = super && !(tenants && admin) ? "/super" : admin ? "/admin" : NULL;

	json_object_set_new(page, "super_door", json_boolean(super));
	json_object_set_new(page, "admin_door", json_boolean(admin));
	json_object_set_new(page, "door", door == NULL ? json_null() : json_string(door));
}

static json_t *
frame_of(
    const struct view_house *h, struct ctx *cx, const struct request *rq, const struct route *r)
{
	const char *menu = r == NULL || r->menu == NULL ? "" : r->menu;
	const char *tab = r == NULL || r->tab == NULL ? "" : r->tab;
	bool security = menu[0] != '\0' && strcmp(menu, "license") != 0 &&
	    strcmp(menu, "accounts") != 0 && strcmp(menu, "notify") != 0 &&
	    strcmp(menu, "system") != 0;
	json_t *page = json_pack("{ss,ss,ss,ss,ss,sb,sb,s{sb},s{sb}}", "title",
	    r == NULL || r->title == NULL ? "" : r->title, "csrf", op_csrf_token(cx), "version",
	    CERTWRIGHT_VERSION, "path", rq->path == NULL ? "/" : rq->path, "self",
	    r == NULL || r->portal_path == NULL ? "/" : r->portal_path, "no_sandbox", h->no_sandbox,
	    "security_open", security, "tab", tab, 1, "menu", menu, 1);

	if (page != NULL) {
		put_doors(cx, rq, page);
		json_object_set_new(
		    page, "assets", json_string(h->assets == NULL ? "" : h->assets));
	}
	if (page != NULL && cx->actor.kind == ACTOR_ACCOUNT) {
		json_object_set_new(page, "user", json_string(cx->actor.name));
		json_object_set_new(page, "role", json_string(role_label(cx->actor.role)));
		json_object_set_new(page, "super", json_boolean(cx->actor.role == ROLE_SUPER));
		put_tenant(cx, rq, page);
	}
	return page;
}

static void
headers_of_page(struct ctx *cx, struct job *j, const struct route *r)
{
	bool guest = r != NULL && r->guest;

	job_add(j, "Content-Security-Policy", guest ? GUEST_POLICY : POLICY);
	job_add(j, "X-Content-Type-Options", "nosniff");
	job_add(j, "Referrer-Policy", guest ? "no-referrer" : "same-origin");
	if (guest)
		job_add(j, "X-Robots-Tag", "noindex, nofollow, noarchive");
	job_add(j, "Cross-Origin-Opener-Policy", "same-origin");
	job_add(j, "Strict-Transport-Security", hsts_header(cx));
	job_add(j, "Cache-Control", "no-store");
}

static void
put_json(struct job *j, const json_t *v, const char *type)
{
	buf_reset(&j->out);
	json_put(&j->out, v);
	buf_put_text(&j->out, "\n");
	j->type = type;
}

static void
put_page(const struct view_house *h, struct ctx *cx, struct job *j, const struct request *rq,
    const struct route *r, const char *template, json_t *view)
{
	struct err e = { 0 };

	json_object_set_new(view, "page", frame_of(h, cx, rq, r));
	put_commands(cx, rq, view);
	buf_reset(&j->out);
	j->type = "text/html; charset=utf-8";
	if (templates_render(h->templates,
		rq->route != NULL && rq->route->guest ? "guest" : "frame", template, view, &j->out,
		&e) == 0)
		return;
	log_err("page", &e);
	buf_reset(&j->out);
	buf_put_text(&j->out, "internal error\n");
	j->type = "text/plain; charset=utf-8";
	j->status = 500;
}

/* route->then with {name} from the view. */
static const char *
destination(struct ctx *cx, const char *then, const json_t *view)
{
	const char *open = strchr(then, '{'), *value;
	size_t n;

	if (open == NULL)
		return then;
	n = strcspn(open, "}");
	value = json_string_value(json_object_get(view, arena_dup(cx->arena, open + 1, n - 1)));
	return arena_printf(cx->arena, "%.*s%s%s", (int)(open - then), then,
	    value == NULL ? "" : url_encode(cx->arena, value), open + n + 1);
}

/* Who acts in a tenant stays there. */
static void
redirect(struct ctx *cx, struct job *j, const struct request *rq, const char *to)
{
	j->status = 303;
	job_add(j, "Location", arena_printf(cx->arena, "%s%s", base_of(cx, rq), to));
	buf_reset(&j->out);
}

static void
set_cookie(struct ctx *cx, struct job *j)
{
	if (wish.set_cookie)
		job_add(j, "Set-Cookie",
		    arena_printf(cx->arena,
			SESSION_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s",
			wish.cookie, wish.cookie[0] == '\0' ? "; Max-Age=0" : ""));
}

void
view_answer(const struct view_house *h, struct ctx *cx, struct job *j, const struct request *rq,
    json_t *view)
{
	const struct route *r = rq->route;
	bool read = strcmp(r->method, "GET") == 0;

	headers_of_page(cx, j, r);
	set_cookie(cx, j);
	j->status = rq->face == FACE_API && r->status != 0 ? r->status : 200;
	if (rq->face == FACE_API && wish.status != 0)
		j->status = wish.status;
	if (wish.has_download) {
		j->type = arena_strdup(cx->arena, wish.type);
		buf_put(&j->out, wish.download.data, wish.download.len);
		buf_free(&wish.download);
		job_add(j, "Content-Disposition",
		    arena_printf(cx->arena, "attachment; filename=\"%s\"", wish.filename));
	} else if (rq->face == FACE_API) {
		json_object_del(view, "command"); /* a line for people */
		buf_reset(&j->out);
		json_put_with(&j->out, view, wish.name, wish.text);
		buf_put_text(&j->out, "\n");
		j->type = "application/json";
	} else if (wish.redirect[0] != '\0') {
		redirect(cx, j, rq, wish.redirect);
	} else if (!read && r->then != NULL) {
		redirect(cx, j, rq, destination(cx, r->then, view));
	} else if (r->template != NULL) {
		put_page(h, cx, j, rq, r, r->template, view);
	} else {
		put_json(j, view, "application/json");
	}
}

json_t *
view_problem_of(const struct err *e, int status)
{
	json_t *p = json_pack("{ss,ss,si,ss,ss}", "type", "about:blank", "title",
	    err_kind_title(e->kind), "status", status, "detail", e->message, "id",
	    refusal_id(e->refusal));

	if (e->hint[0] != '\0')
		json_object_set_new(p, "hint", json_string(e->hint));
	if (e->field[0] != '\0')
		json_object_set_new(p, "field", json_string(e->field));
	if (e->detail[0] != '\0')
		json_object_set_new(p, "more", json_string(e->detail));
	return p;
}

static void
problem(struct job *j, const struct err *e)
{
	json_t *p = view_problem_of(e, j->status);

	if (wish.problem != NULL)
		json_object_update_missing(p, wish.problem);
	put_json(j, p, "application/problem+json");
	json_decref(p);
}

/* A command stands between backticks on a terminal, between quotation marks on a page. */
static char *
quoted(struct arena *a, const char *text)
{
	AUTO_BUF struct buf b = { 0 };
	bool open = false;

	for (; *text != '\0'; text++)
		if (*text == '`')
			buf_put_text(&b, (open = !open) ? "“" : "”");
		else
			buf_put(&b, text, 1);
	return arena_strdup(a, buf_text(&b));
}

/*
 * A message or a hint with the capital and the full stop of a sentence. What
 * begins with a value ("co.uk is ...", "iPhone") keeps its first letter.
 */
static char *
sentence(struct arena *a, const char *text)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz-";
	size_t n = strlen(text), word = strspn(text, lower);
	char *s = quoted(a,
	    arena_printf(a, "%s%s", text, n > 0 && strchr(".!?:", text[n - 1]) == NULL ? "." : ""));

	if (word > 0 && (strchr(" ,;:?'", text[word]) != NULL))
		s[0] = (char)(s[0] - 32);
	return s;
}

static json_t *
error_of(struct ctx *cx, const struct err *e)
{
	return json_pack("{ss,ss,ss,ss,si,ss}", "title", err_kind_title(e->kind), "message",
	    sentence(cx->arena, e->message), "hint", sentence(cx->arena, e->hint), "field",
	    e->field, "status", err_http_status(e->kind), "id", refusal_id(e->refusal));
}

/* form.NAME.is.VALUE, by which a list has again what was chosen; "rsa:2048" is rsa_2048. */
static void
put_choice(struct ctx *cx, json_t *view, const char *field, const char *value)
{
	json_t *f = json_object_get(json_object_get(view, "form"), field);
	char *name = arena_strdup(cx->arena, value);

	for (char *c = name; *c != '\0'; c++)
		if (*c == ':')
			*c = '_';
	json_object_set_new(f, "is", json_pack("{sb}", name, 1));
}

/* What was typed, and beside its field the fault with its hint. */
static void
put_form(struct ctx *cx, json_t *view, const struct request *rq, const struct err *e)
{
	json_t *form, *f;

	for (const struct field *d = rq->route->fields; d != NULL && d->name != NULL; d++) {
		const char *v = request_field(rq, d->name);

		if (v == NULL && d->kind == FIELD_BOOL)
			v = ""; /* a box that was emptied is not sent */
		if (d->kind != FIELD_SECRET && d->kind != FIELD_FILES && v != NULL)
			view_form_value(view, d->name, v);
		if ((d->kind == FIELD_CHOICE || d->kind == FIELD_TEXT) && v != NULL)
			put_choice(cx, view, d->name, v);
	}
	if (e->field[0] == '\0')
		return;
	if ((form = json_object_get(view, "form")) == NULL)
		json_object_set_new(view, "form", form = json_object());
	if ((f = json_object_get(form, e->field)) == NULL)
		json_object_set_new(form, e->field, f = json_object());
	json_object_set_new(f, "error",
	    json_string(arena_printf(cx->arena, "%s%s%s", sentence(cx->arena, e->message),
		e->hint[0] == '\0' ? "" : " ", sentence(cx->arena, e->hint))));
}

/* The page that the form stands on, once more. NULL: it cannot be shown. */
static json_t *
page_again(
    const struct view_house *h, struct ctx *cx, struct request *rq, const struct route **page)
{
	struct request again = *rq;
	json_t *view = json_object();

	*page = routes_by_name(h->routes, rq->route->page);
	again.method = "GET";
	again.route = *page;
	again.face = FACE_PORTAL;
	again.typed = rq->form;
	again.ntyped = rq->nform;
	again.form = NULL;
	again.nform = again.nfiles = 0;
	cx->read_only = true;
	if (*page != NULL && route_allowed(cx, *page) == 0 &&
	    (*page)->handler(cx, &again, view) == 0 && (*page)->template != NULL)
		return view;
	json_decref(view);
	return NULL;
}

void
view_error(const struct view_house *h, struct ctx *cx, struct job *j, struct request *rq)
{
	const struct route *page = NULL;
	struct err e = cx->err;
	json_t *view = NULL;

	if (e.kind == ERR_INTERNAL)
		log_err(rq->route == NULL ? j->method : rq->route->name, &e);
	j->status = e.refusal == R_HTTP_METHOD ? 405 : err_http_status(e.kind);
	j->nextra = 0;
	headers_of_page(cx, j, rq->route);
	if (e.kind == ERR_LIMIT)
		job_add(j, "Retry-After", "30");
	if (rq->allow != NULL)
		job_add(j, "Allow", rq->allow);
	if (e.kind == ERR_UNAUTHENTICATED && rq->face == FACE_API)
		job_add(j, "WWW-Authenticate", "Bearer"); /* RFC 9110 11.6.1 */
	if (rq->face == FACE_API) {
		problem(j, &e);
		return;
	}
	err_clear(&cx->err);
	if (e.refusal == R_SIGNED_OUT) { /* a token is nothing for people */
		e.hint[0] = '\0';
		err_hint(&e, "nothing was changed: sign in, and do it again");
	}
	view_begin();
	if (rq->route != NULL && rq->route->page != NULL)
		view = page_again(h, cx, rq, &page);
	if (view != NULL) {
		put_form(cx, view, rq, &e);
		json_object_set_new(view, "error", error_of(cx, &e));
		put_page(h, cx, j, rq, page, page->template, view);
	} else {
		view = json_pack("{so}", "error", error_of(cx, &e));
		put_page(h, cx, j, rq, rq->route,
		    rq->route != NULL && rq->route->guest ? "guest-error" : "error", view);
	}
	json_decref(view);
	cx->err = e;
}
