/*
 * der_put.c - DER written, inside out
 */
#include <time.h>

#include <openssl/objects.h>

#include "x509/der_put.h"

void
der_put_header(struct buf *b, unsigned char tag, size_t len)
{
	buf_put_u8(b, tag);
	if (len < 0x80)
		buf_put_u8(b, (uint8_t)len);
	else if (len < 0x100) {
		buf_put_u8(b, 0x81);
		buf_put_u8(b, (uint8_t)len);
	} else if (len < 0x10000) {
		buf_put_u8(b, 0x82);
		buf_put_u16(b, (uint16_t)len);
	} else if (len < 0x1000000) {
		buf_put_u8(b, 0x83);
		buf_put_u8(b, (uint8_t)(len >> 16));
		buf_put_u16(b, (uint16_t)len);
	} else {
		buf_put_u8(b, 0x84);
		buf_put_u32(b, (uint32_t)len);
	}
}

void
der_put(struct buf *b, unsigned char tag, const void *data, size_t len)
{
	der_put_header(b, tag, len);
	buf_put(b, data, len);
}

void
der_wrap(struct buf *b, unsigned char tag)
{
	AUTO_BUF struct buf inner = *b;

	buf_init(b);
	der_put(b, tag, inner.data, inner.len);
}

void
der_put_time(struct buf *b, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[32];
	struct tm tm;
	bool utc;

	gmtime_r(&t, &tm);
	utc = tm.tm_year + 1900 < 2050;
	strftime(text, sizeof(text), utc ? "%y%m%d%H%M%SZ" : "%Y%m%d%H%M%SZ", &tm);
	der_put(b, utc ? DER_UTC_TIME : DER_GENERAL_TIME, text, strlen(text));
}

void
der_put_unsigned(struct buf *b, const unsigned char *p, size_t n)
{
	while (n > 1 && p[0] == 0) {
		p++;
		n--;
	}
	der_put_header(b, DER_INTEGER, n + (p[0] >> 7));
	if (p[0] >> 7)
		buf_put_u8(b, 0);
	buf_put(b, p, n);
}

void
der_put_uint(struct buf *b, uint64_t value)
{
	unsigned char p[8];

	for (int i = 7; i >= 0; i--, value >>= 8)
		p[i] = (unsigned char)value;
	der_put_unsigned(b, p, sizeof(p));
}

int
der_put_oid(struct buf *b, const char *name)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(name, 0);

	if (oid == NULL)
		return -1;
	der_put(b, DER_OID, OBJ_get0_data(oid), OBJ_length(oid));
	ASN1_OBJECT_free(oid);
	return 0;
}

void
der_put_extension(struct buf *b, const char *oid, bool critical, const struct buf *value)
{
	static const unsigned char yes[] = { DER_BOOLEAN, 1, 0xff };
	AUTO_BUF struct buf x = { 0 };

	(void)der_put_oid(&x, oid);
	if (critical)
		buf_put(&x, yes, sizeof(yes));
	der_put(&x, DER_OCTET_STRING, value->data, value->len);
	der_put(b, DER_SEQUENCE, x.data, x.len);
}

void
der_put_key_id(struct buf *b, const void *id, size_t len)
{
	AUTO_BUF struct buf value = { 0 };

	der_put(&value, DER_OCTET_STRING, id, len);
	der_put_extension(b, "2.5.29.14", false, &value);
}

void
der_put_authority_key_id(struct buf *b, const void *id, size_t len)
{
	AUTO_BUF struct buf value = { 0 };

	der_put(&value, DER_CONTEXT_PRIMITIVE(0), id, len);
	der_wrap(&value, DER_SEQUENCE);
	der_put_extension(b, "2.5.29.35", false, &value);
}

void
der_put_uri(struct buf *b, const char *uri)
{
	der_put(b, DER_CONTEXT_PRIMITIVE(6), uri, strlen(uri));
}

static void
put_access(struct buf *b, const char *method, const char *uri)
{
	AUTO_BUF struct buf one = { 0 };

	if (uri == NULL)
		return;
	(void)der_put_oid(&one, method);
	der_put_uri(&one, uri);
	der_put(b, DER_SEQUENCE, one.data, one.len);
}

void
der_put_points(struct buf *b, const char *oid, const char *uri)
{
	AUTO_BUF struct buf value = { 0 };

	der_put_uri(&value, uri);
	der_wrap(&value, DER_CONTEXT(0)); /* fullName */
	der_wrap(&value, DER_CONTEXT(0)); /* distributionPoint */
	der_wrap(&value, DER_SEQUENCE);
	der_wrap(&value, DER_SEQUENCE);
	der_put_extension(b, oid, false, &value);
}

void
der_put_addresses(struct buf *b, const char *crl, const char *ocsp, const char *issuer)
{
	AUTO_BUF struct buf access = { 0 };

	if (crl != NULL)
		der_put_points(b, "2.5.29.31", crl);
	put_access(&access, "1.3.6.1.5.5.7.48.1", ocsp);
	put_access(&access, "1.3.6.1.5.5.7.48.2", issuer);
	if (access.len == 0)
		return;
	der_wrap(&access, DER_SEQUENCE);
	der_put_extension(b, "1.3.6.1.5.5.7.1.1", false, &access);
}
