/*
 * test_ca.c - the keys of a CA behind the provider: root, issuing CA, leaf, lists
 *
 * together.c
 */
#include <pthread.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "house.h"
#include "x509/der.h"

static struct key_made
activated(struct house *h, const struct key_made *m, X509 *x)
{
	struct key_made active = *m;
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	OK(keys_activate(h->keeper, m->blob, m->blob_len, der, (size_t)n, h->arena, &active.blob,
	    &active.blob_len, &h->e));
	OPENSSL_free(der);
	return active;
}

static enum refusal
not_activated(struct house *h, const struct key_made *m, X509 *x)
{
	struct key_made active;
	struct err e = { 0 };
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	keys_activate(h->keeper, m->blob, m->blob_len, der, (size_t)n, h->arena, &active.blob,
	    &active.blob_len, &e);
	OPENSSL_free(der);
	X509_free(x);
	return e.refusal;
}

/* A number that the keeper handed out. */
static void
set_serial(struct house *h, X509 *x)
{
	unsigned char serial[16];
	BIGNUM *n;

	OK(keys_serials(h->keeper, 1, serial, &h->e));
	n = BN_bin2bn(serial, sizeof(serial), NULL);
	BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
}

static bool
signs(const struct key_made *m, X509 *x, EVP_PKEY *key)
{
	bool ok = X509_sign(x, key, m->type == KEY_ED25519 ? NULL : EVP_sha256()) > 0;

	ERR_clear_error();
	return ok;
}

struct ca {
	struct key_made made;
	EVP_PKEY *key;
	X509 *x;
};

static struct ca
a_root(struct house *h, enum key_type type)
{
	char id[ID_SIZE];
	struct ca ca = { .made = a_key(h, type, PURPOSE_ROOT, false, id) };

	ca.key = opened(h, &ca.made, PURPOSE_CERT);
	ca.x = a_cert(ca.key, "root", "root", 3650, "critical,CA:TRUE,pathlen:1", NULL);
	add_ext(ca.x, NID_key_usage, "critical,keyCertSign,cRLSign");
	set_serial(h, ca.x);
	assert_true(signs(&ca.made, ca.x, ca.key));
	EVP_PKEY_free(ca.key);
	ca.made = activated(h, &ca.made, ca.x);
	ca.key = opened(h, &ca.made, PURPOSE_CERT);
	return ca;
}

static struct ca
an_issuing_ca(struct house *h, const struct ca *root, enum key_type type)
{
	char id[ID_SIZE];
	struct ca ca = { .made = a_key(h, type, PURPOSE_ISSUER, false, id) };
	EVP_PKEY *key = opened(h, &ca.made, PURPOSE_CERT);

	ca.x = a_cert(key, "ca", "root", 900, "critical,CA:TRUE,pathlen:0", NULL);
	add_ext(ca.x, NID_key_usage, "critical,keyCertSign,cRLSign");
	set_serial(h, ca.x);
	assert_true(signs(&root->made, ca.x, root->key));
	EVP_PKEY_free(key);
	ca.made = activated(h, &ca.made, ca.x);
	ca.key = opened(h, &ca.made, PURPOSE_CERT);
	return ca;
}

static void
ca_free(struct ca *ca)
{
	EVP_PKEY_free(ca->key);
	X509_free(ca->x);
}

static X509 *
a_leaf(struct house *h, EVP_PKEY *key)
{
	X509 *x = a_cert(key, "leaf", "ca", 90, "critical,CA:FALSE", "serverAuth");

	set_serial(h, x);
	return x;
}

static void
P13_root_issuing_CA_and_leaf_of_every_type(void **state)
{
	static const enum key_type types[] = { KEY_RSA_2048, KEY_EC_P256, KEY_EC_P384,
		KEY_ED25519 };
	struct house *h = *state;
	EVP_PKEY *key = EVP_EC_gen("P-256");

	for (size_t i = 0; i < nitems(types); i++) {
		struct ca root = a_root(h, types[i]), ca = an_issuing_ca(h, &root, types[i]);
		X509 *x = a_leaf(h, key);

		assert_true(signs(&ca.made, x, ca.key));
		assert_int_equal(X509_verify(x, X509_get0_pubkey(ca.x)), 1);
		assert_int_equal(X509_verify(ca.x, X509_get0_pubkey(root.x)), 1);
		X509_free(x);
		ca_free(&ca);
		ca_free(&root);
	}
	EVP_PKEY_free(key);
}

static void
P3_a_serial_number_makes_one_certificate(void **state)
{
	struct house *h = *state;
	struct ca root = a_root(h, KEY_EC_P256), ca = an_issuing_ca(h, &root, KEY_EC_P256);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = a_leaf(h, key), *same, *made_up = a_leaf(h, key);
	unsigned char serials[65 * 16];

	ASN1_INTEGER_set(X509_get_serialNumber(made_up), 4711);
	assert_false(signs(&ca.made, made_up, ca.key));
	assert_true(signs(&ca.made, x, ca.key));
	same = X509_dup(x);
	assert_false(signs(&ca.made, x, ca.key));
	assert_false(signs(&ca.made, same, ca.key));
	OK(keys_serials(h->keeper, 64, serials, &h->e));
	REFUSED(keys_serials(h->keeper, 0, serials, &h->e), R_SERIAL_COUNT);
	REFUSED(keys_serials(h->keeper, 65, serials, &h->e), R_SERIAL_COUNT);
	REFUSED(keys_serials(h->keeper, 65536 + 1, serials, &h->e), R_SERIAL_COUNT);
	X509_free(x);
	X509_free(same);
	X509_free(made_up);
	EVP_PKEY_free(key);
	ca_free(&ca);
	ca_free(&root);
}

#define THREADS 8
#define EACH	12

struct signing_thread {
	struct house *h;
	const struct ca *ca;
	unsigned char serials[EACH][16];
	unsigned made, refused;
};

static void
number(X509 *x, const unsigned char serial[16])
{
	BIGNUM *n = BN_bin2bn(serial, 16, NULL);

	BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
}

/* Each certificate, and the same once more, whose number is used up then. */
static void *
sign_many(void *arg)
{
	struct signing_thread *t = arg;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct err e = { 0 };

	keys_thread(t->h->keeper);
	for (size_t i = 0; i < EACH; i++) {
		X509 *x = a_cert(key, "leaf", "ca", 90, "critical,CA:FALSE", "serverAuth");

		if (keys_certificate_serial(t->h->keeper, t->serials[i], &e) == 0) {
			number(x, t->serials[i]);
			t->made += signs(&t->ca->made, x, t->ca->key) &&
			    X509_verify(x, t->ca->key) == 1;
			t->refused += !signs(&t->ca->made, x, t->ca->key);
		}
		X509_free(x);
	}
	EVP_PKEY_free(key);
	return NULL;
}

static void
P3_threads_have_certificates_signed_together_each_for_itself(void **state)
{
	struct house *h = *state;
	struct ca root = a_root(h, KEY_EC_P256), ca = an_issuing_ca(h, &root, KEY_EC_P256);
	struct signing_thread *t = calloc(THREADS, sizeof(*t));
	pthread_t threads[THREADS];

	keys_certificates(h->keeper);
	for (size_t i = 0; i < THREADS; i++) {
		t[i].h = h;
		t[i].ca = &ca;
		assert_int_equal(pthread_create(&threads[i], NULL, sign_many, &t[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	keys_certificates(NULL);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(t[i].made, EACH);
		assert_int_equal(t[i].refused, EACH);
		for (size_t k = 0; k < i; k++)
			for (size_t n = 0; n < EACH; n++)
				assert_null(memmem(
				    t[k].serials, sizeof(t[k].serials), t[i].serials[n], 16));
	}
	free(t);
	ca_free(&ca);
	ca_free(&root);
}

static void
P13_a_taken_front_gets_no_CA_certificate(void **state)
{
	struct house *h = *state;
	struct ca root = a_root(h, KEY_EC_P256), ca = an_issuing_ca(h, &root, KEY_EC_P256);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = a_cert(key, "sub", "ca", 90, "critical,CA:TRUE", NULL);
	char id[ID_SIZE];
	struct key_made fresh = a_key(h, KEY_EC_P256, PURPOSE_ISSUER, false, id);
	EVP_PKEY *none;

	set_serial(h, x);
	assert_false(signs(&ca.made, x, ca.key));
	X509_free(x);
	/* a key that is not active signs nothing, and no other purpose does */
	none = opened(h, &fresh, PURPOSE_CERT);
	x = a_leaf(h, key);
	assert_false(signs(&fresh, x, none));
	EVP_PKEY_free(none);
	none = opened(h, &ca.made, PURPOSE_SUB_CA);
	assert_false(signs(&ca.made, x, none));
	EVP_PKEY_free(none);
	none = opened(h, &ca.made, PURPOSE_OCSP);
	assert_false(signs(&ca.made, x, none));
	EVP_PKEY_free(none);
	none = opened(h, &ca.made, PURPOSE_CRL);
	assert_false(signs(&ca.made, x, none));
	EVP_PKEY_free(none);
	assert_true(signs(&ca.made, x, ca.key));
	X509_free(x);
	EVP_PKEY_free(key);
	ca_free(&ca);
	ca_free(&root);
}

static void
P13_activate_wants_the_CAs_own_certificate(void **state)
{
	struct house *h = *state;
	struct ca root = a_root(h, KEY_EC_P256), ca = an_issuing_ca(h, &root, KEY_EC_P256);
	EVP_PKEY *own = X509_get0_pubkey(ca.x), *any = EVP_EC_gen("P-256");
	struct key_made again;
	X509 *x = a_cert(own, "ca", "root", 90, "CA:FALSE", NULL);

	X509_sign(x, any, EVP_sha256());
	assert_int_equal(not_activated(h, &ca.made, x), R_ACTIVATE_CA);
	assert_int_equal(not_activated(h, &ca.made, X509_dup(root.x)), R_ACTIVATE_OTHER);
	x = a_cert(own, "another", "root", 90, "CA:TRUE", NULL);
	add_ext(x, NID_key_usage, "keyCertSign");
	X509_sign(x, any, EVP_sha256());
	assert_int_equal(not_activated(h, &ca.made, x), R_ACTIVATE_SUBJECT);
	/* renewed by a corporate root */
	x = a_cert(own, "ca", "corporate", 2000, "CA:TRUE", NULL);
	add_ext(x, NID_key_usage, "keyCertSign,cRLSign");
	X509_sign(x, any, EVP_sha256());
	again = activated(h, &ca.made, x);
	assert_true(again.blob_len != ca.made.blob_len ||
	    memcmp(again.blob, ca.made.blob, again.blob_len) != 0);
	X509_free(x);
	EVP_PKEY_free(any);
	ca_free(&ca);
	ca_free(&root);
}

static void
P14_a_changed_byte_of_an_activated_blob_is_found(void **state)
{
	struct house *h = *state;
	struct ca root = a_root(h, KEY_EC_P256);
	unsigned char *copy = arena_dup(h->arena, root.made.blob, root.made.blob_len);
	const unsigned char *sig;
	size_t n;

	for (size_t i = 0; i < root.made.blob_len; i += 7) {
		copy[i] ^= 1;
		assert_int_equal(keys_sign(h->keeper, copy, root.made.blob_len, PURPOSE_CRL,
				     KEY_EC_P256, NULL, "x", 1, h->arena, &sig, &n, &h->e),
		    -1);
		assert_true(h->e.refusal == R_BLOB_DAMAGED || h->e.refusal == R_KEK_WRONG);
		err_clear(&h->e);
		copy[i] ^= 1;
	}
	REFUSED(keys_sign(h->keeper, copy, root.made.blob_len, PURPOSE_CRL, KEY_EC_P256, NULL, "x",
		    1, h->arena, &sig, &n, &h->e),
	    R_SIGN_GUARD);
	ca_free(&root);
}

/* What is signed of this certificate by one question. */
static void
a_part_built_by_hand_is_signed_at_once(void **state)
{
	static const struct {
		enum key_type type;
		const char *digest;
		int nid;
		const EVP_MD *(*md)(void);
	} cases[] = {
		{ KEY_RSA_2048, NULL, NID_sha256WithRSAEncryption, EVP_sha256 },
		{ KEY_RSA_2048, "sha512", NID_sha512WithRSAEncryption, EVP_sha512 },
		{ KEY_EC_P256, NULL, NID_ecdsa_with_SHA256, EVP_sha256 },
		{ KEY_EC_P256, "sha384", NID_ecdsa_with_SHA384, EVP_sha384 },
		{ KEY_EC_P384, NULL, NID_ecdsa_with_SHA384, EVP_sha384 },
		{ KEY_EC_P521, NULL, NID_ecdsa_with_SHA512, EVP_sha512 },
		{ KEY_ED25519, NULL, NID_ED25519, NULL },
	};
	struct house *h = *state;

	for (size_t i = 0; i < nitems(cases); i++) {
		struct ca root = a_root(h, cases[i].type);
		X509 *x = a_cert(X509_get0_pubkey(root.x), "root", "root", 9000,
		    "critical,CA:TRUE,pathlen:1", NULL);
		bool rsa = cases[i].type == KEY_RSA_2048;
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		unsigned char *tbs = NULL;
		const unsigned char *sig;
		size_t len;
		int n;

		add_ext(x, NID_key_usage, "critical,keyCertSign");
		set_serial(h, x);
		X509_ALGOR_set0((X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(x),
		    OBJ_nid2obj(cases[i].nid), rsa ? V_ASN1_NULL : V_ASN1_UNDEF, NULL);
		assert_true((n = i2d_re_X509_tbs(x, &tbs)) > 0);
		OK(keys_sign(h->keeper, root.made.blob, root.made.blob_len, PURPOSE_CERT,
		    cases[i].type, cases[i].digest, tbs, (size_t)n, h->arena, &sig, &len, &h->e));
		assert_int_equal(
		    EVP_DigestVerifyInit(ctx, NULL, cases[i].md == NULL ? NULL : cases[i].md(),
			NULL, X509_get0_pubkey(root.x)),
		    1);
		assert_int_equal(EVP_DigestVerify(ctx, sig, len, tbs, (size_t)n), 1);
		if (cases[i].type != KEY_ED25519)
			REFUSED(
			    keys_sign(h->keeper, root.made.blob, root.made.blob_len, PURPOSE_CERT,
				cases[i].type, "md5", tbs, (size_t)n, h->arena, &sig, &len, &h->e),
			    R_SIGN_SCHEME);
		REFUSED(keys_sign(h->keeper, root.made.blob, root.made.blob_len, PURPOSE_CERT,
			    rsa ? KEY_EC_P256 : KEY_RSA_2048, NULL, tbs, (size_t)n, h->arena, &sig,
			    &len, &h->e),
		    R_SIGN_SCHEME);
		OPENSSL_free(tbs);
		EVP_MD_CTX_free(ctx);
		X509_free(x);
		ca_free(&root);
	}
}

static X509_CRL *
a_crl(const char *issuer)
{
	X509_CRL *crl = X509_CRL_new();
	X509_NAME *name = X509_NAME_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
	ASN1_INTEGER *number = ASN1_INTEGER_new();

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_UTF8, (const unsigned char *)issuer, -1, -1, 0);
	X509_CRL_set_issuer_name(crl, name);
	X509_CRL_set1_lastUpdate(crl, now);
	X509_CRL_set1_nextUpdate(crl, now);
	ASN1_INTEGER_set(number, 1);
	X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
	X509_NAME_free(name);
	ASN1_TIME_free(now);
	ASN1_INTEGER_free(number);
	return crl;
}

static void
P13_a_CA_signs_its_own_CRLs(void **state)
{
	struct house *h = *state;
	struct ca root = a_root(h, KEY_RSA_2048), ca = an_issuing_ca(h, &root, KEY_EC_P256);
	EVP_PKEY *key = opened(h, &ca.made, PURPOSE_CRL);
	X509_CRL *crl = a_crl("ca"), *other = a_crl("root");

	assert_true(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
	assert_int_equal(X509_CRL_verify(crl, X509_get0_pubkey(ca.x)), 1);
	assert_int_equal(X509_CRL_sign(other, key, EVP_sha256()), 0);
	assert_int_equal(X509_CRL_sign(crl, ca.key, EVP_sha256()), 0);
	ERR_clear_error();
	X509_CRL_free(crl);
	X509_CRL_free(other);
	EVP_PKEY_free(key);
	ca_free(&ca);
	ca_free(&root);
}

static void
put(struct buf *b, unsigned char tag, const void *data, size_t len)
{
	buf_put_u8(b, tag);
	buf_put_u8(b, 0x83);
	buf_put_u8(b, (uint8_t)(len >> 16));
	buf_put_u16(b, (uint16_t)len);
	buf_put(b, data, len);
}

/* The TBSCertList of "ca" with so many entries: lengths have three bytes or one. */
static void
crl_tbs(struct buf *out, uint32_t entries)
{
	static const char begin[] = "\x02\x01\x01\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03"
				    "\x02\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02"
				    "ca\x17\x0d"
				    "260101000000Z\x17\x0d"
				    "260108000000Z";
	static const char end[] = "\xa0\x0e\x30\x0c\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01"
				  "\x07";
	AUTO_BUF struct buf list = { 0 }, body = { 0 };

	for (uint32_t i = 0; i < entries; i++) {
		buf_put(&list, "\x30\x21\x02\x10\x11", 5);
		buf_put(&list, "serial-of", 9);
		buf_put_u16(&list, 0);
		buf_put_u32(&list, i);
		buf_put(&list,
		    "\x17\x0d"
		    "260101000000Z",
		    15);
	}
	buf_put(&body, begin, sizeof(begin) - 1);
	put(&body, 0x30, list.data, list.len);
	buf_put(&body, end, sizeof(end) - 1);
	put(out, 0x30, body.data, body.len);
}

static void
a_CRL_may_be_longer_than_any_other_message(void **state)
{
	struct house *h = *state;
	struct ca root = a_root(h, KEY_EC_P256), ca = an_issuing_ca(h, &root, KEY_EC_P256);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	AUTO_BUF struct buf tbs = { 0 };
	const unsigned char *sig;
	size_t n;

	crl_tbs(&tbs, 150000);
	assert_true(tbs.len > 5 * 1024 * 1024);
	OK(keys_sign(h->keeper, ca.made.blob, ca.made.blob_len, PURPOSE_CRL, KEY_EC_P256, NULL,
	    tbs.data, tbs.len, h->arena, &sig, &n, &h->e));
	assert_int_equal(
	    EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, X509_get0_pubkey(ca.x)), 1);
	assert_int_equal(EVP_DigestVerify(ctx, sig, n, tbs.data, tbs.len), 1);
	tbs.data[tbs.len - 16 - 35 * 1000] ^= 1; /* an entry that is none */
	REFUSED(keys_sign(h->keeper, ca.made.blob, ca.made.blob_len, PURPOSE_CRL, KEY_EC_P256, NULL,
		    tbs.data, tbs.len, h->arena, &sig, &n, &h->e),
	    R_SIGN_GUARD);
	EVP_MD_CTX_free(ctx);
	ca_free(&ca);
	ca_free(&root);
}

static void
P13_a_delegated_signer_signs_OCSP_and_nothing_else(void **state)
{
	struct house *h = *state;
	struct ca root = a_root(h, KEY_EC_P256), ca = an_issuing_ca(h, &root, KEY_EC_P256);
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_OCSP, false, id);
	EVP_PKEY *key = opened(h, &m, PURPOSE_OCSP), *wrong;
	X509 *x = a_cert(key, "leaf", "ca", 90, "critical,CA:FALSE", "OCSPSigning");
	OCSP_BASICRESP *r = OCSP_BASICRESP_new();
	OCSP_CERTID *cid = OCSP_cert_to_id(EVP_sha1(), ca.x, ca.x);
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0);

	set_serial(h, x);
	assert_true(signs(&ca.made, x, ca.key));
	ASN1_TIME_to_generalizedtime(now, &now);
	OCSP_basic_add1_status(r, cid, V_OCSP_CERTSTATUS_GOOD, 0, NULL, now, now);
	assert_int_equal(OCSP_basic_sign(r, x, key, EVP_sha256(), NULL, OCSP_RESPID_KEY), 1);
	assert_int_equal(signs(&m, x, key), false);
	wrong = opened(h, &m, PURPOSE_CERT);
	assert_int_equal(signs(&m, x, wrong), false);
	EVP_PKEY_free(wrong);
	REFUSED(keys_activate(h->keeper, m.blob, m.blob_len, "x", 1, h->arena,
		    &(const unsigned char *){ NULL }, &(size_t){ 0 }, &h->e),
	    R_KEY_PURPOSE);
	OCSP_CERTID_free(cid);
	OCSP_BASICRESP_free(r);
	ASN1_TIME_free(now);
	X509_free(x);
	EVP_PKEY_free(key);
	ca_free(&ca);
	ca_free(&root);
}

/* The common name of the subject. */
static const char *
subject_of(struct arena *arena, const unsigned char *tbs, size_t len)
{
	struct der d = der_of(tbs, len), cert, part, rdn, attribute, value;
	unsigned char tag;

	assert_int_equal(der_expect(&d, DER_SEQUENCE, &cert), 0);
	for (int i = 0; i < 6; i++) /* version, number, algorithm, issuer, validity */
		assert_int_equal(der_next(&cert, &tag, &part, NULL), 0);
	assert_int_equal(der_expect(&part, DER_SET, &rdn), 0);
	assert_int_equal(der_expect(&rdn, DER_SEQUENCE, &attribute), 0);
	assert_int_equal(der_expect(&attribute, DER_OID, &value), 0);
	assert_int_equal(der_next(&attribute, &tag, &value, NULL), 0);
	return arena_dup(arena, value.data, value.len);
}

/* Whose certificate is behind `after` in the sign journal; "": none is. */
static const char *
unreconciled(struct house *h, uint64_t after, uint64_t *position, char key_id[ID_SIZE])
{
	const unsigned char *tbs;
	size_t n;

	OK(keys_unreconciled(h->keeper, after, position, key_id, h->arena, &tbs, &n, &h->e));
	return tbs == NULL ? "" : subject_of(h->arena, tbs, n);
}

static unsigned
count_unreconciled(struct house *h)
{
	struct keeper_state s;

	OK(keys_state(h->keeper, &s, &h->e));
	return s.unreconciled;
}

static void
P2_P4_what_was_signed_is_known_at_the_next_start(void **state)
{
	struct house *h = *state;
	char first[ID_SIZE], id[ID_SIZE];
	uint64_t root_at, sub_at, leaf_at, end;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct ca root, ca;
	X509 *x;

	/* what the tests before left */
	for (uint64_t at = 0; unreconciled(h, at, &end, id)[0] != '\0';)
		at = end;
	OK(keys_checkpoint(h->keeper, end, &h->e));
	assert_int_equal(count_unreconciled(h), 0);
	root = a_root(h, KEY_EC_P256);
	ca = an_issuing_ca(h, &root, KEY_EC_P256);
	x = a_leaf(h, key);
	assert_true(signs(&ca.made, x, ca.key));
	keeper_stop(h);
	assert_int_equal(keeper_start(h), 0);
	assert_int_equal(count_unreconciled(h), 3);
	assert_string_equal(unreconciled(h, 0, &root_at, first), "root");
	assert_string_equal(unreconciled(h, root_at, &sub_at, id), "ca");
	assert_string_equal(id, first); /* signed by the root's key */
	assert_string_equal(unreconciled(h, sub_at, &leaf_at, id), "leaf");
	assert_string_not_equal(id, first);
	assert_string_equal(unreconciled(h, leaf_at, &end, id), "");
	OK(keys_checkpoint(h->keeper, sub_at, &h->e));
	REFUSED(keys_checkpoint(h->keeper, root_at, &h->e), R_SIGN_JOURNAL_POSITION);
	REFUSED(keys_checkpoint(h->keeper, sub_at + 1, &h->e), R_SIGN_JOURNAL_POSITION);
	keeper_stop(h);
	assert_int_equal(keeper_start(h), 0);
	assert_int_equal(count_unreconciled(h), 1);
	assert_string_equal(unreconciled(h, 0, &end, id), "leaf");
	X509_free(x);
	EVP_PKEY_free(key);
	ca_free(&ca);
	ca_free(&root);
}

static void
P9_an_old_sign_journal_put_back_stops_the_start(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	uint64_t at = 0, end;
	struct ca root = a_root(h, KEY_EC_P256);

	while (unreconciled(h, at, &end, id)[0] != '\0')
		at = end;
	OK(keys_checkpoint(h->keeper, end, &h->e));
	keeper_stop(h);
	assert_int_equal(truncate(h->sign_journal, (off_t)end - 1), 0);
	assert_int_equal(keeper_ends(h), 11);
	assert_int_equal(truncate(h->sign_journal, 0), 0);
	assert_int_equal(keeper_ends(h), 11);
	assert_int_equal(truncate(h->journal, 0), 0); /* both lost */
	assert_int_equal(keeper_start(h), 0);
	ca_free(&root);
}

static void
a_corporate_root_can_sign_our_CSR(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_ROOT, false, id);
	EVP_PKEY *key = opened(h, &m, PURPOSE_CSR);
	X509_REQ *req = X509_REQ_new();

	X509_REQ_set_pubkey(req, key);
	assert_true(X509_REQ_sign(req, key, EVP_sha256()) > 0);
	X509_REQ_free(req);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P13_root_issuing_CA_and_leaf_of_every_type),
		cmocka_unit_test(P3_a_serial_number_makes_one_certificate),
		cmocka_unit_test(P3_threads_have_certificates_signed_together_each_for_itself),
		cmocka_unit_test(P13_a_taken_front_gets_no_CA_certificate),
		cmocka_unit_test(P13_activate_wants_the_CAs_own_certificate),
		cmocka_unit_test(P14_a_changed_byte_of_an_activated_blob_is_found),
		cmocka_unit_test(a_part_built_by_hand_is_signed_at_once),
		cmocka_unit_test(P13_a_CA_signs_its_own_CRLs),
		cmocka_unit_test(a_CRL_may_be_longer_than_any_other_message),
		cmocka_unit_test(P13_a_delegated_signer_signs_OCSP_and_nothing_else),
		cmocka_unit_test(P2_P4_what_was_signed_is_known_at_the_next_start),
		cmocka_unit_test(P9_an_old_sign_journal_put_back_stops_the_start),
		cmocka_unit_test(a_corporate_root_can_sign_our_CSR),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
