/*
 * bundle_read.c - a bundle is opened, compared with its manifest, and left for the
 * next start
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <zip.h>

#include "base/io.h"
#include "cli/bundle.h"

#define MEMBER_MAX (BUNDLE_PART + 65536)

DEFINE_AUTO(zip, zip_t, zip_discard)

static int
damaged(struct err *e, const char *name)
{
	err_set(e, R_SECURITY_BUNDLE_DAMAGED, NULL,
	    "the bundle is damaged: %s is missing or cut off", name);
	return err_hint(e, "take another copy of it, or make a new one");
}

/* A member as it stands there. */
static int
read_raw(zip_t *z, const char *name, struct buf *der, struct err *e)
{
	unsigned char piece[65536];
	zip_file_t *f = zip_fopen(z, name, 0);
	zip_int64_t n;

	if (f == NULL)
		return damaged(e, name);
	while ((n = zip_fread(f, piece, sizeof(piece))) > 0 && der->len <= MEMBER_MAX)
		buf_put(der, piece, (size_t)n);
	zip_fclose(f);
	return n != 0 ? damaged(e, name) : 0;
}

/* Decrypted. */
static int
read_member(zip_t *z, const char *name, const struct bundle *b, struct buf *out, struct err *e)
{
	AUTO_BUF struct buf der = { 0 };

	return read_raw(z, name, &der, e) < 0 ? -1 : bundle_open(der.data, der.len, b->key, out, e);
}

/* Where a file goes; -1: nowhere. */
static int
open_target(int dir, enum next_file f, int *fd, struct err *e)
{
	*fd = -1;
	if (dir < 0)
		return 0;
	if ((*fd = next_create(dir, f)) < 0)
		return err_errno(e, "write %s", next_brought(f));
	return 0;
}

/* All parts of one file. */
static int
take_parts(zip_t *z, const struct bundle *b, const struct bundle_file *f, int fd, EVP_MD_CTX *md,
    struct err *e)
{
	uint64_t left = f->size;
	char name[64];

	for (uint64_t part = 1; part <= bundle_parts(f->size); part++) {
		AUTO_BUF struct buf plain = { 0 };
		size_t want = left < BUNDLE_PART ? (size_t)left : BUNDLE_PART;

		if (read_member(z, bundle_member(name, f->file, part), b, &plain, e) < 0)
			return -1;
		if (plain.len != want)
			return damaged(e, name);
		if (fd >= 0 && write_full(fd, plain.data, plain.len) < 0)
			return err_errno(e, "write %s", next_brought(f->file));
		EVP_DigestUpdate(md, plain.data, plain.len);
		left -= want;
	}
	return 0;
}

static int
take_file(zip_t *z, const struct bundle *b, const struct bundle_file *f, int dir, struct err *e)
{
	AUTO_CLOSE int fd = -1;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sha256[32];
	int r = -1;

	if (md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		err_set(e, R_INTERNAL, NULL, "SHA-256 is not available");
	else if (open_target(dir, f->file, &fd, e) == 0)
		r = take_parts(z, b, f, fd, md, e);
	if (r == 0 &&
	    (EVP_DigestFinal_ex(md, sha256, NULL) != 1 ||
		memcmp(sha256, f->sha256, sizeof(sha256)) != 0))
		r = damaged(e, next_name(f->file));
	EVP_MD_CTX_free(md);
	if (r == 0 && fd >= 0 && fsync(fd) < 0)
		return err_errno(e, "keep %s", next_brought(f->file));
	return r;
}

static int
take_key(zip_t *z, const char *passphrase, struct bundle *b, struct err *e)
{
	AUTO_BUF struct buf der = { 0 };

	return read_raw(z, "key.cms", &der, e) < 0
	    ? -1
	    : bundle_open_key(der.data, der.len, passphrase, b->key, e);
}

static int
take_manifest(zip_t *z, struct bundle *b, struct err *e)
{
	AUTO_BUF struct buf manifest = { 0 };

	if (read_member(z, "manifest.cms", b, &manifest, e) < 0)
		return -1;
	return bundle_take_manifest(b, (const char *)manifest.data, manifest.len, e);
}

/* NULL: it is none. */
static zip_t *
open_bundle(const char *path, struct err *e)
{
	int why;
	zip_t *z = zip_open(path, ZIP_RDONLY, &why);

	if (z == NULL && (why == ZIP_ER_NOENT || why == ZIP_ER_OPEN)) {
		err_set(e, R_SECURITY_BUNDLE_NONE, NULL, "could not read %s: %s", path,
		    strerror(errno));
		return NULL;
	}
	if (z == NULL || zip_name_locate(z, "manifest.cms", 0) < 0) {
		err_set(e, R_SECURITY_BUNDLE_NONE, NULL, "%s is no bundle", path);
		err_hint(e, "a bundle is a file that `certwright bundle export` made");
		zip_discard(z);
		return NULL;
	}
	return z;
}

int
bundle_look(const char *path, const char *passphrase, struct bundle *b, struct err *e)
{
	AUTO(zip) zip_t *z = open_bundle(path, e);

	memset(b, 0, sizeof(*b));
	return z == NULL || take_key(z, passphrase, b, e) < 0 ? -1 : take_manifest(z, b, e);
}

int
bundle_read(const char *path, const struct bundle *b, int dir, struct err *e)
{
	AUTO(zip) zip_t *z = open_bundle(path, e);

	if (z == NULL)
		return -1;
	for (size_t i = 0; i < BUNDLE_FILES; i++)
		if (take_file(z, b, &b->files[i], dir, e) < 0)
			return -1;
	return 0;
}
