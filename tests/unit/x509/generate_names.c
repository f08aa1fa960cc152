/*
 * generate_names.c - subjects and alternative names made by chance
 */
#include <ctype.h>
#include <stdlib.h>

#include "base/text.h"
#include "generate_parts.h"

#define T61	  0x14
#define NUMERIC	  0x12
#define VISIBLE	  0x1a
#define UNIVERSAL 0x1c
#define BMP	  0x1e

struct bytes {
	const char *data;
	size_t len;
};
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* ---- the subject ------------------------------------------------------------------------ */

static const struct {
	const char *oid, *item;
} types[] = { { "2.5.4.3", "CN" }, { "2.5.4.6", "C" }, { "2.5.4.8", "ST" }, { "2.5.4.7", "L" },
	{ "2.5.4.10", "O" }, { "2.5.4.11", "OU" }, { "1.2.840.113549.1.9.1", "emailAddress" },
	{ "2.5.4.5", "serialNumber" }, { "0.9.2342.19200300.100.1.25", "DC" },
	{ "0.9.2342.19200300.100.1.1", "UID" }, { "2.5.4.4", "SN" }, { "2.5.4.42", "GN" },
	{ "2.5.4.43", "initials" }, { "2.5.4.12", "title" }, { "2.5.4.9", "street" },
	{ "2.5.4.17", "postalCode" }, { "2.5.4.15", "businessCategory" },
	{ "2.5.4.97", "organizationIdentifier" }, { "2.5.4.65", "pseudonym" },
	{ "1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL" },
	{ "1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST" },
	{ "1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC" }, { "2.5.4.46", "2.5.4.46" },
	{ "2.5.4.45", "2.5.4.45" }, { "1.2.3.4.5", "1.2.3.4.5" } };
#define SEVEN 7 /* the first of them */

static const struct bytes values[] = { BYTES("a.example.com"), BYTES("Example"), BYTES("US"),
	BYTES("S\xc3\xa3o Paulo"), BYTES("pki@example.com"), BYTES("b.example.net"),
	BYTES("192.0.2.1"), BYTES("2001:db8::1"), BYTES("host"), BYTES("A.Example.Com"),
	BYTES("b\xc3\xbc"
	      "cher.example"),
	BYTES("*.example.com"), BYTES("us"), BYTES("XX"), BYTES(""), BYTES(" "), BYTES("a\0b"),
	BYTES("a\x1b[1m"),
	BYTES("a\xe2\x80\xae"
	      "b"),
	BYTES("a\xff"
	      "b"),
	BYTES("Example#2, O=\"x\"\\+ <y>"),
	BYTES("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), /* 65 */
	BYTES("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example.com"),
	BYTES("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
	      "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc") };

/* ASCII in units of two or four bytes, with a letter beyond it. */
static void
put_wide(struct buf *b, unsigned char tag, const struct bytes *v)
{
	AUTO_BUF struct buf wide = { 0 };

	for (size_t i = 0; i < v->len; i++) {
		uint32_t c = (unsigned char)v->data[i] < 0x80 ? (unsigned char)v->data[i] : 0x3b1;

		if (tag == UNIVERSAL)
			buf_put_u32(&wide, c);
		else
			buf_put_u16(&wide, (uint16_t)c);
	}
	der_put(b, tag, wide.data, wide.len);
}

static void
put_value(struct buf *b, struct chance *c, const struct bytes *v)
{
	static const unsigned char tags[] = { DER_UTF8, DER_PRINTABLE, DER_IA5, T61, BMP, UNIVERSAL,
		NUMERIC, VISIBLE, DER_BIT_STRING, DER_GENERAL_TIME, DER_INTEGER };
	uint32_t which = chance(c, 120);
	unsigned char tag = tags[which < 11 ? which : which & 1];

	if (tag == BMP || tag == UNIVERSAL)
		put_wide(b, tag, v);
	else
		der_put(b, tag, v->data, v->len);
}

/* "subject.OU", the third one "subject.OU#3" */
static void
asks_attribute(struct generated *g, const char *name, unsigned nth)
{
	asks(g,
	    nth == 1 ? arena_printf(g->arena, "subject.%s", name)
		     : arena_printf(g->arena, "subject.%s#%u", name, nth));
}

static void
put_attribute(struct buf *rdn, struct chance *c, struct generated *g, unsigned *seen)
{
	AUTO_BUF struct buf pair = { 0 };
	uint32_t t = chance(c, 4) != 3 ? chance(c, SEVEN) : chance(c, nitems(types));
	uint32_t v = t == 0 ? 0 : t == 1 ? 2 : t == 6 ? 4 : 1;

	if (chance(c, 8) == 7)
		v = chance(c, nitems(values));
	if (der_put_oid(&pair, types[t].oid) < 0)
		abort();
	put_value(&pair, c, &values[v]);
	der_put(rdn, DER_SEQUENCE, pair.data, pair.len);
	asks_attribute(g, types[t].item, ++seen[t]);
}

void
generate_subject(struct buf *b, struct chance *c, struct generated *g)
{
	AUTO_BUF struct buf name = { 0 };
	unsigned seen[nitems(types)] = { 0 };
	uint32_t n = chance(c, 6);

	for (uint32_t i = 0; i < n; i++) {
		AUTO_BUF struct buf rdn = { 0 };
		uint32_t together = chance(c, 8) == 7 ? 2 + chance(c, 2) : 1;

		for (uint32_t k = 0; k < together; k++)
			put_attribute(&rdn, c, g, seen);
		der_put(&name, DER_SET, rdn.data, rdn.len);
	}
	der_put(b, DER_SEQUENCE, name.data, name.len);
}

/* ---- alternative names ------------------------------------------------------------------- */

#define EMAIL	DER_CONTEXT_PRIMITIVE(1)
#define DNS	DER_CONTEXT_PRIMITIVE(2)
#define URI	DER_CONTEXT_PRIMITIVE(6)
#define ADDRESS DER_CONTEXT_PRIMITIVE(7)
#define RID	DER_CONTEXT_PRIMITIVE(8)

/* As a request writes it, and the item it is. */
static const struct {
	unsigned char tag;
	struct bytes name;
	const char *item;
} names[] = { { DNS, BYTES("a.example.com"), "san.dns:a.example.com" },
	{ DNS, BYTES("A.Example.COM"), "san.dns:a.example.com" },
	{ DNS, BYTES("*.example.com"), "san.dns:*.example.com" },
	{ DNS, BYTES("b.example.net"), "san.dns:b.example.net" },
	{ ADDRESS, BYTES("\xc0\x00\x02\x01"), "san.ip:192.0.2.1" },
	{ ADDRESS, BYTES("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "san.ip:2001:db8::1" },
	{ EMAIL, BYTES("pki@example.com"), "san.email:pki@example.com" },
	{ EMAIL, BYTES("PKI@Example.com"), "san.email:PKI@Example.com" },
	{ URI, BYTES("https://a.example.com/"), "san.uri:https://a.example.com/" },
	{ URI, BYTES("urn:example:a"), "san.uri:urn:example:a" },
	{ DNS, BYTES("xn--bcher-kva.example"), "san.dns:xn--bcher-kva.example" },
	{ DNS,
	    BYTES("b\xc3\xbc"
		  "cher.example"),
	    "san.dns:b\\xc3\\xbccher.example" },
	{ DNS, BYTES("host"), "san.dns:host" }, { DNS, BYTES(""), "san.dns:" },
	{ DNS, BYTES("a..example.com"), "san.dns:a..example.com" },
	{ DNS, BYTES("a.example.com."), "san.dns:a.example.com." },
	{ DNS, BYTES("a_b.example.com"), "san.dns:a_b.example.com" },
	{ DNS, BYTES("192.0.2.1"), "san.dns:192.0.2.1" },
	{ DNS, BYTES("a.example.com\0.evil.example"), "san.dns:a.example.com\\x00.evil.example" },
	{ DNS, BYTES("a\x1b[1m.example.com"), "san.dns:a\\x1b[1m.example.com" },
	{ DNS,
	    BYTES("a\xe2\x80\xae"
		  "b.example.com"),
	    "san.dns:a\\xe2\\x80\\xaeb.example.com" },
	{ ADDRESS, BYTES(""), "san.ip:" }, { ADDRESS, BYTES("\1\2\3\4\5"), "san.ip:0102030405" },
	{ EMAIL, BYTES("pki"), "san.email:pki" }, { EMAIL, BYTES(""), "san.email:" },
	{ URI, BYTES("nothing"), "san.uri:nothing" },
	{ URI, BYTES("https://a.example.com/a b"), "san.uri:https://a.example.com/a b" },
	{ URI, BYTES(""), "san.uri:" }, { RID, BYTES("\x2a\x03"), "san.rid:1.2.3" },
	/* otherName: a text under 1.2.3.4, a number under 1.2.3.5 */
	{ 0xa0, BYTES("\x06\x03\x2a\x03\x04\xa0\x07\x0c\x05hello"), "san.1.2.3.4:hello" },
	{ 0xa0, BYTES("\x06\x03\x2a\x03\x05\xa0\x03\x02\x01\x07"), "san.1.2.3.5:020107" },
	/* directoryName, x400Address (empty built-in attributes), ediPartyName */
	{ 0xa4, BYTES("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03one"),
	    "san.dirName:CN=one" },
	{ 0xa4, BYTES("\x30\x00"), "san.dirName:" },
	{ 0xa3, BYTES("\x30\x00"), "san.x400:a3023000" },
	{ 0xa5, BYTES("\xa1\x05\x0c\x03two"), "san.ediParty:a507a1050c0374776f" } };
#define ORDINARY 10 /* the first of them */

static void
put_many(struct buf *b, struct chance *c, struct generated *g)
{
	uint32_t n = 90 + chance(c, 20);
	char name[64];

	for (uint32_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "n%u.example.com", i);
		der_put(b, DNS, name, strlen(name));
		asks(g, arena_printf(g->arena, "san.dns:%s", name));
	}
}

void
generate_names(struct buf *b, struct chance *c, struct generated *g)
{
	uint32_t n = 1 + chance(c, 5);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = chance(c, chance(c, 16) == 15 ? nitems(names) : ORDINARY);

		der_put(b, names[k].tag, names[k].name.data, names[k].name.len);
		asks(g, names[k].item);
	}
	if (chance(c, 64) == 63)
		put_many(b, c, g);
}
