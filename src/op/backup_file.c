/*
 * backup_file.c - the file of a backup: a database, and one line behind it
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "op/backup_file.h"

#define PREFIX	   "backup-"
#define SUFFIX	   ".db"
#define TIME_LEN   16 /* 20261126T190102Z */
#define PIECE	   65536
#define PAGE_LEAST 512 /* the smallest database has a page */

const char *
backup_name(struct ctx *cx, const char *file)
{
	const char *p = file + strlen(PREFIX);

	if (!text_starts(file, PREFIX) || strlen(p) != TIME_LEN + strlen(SUFFIX) ||
	    strcmp(p + TIME_LEN, SUFFIX) != 0)
		return NULL;
	for (size_t i = 0; i < TIME_LEN; i++)
		if (i == 8 ? p[i] != 'T' : i == 15 ? p[i] != 'Z' : p[i] < '0' || p[i] > '9')
			return NULL;
	return arena_printf(cx->arena, "%.*s", TIME_LEN, p);
}

const char *
backup_path(struct ctx *cx, const char *name)
{
	return arena_printf(cx->arena, PREFIX "%s" SUFFIX, name);
}

int
backup_digest(struct ctx *cx, const char *path, int64_t limit, int64_t *size, const char **sha256)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char hash[32], *piece = arena_alloc(cx->arena, PIECE);
	ssize_t n = 0;
	size_t want;
	bool ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL);

	for (*size = 0; ok && fd >= 0 && *size != limit; *size += n) {
		want = limit < 0 || limit - *size > PIECE ? PIECE : (size_t)(limit - *size);
		if ((n = read(fd, piece, want)) <= 0)
			break;
		ok = EVP_DigestUpdate(md, piece, (size_t)n);
	}
	ok = ok && EVP_DigestFinal_ex(md, hash, NULL);
	EVP_MD_CTX_free(md);
	if (fd < 0 || n < 0)
		return err_errno(&cx->err, "read the backup");
	if (!ok)
		return err_set(&cx->err, R_INTERNAL, NULL, "SHA-256 is not available");
	*sha256 = hex_of(cx->arena, hash, sizeof(hash));
	return 0;
}

int
backup_append(struct ctx *cx, const char *path, const char *line)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	const char *text = arena_printf(cx->arena, "\n%s\n", line);

	if (fd < 0 || write_full(fd, text, strlen(text)) < 0)
		return err_errno(&cx->err, "write the backup");
	return fsync(fd) < 0 ? err_errno(&cx->err, "keep the backup") : 0;
}

static int
damaged(struct ctx *cx, const char *name)
{
	err_set(&cx->err, R_BACKUP_DAMAGED, NULL,
	    "the file of the backup %s was cut off, or is none of ours", name);
	return err_hint(&cx->err, "make a new one");
}

/* The last line without its end; NULL: there is none. */
static char *
last_line(struct ctx *cx, const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *tail = arena_alloc(cx->arena, BACKUP_LINE_MAX + 1), *start;
	struct stat st;
	size_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < PAGE_LEAST)
		return NULL;
	n = st.st_size < BACKUP_LINE_MAX ? (size_t)st.st_size : BACKUP_LINE_MAX;
	if (lseek(fd, -(off_t)n, SEEK_END) < 0 || read_full(fd, tail, n) < 0 || tail[n - 1] != '\n')
		return NULL;
	tail[n - 1] = '\0';
	start = memrchr(tail, '\n', n - 1);
	return start == NULL ? NULL : start + 1;
}

static const char *
member(struct ctx *cx, const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text == NULL ? NULL : arena_strdup(cx->arena, text);
}

int
backup_read(struct ctx *cx, const char *name, struct backup *b)
{
	const char *line = last_line(cx, backup_path(cx, name)), *version, *made;
	json_t *all = line == NULL ? NULL : json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	const json_t *o = json_object_get(all, "certwright-backup");

	version = member(cx, o, "version");
	made = member(cx, o, "made");
	*b = (struct backup){ .name = arena_strdup(cx->arena, name),
		.size = json_integer_value(json_object_get(o, "size")),
		.schema = json_integer_value(json_object_get(o, "schema")),
		.events = json_integer_value(json_object_get(o, "events")),
		.sha256 = member(cx, o, "sha256"),
		.head = member(cx, o, "head"),
		.instance = member(cx, o, "instance") };
	json_decref(all);
	if (version == NULL || strcmp(version, "1") != 0 || made == NULL ||
	    time_parse(made, &b->made_at) < 0 || b->size <= 0 || b->sha256 == NULL ||
	    b->head == NULL || b->instance == NULL)
		return damaged(cx, name);
	return 0;
}
