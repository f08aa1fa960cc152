/*
 * weak_lists.c - lists of known-bad keys that the site has, in weak-keys/
 *
 * In *.txt one hash a line in hex, `#` begins a comment: SHA-1 or SHA-256 of
 * the SubjectPublicKeyInfo or of the RSA modulus, or the 20 digits of Debian's
 * openssl-blacklist packages. In spki-sha256 what blocked.c reads.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "base/io.h"
#include "base/text.h"
#include "x509/weak.h"

#define LIST_MAX (64 * 1024 * 1024) /* bytes of one file */
#define BLOCKED	 "spki-sha256"

static const size_t sizes[] = { 10, 20, 32 }; /* bytes of a hash */

/* What was in the folder. */
struct lists {
	struct buf of[nitems(sizes)]; /* sorted hashes of one size */
	struct blocked blocked;
};

struct weak_lists {
	pthread_rwlock_t lock;
	struct lists now;
};

static struct buf *
hashes_of(struct lists *w, size_t size)
{
	for (size_t i = 0; i < nitems(sizes); i++)
		if (sizes[i] == size)
			return &w->of[i];
	return NULL;
}

static int
add_line(struct lists *w, const char *line, size_t n)
{
	unsigned char hash[32];
	char text[65];
	struct buf *h;
	size_t size;

	while (n > 0 && strchr(" \t\r", line[n - 1]) != NULL)
		n--;
	if (n == 0 || line[0] == '#')
		return 0;
	if (n >= sizeof(text))
		return -1;
	memcpy(text, line, n);
	text[n] = '\0';
	if (hex_decode(hash, sizeof(hash), text, &size) < 0 || (h = hashes_of(w, size)) == NULL)
		return -1;
	buf_put(h, hash, size);
	return 0;
}

static int
load_file(struct lists *w, const char *path, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	size_t number = 0;
	const char *s, *end;

	if (file_read(&b, path, LIST_MAX, e) < 0)
		return -1;
	s = (const char *)b.data;
	end = s + b.len;
	while (s < end) {
		const char *eol = memchr(s, '\n', (size_t)(end - s));
		size_t n = eol == NULL ? (size_t)(end - s) : (size_t)(eol - s);

		number++;
		if (add_line(w, s, n) < 0) {
			err_set(e, R_WEAK_LIST, "", "%s, line %zu: not a hash", path, number);
			return err_hint(e,
			    "a line has 20, 40 or 64 hexadecimal digits, "
			    "or begins with #");
		}
		s += n + 1;
	}
	return 0;
}

static int
compare_hashes(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(const size_t *)size);
}

static int
load_blocked(struct lists *w, const char *path, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	struct err why = { 0 };

	if (file_read(&b, path, LIST_MAX, e) < 0)
		return -1;
	if (blocked_parse(&w->blocked, (const char *)b.data, b.len, &why) == 0)
		return 0;
	err_set(e, why.refusal, "", "%s, %s", path, why.message);
	return err_hint(e, "%s", why.hint);
}

static int
load_folder(struct lists *w, DIR *dir, const char *folder, struct err *e)
{
	const struct dirent *entry;
	char path[4096];

	while ((entry = readdir(dir)) != NULL) {
		bool blocked = strcmp(entry->d_name, BLOCKED) == 0;

		if (!blocked && (entry->d_name[0] == '.' || !text_ends(entry->d_name, ".txt")))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if ((blocked ? load_blocked(w, path, e) : load_file(w, path, e)) < 0)
			return -1;
	}
	for (size_t i = 0; i < nitems(sizes); i++)
		if (w->of[i].len > 0)
			qsort_r(w->of[i].data, w->of[i].len / sizes[i], sizes[i], compare_hashes,
			    (void *)(uintptr_t)&sizes[i]);
	return 0;
}

static void
clear(struct lists *w)
{
	for (size_t i = 0; i < nitems(sizes); i++)
		buf_free(&w->of[i]);
	blocked_clear(&w->blocked);
}

int
weak_lists_reload(struct weak_lists *w, const char *folder, struct err *e)
{
	struct lists fresh = { 0 }, old;
	DIR *dir = opendir(folder);
	int rc = 0;

	if (dir != NULL) {
		rc = load_folder(&fresh, dir, folder, e);
		closedir(dir);
	} else if (errno != ENOENT)
		rc = err_errno(e, "read %s", folder);
	if (rc < 0) {
		clear(&fresh);
		return -1;
	}
	pthread_rwlock_wrlock(&w->lock);
	old = w->now;
	w->now = fresh;
	pthread_rwlock_unlock(&w->lock);
	clear(&old);
	return 0;
}

int
weak_lists_load(struct weak_lists **out, const char *folder, struct err *e)
{
	struct weak_lists *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return err_nomem(e);
	pthread_rwlock_init(&w->lock, NULL);
	if (weak_lists_reload(w, folder, e) < 0) {
		weak_lists_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
weak_lists_free(struct weak_lists *w)
{
	if (w == NULL)
		return;
	clear(&w->now);
	pthread_rwlock_destroy(&w->lock);
	free(w);
}

static bool
sorted_has(const struct buf *hashes, const unsigned char *hash, size_t size)
{
	size_t low = 0, high = hashes->len / size;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = memcmp(hash, hashes->data + mid * size, size);

		if (order == 0)
			return true;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}

bool
weak_listed(struct weak_lists *w, const unsigned char *hash, size_t len)
{
	bool found = false;

	if (w == NULL)
		return false;
	pthread_rwlock_rdlock(&w->lock);
	for (size_t i = 0; i < nitems(sizes); i++)
		if (sizes[i] == len && w->now.of[i].len > 0)
			found = sorted_has(&w->now.of[i], hash, len);
	pthread_rwlock_unlock(&w->lock);
	return found;
}

int
weak_check_spki(
    struct weak_lists *w, const unsigned char spki_sha256[SPKI_SHA256_SIZE], struct err *e)
{
	const char *note;
	int rc = 0;

	if (w == NULL)
		return 0;
	pthread_rwlock_rdlock(&w->lock);
	note = blocked_find(&w->now.blocked, spki_sha256);
	if (note != NULL)
		rc = err_set(e, R_KEY_BLOCKED, "key", "the key is on this site's block list%s%s",
		    note[0] == '\0' ? "" : ": ", note);
	pthread_rwlock_unlock(&w->lock);
	if (rc < 0)
		return err_hint(e, "make a new key (BR 6.1.1.3)");
	return weak_listed(w, spki_sha256, SPKI_SHA256_SIZE)
	    ? err_set(e, R_KEY_LISTED, "key", "the key is on a list of known-bad keys")
	    : 0;
}
