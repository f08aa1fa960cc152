/*
 * io.h - whole files and whole reads, and nothing half-done
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* Read all of a file of at most `max` bytes; "-" is standard input. */
int	file_read(struct buf *out, const char *path, size_t max, struct err *);
/*
 * Temporary name in the same folder, fsync, rename, fsync of the folder:
 * the file is the old one or the new one, never a part.
 */
int	file_write(const char *path, const void *, size_t, unsigned mode,
	    struct err *);
int	read_full(int fd, void *, size_t);		/* 0, or -1 (errno; 0 = end) */
int	write_full(int fd, const void *, size_t);
