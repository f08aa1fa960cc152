/*
 * routes.c - the table of routes: checked at the start, matched at each request
 */
#include <stdio.h>

#include "base/text.h"
#include "front/filter.h"
#include "front/routes.h"
#include "front/shapes.h"
#include "front/template.h"

struct routes {
	const struct route **v;
	size_t n;
};

static int
lacks(struct err *e, const struct route *r, const char *what)
{
	return err_set(
	    e, R_ROUTE, NULL, "route %s lacks %s", r->name == NULL ? "?" : r->name, what);
}

static bool
is_read(const struct route *r)
{
	return r->method != NULL && strcmp(r->method, "GET") == 0;
}

/* A shape by its name, or a media type. */
static bool
has_answer(const struct route *r)
{
	return r->answer != NULL && (shape_known(r->answer) || strchr(r->answer, '/') != NULL);
}

/* What each face needs: a page a title and a template, the API an answer. */
static int
check_faces(const struct route *r, const struct templates *t, struct err *e)
{
	if (is_read(r) && r->portal_path != NULL && r->template != NULL && r->title == NULL)
		return lacks(e, r, "a title");
	if (r->api_path != NULL && !has_answer(r))
		return lacks(e, r, "the shape of its answer");
	if (t != NULL && r->template != NULL && !templates_have(t, r->template))
		return lacks(e, r, "its template");
	return 0;
}

static int
check_row(const struct route *r, const struct templates *t, struct err *e)
{
	if (r->name == NULL || r->method == NULL || r->handler == NULL)
		return lacks(e, r, "a name, a method or a handler");
	if (r->portal_path == NULL && r->api_path == NULL)
		return lacks(e, r, "a path");
	if (!is_read(r) && r->audit == NULL)
		return lacks(e, r, "its audit action");
	if (r->summary == NULL)
		return lacks(e, r, "a summary");
	if (r->fields != NULL && !filter_may_have_body(r->method))
		return lacks(e, r, "a body for its fields");
	return check_faces(r, t, e);
}

static int
check_page(const struct routes *all, const struct route *r, struct err *e)
{
	const struct route *page = r->page == NULL ? NULL : routes_by_name(all, r->page);

	if (r->page == NULL)
		return 0;
	if (page == NULL || !is_read(page) || page->template == NULL)
		return lacks(e, r, "the page that it shows again");
	return 0;
}

static int
check_all(const struct routes *all, const struct templates *t, struct err *e)
{
	for (size_t i = 0; i < all->n; i++) {
		if (check_row(all->v[i], t, e) < 0 || check_page(all, all->v[i], e) < 0)
			return -1;
		if (routes_by_name(all, all->v[i]->name) != all->v[i])
			return err_set(
			    e, R_ROUTE, NULL, "route %s is there twice", all->v[i]->name);
	}
	return 0;
}

int
routes_new(struct routes **out, const struct route_table *const *tables, const struct templates *t,
    struct err *e)
{
	struct routes *all = calloc(1, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; tables[i] != NULL; i++)
		n += tables[i]->n;
	if (all == NULL || (all->v = calloc(n + 1, sizeof(struct route *))) == NULL)
		abort();
	for (size_t i = 0; tables[i] != NULL; i++)
		for (size_t j = 0; j < tables[i]->n; j++)
			all->v[all->n++] = &tables[i]->v[j];
	if (check_all(all, t, e) < 0) {
		routes_free(all);
		return -1;
	}
	*out = all;
	return 0;
}

void
routes_free(struct routes *all)
{
	if (all != NULL)
		free(all->v);
	free(all);
}

const struct route *
routes_by_name(const struct routes *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i]->name != NULL && strcmp(all->v[i]->name, name) == 0)
			return all->v[i];
	return NULL;
}

size_t
routes_count(const struct routes *all)
{
	return all->n;
}

const struct route *
routes_at(const struct routes *all, size_t i)
{
	return all->v[i];
}

/* "/requests/{id}/pem" against "/requests/abc/pem" */
static bool
fits(struct arena *a, const char *pattern, const char *path, struct request *rq)
{
	size_t before = rq->nparams;

	for (;;) {
		if (*pattern == '{') {
			size_t name = strcspn(pattern, "}"), value = strcspn(path, "/");

			if (value == 0 || rq->nparams == nitems(rq->params))
				break;
			rq->params[rq->nparams++] = (struct pair){
				arena_dup(a, pattern + 1, name - 1), arena_dup(a, path, value)
			};
			pattern += name + 1;
			path += value;
		} else if (*pattern != *path) {
			break;
		} else if (*pattern == '\0') {
			return true;
		} else {
			pattern++;
			path++;
		}
	}
	rq->nparams = before;
	return false;
}

void
route_tenant(struct arena *a, struct request *rq)
{
	const char *face = text_starts(rq->path, API_PREFIX TENANT_PREFIX) ? API_PREFIX : "";
	const char *at = rq->path + strlen(face), *name;
	size_t n;

	if (!text_starts(at, TENANT_PREFIX))
		return;
	name = at + strlen(TENANT_PREFIX);
	n = strcspn(name, "/");
	rq->tenant = arena_dup(a, name, n);
	name += n;
	rq->path = arena_printf(
	    a, "%s%s", face, name[0] == '\0' || strcmp(name, "/") == 0 ? "/components" : name);
}

/*
 * What is for everybody, and what hosts fetch, is of none: it is there wherever
 * something listens.
 */
unsigned
route_applications(const struct route *r)
{
	if (r->applications != 0)
		return r->applications;
	if (r->capability == CAP_PUBLIC || r->hosts)
		return 0;
	return r->tenant_scoped || r->capability == CAP_SIGNED_IN ? APP_SUPER | APP_ADMIN
								  : APP_SUPER;
}

static bool
is_hidden(const struct route *r, unsigned hidden)
{
	unsigned of = hidden == 0 ? 0 : route_applications(r);

	return of != 0 && (of & ~hidden) == 0;
}

int
routes_match(const struct routes *all, struct arena *a, struct request *rq, const char **allow)
{
	bool api = text_starts(rq->path, API_PREFIX "/");
	const char *path = api ? rq->path + strlen(API_PREFIX) : rq->path;
	const char *method = strcmp(rq->method, "HEAD") == 0 ? "GET" : rq->method;

	*allow = NULL;
	rq->face = api ? FACE_API : FACE_PORTAL;
	for (size_t i = 0; i < all->n; i++) {
		const struct route *r = all->v[i];
		const char *pattern = api ? r->api_path : r->portal_path;

		if (pattern == NULL || !fits(a, pattern, path, rq))
			continue;
		if (is_hidden(r, rq->hidden)) {
			rq->nparams = 0;
			continue;
		}
		if (strcmp(r->method, method) == 0) {
			rq->route = r;
			return 1;
		}
		rq->nparams = 0;
		if (r->page != NULL && strcmp(r->method, "POST") == 0)
			rq->posts = r;
		*allow = *allow == NULL ? r->method : arena_printf(a, "%s, %s", *allow, r->method);
	}
	return *allow == NULL ? 0 : -1;
}

/* What belongs to no tenant is for the people of the system, but for who one is. */
static bool
is_for_the_system(const struct ctx *cx, const struct route *r)
{
	return !r->tenant_scoped && r->capability != CAP_SIGNED_IN &&
	    strcmp(cx->actor.tenant, TENANT_SYSTEM) != 0;
}

int
route_allowed(struct ctx *cx, const struct route *r)
{
	static const enum role least[] = { [CAP_PUBLIC] = ROLE_NONE,
		[CAP_SIGNED_IN] = ROLE_AUDITOR,
		[CAP_READ] = ROLE_AUDITOR,
		[CAP_OPERATE] = ROLE_OPERATOR,
		[CAP_SETTINGS] = ROLE_TENANT_ADMIN,
		[CAP_SUPER] = ROLE_SUPER };

	if (r->capability == CAP_PUBLIC)
		return 0;
	if (cx->actor.kind == ACTOR_NOBODY) {
		err_set(&cx->err, R_SIGNED_OUT, NULL, "you are not signed in");
		return err_hint(&cx->err, "sign in, or send Authorization: Bearer TOKEN");
	}
	if (cx->actor.kind == ACTOR_HOST) {
		if (r->hosts)
			return 0;
		err_set(&cx->err, R_CAPABILITY, NULL,
		    "the token of a component may do nothing but pull its certificate");
		return err_hint(&cx->err, "make a token for what else there is: token create");
	}
	if (cx->actor.role < least[r->capability] || is_for_the_system(cx, r)) {
		err_set(&cx->err, R_CAPABILITY, NULL, "your role does not allow this");
		return err_hint(&cx->err,
		    strcmp(cx->actor.tenant, TENANT_SYSTEM) == 0 || is_for_the_system(cx, r) ||
			    least[r->capability] == ROLE_SUPER
			? "ask a Super Admin"
			: "ask an admin of your tenant");
	}
	return 0;
}

const char *
capability_name(enum capability c)
{
	static const char *const names[] = { [CAP_PUBLIC] = "public",
		[CAP_SIGNED_IN] = "signed-in",
		[CAP_READ] = "read",
		[CAP_OPERATE] = "operate",
		[CAP_SETTINGS] = "settings",
		[CAP_SUPER] = "super" };

	return names[c];
}

static json_t *
text_or_null(const char *s)
{
	return s == NULL ? json_null() : json_string(s);
}

json_t *
routes_dump(const struct routes *all)
{
	json_t *out = json_array();

	for (size_t i = 0; i < all->n; i++) {
		const struct route *r = all->v[i];
		json_t *params = json_array();
		const char *p = r->api_path != NULL ? r->api_path : r->portal_path;
		char api[256];

		for (; (p = strchr(p, '{')) != NULL; p++)
			json_array_append_new(params, json_stringn(p + 1, strcspn(p + 1, "}")));
		snprintf(api, sizeof(api), API_PREFIX "%s", r->api_path == NULL ? "" : r->api_path);
		json_array_append_new(out,
		    json_pack("{ss,ss,so,so,ss,sb,sb,ss,so,so,s{si},so}", "name", r->name, "method",
			r->method, "portal_path", text_or_null(r->portal_path), "api_path",
			r->api_path == NULL ? json_null() : json_string(api), "capability",
			capability_name(r->capability), "tenant", r->tenant_scoped, "public",
			r->capability == CAP_PUBLIC, "handler", r->name, "template",
			text_or_null(r->template), "params", params, "limits", "body",
			(int)(r->limit == 0 ? 65536 : r->limit), "audit", text_or_null(r->audit)));
	}
	return out;
}
