/*
 * test_requested.c - requests for extensions: what is said twice, or has a tail
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "make.h"
#include "x509/der_put.h"
#include "x509/items.h"
#include "x509/requested.h"
#include "x509/signing.h"

#define P9	  "1.2.840.113549.1.9.14"
#define MS	  "1.3.6.1.4.1.311.2.1.14"
#define PKCS9	  "attr." P9
#define MICROSOFT "attr." MS

/* Extensions, DER: names a.example.com, names b.example.com, a key usage. */
#define NAMES_A                                                        \
	"\x30\x1a\x30\x18\x06\x03\x55\x1d\x11\x04\x11\x30\x0f\x82\x0d" \
	"a.example.com"
#define NAMES_B                                                        \
	"\x30\x1a\x30\x18\x06\x03\x55\x1d\x11\x04\x11\x30\x0f\x82\x0d" \
	"b.example.com"
#define USAGE "\x30\x0d\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x07\x80"

struct asked {
	struct arena *arena;
	struct csr *csr;
	struct items items;
};

static void
read_der(struct asked *a, const void *der, size_t len)
{
	struct err e = { 0 };

	if (csr_parse_unproved(&a->csr, der, len, &e) < 0)
		fail_msg("%s", e.message);
	a->arena = arena_new();
	items_of_request(a->arena, a->csr, &a->items);
}

/* Of nobody, with these attributes, DER; libcrypto writes none that stands twice. */
static void
read_attributes(struct asked *a, EVP_PKEY *key, const struct buf *attributes)
{
	static const unsigned char head[] = { DER_INTEGER, 1, 0, DER_SEQUENCE, 0 };
	AUTO_BUF struct buf b = { 0 };
	unsigned char *spki = NULL;
	struct err e = { 0 };
	int n = i2d_PUBKEY(key, &spki);

	buf_put(&b, head, sizeof(head));
	buf_put(&b, spki, (size_t)n);
	der_put(&b, DER_CONTEXT(0), attributes->data, attributes->len);
	der_wrap(&b, DER_SEQUENCE);
	assert_int_equal(signing_put(&b, signing_for(key, NULL, &e), key, &e), 0);
	der_wrap(&b, DER_SEQUENCE);
	read_der(a, b.data, b.len);
	OPENSSL_free(spki);
}

static void
done(struct asked *a)
{
	csr_free(a->csr);
	arena_free(a->arena);
}

/* An attribute with these values, each a SEQUENCE. */
static void
add(struct buf *b, const char *oid, const char *const *values)
{
	AUTO_BUF struct buf set = { 0 }, at = { 0 };

	for (; *values != NULL; values++)
		buf_put(&set, *values, (size_t)(unsigned char)(*values)[1] + 2);
	assert_int_equal(der_put_oid(&at, oid), 0);
	der_put(&at, DER_SET, set.data, set.len);
	der_put(b, DER_SEQUENCE, at.data, at.len);
}

struct two {
	const char *oid;
	const char *values[3];
};

static void
what_is_requested_in_two_ways_is_ambiguous(void **state)
{
	static const struct {
		struct two first, second;
		const char *at; /* where the fault is said, or NULL */
		size_t items;	/* beside key, size and signature */
	} cases[] = {
		{ { P9, { NAMES_A } }, { 0 }, NULL, 1 },
		{ { MS, { NAMES_A } }, { 0 }, NULL, 1 },
		{ { P9, { NAMES_A } }, { MS, { NAMES_A } }, NULL, 1 },
		{ { MS, { NAMES_A } }, { P9, { NAMES_A } }, NULL, 1 },
		/* that they do not meet is no better: a parser reads one of them */
		{ { P9, { NAMES_A } }, { MS, { USAGE } }, MICROSOFT, 3 },
		{ { MS, { NAMES_A } }, { P9, { USAGE } }, MICROSOFT, 3 },
		{ { P9, { NAMES_A } }, { P9, { USAGE } }, PKCS9, 3 },
		{ { MS, { NAMES_A } }, { MS, { USAGE } }, MICROSOFT, 3 },
		{ { P9, { NAMES_A, USAGE } }, { 0 }, PKCS9, 3 },
		{ { P9, { NULL } }, { 0 }, PKCS9, 1 },
		{ { P9, { NAMES_A } }, { MS, { NULL } }, MICROSOFT, 2 },
		{ { "1.2.840.113549.1.9.3", { NULL } }, { 0 }, "attr.1.2.840.113549.1.9.3", 1 },
	};
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");

	for (size_t i = 0; i < nitems(cases); i++) {
		AUTO_BUF struct buf b = { 0 };
		struct asked a;
		size_t faults = 0;

		add(&b, cases[i].first.oid, cases[i].first.values);
		if (cases[i].second.oid != NULL)
			add(&b, cases[i].second.oid, cases[i].second.values);
		read_attributes(&a, key, &b);
		for (size_t k = 0; k < a.items.n; k++)
			faults += a.items.v[k].fault != NULL;
		if (a.items.n != 3 + cases[i].items || faults != (cases[i].at != NULL))
			fail_msg("case %zu: %zu items, %zu faults", i, a.items.n, faults);
		if (cases[i].at != NULL)
			assert_non_null(items_find(&a.items, cases[i].at)->fault);
		done(&a);
	}
}

/* A second extension of one kind is a fault in whichever attribute it stands. */
static void
names_in_both_dialects_are_not_merged(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO_BUF struct buf b = { 0 };
	struct asked a;

	add(&b, P9, (const char *const[]){ NAMES_A, NULL });
	add(&b, MS, (const char *const[]){ NAMES_B, NULL });
	read_attributes(&a, key, &b);
	assert_non_null(items_find(&a.items, MICROSOFT)->fault);
	assert_non_null(items_find(&a.items, "ext.2.5.29.17")->fault);
	assert_non_null(items_find(&a.items, "san.dns:a.example.com"));
	assert_non_null(items_find(&a.items, "san.dns:b.example.com"));
	done(&a);
}

/* libcrypto reads the first element of a value, and passes over what follows. */
static void
what_is_malformed_in_a_value_is_seen(void **state)
{
	static const struct {
		const char *line, *item, *absent;
	} cases[] = {
		{ "2.5.29.19=DER:30:00:00", "ext.2.5.29.19", "basicConstraints.ca" },
		{ "2.5.29.15=DER:03:02:07:80:00", "ext.2.5.29.15", "ku.digitalSignature" },
		{ "2.5.29.37=DER:30:0a:06:08:2b:06:01:05:05:07:03:01:30:00", "ext.2.5.29.37",
		    "eku.serverAuth" },
		{ "2.5.29.17=DER:30:03:82:01:61:05:00", "ext.2.5.29.17", "san.dns:a" },
		{ "2.5.29.17=DER:30:80:82:01:61:00:00", "ext.2.5.29.17", "san.dns:a" }, /* BER */
		/* a tenth bit, a path that is no length or has no end */
		{ "2.5.29.15=DER:03:03:06:80:40", "ext.2.5.29.15", NULL },
		{ "2.5.29.19=DER:30:06:01:01:ff:02:01:ff", "basicConstraints.pathlen", NULL },
		{ "2.5.29.19=DER:30:0f:01:01:ff:02:0a:7f:00:00:00:00:00:00:00:00:00",
		    "basicConstraints.pathlen", NULL },
		{ "2.5.29.19=DER:30:03:02:01:00", "basicConstraints.pathlen", NULL },
	};
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");

	for (size_t i = 0; i < nitems(cases); i++) {
		const char *lines[] = { cases[i].line, NULL };
		X509_REQ *req = make_req("", key, lines);
		const struct item *it;
		unsigned char *der = NULL;
		struct asked a;
		int n = i2d_X509_REQ(req, &der);

		read_der(&a, der, (size_t)n);
		OPENSSL_free(der);
		X509_REQ_free(req);
		it = items_find(&a.items, cases[i].item);
		if (it == NULL || it->fault == NULL)
			fail_msg("%s: no fault at %s", cases[i].line, cases[i].item);
		if (cases[i].absent != NULL && items_find(&a.items, cases[i].absent) != NULL)
			fail_msg("%s: %s is read", cases[i].line, cases[i].absent);
		done(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_requested_in_two_ways_is_ambiguous),
		cmocka_unit_test(names_in_both_dialects_are_not_merged),
		cmocka_unit_test(what_is_malformed_in_a_value_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
