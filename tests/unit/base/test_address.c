/*
 * test_address.c - no outbound request to a forbidden address (P34)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/address.h"

static const struct {
	const char *address, *what; /* NULL: it may be connected to */
} judged[] = {
	{ "93.184.216.34", NULL },
	{ "1.0.0.0", NULL },
	{ "9.255.255.255", NULL },
	{ "11.0.0.0", NULL },
	{ "100.63.255.255", NULL },
	{ "100.128.0.0", NULL },
	{ "126.255.255.255", NULL },
	{ "128.0.0.0", NULL },
	{ "169.253.255.255", NULL },
	{ "169.255.0.0", NULL },
	{ "172.15.255.255", NULL },
	{ "172.32.0.0", NULL },
	{ "192.167.255.255", NULL },
	{ "192.169.0.0", NULL },
	{ "198.17.255.255", NULL },
	{ "198.20.0.0", NULL },
	{ "223.255.255.255", NULL },
	{ "2606:4700::1111", NULL },
	{ "2001:4860:4860::8888", NULL },
	{ "0.0.0.0", "an unspecified address" },
	{ "0.1.2.3", "an unspecified address" },
	{ "::", "an unspecified address" },
	{ "127.0.0.1", "a loopback address" },
	{ "127.255.255.255", "a loopback address" },
	{ "::1", "a loopback address" },
	{ "10.0.0.0", "a private address" },
	{ "10.255.255.255", "a private address" },
	{ "172.16.0.0", "a private address" },
	{ "172.31.255.255", "a private address" },
	{ "192.168.0.0", "a private address" },
	{ "192.168.255.255", "a private address" },
	{ "100.64.0.0", "a private address" },
	{ "100.127.255.255", "a private address" },
	{ "fc00::1", "a private address" },
	{ "fdff::1", "a private address" },
	{ "fec0::1", "a private address" },
	{ "169.254.0.1", "a link-local address" },
	{ "fe80::1", "a link-local address" },
	{ "febf::1", "a link-local address" },
	{ "169.254.169.254", "a metadata address" },
	{ "169.254.170.2", "a metadata address" },
	{ "100.100.100.200", "a metadata address" },
	{ "168.63.129.16", "a metadata address" },
	{ "fd00:ec2::254", "a metadata address" },
	{ "fd20:ce::254", "a metadata address" },
	{ "224.0.0.1", "a multicast address" },
	{ "239.255.255.255", "a multicast address" },
	{ "ff02::1", "a multicast address" },
	{ "240.0.0.1", "a reserved address" },
	{ "255.255.255.255", "a reserved address" },
	{ "192.0.0.192", "a reserved address" },
	{ "192.0.2.1", "a reserved address" },
	{ "198.18.0.1", "a reserved address" },
	{ "198.19.255.255", "a reserved address" },
	{ "198.51.100.1", "a reserved address" },
	{ "203.0.113.1", "a reserved address" },
	{ "2001:db8::1", "a reserved address" },
	{ "2001::1", "a reserved address" },
	{ "100::1", "a reserved address" },
	/* what is inside is judged */
	{ "::ffff:93.184.216.34", NULL },
	{ "::ffff:127.0.0.1", "a loopback address" },
	{ "::ffff:169.254.169.254", "a metadata address" },
	{ "::127.0.0.1", "a loopback address" },
	{ "::2", "an unspecified address" },
	{ "::ffff:0:10.0.0.1", "a private address" },
	{ "64:ff9b::93.184.216.34", NULL },
	{ "64:ff9b::10.0.0.1", "a private address" },
	{ "64:ff9b::169.254.169.254", "a metadata address" },
	{ "64:ff9b:1::93.184.216.34", "a private address" },
	{ "2002:5db8:d822::1", NULL },
	{ "2002:7f00:1::1", "a loopback address" },
	{ "2002:a9fe:a9fe::", "a metadata address" },
};

static void
p34_each_address_is_judged(void **state)
{
	for (size_t i = 0; i < nitems(judged); i++) {
		struct address a;
		const char *what;

		assert_int_equal(address_parse(judged[i].address, &a), 0);
		what = address_forbidden(&a, NULL, 0);
		if (what == NULL || judged[i].what == NULL ? what != judged[i].what
							   : strcmp(what, judged[i].what) != 0)
			fail_msg("%s: %s", judged[i].address, what == NULL ? "allowed" : what);
	}
}

static void
p34_what_is_configured_is_allowed(void **state)
{
	static const struct {
		const char *net, *address;
		bool allowed;
	} cases[] = {
		{ "127.0.0.0/8", "127.255.0.1", true },
		{ "127.0.0.0/8", "::ffff:127.0.0.1", true },
		{ "127.0.0.0/8", "64:ff9b::127.0.0.1", true },
		{ "127.0.0.0/8", "::1", false },
		{ "127.0.0.0/8", "10.0.0.1", false },
		{ "10.1.0.0/17", "10.1.127.255", true },
		{ "10.1.0.0/17", "10.1.128.0", false },
		{ "10.1.2.3", "10.1.2.3", true },
		{ "10.1.2.3", "10.1.2.4", false },
		{ "0.0.0.0/0", "192.168.1.1", true },
		{ "0.0.0.0/0", "fd00::1", false },
		{ "::1", "::1", true },
		{ "fd00::/8", "fd12::1", true },
		{ "fd00::/8", "fc00::1", false },
		{ "::/0", "fe80::1", true },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct address_net net;
		struct err e = { 0 };
		struct address a;

		assert_int_equal(address_net_parse(cases[i].net, &net, &e), 0);
		assert_int_equal(address_parse(cases[i].address, &a), 0);
		if ((address_forbidden(&a, &net, 1) == NULL) != cases[i].allowed)
			fail_msg("%s with %s", cases[i].address, cases[i].net);
	}
}

static void
a_net_that_is_none_is_refused(void **state)
{
	static const char *const none[] = { "", "/", "/8", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/ 8", "10.0.0.0/8x", "10.0.0.1/8", "10.0.0/8", "010.0.0.1",
		"2130706433", "fe80::1%lo/64", "fd00::/129", "fd00::1/8", "[::1]/128",
		"10.0.0.0/8/8", "0.0.0.0/999999999999999999999", "localhost",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000" };

	for (size_t i = 0; i < nitems(none); i++) {
		struct address_net net;
		struct err e = { 0 };

		if (address_net_parse(none[i], &net, &e) != -1 || e.refusal != R_CONFIG ||
		    e.hint[0] == '\0')
			fail_msg("\"%s\" was taken", none[i]);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(p34_each_address_is_judged),
		cmocka_unit_test(p34_what_is_configured_is_allowed),
		cmocka_unit_test(a_net_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
