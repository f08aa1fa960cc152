/*
 * reader.c - a request's payload in, an answer's payload out
 *
 * Request: u8 kind | u8 has passphrase [| string] | u32 n | n * (string name,
 * string data). Answer: u8 status; 0: what was found; 1: a refusal as four
 * strings (id, field, message, hint). A payload that is not a request gets no
 * answer at all.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include <jansson.h>
#include <malloc.h>
#include <time.h>

#include "base/clock.h"
#include "reader/bundle.h"
#include "reader/openssl.h"
#include "reader/reader.h"

static void
wiping_free(void *p)
{
	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

/* What OpenSSL looks up once and keeps: then each reader is born with it. */
static void
warm_up(void)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	unsigned char *der = NULL;
	const unsigned char *p;
	int n = key == NULL ? -1 : i2d_PUBKEY(key, &der);

	p = der;
	if (n > 0)
		EVP_PKEY_free(d2i_PUBKEY(NULL, &p, n));
	OPENSSL_free(der);
	ERR_clear_error();
}

int
reader_prepare(struct err *e)
{
	static OSSL_LIB_CTX *ctx;
	uint32_t seed;

	if (ctx != NULL)
		return 0;
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_ADD_ALL_CIPHERS |
		OPENSSL_INIT_ADD_ALL_DIGESTS,
	    NULL);
	ctx = OSSL_LIB_CTX_new();
	if (ctx == NULL || OSSL_PROVIDER_load(ctx, "default") == NULL ||
	    OSSL_PROVIDER_load(ctx, "legacy") == NULL)
		return err_set(
		    e, R_SYSTEM, NULL, "could not load OpenSSL's default and legacy providers");
	OSSL_LIB_CTX_set0_default(ctx);
	warm_up();
	setenv("TZ", "UTC0", 1);
	tzset();
	random_bytes(&seed, sizeof(seed));
	json_object_seed(seed | 1);
	json_set_alloc_funcs(malloc, wiping_free);
	return 0;
}

int
reader_count(struct reading *rd)
{
	if (++rd->objects <= LIMIT_PEM_OBJECTS)
		return 0;
	err_set(&rd->err, R_FILE_MANY, rd->field,
	    "there are more than %d certificates, keys or other objects in it", LIMIT_PEM_OBJECTS);
	return err_hint(&rd->err, "give the certificate and those of its issuers only");
}

static void
put_refusal(const struct err *e, struct buf *out)
{
	buf_put_u8(out, 1);
	buf_put_cstring(out, refusal_id(e->refusal));
	buf_put_cstring(out, e->field);
	buf_put_cstring(out, e->message);
	buf_put_cstring(out, e->hint);
}

/* Files as the request lists them; sizes are judged before any parsing. */
static int
take_files(struct view *v, struct bundle_file *files, uint32_t n, size_t *total)
{
	*total = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (view_string(v, &files[i].name, &files[i].name_len, READER_NAME_MAX) < 0 ||
		    view_string(v, &files[i].data, &files[i].len, LIMIT_BODY) < 0)
			return -1;
		*total += files[i].len;
	}
	return view_end(v);
}

static int
too_large(struct reading *rd)
{
	err_set(&rd->err, R_FILE_LARGE, rd->field, "it is larger than %d KiB", LIMIT_BUNDLE / 1024);
	return err_hint(&rd->err,
	    "no key or chain of certificates is that large; "
	    "give only the file that holds it");
}

static void
answer_key(struct reading *rd, const struct bundle_file *f, size_t total, struct buf *out)
{
	AUTO_BUF struct buf der = { 0 };
	const char *found = NULL;
	int r;

	rd->field = "file";
	if (total > LIMIT_BUNDLE)
		r = too_large(rd);
	else
		r = key_read(rd, f->data, f->len, &der, &found);
	if (r < 0) {
		put_refusal(&rd->err, out);
		return;
	}
	buf_put_u8(out, 0);
	buf_put_string(out, der.data, der.len);
	buf_put_cstring(out, found);
}

static void
answer_bundle(
    struct reading *rd, const struct bundle_file *files, uint32_t n, size_t total, struct buf *out)
{
	unsigned nrepairs = 0;

	rd->field = "files";
	if ((total > LIMIT_BUNDLE ? too_large(rd) : bundle_read(rd, files, n)) < 0) {
		put_refusal(&rd->err, out);
		return;
	}
	buf_put_u8(out, 0);
	buf_put_u32(out, (uint32_t)rd->ncerts);
	for (size_t i = 0; i < rd->ncerts; i++) {
		buf_put_string(out, rd->certs[i].der, rd->certs[i].len);
		buf_put_cstring(out, rd->certs[i].from);
	}
	for (int i = 0; i < REPAIR_COUNT; i++)
		nrepairs += (rd->repairs >> i) & 1;
	buf_put_u32(out, nrepairs);
	for (int i = 0; i < REPAIR_COUNT; i++)
		if (rd->repairs & 1u << i)
			buf_put_cstring(out, repair_text((enum repair)i));
	buf_put_u32(out, (uint32_t)rd->nnotes);
	for (size_t i = 0; i < rd->nnotes; i++)
		buf_put_cstring(out, rd->notes[i]);
}

static int
take_passphrase(struct reading *rd, struct view *v)
{
	const unsigned char *p;
	uint8_t has;
	size_t n;

	if (view_u8(v, &has) < 0 || has > 1)
		return -1;
	if (has == 0)
		return 0;
	if (view_string(v, &p, &n, LIMIT_PASSPHRASE) < 0)
		return -1;
	rd->passphrase.text = arena_dup(rd->arena, p, n);
	rd->passphrase.len = (int)n;
	return 0;
}

static void
answer_request(struct reading *rd, char kind, struct view *v, struct buf *out)
{
	struct bundle_file files[LIMIT_FILES] = { 0 };
	uint8_t asked;
	uint32_t n;
	size_t total;

	if (view_u8(v, &asked) < 0 || asked != (uint8_t)kind || take_passphrase(rd, v) < 0 ||
	    view_u32(v, &n) < 0 || n == 0 || n > (kind == READER_KEY ? 1 : LIMIT_FILES) ||
	    take_files(v, files, n, &total) < 0)
		return;
	if (kind == READER_KEY)
		answer_key(rd, &files[0], total, out);
	else
		answer_bundle(rd, files, n, total, out);
}

void
reader_answer(char kind, const void *request, size_t len, struct buf *answer)
{
	AUTO(arena) struct arena *arena = arena_new();
	struct reading *rd = arena_alloc(arena, sizeof(*rd));
	struct view v = view_of(request, len);

	rd->arena = arena;
	answer_request(rd, kind, &v, answer);
	ERR_clear_error();
}
