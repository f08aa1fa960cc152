/*
 * asn1.c - the shape of foreign DER and BER, before libcrypto sees a byte
 */
#include "base/limits.h"
#include "reader/asn1.h"
#include "x509/der.h"

#define MAX_ELEMENTS 100000

/* A header: tag and length; indefinite = the form without a length. */
struct header {
	unsigned char tag;
	bool constructed;
	bool indefinite;
	size_t len;
};

static int
read_length(struct view *v, struct header *h)
{
	uint8_t first, byte;

	if (view_u8(v, &first) < 0)
		return -1;
	h->indefinite = first == 0x80;
	if (first <= 0x80) {
		h->len = first & 0x7f;
		return h->indefinite && !h->constructed ? -1 : 0;
	}
	if ((first & 0x7f) > 4)
		return -1;
	h->len = 0;
	for (int n = first & 0x7f; n > 0; n--) {
		if (view_u8(v, &byte) < 0)
			return -1;
		h->len = h->len << 8 | byte;
	}
	return h->len > v->len ? -1 : 0;
}

static int
read_header(struct view *v, struct header *h)
{
	uint8_t more;

	if (view_u8(v, &h->tag) < 0)
		return -1;
	h->constructed = (h->tag & 0x20) != 0;
	if ((h->tag & 0x1f) == 0x1f) {
		int n = 0;

		do {
			if (view_u8(v, &more) < 0 || ++n > 4)
				return -1;
		} while (more & 0x80);
	}
	if (read_length(v, h) < 0)
		return -1;
	return h->len > v->len ? -1 : 0;
}

enum walk { WALK_OK, WALK_MALFORMED, WALK_DEEP };

static enum walk walk_one(struct view *, int depth, unsigned *count, bool *end);

static enum walk
walk_inside(struct view *v, const struct header *h, int depth, unsigned *count)
{
	struct view in = view_of(v->data, h->indefinite ? v->len : h->len);
	enum walk w = WALK_OK;
	bool end = false;

	while (w == WALK_OK && !end && (h->indefinite || in.len > 0)) {
		w = walk_one(&in, depth + 1, count, &end);
		if (end && !h->indefinite)
			return WALK_MALFORMED;
	}
	if (w == WALK_OK) {
		v->len -= (size_t)(in.data - v->data);
		v->data = in.data;
	}
	return w;
}

/* end: these were the two zero octets that close an indefinite length */
static enum walk
walk_one(struct view *v, int depth, unsigned *count, bool *end)
{
	const unsigned char *p;
	struct header h;

	if (depth > LIMIT_ASN1_DEPTH)
		return WALK_DEEP;
	if (++*count > MAX_ELEMENTS || read_header(v, &h) < 0)
		return WALK_MALFORMED;
	if (h.tag == 0 && h.len == 0 && !h.indefinite) {
		*end = true;
		return WALK_OK;
	}
	if (h.constructed)
		return walk_inside(v, &h, depth, count);
	return view_bytes(v, &p, h.len) < 0 ? WALK_MALFORMED : WALK_OK;
}

int
asn1_walk(
    const void *data, size_t len, size_t *total, struct err *e, const char *field, const char *what)
{
	struct view v = view_of(data, len);
	unsigned count = 0;
	bool end = false;

	switch (walk_one(&v, 1, &count, &end)) {
	case WALK_OK:
		if (!end) {
			*total = len - v.len;
			return 0;
		}
		break;
	case WALK_DEEP:
		err_set(e, R_FILE_DEEP, field, "%s is nested more than %d levels deep", what,
		    LIMIT_ASN1_DEPTH);
		return err_hint(e,
		    "no certificate or key is built like this; "
		    "ask for the file again");
	case WALK_MALFORMED:
		break;
	}
	err_set(e, R_FILE_DER, field, "%s is damaged: its DER does not add up", what);
	return err_hint(e,
	    "it may be cut off or changed on its way; "
	    "copy or download the file again");
}

#define MAX_TAGS 11

struct shape {
	unsigned char tags[MAX_TAGS];
	struct view in[MAX_TAGS];
	size_t n;
	bool more; /* an indefinite length hides what follows */
};

/* The tags of what stands directly inside; stops at an indefinite length. */
static void
shape_of(struct view v, struct shape *s)
{
	struct header h;
	const unsigned char *p;

	memset(s, 0, sizeof(*s));
	while (v.len > 0 && s->n < MAX_TAGS) {
		if (read_header(&v, &h) < 0)
			return;
		s->tags[s->n] = h.tag;
		s->more = h.indefinite;
		if (h.indefinite) {
			s->in[s->n++] = v;
			return;
		}
		if (view_bytes(&v, &p, h.len) < 0)
			return;
		s->in[s->n++] = view_of(p, h.len);
	}
}

static bool
begins(const struct shape *s, const char *tags, size_t n)
{
	return s->n >= n && memcmp(s->tags, tags, n) == 0;
}

#define BEGINS(s, tags) begins((s), (tags), sizeof(tags) - 1)

static bool
is_pkcs7_oid(struct view in)
{
	static const unsigned char pkcs7[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07 };

	return in.len == sizeof(pkcs7) + 1 && memcmp(in.data, pkcs7, sizeof(pkcs7)) == 0;
}

/* SEQUENCE { SEQUENCE, SEQUENCE, BIT STRING }: signed by somebody */
static enum asn1_kind
sniff_signed(struct view tbs)
{
	struct shape s;

	shape_of(tbs, &s);
	if (BEGINS(&s, "\xa0\x02\x30\x30\x30\x30") || BEGINS(&s, "\x02\x30\x30\x30\x30\x30"))
		return KIND_CERTIFICATE;
	if (BEGINS(&s, "\x02\x30\x30") && (s.n == 3 || s.tags[3] == DER_CONTEXT(0)))
		return KIND_CSR;
	if (BEGINS(&s, "\x02\x30\x30\x17") || BEGINS(&s, "\x02\x30\x30\x18") ||
	    BEGINS(&s, "\x30\x30\x17") || BEGINS(&s, "\x30\x30\x18"))
		return KIND_CRL;
	return KIND_UNKNOWN;
}

static enum asn1_kind
sniff_versioned(const struct shape *s)
{
	struct shape second;

	if (BEGINS(s, "\x02\x30\x04"))
		return KIND_PKCS8;
	if (BEGINS(s, "\x02\x30")) {
		shape_of(s->in[1], &second);
		if (BEGINS(&second, "\x06") && is_pkcs7_oid(second.in[0]))
			return KIND_PKCS12;
	}
	if (BEGINS(s, "\x02\x04"))
		return KIND_SEC1;
	if (BEGINS(s, "\x02\x02\x02\x02\x02\x02\x02\x02\x02"))
		return KIND_PKCS1;
	if (BEGINS(s, "\x02\x02\x02\x02\x02\x02") && s->n == 6)
		return KIND_DSA;
	if (BEGINS(s, "\x02\x02") && s->n == 2)
		return KIND_PUBLIC;
	return KIND_UNKNOWN;
}

enum asn1_kind
asn1_sniff(const void *data, size_t len)
{
	struct view v = view_of(data, len);
	struct header h;
	struct shape s;

	if (read_header(&v, &h) < 0 || h.tag != DER_SEQUENCE)
		return KIND_UNKNOWN;
	if (!h.indefinite)
		v.len = h.len;
	shape_of(v, &s);
	if (BEGINS(&s, "\x06") && is_pkcs7_oid(s.in[0]))
		return KIND_PKCS7;
	if (BEGINS(&s, "\x02"))
		return sniff_versioned(&s);
	if (BEGINS(&s, "\x30\x04") && s.n == 2)
		return KIND_PKCS8_ENCRYPTED;
	if (BEGINS(&s, "\x30\x03") && s.n == 2)
		return KIND_PUBLIC;
	if (BEGINS(&s, "\x30\x30\x03"))
		return sniff_signed(s.in[0]);
	return KIND_UNKNOWN;
}

bool
asn1_begins(const unsigned char *p, size_t len)
{
	return len >= 2 && p[0] == DER_SEQUENCE && p[1] >= 0x80 && p[1] <= 0x84;
}

/* UINT64_MAX: does not fit, or is negative. */
static uint64_t
take_integer(struct der *d)
{
	uint64_t n;

	return der_uint(d, &n) < 0 ? UINT64_MAX : n;
}

/* scrypt (RFC 7914 section 7): { salt, N, r, p, ... }: the product counts. */
static uint64_t
scrypt_cost(struct der d)
{
	uint64_t cost = 1, n;
	struct der salt;

	if (der_expect(&d, DER_OCTET_STRING, &salt) < 0)
		return UINT64_MAX;
	for (int i = 0; i < 3; i++) {
		n = take_integer(&d);
		if (n == 0 || n > UINT32_MAX || cost > UINT32_MAX)
			return UINT64_MAX;
		cost *= n;
	}
	return cost;
}

/* PBKDF2 and the PBEs before it: { salt, iterations, ... }. PBES2 has none. */
static uint64_t
pbe_cost(struct der d)
{
	unsigned char tag;
	struct der in;

	while (!der_at_end(&d) && der_peek(&d) != DER_INTEGER)
		if (der_next(&d, &tag, &in, NULL) < 0)
			return UINT64_MAX;
	return der_at_end(&d) ? 0 : take_integer(&d);
}

static bool
has_prefix(struct der in, const char *bytes, size_t n)
{
	return in.len >= n && memcmp(in.data, bytes, n) == 0;
}

#define HAS_PREFIX(in, s) has_prefix((in), (s), sizeof(s) - 1)

static uint64_t
algorithm_cost(struct der oid, struct der parameters)
{
	/* 1.3.6.1.4.1.11591.4.11 scrypt */
	if (HAS_PREFIX(oid, "\x2b\x06\x01\x04\x01\xda\x47\x04\x0b"))
		return scrypt_cost(parameters);
	/* 1.2.840.113549.1.5.n (PBES1, PBKDF2) and 1.2.840.113549.1.12.1.n */
	if (HAS_PREFIX(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x05") ||
	    HAS_PREFIX(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"))
		return pbe_cost(parameters);
	return 0;
}

/* An algorithm is an OID and, right after it, its parameters. */
static uint64_t
cost_inside(struct der d, int depth)
{
	uint64_t worst = 0, cost;
	struct der oid = { 0 }, in;
	unsigned char tag;

	if (depth > LIMIT_ASN1_DEPTH)
		return UINT64_MAX;
	while (!der_at_end(&d)) {
		if (der_next(&d, &tag, &in, NULL) < 0)
			return UINT64_MAX;
		cost = tag == DER_SEQUENCE && oid.data != NULL ? algorithm_cost(oid, in) : 0;
		if (cost > worst)
			worst = cost;
		if (tag & 0x20 && (cost = cost_inside(in, depth + 1)) > worst)
			worst = cost;
		oid = tag == DER_OID ? in : (struct der){ 0 };
	}
	return worst;
}

uint64_t
asn1_pbe_cost(const void *der, size_t len)
{
	return cost_inside(der_of(der, len), 1);
}
