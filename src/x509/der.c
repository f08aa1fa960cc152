/*
 * der.c - a strict, bounded reader of DER (X.690)
 */
#include <time.h>

#include "x509/der.h"

struct der
der_of(const void *data, size_t len)
{
	return (struct der){ .data = data, .len = len };
}

/* Length octets at p (X.690 10.1: definite, in the fewest octets). */
static int
length_octets(const unsigned char *p, size_t left, size_t *len, size_t *used)
{
	size_t n, v = 0;

	if (left == 0)
		return -1;
	if (p[0] < 0x80) {
		*len = p[0];
		*used = 1;
		return 0;
	}
	n = p[0] & 0x7f;
	if (n == 0 || n > 4 || n >= left || p[1] == 0)
		return -1;
	for (size_t i = 1; i <= n; i++)
		v = v << 8 | p[i];
	if (v < 0x80)
		return -1;
	*len = v;
	*used = n + 1;
	return 0;
}

int
der_next(struct der *d, unsigned char *tag, struct der *contents, struct der *whole)
{
	size_t len, used;

	if (d->len < 2 || (d->data[0] & 0x1f) == 0x1f || d->data[0] == 0 ||
	    length_octets(d->data + 1, d->len - 1, &len, &used) < 0 || d->len - 1 - used < len)
		return -1;
	*tag = d->data[0];
	*contents = der_of(d->data + 1 + used, len);
	if (whole != NULL)
		*whole = der_of(d->data, 1 + used + len);
	d->data += 1 + used + len;
	d->len -= 1 + used + len;
	return 0;
}

int
der_expect_whole(struct der *d, unsigned char tag, struct der *contents, struct der *whole)
{
	unsigned char got;

	if (der_peek(d) != tag)
		return -1;
	return der_next(d, &got, contents, whole);
}

int
der_expect(struct der *d, unsigned char tag, struct der *contents)
{
	return der_expect_whole(d, tag, contents, NULL);
}

int
der_optional(struct der *d, unsigned char tag, struct der *contents)
{
	unsigned char got;

	if (der_peek(d) != tag)
		return 0;
	return der_next(d, &got, contents, NULL) < 0 ? -1 : 1;
}

bool
der_at_end(const struct der *d)
{
	return d->len == 0;
}

unsigned char
der_peek(const struct der *d)
{
	return d->len == 0 ? 0 : d->data[0];
}

int
der_uint(struct der *d, uint64_t *out)
{
	struct der c;
	uint64_t v = 0;

	if (der_expect(d, DER_INTEGER, &c) < 0 || c.len == 0 || (c.data[0] & 0x80) != 0)
		return -1;
	if (c.len > 1 && c.data[0] == 0) {
		if ((c.data[1] & 0x80) == 0)
			return -1; /* not the fewest octets */
		c = der_of(c.data + 1, c.len - 1);
	}
	if (c.len > 8)
		return -1;
	for (size_t i = 0; i < c.len; i++)
		v = v << 8 | c.data[i];
	*out = v;
	return 0;
}

static int
digits(const unsigned char *p, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

int
der_time(struct der *d, int64_t *out)
{
	struct tm tm = { 0 };
	struct der c;
	unsigned char tag;
	int year, part[5];
	size_t y;

	if (der_next(d, &tag, &c, NULL) < 0)
		return -1;
	y = tag == DER_UTC_TIME ? 2 : 4;
	if ((tag != DER_UTC_TIME && tag != DER_GENERAL_TIME) || c.len != y + 11 ||
	    c.data[c.len - 1] != 'Z' || (year = digits(c.data, y)) < 0)
		return -1;
	for (size_t i = 0; i < 5; i++)
		if ((part[i] = digits(c.data + y + 2 * i, 2)) < 0)
			return -1;
	if (part[0] < 1 || part[0] > 12 || part[1] < 1 || part[1] > 31 || part[2] > 23 ||
	    part[3] > 59 || part[4] > 59)
		return -1;
	if (tag == DER_UTC_TIME)
		year += year >= 50 ? 1900 : 2000;
	tm.tm_year = year - 1900;
	tm.tm_mon = part[0] - 1;
	tm.tm_mday = part[1];
	tm.tm_hour = part[2];
	tm.tm_min = part[3];
	tm.tm_sec = part[4];
	*out = (int64_t)timegm(&tm);
	return tm.tm_mday == part[1] ? 0 : -1;
}

bool
der_equal(const struct der *d, const void *data, size_t len)
{
	return d->len == len && (len == 0 || memcmp(d->data, data, len) == 0);
}

static int
walk(struct der d, int depth)
{
	struct der contents;
	unsigned char tag;

	if (depth > LIMIT_ASN1_DEPTH)
		return -1;
	while (!der_at_end(&d)) {
		if (der_next(&d, &tag, &contents, NULL) < 0)
			return -1;
		if ((tag & 0x20) != 0 && walk(contents, depth + 1) < 0)
			return -1;
	}
	return 0;
}

int
der_check(const void *data, size_t len)
{
	struct der d = der_of(data, len), contents;
	unsigned char tag;

	if (der_next(&d, &tag, &contents, NULL) < 0 || !der_at_end(&d))
		return -1;
	return (tag & 0x20) == 0 ? 0 : walk(contents, 1);
}
