/*
 * backup_restore.c - a backup is the database of the next start
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "op/backup_file.h"
#include "op/op_sheet.h"
#include "store/store.h"

#define PIECE 65536

/* Its database without the line behind it, on stable storage. */
static int
copy_database(struct ctx *cx, const struct backup *b)
{
	AUTO_CLOSE int from = open(backup_path(cx, b->name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	AUTO_CLOSE int to = next_create(AT_FDCWD, NEXT_DATABASE);
	unsigned char *piece = arena_alloc(cx->arena, PIECE);
	size_t n;

	if (from < 0 || to < 0)
		return err_errno(&cx->err, "copy the backup");
	for (int64_t left = b->size; left > 0; left -= (int64_t)n) {
		n = left > PIECE ? PIECE : (size_t)left;
		if (read_full(from, piece, n) < 0 || write_full(to, piece, n) < 0)
			return err_errno(&cx->err, "copy the backup");
	}
	return fsync(to) < 0 ? err_errno(&cx->err, "keep the copy of the backup") : 0;
}

static int
not_whole(struct ctx *cx, const struct backup_state *s)
{
	err_set(&cx->err, R_BACKUP_NOT_WHOLE, NULL, "the backup is not put back: %s", s->message);
	return err_hint(&cx->err, "take another one: `certwright backup list`");
}

static int
plan(struct ctx *cx, const struct backup *b, struct next *n)
{
	next_init(n, cx->now, arena_printf(cx->arena, "the backup %s", b->name));
	n->since = b->made_at;
	n->becomes[NEXT_WAL] = n->becomes[NEXT_SHM] = NEXT_TAKEN;
	n->becomes[NEXT_DATABASE] = NEXT_BROUGHT;
	if (db_begin(cx) < 0 ||
	    audit(cx, "backup.restore", b->name,
		json_text(cx, json_pack("{ss,ss}", "sha256", b->sha256, "aside", n->aside))) < 0 ||
	    next_save(AT_FDCWD, n, &cx->err) < 0)
		return -1;
	return db_commit(cx);
}

int
op_backup_restore(struct ctx *cx, const char *name, struct next *n)
{
	struct backup_state state;
	struct backup b;
	int r;

	if (op_backup_verify(cx, name, &state) < 0)
		return -1;
	if (!state.whole)
		return not_whole(cx, &state);
	if (op_backup_load(cx, name, &b) < 0 || backup_take_turn(cx) < 0)
		return -1;
	r = next_cancel(AT_FDCWD, &cx->err) < 0 || copy_database(cx, &b) < 0 || plan(cx, &b, n) < 0
	    ? -1
	    : 0;
	if (r < 0)
		next_cancel(AT_FDCWD, &(struct err){ 0 });
	backup_end_turn();
	return r;
}

int
op_backup_next(struct ctx *cx, struct next *n)
{
	return next_load(AT_FDCWD, n, &cx->err);
}

int
op_backup_next_cancel(struct ctx *cx)
{
	struct next n;
	int r = op_backup_next(cx, &n);

	if (r < 0)
		return -1;
	if (r == 0) {
		err_set(&cx->err, R_NEXT_NONE, NULL, "nothing is planned for the next start");
		return err_hint(&cx->err, "`certwright backup restore NAME` plans something");
	}
	if (db_begin(cx) < 0 ||
	    audit(cx, "restore.cancel", n.aside, json_text(cx, json_pack("{ss}", "what", n.what))) <
		0 ||
	    next_cancel(AT_FDCWD, &cx->err) < 0)
		return -1;
	return db_commit(cx);
}
