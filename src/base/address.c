/*
 * address.c - where nothing of ours may connect to, unless it is configured (P34)
 */
#include <arpa/inet.h>

#include "base/address.h"

#define V4(a, b, c, d)                                             \
	{                                                          \
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, a, b, c, d \
	}

/* IANA's special-purpose registries (RFC 6890), and what clouds answer at. The first that
 * fits says why. */
static const struct {
	unsigned char v[16];
	unsigned bits;
	const char *what;
} forbidden[] = {
	{ V4(0, 0, 0, 0), 104, "an unspecified address" },
	{ V4(127, 0, 0, 0), 104, "a loopback address" },
	{ V4(169, 254, 169, 254), 128, "a metadata address" },
	{ V4(169, 254, 170, 2), 128, "a metadata address" },
	{ V4(100, 100, 100, 200), 128, "a metadata address" },
	{ V4(168, 63, 129, 16), 128, "a metadata address" },
	{ V4(169, 254, 0, 0), 112, "a link-local address" },
	{ V4(10, 0, 0, 0), 104, "a private address" },
	{ V4(172, 16, 0, 0), 108, "a private address" },
	{ V4(192, 168, 0, 0), 112, "a private address" },
	{ V4(100, 64, 0, 0), 106, "a private address" },
	{ V4(192, 0, 0, 0), 120, "a reserved address" },
	{ V4(192, 0, 2, 0), 120, "a reserved address" },
	{ V4(192, 88, 99, 0), 120, "a reserved address" },
	{ V4(198, 18, 0, 0), 111, "a reserved address" },
	{ V4(198, 51, 100, 0), 120, "a reserved address" },
	{ V4(203, 0, 113, 0), 120, "a reserved address" },
	{ V4(224, 0, 0, 0), 100, "a multicast address" },
	{ V4(240, 0, 0, 0), 100, "a reserved address" }, { { 0 }, 128, "an unspecified address" },
	{ { [15] = 1 }, 128, "a loopback address" },
	{ { 0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54 }, 128, "a metadata address" },
	{ { 0xfd, 0x20, 0x00, 0xce, [14] = 0x02, [15] = 0x54 }, 128, "a metadata address" },
	{ { 0xfe, 0x80 }, 10, "a link-local address" }, { { 0xfe, 0xc0 }, 10, "a private address" },
	{ { 0xfc }, 7, "a private address" }, { { 0xff }, 8, "a multicast address" },
	{ { 0x01 }, 64, "a reserved address" },			  /* discard only */
	{ { 0x20, 0x01, 0x00, 0x00 }, 23, "a reserved address" }, /* Teredo, ORCHID ... */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, "a reserved address" }, /* documentation */
	{ { 0x3f, 0xff }, 20, "a reserved address" },		  /* documentation */
	{ { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48, "a private address" }, /* local NAT64 */
	{ { 0x5f, 0x00 }, 16, "a reserved address" },			     /* segment routing */
};

/* Where an IPv4 address is inside. */
static const struct {
	unsigned char v[16];
	unsigned bits, at;
} holders[] = {
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, 12 }, /* NAT64, RFC 6052 */
	{ { 0x20, 0x02 }, 16, 2 },		/* 6to4, RFC 3056 */
	{ { 0 }, 96, 12 },			/* IPv4-compatible, RFC 4291 */
	{ { [8] = 0xff, [9] = 0xff }, 96, 12 }, /* translated, RFC 2765 */
};

static bool
inside(const struct address *a, const unsigned char *net, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a->v, net, whole) != 0)
		return false;
	return rest == 0 || (a->v[whole] ^ net[whole]) >> (8 - rest) == 0;
}

struct address
address_of(const void *raw, size_t n)
{
	struct address a = { .v = V4(0, 0, 0, 0) };

	memcpy(n == 4 ? a.v + 12 : a.v, raw, n == 4 ? 4 : sizeof(a.v));
	return a;
}

int
address_parse(const char *text, struct address *out)
{
	unsigned char raw[16];

	if (inet_pton(AF_INET, text, raw) == 1)
		*out = address_of(raw, 4);
	else if (inet_pton(AF_INET6, text, raw) == 1)
		*out = address_of(raw, 16);
	else
		return -1;
	return 0;
}

/* The IPv4 address inside, where there is one; :: and ::1 have none. */
static struct address
opened(const struct address *a)
{
	static const unsigned char none[15] = { 0 };

	for (size_t i = 0; i < nitems(holders); i++)
		if (inside(a, holders[i].v, holders[i].bits) &&
		    (memcmp(a->v, none, 15) != 0 || a->v[15] > 1))
			return address_of(a->v + holders[i].at, 4);
	return *a;
}

static int
malformed(const char *text, struct err *e)
{
	err_set(e, R_CONFIG, "outbound-allow", "\"%.60s\" is not ADDRESS/BITS", text);
	return err_hint(e, "like 10.1.0.0/16 or fd00:1::/32, without bits behind the prefix");
}

int
address_net_parse(const char *text, struct address_net *out, struct err *e)
{
	const char *slash = strchr(text, '/');
	size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);
	unsigned least = memchr(text, ':', n) == NULL ? 96 : 0;
	char host[64], *end = NULL;
	unsigned long bits = 128 - least;

	if (n >= sizeof(host))
		return malformed(text, e);
	memcpy(host, text, n);
	host[n] = '\0';
	if (slash != NULL)
		bits = slash[1] >= '0' && slash[1] <= '9' ? strtoul(slash + 1, &end, 10) : 999;
	if (address_parse(host, &out->address) < 0 || (end != NULL && *end != '\0') ||
	    bits > 128 - least)
		return malformed(text, e);
	out->bits = least + (unsigned)bits;
	for (unsigned i = out->bits; i < 128; i++)
		if (out->address.v[i / 8] >> (7 - i % 8) & 1)
			return malformed(text, e);
	return 0;
}

const char *
address_forbidden(const struct address *given, const struct address_net *allow, size_t n)
{
	struct address a = opened(given);

	for (size_t i = 0; i < n; i++)
		if (inside(&a, allow[i].address.v, allow[i].bits))
			return NULL;
	for (size_t i = 0; i < nitems(forbidden); i++)
		if (inside(&a, forbidden[i].v, forbidden[i].bits))
			return forbidden[i].what;
	return NULL;
}
