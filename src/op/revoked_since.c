/*
 * revoked_since.c - what was revoked since a backup stays revoked
 */
#include <fcntl.h>
#include <stdio.h>

#include "base/log.h"
#include "base/next.h"
#include "op/op_revoke.h"
#include "op/revoked_since.h"
#include "store/store.h"
#include "x509/crl.h"

#define OVERLAP_S 60 /* what is in the backup already is no harm */

static void
put_line(void *arg, const char *serial, int64_t at, int reason)
{
	buf_printf(arg, "%s %s\n", serial, crl_reason_name((enum crl_reason)reason));
}

/* A line each, "SERIAL REASON". */
static int
ask_the_one_before(struct ctx *cx, const struct next *done, struct buf *lines)
{
	const char *path = arena_printf(cx->arena, "%s/%s", done->aside, next_name(NEXT_DATABASE));
	struct ctx before = *cx;
	struct db *db;
	int r;

	if (db_open_copy(&db, path, &cx->err) < 0)
		return -1;
	before.db = db_attach(db);
	r = store_issued_each_revoked_since(
	    &before, done->since - OVERLAP_S, cx->now, put_line, lines);
	db_detach(before.db);
	db_close(db);
	cx->err = before.err;
	return r;
}

/* 1: it was not revoked in this database. One that is not in it was never valid here. */
static int
revoke_again(struct ctx *cx, char *line)
{
	char *reason = strchr(line, ' ');
	struct issued_row row;

	if (reason == NULL)
		return 0;
	*reason++ = '\0';
	if (op_revoke(cx, &(struct issued_which){ .serial = line }, reason, &row) == 0)
		return 1;
	db_rollback(cx);
	if (cx->err.kind == ERR_INTERNAL || cx->err.kind == ERR_UNAVAILABLE)
		return -1;
	if (cx->err.refusal != R_REVOKED && cx->err.refusal != R_NOT_FOUND)
		log_warn(
		    "certificate %s was revoked, and cannot be again: %s", line, cx->err.message);
	err_clear(&cx->err);
	return 0;
}

static int
revoke_all(struct ctx *cx, char *lines)
{
	char *line;
	int r = 0, n = 0;

	while (r >= 0 && (line = strsep(&lines, "\n")) != NULL && line[0] != '\0') {
		r = revoke_again(cx, line);
		n += r > 0;
		arena_reset(cx->arena);
	}
	if (n > 0)
		log_info("%d certificates were revoked since the backup, and are again", n);
	return r < 0 ? -1 : 0;
}

static void
not_known(struct ctx *cx)
{
	log_warn("what was revoked since what was put back is not known: %s; revoke it again",
	    cx->err.message);
	err_clear(&cx->err);
}

int
revoked_since_again(struct ctx *cx)
{
	AUTO_BUF struct buf lines = { 0 };
	struct next done;
	int r = next_done(AT_FDCWD, &done, &cx->err);

	if (r == 0)
		return 0;
	if (r < 0 || ask_the_one_before(cx, &done, &lines) < 0) {
		not_known(cx);
	} else {
		buf_put(&lines, "", 1);
		if (revoke_all(cx, (char *)lines.data) < 0)
			return -1;
	}
	return next_forget(AT_FDCWD, &cx->err);
}
