/*
 * place.c - the files of a target: new ones in place of old ones, and back
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "deliver/place.h"

struct beside {
	char name[300];
};

static struct beside
beside(const struct target_file *f, const char *what)
{
	struct beside b;

	snprintf(b.name, sizeof(b.name), ".%s.certwright-%s", f->name, what);
	return b;
}

static int
open_folder(const struct target_file *f)
{
	return open(f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
fault(struct err *e, const struct target_file *f, const char *what)
{
	return err_set(
	    e, R_DELIVER_FILE, NULL, "could not %s %s: %s", what, f->path, strerror(errno));
}

static int
write_content(int fd, const struct target_file *f, const struct pair *p)
{
	if (f->content == CONTENT_KEYSTORE)
		return write_full(fd, p->keystore.data, p->keystore.len);
	if (f->content != CONTENT_KEY &&
	    write_full(fd, p->certificates.data, p->certificates.len) < 0)
		return -1;
	return f->content == CONTENT_CERTIFICATES ? 0 : write_full(fd, p->key.data, p->key.len);
}

/* Owner and mode are its own before anything is in it. */
static int
write_one(const struct target *t, const struct target_file *f, const struct pair *p, struct err *e)
{
	AUTO_CLOSE int folder = open_folder(f), fd = -1;
	struct beside new = beside(f, "new");

	if (folder < 0)
		return fault(e, f, "open the folder of");
	unlinkat(folder, new.name, 0);
	fd = openat(folder, new.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fchown(fd, t->owner, t->group) < 0 || fchmod(fd, f->mode) < 0 ||
	    write_content(fd, f, p) < 0 || fsync(fd) < 0)
		return fault(e, f, "write");
	return 0;
}

int
place_write(const struct target *t, const struct pair *p, struct err *e)
{
	for (size_t i = 0; i < t->nfiles; i++)
		if (write_one(t, &t->files[i], p, e) < 0) {
			place_back(t);
			return -1;
		}
	return 0;
}

/* What there was, under the other name; that there was nothing is an empty file. */
static int
keep_aside(int folder, const struct target_file *f)
{
	struct beside old = beside(f, "old");
	int fd;

	if (linkat(folder, f->name, folder, old.name, 0) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	fd = openat(folder, old.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

typedef int act_fn(int folder, const struct target_file *);

static int
one(const struct target_file *f, act_fn *act, const char *what, struct err *e)
{
	AUTO_CLOSE int folder = open_folder(f);

	return folder < 0 || act(folder, f) < 0 || fsync(folder) < 0 ? fault(e, f, what) : 0;
}

static int
each(const struct target *t, act_fn *act, const char *what, struct err *e)
{
	for (size_t i = 0; i < t->nfiles; i++)
		if (one(&t->files[i], act, what, e) < 0)
			return -1;
	return 0;
}

static int
put_in_place(int folder, const struct target_file *f)
{
	struct beside new = beside(f, "new");

	return renameat(folder, new.name, folder, f->name);
}

int
place_swap(const struct target *t, struct err *e)
{
	return each(t, keep_aside, "keep aside", e) < 0 ? -1 : each(t, put_in_place, "replace", e);
}

/* Two names of one file: rename would do nothing and leave both. */
static bool
same_file(int folder, const char *a, const char *b)
{
	struct stat x, y;

	return fstatat(folder, a, &x, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(folder, b, &y, AT_SYMLINK_NOFOLLOW) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

static int
take_back(int folder, const struct target_file *f)
{
	struct beside old = beside(f, "old"), new = beside(f, "new");
	struct stat st;

	unlinkat(folder, new.name, 0);
	if (fstatat(folder, old.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (st.st_size == 0 && unlinkat(folder, f->name, 0) < 0 && errno != ENOENT)
		return -1;
	if (st.st_size == 0 || same_file(folder, old.name, f->name))
		return unlinkat(folder, old.name, 0);
	return renameat(folder, old.name, folder, f->name);
}

void
place_back(const struct target *t)
{
	struct err e = { 0 };

	if (each(t, take_back, "put back", &e) < 0)
		log_err(t->name, &e);
}

static int
forget(int folder, const struct target_file *f)
{
	struct beside old = beside(f, "old");

	return unlinkat(folder, old.name, 0) < 0 && errno != ENOENT ? -1 : 0;
}

/* The last file first: without its old one nothing is taken back any more. */
void
place_done(const struct target *t)
{
	struct err e = { 0 };

	for (size_t i = t->nfiles; i > 0; i--)
		if (one(&t->files[i - 1], forget, "forget what was before", &e) < 0) {
			log_err(t->name, &e);
			return;
		}
}

static bool
has_old(const struct target_file *f)
{
	AUTO_CLOSE int folder = open_folder(f);
	struct beside old = beside(f, "old");
	struct stat st;

	return folder >= 0 && fstatat(folder, old.name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Old ones come and are put back from the first file to the last, and are forgotten from
 * the last to the first: where the last has none, the files are a pair as they are. */
bool
place_recover(const struct target *t)
{
	bool found = t->nfiles > 0 && has_old(&t->files[t->nfiles - 1]);

	if (!found)
		place_done(t);
	place_back(t);
	return found;
}
