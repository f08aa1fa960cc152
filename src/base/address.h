/*
 * address.h - where nothing of ours may connect to, unless it is configured (P34)
 *
 * An address is judged as what is inside: an IPv4-mapped, IPv4-compatible, NAT64
 * or 6to4 address as the IPv4 address that it stands for.
 */
#pragma once

#include "base/base.h"
#include "base/err.h"

#define ADDRESS_NETS_MAX	16

struct address {
	unsigned char	 v[16];		/* IPv4 as ::ffff:a.b.c.d */
};
struct address_net {
	struct address	 address;
	unsigned	 bits;		/* of 128 */
};

/* A sockaddr's address: 4 or 16 bytes. */
struct address address_of(const void *, size_t n);
/* As inet_pton(3) reads it. -1: it is none. */
int	address_parse(const char *text, struct address *);
/* "10.0.0.0/8", "fd00::/8", "::1". R_CONFIG: malformed, or bits behind the prefix */
int	address_net_parse(const char *text, struct address_net *, struct err *);
/* NULL: may be connected to; else what it is, in words: "a private address". */
const char *address_forbidden(const struct address *, const struct address_net *allow,
	    size_t n);
