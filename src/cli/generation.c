/*
 * generation.c - a key and its certificate as one folder, old or new and never both
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "cli/generation.h"

#define PREFIX "gen-"

static const char *const files[] = { "key.pem", "cert.pem", "chain.pem", "fullchain.pem" };

static int
sync_dir(const char *path, struct err *e)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_errno(e, "write %s", path);
	return 0;
}

int
generation_lock(const char *dir, int *fd, struct err *e)
{
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return err_errno(e, "make %s", dir);
	if ((*fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return err_errno(e, "open %s", dir);
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	err_set(e, R_CONFIG, NULL, "another run works in %s", dir);
	return err_hint(e, "wait until it has ended");
}

/* The link's folder, or NULL when there is no such link. */
static const char *
target_of(struct arena *a, const char *dir, const char *link)
{
	char to[NAME_MAX + 1];
	ssize_t n = readlink(arena_printf(a, "%s/%s", dir, link), to, sizeof(to) - 1);

	if (n <= 0)
		return NULL;
	to[n] = '\0';
	return arena_strdup(a, to);
}

/* dir/link leads to `to` from one instant to the next; NULL: nowhere. */
static int
point(struct arena *a, const char *dir, const char *link, const char *to, struct err *e)
{
	const char *path = arena_printf(a, "%s/%s", dir, link),
		   *other = arena_printf(a, "%s/.%s.new", dir, link);

	if (to == NULL)
		return unlink(path) < 0 && errno != ENOENT ? err_errno(e, "remove %s", path) : 0;
	if ((unlink(other) < 0 && errno != ENOENT) || symlink(to, other) < 0 ||
	    rename(other, path) < 0)
		return err_errno(e, "write %s", path);
	return 0;
}

/* DIR/key.pem and so on, which never change. */
static int
point_files(struct arena *a, const char *dir, struct err *e)
{
	for (size_t i = 0; i < nitems(files); i++)
		if (target_of(a, dir, files[i]) == NULL &&
		    point(a, dir, files[i], arena_printf(a, "current/%s", files[i]), e) < 0)
			return -1;
	return 0;
}

static int
write_files(struct arena *a, const char *folder, const struct generation *g, struct err *e)
{
	AUTO_BUF struct buf full = { 0 };
	const struct buf *const contents[] = { g->key, g->cert, g->chain, &full };

	buf_put(&full, g->cert->data, g->cert->len);
	buf_put(&full, g->chain->data, g->chain->len);
	for (size_t i = 0; i < nitems(files); i++)
		if (file_write(arena_printf(a, "%s/%s", folder, files[i]), contents[i]->data,
			contents[i]->len, i == 0 ? 0600 : 0644, e) < 0)
			return -1;
	return 0;
}

int
generation_put(struct arena *a, const char *dir, const struct generation *g, struct err *e)
{
	char *folder = arena_printf(a, "%s/" PREFIX "XXXXXX", dir);
	const char *before = target_of(a, dir, "current");

	if (mkdtemp(folder) == NULL || chmod(folder, 0755) < 0)
		return err_errno(e, "make a folder in %s", dir);
	if (write_files(a, folder, g, e) < 0 || sync_dir(dir, e) < 0)
		return -1;
	if (point(a, dir, "previous", before, e) < 0 ||
	    point(a, dir, "current", folder + strlen(dir) + 1, e) < 0 || point_files(a, dir, e) < 0)
		return -1;
	return sync_dir(dir, e);
}

int
generation_back(struct arena *a, const char *dir, bool *there, struct err *e)
{
	const char *before = target_of(a, dir, "previous");

	*there = before != NULL;
	if (point(a, dir, "current", before, e) < 0 || point(a, dir, "previous", NULL, e) < 0)
		return -1;
	return sync_dir(dir, e);
}

static int
remove_folder(struct arena *a, const char *folder, struct err *e)
{
	DIR *d = opendir(folder);
	const struct dirent *f;

	if (d == NULL)
		return err_errno(e, "open %s", folder);
	while ((f = readdir(d)) != NULL)
		if (strcmp(f->d_name, ".") != 0 && strcmp(f->d_name, "..") != 0)
			unlink(arena_printf(a, "%s/%s", folder, f->d_name));
	closedir(d);
	return rmdir(folder) < 0 ? err_errno(e, "remove %s", folder) : 0;
}

int
generation_prune(struct arena *a, const char *dir, struct err *e)
{
	const char *current = target_of(a, dir, "current"),
		   *previous = target_of(a, dir, "previous");
	DIR *d = opendir(dir);
	const struct dirent *f;
	int r = 0;

	if (d == NULL)
		return err_errno(e, "open %s", dir);
	while (r == 0 && (f = readdir(d)) != NULL) {
		if (strncmp(f->d_name, PREFIX, strlen(PREFIX)) != 0 ||
		    (current != NULL && strcmp(f->d_name, current) == 0) ||
		    (previous != NULL && strcmp(f->d_name, previous) == 0))
			continue;
		r = remove_folder(a, arena_printf(a, "%s/%s", dir, f->d_name), e);
	}
	closedir(d);
	return r;
}
