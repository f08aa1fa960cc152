/*
 * shown.c - bytes of strangers, made fit to show
 */
#include <openssl/sha.h>

#include "base/buf.h"
#include "base/text.h"
#include "x509/shown.h"

#define BYTES_MAX 512
#define DIGEST	  8 /* bytes of it that are shown */

/* The end of what is not shown whole. */
static const char *
digest_of(struct arena *a, const void *p, size_t n)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];

	SHA256(p, n, hash);
	return arena_printf(a, "... sha256:%s", hex_of(a, hash, DIGEST));
}

const char *
shown_bytes(struct arena *a, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < n && i < BYTES_MAX; i++)
		if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '\\')
			buf_put_u8(&b, p[i]);
		else
			buf_printf(&b, "\\x%02x", p[i]);
	if (n > BYTES_MAX)
		buf_put_text(&b, digest_of(a, p, n));
	return arena_strdup(a, buf_text(&b));
}

const char *
shown_hex(struct arena *a, const void *p, size_t n, size_t max)
{
	return n <= max ? hex_of(a, p, n)
			: arena_printf(a, "%s%s", hex_of(a, p, max), digest_of(a, p, n));
}

const char *
shown_oid(struct arena *a, const ASN1_OBJECT *oid)
{
	char text[SHOWN_OID + 1];
	int n = OBJ_obj2txt(text, sizeof(text), oid, 1);

	if (n <= 0)
		return "0.0";
	return n <= SHOWN_OID ? arena_strdup(a, text)
			      : arena_printf(a, "%.*s%s", SHOWN_OID / 2, text,
				    digest_of(a, OBJ_get0_data(oid), OBJ_length(oid)));
}
