/*
 * fuzz_address.c - any line as an address and as a network (P34)
 *
 * Whatever form an address has, what is inside is judged: the IPv4-mapped, the
 * NAT64 and the 6to4 form of an IPv4 address are as forbidden as itself.
 */
#include "base/address.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
judge_forms(const unsigned char v4[4])
{
	struct address_net all = { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255 } }, 96 };
	struct address plain = address_of(v4, 4), nat64 = { { 0, 0x64, 0xff, 0x9b } },
		       six = { { 0x20, 0x02 } };
	const char *what = address_forbidden(&plain, NULL, 0);

	memcpy(nat64.v + 12, v4, 4);
	memcpy(six.v + 2, v4, 4);
	if (address_forbidden(&nat64, NULL, 0) != what || address_forbidden(&six, NULL, 0) != what)
		abort();
	if (address_forbidden(&nat64, &all, 1) != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = malloc(len + 1);
	struct address_net net;
	struct err e = { 0 };
	struct address a;

	memcpy(text, data, len);
	text[len] = '\0';
	if (address_parse(text, &a) == 0)
		address_forbidden(&a, NULL, 0);
	if (address_net_parse(text, &net, &e) == 0) {
		/* what is configured is allowed; it is judged as what is inside */
		if (net.bits > 128 ||
		    (net.bits == 128 && net.address.v[0] >= 0x30 &&
			address_forbidden(&net.address, &net, 1) != NULL))
			abort();
	} else if (e.refusal != R_CONFIG || e.hint[0] == '\0') {
		abort();
	}
	if (len >= 4)
		judge_forms(data);
	free(text);
	return 0;
}
