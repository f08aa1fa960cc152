/*
 * io.c - whole files and whole reads, and nothing half-done
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"

void
auto_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

int
read_full(int fd, void *p, size_t n)
{
	char *o = p;
	ssize_t got;

	while (n > 0) {
		got = read(fd, o, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = 0;
		if (got <= 0)
			return -1;
		o += got;
		n -= (size_t)got;
	}
	return 0;
}

int
write_full(int fd, const void *p, size_t n)
{
	const char *o = p;
	ssize_t put;

	while (n > 0) {
		put = write(fd, o, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		o += put;
		n -= (size_t)put;
	}
	return 0;
}

int
file_read(struct buf *out, const char *path, size_t max, struct err *e)
{
	AUTO_CLOSE int fd = -1;
	unsigned char piece[4096];
	ssize_t n;

	if (strcmp(path, "-") == 0)
		fd = dup(STDIN_FILENO);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_errno(e, "read %s", path);
	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read %s", path);
		if (out->len + (size_t)n > max)
			return err_set(
			    e, R_FILE_TOO_BIG, NULL, "%s is larger than %zu bytes", path, max);
		buf_put(out, piece, (size_t)n);
	}
	explicit_bzero(piece, sizeof(piece));
	return 0;
}

static int
fsync_folder(const char *path)
{
	char folder[4096];
	char *slash;
	AUTO_CLOSE int fd = -1;

	snprintf(folder, sizeof(folder), "%s", path);
	if ((slash = strrchr(folder, '/')) == NULL)
		snprintf(folder, sizeof(folder), ".");
	else
		slash[slash == folder ? 1 : 0] = '\0';
	if ((fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return -1;
	return fsync(fd);
}

int
file_write(const char *path, const void *data, size_t n, unsigned mode, struct err *e)
{
	char temporary[4096];
	int fd;

	if (snprintf(temporary, sizeof(temporary), "%s.new-%ld", path, (long)getpid()) >=
	    (int)sizeof(temporary))
		return err_set(e, R_SYSTEM, NULL, "the file name is too long");
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
	if (fd < 0)
		return err_errno(e, "write %s", path);
	if (fchmod(fd, (mode_t)mode) < 0 || write_full(fd, data, n) < 0 || fsync(fd) < 0) {
		err_errno(e, "write %s", path);
		close(fd);
		unlink(temporary);
		return -1;
	}
	close(fd);
	if (rename(temporary, path) < 0 || fsync_folder(path) < 0) {
		err_errno(e, "write %s", path);
		unlink(temporary);
		return -1;
	}
	return 0;
}
