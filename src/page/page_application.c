/*
 * page_application.c - Applications: which listener serves what, and how
 */
#include "base/config.h"
#include "front/tls_facts.h"
#include "front/view.h"
#include "op/house.h"
#include "op/op_doors.h"
#include "op/op_hsts.h"
#include "op/op_identity.h"
#include "op/op_redirect.h"
#include "page/page_application.h"
#include "page/page_people.h"

/* What the HTTPS listeners serve, by path. */
static const struct part {
	const char *path, *what, *who;
} parts[] = {
	{ "/super", "Sign-in and the portal", "accounts" },
	{ "/admin", "Sign-in of people of a tenant", "accounts of tenants" },
	{ "/invitation/…", "A password for an invited account", "who has the link" },
	{ "/sheets/…", "A requester's sheet", "who has the link" },
	{ "/api/v1", "The API", "accounts and bearer tokens" },
	{ "/setup/…", "Set-up of the first account", "who has the one-time link" },
	{ "/healthz", "State in one word", "everybody" },
};

static const struct field redirect_fields[] = {
	{ "port", "Port of HTTPS", FIELD_INT, 5, true, NULL, "0: nobody is sent on" },
	{ 0 },
};

static const struct field hsts_fields[] = {
	{ "days", "Days of HSTS", FIELD_INT, 4, true, NULL,
	    "0: off; browsers are told to forget it" },
	{ "subdomains", "All names below, too", FIELD_BOOL, 0, false, NULL, NULL },
	{ 0 },
};

static json_t *
strings(const char *const *v, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_string(v[i]));
	return a;
}

static json_t *
parts_array(void)
{
	json_t *a = json_array(), *o;

	for (size_t i = 0; i < nitems(parts); i++) {
		json_array_append_new(a, o = json_object());
		put_text(o, "path", parts[i].path);
		put_text(o, "what", parts[i].what);
		put_text(o, "who", parts[i].who);
	}
	return a;
}

/* The portal's listeners: all serve the same, with the same certificate. */
static int
put_https(struct ctx *cx, json_t *o, bool redirect)
{
	const struct house *h = cx->house;
	const char *versions[] = { "TLSv1.2", "TLSv1.3" };
	struct doors_state doors;
	struct tls_facts f;
	bool old;

	if (tls_facts(h->tls, &f, &cx->err) < 0)
		return -1;
	old = strcmp(f.oldest, "TLSv1.2") == 0;
	put_text(o, "name", "portal");
	put_text(o, "kind", "https");
	json_object_set_new(o, "addresses", strings(h->addresses, h->naddresses));
	json_object_set_new(o, "serves", parts_array());
	put_text(o, "identity", IDENTITY_PORTAL);
	put_bool(o, "https_only", true);
	put_bool(o, "redirect", redirect);
	put_text(o, "hsts", hsts_header(cx));
	json_object_set_new(o, "tls_versions", strings(old ? versions : versions + 1, old ? 2 : 1));
	json_object_set_new(o, "ciphers", strings(f.ciphers, f.nciphers));
	op_doors_state(cx, &doors);
	json_object_set_new(o, "client_asked", doors_addresses(h, doors.client_asked));
	json_object_set_new(o, "client_required", doors_addresses(h, doors.client_required));
	put_bool(o, "client_certificates", (doors.client_asked | doors.client_required) != 0);
	return 0;
}

/* Without TLS: what those who check certificates ask for, and nothing else. */
static void
put_plain(struct ctx *cx, json_t *o)
{
	put_text(o, "name", "lists");
	put_text(o, "kind", "http");
	json_object_set_new(
	    o, "addresses", strings(cx->config->http_listen, cx->config->nhttp_listen));
}

static void
put_socket(struct ctx *cx, json_t *o)
{
	const char *path = arena_printf(cx->arena, "%s/certwright.sock", cx->config->data_dir);

	put_text(o, "name", "local");
	put_text(o, "kind", "unix");
	json_object_set_new(o, "addresses", strings(&path, 1));
}

static void
put_hsts_form(struct ctx *cx, json_t *view, json_t *https)
{
	struct hsts s;

	op_hsts_load(cx, &s);
	put_bool(https, "changes", cx->actor.role == ROLE_SUPER);
	put_bool(https, "hsts_on", s.days > 0);
	view_form_value(view, "days", arena_printf(cx->arena, "%lld", (long long)s.days));
	view_form_value(view, "subdomains", s.subdomains ? "true" : "");
}

int
applications_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	int64_t port;
	json_t *all = json_array(), *https = json_object(), *local = json_object(), *plain = NULL;

	json_object_set_new(view, "applications", all);
	json_array_append_new(all, https);
	if (cx->config->nhttp_listen > 0) {
		json_array_append_new(all, plain = json_object());
		put_plain(cx, plain);
	}
	json_array_append_new(all, local);
	if (op_redirect_load(cx, &port) < 0 || put_https(cx, https, plain != NULL && port > 0) < 0)
		return -1;
	put_socket(cx, local);
	if (rq->face == FACE_API)
		return 0;
	json_object_set(view, "https", https);
	put_hsts_form(cx, view, https);
	json_object_set(view, "local", local);
	if (plain != NULL) {
		json_object_set(view, "plain", plain);
		put_int(plain, "port", port);
		put_bool(plain, "changes", cx->actor.role == ROLE_SUPER);
		view_form_value(view, "port", arena_printf(cx->arena, "%lld", (long long)port));
	} else
		json_object_set_new(view, "plain", json_null());
	put_doors_form(cx, rq, view);
	put_text(view, "status",
	    arena_printf(cx->arena, "%zu address%s, HTTPS only.", cx->house->naddresses,
		cx->house->naddresses == 1 ? "" : "es"));
	view_command(view,
	    "certwright config show\n"
	    "certwright config redirect --port 443\n"
	    "certwright config hsts --days 365\n"
	    "certwright config applications --super %s\n"
	    "certwright config applications --client-required %s --client-cas NAME\n"
	    "certwright config applications --keep\n\n"
	    "GET /api/v1/applications\n"
	    "PUT /api/v1/applications/access  {\"super\": [\"%s\"]}\n"
	    "POST /api/v1/applications/access/confirm\n"
	    "PUT /api/v1/applications/redirect  {\"port\": 443}\n"
	    "PUT /api/v1/applications/hsts  {\"days\": 365, \"subdomains\": false}",
	    cx->house->addresses[0], cx->house->addresses[0], cx->house->addresses[0]);
	return 0;
}

static int
redirect_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	int64_t port;

	if (op_redirect_load(cx, &port) < 0)
		return -1;
	put_int(view, "port", port);
	return 0;
}

static int
redirect_save(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_redirect_save(cx, field_text(rq, "port")) < 0 ? -1 : redirect_show(cx, rq, view);
}

static int
hsts_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct hsts s;

	op_hsts_load(cx, &s);
	put_int(view, "days", s.days);
	put_bool(view, "subdomains", s.subdomains);
	return 0;
}

static int
hsts_save(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct hsts s = { strtoll(field_text(rq, "days"), NULL, 10),
		request_bool(rq, "subdomains") };

	return op_hsts_save(cx, &s) < 0 ? -1 : hsts_show(cx, rq, view);
}

static const struct route routes[] = {
	{ .name = "applications",
	    .method = "GET",
	    .portal_path = APPLICATIONS_PAGE,
	    .api_path = "/applications",
	    .capability = CAP_READ,
	    .handler = applications_show,
	    .template = "applications",
	    .title = "Applications",
	    .tab = "settings",
	    .menu = "applications",
	    .answer = "Applications",
	    .summary = "Which listener serves what, and how" },
	{ .name = "redirect",
	    .method = "GET",
	    .api_path = "/applications/redirect",
	    .capability = CAP_READ,
	    .handler = redirect_show,
	    .answer = "Redirect",
	    .summary = "The port of HTTPS that plain HTTP sends browsers to" },
	{ .name = "redirect.save",
	    .method = "PUT",
	    .api_path = "/applications/redirect",
	    .capability = CAP_SUPER,
	    .handler = redirect_save,
	    .fields = redirect_fields,
	    .audit = "redirect.save",
	    .answer = "Redirect",
	    .summary = "Have plain HTTP send browsers on to HTTPS, or not" },
	{ .name = "hsts",
	    .method = "GET",
	    .api_path = "/applications/hsts",
	    .capability = CAP_READ,
	    .handler = hsts_show,
	    .answer = "Hsts",
	    .summary = "How long browsers remember to come by HTTPS only" },
	{ .name = "hsts.save",
	    .method = "PUT",
	    .api_path = "/applications/hsts",
	    .capability = CAP_SUPER,
	    .handler = hsts_save,
	    .fields = hsts_fields,
	    .audit = "hsts.save",
	    .answer = "Hsts",
	    .summary = "Set how long browsers remember to come by HTTPS only" },
	{ .name = "hsts.save.portal",
	    .method = "POST",
	    .portal_path = APPLICATIONS_PAGE "/hsts",
	    .capability = CAP_SUPER,
	    .handler = hsts_save,
	    .fields = hsts_fields,
	    .audit = "hsts.save",
	    .page = "applications",
	    .then = APPLICATIONS_PAGE,
	    .summary = "Set how long browsers remember to come by HTTPS only" },
	{ .name = "redirect.save.portal",
	    .method = "POST",
	    .portal_path = APPLICATIONS_PAGE,
	    .capability = CAP_SUPER,
	    .handler = redirect_save,
	    .fields = redirect_fields,
	    .audit = "redirect.save",
	    .page = "applications",
	    .then = APPLICATIONS_PAGE,
	    .summary = "Have plain HTTP send browsers on to HTTPS, or not" },
};
const struct route_table page_application_routes = { routes, nitems(routes) };
