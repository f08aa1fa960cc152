/*
 * next.c - files of the data directory that take their places at the next start
 *
 * The plan is text: a line that says its version, "what" and "aside" with their
 * values, then a line each of "take NAME", "bring NAME", and perhaps "since TIME"
 * and "discard".
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/next.h"
#include "base/text.h"

#define PLAN	 "next.plan"
#define MAKING	 "next.plan.new"
#define DONE	 "next.done"
#define FIRST	 "certwright next 1"
#define PLAN_MAX 1024

static const struct {
	const char *name, *brought;
} files[NEXT_FILES] = {
	[NEXT_WAL] = { "certwright.db-wal", "next.certwright.db-wal" },
	[NEXT_SHM] = { "certwright.db-shm", "next.certwright.db-shm" },
	[NEXT_DATABASE] = { "certwright.db", "next.certwright.db" },
	[NEXT_KEK] = { "kek", "next.kek" },
	[NEXT_JOURNAL] = { "journal", "next.journal" },
	[NEXT_SIGN_JOURNAL] = { "sign-journal", "next.sign-journal" },
};

const char *
next_name(enum next_file f)
{
	return files[f].name;
}

const char *
next_brought(enum next_file f)
{
	return files[f].brought;
}

void
next_init(struct next *n, int64_t at, const char *what)
{
	char text[TIME_SIZE], *to = n->aside + strlen("replaced-");

	memset(n, 0, sizeof(*n));
	snprintf(n->what, sizeof(n->what), "%s", what);
	strcpy(n->aside, "replaced-");
	time_format(text, at);
	for (const char *p = text; *p != '\0'; p++)
		if (*p != '-' && *p != ':')
			*to++ = *p;
	*to = '\0';
}

static int
sync_folder(int dir, struct err *e)
{
	AUTO_CLOSE int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? err_errno(e, "keep the data directory") : 0;
}

/* Root leaves a file: it is whose this one is. -1: errno */
static int
own_as(int dir, int fd, const char *like)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (fstatat(dir, like, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	    (errno != ENOENT || fstatat(dir, ".", &st, 0) < 0))
		return -1;
	return fchown(fd, st.st_uid, st.st_gid);
}

/* Whoever may write to the folder has not opened it before. */
static int
create(int dir, const char *name, const char *like)
{
	int fd;

	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return -1;
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && own_as(dir, fd, like) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int
next_create(int dir, enum next_file f)
{
	return create(dir, files[f].brought, f < NEXT_KEK ? "." : "kek");
}

void
next_text(struct buf *text, const struct next *n)
{
	char since[TIME_SIZE];

	buf_printf(text, FIRST "\nwhat %s\naside %s\n", n->what, n->aside);
	for (int f = 0; f < NEXT_FILES; f++)
		if (n->becomes[f] != NEXT_LEFT)
			buf_printf(text, "%s %s\n", n->becomes[f] == NEXT_TAKEN ? "take" : "bring",
			    files[f].name);
	if (n->since > 0) {
		time_format(since, n->since);
		buf_printf(text, "since %s\n", since);
	}
	if (n->discard)
		buf_printf(text, "discard\n");
}

int
next_save(int dir, const struct next *n, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_CLOSE int fd = -1;

	next_text(&text, n);
	fd = create(dir, MAKING, ".");
	if (fd < 0 || write_full(fd, text.data, text.len) < 0 || fsync(fd) < 0 ||
	    renameat(dir, MAKING, dir, PLAN) < 0)
		return err_errno(e, "write the plan of the next start");
	return sync_folder(dir, e);
}

static int
malformed(struct err *e, const char *why)
{
	err_set(e, R_NEXT_PLAN, NULL, "the file " PLAN " of the data directory %s", why);
	return err_hint(e,
	    "remove it to start with what is there; then put the backup or the bundle "
	    "back once more");
}

/* A name of ours, or one line for people. */
static int
take_line(struct next *n, const char *line)
{
	const char *value = strchr(line, ' ');

	if (strcmp(line, "discard") == 0) {
		n->discard = true;
		return 0;
	}
	if (value++ == NULL || strchr(value, '/') != NULL)
		return -1;
	if (text_starts(line, "since "))
		return time_parse(value, &n->since) < 0 || n->since <= 0 ? -1 : 0;
	if (text_starts(line, "what ") && strlen(value) < sizeof(n->what)) {
		strcpy(n->what, value);
		return 0;
	}
	if (text_starts(line, "aside replaced-") && strlen(value) < sizeof(n->aside)) {
		strcpy(n->aside, value);
		return 0;
	}
	for (int f = 0; f < NEXT_FILES; f++)
		if (strcmp(value, files[f].name) == 0 &&
		    (text_starts(line, "take ") || text_starts(line, "bring "))) {
			n->becomes[f] = line[0] == 't' ? NEXT_TAKEN : NEXT_BROUGHT;
			return 0;
		}
	return -1;
}

int
next_parse(struct next *n, char *text, struct err *e)
{
	bool first = true;
	char *line;

	memset(n, 0, sizeof(*n));
	while ((line = strsep(&text, "\n")) != NULL && (text != NULL || line[0] != '\0')) {
		if (first ? strcmp(line, FIRST) != 0 : take_line(n, line) < 0)
			return malformed(e, "is malformed");
		first = false;
	}
	return n->aside[0] == '\0' || n->what[0] == '\0' ? malformed(e, "is malformed") : 0;
}

static int
load(int dir, const char *name, struct next *n, struct err *e)
{
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[PLAN_MAX];
	ssize_t got;

	memset(n, 0, sizeof(*n));
	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(e, "read %s", name);
	if ((got = read(fd, text, sizeof(text) - 1)) < 0)
		return err_errno(e, "read %s", name);
	text[got] = '\0';
	if (got == sizeof(text) - 1 || strlen(text) != (size_t)got)
		return malformed(e, "is malformed");
	return next_parse(n, text, e) < 0 ? -1 : 1;
}

int
next_load(int dir, struct next *n, struct err *e)
{
	return load(dir, PLAN, n, e);
}

int
next_done(int dir, struct next *n, struct err *e)
{
	return load(dir, DONE, n, e);
}

int
next_forget(int dir, struct err *e)
{
	return unlinkat(dir, DONE, 0) < 0 ? err_errno(e, "remove " DONE) : 0;
}

int
next_cancel(int dir, struct err *e)
{
	unlinkat(dir, PLAN, 0);
	if (sync_folder(dir, e) < 0)
		return -1;
	for (int f = 0; f < NEXT_FILES; f++)
		unlinkat(dir, files[f].brought, 0);
	return 0;
}

static bool
there(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What is not brought any more has its place already. */
static int
move_one(int dir, int aside, enum next_file f, bool brought, struct err *e)
{
	const char *name = files[f].name;

	if (brought && !there(dir, files[f].brought))
		return 0;
	if (there(dir, name) && renameat(dir, name, aside, name) < 0)
		return err_errno(e, "move %s aside", name);
	if (brought && renameat(dir, files[f].brought, dir, name) < 0)
		return err_errno(e, "put %s in its place", name);
	return 0;
}

/* 1: this is the first time, and all that it brings is there. */
static int
begin(int dir, const struct next *n, struct err *e)
{
	if (there(dir, n->aside))
		return 0;
	for (int f = 0; f < NEXT_FILES; f++)
		if (n->becomes[f] == NEXT_BROUGHT && !there(dir, files[f].brought))
			return malformed(e, "brings files that are missing");
	return mkdirat(dir, n->aside, 0700) < 0 ? err_errno(e, "make the folder %s", n->aside) : 1;
}

static int
discard(int dir, int aside, const struct next *n, struct err *e)
{
	for (int f = 0; f < NEXT_FILES; f++)
		if (unlinkat(aside, files[f].name, 0) < 0 && errno != ENOENT)
			return err_errno(e, "remove %s/%s", n->aside, files[f].name);
	return unlinkat(dir, n->aside, AT_REMOVEDIR) < 0 ? err_errno(e, "remove %s", n->aside) : 0;
}

int
next_apply(int dir, struct next *n, struct err *e)
{
	AUTO_CLOSE int aside = -1;
	int r = next_load(dir, n, e);

	if (r <= 0)
		return r;
	if (begin(dir, n, e) < 0)
		return -1;
	if ((aside = openat(dir, n->aside, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return err_errno(e, "open the folder %s", n->aside);
	for (int f = 0; f < NEXT_FILES; f++)
		if (n->becomes[f] != NEXT_LEFT &&
		    move_one(dir, aside, (enum next_file)f, n->becomes[f] == NEXT_BROUGHT, e) < 0)
			return -1;
	if (sync_folder(aside, e) < 0 || sync_folder(dir, e) < 0)
		return -1;
	if (n->discard && discard(dir, aside, n, e) < 0)
		return -1;
	if ((n->since > 0 && !n->discard ? renameat(dir, PLAN, dir, DONE)
					 : unlinkat(dir, PLAN, 0)) < 0)
		return err_errno(e, "remove " PLAN);
	return sync_folder(dir, e) < 0 ? -1 : 1;
}
