/*
 * zip.c - ZIP answers: a few small members, names as labels only
 *
 * Sizes in the directory lie, so bytes are counted while they are read.
 */
#include <zip.h>

#include "base/text.h"
#include "reader/bundle.h"

#define ZIP_BYTES_MAX LIMIT_BODY /* of all members, unpacked */

DEFINE_AUTO(zip, zip_t, zip_discard)

static int
malformed(struct reading *rd, const char *from)
{
	err_set(&rd->err, R_ZIP_MALFORMED, rd->field, "%s is a damaged ZIP file", from);
	return err_hint(&rd->err, "unpack it yourself and give the files that were in it");
}

static zip_t *
open_zip(const unsigned char *p, size_t len)
{
	zip_error_t why;
	zip_source_t *source;
	zip_t *z;

	zip_error_init(&why);
	source = zip_source_buffer_create(p, len, 0, &why);
	z = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, &why);
	if (z == NULL && source != NULL)
		zip_source_free(source);
	zip_error_fini(&why);
	return z;
}

static int
read_member(struct reading *rd, const char *from, zip_file_t *f, struct buf *out, size_t *left)
{
	unsigned char piece[4096];
	zip_int64_t n;

	while ((n = zip_fread(f, piece, sizeof(piece))) > 0) {
		if ((size_t)n > *left) {
			err_set(&rd->err, R_ZIP_SIZE, rd->field,
			    "%s holds more than %d KiB when unpacked", from, ZIP_BYTES_MAX / 1024);
			return err_hint(
			    &rd->err, "unpack it yourself and give only the certificates");
		}
		*left -= (size_t)n;
		buf_put(out, piece, (size_t)n);
	}
	explicit_bzero(piece, sizeof(piece));
	return n < 0 ? malformed(rd, from) : 0;
}

/* Folders and what Finder adds beside each file. */
static bool
is_filler(const char *name)
{
	const char *slash = strrchr(name, '/');

	return text_starts(name, "__MACOSX/") || text_ends(name, "/") ||
	    text_ends(name, ".DS_Store") || text_starts(slash == NULL ? name : slash + 1, "._");
}

static int
take_member(struct reading *rd, const char *from, zip_t *z, zip_uint64_t i, size_t *left)
{
	AUTO_BUF struct buf content = { 0 };
	zip_file_t *f;
	zip_stat_t st;
	const char *label;
	int r;

	if (zip_stat_index(z, i, 0, &st) < 0 || !(st.valid & ZIP_STAT_NAME))
		return malformed(rd, from);
	if (is_filler(st.name))
		return 0;
	if (st.valid & ZIP_STAT_ENCRYPTION_METHOD && st.encryption_method != ZIP_EM_NONE) {
		err_set(&rd->err, R_ZIP_ENCRYPTED, rd->field, "%s is an encrypted ZIP file", from);
		return err_hint(&rd->err, "unpack it yourself and give the files that were in it");
	}
	if ((f = zip_fopen_index(z, i, 0)) == NULL)
		return malformed(rd, from);
	r = read_member(rd, from, f, &content, left);
	zip_fclose(f);
	if (r < 0)
		return -1;
	label = reader_label(
	    rd->arena, (const unsigned char *)st.name, strlen(st.name), "a member");
	return bundle_content(rd, arena_printf(rd->arena, "%s/%s", from, label),
	    content.data == NULL ? (const unsigned char *)"" : content.data, content.len);
}

int
zip_read(struct reading *rd, const char *from, const unsigned char *p, size_t len)
{
	AUTO(zip) zip_t *z = open_zip(p, len);
	size_t left = ZIP_BYTES_MAX;
	zip_int64_t n;
	int r = 0;

	if (z == NULL || (n = zip_get_num_entries(z, 0)) < 0)
		return malformed(rd, from);
	if (n > LIMIT_ZIP_ENTRIES) {
		err_set(&rd->err, R_ZIP_ENTRIES, rd->field, "%s holds more than %d files", from,
		    LIMIT_ZIP_ENTRIES);
		return err_hint(&rd->err, "unpack it yourself and give only the certificates");
	}
	rd->in_zip = true;
	for (zip_int64_t i = 0; r == 0 && i < n; i++)
		if ((r = take_member(rd, from, z, (zip_uint64_t)i, &left)) < 0)
			r = bundle_soften(rd);
	rd->in_zip = false;
	return r;
}
