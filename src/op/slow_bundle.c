/*
 * slow_bundle.c - a file is read, as one of so many
 */
#include "op/slow.h"

int
slow_bundle(struct ctx *cx, const struct reader_file *files, size_t n, const char *passphrase,
    struct reader_bundle *out)
{
	int r;

	if (slow_enter(cx, SLOW_FILES) < 0)
		return -1;
	r = readers_bundle(cx->readers, files, n, passphrase, cx->arena, out, &cx->err);
	slow_leave(cx, SLOW_FILES);
	return r;
}
