/*
 * revoked_since.c - what was revoked since a backup stays revoked
 *
 * next.revoked: a line each, "SERIAL REASON".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "op/op_revoke.h"
#include "op/revoked_since.h"
#include "store/store.h"
#include "x509/crl.h"

#define LINE_MAX_BYTES 128

static void
put_line(void *arg, const char *serial, int64_t at, int reason)
{
	buf_printf(arg, "%s %s\n", serial, crl_reason_name((enum crl_reason)reason));
}

int
revoked_since_keep(struct ctx *cx, int64_t since)
{
	AUTO_BUF struct buf all = { 0 };

	if (store_issued_each_revoked_since(cx, since, cx->now, put_line, &all) < 0)
		return -1;
	return all.len == 0 ? 0 : file_write(NEXT_REVOKED, all.data, all.len, 0600, &cx->err);
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
	if (cx->err.refusal != R_REVOKED)
		log_warn(
		    "certificate %s was revoked, and cannot be again: %s", line, cx->err.message);
	err_clear(&cx->err);
	return 0;
}

int
revoked_since_again(struct ctx *cx)
{
	FILE *f = fopen(NEXT_REVOKED, "re");
	char line[LINE_MAX_BYTES];
	int r = 0, n = 0;

	if (f == NULL)
		return errno == ENOENT ? 0 : err_errno(&cx->err, "read " NEXT_REVOKED);
	while (r >= 0 && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		r = revoke_again(cx, line);
		n += r > 0;
		arena_reset(cx->arena);
	}
	fclose(f);
	if (r < 0)
		return -1;
	if (n > 0)
		log_info("%d certificates were revoked since the backup, and are again", n);
	return unlink(NEXT_REVOKED) < 0 ? err_errno(&cx->err, "remove " NEXT_REVOKED) : 0;
}
