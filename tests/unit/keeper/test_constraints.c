/*
 * test_constraints.c - P13: names inside and outside of name constraints, as the keeper
 * judges a certificate (x509/constraints.c, x509/constraints_kinds.c)
 */
#include "fake_ca.h"

#define OUTSIDE	 "outside the name constraints"
#define EXCLUDED "excluded by the name constraints"

struct name_case {
	const char *constraints, *names, *why;
};

static const struct fake_cert ca = { .issuer = "CN=root",
	.subject = "CN=ca",
	.until = 3650,
	.constraints = "critical,CA:TRUE",
	.usage = "critical,keyCertSign" };

static void
each(const struct name_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fake_cert own = ca;
		struct fake_cert leaf = { .issuer = "CN=ca",
			.subject = "",
			.until = 90,
			.constraints = "CA:FALSE",
			.names = cases[i].names };
		struct fake_ca f;

		own.name_constraints = cases[i].constraints;
		fake_ca_open(&f, own, false);
		says(fake_judged(&f, leaf), cases[i].why);
		fake_ca_close(&f);
	}
}

static void
P13_DNS_names_are_below_what_is_permitted(void **state)
{
	static const struct name_case cases[] = {
		{ "permitted;DNS:example.com", "DNS:example.com", NULL },
		{ "permitted;DNS:example.com", "DNS:a.example.com", NULL },
		{ "permitted;DNS:example.com", "DNS:A.Example.COM", NULL },
		{ "permitted;DNS:example.com", "DNS:*.example.com", NULL },
		{ "permitted;DNS:example.com", "DNS:*.a.example.com", NULL },
		{ "permitted;DNS:example.com", "DNS:badexample.com", OUTSIDE },
		{ "permitted;DNS:example.com", "DNS:example.org", OUTSIDE },
		{ "permitted;DNS:example.com", "DNS:com", OUTSIDE },
		{ "permitted;DNS:example.com", "DNS:*.com", OUTSIDE },
		{ "permitted;DNS:example.com", "DNS:*", OUTSIDE },
		{ "permitted;DNS:example.com", "DNS:a*.example.com", OUTSIDE },
		{ "permitted;DNS:example.com", "DNS:a.example.com.", OUTSIDE },
		{ "permitted;DNS:a.example.com", "DNS:*.example.com", OUTSIDE },
		{ "permitted;DNS:example.com", "DNS:a.example.com,DNS:a.example.org", OUTSIDE },
		{ "permitted;DNS:example.com", "DNS:a.example.org,DNS:a.example.com", OUTSIDE },
		{ "permitted;DNS:example.com,permitted;DNS:example.org",
		    "DNS:a.example.org,DNS:a.example.com", NULL },
		{ "permitted;DNS:.example.com", "DNS:a.example.com", NULL },
		{ "permitted;DNS:.example.com", "DNS:example.com", OUTSIDE },
		/* other kinds of names are not bound by it */
		{ "permitted;DNS:example.com", "IP:192.0.2.1", NULL },
		{ "permitted;DNS:example.com", "email:a@example.org", NULL },
		{ "permitted;DNS:example.com", NULL, NULL },
	};

	each(cases, nitems(cases));
}

static void
P13_DNS_names_are_not_in_what_is_excluded(void **state)
{
	static const struct name_case cases[] = {
		{ "excluded;DNS:example.com", "DNS:example.org", NULL },
		{ "excluded;DNS:example.com", "DNS:badexample.com", NULL },
		{ "excluded;DNS:example.com", "DNS:example.com", EXCLUDED },
		{ "excluded;DNS:example.com", "DNS:A.EXAMPLE.com", EXCLUDED },
		{ "excluded;DNS:example.com", "DNS:a.example.com.", EXCLUDED },
		{ "excluded;DNS:.example.com", "DNS:example.com", EXCLUDED },
		{ "excluded;DNS:a.example.com", "DNS:*.example.com", EXCLUDED },
		{ "excluded;DNS:a.example.com", "DNS:*.a.example.com", EXCLUDED },
		{ "excluded;DNS:a.example.com", "DNS:*.b.example.com", NULL },
		{ "excluded;DNS:example.com", "DNS:f*.example.org", EXCLUDED },
		{ "excluded;DNS:example.com", "DNS:a.example.org,DNS:a.example.com", EXCLUDED },
		{ "permitted;DNS:example.com,excluded;DNS:a.example.com", "DNS:b.example.com",
		    NULL },
		{ "permitted;DNS:example.com,excluded;DNS:a.example.com", "DNS:c.a.example.com",
		    EXCLUDED },
	};

	each(cases, nitems(cases));
}

static void
P13_addresses_are_inside(void **state)
{
	static const struct name_case cases[] = {
		{ "permitted;IP:10.0.0.0/255.0.0.0", "IP:10.1.2.3", NULL },
		{ "permitted;IP:10.0.0.0/255.0.0.0", "IP:11.1.2.3", OUTSIDE },
		{ "permitted;IP:10.0.0.0/255.0.0.0", "IP:2001:db8::1", OUTSIDE },
		{ "permitted;IP:10.0.0.0/255.0.0.0", "IP:10.1.2.3,IP:11.1.2.3", OUTSIDE },
		{ "permitted;IP:2001:db8::/ffff:ffff::", "IP:2001:db8:1::1", NULL },
		{ "permitted;IP:2001:db8::/ffff:ffff::", "IP:2001:db9::1", OUTSIDE },
		{ "permitted;IP:2001:db8::/ffff:ffff::", "IP:10.0.0.1", OUTSIDE },
		{ "excluded;IP:10.0.0.0/255.255.255.0", "IP:10.0.0.255", EXCLUDED },
		{ "excluded;IP:10.0.0.0/255.255.255.0", "IP:10.0.1.0", NULL },
		{ "excluded;IP:0.0.0.0/0.0.0.0", "IP:192.0.2.1", EXCLUDED },
		{ "excluded;IP:0.0.0.0/0.0.0.0", "IP:2001:db8::1", NULL },
		{ "excluded;IP:0.0.0.0/0.0.0.0", "DNS:example.com", NULL },
	};

	each(cases, nitems(cases));
}

static void
P13_mailboxes_are_inside(void **state)
{
	static const struct name_case cases[] = {
		{ "permitted;email:example.com", "email:a@example.com", NULL },
		{ "permitted;email:example.com", "email:a@EXAMPLE.com", NULL },
		{ "permitted;email:example.com", "email:a@b.example.com", OUTSIDE },
		{ "permitted;email:example.com", "email:a@badexample.com", OUTSIDE },
		{ "permitted;email:example.com", "email:a@example.com.", OUTSIDE },
		{ "permitted;email:example.com", "email:a@b@example.com", OUTSIDE },
		{ "permitted;email:example.com", "email:@example.com", OUTSIDE },
		{ "permitted;email:example.com", "email:example.com", OUTSIDE },
		{ "permitted;email:example.com", "email:a b@example.com", OUTSIDE },
		{ "permitted;email:.example.com", "email:a@b.example.com", NULL },
		{ "permitted;email:.example.com", "email:a@example.com", OUTSIDE },
		{ "permitted;email:a@example.com", "email:a@Example.com", NULL },
		{ "permitted;email:a@example.com", "email:A@example.com", OUTSIDE },
		{ "permitted;email:a@example.com", "email:b@example.com", OUTSIDE },
		{ "permitted;email:example.com,permitted;email:example.org", "email:a@example.org",
		    NULL },
		{ "excluded;email:example.com", "email:a@example.org", NULL },
		{ "excluded;email:example.com", "email:a@example.com", EXCLUDED },
		/* some read it so, too */
		{ "excluded;email:example.com", "email:a@b.example.com", EXCLUDED },
		{ "excluded;email:.example.com", "email:a@example.com", EXCLUDED },
		{ "excluded;email:example.com", "email:a@example.com.", EXCLUDED },
		{ "excluded;email:a@example.com", "email:A@example.com", EXCLUDED },
		{ "excluded;email:a@example.com", "email:b@example.com", NULL },
		{ "excluded;email:example.com", "email:a@b@example.org", EXCLUDED },
	};

	each(cases, nitems(cases));
}

static void
P13_hosts_of_URIs_are_inside(void **state)
{
	static const struct name_case cases[] = {
		{ "permitted;URI:example.com", "URI:https://example.com/", NULL },
		{ "permitted;URI:example.com", "URI:spiffe://EXAMPLE.com", NULL },
		{ "permitted;URI:example.com", "URI:https://u:p@example.com:8443/x?y#z", NULL },
		{ "permitted;URI:example.com", "URI:https://a.example.com/", OUTSIDE },
		{ "permitted;URI:.example.com", "URI:https://a.example.com/", NULL },
		{ "permitted;URI:.example.com", "URI:https://example.com/", OUTSIDE },
		{ "permitted;URI:example.com", "URI:https://example.org/example.com", OUTSIDE },
		{ "permitted;URI:example.com", "URI:https://example.com@example.org/", OUTSIDE },
		{ "permitted;URI:example.com", "URI:https://example.org\\@example.com/", OUTSIDE },
		{ "permitted;URI:example.com", "URI:urn:x://example.com", OUTSIDE },
		{ "permitted;URI:example.com", "URI:mailto:a@example.com", OUTSIDE },
		{ "permitted;URI:example.com", "URI:https:///x", OUTSIDE },
		{ "permitted;URI:192.0.2.1", "URI:https://192.0.2.1/", OUTSIDE },
		{ "excluded;URI:example.com", "URI:https://example.org/", NULL },
		{ "excluded;URI:example.com", "URI:https://example.com/", EXCLUDED },
		{ "excluded;URI:example.com", "URI:https://a.example.com/", EXCLUDED },
		{ "excluded;URI:.example.com", "URI:https://example.com/", EXCLUDED },
		{ "excluded;URI:example.com", "URI:https://192.0.2.1/", EXCLUDED },
		{ "excluded;URI:example.com", "URI:urn:example", EXCLUDED },
	};

	each(cases, nitems(cases));
}

static void
P13_what_cannot_be_compared_is_not_inside(void **state)
{
	static const struct name_case cases[] = {
		{ NULL, "email:a@example.com,URI:https://example.com/,RID:1.2.3", NULL },
		{ NULL, "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:a@example.com,dirName:org", NULL },
		{ "permitted;email:example.com", "DNS:a.example.com", NULL },
		{ "permitted;RID:1.2.3", "RID:1.2.3", OUTSIDE },
		{ "excluded;otherName:1.2.3;UTF8:x", "otherName:1.2.4;UTF8:y", EXCLUDED },
		{ "permitted;dirName:org", "dirName:below", NULL },
		{ "permitted;dirName:org", "dirName:org", NULL },
		{ "permitted;dirName:org", "dirName:other", OUTSIDE },
		{ "permitted;dirName:below", "dirName:org", OUTSIDE },
		{ "excluded;dirName:org", "dirName:other", NULL },
		{ "excluded;dirName:org", "dirName:org", EXCLUDED },
		{ "excluded;dirName:org", "dirName:below", EXCLUDED },
		{ "excluded;dirName:below", "dirName:org", NULL },
	};

	each(cases, nitems(cases));
}

static void
P13_the_subject_is_inside_too(void **state)
{
	static const struct {
		const char *constraints, *subject, *why;
	} cases[] = {
		{ NULL, "O=Other/CN=a", NULL },
		{ "permitted;DNS:example.com", "O=Other/CN=a", NULL },
		{ "permitted;dirName:org", "", NULL },
		{ "permitted;dirName:org", "O=Example", NULL },
		{ "permitted;dirName:org", "O=Example/CN=a", NULL },
		{ "permitted;dirName:org", "O=example/CN=a", OUTSIDE },
		{ "permitted;dirName:org", "CN=a/O=Example", OUTSIDE },
		{ "permitted;dirName:org", "CN=a", OUTSIDE },
		{ "excluded;dirName:org", "CN=a", NULL },
		{ "excluded;dirName:org", "O=Example", EXCLUDED },
		{ "excluded;dirName:org", "O=  exAMPLE /CN=a", EXCLUDED },
		{ "excluded;dirName:org", "O=Ex\xc3\xa4mple/CN=a", EXCLUDED }, /* who knows? */
		{ "excluded;dirName:org", "O=Examples/CN=a", NULL },
		{ "excluded;dirName:org", "CN=a/O=Example", NULL },
		{ "excluded;dirName:org", "", NULL },
		{ "permitted;email:example.com", "CN=a", NULL },
		{ "permitted;email:example.com", "CN=a/emailAddress=a@example.com", NULL },
		{ "permitted;email:example.com", "CN=a/emailAddress=a@example.org", OUTSIDE },
		{ "permitted;email:example.com",
		    "emailAddress=a@example.com/CN=a/emailAddress=a@example.org", OUTSIDE },
		{ "excluded;email:example.com", "emailAddress=a@example.org", NULL },
		{ "excluded;email:example.com", "emailAddress=a@Example.com", EXCLUDED },
		{ "permitted;DNS:example.com", "emailAddress=a@example.org", NULL },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct fake_cert own = ca,
				 leaf = {
					 .issuer = "CN=ca", .until = 90, .constraints = "CA:FALSE"
				 };
		struct fake_ca f;

		own.name_constraints = cases[i].constraints;
		leaf.subject = cases[i].subject;
		fake_ca_open(&f, own, false);
		says(fake_judged(&f, leaf), cases[i].why);
		fake_ca_close(&f);
	}
}

static void
P13_an_empty_DNS_subtree_is_every_name(void **state)
{
	struct der subject = der_of("\x30\x00", 2), names = der_of("\x30\x03\x82\x01z", 5);
	struct issuer i = { 0 };

	says(name_limits_read(&i.names, der_of("\x30\x06\xa0\x04\x30\x02\x82\x00", 8)), NULL);
	says(name_limits_refuse(&i.names, &subject, &names), NULL);
	i = (struct issuer){ 0 };
	says(name_limits_read(&i.names, der_of("\x30\x06\xa1\x04\x30\x02\x82\x00", 8)), NULL);
	says(name_limits_refuse(&i.names, &subject, &names), EXCLUDED);
}

/* CA certificates below are bound as well, a root of its own key is not. */
static void
P13_a_CA_below_is_inside_too(void **state)
{
	struct fake_cert own = ca, sub = ca;
	struct fake_ca f;

	own.name_constraints = "permitted;dirName:org";
	sub.issuer = "CN=ca";
	sub.subject = "O=Example/CN=sub";
	fake_ca_open(&f, own, true);
	says(fake_judged(&f, sub), NULL);
	sub.subject = "O=Other/CN=sub";
	says(fake_judged(&f, sub), OUTSIDE);
	fake_ca_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P13_DNS_names_are_below_what_is_permitted),
		cmocka_unit_test(P13_DNS_names_are_not_in_what_is_excluded),
		cmocka_unit_test(P13_addresses_are_inside),
		cmocka_unit_test(P13_mailboxes_are_inside),
		cmocka_unit_test(P13_hosts_of_URIs_are_inside),
		cmocka_unit_test(P13_what_cannot_be_compared_is_not_inside),
		cmocka_unit_test(P13_the_subject_is_inside_too),
		cmocka_unit_test(P13_an_empty_DNS_subtree_is_every_name),
		cmocka_unit_test(P13_a_CA_below_is_inside_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
