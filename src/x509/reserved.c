/*
 * reserved.c - addresses that belong to nobody on the Internet
 *
 * IANA's special-purpose registries (RFC 6890) and multicast, less the blocks
 * that are globally reachable.
 */
#include <arpa/inet.h>

#include "base/base.h"
#include "x509/name.h"

struct block {
	const char *prefix;
	unsigned bits;
};

static const struct block v4[] = { { "0.0.0.0", 8 }, { "10.0.0.0", 8 }, { "100.64.0.0", 10 },
	{ "127.0.0.0", 8 }, { "169.254.0.0", 16 }, { "172.16.0.0", 12 }, { "192.0.0.0", 24 },
	{ "192.0.2.0", 24 }, { "192.88.99.0", 24 }, { "192.168.0.0", 16 }, { "198.18.0.0", 15 },
	{ "198.51.100.0", 24 }, { "203.0.113.0", 24 }, { "224.0.0.0", 4 }, { "240.0.0.0", 4 } };
static const struct block v6[] = { { "::", 128 }, { "::1", 128 }, { "::ffff:0:0", 96 },
	{ "64:ff9b:1::", 48 }, { "100::", 64 }, { "2001::", 32 }, { "2001:2::", 48 },
	{ "2001:db8::", 32 }, { "2002::", 16 }, { "3fff::", 20 }, { "5f00::", 16 }, { "fc00::", 7 },
	{ "fe80::", 10 }, { "ff00::", 8 } };

static bool
within(const unsigned char *address, const unsigned char *prefix, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(address, prefix, bits / 8) != 0)
		return false;
	return rest == 0 || ((address[bits / 8] ^ prefix[bits / 8]) >> (8 - rest)) == 0;
}

bool
address_is_reserved(const char *text)
{
	unsigned char address[16], prefix[16];
	int family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;
	const struct block *blocks = family == AF_INET ? v4 : v6;
	size_t n = family == AF_INET ? nitems(v4) : nitems(v6);

	if (inet_pton(family, text, address) != 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (inet_pton(family, blocks[i].prefix, prefix) == 1 &&
		    within(address, prefix, blocks[i].bits))
			return true;
	return false;
}
