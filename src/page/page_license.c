/*
 * page_license.c - System License: what this is, and whose work is in it
 */
#include "op/op_about.h"
#include "page/page_people.h"

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
	struct about a;

	json_object_set_new(view, "notices", all);
	if (op_about(cx, &a) < 0)
		return -1;
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
	view_command(view, "certwright status\n\nGET /api/v1/status");
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
};
const struct route_table page_license_routes = { routes, nitems(routes) };
