/*
 * tbs.c - a TBSCertificate (RFC 5280 4.1) taken apart
 */
#include "x509/tbs.h"

#define YEAR_2050      2524608000LL
#define MAX_EXTENSIONS 64

static int
take_time(struct der *d, int64_t *out, bool *fits)
{
	unsigned char tag = der_peek(d);

	if (der_time(d, out) < 0)
		return -1;
	*fits = *fits && (tag == DER_GENERAL_TIME) == (*out >= YEAR_2050);
	return 0;
}

/* A serial number that is one: positive, in the fewest octets, at most 20. */
static bool
is_serial(const struct der *n)
{
	return n->len >= 1 && n->len <= 20 && (n->data[0] & 0x80) == 0 &&
	    (n->len == 1 ? n->data[0] != 0 : n->data[0] != 0 || (n->data[1] & 0x80) != 0);
}

/* [0] EXPLICIT INTEGER: 2 is version 3 */
static int
take_version(struct der *cert)
{
	struct der version;
	uint64_t v3;

	return der_expect(cert, DER_CONTEXT(0), &version) < 0 || der_uint(&version, &v3) < 0 ||
		v3 != 2 || !der_at_end(&version)
	    ? -1
	    : 0;
}

static int
take_validity(struct der *cert, struct tbs *t)
{
	struct der validity;

	return der_expect(cert, DER_SEQUENCE, &validity) < 0 ||
		take_time(&validity, &t->not_before, &t->times_fit) < 0 ||
		take_time(&validity, &t->not_after, &t->times_fit) < 0 || !der_at_end(&validity)
	    ? -1
	    : 0;
}

int
tbs_read(struct tbs *t, const void *data, size_t len)
{
	struct der d = der_of(data, len), cert, body, outer;

	memset(t, 0, sizeof(*t));
	t->times_fit = true;
	if (der_check(data, len) < 0 || der_expect(&d, DER_SEQUENCE, &cert) < 0 ||
	    take_version(&cert) < 0 || der_expect(&cert, DER_INTEGER, &t->serial) < 0 ||
	    !is_serial(&t->serial) ||
	    der_expect_whole(&cert, DER_SEQUENCE, &body, &t->algorithm) < 0 ||
	    der_expect_whole(&cert, DER_SEQUENCE, &body, &t->issuer) < 0 ||
	    take_validity(&cert, t) < 0 ||
	    der_expect_whole(&cert, DER_SEQUENCE, &body, &t->subject) < 0 ||
	    der_expect_whole(&cert, DER_SEQUENCE, &body, &t->spki) < 0 ||
	    der_expect(&cert, DER_CONTEXT(3), &outer) < 0 ||
	    der_expect(&outer, DER_SEQUENCE, &t->extensions) < 0 || !der_at_end(&outer))
		return -1;
	return der_at_end(&cert) ? 0 : -1;
}

/* DER says TRUE in one way (X.690 11.1), and leaves a default out (11.5). */
static int
take_true(struct der *d, bool *out)
{
	struct der c;
	int r = der_optional(d, DER_BOOLEAN, &c);

	*out = r == 1;
	return r < 0 || (r == 1 && (c.len != 1 || c.data[0] != 0xff)) ? -1 : 0;
}

int
tbs_extension(struct der *extensions, struct extension *x)
{
	struct der ext;

	if (der_at_end(extensions))
		return 0;
	if (der_expect(extensions, DER_SEQUENCE, &ext) < 0 ||
	    der_expect(&ext, DER_OID, &x->id) < 0 || take_true(&ext, &x->critical) < 0 ||
	    der_expect(&ext, DER_OCTET_STRING, &x->value) < 0 || !der_at_end(&ext))
		return -1;
	return 1;
}

bool
extensions_distinct(struct der extensions)
{
	struct der ids[MAX_EXTENSIONS];
	struct extension x;
	size_t n = 0;
	int r;

	while ((r = tbs_extension(&extensions, &x)) == 1) {
		for (size_t i = 0; i < n; i++)
			if (der_equal(&ids[i], x.id.data, x.id.len))
				return false;
		if (n == nitems(ids))
			return false;
		ids[n++] = x.id;
	}
	return r == 0;
}

unsigned char
extension_id_ce(const struct extension *x)
{
	return x->id.len == 3 && x->id.data[0] == 0x55 && x->id.data[1] == 0x1d ? x->id.data[2] : 0;
}

int
basic_constraints(struct der value, bool *ca, int *path_len)
{
	struct der list;
	uint64_t n;

	*path_len = -1;
	if (der_expect(&value, DER_SEQUENCE, &list) < 0 || !der_at_end(&value) ||
	    take_true(&list, ca) < 0)
		return -1;
	if (der_at_end(&list))
		return 0;
	if (!*ca || der_uint(&list, &n) < 0 || n > 255 || !der_at_end(&list))
		return -1;
	*path_len = (int)n;
	return 0;
}

int
key_usage(struct der value, unsigned char *bits)
{
	struct der b;

	/* unused bits are zero (X.690 11.2.1): nobody reads them otherwise */
	if (der_expect(&value, DER_BIT_STRING, &b) < 0 || !der_at_end(&value) || b.len < 1 ||
	    b.len > 3 || b.data[0] > 7 || (b.len == 1 && b.data[0] != 0) ||
	    (b.len > 1 && (b.data[b.len - 1] & ((1 << b.data[0]) - 1)) != 0))
		return -1;
	*bits = b.len > 1 ? b.data[1] : 0;
	return 0;
}
