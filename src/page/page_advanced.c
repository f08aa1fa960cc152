/*
 * page_advanced.c - Settings, Security, Advanced: the bundle and the reset
 *
 * Both are made on the machine (docs/bundle.md): the page says how, and what was
 * planned.
 */
#include "base/config.h"
#include "op/op_backup.h"
#include "page/page_backup.h"
#include "page/page_people.h"

int
put_next_start(struct ctx *cx, json_t *view)
{
	struct next n;
	json_t *o;
	int r = op_backup_next(cx, &n);

	if (r < 0)
		return -1;
	json_object_set_new(view, "next", o = r == 0 ? json_null() : json_object());
	if (r == 0)
		return 0;
	put_text(o, "what", n.what);
	if (n.discard)
		json_object_set_new(o, "kept", json_null());
	else
		put_text(o, "kept", n.aside);
	return 0;
}

static int
advanced_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	int64_t at;

	if (op_backup_last(cx, "bundle.export", &at) < 0 || put_next_start(cx, view) < 0)
		return -1;
	if (at == 0)
		json_object_set_new(view, "last_bundle", json_null());
	else
		put_time(cx, rq, view, "last_bundle", at);
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status",
	    at == 0 ? "No security bundle was made yet."
		    : arena_printf(cx->arena, "The last security bundle was made %s.",
			  time_relative(cx->arena, at, cx->now)));
	put_text(view, "data_dir", cx->config->data_dir);
	view_command(view,
	    "certwright bundle export -o FILE --passphrase-file SECRET\n"
	    "certwright bundle verify FILE --passphrase-file SECRET\n"
	    "certwright bundle import FILE --passphrase-file SECRET\n"
	    "certwright bundle reset HOSTNAME -o FILE --passphrase-file SECRET\n\n"
	    "GET  /api/v1/bundles\nPOST /api/v1/restore/cancel");
	return 0;
}

/* The command line makes the bundle: the rest of it is not for us to see. */
static int
bundle_export(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct backup b;

	if (op_backup_create(cx, "bundle.export", &b) < 0)
		return -1;
	put_backup(cx, rq, view, &b);
	return 0;
}

static int
next_cancelled(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_backup_next_cancel(cx);
}

#define PAGE "/settings/security/advanced"

static const struct route routes[] = {
	{ .name = "advanced",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/bundles",
	    .capability = CAP_SUPER,
	    .handler = advanced_show,
	    .template = "advanced",
	    .title = "Advanced",
	    .tab = "settings",
	    .menu = "advanced",
	    .answer = "Advanced",
	    .summary = "When a security bundle was made last, and what the next start does" },
	{ .name = "bundle.export",
	    .method = "POST",
	    .api_path = "/bundles",
	    .capability = CAP_SUPER,
	    .handler = bundle_export,
	    .audit = "bundle.export",
	    .status = 201,
	    .answer = "Backup",
	    .summary = "Copy the database for a security bundle, which the command line makes" },
	{ .name = "next.cancel",
	    .method = "POST",
	    .portal_path = PAGE "/cancel",
	    .capability = CAP_SUPER,
	    .handler = next_cancelled,
	    .audit = "restore.cancel",
	    .page = "advanced",
	    .then = PAGE,
	    .summary = "The next start changes nothing in the data directory" },
};
const struct route_table page_advanced_routes = { routes, nitems(routes) };
