/*
 * page_license.c - System License: the licence that is here, what this is, and
 * whose work is in it
 */
#include <stdio.h>

#include "base/limits.h"
#include "op/op_about.h"
#include "op/op_license.h"
#include "page/page_people.h"

/* More than a licence may have, so that of one too large it is said that it is none. */
#define CONTENT_MAX (4 * LIMIT_LICENSE)

static const struct field api_fields[] = {
	{ "content", "Licence", FIELD_LINES, CONTENT_MAX, true, NULL, "base64 of the file" },
	{ 0 },
};
static const struct field portal_fields[] = {
	{ "files", "Licence file", FIELD_FILES, LIMIT_BUNDLE, false, NULL,
	    "as the vendor sent it" },
	{ 0 },
};

/* ---- the licence ----------------------------------------------------------------- */

static void
put_limit(json_t *o, const char *member, const struct license_state *s, int64_t limit)
{
	json_object_set_new(o, member, s->valid && limit >= 0 ? json_integer(limit) : json_null());
}

static const char *
use_words(struct ctx *cx, int64_t used, int64_t limit)
{
	return limit < 0
	    ? arena_printf(cx->arena, "%lld; the licence sets no limit", (long long)used)
	    : arena_printf(cx->arena, "%lld of %lld", (long long)used, (long long)limit);
}

static void
put_license(struct ctx *cx, const struct request *rq, json_t *o, const struct license_state *s)
{
	const struct license *l = &s->license;

	put_bool(o, "configured", s->configured);
	put_bool(o, "uploaded", s->there);
	put_bool(o, "valid", s->valid);
	put_bool(o, "expired", s->expired);
	put_text(o, "message", s->why);
	put_text(o, "licensee", s->valid ? l->licensee : NULL);
	put_text(o, "expires", s->valid ? l->expires : NULL);
	put_limit(o, "max_tenants", s, l->tenants);
	put_limit(o, "max_components", s, l->components);
	put_int(o, "tenants", s->tenants);
	put_int(o, "components", s->components);
	if (rq->face == FACE_API || !s->valid)
		return;
	put_state(o, s->expired ? "warn" : "good", s->expired ? "Ended" : "In force");
	put_text(o, "tenants_use", use_words(cx, s->tenants, l->tenants));
	put_text(o, "components_use", use_words(cx, s->components, l->components));
}

static int
license_read_api(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct license_state s;

	if (op_license_load(cx, &s) < 0)
		return -1;
	put_license(cx, rq, view, &s);
	return 0;
}

/* Stand the error beside the control that the file came through. */
static int
blame(struct ctx *cx, const char *field)
{
	if (cx->err.kind != ERR_INTERNAL)
		snprintf(cx->err.field, sizeof(cx->err.field), "%s", field);
	return -1;
}

static int
license_upload_api(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *content = field_text(rq, "content");
	struct license_state s;
	unsigned char *data;
	size_t len;

	if (base64_decode(cx->arena, content, strlen(content), false, &data, &len) < 0)
		return err_set(&cx->err, R_NOT_BASE64, "content",
		    "the content is not base64 (RFC 4648 section 4, no line breaks)");
	if (op_license_upload(cx, data, len, &s) < 0)
		return blame(cx, "content");
	put_license(cx, rq, view, &s);
	return 0;
}

static int
license_upload_portal(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct upload *up = request_file(rq, "files", 0);
	struct license_state s;

	if (up == NULL) {
		err_set(&cx->err, R_FIELD_REQUIRED, "files", "there is no file");
		return err_hint(&cx->err, "choose the licence that the vendor sent");
	}
	return op_license_upload(cx, up->data, up->len, &s) < 0 ? blame(cx, "files") : 0;
}

/* ---- the page -------------------------------------------------------------------- */

/* Several identities: whose names a line has, and where its certificate is. */
static void
put_coverage(struct ctx *cx, const struct request *rq, json_t *view, const struct about *a)
{
	json_t *all = json_array(), *o;

	json_object_set_new(view, "coverage", all);
	for (size_t i = 0; i < a->nnames; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "identity", a->nnames > 1 ? a->names[i].identity : NULL);
		put_text(o, "href",
		    arena_printf(cx->arena, "/settings/security/certificate?identity=%s",
			url_encode(cx->arena, a->names[i].identity)));
		put_text(o, "names", a->names[i].names[0] == '\0' ? NULL : a->names[i].names);
		put_text(o, "covered_by", a->names[i].covered_by);
		put_bool(o, "self_signed", a->names[i].self_signed);
		put_time(cx, rq, o, "not_after", a->names[i].not_after);
	}
}

static int
license_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct license_state s;
	struct about a;

	json_object_set_new(view, "notices", all);
	if (op_about(cx, &a) < 0 || op_license_load(cx, &s) < 0)
		return -1;
	json_object_set_new(view, "license", o = json_object());
	put_license(cx, rq, o, &s);
	put_bool(view, "uploads", s.configured && cx->actor.role == ROLE_SUPER);
	put_text(view, "version", a.version);
	put_text(view, "instance", a.instance);
	put_text(view, "openssl", a.openssl);
	put_text(view, "database", a.database);
	put_text(view, "sandbox_front", a.sandbox);
	put_text(view, "sandbox_keeper", a.keeper.sandbox);
	put_int(view, "accounts", a.accounts);
	put_time(cx, rq, view, "started", a.started_at);
	put_coverage(cx, rq, view, &a);
	for (size_t i = 0; i < nnotices; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "name", notices[i].name);
		put_text(o, "licence", notices[i].licence);
		put_text(o, "use", notices[i].use);
	}
	view_command(view,
	    "certwright license show\ncertwright license upload FILE\ncertwright status\n\n"
	    "GET /api/v1/license\n"
	    "PUT /api/v1/license  {\"content\": \"BASE64\"}\n"
	    "GET /api/v1/status");
	return 0;
}

static const struct route routes[] = {
	{ .name = "license",
	    .method = "GET",
	    .portal_path = "/settings",
	    .capability = CAP_READ,
	    .handler = license_show,
	    .template = "license",
	    .title = "Upload System License",
	    .tab = "settings",
	    .menu = "license",
	    .summary = "What this system is, and licence notices" },
	{ .name = "license.read",
	    .method = "GET",
	    .api_path = "/license",
	    .capability = CAP_READ,
	    .handler = license_read_api,
	    .answer = "License",
	    .summary = "The licence that is here, what it allows, and what is used" },
	{ .name = "license.upload",
	    .method = "PUT",
	    .api_path = "/license",
	    .capability = CAP_SUPER,
	    .handler = license_upload_api,
	    .fields = api_fields,
	    .audit = "license.upload",
	    .answer = "License",
	    .summary = "Upload a licence in place of the one before" },
	{ .name = "license.upload.portal",
	    .method = "POST",
	    .portal_path = "/settings",
	    .capability = CAP_SUPER,
	    .handler = license_upload_portal,
	    .fields = portal_fields,
	    .audit = "license.upload",
	    .page = "license",
	    .then = "/settings",
	    .limit = LIMIT_BODY,
	    .summary = "Upload a licence in place of the one before" },
};
const struct route_table page_license_routes = { routes, nitems(routes) };
