/*
 * op_backup.c - online copies of the database: made, listed, removed
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "op/backup_file.h"
#include "op/house.h"
#include "op/op_backup.h"
#include "op/op_sheet.h"
#include "store/store.h"

#define MAKING	    "backup.making" /* left by one that was cut short: made anew */
#define SAME_SECOND 10

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

int
backup_take_turn(struct ctx *cx)
{
	if (pthread_mutex_trylock(&one) == 0)
		return 0;
	err_set(&cx->err, R_BACKUP_BUSY, NULL, "a backup is being made or looked at just now");
	return err_hint(&cx->err, "try again when it is done");
}

void
backup_end_turn(void)
{
	pthread_mutex_unlock(&one);
}

/* What the copy says of itself: it may be older than the database is by now. */
static int
facts(struct ctx *cx, struct backup *b)
{
	struct ctx copy = *cx;
	struct db *db;
	unsigned char hash[32];
	int r;

	if (db_open_copy(&db, MAKING, &cx->err) < 0)
		return -1;
	copy.db = db_attach(db);
	r = store_schema(&copy, &b->schema) < 0 || store_audit_head(&copy, &b->events, hash) < 0
	    ? -1
	    : 0;
	b->head = hex_of(cx->arena, hash, sizeof(hash));
	db_detach(copy.db);
	db_close(db);
	cx->err = copy.err;
	return r;
}

static int
describe(struct ctx *cx, struct backup *b)
{
	char at[TIME_SIZE];
	json_t *o;

	time_format(at, b->made_at);
	o = json_pack("{s{ss,ss,sI,ss,sI,sI,ss,ss}}", "certwright-backup", "version", "1", "made",
	    at, "size", (json_int_t)b->size, "sha256", b->sha256, "schema", (json_int_t)b->schema,
	    "events", (json_int_t)b->events, "head", b->head, "instance", b->instance);
	return backup_append(cx, MAKING, json_text(cx, o));
}

/* In its place under its name, on stable storage. */
static int
put_in_place(struct ctx *cx, const struct backup *b)
{
	const char *path = backup_path(cx, b->name);
	int folder, r;

	if (access(path, F_OK) == 0)
		return err_set(
		    &cx->err, R_BACKUP_BUSY, NULL, "a backup of this second is there already");
	if (rename(MAKING, path) < 0 || (folder = open(".", O_RDONLY | O_CLOEXEC)) < 0)
		return err_errno(&cx->err, "name the backup");
	r = fsync(folder);
	close(folder);
	return r < 0 ? err_errno(&cx->err, "keep the backup") : 0;
}

/* 20261126T190102Z */
static const char *
name_of(struct ctx *cx, int64_t when)
{
	char at[TIME_SIZE], *name, *to;

	time_format(at, when);
	name = to = arena_strdup(cx->arena, at);
	for (const char *p = at; *p != '\0'; p++)
		if (*p != '-' && *p != ':')
			*to++ = *p;
	*to = '\0';
	return name;
}

/* A second has one name: who comes in the same one has the next that is free. */
static void
take_name(struct ctx *cx, struct backup *b)
{
	int64_t at = b->made_at = cx->now;

	do
		b->name = name_of(cx, at++);
	while (at < cx->now + SAME_SECOND && access(backup_path(cx, b->name), F_OK) == 0);
}

static int
make(struct ctx *cx, struct backup *b)
{
	take_name(cx, b);
	b->instance = cx->house->instance;
	if (db_copy(cx, MAKING) < 0 || facts(cx, b) < 0 ||
	    backup_digest(cx, MAKING, -1, &b->size, &b->sha256) < 0 || describe(cx, b) < 0 ||
	    put_in_place(cx, b) < 0) {
		unlink(MAKING);
		return -1;
	}
	return 0;
}

/* The setting of the act's name says when it was done last. */
static int
note(struct ctx *cx, const char *act, const struct backup *b)
{
	const char *detail = json_text(cx,
	    json_pack("{sI,ss,sI}", "size", (json_int_t)b->size, "sha256", b->sha256, "events",
		(json_int_t)b->events));
	char at[TIME_SIZE];

	time_format(at, b->made_at);
	if (db_begin(cx) < 0 || store_setting_save(cx, act, at) < 0 ||
	    audit(cx, act, b->name, detail) < 0)
		return -1;
	return db_commit(cx);
}

int
op_backup_create(struct ctx *cx, const char *act, struct backup *b)
{
	int r;

	memset(b, 0, sizeof(*b));
	if (backup_take_turn(cx) < 0)
		return -1;
	unlink(MAKING);
	r = make(cx, b);
	backup_end_turn();
	return r < 0 ? -1 : note(cx, act, b);
}

int
op_backup_last(struct ctx *cx, const char *act, int64_t *at)
{
	const char *text;

	*at = 0;
	if (store_setting_load(cx, act, &text) < 0)
		return -1;
	return text == NULL || time_parse(text, at) == 0
	    ? 0
	    : err_set(&cx->err, R_INTERNAL, NULL, "the setting %s is malformed", act);
}

static int
newest_first(const void *a, const void *b)
{
	const struct backup *x = a, *y = b;

	return strcmp(y->name, x->name);
}

int
op_backup_list(struct ctx *cx, struct backup **out, size_t *n)
{
	DIR *folder = opendir(".");
	const struct dirent *d;
	struct backup b, *v = NULL;
	size_t room = 0;

	*n = 0;
	if (folder == NULL)
		return err_errno(&cx->err, "read the data directory");
	while ((d = readdir(folder)) != NULL) {
		const char *name = backup_name(cx, d->d_name);

		if (name == NULL || backup_read(cx, name, &b) < 0) {
			err_clear(&cx->err);
			continue;
		}
		if (*n == room) {
			struct backup *more = arena_new_array(
			    cx->arena, room = 2 * room + 16, struct backup);

			if (*n > 0)
				memcpy(more, v, *n * sizeof(*v));
			v = more;
		}
		v[(*n)++] = b;
	}
	closedir(folder);
	if (*n > 1)
		qsort(v, *n, sizeof(*v), newest_first);
	*out = v;
	return 0;
}

int
op_backup_load(struct ctx *cx, const char *name, struct backup *b)
{
	const char *path = arena_printf(cx->arena, "backup-%s.db", name);

	if (backup_name(cx, path) != NULL && access(path, F_OK) == 0)
		return backup_read(cx, name, b);
	err_set(&cx->err, R_NOT_FOUND, NULL, "there is no such backup");
	return err_hint(&cx->err, "`certwright backup list` shows those that there are");
}

int
op_backup_delete(struct ctx *cx, const char *name)
{
	const char *path = arena_printf(cx->arena, "backup-%s.db", name);

	if (backup_name(cx, path) == NULL || access(path, F_OK) < 0)
		return err_set(&cx->err, R_NOT_FOUND, NULL, "there is no such backup");
	if (db_begin(cx) < 0 || audit(cx, "backup.delete", name, NULL) < 0)
		return -1;
	if (unlink(path) < 0)
		return err_errno(&cx->err, "remove the backup");
	return db_commit(cx);
}
