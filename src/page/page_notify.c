/*
 * page_notify.c - Notifications: who is told of what, and by what server
 */
#include "op/op_notify.h"
#include "page/page_notify.h"
#include "page/page_people.h"
#include "page/page_preview.h"

#define PAGE	  "/settings/notifications"
#define NO_NUMBER 100000000 /* more than any limit here */
#define DIGESTS	  20

static const struct field set_fields[] = {
	{ "addresses", "Addresses", FIELD_LINES, 4096, false, NULL,
	    "one a line, at most 10; each gets its own message" },
	{ "webhook", "Webhook", FIELD_TEXT, NOTIFY_URL_MAX, false, NULL,
	    "an https address that takes JSON; empty: none" },
	{ "secret", "Secret", FIELD_SECRET, NOTIFY_SECRET_MAX, false, NULL,
	    "signs what the webhook gets; empty: as it was" },
	{ "webhook_ca", "CA of the webhook", FIELD_LINES, NOTIFY_CA_MAX, false, NULL,
	    "PEM; empty: the CAs that the system trusts" },
	{ "parts", "Parts of a life", FIELD_TEXT, 100, false, NULL, "such as 2/3,9/10" },
	{ "days", "Days left", FIELD_TEXT, 100, false, NULL, "such as 14,3; empty: none" },
	{ "minutes", "Minutes between digests", FIELD_INT, 9, false, NULL, "0 to 1440" }, { 0 }
};
static const struct field server_fields[] = { { "host", "Mail server", FIELD_TEXT, 253, false, NULL,
						  "empty: no mail is sent" },
	{ "port", "Port", FIELD_INT, 9, false, NULL, "587 with starttls, 465 with implicit" },
	{ "tls", "TLS", FIELD_CHOICE, 0, false, "starttls|implicit|none",
	    "none: on this machine only" },
	{ "user", "User name", FIELD_TEXT, 200, false, NULL, "empty: nobody signs in" },
	{ "password", "Password", FIELD_SECRET, 200, false, NULL, "empty: as it was" },
	{ "from", "Sender", FIELD_EMAIL, 254, false, NULL, "the address that messages are from" },
	{ "ca", "CA of the server", FIELD_LINES, NOTIFY_CA_MAX, false, NULL,
	    "PEM; empty: the CAs that the system trusts" },
	{ 0 } };

/* ---- what is set ------------------------------------------------------------------ */

static json_t *
lines(const char *text)
{
	json_t *all = json_array();

	for (size_t n; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (n > 0)
			json_array_append_new(all, json_stringn(text, n));
	}
	return all;
}

static void
put_server(json_t *view, const struct notify_server *s)
{
	json_t *o = json_object();

	put_text(o, "host", s->host);
	put_int(o, "port", s->port);
	put_text(o, "tls", s->tls);
	put_text(o, "user", s->user);
	put_bool(o, "password", s->password != NULL);
	put_text(o, "from", s->from);
	put_bool(o, "ca", s->ca != NULL);
	json_object_set_new(view, "server", o);
}

static void
put_digest(struct ctx *cx, const struct request *rq, json_t *o, const struct digest_row *d)
{
	put_text(o, "id", d->id);
	put_text(o, "channel", d->channel);
	put_text(o, "subject", d->subject);
	put_time(cx, rq, o, "created", d->created_at);
	put_int(o, "tries", d->tries);
	put_time(cx, rq, o, "sent", d->ended_at);
	put_time(cx, rq, o, "next", d->ended_at == 0 ? d->next_at : 0);
	put_text(o, "failure", d->failure);
	if (rq->face == FACE_API)
		return;
	if (d->ended_at != 0)
		put_state(o, "good", "Sent");
	else
		put_state(o, d->tries == 0 ? "off" : "warn",
		    d->tries == 0 ? "On its way" : "Tried, and tried again");
}

static int
put_digests(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct digest_row *list;
	size_t n;

	json_object_set_new(view, "digests", all);
	if (store_digest_list(cx, DIGESTS, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_digest(cx, rq, o, &list[i]);
	}
	return 0;
}

/* ---- the page ------------------------------------------------------------------------ */

static const char *
number_text(struct ctx *cx, int64_t n)
{
	return arena_printf(cx->arena, "%lld", (long long)n);
}

static void
put_server_form(
    struct ctx *cx, const struct request *rq, json_t *view, const struct notify_server *s)
{
	static const char *const modes[] = { "starttls", "implicit", "none" };
	const char *tls = s->tls == NULL ? modes[0] : s->tls;
	json_t *o;

	view_form_value(view, "host", s->host == NULL ? "" : s->host);
	view_form_value(view, "port", s->host == NULL ? "" : number_text(cx, s->port));
	view_form_value(view, "user", s->user == NULL ? "" : s->user);
	view_form_value(view, "from", s->from == NULL ? "" : s->from);
	view_form_value(view, "ca", s->ca == NULL ? "" : s->ca);
	json_object_set_new(view, "modes", json_array());
	for (size_t i = 0; i < nitems(modes); i++) {
		json_array_append_new(json_object_get(view, "modes"), o = json_object());
		put_text(o, "value", modes[i]);
		put_bool(
		    o, "current", request_chosen(rq, "tls", modes[i], strcmp(modes[i], tls) == 0));
	}
}

static const char *
status_words(struct ctx *cx, const struct notify_row *r, const struct notify_server *s)
{
	const char **channels;
	size_t n;

	if (notify_channels(cx, r, s, &channels, &n) < 0 || n == 0)
		return r->addresses[0] != '\0' && s->host == NULL
		    ? "Nobody is told of anything yet: there is no mail server."
		    : "Nobody is told of anything yet.";
	return r->minutes == 0
	    ? "What happens is told once, as soon as it is seen."
	    : arena_printf(cx->arena,
		  "What happens is told once, gathered into one message in %lld minutes at most.",
		  (long long)r->minutes);
}

static int
put_page(struct ctx *cx, const struct request *rq, json_t *view, const struct notify_row *r,
    const struct notify_server *s)
{
	put_text(view, "status", status_words(cx, r, s));
	put_bool(view, "of_system", in_system(cx));
	put_bool(view, "sets", cx->actor.role >= ROLE_TENANT_ADMIN);
	put_bool(view, "any", json_array_size(json_object_get(view, "digests")) > 0);
	view_form_value(view, "addresses", r->addresses);
	view_form_value(view, "webhook", r->webhook == NULL ? "" : r->webhook);
	view_form_value(view, "webhook_ca", r->webhook_ca == NULL ? "" : r->webhook_ca);
	view_form_value(view, "parts", r->parts);
	view_form_value(view, "days", r->days);
	view_form_value(view, "minutes", number_text(cx, r->minutes));
	if (in_system(cx))
		put_server_form(cx, rq, view, s);
	view_command(view,
	    "certwright notify show\ncertwright notify set --addresses A,B --webhook URL "
	    "--secret-file FILE\n%scertwright notify test\n\n"
	    "GET  /api/v1/notify\nPUT  /api/v1/notify  {\"addresses\": \"A\"}\n"
	    "POST /api/v1/notify/test",
	    in_system(cx) ? "certwright notify server --host HOST --from ADDRESS\n" : "");
	return 0;
}

static int
notify_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct notify_server s;
	struct notify_row r;

	if (op_notify_load(cx, &r) < 0 || op_notify_server(cx, &s) < 0 ||
	    put_digests(cx, rq, view) < 0)
		return -1;
	json_object_set_new(view, "addresses", lines(r.addresses));
	put_text(view, "webhook", r.webhook);
	put_bool(view, "webhook_ca", r.webhook_ca != NULL);
	put_bool(view, "secret", r.secret != NULL);
	put_text(view, "parts", r.parts);
	put_text(view, "days", r.days);
	put_int(view, "minutes", r.minutes);
	put_bool(view, "mail", s.host != NULL);
	json_object_set_new(view, "server", json_null());
	if (in_system(cx) && s.host != NULL)
		put_server(view, &s);
	return rq->face == FACE_API ? 0 : put_page(cx, rq, view, &r, &s);
}

/* ---- setting it ------------------------------------------------------------------------- */

/* `none`: not sent, or empty. */
static int64_t
number_of(struct ctx *cx, const struct request *rq, const char *name, int64_t none)
{
	const char *text = preview_member(cx, rq, name);
	size_t n = text == NULL ? 0 : strlen(text);

	if (n == 0)
		return none;
	return n > 8 || strspn(text, "0123456789") != n ? NO_NUMBER : strtoll(text, NULL, 10);
}

static const char *
lines_of(struct ctx *cx, const struct request *rq, const char *name)
{
	const char *text = request_field(rq, name);

	return text == NULL ? NULL : typed_lines(cx, text);
}

static int
shown_again(struct ctx *cx, const struct request *rq, json_t *view)
{
	return rq->face == FACE_API ? notify_show(cx, rq, view) : 0;
}

static int
notify_set(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct notify_words w = { .addresses = lines_of(cx, rq, "addresses"),
		.webhook = request_field(rq, "webhook"),
		.webhook_ca = lines_of(cx, rq, "webhook_ca"),
		.secret = request_field(rq, "secret"),
		.parts = request_field(rq, "parts"),
		.days = request_field(rq, "days"),
		.minutes = number_of(cx, rq, "minutes", -1) };

	return op_notify_set(cx, &w) < 0 ? -1 : shown_again(cx, rq, view);
}

static int
server_set(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct notify_server_words w = { .host = request_field(rq, "host"),
		.port = number_of(cx, rq, "port", 0),
		.tls = request_field(rq, "tls"),
		.user = request_field(rq, "user"),
		.password = request_field(rq, "password"),
		.from = request_field(rq, "from"),
		.ca = lines_of(cx, rq, "ca") };

	return op_notify_server_set(cx, &w) < 0 ? -1 : shown_again(cx, rq, view);
}

/* ---- the test ---------------------------------------------------------------------------- */

static int
notify_test(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct notify_tried *tried;
	size_t n, failed = 0;

	if (op_notify_test(cx, &tried, &n) < 0) {
		json_decref(all);
		return -1;
	}
	json_object_set_new(view, "results", all);
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "channel", tried[i].channel);
		put_bool(o, "sent", tried[i].failure == NULL);
		put_text(o, "failure", tried[i].failure);
		failed += tried[i].failure != NULL;
		if (rq->face == FACE_PORTAL)
			put_state(o, tried[i].failure == NULL ? "good" : "bad",
			    tried[i].failure == NULL ? "Taken" : "Failed");
	}
	if (rq->face == FACE_API)
		return 0;
	put_bool(view, "tested", true);
	put_bool(view, "failed", failed > 0);
	return notify_show(cx, rq, view);
}

static const struct route routes[] = {
	{ .name = "notify",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/notify",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = notify_show,
	    .template = "notify",
	    .title = "Notifications",
	    .tab = "settings",
	    .menu = "notify",
	    .answer = "Notify",
	    .summary = "Who is told of what happens, and what is on its way" },
	{ .name = "notify.set",
	    .method = "PUT",
	    .api_path = "/notify",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = notify_set,
	    .fields = set_fields,
	    .audit = "notify.set",
	    .answer = "Notify",
	    .summary = "Set who is told of what; what is left out stays" },
	{ .name = "notify.set.portal",
	    .method = "POST",
	    .portal_path = PAGE,
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = notify_set,
	    .fields = set_fields,
	    .audit = "notify.set",
	    .page = "notify",
	    .then = PAGE,
	    .summary = "Set who is told of what" },
	{ .name = "notify.server",
	    .method = "PUT",
	    .api_path = "/notify/server",
	    .capability = CAP_SUPER,
	    .handler = server_set,
	    .fields = server_fields,
	    .audit = "notify.server",
	    .answer = "Notify",
	    .summary = "Set the mail server that all tenants' notices go by" },
	{ .name = "notify.server.portal",
	    .method = "POST",
	    .portal_path = PAGE "/server",
	    .capability = CAP_SUPER,
	    .handler = server_set,
	    .fields = server_fields,
	    .audit = "notify.server",
	    .page = "notify",
	    .then = PAGE,
	    .summary = "Set the mail server that all tenants' notices go by" },
	{ .name = "notify.test",
	    .method = "POST",
	    .portal_path = PAGE "/test",
	    .api_path = "/notify/test",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = notify_test,
	    .template = "notify",
	    .title = "Notifications",
	    .tab = "settings",
	    .menu = "notify",
	    .audit = "notify.test",
	    .page = "notify",
	    .answer = "NotifyTest",
	    .summary = "Send a test message to each who is told, and say what became of it" },
};
const struct route_table page_notify_routes = { routes, nitems(routes) };
