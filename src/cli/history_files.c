/*
 * history_files.c - what another CA left in a file or folder
 */
#include <sys/stat.h>

#include <dirent.h>
#include <search.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/history_files.h"
#include "cli/show.h"

#define DEPTH_MAX 4
#define INDEX_MAX ((size_t)256 * 1024 * 1024)
#define FILE_MAX  ((size_t)4 * 1024 * 1024)

struct walk {
	struct cli *cli;
	struct history_files *out;
	const char *index; /* path of the one that was read */
	void *seen;	   /* tree of SHA-256 */
};

/* ---- certificates ------------------------------------------------------------------ */

static int
by_hash(const void *a, const void *b)
{
	return memcmp(a, b, SHA256_DIGEST_LENGTH);
}

/* The same one is often there twice: under its name, and under its serial. */
static bool
is_new(struct walk *w, const void *der, size_t len)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	void *key, **at;

	SHA256(der, len, hash);
	key = arena_dup(w->cli->arena, hash, sizeof(hash));
	return (at = tsearch(key, &w->seen, by_hash)) != NULL && *at == key;
}

static const char *
serial_of(struct walk *w, const void *der, size_t len)
{
	const unsigned char *p = der;
	X509 *x = d2i_X509(NULL, &p, (long)len);
	BIGNUM *bn = x == NULL ? NULL : ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *hex = bn == NULL ? NULL : BN_bn2hex(bn), *serial = NULL;

	if (hex != NULL)
		serial = arena_strdup(w->cli->arena, hex + strspn(hex, "0"));
	OPENSSL_free(hex);
	BN_free(bn);
	X509_free(x);
	ERR_clear_error();
	return serial;
}

static void
add_cert(struct walk *w, const char *name, const void *der, size_t len)
{
	struct history_files *f = w->out;

	if (!is_new(w, der, len))
		return;
	if (f->ncerts == f->certs_cap) {
		struct history_cert *more;

		f->certs_cap = f->certs_cap == 0 ? 64 : f->certs_cap * 2;
		more = arena_new_array(w->cli->arena, f->certs_cap, struct history_cert);
		if (f->ncerts > 0)
			memcpy(more, f->certs, f->ncerts * sizeof(*more));
		f->certs = more;
	}
	f->certs[f->ncerts++] = (struct history_cert){ name, arena_dup(w->cli->arena, der, len),
		len, serial_of(w, der, len) };
}

/* PEM with any text around, or DER. */
static void
take_certificates(struct walk *w, const char *name, const struct buf *b)
{
	BIO *bio = BIO_new_mem_buf(b->data, (int)b->len);
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	long len;
	size_t before = w->out->ncerts;

	if (b->len > 2 && b->data[0] == 0x30 && b->data[1] >= 0x80) {
		add_cert(w, name, b->data, b->len);
		BIO_free(bio);
		return;
	}
	while (bio != NULL && PEM_read_bio(bio, &label, &header, &der, &len) == 1) {
		const char *part = w->out->ncerts == before
		    ? name
		    : arena_printf(w->cli->arena, "%s (%zu)", name, w->out->ncerts - before + 1);

		if (strcmp(label, "CERTIFICATE") == 0 && len > 0)
			add_cert(w, part, der, (size_t)len);
		OPENSSL_free(label);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)len);
	}
	BIO_free(bio);
	ERR_clear_error();
}

/* ---- index.txt ------------------------------------------------------------------- */

/* The fourth field, as BN_bn2hex writes it, without zeros in front. */
static const char *
serial_field(struct cli *cli, const char *line, size_t len)
{
	const char *end = line + len, *p = line, *tab;
	char *s;

	for (int i = 0; i < 3; i++) {
		if ((p = memchr(p, '\t', (size_t)(end - p))) == NULL)
			return NULL;
		p++;
	}
	if ((tab = memchr(p, '\t', (size_t)(end - p))) == NULL)
		return NULL;
	while (p < tab && *p == '0')
		p++;
	s = arena_dup(cli->arena, p, (size_t)(tab - p));
	for (char *c = s; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'f')
			*c = (char)(*c - 'a' + 'A');
	return s;
}

static int
by_serial(const void *a, const void *b)
{
	const struct history_index_line *const *x = a, *const *y = b;
	int r = strcmp((*x)->serial, (*y)->serial);

	return r != 0 ? r : (*x)->number < (*y)->number ? -1 : 1;
}

static void
take_lines(struct cli *cli, struct history_files *f, char *text)
{
	size_t n = 0, number = 0;

	for (const char *p = text; *p != '\0'; n++)
		p = *(p = strchrnul(p, '\n')) == '\0' ? p : p + 1;
	f->lines = arena_new_array(cli->arena, n + 1, struct history_index_line);
	f->by_serial = arena_new_array(cli->arena, n + 1, struct history_index_line *);
	while (*text != '\0') {
		struct history_index_line *l = &f->lines[f->nlines++];

		*l = (struct history_index_line){
			.text = text, .len = strcspn(text, "\n"), .number = ++number
		};
		l->serial = serial_field(cli, text, l->len);
		if (l->serial != NULL)
			f->by_serial[f->nserials++] = l;
		text += l->len + (text[l->len] == '\n');
	}
	qsort(f->by_serial, f->nserials, sizeof(struct history_index_line *), by_serial);
}

struct history_index_line **
history_lines_of(const struct history_files *f, const char *serial, size_t *n)
{
	size_t low = 0, high = f->nserials;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(f->by_serial[mid]->serial, serial) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (*n = 0; low + *n < f->nserials && strcmp(f->by_serial[low + *n]->serial, serial) == 0;)
		(*n)++;
	return *n == 0 ? NULL : f->by_serial + low;
}

static int
take_index(struct walk *w, const char *path)
{
	AUTO_BUF struct buf b = { 0 };
	char *text;
	int rc;

	if (w->index != NULL)
		return cli_say(w->cli, EXIT_INPUT, "give the folder of one CA",
		    "there are two: %s and %s", w->index, path);
	w->index = arena_strdup(w->cli->arena, path);
	if ((rc = read_input(w->cli, path, INDEX_MAX, &b)) != 0)
		return rc;
	text = arena_dup(w->cli->arena, b.data == NULL ? "" : (const char *)b.data, b.len);
	for (size_t i = 0; i < b.len; i++)
		if (text[i] == '\0')
			text[i] = '?';
	utf8_mend(text);
	take_lines(w->cli, w->out, text);
	return 0;
}

static int
take_number(struct walk *w, const char *path)
{
	AUTO_BUF struct buf b = { 0 };
	int rc = read_input(w->cli, path, LIMIT_CSR, &b);
	char *text;

	if (rc != 0)
		return rc;
	text = arena_dup(w->cli->arena, b.data == NULL ? "" : (const char *)b.data, b.len);
	text[strcspn(text, "\r\n")] = '\0';
	if (utf8_valid(text, strlen(text)) && text[0] != '\0')
		w->out->crl_number = text;
	return 0;
}

/* ---- folders ----------------------------------------------------------------------- */

static bool
is_certificate_name(const char *name)
{
	return text_ends(name, ".pem") || text_ends(name, ".crt") || text_ends(name, ".cer") ||
	    text_ends(name, ".der");
}

static int
take_file(struct walk *w, const char *path, const char *name)
{
	AUTO_BUF struct buf b = { 0 };
	int rc;

	if (strcmp(name, "index.txt") == 0)
		return take_index(w, path);
	if (strcmp(name, "crlnumber") == 0)
		return take_number(w, path);
	if (!is_certificate_name(name))
		return 0;
	if ((rc = read_input(w->cli, path, FILE_MAX, &b)) != 0)
		return rc;
	take_certificates(w, show_text(w->cli->arena, name), &b);
	return 0;
}

static int
take_folder(struct walk *w, const char *path, int depth)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort), rc = 0;

	if (n < 0)
		return cli_say(w->cli, EXIT_INPUT, NULL, "could not read the folder %s", path);
	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		char *inner = arena_printf(w->cli->arena, "%s/%s", path, name);
		struct stat st;

		if (rc == 0 && name[0] != '.' && lstat(inner, &st) == 0) {
			if (S_ISREG(st.st_mode))
				rc = take_file(w, inner, name);
			else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX &&
			    strcmp(name, "private") != 0 && strcmp(name, "reqs") != 0)
				rc = take_folder(w, inner, depth + 1);
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

static void
leave(void *key)
{
}

int
history_files(struct cli *cli, const char *path, struct history_files *out)
{
	struct walk w = { .cli = cli, .out = out };
	const char *slash = strrchr(path, '/');
	struct stat st;
	int rc;

	memset(out, 0, sizeof(*out));
	if (stat(path, &st) < 0)
		return cli_say(cli, EXIT_INPUT, NULL, "%s is not there", path);
	slash = slash == NULL ? path : slash + 1;
	if (S_ISDIR(st.st_mode))
		rc = take_folder(&w, path, 0);
	else if (is_certificate_name(slash) || strcmp(slash, "crlnumber") == 0)
		rc = take_file(&w, path, slash);
	else
		rc = take_index(&w, path);
	tdestroy(w.seen, leave);
	if (rc == 0 && out->ncerts == 0 && out->nlines == 0)
		return cli_say(cli, EXIT_INPUT,
		    "a folder with certificates (.pem .crt .cer .der) or an index.txt, or one of "
		    "these files",
		    "%s holds nothing of a CA's history", path);
	return rc;
}
