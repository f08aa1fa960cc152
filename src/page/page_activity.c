/*
 * page_activity.c - the audit: list, search, export, verify
 */
#include "op/op_about.h"
#include "op/op_audit.h"
#include "op/op_tenant.h"
#include "page/page_people.h"

/* The daemon itself has no role of people. */
static const char *
role_words(const char *role)
{
	return role_of(role) == ROLE_NONE ? role : role_label(role_of(role));
}

#define SHOWN 16 /* characters of a digest that are shown */

static bool
is_hex(const char *s)
{
	return strlen(s) > SHOWN && s[strspn(s, "0123456789abcdef")] == '\0';
}

/* A member of a detail; of a digest the beginning. */
static const char *
value_words(struct ctx *cx, const json_t *v)
{
	const char *text = json_string_value(v);
	char *other;

	if (text != NULL)
		return is_hex(text) ? arena_printf(cx->arena, "%.*s…", SHOWN, text) : text;
	other = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	text = arena_strdup(cx->arena, other == NULL ? "" : other);
	free(other);
	return text;
}

/* {"generation":2,"type":"ec:P-256"} as "generation 2, type ec:P-256" */
static const char *
detail_words(struct ctx *cx, const json_t *detail)
{
	const char *name, *all = "";
	json_t *v;

	json_object_foreach ((json_t *)(uintptr_t)detail, name, v)
		all = arena_printf(cx->arena, "%s%s%s %s", all, all[0] == '\0' ? "" : ", ", name,
		    value_words(cx, v));
	return all;
}

static void
put_of_tenant(struct ctx *cx, json_t *o, const char *id)
{
	IN_TENANT(cx, id);

	put_text(o, "of_tenant", op_tenant_name(cx));
}

static void
put_event(struct ctx *cx, const struct request *rq, json_t *o, const struct audit_row *r)
{
	json_t *detail = r->detail == NULL ? NULL : json_loads(r->detail, 0, NULL);
	bool done = strcmp(r->outcome, "done") == 0;

	put_int(o, "sequence", r->sequence);
	put_time(cx, rq, o, "at", r->at_ms / 1000);
	put_text(o, "tenant", r->tenant);
	put_text(o, "actor", r->actor);
	put_text(o, "role", r->role);
	put_text(o, "source", r->source);
	put_text(o, "action", r->action);
	put_text(o, "object", r->object);
	put_text(o, "outcome", r->outcome);
	json_object_set_new(o, "detail", detail == NULL ? json_null() : detail);
	put_text(o, "hash", hex_of(cx->arena, r->hash, sizeof(r->hash)));
	if (rq->face == FACE_API)
		return;
	put_bool(o, "done", done);
	put_text(o, "role_text", role_words(r->role));
	if (in_system(cx) && strcmp(r->tenant, TENANT_SYSTEM) != 0)
		put_of_tenant(cx, o, r->tenant);
	put_text(o, "detail_text", detail_words(cx, detail));
	put_state(o, done ? "good" : "warn", done ? "Done" : "Refused");
}

static int64_t
number(const char *text)
{
	return text == NULL ? 0 : strtoll(text, NULL, 10);
}

static int
events(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct audit_query q = {
		.before = number(request_query(rq, "before")),
		.text = request_query(rq, "text"),
		.limit = (size_t)number(request_query(rq, "limit")),
	};
	json_t *all = json_array(), *o;
	struct audit_row *rows;
	bool more = false;
	size_t n;

	json_object_set_new(view, "events", all);
	if (op_audit_list(cx, &q, &rows, &n, &more) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_event(cx, rq, o, &rows[i]);
	}
	put_bool(view, "more", more);
	if (rq->face == FACE_PORTAL) {
		put_text(view, "text", q.text == NULL ? "" : q.text);
		put_text(view, "older",
		    more && n > 0 ? arena_printf(cx->arena, "before=%lld&text=%s",
					(long long)rows[n - 1].sequence,
					url_encode(cx->arena, q.text == NULL ? "" : q.text))
				  : NULL);
		put_bool(view, "paged", q.before > 0);
	}
	return 0;
}

static void
put_verified(json_t *view, const struct audit_state *s)
{
	put_text(view, "verdict", s->whole ? "whole" : "broken");
	put_bool(view, "whole", s->whole);
	put_int(view, "events", s->events);
	put_int(view, "anchored", s->anchored);
	put_text(view, "head", s->head);
	put_text(view, "message", s->message);
	if (s->place == 0)
		put_text(view, "place", NULL);
	else
		put_int(view, "place", s->place);
}

static int
audit_verify(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct audit_state s;

	if (op_audit_verify(cx, &s) < 0)
		return -1;
	put_verified(view, &s);
	return 0;
}

static int
activity_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *verified = json_object();
	struct about a;

	json_object_set_new(view, "verified",
	    request_query(rq, "verify") == NULL ? json_null() : json_incref(verified));
	json_decref(verified);
	if (events(cx, rq, view) < 0)
		return -1;
	if (!in_system(cx)) {
		view_command(view, "certwright audit list\n\nGET /api/v1/audit?text=TEXT");
		return 0;
	}
	if (op_about(cx, &a) < 0)
		return -1;
	if (request_query(rq, "verify") != NULL && audit_verify(cx, rq, verified) < 0)
		return -1;
	put_int(view, "count", a.audit_sequence);
	put_int(view, "anchored", (int64_t)a.keeper.anchored_sequence);
	view_command(view,
	    "certwright audit list\ncertwright audit export -o audit.ndjson\n"
	    "certwright audit verify\ncertwright audit verify audit.ndjson --head HEAD\n\n"
	    "GET /api/v1/audit?text=TEXT\nGET /api/v1/audit/export\nGET /api/v1/audit/verify");
	return 0;
}

static int
audit_export(struct ctx *cx, const struct request *rq, json_t *view)
{
	AUTO_BUF struct buf b = { 0 };

	if (op_audit_export(cx, &b) < 0)
		return -1;
	view_download(view, "audit.ndjson", "application/x-ndjson", b.data, b.len);
	return 0;
}

static const struct field list_query[] = { { "limit", "Limit", FIELD_INT, 0, false, NULL,
					       "at most so many, up to 500; 50 by default" },
	{ "before", "Before", FIELD_INT, 0, false, NULL, "older than the one with this number" },
	{ "text", "Text", FIELD_TEXT, 0, false, NULL, "with this text in them" }, { 0 } };

static const struct route routes[] = {
	{ .name = "audit.list",
	    .method = "GET",
	    .api_path = "/audit",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = events,
	    .answer = "Events",
	    .query = list_query,
	    .summary = "Audit events, newest first" },
	{ .name = "activity",
	    .method = "GET",
	    .portal_path = "/activity",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = activity_show,
	    .template = "activity",
	    .title = "Activity",
	    .tab = "activity",
	    .summary = "Audit events" },
	{ .name = "audit.export",
	    .method = "GET",
	    .portal_path = "/activity/export",
	    .api_path = "/audit/export",
	    .capability = CAP_READ,
	    .handler = audit_export,
	    .template = "activity",
	    .title = "Activity",
	    .tab = "activity",
	    .answer = "application/x-ndjson",
	    .summary = "All events as NDJSON, the last line a signed head" },
	{ .name = "audit.verify",
	    .method = "GET",
	    .api_path = "/audit/verify",
	    .capability = CAP_READ,
	    .handler = audit_verify,
	    .answer = "AuditState",
	    .summary = "Walk the chain and compare with the keeper's journal" },
};
const struct route_table page_activity_routes = { routes, nitems(routes) };
