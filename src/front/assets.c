/*
 * assets.c - templates and static files, read once before the sandbox closes
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include <openssl/evp.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"
#include "front/assets.h"

#define ASSETS_MAX 64

struct assets {
	struct asset v[ASSETS_MAX];
	size_t n;
	unsigned char sum[8]; /* of all contents, in whatever order they were read */
	char version[17];
};

static const struct {
	const char *ending, *type;
} types[] = { { ".css", "text/css; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" },
	{ ".svg", "image/svg+xml" }, { ".png", "image/png" },
	{ ".txt", "text/plain; charset=utf-8" } };

static int
add_static(struct assets *all, const char *name, struct buf *data, struct err *e)
{
	struct asset *a = &all->v[all->n];
	unsigned char hash[32];

	if (all->n == ASSETS_MAX)
		return err_set(
		    e, R_TEMPLATE, NULL, "there are more than %d static files", ASSETS_MAX);
	for (size_t i = 0; i < nitems(types); i++)
		if (text_ends(name, types[i].ending))
			a->type = types[i].type;
	if (a->type == NULL)
		return 0;
	if (asprintf(&a->path, "/static/%s", name) < 0)
		return err_nomem(e);
	a->data = data->data;
	a->len = data->len;
	buf_init(data);
	EVP_Digest(a->data, a->len, hash, NULL, EVP_sha256(), NULL);
	a->etag[0] = '"';
	hex_encode(a->etag + 1, hash, 8);
	for (size_t i = 0; i < sizeof(all->sum); i++)
		all->sum[i] ^= hash[i];
	hex_encode(all->version, all->sum, sizeof(all->sum));
	a->etag[17] = '"';
	a->etag[18] = '\0';
	all->n++;
	return 0;
}

static int
each_file(const char *folder, int (*take)(void *, const char *, struct buf *, struct err *),
    void *arg, struct err *e)
{
	DIR *dir = opendir(folder);
	struct dirent *d;
	char path[4096];
	int r = 0;

	if (dir == NULL) {
		err_set(e, R_DATA_DIR, NULL, "could not read %s: %s", folder, strerror(errno));
		return err_hint(e, "--share-dir says where templates/ and static/ are");
	}
	while (r == 0 && (d = readdir(dir)) != NULL) {
		AUTO_BUF struct buf data = { 0 };

		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		if ((r = file_read(&data, path, LIMIT_BODY, e)) == 0)
			r = take(arg, d->d_name, &data, e);
	}
	closedir(dir);
	return r;
}

static int
take_static(void *arg, const char *name, struct buf *data, struct err *e)
{
	return add_static(arg, name, data, e);
}

static int
take_template(void *arg, const char *name, struct buf *data, struct err *e)
{
	char bare[64];

	if (!text_ends(name, ".html"))
		return 0;
	snprintf(bare, sizeof(bare), "%.*s", (int)(strlen(name) - 5), name);
	return templates_add(arg, bare, buf_text(data), data->len, e);
}

int
assets_load(struct assets **out, struct templates **templates, const char *share, struct err *e)
{
	struct assets *all = calloc(1, sizeof(*all));
	char folder[4096];

	if (all == NULL)
		return err_nomem(e);
	snprintf(folder, sizeof(folder), "%s/static", share);
	*out = all;
	if (each_file(folder, take_static, all, e) < 0)
		return -1;
	snprintf(folder, sizeof(folder), "%s/templates", share);
	*templates = NULL;
	if (each_file(folder, take_template, templates, e) < 0 ||
	    templates_check(*templates, e) < 0)
		return -1;
	return 0;
}

const struct asset *
assets_find(const struct assets *all, const char *path, size_t len)
{
	for (size_t i = 0; i < all->n; i++)
		if (strlen(all->v[i].path) == len && memcmp(all->v[i].path, path, len) == 0)
			return &all->v[i];
	return NULL;
}

const char *
assets_version(const struct assets *all)
{
	return all->version;
}
