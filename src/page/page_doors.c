/*
 * page_doors.c - Applications: the listeners that serve each application
 */
#include <stdio.h>

#include "base/config.h"
#include "front/view.h"
#include "op/house.h"
#include "op/op_client.h"
#include "op/op_doors.h"
#include "page/page_application.h"
#include "page/page_people.h"

#define ADDRESSES_MAX (LISTEN_MAX * 80)
#define NAMES_MAX     2000

static const struct field doors_fields[] = {
	{ "super", "Super Admin’s application", FIELD_LINES, ADDRESSES_MAX, false, NULL,
	    "all, or addresses of the option listen" },
	{ "admin", "Tenants’ application", FIELD_LINES, ADDRESSES_MAX, false, NULL,
	    "all, or addresses of the option listen" },
	{ "client_asked", "Client certificates asked for", FIELD_LINES, ADDRESSES_MAX, false, NULL,
	    "none, all, or addresses of the option listen" },
	{ "client_required", "Client certificates required", FIELD_LINES, ADDRESSES_MAX, false,
	    NULL, "none, all, or addresses of the option listen" },
	{ "client_cas", "Certificates of", FIELD_LINES, NAMES_MAX, false, NULL,
	    "all, or names of built-in CAs whose certificates count" },
	{ 0 },
};

json_t *
doors_addresses(const struct house *h, unsigned on)
{
	json_t *a = json_array();

	for (size_t i = 0; i < h->naddresses; i++)
		if (on >> i & 1)
			json_array_append_new(a, json_string(h->addresses[i]));
	return a;
}

static json_t *
lines_of(struct ctx *cx, const char *lines)
{
	char *rest = arena_strdup(cx->arena, lines), *one;
	json_t *a = json_array();

	while ((one = strsep(&rest, "\n")) != NULL)
		if (one[0] != '\0')
			json_array_append_new(a, json_string(one));
	return a;
}

static int
doors_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct house *h = cx->house;
	struct doors_state s;

	op_doors_state(cx, &s);
	json_object_set_new(view, "listeners", doors_addresses(h, UINT_MAX));
	json_object_set_new(view, "super", doors_addresses(h, s.super));
	json_object_set_new(view, "admin", doors_addresses(h, s.admin));
	put_time(cx, rq, view, "until", s.until);
	json_object_set_new(view, "kept_super", doors_addresses(h, s.kept_super));
	json_object_set_new(view, "kept_admin", doors_addresses(h, s.kept_admin));
	json_object_set_new(view, "gone", lines_of(cx, s.gone));
	json_object_set_new(view, "client_asked", doors_addresses(h, s.client_asked));
	json_object_set_new(view, "client_required", doors_addresses(h, s.client_required));
	json_object_set_new(view, "client_cas", lines_of(cx, s.client_cas));
	return 0;
}

static bool
is_any(const char *host)
{
	return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

/*
 * Where this page is over that listener: under the name that was asked for, when
 * it is the same interface, or all of them.
 */
static const char *
url_at(struct ctx *cx, const struct request *rq, const char *address)
{
	char host[64], port[8], here[64] = "", unused[8];
	struct err e = { 0 };
	size_t n;

	if (config_address(address, host, port, &e) < 0)
		return NULL;
	if (cx->listener >= 0)
		config_address(cx->house->addresses[cx->listener], here, unused, &e);
	if (rq->host == NULL || (!is_any(host) && strcmp(host, here) != 0))
		return arena_printf(cx->arena, "https://%s" APPLICATIONS_PAGE, address);
	n = rq->host[0] == '[' ? strcspn(rq->host, "]") + 1 : strcspn(rq->host, ":");
	return arena_printf(cx->arena, "https://%.*s:%s" APPLICATIONS_PAGE,
	    (int)(n <= strlen(rq->host) ? n : strlen(rq->host)), rq->host, port);
}

/*
 * Can it be kept over this connection? One that was there before its listener
 * began to require certificates is not taken any more.
 */
static bool
is_open(struct ctx *cx, const struct request *rq)
{
	bool before = rq->method != NULL && strcmp(rq->method, "GET") != 0;
	unsigned generation;

	return (doors_hidden(cx->house, cx->listener) & APP_SUPER) == 0 &&
	    (!before || doors_client(cx->house, cx->listener, &generation) != CLIENT_REQUIRED);
}

/* Whose certificates clients can have, if there is any. */
static bool
put_cas(struct ctx *cx, json_t *o, const char *chosen)
{
	json_t *all = json_array(), *one;
	const char *const *names;
	size_t n;

	names = op_client_authorities(cx, &n);
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, one = json_object());
		put_text(one, "name", names[i]);
		put_bool(one, "chosen", chosen[0] != '\0' && doors_client_ca(cx->house, names[i]));
	}
	json_object_set_new(o, "cas", all);
	put_bool(o, "clients", n > 0);
	put_bool(o, "any_ca", chosen[0] == '\0');
	return n > 0;
}

/* To the second: it is a matter of two minutes. */
static void
put_until(struct ctx *cx, json_t *o, int64_t until)
{
	char text[TIME_SIZE];

	time_format(text, until);
	put_text(o, "until", until == 0 ? NULL : arena_printf(cx->arena, "%.8s UTC", text + 11));
}

void
put_doors_form(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct house *h = cx->house;
	json_t *o = json_object(), *rows = json_array(), *row;
	struct doors_state s;
	bool clients, edit;

	op_doors_state(cx, &s);
	json_object_set_new(view, "doors", o);
	json_object_set_new(o, "rows", rows);
	for (size_t i = 0; i < h->naddresses; i++) {
		json_array_append_new(rows, row = json_object());
		put_text(row, "address", h->addresses[i]);
		put_bool(row, "super", s.super >> i & 1);
		put_bool(row, "admin", s.admin >> i & 1);
		put_bool(row, "asked", s.client_asked >> i & 1);
		put_bool(row, "required", s.client_required >> i & 1);
		put_text(row, "url", s.super >> i & 1 ? url_at(cx, rq, h->addresses[i]) : NULL);
	}
	put_until(cx, o, s.until);
	put_bool(o, "here", is_open(cx, rq));
	put_bool(o, "changes", cx->actor.role == ROLE_SUPER);
	clients = put_cas(cx, o, s.client_cas);
	edit = cx->actor.role == ROLE_SUPER && s.until == 0 && (clients || h->naddresses > 1);
	put_bool(o, "edit", edit);
	put_bool(o, "many", edit && h->naddresses > 1);
	json_object_set_new(o, "gone", lines_of(cx, s.gone));
	put_bool(o, "some_gone", s.gone[0] != '\0');
}

/* A form sends a box an address, and none when all are empty; `has`: it has boxes. */
static const char *
all_sent(struct ctx *cx, const struct request *rq, const char *name, bool has)
{
	const char *all = NULL;

	for (size_t i = 0; i < rq->nform; i++)
		if (strcmp(rq->form[i].name, name) == 0)
			all = all == NULL
			    ? rq->form[i].value
			    : arena_printf(cx->arena, "%s\n%s", all, rq->form[i].value);
	return all == NULL && rq->face == FACE_PORTAL && has ? "" : all;
}

static int
doors_try(struct ctx *cx, const struct request *rq, json_t *view)
{
	bool many = cx->house->naddresses > 1;
	struct doors_wish w = { all_sent(cx, rq, "super", many), all_sent(cx, rq, "admin", many) };
	size_t cas;

	op_client_authorities(cx, &cas);
	w.client_asked = all_sent(cx, rq, "client_asked", cas > 0);
	w.client_required = all_sent(cx, rq, "client_required", cas > 0);
	w.client_cas = all_sent(cx, rq, "client_cas", cas > 0);
	if (op_doors_try(cx, &w) < 0)
		return -1;
	if (rq->face == FACE_API)
		return doors_show(cx, rq, view);
	/* Where it is not served any more the page could not be asked for again. */
	if (is_open(cx, rq))
		view_redirect(view, APPLICATIONS_PAGE);
	return applications_show(cx, rq, view);
}

static int
doors_keep(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_doors_keep(cx) < 0 ? -1 : doors_show(cx, rq, view);
}

static int
doors_revert(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_doors_revert(cx) < 0 ? -1 : doors_show(cx, rq, view);
}

static const struct route routes[] = {
	{ .name = "doors",
	    .method = "GET",
	    .api_path = "/applications/access",
	    .capability = CAP_READ,
	    .handler = doors_show,
	    .answer = "Doors",
	    .summary = "Which listeners serve which application" },
	{ .name = "doors.try",
	    .method = "PUT",
	    .api_path = "/applications/access",
	    .capability = CAP_SUPER,
	    .handler = doors_try,
	    .fields = doors_fields,
	    .audit = "applications.try",
	    .answer = "Doors",
	    .summary =
		"Try other listeners for an application; over after two minutes if not kept" },
	{ .name = "doors.try.portal",
	    .method = "POST",
	    .portal_path = APPLICATIONS_PAGE "/access",
	    .capability = CAP_SUPER,
	    .handler = doors_try,
	    .template = "applications",
	    .fields = doors_fields,
	    .audit = "applications.try",
	    .page = "applications",
	    .title = "Applications",
	    .tab = "settings",
	    .menu = "applications",
	    .summary = "Try other listeners for an application" },
	{ .name = "doors.keep",
	    .method = "POST",
	    .portal_path = APPLICATIONS_PAGE "/access/confirm",
	    .api_path = "/applications/access/confirm",
	    .capability = CAP_SUPER,
	    .handler = doors_keep,
	    .audit = "applications.keep",
	    .page = "applications",
	    .then = APPLICATIONS_PAGE,
	    .answer = "Doors",
	    .summary = "Keep what is on trial" },
	{ .name = "doors.revert",
	    .method = "POST",
	    .portal_path = APPLICATIONS_PAGE "/access/revert",
	    .api_path = "/applications/access/revert",
	    .capability = CAP_SUPER,
	    .handler = doors_revert,
	    .audit = "applications.revert",
	    .page = "applications",
	    .then = APPLICATIONS_PAGE,
	    .answer = "Doors",
	    .summary = "Take back what is on trial" },
};
const struct route_table page_doors_routes = { routes, nitems(routes) };
