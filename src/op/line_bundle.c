/*
 * line_bundle.c - a file is read in its line
 */
#include "op/line.h"

int
line_bundle(struct ctx *cx, const struct reader_file *files, size_t n, const char *passphrase,
    struct reader_bundle *out)
{
	int r;

	if (line_enter(cx, LINE_FILES) < 0)
		return -1;
	r = readers_bundle(cx->readers, files, n, passphrase, cx->arena, out, &cx->err);
	line_leave(cx, LINE_FILES);
	return r;
}
