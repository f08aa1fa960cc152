/*
 * test_trust.c - certificates of CAs: kept, used, removed
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../x509/make.h"
#include "base/clock.h"
#include "op/op_trust.h"
#include "people_fake.h"
#include "x509/cert.h"

static struct reader_bundle next_bundle;

/* The reader is another process: here is what it would have found. */
int
readers_bundle(struct readers *r, const struct reader_file *files, size_t n, const char *passphrase,
    struct arena *a, struct reader_bundle *out, struct err *e)
{
	*out = next_bundle;
	return 0;
}

static struct reader_object
object(struct ctx *cx, X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	struct reader_object o = { arena_dup(cx->arena, der, (size_t)n), (size_t)n, "file" };

	OPENSSL_free(der);
	return o;
}

static int
add(struct ctx *cx, struct trust_added *out, X509 *one, X509 *two)
{
	static const struct reader_file file = { "file", "", 0 };
	struct reader_object *v = arena_new_array(cx->arena, 2, struct reader_object);

	v[0] = object(cx, one);
	if (two != NULL)
		v[1] = object(cx, two);
	next_bundle = (struct reader_bundle){ .certs = v, .ncerts = two == NULL ? 1 : 2 };
	return op_trust_add(cx, &file, 1, NULL, out);
}

static struct trust
found(struct ctx *cx, const char *subject)
{
	struct trust *list;
	size_t n;

	assert_done(cx, op_trust_list(cx, &list, &n));
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].row.subject, subject) == 0)
			return list[i];
	return (struct trust){ 0 };
}

static void
forget(struct ctx *cx)
{
	struct trust *list;
	size_t n;

	assert_done(cx, op_trust_list(cx, &list, &n));
	for (size_t i = 0; i < n; i++)
		assert_done(cx, op_trust_remove(cx, list[i].row.id));
}

static struct ctx *
begin(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;

	fake_request(cx, MAKE_NOW, "192.0.2.1");
	return cx;
}

/* Root, intermediate and leaf of one CA. */
struct ca {
	EVP_PKEY *rk, *ik, *lk;
	X509 *r, *i, *l;
};

static struct ca
made(void)
{
	struct ca c = { make_key("ec:P-256"), make_key("ec:P-384"), make_key("ed25519") };
	struct make leaf = { .subject = "leaf.example.com",
		.key = c.lk,
		.issuer_key = c.ik,
		.extensions = { "basicConstraints=critical,CA:FALSE" } };

	c.r = make_ca("Root R1", c.rk, NULL, NULL);
	c.i = make_ca("TLS CA 1", c.ik, c.r, c.rk);
	leaf.issuer = c.i;
	c.l = make_cert(&leaf);
	return c;
}

static void
unmake(struct ca *c)
{
	X509_free(c->r);
	X509_free(c->i);
	X509_free(c->l);
	EVP_PKEY_free(c->rk);
	EVP_PKEY_free(c->ik);
	EVP_PKEY_free(c->lk);
}

static void
V38_roots_and_intermediates_are_told_apart(void **state)
{
	struct ctx *cx = begin(state);
	struct ca c = made();
	struct trust_added all;

	assert_done(cx, add(cx, &all, c.i, c.r));
	assert_int_equal(all.n, 2);
	assert_string_equal(found(cx, "CN=Root R1").row.kind, "root");
	assert_string_equal(found(cx, "CN=TLS CA 1").row.kind, "intermediate");
	assert_string_equal(found(cx, "CN=TLS CA 1").row.issuer, "CN=Root R1");
	assert_string_equal(found(cx, "CN=TLS CA 1").row.origin, "added");
	assert_int_equal(found(cx, "CN=TLS CA 1").nused_by, 0);
	forget(cx);
	unmake(&c);
}

static void
what_is_here_already_is_fine_and_said(void **state)
{
	struct ctx *cx = begin(state);
	struct ca c = made();
	struct trust_added all;

	assert_done(cx, add(cx, &all, c.r, NULL));
	assert_done(cx, add(cx, &all, c.i, c.r));
	assert_int_equal(all.n, 1);
	assert_string_equal(all.v[0].row.subject, "CN=TLS CA 1");
	assert_int_equal(all.nnotes, 1);
	assert_string_equal(all.notes[0], "CN=Root R1 was here already");
	forget(cx);
	unmake(&c);
}

static void
one_that_is_not_of_a_CA_refuses_all(void **state)
{
	struct ctx *cx = begin(state);
	struct ca c = made();
	struct trust_added all;
	struct trust *list;
	size_t n;

	assert_refused(cx, add(cx, &all, c.i, c.l), R_TRUST_NOT_CA);
	assert_done(cx, op_trust_list(cx, &list, &n));
	assert_int_equal(n, 0);
	unmake(&c);
}

static void
P19_a_weak_key_is_refused_and_named(void **state)
{
	struct ctx *cx = begin(state);
	AUTO(pkey) EVP_PKEY *key = make_key("rsa:1024");
	AUTO(x509) X509 *x = make_ca("Weak", key, NULL, NULL);
	struct trust_added all;

	assert_int_equal(add(cx, &all, x, NULL), -1);
	assert_non_null(strstr(cx->err.message, "CN=Weak: "));
	assert_int_equal(fake_end(cx), R_KEY_SMALL);
}

/* A certificate row of `identity` with this chain. */
static void
install(struct ctx *cx, const char *identity, X509 *leaf, X509 *issuer)
{
	struct reader_object l = object(cx, leaf), i = object(cx, issuer);
	struct identity who = { .name = identity, .created_at = cx->now };
	struct key_row key = { .generation = 1,
		.type = "ed25519",
		.origin = "generated",
		.bits = 256,
		.blob = (const unsigned char *)"b",
		.blob_len = 1,
		.spki = (const unsigned char *)"s",
		.spki_len = 1 };
	struct cert_row cert = { .der = l.der,
		.der_len = l.len,
		.chain = i.der,
		.chain_len = i.len,
		.serial = "01",
		.subject = "CN=leaf",
		.issuer = identity,
		.names = "",
		.origin = "answer" };

	id_new(who.id);
	id_new(key.id);
	id_new(cert.id);
	random_bytes(key.spki_sha256, 32);
	random_bytes(cert.sha256, 32);
	strcpy(key.identity, who.id);
	strcpy(cert.identity, who.id);
	strcpy(cert.key, key.id);
	strcpy(who.active, cert.id);
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_identity_insert(cx, &who));
	assert_done(cx, store_key_insert(cx, &key));
	assert_done(cx, store_cert_insert(cx, &cert));
	assert_done(cx, op_trust_keep(cx, &issuer, 1));
	assert_done(cx, db_commit(cx));
}

static void
V38_removing_one_in_use_is_refused_and_says_who_uses_it(void **state)
{
	struct ctx *cx = begin(state);
	struct ca c = made();
	struct trust_added all;
	struct trust t;

	install(cx, "shop", c.l, c.i);
	install(cx, "mail", c.l, c.i);
	assert_done(cx, add(cx, &all, c.r, NULL));
	t = found(cx, "CN=TLS CA 1");
	assert_string_equal(t.row.origin, "answer");
	assert_int_equal(t.nused_by, 2);
	assert_string_equal(t.used_by[0], "shop");
	assert_int_equal(op_trust_remove(cx, t.row.id), -1);
	assert_non_null(strstr(cx->err.message, "shop, mail"));
	assert_int_equal(fake_end(cx), R_TRUST_IN_USE);
	/* the root is never sent: it tells where chains end, and may go */
	t = found(cx, "CN=Root R1");
	assert_int_equal(t.nused_by, 0);
	assert_int_equal(t.nanchors, 2);
	assert_done(cx, op_trust_remove(cx, t.row.id));
	assert_refused(cx, op_trust_remove(cx, t.row.id), R_NOT_FOUND);
	unmake(&c);
}

static void
an_answer_leaves_its_CA_certificates_and_nothing_else(void **state)
{
	struct ctx *cx = begin(state);
	struct ca c = made();
	AUTO(x509) X509 *other = make_ca("TLS CA 2", c.ik, c.r, c.rk);
	AUTO(pkey) EVP_PKEY *key = make_key("rsa:1024");
	AUTO(x509) X509 *weak = make_ca("Weak", key, NULL, NULL);
	X509 *sent[] = { c.l, other, other, weak };
	AUTO(trusted) X509 **known = NULL;
	size_t before, n;

	assert_done(cx, op_trust_load(cx, &known, &before));
	trusted_free(known);
	known = NULL;
	assert_done(cx, db_begin(cx));
	assert_done(cx, op_trust_keep(cx, sent, nitems(sent)));
	assert_done(cx, db_commit(cx));
	assert_done(cx, op_trust_load(cx, &known, &n));
	assert_int_equal(n, before + 1);
	assert_null(known[n]);
	assert_string_equal(found(cx, "CN=TLS CA 2").row.origin, "answer");
	unmake(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(V38_roots_and_intermediates_are_told_apart),
		cmocka_unit_test(what_is_here_already_is_fine_and_said),
		cmocka_unit_test(one_that_is_not_of_a_CA_refuses_all),
		cmocka_unit_test(P19_a_weak_key_is_refused_and_named),
		cmocka_unit_test(V38_removing_one_in_use_is_refused_and_says_who_uses_it),
		cmocka_unit_test(an_answer_leaves_its_CA_certificates_and_nothing_else),
	};

	return cmocka_run_group_tests_name("trust", tests, fake_open, fake_close);
}
