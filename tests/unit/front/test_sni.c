/*
 * test_sni.c - which identity's certificate for which name
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/x509.h>

#include "front/sni.h"
#include "keys/keys.h"

#define OPEN 64 /* kept parsed */

static struct err err;
static bool as_guest;
static unsigned char *leaf, *spki;
static size_t leaf_len, spki_len;

static int
a_certificate(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();

	if (keys_provider_load(&err) < 0)
		return -1;
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	leaf_len = (size_t)i2d_X509(x, &leaf);
	spki_len = (size_t)i2d_PUBKEY(key, &spki);
	X509_free(x);
	EVP_PKEY_free(key);
	return 0;
}

static int
no_certificate(void **state)
{
	OPENSSL_free(leaf);
	OPENSSL_free(spki);
	return 0;
}

/* `mark` stands for the certificate. */
static void
put(struct sni *s, const char *identity, const char *names, unsigned char mark)
{
	struct sni_offer o = { .identity = identity,
		.guest = as_guest,
		.names = names,
		.sha256 = { mark },
		.leaf = leaf,
		.leaf_len = leaf_len,
		.chain = leaf,
		.chain_len = leaf_len,
		.blob = "blob",
		.blob_len = 4,
		.spki = spki,
		.spki_len = spki_len };

	sni_put(s, &o);
}

static void
leads(struct sni *s, const char *name, const char *to)
{
	char id[ID_SIZE];
	bool found = sni_leads(s, name, id);

	if (found != (to != NULL) || (found && strcmp(id, to) != 0))
		fail_msg("%s leads to %s", name, found ? id : "nothing");
}

static void
V27_the_exact_name_stands_before_the_wildcard(void **state)
{
	struct sni *s = sni_new(OPEN);

	put(s, "wild", "*.example.com\nexample.com", 1);
	put(s, "five", "a.example.com\nb.example.com\nb.a.example.com", 2);
	leads(s, "a.example.com", "five");
	leads(s, "A.Example.COM", "five");
	leads(s, "a.example.com.", "five");
	leads(s, "c.example.com", "wild");
	leads(s, "example.com", "wild");
	leads(s, "b.a.example.com", "five");
	leads(s, "c.a.example.com", NULL); /* one label only */
	leads(s, "other.example", NULL);
	leads(s, "com", NULL);
	sni_free(s);
}

static void
odd_names_lead_nowhere(void **state)
{
	char longest[300];
	struct sni *s = sni_new(OPEN);

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	put(s, "wild", "*.example.com", 1);
	leads(s, "", NULL);
	leads(s, ".", NULL);
	leads(s, "..", NULL);
	leads(s, ".example.com", NULL);
	leads(s, "x\xff.example", NULL);
	leads(s, longest, NULL);
	sni_free(s);
}

static void
what_is_no_host_is_not_taken(void **state)
{
	struct sni *s = sni_new(OPEN);

	put(s, "mixed", "127.0.0.1\n::1\nit@example.com\nhttps://example.com/\n\nOK.example.com",
	    1);
	leads(s, "127.0.0.1", NULL);
	leads(s, "it@example.com", NULL);
	leads(s, "ok.example.com", "mixed");
	sni_free(s);
}

static void
P5_an_identity_presents_one_certificate_at_a_time(void **state)
{
	static const unsigned char first[32] = { 1 }, second[32] = { 2 };
	struct sni *s = sni_new(OPEN);

	put(s, "shop", "old.example.com\nshop.example.com", 1);
	assert_true(sni_presents(s, "shop", first));
	put(s, "shop", "shop.example.com\nnew.example.com", 2);
	assert_false(sni_presents(s, "shop", first));
	assert_true(sni_presents(s, "shop", second));
	leads(s, "old.example.com", NULL);
	leads(s, "shop.example.com", "shop");
	leads(s, "new.example.com", "shop");
	sni_remove(s, "shop");
	sni_remove(s, "shop");
	leads(s, "shop.example.com", NULL);
	assert_false(sni_presents(s, "shop", second));
	sni_free(s);
}

static void
of_two_with_one_name_the_later_has_it_and_leaves_it(void **state)
{
	struct sni *s = sni_new(OPEN);

	put(s, "one", "same.example.com", 1);
	put(s, "two", "same.example.com\nsame.example.com", 2);
	leads(s, "same.example.com", "two");
	put(s, "two", "else.example.com", 3);
	leads(s, "same.example.com", "one");
	sni_remove(s, "one");
	leads(s, "same.example.com", NULL);
	leads(s, "else.example.com", "two");
	sni_free(s);
}

static void
a_tenants_name_never_stands_before_the_systems(void **state)
{
	struct sni *s = sni_new(OPEN);

	put(s, "ours", "same.example.com", 1);
	as_guest = true;
	put(s, "guest", "same.example.com\nmine.example.com", 2);
	leads(s, "same.example.com", "ours");
	leads(s, "mine.example.com", "guest");
	sni_remove(s, "ours");
	leads(s, "same.example.com", "guest");
	as_guest = false;
	put(s, "ours", "same.example.com", 3);
	leads(s, "same.example.com", "ours");
	sni_free(s);
}

static bool chosen; /* did the last handshake get a certificate? */

/* As a listener does, and no further. */
static int
choose_only(SSL *ssl, void *s)
{
	assert_int_equal(sni_choose(ssl, s), 1);
	chosen = SSL_get_certificate(ssl) != NULL && SSL_get_privatekey(ssl) != NULL;
	return 0;
}

static bool
presented(struct sni *s, const char *name)
{
	SSL_CTX *to = SSL_CTX_new(TLS_server_method()), *from = SSL_CTX_new(TLS_client_method());
	BIO *there, *back;
	SSL *server, *client;

	SSL_CTX_set_cert_cb(to, choose_only, s);
	server = SSL_new(to);
	client = SSL_new(from);
	assert_int_equal(BIO_new_bio_pair(&there, 0, &back, 0), 1);
	SSL_set_bio(client, there, there);
	SSL_set_bio(server, back, back);
	if (name != NULL)
		SSL_set_tlsext_host_name(client, name);
	chosen = false;
	SSL_connect(client);
	SSL_accept(server);
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(to);
	SSL_CTX_free(from);
	return chosen;
}

static void
what_cannot_be_read_leaves_what_the_context_has(void **state)
{
	struct sni *s = sni_new(OPEN);
	size_t whole = leaf_len;

	leaf_len = 20;
	put(s, "shop", "shop.example.com", 1);
	leaf_len = whole;
	assert_false(presented(s, "shop.example.com"));
	put(s, "shop", "shop.example.com", 2);
	assert_true(presented(s, "shop.example.com"));
	sni_free(s);
}

static void
more_than_are_kept_parsed_are_all_presented(void **state)
{
	struct sni *s = sni_new(OPEN);
	char id[ID_SIZE], name[64];

	for (int i = 0; i < 2 * OPEN; i++) {
		snprintf(id, sizeof(id), "id-%d", i);
		snprintf(name, sizeof(name), "n%d.example.com", i);
		put(s, id, name, 1);
	}
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 2 * OPEN; i++) {
			snprintf(name, sizeof(name), "n%d.example.com", i);
			assert_true(presented(s, name));
			assert_true(presented(s, "n0.example.com"));
		}
	assert_false(presented(s, "none.example.com"));
	assert_false(presented(s, NULL));
	sni_remove(s, "id-0");
	assert_false(presented(s, "n0.example.com"));
	sni_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(V27_the_exact_name_stands_before_the_wildcard),
		cmocka_unit_test(odd_names_lead_nowhere),
		cmocka_unit_test(what_is_no_host_is_not_taken),
		cmocka_unit_test(P5_an_identity_presents_one_certificate_at_a_time),
		cmocka_unit_test(of_two_with_one_name_the_later_has_it_and_leaves_it),
		cmocka_unit_test(a_tenants_name_never_stands_before_the_systems),
		cmocka_unit_test(what_cannot_be_read_leaves_what_the_context_has),
		cmocka_unit_test(more_than_are_kept_parsed_are_all_presented),
	};

	return cmocka_run_group_tests_name("sni", tests, a_certificate, no_certificate);
}
