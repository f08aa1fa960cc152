/*
 * page_renewal.c - Renewals: what becomes of each certificate before it ends
 */
#include "op/op_component.h"
#include "op/op_renew.h"
#include "page/page_certificate.h"
#include "page/page_people.h"

#define PAGE	 "/certificates/renewals"
#define ONE	 PAGE "/{id}"
#define API	 "/renewals"
#define API_ONE	 API "/{id}"
#define PAGE_MAX 200

static const struct field list_query[] = { { "text", "Text", FIELD_TEXT, LIMIT_NAME, false, NULL,
					       "in the name of the identity" },
	{ 0 } };
static const struct field set_fields[] = { { "by_itself", "By itself", FIELD_CHOICE, 0, false,
					       "yes|no", "no: it waits for a person" },
	{ "new_key", "New key", FIELD_CHOICE, 0, false, "yes|no", "for each certificate" },
	{ "days_left", "Days left", FIELD_TEXT, 5, false, NULL,
	    "renew when so many are left, if that is earlier than two thirds of the life; 0" },
	{ "hours", "Hours", FIELD_TEXT, 11, false, NULL,
	    "when it is installed, UTC, such as 22:00-04:00; any: at once" },
	{ 0 } };

static const struct state_words {
	const char *state, *mark, *text;
} states[] = {
	{ "waiting", "good", "By itself" },
	{ "held", "note", "Waits for an approval" },
	{ "ready", "note", "Ready to install" },
	{ "failed", "bad", "Failed" },
	{ "paused", "warn", "Paused" },
	{ "manual", "off", "By hand" },
};

static void
put_words(json_t *o, const struct renewal_row *r)
{
	bool off = !r->by_itself && !r->asked && strcmp(r->state, "manual") != 0;

	for (size_t i = 0; i < nitems(states); i++)
		if (strcmp(states[i].state, r->state) == 0)
			put_state(o, off ? "warn" : states[i].mark,
			    off ? "Switched off" : states[i].text);
	put_bool(o, "failed", renewal_failed(r));
}

static void
put_renewal(struct ctx *cx, const struct request *rq, json_t *o, const struct renewal *r)
{
	put_text(o, "identity", r->identity.name);
	put_text(o, "state", r->row.state);
	put_bool(o, "by_itself", r->row.by_itself);
	put_bool(o, "new_key", r->row.new_key);
	put_int(o, "days_left", r->row.days_left);
	put_text(o, "hours", r->row.hours == NULL ? "any" : r->row.hours);
	put_text(o, "next", r->next);
	put_time(cx, rq, o, "next_at", r->row.next_at);
	put_time(cx, rq, o, "renewed", r->row.renewed_at);
	put_int(o, "tries", r->row.tries);
	put_text(o, "message", r->row.message);
	put_time(cx, rq, o, "not_before", r->not_before);
	put_time(cx, rq, o, "not_after", r->not_after);
	if (rq->face != FACE_PORTAL)
		return;
	put_words(o, &r->row);
	put_bool(o, "under_way",
	    r->installed && strcmp(r->row.state, "waiting") == 0 &&
		(r->row.asked == RENEW_NOW || (r->row.next_at > 0 && r->row.next_at <= cx->now)));
}

/* ---- all of them --------------------------------------------------------------------- */

static const char *
status_words(struct ctx *cx, const struct renewal *all, size_t n)
{
	size_t alone = 0, failed = 0;

	for (size_t i = 0; i < n; i++) {
		failed += renewal_failed(&all[i].row);
		alone += renewal_by_itself(&all[i].row);
	}
	if (n == 0)
		return "Nothing is installed yet that could be renewed.";
	if (failed > 0)
		return arena_printf(cx->arena, "%zu renewal%s failed and %s tried again.", failed,
		    failed == 1 ? "" : "s", failed == 1 ? "is" : "are");
	if (alone == n)
		return n == 1 ? "The certificate is renewed by itself."
			      : "All certificates are renewed by themselves.";
	return arena_printf(cx->arena, "%zu of %zu certificates %s renewed by %s.", alone, n,
	    alone == 1 ? "is" : "are", alone == 1 ? "itself" : "themselves");
}

static int
renewals_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct renewal_query q = { .text = request_query(rq, "text"), .limit = PAGE_MAX };
	json_t *all = json_array(), *o;
	struct renewal *list;
	size_t n;
	bool more;

	json_object_set_new(view, "renewals", all);
	if (op_renewal_list(cx, &q, &list, &n, &more) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_renewal(cx, rq, o, &list[i]);
	}
	put_bool(view, "more", more);
	if (in_system(cx))
		put_int(view, "under_way", (int64_t)renew_under_way(cx->house));
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status", status_words(cx, list, n));
	put_bool(view, "any", n > 0);
	put_text(view, "text", q.text == NULL ? "" : q.text);
	put_bool(view, "searched", q.text != NULL && q.text[0] != '\0');
	view_command(view, "certwright renewal list\n\nGET  /api/v1/renewals");
	return 0;
}

/* ---- one of them ----------------------------------------------------------------------- */

static void
put_form(struct ctx *cx, const struct request *rq, json_t *view, const struct renewal *r)
{
	put_bool(view, "acts", cx->actor.role >= ROLE_OPERATOR && r->installed);
	put_bool(view, "sets", cx->actor.role >= ROLE_TENANT_ADMIN);
	put_bool(view, "ours", r->installed && strcmp(r->row.state, "manual") != 0);
	put_text(view, "of", r->identity.name);
	json_object_set_new(view, "picks",
	    json_pack("{sb,sb}", "by_itself",
		request_chosen(rq, "by_itself", "yes", r->row.by_itself), "new_key",
		request_chosen(rq, "new_key", "yes", r->row.new_key)));
	view_form_value(
	    view, "days_left", arena_printf(cx->arena, "%lld", (long long)r->row.days_left));
	view_form_value(view, "hours", r->row.hours == NULL ? "any" : r->row.hours);
	view_command(view,
	    "certwright renewal show %s\ncertwright renewal set %s --hours 22:00-04:00\n"
	    "certwright renewal now %s\n\n"
	    "GET  /api/v1/renewals/%s\nPUT  /api/v1/renewals/%s  {\"hours\": \"22:00-04:00\"}\n"
	    "POST /api/v1/renewals/%s/now",
	    r->identity.name, r->identity.name, r->identity.name, r->identity.name,
	    r->identity.name, r->identity.name);
}

static int
answer(struct ctx *cx, const struct request *rq, json_t *view, const struct renewal *r)
{
	put_renewal(cx, rq, view, r);
	if (rq->face == FACE_PORTAL)
		put_form(cx, rq, view, r);
	return 0;
}

static int
renewal_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct renewal r = { 0 };

	return op_renewal_load(cx, request_param(rq, "id"), &r) < 0 ? -1 : answer(cx, rq, view, &r);
}

static int
renewal_set(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct renewal_wish w = { .by_itself = request_field(rq, "by_itself"),
		.new_key = request_field(rq, "new_key"),
		.days_left = request_field(rq, "days_left"),
		.hours = request_field(rq, "hours") };
	struct renewal r = { 0 };

	return op_renewal_set(cx, request_param(rq, "id"), &w, &r) < 0 ? -1
								       : answer(cx, rq, view, &r);
}

static int
renewal_now(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct renewal r = { 0 };

	return op_renewal_now(cx, request_param(rq, "id"), &r) < 0 ? -1 : answer(cx, rq, view, &r);
}

static const struct route routes[] = {
	{ .name = "renewals",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = API,
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = renewals_show,
	    .template = "renewals",
	    .title = "Renewals",
	    .tab = "certificates",
	    .query = list_query,
	    .answer = "Renewals",
	    .summary = "What becomes of each certificate in use before it ends" },
	{ .name = "renewal",
	    .method = "GET",
	    .portal_path = ONE,
	    .api_path = API_ONE,
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = renewal_show,
	    .template = "renewal",
	    .title = "Renewal",
	    .tab = "certificates",
	    .answer = "Renewal",
	    .summary = "What becomes of the certificate of an identity before it ends" },
	{ .name = "renewal.set",
	    .method = "PUT",
	    .api_path = API_ONE,
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = renewal_set,
	    .fields = set_fields,
	    .audit = "renewal.set",
	    .answer = "Renewal",
	    .summary = "How its certificates are renewed" },
	{ .name = "renewal.set.portal",
	    .method = "POST",
	    .portal_path = ONE,
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = renewal_set,
	    .fields = set_fields,
	    .audit = "renewal.set",
	    .page = "renewal",
	    .then = PAGE "/{identity}",
	    .summary = "How its certificates are renewed" },
	{ .name = "renewal.now",
	    .method = "POST",
	    .portal_path = ONE "/now",
	    .api_path = API_ONE "/now",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = renewal_now,
	    .audit = "renewal.now",
	    .page = "renewal",
	    .then = PAGE "/{identity}",
	    .status = 202,
	    .answer = "Renewal",
	    .summary = "Renew its certificate now, in the background" },
};
const struct route_table page_renewal_routes = { routes, nitems(routes) };
