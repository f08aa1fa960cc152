/*
 * bundle_write.c - a bundle is made: each part is encrypted when the ZIP takes it
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <zip.h>

#include "base/clock.h"
#include "base/io.h"
#include "cli/bundle.h"

#define PIECE 65536

static const char readme[] =
    "A security bundle of Certwright. key.cms is CMS AuthEnvelopedData under the\n"
    "passphrase of the bundle, each other member NAME.N.cms under the key in it:\n\n"
    "    openssl cms -decrypt -inform DER -in key.cms -pwri_password PASSPHRASE -out key\n"
    "    openssl cms -decrypt -inform DER -in kek.1.cms -secretkey $(cat key) -out kek\n\n"
    "Parts 1, 2, 3 ... of a file follow each other. manifest.cms has sizes and digests.\n";

/* A member: plain text, the key, or a part of a file. libzip opens, reads and frees it. */
struct source {
	const struct bundle_file *file;
	uint64_t at, n;
	const char *text, *passphrase; /* the passphrase: it is the key; neither: the readme */
	const unsigned char *key;
	struct buf der;
	size_t read;
	struct err *e;
};

static int
read_part(const struct source *s, struct buf *plain)
{
	unsigned char *p = malloc(s->n);
	ssize_t got = 0;

	if (p == NULL)
		return err_nomem(s->e);
	for (uint64_t at = 0; at < s->n; at += (uint64_t)got)
		if ((got = pread(s->file->fd, p + at, s->n - at, (off_t)(s->at + at))) <= 0)
			break;
	if (got > 0)
		buf_put(plain, p, s->n);
	explicit_bzero(p, s->n);
	free(p);
	return got > 0 ? 0 : err_errno(s->e, "read %s", next_name(s->file->file));
}

static int
source_open(struct source *s)
{
	AUTO_BUF struct buf plain = { 0 };

	s->read = 0;
	buf_free(&s->der);
	if (s->passphrase != NULL)
		return bundle_seal_key(s->key, s->passphrase, &s->der, s->e);
	if (s->file == NULL && s->text == NULL) {
		buf_put(&s->der, readme, sizeof(readme) - 1);
		return 0;
	}
	if (s->file == NULL)
		buf_put_text(&plain, s->text);
	else if (read_part(s, &plain) < 0)
		return -1;
	return bundle_seal(plain.data, plain.len, s->key, &s->der, s->e);
}

static zip_int64_t
source_call(void *arg, void *data, zip_uint64_t len, zip_source_cmd_t cmd)
{
	struct source *s = arg;
	size_t n;

	switch (cmd) {
	case ZIP_SOURCE_OPEN:
		return source_open(s);
	case ZIP_SOURCE_READ:
		n = s->der.len - s->read < len ? s->der.len - s->read : (size_t)len;
		memcpy(data, s->der.data + s->read, n);
		s->read += n;
		return (zip_int64_t)n;
	case ZIP_SOURCE_CLOSE:
		buf_free(&s->der);
		return 0;
	case ZIP_SOURCE_STAT:
		zip_stat_init(data);
		return sizeof(struct zip_stat);
	case ZIP_SOURCE_ERROR: {
		int code[2] = { ZIP_ER_READ, EIO };

		memcpy(data, code, sizeof(code));
		return sizeof(code);
	}
	case ZIP_SOURCE_FREE:
		buf_free(&s->der);
		free(s);
		return 0;
	case ZIP_SOURCE_SUPPORTS:
		return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ,
		    ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
	default:
		return -1;
	}
}

static int
add(zip_t *z, const char *name, const struct source *what)
{
	struct source *s = malloc(sizeof(*s));
	zip_source_t *source;
	zip_int64_t index;

	if (s == NULL)
		return err_nomem(what->e);
	*s = *what;
	if ((source = zip_source_function(z, source_call, s)) == NULL) {
		free(s);
		return err_nomem(what->e);
	}
	if ((index = zip_file_add(z, name, source, ZIP_FL_ENC_UTF_8)) < 0) {
		zip_source_free(source);
		return err_set(what->e, R_INTERNAL, NULL, "could not add %s", name);
	}
	zip_set_file_compression(z, (zip_uint64_t)index, ZIP_CM_STORE, 0);
	return 0;
}

static int
add_files(zip_t *z, const struct bundle *b, struct err *e)
{
	char name[64];

	for (size_t i = 0; i < BUNDLE_FILES; i++) {
		const struct bundle_file *f = &b->files[i];

		for (uint64_t at = 0; at < f->size; at += BUNDLE_PART) {
			struct source s = { .file = f,
				.at = at,
				.n = f->size - at < BUNDLE_PART ? f->size - at : BUNDLE_PART,
				.key = b->key,
				.e = e };

			if (add(z, bundle_member(name, f->file, at / BUNDLE_PART + 1), &s) < 0)
				return -1;
		}
	}
	return 0;
}

static int
digest(struct bundle_file *f, struct err *e)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char piece[PIECE];
	ssize_t got = 1;
	bool ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL);

	for (uint64_t at = 0; ok && at < f->size; at += (uint64_t)got) {
		size_t n = f->size - at < PIECE ? (size_t)(f->size - at) : PIECE;

		if ((got = pread(f->fd, piece, n, (off_t)at)) <= 0)
			break;
		ok = EVP_DigestUpdate(md, piece, (size_t)got);
	}
	explicit_bzero(piece, sizeof(piece));
	ok = ok && EVP_DigestFinal_ex(md, f->sha256, NULL);
	EVP_MD_CTX_free(md);
	if (got <= 0)
		return err_errno(e, "read %s", next_name(f->file));
	return ok ? 0 : err_set(e, R_INTERNAL, NULL, "SHA-256 is not available");
}

/* libzip writes beside it and renames; then it is made durable. */
static int
close_zip(zip_t *z, const char *path, struct err *e)
{
	AUTO_CLOSE int fd = -1;

	if (zip_close(z) < 0) {
		err_set(e, R_SYSTEM, NULL, "could not write %s: %s", path, zip_strerror(z));
		zip_discard(z);
		return -1;
	}
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 || fsync(fd) < 0)
		return err_errno(e, "keep %s", path);
	return 0;
}

static int
fill(zip_t *z, const struct bundle *b, const char *manifest, const char *passphrase, struct err *e)
{
	struct source clear = { .e = e };
	struct source key = { .passphrase = passphrase, .key = b->key, .e = e };
	struct source said = { .text = manifest, .key = b->key, .e = e };

	if (manifest == NULL)
		return err_nomem(e);
	return add(z, "README.txt", &clear) < 0 || add(z, "key.cms", &key) < 0 ||
		add(z, "manifest.cms", &said) < 0
	    ? -1
	    : add_files(z, b, e);
}

int
bundle_write(const char *path, struct bundle *b, const char *passphrase, struct err *e)
{
	mode_t before = umask(0077);
	char *manifest = NULL;
	int why, r = -1;
	zip_t *z;

	random_bytes(b->key, sizeof(b->key));
	for (size_t i = 0; i < BUNDLE_FILES; i++)
		if (digest(&b->files[i], e) < 0)
			return -1;
	if ((z = zip_open(path, ZIP_CREATE | ZIP_EXCL, &why)) == NULL) {
		errno = why == ZIP_ER_EXISTS ? EEXIST : errno;
		err_errno(e, "make %s", path);
	} else if (fill(z, b, manifest = bundle_manifest(b), passphrase, e) < 0) {
		zip_discard(z);
	} else
		r = close_zip(z, path, e);
	free(manifest);
	umask(before);
	return r;
}
