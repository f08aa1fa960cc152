/*
 * test_key.c - identities and private keys: generations, uses, destruction
 *
 * op_identity.c, op_key_export.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "op/op_identity.h"
#include "op/op_key.h"
#include "procedure_fake.h"

static int
set_up(void **state)
{
	struct identity i;

	fake_open(state);
	procedure_fake_reset(&((struct fake *)*state)->cx);
	assert_done(fake_cx, op_identity_create(fake_cx, "shop", &i));
	return 0;
}

static struct key_row
generated(struct ctx *cx, const char *type)
{
	struct key_row k;

	assert_done(cx, op_key_generate(cx, "shop", type, false, &k));
	return k;
}

static struct request_row
requested(struct ctx *cx, const struct key_row *k)
{
	struct request_row r = { .state = "pending",
		.der = (const unsigned char *)"csr",
		.der_len = 3,
		.subject = "CN=shop.example",
		.names = "",
		.digest = "sha256",
		.created_by = "root",
		.created_at = cx->now };

	id_new(r.id);
	memcpy(r.identity, k->identity, ID_SIZE);
	memcpy(r.key, k->id, ID_SIZE);
	memcpy(r.sha256, r.id, 26);
	memcpy(r.spki_sha256, k->spki_sha256, 32);
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_request_insert(cx, &r));
	assert_done(cx, db_commit(cx));
	return r;
}

/* As an install leaves it: the certificate is active, and so is its key. */
static void
installed(struct ctx *cx, struct key_row *k)
{
	struct identity i;
	struct cert_row c = { .der = (const unsigned char *)"x",
		.der_len = 1,
		.chain = (const unsigned char *)"",
		.serial = k->id,
		.subject = "CN=shop.example",
		.issuer = "CN=CA",
		.common_name = "shop.example",
		.names = "",
		.not_after = cx->now + 86400,
		.origin = "answer",
		.created_at = cx->now };

	id_new(c.id);
	memcpy(c.identity, k->identity, ID_SIZE);
	memcpy(c.key, k->id, ID_SIZE);
	memcpy(c.sha256, c.id, 26);
	memcpy(c.spki_sha256, k->spki_sha256, 32);
	k->state = KEY_ACTIVE;
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_cert_insert(cx, &c));
	assert_done(cx, store_key_update(cx, k));
	assert_done(cx, store_identity_load(cx, "shop", &i));
	memcpy(i.active, c.id, ID_SIZE);
	assert_done(cx, store_identity_update(cx, &i));
	assert_done(cx, db_commit(cx));
}

static void
P13_a_new_key_may_sign_its_CSR_and_nothing_more(void **state)
{
	struct key_row k = generated(fake_cx, "rsa:2048");

	assert_int_equal(fake_wish.purposes, PURPOSE_CSR);
	assert_string_equal(fake_wish.tenant, TENANT_SYSTEM);
	assert_string_equal(fake_wish.id, k.id);
	assert_false(fake_wish.exportable);
	assert_int_equal(k.state, KEY_READY);
	assert_string_equal(op_key_label(fake_cx, &k), "RSA 2048 bits");
	k.type = "rsa";
	k.bits = 2560;
	assert_string_equal(op_key_label(fake_cx, &k), "RSA 2560 bits");
}

static void
others_write_while_the_keeper_makes_a_key(void **state)
{
	struct key_file f = { .data = "x", .len = 1 };
	const char *found;
	struct key_row k;

	fake_in_transaction = true;
	generated(fake_cx, "ec:P-256");
	assert_false(fake_in_transaction);
	fake_in_transaction = true;
	assert_done(fake_cx, op_key_import(fake_cx, "shop", &f, &k, &found));
	assert_false(fake_in_transaction);
}

static void
V24_generations_count_up_and_the_newest_makes_the_CSR(void **state)
{
	struct key_row one = generated(fake_cx, "ec:P-256"), two, three, k;
	struct identity i;
	char next[ID_SIZE];

	installed(fake_cx, &one);
	assert_done(fake_cx, op_identity_load(fake_cx, "shop", &i));
	assert_done(fake_cx, op_key_for_csr(fake_cx, &i, &k));
	assert_string_equal(k.id, one.id);
	assert_done(fake_cx, op_key_next(fake_cx, &i, next));
	assert_string_equal(next, "");
	two = generated(fake_cx, "ec:P-384");
	assert_int_equal(two.generation, 2);
	assert_done(fake_cx, op_key_next(fake_cx, &i, next));
	assert_string_equal(next, two.id);
	assert_done(fake_cx, op_key_destroy(fake_cx, two.id, &k));
	three = generated(fake_cx, "ec:P-256");
	assert_int_equal(three.generation, 3);
}

static void
P19_a_weak_key_is_not_stored_even_from_the_keeper(void **state)
{
	struct key_file f = { .data = "x", .len = 1 };
	const char *found;
	struct identity i;
	struct key_row k, *all;
	size_t n;

	fake_key = EVP_RSA_gen(1024);
	assert_int_equal(op_key_import(fake_cx, "shop", &f, &k, &found), -1);
	assert_int_equal(fake_cx->err.refusal, R_KEY_SMALL);
	assert_string_equal(fake_cx->err.field, "file");
	fake_end(fake_cx);
	assert_int_equal(op_key_generate(fake_cx, "shop", "rsa:2048", false, &k), -1);
	assert_string_equal(fake_cx->err.field, "type");
	assert_int_equal(fake_end(fake_cx), R_KEY_SMALL);
	EVP_PKEY_free(fake_key);
	assert_done(fake_cx, op_identity_load(fake_cx, "shop", &i));
	assert_done(fake_cx, op_key_list(fake_cx, i.id, &all, &n));
	assert_int_equal(n, 0);
	assert_refused(
	    fake_cx, op_key_generate(fake_cx, "shop", "dsa:1024", false, &k), R_KEY_TYPE);
}

static void
V24_requests_out_are_the_pending_ones_newest_first(void **state)
{
	struct key_row one = generated(fake_cx, "ec:P-256"), two = generated(fake_cx, "ec:P-256");
	struct request_row a = requested(fake_cx, &one), b = requested(fake_cx, &two),
			   c = requested(fake_cx, &two);
	struct key_uses u;
	struct identity i;

	assert_done(fake_cx, db_begin(fake_cx));
	assert_done(fake_cx, store_request_set_state(fake_cx, b.id, "issued"));
	assert_done(fake_cx, db_commit(fake_cx));
	installed(fake_cx, &two);
	assert_done(fake_cx, op_identity_load(fake_cx, "shop", &i));
	assert_done(fake_cx, op_key_uses(fake_cx, i.id, &u));
	assert_int_equal(u.nrequests, 2);
	assert_string_equal(u.requests[0].id, c.id);
	assert_string_equal(u.requests[1].id, a.id);
	assert_string_equal(u.requests[1].key, one.id);
	assert_int_equal(u.ncerts, 1);
	assert_string_equal(u.certs[0].key, two.id);
}

static void
P16_destroying_withdraws_what_was_asked_with_the_key(void **state)
{
	struct key_row one = generated(fake_cx, "ec:P-256"), two = generated(fake_cx, "ec:P-256"),
		       k;
	struct request_row a = requested(fake_cx, &one), b = requested(fake_cx, &two), r;

	fake_in_transaction = false;
	assert_done(fake_cx, op_key_destroy(fake_cx, one.id, &k));
	assert_true(fake_in_transaction); /* no install comes in between */
	assert_int_equal(fake_destroyed, 1);
	assert_done(fake_cx, op_key_load(fake_cx, one.id, &k));
	assert_int_equal(k.state, KEY_DESTROYED);
	assert_null(k.blob);
	assert_int_equal(k.destroyed_at, fake_cx->now);
	assert_done(fake_cx, store_request_load(fake_cx, a.id, &r));
	assert_string_equal(r.state, "withdrawn");
	assert_done(fake_cx, store_request_load(fake_cx, b.id, &r));
	assert_string_equal(r.state, "pending");
	assert_refused(fake_cx, op_key_destroy(fake_cx, one.id, &k), R_KEY_DESTROYED);
}

static void
P16_an_interrupted_destruction_is_completed(void **state)
{
	struct key_row one = generated(fake_cx, "ec:P-256"), k;

	fake_destroy_refusal = R_KEEPER_GONE;
	assert_refused(fake_cx, op_key_destroy(fake_cx, one.id, &k), R_KEEPER_GONE);
	assert_done(fake_cx, op_key_load(fake_cx, one.id, &k));
	assert_int_equal(k.state, KEY_READY);
	/* the journal has it already, the row does not */
	fake_destroy_refusal = R_KEY_DESTROYED;
	assert_done(fake_cx, op_key_destroy(fake_cx, one.id, &k));
	assert_done(fake_cx, op_key_load(fake_cx, one.id, &k));
	assert_int_equal(k.state, KEY_DESTROYED);
}

static void
the_key_of_the_active_certificate_stays(void **state)
{
	struct key_row one = generated(fake_cx, "ec:P-256"), two = generated(fake_cx, "ec:P-256"),
		       k;

	installed(fake_cx, &one);
	assert_refused(fake_cx, op_key_destroy(fake_cx, one.id, &k), R_KEY_IN_USE);
	assert_int_equal(fake_destroyed, 0);
	installed(fake_cx, &two);
	assert_done(fake_cx, op_key_destroy(fake_cx, one.id, &k));
}

static void
P28_each_act_is_on_record_without_a_secret(void **state)
{
	struct key_file f = {
		.data = "x", .len = 1, .passphrase = "swordfish", .exportable = true
	};
	struct export_wish w = { .passphrase = "swordfish", .code = "" };
	const char *found, *line;
	struct exported x;
	struct key_row k;

	line = (k = generated(fake_cx, "ec:P-256"), recorded(fake_cx));
	assert_ptr_equal(strstr(line, "key.generate "), line);
	assert_non_null(strstr(line, "\"type\":\"ec:P-256\""));
	assert_non_null(strstr(line, hex_of(fake_cx->arena, k.spki_sha256, 32)));
	assert_done(fake_cx, op_key_import(fake_cx, "shop", &f, &k, &found));
	line = recorded(fake_cx);
	assert_ptr_equal(strstr(line, "key.import "), line);
	assert_null(strstr(line, "swordfish"));
	assert_refused(fake_cx, op_key_export(fake_cx, k.id, &w, &x), R_EXPORT_PASSPHRASE);
	w.passphrase = "\u00e9l\u00e9phants-bleus";
	assert_done(fake_cx, op_key_export(fake_cx, k.id, &w, &x));
	assert_ptr_equal(strstr(x.pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----"), x.pem);
	line = recorded(fake_cx);
	assert_ptr_equal(strstr(line, "key.export "), line);
	assert_non_null(strstr(line, "\"format\":\"pkcs8\""));
	assert_null(strstr(line, "bleus"));
	assert_done(fake_cx, op_key_destroy(fake_cx, k.id, &k));
	line = recorded(fake_cx);
	assert_ptr_equal(strstr(line, "key.destroy "), line);
	assert_refused(fake_cx, op_key_export(fake_cx, k.id, &w, &x), R_KEY_DESTROYED);
}

static void
M34_PKCS12_takes_the_certificate_of_its_key(void **state)
{
	struct export_wish w = { .passphrase = "long enough for it", .legacy = true, .code = "" };
	struct key_row one = generated(fake_cx, "ec:P-256"), two = generated(fake_cx, "ec:P-256");
	struct exported x;

	assert_refused(fake_cx, op_key_export(fake_cx, one.id, &w, &x), R_EXPORT_FORMAT);
	w.pkcs12 = true;
	installed(fake_cx, &one);
	assert_done(fake_cx, op_key_export(fake_cx, one.id, &w, &x));
	assert_null(x.pem);
	assert_string_equal(x.format, "pkcs12-legacy");
	assert_int_equal(fake_leave.format, FORMAT_PKCS12_LEGACY);
	assert_int_equal(fake_leave.certificates_len, 1);
	w.legacy = false;
	assert_done(fake_cx, op_key_export(fake_cx, two.id, &w, &x));
	assert_int_equal(fake_leave.format, FORMAT_PKCS12);
	assert_int_equal(fake_leave.certificates_len, 0);
	w.pkcs12 = false;
	assert_done(fake_cx, op_key_export(fake_cx, one.id, &w, &x));
	assert_int_equal(fake_leave.format, FORMAT_PKCS8);
	assert_int_equal(fake_leave.certificates_len, 0);
}

static void
an_identity_has_a_plain_name_and_goes_when_empty(void **state)
{
	struct identity i;

	assert_refused(fake_cx, op_identity_create(fake_cx, "two words", &i), R_IDENTITY_NAME);
	assert_refused(fake_cx, op_identity_create(fake_cx, "", &i), R_IDENTITY_NAME);
	assert_refused(fake_cx, op_identity_create(fake_cx, "shop", &i), R_IDENTITY_EXISTS);
	assert_done(fake_cx, op_identity_create(fake_cx, IDENTITY_PORTAL, &i));
	assert_refused(fake_cx, op_identity_delete(fake_cx, i.id), R_IDENTITY_PORTAL);
	generated(fake_cx, "ec:P-256");
	assert_refused(fake_cx, op_identity_delete(fake_cx, "shop"), R_IDENTITY_IN_USE);
	assert_done(fake_cx, op_identity_create(fake_cx, "empty", &i));
	assert_done(fake_cx, op_identity_delete(fake_cx, "empty"));
	assert_string_equal(recorded(fake_cx), "identity.delete empty {}");
	assert_refused(fake_cx, op_identity_load(fake_cx, "empty", &i), R_NOT_FOUND);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(P13_a_new_key_may_sign_its_CSR_and_nothing_more),
		T(others_write_while_the_keeper_makes_a_key),
		T(V24_generations_count_up_and_the_newest_makes_the_CSR),
		T(P19_a_weak_key_is_not_stored_even_from_the_keeper),
		T(V24_requests_out_are_the_pending_ones_newest_first),
		T(P16_destroying_withdraws_what_was_asked_with_the_key),
		T(P16_an_interrupted_destruction_is_completed),
		T(the_key_of_the_active_certificate_stays),
		T(P28_each_act_is_on_record_without_a_secret),
		T(M34_PKCS12_takes_the_certificate_of_its_key),
		T(an_identity_has_a_plain_name_and_goes_when_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
