/*
 * test_issuer.c - the certificate that makes a key that of a CA
 */
#include "fake_ca.h"
#include "keeper/sign.h"

static const struct fake_cert good = { .issuer = "CN=corporate root",
	.subject = "CN=ca",
	.until = 3650,
	.constraints = "critical,CA:TRUE,pathlen:3",
	.usage = "critical,keyCertSign,cRLSign",
	.name_constraints = "critical,permitted;DNS:example.com",
	.more_nid = NID_subject_key_identifier,
	.more = "0102030405" };

struct house {
	EVP_PKEY *key, *other;
	struct buf spki, der;
	struct issuer issuer;
	struct err e;
};

static int
house_open(void **state)
{
	struct house *h = calloc(1, sizeof(*h));

	h->key = EVP_EC_gen("P-256");
	h->other = EVP_EC_gen("P-256");
	*state = h;
	return key_spki(h->key, &h->spki, &h->e);
}

static int
house_close(void **state)
{
	struct house *h = *state;

	EVP_PKEY_free(h->key);
	EVP_PKEY_free(h->other);
	buf_free(&h->spki);
	buf_free(&h->der);
	free(h);
	return 0;
}

/* Of these bytes, exactly; the issuer points into h->der. */
static const char *
read_der(struct house *h, size_t len)
{
	struct bytes spki = { h->spki.data, h->spki.len };

	err_clear(&h->e);
	return issuer_read(&h->issuer, &(struct bytes){ h->der.data, len }, &spki, &h->e) == 0
	    ? NULL
	    : h->e.message;
}

/* Signed by anybody: what a signature says is not for the keeper. Frees x. */
static const char *
read_it(struct house *h, X509 *x)
{
	unsigned char *der = NULL;
	int n;

	assert_true(X509_sign(x, h->other, EVP_sha256()) > 0);
	n = i2d_X509(x, &der);
	buf_reset(&h->der);
	buf_put(&h->der, der, (size_t)n);
	OPENSSL_free(der);
	X509_free(x);
	return read_der(h, h->der.len);
}

static X509 *
one(struct house *h, void (*change)(struct fake_cert *))
{
	struct fake_cert c = good;

	c.key = h->key;
	if (change != NULL)
		change(&c);
	return fake_make(&c);
}

static void
what_counts_of_it_is_read(void **state)
{
	struct house *h = *state;

	says(read_it(h, one(h, NULL)), NULL);
	assert_int_equal(h->issuer.path_len, 3);
	assert_int_equal(h->issuer.key_id.len, 5);
	assert_memory_equal(h->issuer.key_id.data, "\1\2\3\4\5", 5);
	assert_true(h->issuer.names.permitted.len > 0);
	assert_int_equal(h->issuer.names.excluded.len, 0);
	assert_true(h->issuer.not_after > 1700000000);
	assert_int_equal(h->issuer.subject.len, 15);
	assert_memory_equal(h->issuer.subject.data + 13, "ca", 2);
}

static void
no_constraints(struct fake_cert *c)
{
	c->constraints = NULL;
}
static void
no_ca(struct fake_cert *c)
{
	c->constraints = "CA:FALSE";
}
static void
no_usage(struct fake_cert *c)
{
	c->usage = NULL;
}
static void
crls_only(struct fake_cert *c)
{
	c->usage = "cRLSign,digitalSignature";
}
static void
no_name(struct fake_cert *c)
{
	c->subject = "";
}
static void
version_1(struct fake_cert *c)
{
	c->version = X509_VERSION_2;
}
static void
two_constraints(struct fake_cert *c)
{
	c->more_nid = NID_basic_constraints;
	c->more = "CA:TRUE";
}

static void
P13_only_a_CA_certificate_makes_a_key_that_of_a_CA(void **state)
{
	static const struct {
		void (*change)(struct fake_cert *);
		const char *why;
	} cases[] = {
		{ no_constraints, "it is no CA certificate" },
		{ no_ca, "it is no CA certificate" },
		{ no_usage, "not for certificates" },
		{ crls_only, "not for certificates" },
		{ no_name, "subject is empty" },
		{ version_1, "not a certificate of version 3" },
		{ two_constraints, "two of a kind" },
	};
	struct house *h = *state;

	for (size_t i = 0; i < nitems(cases); i++) {
		says(read_it(h, one(h, cases[i].change)), cases[i].why);
		assert_int_equal(h->e.refusal, R_ACTIVATE_CA);
	}
}

static void
P13_it_is_for_this_key_and_not_too_long(void **state)
{
	struct house *h = *state;
	struct fake_cert c = good;
	char text[4096];
	X509 *x;

	c.key = h->other;
	says(read_it(h, fake_make(&c)), "for another key");
	assert_int_equal(h->e.refusal, R_ACTIVATE_OTHER);
	memset(text, 'a', sizeof(text));
	x = one(h, NULL);
	fake_add_raw(x, "1.2.3", text, sizeof(text) - 700);
	says(read_it(h, x), NULL);
	x = one(h, NULL);
	fake_add_raw(x, "1.2.3", text, sizeof(text));
	says(read_it(h, x), "more than 4096 bytes");
}

static void
P13_name_constraints_that_cannot_be_kept_are_not_taken(void **state)
{
	static const struct {
		size_t len;
		const char *value;
		bool ok;
	} cases[] = {
		{ 9, "\x30\x07\xa0\x05\x30\x03\x82\x01z", true },
		{ 9, "\x30\x07\xa1\x05\x30\x03\x82\x01z", true },
		{ 8, "\x30\x06\xa0\x04\x30\x02\x82\x00", true },
		{ 2, "\x30\x00", false },
		{ 4, "\x30\x02\xa0\x00", false },
		{ 9, "\x30\x07\xa2\x05\x30\x03\x82\x01z", false },
		{ 9, "\x30\x07\xa0\x05\x30\x03\x89\x01z", false },
		{ 9, "\x30\x07\xa0\x05\x30\x03\x82\x01 ", false },
		{ 9, "\x30\x07\xa0\x05\x30\x03\x82\x01*", false },
		{ 9, "\x30\x07\xa0\x05\x30\x03\x82\x01.", false },
		{ 9, "\x30\x07\xa0\x05\x30\x03\x87\x01z", false },
		/* minimum 0, maximum 1 */
		{ 12, "\x30\x0a\xa0\x08\x30\x06\x82\x01z\x80\x01\x00", false },
		{ 12, "\x30\x0a\xa0\x08\x30\x06\x82\x01z\x81\x01\x01", false },
		{ 9, "\x30\x07\xa0\x06\x30\x03\x82\x01z", false },
	};
	struct house *h = *state;

	for (size_t i = 0; i < nitems(cases); i++) {
		struct fake_cert c = good;
		X509 *x;

		c.key = h->key;
		c.name_constraints = NULL;
		x = fake_make(&c);
		fake_add_raw(x, "2.5.29.30", cases[i].value, cases[i].len);
		says(read_it(h, x), cases[i].ok ? NULL : "name constraints are malformed");
	}
}

static void
a_certificate_cut_or_changed_is_none(void **state)
{
	struct house *h = *state;
	size_t len;

	says(read_it(h, one(h, NULL)), NULL);
	len = h->der.len;
	for (size_t n = 0; n < len; n++)
		says(read_der(h, n), "not a certificate");
	for (size_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			h->der.data[i] ^= (unsigned char)(1 << bit);
			read_der(h, len);
			h->der.data[i] ^= (unsigned char)(1 << bit);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_counts_of_it_is_read),
		cmocka_unit_test(P13_only_a_CA_certificate_makes_a_key_that_of_a_CA),
		cmocka_unit_test(P13_it_is_for_this_key_and_not_too_long),
		cmocka_unit_test(P13_name_constraints_that_cannot_be_kept_are_not_taken),
		cmocka_unit_test(a_certificate_cut_or_changed_is_none),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
