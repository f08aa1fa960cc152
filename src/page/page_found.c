/*
 * page_found.c - Found certificates: what servers out there present, what is in files
 */
#include "op/op_component.h"
#include "op/op_scan.h"
#include "page/page_component.h"
#include "page/page_people.h"
#include "page/page_procedure.h"

#define PAGE "/certificates/found"
#define API  "/found"

static const struct field scan_fields[] = { { "servers", "Servers", FIELD_LINES, 0, true, NULL,
						"HOST:PORT, one a line" },
	{ "starttls", "STARTTLS", FIELD_CHOICE, 8, false, "smtp", "smtp: TLS begins after it" },
	{ 0 } };
static const struct field file_fields[] = { { "name", "Name", FIELD_TEXT, SCAN_PLACE_MAX, true,
						NULL, "of the file" },
	{ "content", "Certificates", FIELD_LINES, LIMIT_BUNDLE, true, NULL,
	    "PEM, without a private key" },
	{ 0 } };

static const struct life {
	const char *name, *mark, *text;
} waiting = { "waiting", "note", "Waits" }, silent = { "not-seen", "off", "Not seen" },
  ended = { "ended", "bad", "Ended" }, soon = { "ends-soon", "warn", "Ends soon" },
  valid = { "valid", "good", "Valid" };

static const struct life *
life_of(const struct found_row *f, int64_t now)
{
	return f->due				    ? &waiting
	    : f->message != NULL || f->seen_at == 0 ? &silent
	    : now > f->not_after		    ? &ended
	    : f->not_after - now < SCAN_SOON_S	    ? &soon
						    : &valid;
}

static void
put_found(struct ctx *cx, const struct request *rq, json_t *o, const struct found_row *f)
{
	const struct life *l = life_of(f, cx->now);
	json_t *names = lines_array(cx, f->names == NULL ? "" : f->names);
	size_t n = json_array_size(names);

	put_text(o, "id", f->id);
	put_text(o, "place", f->place);
	put_text(o, "origin", f->origin);
	put_text(o, "starttls", f->starttls);
	put_text(o, "state", l->name);
	put_text(o, "message", f->message);
	put_text(o, "subject", f->subject);
	put_text(o, "issuer", f->issuer);
	json_object_set_new(o, "names", names);
	put_text(
	    o, "sha256", f->has_sha256 ? hex_of(cx->arena, f->sha256, sizeof(f->sha256)) : NULL);
	put_text(o, "identity", f->identity);
	put_time(cx, rq, o, "not_before", f->not_before);
	put_time(cx, rq, o, "not_after", f->not_after);
	json_object_set_new(o, "days_left",
	    f->not_after == 0 ? json_null() : json_integer(days_left(f->not_after, cx->now)));
	put_time(cx, rq, o, "seen", f->seen_at);
	if (rq->face == FACE_API)
		return;
	put_state(o, l->mark, l->text);
	put_text(o, "first_name", json_string_value(json_array_get(names, 0)));
	put_text(o, "more_names", n > 1 ? arena_printf(cx->arena, "and %zu more", n - 1) : NULL);
}

static int
put_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct found_row *list;
	size_t n, due = 0;

	json_object_set_new(view, "found", all);
	if (op_scan_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_found(cx, rq, o, &list[i]);
		due += list[i].due;
	}
	put_int(view, "waiting", (json_int_t)due);
	return 0;
}

static int
found_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	size_t n;

	if (put_list(cx, rq, view) < 0)
		return -1;
	if (rq->face == FACE_API)
		return 0;
	n = json_array_size(json_object_get(view, "found"));
	put_bool(view, "any", n > 0);
	put_bool(view, "scans", cx->actor.role == ROLE_SUPER);
	put_text(view, "status",
	    n == 0 ? "Nothing was looked for yet."
		   : arena_printf(cx->arena, "%zu place%s, what ends first comes first.", n,
			 n == 1 ? "" : "s"));
	view_command(view,
	    "certwright component scan HOST:PORT ...\ncertwright component scan /etc/ssl\n"
	    "certwright component found\ncertwright component forget ID\n\n"
	    "GET    /api/v1/found\nPOST   /api/v1/found  {\"servers\": [\"HOST:PORT\"]}\n"
	    "POST   /api/v1/found/files  {\"name\": \"shop.pem\", \"content\": \"PEM\"}\n"
	    "DELETE /api/v1/found/ID");
	return 0;
}

static int
found_scan(struct ctx *cx, const struct request *rq, json_t *view)
{
	size_t n;

	return op_scan_servers(cx, field_text(rq, "servers"), field_text(rq, "starttls"), &n) < 0
	    ? -1
	    : put_list(cx, rq, view);
}

static int
found_file(struct ctx *cx, const struct request *rq, json_t *view)
{
	size_t n;

	if (op_scan_file(cx, field_text(rq, "name"), field_text(rq, "content"), &n) < 0)
		return -1;
	put_int(view, "certificates", (json_int_t)n);
	return 0;
}

static int
found_forget(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_scan_forget(cx, request_param(rq, "id"));
}

static const struct route routes[] = {
	{ .name = "found",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = API,
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = found_show,
	    .template = "found",
	    .title = "Found certificates",
	    .tab = "components",
	    .answer = "FoundList",
	    .summary = "Certificates that servers out there presented, or that are in files" },
	{ .name = "found.scan",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = API,
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = found_scan,
	    .fields = scan_fields,
	    .audit = "component.scan",
	    .page = "found",
	    .then = PAGE,
	    .status = 202,
	    .answer = "FoundList",
	    .summary = "Ask servers which certificate they present, one after another" },
	{ .name = "found.file",
	    .method = "POST",
	    .api_path = API "/files",
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = found_file,
	    .fields = file_fields,
	    .audit = "component.scan",
	    .limit = 2 * LIMIT_BUNDLE,
	    .status = 201,
	    .answer = "FoundFile",
	    .summary = "Note the certificates of a file; a private key is refused" },
	{ .name = "found.forget",
	    .method = "DELETE",
	    .api_path = API "/{id}",
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = found_forget,
	    .audit = "component.forget",
	    .answer = "Nothing",
	    .summary = "Take it off the inventory" },
	{ .name = "found.forget.portal",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/forget",
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = found_forget,
	    .audit = "component.forget",
	    .page = "found",
	    .then = PAGE,
	    .summary = "Take it off the inventory" },
};
const struct route_table page_found_routes = { routes, nitems(routes) };
