/*
 * page_backup.c - Settings, System: backups of the database
 */
#include "op/op_restored.h"
#include "page/page_backup.h"
#include "page/page_people.h"

void
put_backup(struct ctx *cx, const struct request *rq, json_t *o, const struct backup *b)
{
	put_text(o, "name", b->name);
	put_text(o, "file", arena_printf(cx->arena, "backup-%s.db", b->name));
	put_time(cx, rq, o, "made", b->made_at);
	put_int(o, "size", b->size);
	put_text(o, "sha256", b->sha256);
	put_int(o, "schema", b->schema);
	put_int(o, "events", b->events);
	put_text(o, "head", b->head);
	put_text(o, "instance", b->instance);
	if (rq->face == FACE_PORTAL)
		put_text(o, "size_text",
		    arena_printf(cx->arena, "%.1f MiB", (double)b->size / (1024 * 1024)));
}

static int
backups_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct restored r;
	struct backup *v;
	size_t n;

	op_restored_state(&r);
	put_bool(view, "stopped", r.stopped);
	json_object_set_new(view, "backups", all);
	if (op_backup_list(cx, &v, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_backup(cx, rq, o, &v[i]);
	}
	if (put_next_start(cx, view) < 0)
		return -1;
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status",
	    n == 0 ? "There is no backup yet."
		   : arena_printf(cx->arena, "The newest backup was made %s.",
			 time_relative(cx->arena, v[0].made_at, cx->now)));
	view_command(view,
	    "certwright backup create\ncertwright backup list\ncertwright backup verify NAME\n"
	    "certwright backup restore NAME\ncertwright backup delete NAME\n\n"
	    "POST   /api/v1/backups\nGET    /api/v1/backups\n"
	    "POST   /api/v1/backups/NAME/verify\nPOST   /api/v1/backups/NAME/restore\n"
	    "DELETE /api/v1/backups/NAME");
	return 0;
}

static int
backup_restore(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct next n;

	if (op_backup_restore(cx, request_param(rq, "name"), &n) < 0)
		return -1;
	put_text(view, "what", n.what);
	put_text(view, "kept", n.aside);
	return 0;
}

static int
restore_cancel(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_backup_next_cancel(cx);
}

static int
restore_confirm(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct restored r;

	if (op_restored_confirm(cx) < 0)
		return -1;
	op_restored_state(&r);
	put_bool(view, "stopped", r.stopped);
	put_int(view, "events", r.events);
	put_int(view, "anchored", r.anchored);
	return 0;
}

static int
backup_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct backup b;

	if (op_backup_load(cx, request_param(rq, "name"), &b) < 0)
		return -1;
	put_backup(cx, rq, view, &b);
	return 0;
}

static int
backup_create(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct backup b;

	if (op_backup_create(cx, "backup.create", &b) < 0)
		return -1;
	put_backup(cx, rq, view, &b);
	return 0;
}

static int
backup_verify(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name = request_param(rq, "name");
	struct backup_state s;

	if (op_backup_verify(cx, name, &s) < 0)
		return -1;
	put_text(view, "name", name);
	put_bool(view, "whole", s.whole);
	put_text(view, "message", s.message);
	put_int(view, "events", s.events);
	put_int(view, "keys", s.keys);
	if (rq->face == FACE_PORTAL)
		put_state(view, s.whole ? "good" : "bad", s.whole ? "Whole" : "Not whole");
	return 0;
}

static int
backup_delete(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_backup_delete(cx, request_param(rq, "name"));
}

#define PAGE "/settings/system"

static const struct route routes[] = {
	{ .name = "backups",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/backups",
	    .capability = CAP_SUPER,
	    .handler = backups_show,
	    .template = "system",
	    .title = "System",
	    .tab = "settings",
	    .menu = "system",
	    .answer = "Backups",
	    .summary = "The backups in the data directory, newest first" },
	{ .name = "backup",
	    .method = "GET",
	    .api_path = "/backups/{name}",
	    .capability = CAP_SUPER,
	    .handler = backup_show,
	    .answer = "Backup",
	    .summary = "One backup" },
	{ .name = "backup.create",
	    .method = "POST",
	    .portal_path = PAGE "/backups",
	    .api_path = "/backups",
	    .capability = CAP_SUPER,
	    .handler = backup_create,
	    .audit = "backup.create",
	    .page = "backups",
	    .then = PAGE,
	    .status = 201,
	    .answer = "Backup",
	    .summary = "Copy the database into the data directory, while all goes on" },
	{ .name = "backup.verify",
	    .method = "POST",
	    .portal_path = PAGE "/backups/{name}/verify",
	    .api_path = "/backups/{name}/verify",
	    .capability = CAP_SUPER,
	    .handler = backup_verify,
	    .template = "backup-check",
	    .title = "System",
	    .tab = "settings",
	    .menu = "system",
	    .audit = "backup.verify",
	    .page = "backups",
	    .answer = "BackupCheck",
	    .summary = "Is a backup whole, and does each key in it open?" },
	{ .name = "backup.restore",
	    .method = "POST",
	    .portal_path = PAGE "/backups/{name}/restore",
	    .api_path = "/backups/{name}/restore",
	    .capability = CAP_SUPER,
	    .handler = backup_restore,
	    .audit = "backup.restore",
	    .page = "backups",
	    .then = PAGE,
	    .answer = "NextStart",
	    .summary = "From the next start on the database is the one of this backup" },
	{ .name = "restore.cancel",
	    .method = "POST",
	    .portal_path = PAGE "/cancel",
	    .api_path = "/restore/cancel",
	    .capability = CAP_SUPER,
	    .handler = restore_cancel,
	    .audit = "restore.cancel",
	    .page = "backups",
	    .then = PAGE,
	    .answer = "Nothing",
	    .summary = "The next start changes nothing in the data directory" },
	{ .name = "restore.confirm",
	    .method = "POST",
	    .portal_path = PAGE "/confirm",
	    .api_path = "/restore/confirm",
	    .capability = CAP_SUPER,
	    .handler = restore_confirm,
	    .audit = "restore.confirm",
	    .page = "backups",
	    .then = PAGE,
	    .answer = "Restored",
	    .summary = "The database that was put back is the one to go on with" },
	{ .name = "backup.delete",
	    .method = "DELETE",
	    .api_path = "/backups/{name}",
	    .capability = CAP_SUPER,
	    .handler = backup_delete,
	    .audit = "backup.delete",
	    .answer = "Nothing",
	    .summary = "Remove a backup" },
	{ .name = "backup.delete.portal",
	    .method = "POST",
	    .portal_path = PAGE "/backups/{name}/delete",
	    .capability = CAP_SUPER,
	    .handler = backup_delete,
	    .audit = "backup.delete",
	    .page = "backups",
	    .then = PAGE,
	    .summary = "Remove a backup" },
};
const struct route_table page_backup_routes = { routes, nitems(routes) };
