/*
 * test_guard_cert.c - P13: what a CA's key may certify; each rule for itself
 *
 * x509/tbs.c
 */
#include "fake_ca.h"

/* What each CA here has; the tests change one thing of it. */
static const struct fake_cert root = { .issuer = "CN=root",
	.subject = "CN=root",
	.until = 3650,
	.constraints = "critical,CA:TRUE",
	.usage = "critical,keyCertSign,cRLSign" };
static const struct fake_cert leaf = { .issuer = "CN=root",
	.subject = "CN=leaf",
	.until = 90,
	.constraints = "critical,CA:FALSE",
	.usage = "critical,digitalSignature",
	.names = "DNS:a.example.com" };
static const struct fake_cert sub = { .issuer = "CN=root",
	.subject = "CN=sub",
	.until = 900,
	.constraints = "critical,CA:TRUE,pathlen:0",
	.usage = "critical,keyCertSign,cRLSign" };

/* One of them, changed. */
#define WITH(base, ...)                            \
	({                                         \
		struct fake_cert changed = (base); \
		__VA_ARGS__;                       \
		changed;                           \
	})

static void
P13_a_leaf_of_the_issuers_name_is_signed(void **state)
{
	struct fake_ca f;

	fake_ca_open(&f, root, false);
	says(fake_judged(&f, leaf), NULL);
	says(fake_judged(&f, WITH(leaf, changed.constraints = NULL)), NULL);
	says(fake_judged(&f, WITH(leaf, changed.usage = NULL)), NULL);
	says(fake_judged(&f, WITH(leaf, changed.names = NULL)), NULL);
	says(fake_judged(&f, WITH(leaf, changed.subject = "")), NULL);
	says(fake_judged(&f, WITH(leaf, changed.until = 3650)), NULL);
	says(fake_judged(
		 &f, WITH(leaf, changed.more_nid = NID_netscape_comment, changed.more = "x")),
	    NULL);
	says(fake_judged(&f, WITH(leaf, changed.issuer = "CN=Root")), "another CA");
	says(fake_judged(&f, WITH(leaf, changed.issuer = "O=root")), "another CA");
	says(fake_judged(&f, WITH(leaf, changed.issuer = "CN=leaf")), "another CA");
	says(fake_judged(&f, WITH(leaf, changed.version = X509_VERSION_2)), "not a certificate");
	fake_ca_close(&f);
}

static void
P13_a_certificate_does_not_outlive_its_issuer(void **state)
{
	struct fake_ca f;

	fake_ca_open(&f, root, true);
	says(fake_judged(&f, WITH(leaf, changed.until = 3651)), "outlive its issuer");
	says(fake_judged(&f, WITH(sub, changed.until = 3651)), "outlive its issuer");
	says(fake_judged(&f, WITH(leaf, changed.from = 91)), "validity is malformed");
	says(fake_judged(&f, WITH(leaf, changed.from = 90)), NULL);
	fake_ca_close(&f);
}

static void
P13_a_CA_certificate_needs_the_permission(void **state)
{
	struct fake_ca f;

	fake_ca_open(&f, root, false);
	says(fake_judged(&f, sub), "makes no CA certificates");
	says(fake_judged(&f, WITH(leaf, changed.constraints = "CA:TRUE")),
	    "makes no CA certificates");
	says(fake_judged(&f, WITH(leaf, changed.usage = "keyCertSign")),
	    "that of a CA, but it is none");
	says(
	    fake_judged(&f, WITH(leaf, changed.usage = "cRLSign")), "that of a CA, but it is none");
	says(fake_judged(&f, WITH(leaf, changed.usage = "keyCertSign", changed.constraints = NULL)),
	    "that of a CA, but it is none");
	says(fake_judged(
		 &f, WITH(leaf, changed.more_nid = NID_netscape_cert_type, changed.more = "sslCA")),
	    "Netscape type is that of a CA");
	says(fake_judged(&f,
		 WITH(leaf, changed.more_nid = NID_netscape_cert_type, changed.more = "server")),
	    NULL);
	f.ca.sub_ca = true;
	says(fake_judged(&f, sub), NULL);
	says(fake_judged(&f, WITH(leaf, changed.usage = "keyCertSign")),
	    "that of a CA, but it is none");
	fake_ca_close(&f);
}

static void
P13_the_path_gets_shorter_with_each_CA(void **state)
{
	static const struct {
		const char *own, *below, *why;
	} cases[] = {
		{ "critical,CA:TRUE", "CA:TRUE", NULL },
		{ "critical,CA:TRUE", "CA:TRUE,pathlen:7", NULL },
		{ "critical,CA:TRUE,pathlen:0", "CA:TRUE,pathlen:0", "ends here" },
		{ "critical,CA:TRUE,pathlen:0", "CA:TRUE", "ends here" },
		{ "critical,CA:TRUE,pathlen:1", "CA:TRUE,pathlen:0", NULL },
		{ "critical,CA:TRUE,pathlen:1", "CA:TRUE,pathlen:1", "not shorter" },
		{ "critical,CA:TRUE,pathlen:1", "CA:TRUE", "not shorter" },
		{ "critical,CA:TRUE,pathlen:3", "CA:TRUE,pathlen:2", NULL },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct fake_ca f;

		fake_ca_open(&f, WITH(root, changed.constraints = cases[i].own), true);
		says(
		    fake_judged(&f, WITH(sub, changed.constraints = cases[i].below)), cases[i].why);
		says(fake_judged(&f, leaf), NULL);
		fake_ca_close(&f);
	}
}

static void
P13_a_key_that_is_not_active_signs_its_root_only(void **state)
{
	struct fake_ca f;
	struct fake_cert own;

	fake_ca_open(&f, root, true);
	own = WITH(root, changed.key = f.key);
	f.ca.issuer = NULL;
	says(fake_judged(&f, own), NULL);
	says(fake_judged(&f, leaf), "not activated");
	says(fake_judged(&f, sub), "not activated");
	says(fake_judged(&f, root), "not activated"); /* of another key */
	says(fake_judged(&f, WITH(own, changed.subject = "CN=b")), "differ");
	says(fake_judged(&f, WITH(own, changed.constraints = "CA:FALSE", changed.usage = NULL)),
	    "not that of a CA");
	says(fake_judged(&f, WITH(own, changed.usage = "cRLSign")), "not that of a CA");
	says(fake_judged(&f, WITH(own, changed.usage = NULL)), "not that of a CA");
	f.ca.sub_ca = false;
	says(fake_judged(&f, own), "makes no root certificate");
	says(fake_judged(&f, leaf), "not activated");
	fake_ca_close(&f);
}

static void
P13_of_its_own_key_a_CA_signs_the_next_root_only(void **state)
{
	struct fake_ca f;
	struct fake_cert own;

	fake_ca_open(&f, WITH(root, changed.constraints = "critical,CA:TRUE,pathlen:1"), true);
	own = WITH(root, changed.key = f.key, changed.until = 7300);
	says(fake_judged(&f, WITH(own, changed.constraints = "CA:TRUE,pathlen:1")), NULL);
	says(fake_judged(&f, WITH(own, changed.constraints = "CA:TRUE,pathlen:2")),
	    "path is longer");
	says(fake_judged(&f, own), "path is longer");
	says(fake_judged(&f, WITH(leaf, changed.key = f.key)), "differ");
	says(fake_judged(&f, WITH(sub, changed.key = f.key)), "differ");
	f.ca.sub_ca = false;
	says(fake_judged(&f, WITH(own, changed.constraints = "CA:TRUE,pathlen:1")),
	    "makes no root certificate");
	says(fake_judged(&f, WITH(leaf, changed.key = f.key)), "makes no root certificate");
	fake_ca_close(&f);
}

static const char *
judged_tbs(const struct fake_ca *f, const struct buf *tbs, unsigned char serial[SERIAL_SIZE])
{
	static struct err e;
	unsigned char *copy = malloc(tbs->len + 1); /* exact, for ASan */
	int r;

	err_clear(&e);
	if (tbs->len > 0)
		memcpy(copy, tbs->data, tbs->len);
	copy = realloc(copy, tbs->len == 0 ? 1 : tbs->len);
	r = guard_cert(&(struct bytes){ copy, tbs->len }, &f->ca, serial, &e);
	free(copy);
	return r == 0 ? NULL : e.message;
}

static X509 *
leaf_of(const struct fake_ca *f)
{
	struct fake_cert c = leaf;

	c.key = f->other;
	return fake_make(&c);
}

static void
P13_each_extension_is_there_once(void **state)
{
	static const struct {
		const char *oid;
		size_t len;
		const char *value;
	} twice[] = { { "2.5.29.19", 2, "\x30\x00" }, { "2.5.29.15", 4, "\x03\x02\x07\x80" },
		{ "2.5.29.17", 5, "\x30\x03\x82\x01z" } };
	unsigned char serial[SERIAL_SIZE];
	AUTO_BUF struct buf tbs = { 0 };
	struct fake_ca f;
	X509 *x;

	fake_ca_open(&f, root, true);
	for (size_t i = 0; i < nitems(twice); i++) {
		x = leaf_of(&f);
		fake_add_raw(x, twice[i].oid, twice[i].value, twice[i].len);
		fake_tbs(x, &tbs);
		says(judged_tbs(&f, &tbs, serial), "two of a kind");
	}
	for (int n = 61; n <= 62; n++) { /* beside the three that it has */
		x = leaf_of(&f);
		for (int i = 0; i < n; i++) {
			char oid[32];

			snprintf(oid, sizeof(oid), "1.3.6.1.4.1.99999.%d", i);
			fake_add_raw(x, oid, "\5\0", 2);
		}
		fake_tbs(x, &tbs);
		says(judged_tbs(&f, &tbs, serial), n == 61 ? NULL : "two of a kind");
	}
	fake_ca_close(&f);
}

/* A leaf with this one extension. */
static const char *
with_extension(const struct fake_ca *f, const char *oid, const char *value, size_t len)
{
	struct fake_cert bare = { .issuer = "CN=root", .subject = "CN=leaf", .key = f->other };
	unsigned char serial[SERIAL_SIZE];
	AUTO_BUF struct buf tbs = { 0 };
	X509 *x = fake_make(&bare);

	fake_add_raw(x, oid, value, len);
	fake_tbs(x, &tbs);
	return judged_tbs(f, &tbs, serial);
}
#define EXTENSION(oid, text) with_extension(&f, oid, text, sizeof(text) - 1)

static void
P13_extensions_are_in_strict_DER(void **state)
{
	struct fake_ca f;

	fake_ca_open(&f, root, true);
	says(EXTENSION("2.5.29.19", "\x30\x00"), NULL);
	says(EXTENSION("2.5.29.19", "\x30\x03\x01\x01\xff"), NULL);
	says(EXTENSION("2.5.29.19", "\x30\x03\x01\x01\x01"), "basic constraints are malformed");
	says(EXTENSION("2.5.29.19", "\x30\x03\x01\x01\x00"), "basic constraints are malformed");
	says(EXTENSION("2.5.29.19", "\x30\x03\x02\x01\x00"), "basic constraints are malformed");
	says(EXTENSION("2.5.29.19", "\x30\x06\x01\x01\xff\x02\x01\xff"),
	    "basic constraints are malformed");
	says(EXTENSION("2.5.29.19", "\x30\x00\x05\x00"), "basic constraints are malformed");
	says(EXTENSION("2.5.29.19", "x"), "basic constraints are malformed");
	says(EXTENSION("2.5.29.15", "\x03\x02\x07\x80"), NULL);
	says(EXTENSION("2.5.29.15", "\x03\x02\x08\x80"), "key usage is malformed");
	says(EXTENSION("2.5.29.15", "\x03\x02\x05\x26"), "key usage is malformed");
	says(EXTENSION("2.5.29.15", "\x03\x01\x01"), "key usage is malformed");
	says(EXTENSION("2.5.29.15", "\x03\x00"), "key usage is malformed");
	says(EXTENSION("2.5.29.15", "\x04\x02\x07\x80"), "key usage is malformed");
	says(EXTENSION("2.5.29.17", "\x30\x03\x82\x01z"), NULL);
	says(EXTENSION("2.5.29.17", "\x30\x00"), "alternative names are malformed");
	says(EXTENSION("2.5.29.17", "\x30\x04\x82\x01z"), "alternative names are malformed");
	says(EXTENSION("2.5.29.17", "\x30\x03\x89\x01z"), "alternative names are malformed");
	says(EXTENSION("2.5.29.17", "\x30\x05\x82\x03z\0y"), "a character that none has");
	says(EXTENSION("2.5.29.17", "\x30\x03\x82\x01 "), "a character that none has");
	says(EXTENSION("2.5.29.17", "\x30\x02\x82\x00"), "a character that none has");
	says(EXTENSION("2.5.29.17", "\x30\x05\x87\x03\1\2\3"), "neither of version 4 nor 6");
	fake_ca_close(&f);
}

static void
P13_the_algorithm_inside_is_that_of_the_signature(void **state)
{
	struct fake_ca f;

	fake_ca_open(&f, root, true);
	f.ca.algorithm = (struct bytes){ NULL, 0 };
	says(fake_judged(&f, leaf), "signature algorithm");
	f.ca.algorithm = (struct bytes){ (const unsigned char *)"\x30\x05\x06\x03\x2b\x65\x70", 7 };
	says(fake_judged(&f, leaf), "signature algorithm");
	fake_ca_close(&f);
}

static void
P13_a_certificate_cut_or_changed_is_none(void **state)
{
	unsigned char serial[SERIAL_SIZE];
	AUTO_BUF struct buf tbs = { 0 }, cut = { 0 };
	struct fake_ca f;

	fake_ca_open(&f, root, true);
	fake_tbs(leaf_of(&f), &tbs);
	says(judged_tbs(&f, &tbs, serial), NULL);
	for (size_t n = 0; n < tbs.len; n++) {
		buf_reset(&cut);
		buf_put(&cut, tbs.data, n);
		says(judged_tbs(&f, &cut, serial), "not a certificate");
	}
	/* whatever is changed: no crash */
	for (size_t i = 0; i < tbs.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			tbs.data[i] ^= (unsigned char)(1 << bit);
			judged_tbs(&f, &tbs, serial);
			tbs.data[i] ^= (unsigned char)(1 << bit);
		}
	buf_put(&tbs, "\5\0", 2);
	says(judged_tbs(&f, &tbs, serial), "not a certificate");
	buf_reset(&tbs);
	for (int i = 0; i <= TBS_MAX; i++)
		buf_put_u8(&tbs, 0x30);
	says(judged_tbs(&f, &tbs, serial), "too long");
	fake_ca_close(&f);
}

static void
P13_days_are_written_as_the_RFC_says(void **state)
{
	unsigned char serial[SERIAL_SIZE];
	AUTO_BUF struct buf tbs = { 0 };
	struct fake_ca f;
	X509 *x;

	fake_ca_open(&f, WITH(root, changed.until = 36500), true);
	says(fake_judged(&f, WITH(leaf, changed.until = 36000)), NULL);
	x = leaf_of(&f);
	ASN1_GENERALIZEDTIME_set_string(X509_getm_notAfter(x), "20400101000000Z");
	fake_tbs(x, &tbs);
	says(judged_tbs(&f, &tbs, serial), "validity is malformed");
	fake_ca_close(&f);
}

static void
serial_numbers_are_unsigned(void **state)
{
	static const struct {
		const char *hex;
		unsigned char first, last;
		const char *why;
	} cases[] = {
		{ "01", 0, 1, NULL },
		{ "FF", 0, 0xff, NULL },
		{ "FF000000000000000000000000000001", 0xff, 1, NULL },
		{ "7F000000000000000000000000000002", 0x7f, 2, NULL },
		{ "01FF000000000000000000000000000001", 0, 0, "serial number is too long" },
		{ "0", 0, 0, "not a certificate" },
		{ "-1", 0, 0, "not a certificate" },
	};
	struct fake_ca f;

	fake_ca_open(&f, root, true);
	for (size_t i = 0; i < nitems(cases); i++) {
		unsigned char serial[SERIAL_SIZE];
		AUTO_BUF struct buf tbs = { 0 };
		X509 *x = leaf_of(&f);
		BIGNUM *n = NULL;

		BN_hex2bn(&n, cases[i].hex);
		BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
		fake_tbs(x, &tbs);
		says(judged_tbs(&f, &tbs, serial), cases[i].why);
		if (cases[i].why == NULL) {
			assert_int_equal(serial[0], cases[i].first);
			assert_int_equal(serial[15], cases[i].last);
		}
		BN_free(n);
	}
	fake_ca_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P13_a_leaf_of_the_issuers_name_is_signed),
		cmocka_unit_test(P13_a_certificate_does_not_outlive_its_issuer),
		cmocka_unit_test(P13_a_CA_certificate_needs_the_permission),
		cmocka_unit_test(P13_the_path_gets_shorter_with_each_CA),
		cmocka_unit_test(P13_a_key_that_is_not_active_signs_its_root_only),
		cmocka_unit_test(P13_of_its_own_key_a_CA_signs_the_next_root_only),
		cmocka_unit_test(P13_each_extension_is_there_once),
		cmocka_unit_test(P13_extensions_are_in_strict_DER),
		cmocka_unit_test(P13_the_algorithm_inside_is_that_of_the_signature),
		cmocka_unit_test(P13_a_certificate_cut_or_changed_is_none),
		cmocka_unit_test(P13_days_are_written_as_the_RFC_says),
		cmocka_unit_test(serial_numbers_are_unsigned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
