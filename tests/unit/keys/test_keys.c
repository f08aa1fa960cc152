/*
 * test_keys.c - the real keeper behind the provider: sign, serve, refuse
 *
 * provider.c, provider_key.c, provider_sign.c, keeper/keeper.c,
 * keeper/ops.c, keeper/export.c, wire/scheme.c, custodians.c
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>

#include "base/audit_chain.h"
#include "base/clock.h"
#include "house.h"
#include "keys/custodians.h"
#include "wire/channel.h"
#include "wire/seal.h"

static const enum key_type all_types[] = { KEY_RSA_2048, KEY_RSA_3072, KEY_EC_P256, KEY_EC_P384,
	KEY_EC_P521, KEY_ED25519 };

static void
P12_CSRs_of_every_type_verify_and_the_key_cannot_be_read(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];

	for (size_t i = 0; i < nitems(all_types); i++) {
		struct key_made m = a_key(h, all_types[i], PURPOSE_CSR, false, id);
		EVP_PKEY *key = opened(h, &m, PURPOSE_CSR), *public;
		const EVP_MD *md = all_types[i] == KEY_ED25519 ? NULL : EVP_sha384();
		X509_REQ *req = X509_REQ_new();
		unsigned char *der = NULL;

		assert_int_equal(m.type, all_types[i]);
		X509_REQ_set_pubkey(req, key);
		assert_true(X509_REQ_sign(req, key, md) > 0);
		public = X509_REQ_get_pubkey(req);
		if (X509_REQ_verify(req, public) != 1) {
			ERR_print_errors_fp(stderr);
			fail_msg("type %d does not verify", (int)all_types[i]);
		}
		assert_true(i2d_PrivateKey(key, &der) <= 0);
		ERR_clear_error();
		EVP_PKEY_free(public);
		X509_REQ_free(req);
		EVP_PKEY_free(key);
	}
}

static void
a_fetch_without_a_query_gets_the_default_provider(void **state)
{
	static const char *const names[] = { "RSA", "EC", "ED25519" };
	EVP_SIGNATURE *s;
	EVP_KEYMGMT *k;

	for (size_t i = 0; i < nitems(names); i++) {
		assert_non_null(k = EVP_KEYMGMT_fetch(NULL, names[i], NULL));
		assert_string_equal(
		    OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(k)), "default");
		EVP_KEYMGMT_free(k);
		assert_non_null(s = EVP_SIGNATURE_fetch(NULL, i == 1 ? "ECDSA" : names[i], NULL));
		assert_string_equal(
		    OSSL_PROVIDER_get0_name(EVP_SIGNATURE_get0_provider(s)), "default");
		EVP_SIGNATURE_free(s);
	}
}

static int
pump(SSL *server, SSL *client)
{
	for (int i = 0; i < 20; i++) {
		int a = SSL_do_handshake(client), b = SSL_do_handshake(server);

		if (a == 1 && b == 1)
			return 0;
		if ((a != 1 && SSL_get_error(client, a) != SSL_ERROR_WANT_READ) ||
		    (b != 1 && SSL_get_error(server, b) != SSL_ERROR_WANT_READ))
			return -1;
	}
	return -1;
}

/* A handshake in memory. sigalgs narrows what the client takes. */
static int
handshake(EVP_PKEY *key, X509 *cert, int version, const char *sigalgs)
{
	SSL_CTX *sc = SSL_CTX_new(TLS_server_method()), *cc = SSL_CTX_new(TLS_client_method());
	BIO *to_client, *to_server;
	SSL *server, *client;
	int r;

	assert_int_equal(SSL_CTX_use_certificate(sc, cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(sc, key), 1);
	assert_int_equal(SSL_CTX_check_private_key(sc), 1);
	SSL_CTX_set_min_proto_version(cc, version);
	SSL_CTX_set_max_proto_version(cc, version);
	if (sigalgs != NULL)
		assert_int_equal(SSL_CTX_set1_sigalgs_list(cc, sigalgs), 1);
	server = SSL_new(sc);
	client = SSL_new(cc);
	BIO_new_bio_pair(&to_client, 0, &to_server, 0);
	SSL_set_bio(server, to_client, to_client);
	SSL_set_bio(client, to_server, to_server);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	r = pump(server, client);
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(sc);
	SSL_CTX_free(cc);
	ERR_clear_error();
	return r;
}

/* The listener's own key: may sign its own certificate, then serve. */
static X509 *
self_signed(struct house *h, const struct key_made *m)
{
	EVP_PKEY *key = opened(h, m, PURPOSE_SELF_SIGNED);
	X509 *x = a_cert(key, "portal", "portal", 398, "critical,CA:FALSE", "serverAuth");

	assert_true(X509_sign(x, key, m->type == KEY_ED25519 ? NULL : EVP_sha256()) > 0);
	EVP_PKEY_free(key);
	return x;
}

static void
TLS_12_and_13_are_served_with_every_key_type(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];

	for (size_t i = 0; i < nitems(all_types); i++) {
		struct key_made m = a_key(
		    h, all_types[i], PURPOSE_SELF_SIGNED | PURPOSE_TLS_SERVER, false, id);
		X509 *x = self_signed(h, &m);
		EVP_PKEY *key = opened(h, &m, PURPOSE_TLS_SERVER);

		assert_int_equal(handshake(key, x, TLS1_3_VERSION, NULL), 0);
		assert_int_equal(handshake(key, x, TLS1_2_VERSION, NULL), 0);
		if (all_types[i] == KEY_RSA_2048) {
			assert_int_equal(handshake(key, x, TLS1_2_VERSION, "RSA+SHA256"), 0);
			assert_int_equal(handshake(key, x, TLS1_2_VERSION, "RSA+SHA512"), 0);
			assert_int_equal(handshake(key, x, TLS1_2_VERSION, "RSA-PSS+SHA384"), 0);
			assert_int_equal(handshake(key, x, TLS1_3_VERSION, "RSA-PSS+SHA512"), 0);
		}
		EVP_PKEY_free(key);
		X509_free(x);
	}
}

static void
P13_a_key_signs_only_what_it_is_for(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_CSR, false, id);
	struct key_made own = a_key(h, KEY_EC_P256, PURPOSE_SELF_SIGNED, false, id);
	X509 *x = self_signed(h, &own);
	EVP_PKEY *key = opened(h, &m, PURPOSE_TLS_SERVER);
	X509 *mine = a_cert(key, "x", "x", 10, NULL, "serverAuth");

	/* not yet active: no handshake */
	assert_int_equal(X509_sign(mine, key, EVP_sha256()), 0);
	EVP_PKEY_free(key);
	key = opened(h, &own, PURPOSE_TLS_SERVER);
	assert_int_equal(handshake(key, x, TLS1_3_VERSION, NULL), -1);
	EVP_PKEY_free(key);
	X509_free(mine);
	X509_free(x);
}

/* Asks the keeper to sign bytes and says why it refused. */
static enum refusal
refused(struct house *h, const struct key_made *m, uint32_t purpose, uint8_t scheme,
    const void *data, size_t len)
{
	struct message q = { .op = OP_SIGN,
		.purposes = purpose,
		.scheme = scheme,
		.blob = { m->blob, m->blob_len },
		.data = { data, len } },
		       a;
	struct err e = { 0 };

	keeper_ask(h->keeper, &q, &a, &e);
	return e.refusal;
}

static void
P13_self_signed_certificates_only_of_the_listeners_kind(void **state)
{
	static const struct {
		const char *subject, *issuer, *constraints, *eku;
		int days;
		bool ok;
	} cases[] = {
		{ "a", "a", "critical,CA:FALSE", "serverAuth", 398, true },
		{ "a", "a", NULL, "serverAuth", 398, true },
		{ "a", "a", "critical,CA:TRUE", "serverAuth", 398, false },
		{ "a", "b", "critical,CA:FALSE", "serverAuth", 398, false },
		{ "a", "a", "critical,CA:FALSE", "serverAuth", 399, false },
		{ "a", "a", "critical,CA:FALSE", "clientAuth", 398, false },
		{ "a", "a", "critical,CA:FALSE", "serverAuth,codeSigning", 398, false },
		{ "a", "a", "critical,CA:FALSE", NULL, 398, false },
	};
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_SELF_SIGNED, false, id);
	struct key_made other = a_key(h, KEY_EC_P256, PURPOSE_SELF_SIGNED, false, id);
	EVP_PKEY *key = opened(h, &m, PURPOSE_SELF_SIGNED);
	EVP_PKEY *foreign = opened(h, &other, PURPOSE_SELF_SIGNED);
	X509 *x;

	for (size_t i = 0; i < nitems(cases); i++) {
		x = a_cert(key, cases[i].subject, cases[i].issuer, cases[i].days,
		    cases[i].constraints, cases[i].eku);
		assert_int_equal(X509_sign(x, key, EVP_sha256()) > 0, cases[i].ok);
		ERR_clear_error();
		X509_free(x);
	}
	x = a_cert(foreign, "a", "a", 10, NULL, "serverAuth");
	assert_int_equal(X509_sign(x, key, EVP_sha256()), 0);
	X509_free(x);
	EVP_PKEY_free(key);
	EVP_PKEY_free(foreign);
}

static void
P13_a_new_key_has_one_purpose(void **state)
{
	static const unsigned wrong[] = { 0, PURPOSE_TLS_SERVER, PURPOSE_CSR | PURPOSE_TLS_SERVER,
		PURPOSE_CSR | PURPOSE_AUDIT, PURPOSE_CSR | PURPOSE_SELF_SIGNED, PURPOSE_ALL,
		PURPOSE_CERT, PURPOSE_CRL, PURPOSE_CERT | PURPOSE_CRL, PURPOSE_SUB_CA,
		PURPOSE_OCSP | PURPOSE_CSR, PURPOSE_ROOT | PURPOSE_OCSP,
		PURPOSE_ISSUER | PURPOSE_TLS_SERVER, PURPOSE_CSR | 1u << 31 };
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_wish w = { .id = id, .tenant = "system", .type = KEY_ED25519 };
	struct key_made made;

	id_new(id);
	for (size_t i = 0; i < nitems(wrong); i++) {
		w.purposes = wrong[i];
		REFUSED(keys_generate(h->keeper, &w, h->arena, &made, &h->e), R_KEY_PURPOSE);
	}
	w.purposes = PURPOSE_CSR;
	w.id = "no id";
	REFUSED(keys_generate(h->keeper, &w, h->arena, &made, &h->e), R_KEY_PURPOSE);
	w.id = id;
	w.tenant = "";
	REFUSED(keys_generate(h->keeper, &w, h->arena, &made, &h->e), R_KEY_PURPOSE);
}

static void
P13_each_refusal_of_sign(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE], tls[64 + 34 + 32];
	struct key_made m = a_key(
	    h, KEY_EC_P256, PURPOSE_SELF_SIGNED | PURPOSE_TLS_SERVER, false, id);
	struct key_made csr = a_key(h, KEY_EC_P256, PURPOSE_CSR, false, id);
	struct key_made other = a_key(h, KEY_EC_P256, PURPOSE_CSR, false, id);
	EVP_PKEY *key = opened(h, &other, PURPOSE_CSR);
	X509_REQ *req = X509_REQ_new();
	unsigned char *tbs = NULL;
	int n;

	memset(tls, ' ', 64);
	memcpy(tls + 64, "TLS 1.3, server CertificateVerify", 34);
	memset(tls + 98, 'h', 32);
	assert_int_equal(refused(h, &m, PURPOSE_TLS_SERVER, SCHEME_ECDSA_SHA256, tls, sizeof(tls)),
	    REFUSAL_NONE);
	assert_int_equal(
	    refused(h, &m, PURPOSE_TLS_SERVER, SCHEME_RSA_PSS_SHA256, tls, sizeof(tls)),
	    R_SIGN_SCHEME);
	assert_int_equal(
	    refused(h, &m, PURPOSE_TLS_SERVER, SCHEME_COUNT, tls, sizeof(tls)), R_SIGN_SCHEME);
	assert_int_equal(
	    refused(h, &m, PURPOSE_TLS_SERVER, SCHEME_ECDSA_SHA256, tls, sizeof(tls) - 1),
	    R_SIGN_GUARD);
	assert_int_equal(
	    refused(h, &csr, PURPOSE_CSR, SCHEME_ECDSA_SHA256, tls, sizeof(tls)), R_SIGN_GUARD);
	assert_int_equal(
	    refused(h, &csr, PURPOSE_TLS_SERVER, SCHEME_ECDSA_SHA256, tls, sizeof(tls)),
	    R_KEY_PURPOSE);
	assert_int_equal(refused(h, &m, 0, SCHEME_ECDSA_SHA256, tls, sizeof(tls)), R_KEY_PURPOSE);
	assert_int_equal(
	    refused(h, &m, PURPOSE_AUDIT, SCHEME_ECDSA_SHA256, tls, sizeof(tls)), R_KEY_PURPOSE);
	tls[70] = 'c';
	assert_int_equal(refused(h, &m, PURPOSE_TLS_SERVER, SCHEME_ECDSA_SHA256, tls, sizeof(tls)),
	    R_SIGN_GUARD);
	/* a request that carries another key */
	X509_REQ_set_pubkey(req, key);
	assert_true((n = i2d_re_X509_REQ_tbs(req, &tbs)) > 0);
	assert_int_equal(
	    refused(h, &other, PURPOSE_CSR, SCHEME_ECDSA_SHA256, tbs, (size_t)n), REFUSAL_NONE);
	assert_int_equal(
	    refused(h, &csr, PURPOSE_CSR, SCHEME_ECDSA_SHA256, tbs, (size_t)n), R_SIGN_GUARD);
	OPENSSL_free(tbs);
	X509_REQ_free(req);
	EVP_PKEY_free(key);
}

static void
activate_wants_a_certificate_for_this_key(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_CSR, false, id);
	struct key_made own = a_key(h, KEY_EC_P256, PURPOSE_SELF_SIGNED, false, id), active = m;
	EVP_PKEY *key = opened(h, &m, PURPOSE_CSR), *ca = EVP_EC_gen("P-256");
	X509 *x = a_cert(key, "a", "ca", 10, NULL, "serverAuth"), *wrong;
	unsigned char *der = NULL, *wrong_der = NULL;
	const unsigned char *blob;
	int n, wrong_n;
	size_t len;

	X509_sign(x, ca, EVP_sha256());
	n = i2d_X509(x, &der);
	wrong = self_signed(h, &own);
	wrong_n = i2d_X509(wrong, &wrong_der);
	REFUSED(keys_activate(h->keeper, m.blob, m.blob_len, wrong_der, (size_t)wrong_n, h->arena,
		    &blob, &len, &h->e),
	    R_ACTIVATE_OTHER);
	REFUSED(keys_activate(h->keeper, m.blob, m.blob_len, "x", 1, h->arena, &blob, &len, &h->e),
	    R_SIGN_GUARD);
	REFUSED(keys_activate(h->keeper, own.blob, own.blob_len, wrong_der, (size_t)wrong_n,
		    h->arena, &blob, &len, &h->e),
	    R_KEY_PURPOSE);
	OK(keys_activate(
	    h->keeper, m.blob, m.blob_len, der, (size_t)n, h->arena, &blob, &len, &h->e));
	active.blob = blob;
	active.blob_len = len;
	EVP_PKEY_free(key);
	key = opened(h, &active, PURPOSE_TLS_SERVER);
	assert_int_equal(handshake(key, x, TLS1_3_VERSION, NULL), 0);
	OPENSSL_free(der);
	OPENSSL_free(wrong_der);
	X509_free(x);
	X509_free(wrong);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca);
}

static void
P14_a_blob_that_was_changed_gives_nothing(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_CSR, false, id), changed = m;
	unsigned char *copy = arena_dup(h->arena, m.blob, m.blob_len);

	changed.blob = copy;
	for (size_t i = 0; i < m.blob_len; i++) {
		enum refusal r;

		copy[i] ^= 1;
		r = refused(h, &changed, PURPOSE_CSR, SCHEME_ECDSA_SHA256, "x", 1);
		assert_true(r == R_BLOB_DAMAGED || r == R_KEK_WRONG);
		copy[i] ^= 1;
	}
	changed.blob_len = 10;
	assert_int_equal(
	    refused(h, &changed, PURPOSE_CSR, SCHEME_ECDSA_SHA256, "x", 1), R_BLOB_DAMAGED);
}

static int export(struct house *h, const struct key_made *m, int format, const char *passphrase,
    const struct buf *certificates, const unsigned char **der, size_t *len)
{
	struct key_leave how = { .format = (enum key_format)format, .passphrase = passphrase };

	if (certificates != NULL) {
		how.certificates = certificates->data;
		how.certificates_len = certificates->len;
	}
	return keys_export(h->keeper, m->blob, m->blob_len, &how, h->arena, der, len, &h->e);
}

static void
M34_only_exportable_keys_leave_and_only_encrypted(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made kept = a_key(h, KEY_EC_P256, PURPOSE_CSR, false, id);
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_CSR, true, id);
	const unsigned char *der, *p;
	EVP_PKEY *key;
	X509_SIG *sig;
	PKCS8_PRIV_KEY_INFO *p8;
	unsigned char *spki = NULL;
	size_t len;

	REFUSED(export(h, &kept, FORMAT_PKCS8, "secret", NULL, &der, &len), R_KEY_NOT_EXPORTABLE);
	REFUSED(export(h, &m, FORMAT_PKCS8, "", NULL, &der, &len), R_EXPORT_PASSPHRASE);
	OK(export(h, &m, FORMAT_PKCS8, "secret", NULL, &der, &len));
	p = der;
	assert_non_null(sig = d2i_X509_SIG(NULL, &p, (long)len));
	assert_null(PKCS8_decrypt(sig, "wrong", 5));
	assert_non_null(p8 = PKCS8_decrypt(sig, "secret", 6));
	assert_non_null(key = EVP_PKCS82PKEY(p8));
	assert_int_equal(i2d_PUBKEY(key, &spki), m.spki_len);
	assert_memory_equal(spki, m.spki, m.spki_len);
	OPENSSL_free(spki);
	EVP_PKEY_free(key);
	PKCS8_PRIV_KEY_INFO_free(p8);
	X509_SIG_free(sig);
}

static void
put_cert(struct buf *b, EVP_PKEY *key, const char *name)
{
	EVP_PKEY *other = EVP_EC_gen("P-256"); /* signs; what is public of `key` is inside */
	X509 *x = a_cert(key == NULL ? other : key, name, "CA", 90, NULL, NULL);
	unsigned char *der = NULL;
	int n;

	assert_true(X509_sign(x, other, EVP_sha256()) > 0);
	assert_true((n = i2d_X509(x, &der)) > 0);
	buf_put(b, der, (size_t)n);
	OPENSSL_free(der);
	X509_free(x);
	EVP_PKEY_free(other);
}

/* Key, certificate of the key, number of those above. */
static void
opens(const unsigned char *der, size_t len, const struct key_made *m, int above, int mac)
{
	PKCS12 *p12 = d2i_PKCS12(NULL, &der, (long)len);
	const X509_ALGOR *algor;
	const ASN1_OBJECT *oid;
	EVP_PKEY *key = NULL;
	X509 *leaf = NULL;
	STACK_OF(X509) *chain = NULL;
	unsigned char *spki = NULL;

	assert_non_null(p12);
	PKCS12_get0_mac(NULL, &algor, NULL, NULL, p12);
	X509_ALGOR_get0(&oid, NULL, NULL, algor);
	assert_int_equal(OBJ_obj2nid(oid), mac);
	assert_false(PKCS12_verify_mac(p12, "wrong", -1));
	assert_true(PKCS12_verify_mac(p12, "secret", -1));
	assert_int_equal(PKCS12_parse(p12, "secret", &key, &leaf, &chain), 1);
	assert_int_equal(i2d_PUBKEY(key, &spki), m->spki_len);
	assert_memory_equal(spki, m->spki, m->spki_len);
	assert_int_equal(leaf != NULL, above >= 0);
	if (leaf != NULL)
		assert_int_equal(X509_check_private_key(leaf, key), 1);
	assert_int_equal(chain == NULL ? 0 : sk_X509_num(chain), above < 0 ? 0 : above);
	OPENSSL_free(spki);
	sk_X509_pop_free(chain, X509_free);
	X509_free(leaf);
	EVP_PKEY_free(key);
	PKCS12_free(p12);
}

static void
M34_PKCS12_holds_key_and_chain(void **state)
{
	static const struct {
		int format, mac;
	} forms[] = { { FORMAT_PKCS12, NID_sha256 }, { FORMAT_PKCS12_LEGACY, NID_sha1 } };
	struct house *h = *state;
	AUTO_BUF struct buf chain = { 0 };
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_CSR, true, id);
	EVP_PKEY *key = opened(h, &m, PURPOSE_CSR);
	const unsigned char *der;
	size_t len;

	put_cert(&chain, key, "leaf");
	for (int n = 0; n < 8; n++)
		put_cert(&chain, NULL, "above");
	for (size_t i = 0; i < nitems(forms); i++) {
		OK(export(h, &m, forms[i].format, "secret", NULL, &der, &len));
		opens(der, len, &m, -1, forms[i].mac);
		OK(export(h, &m, forms[i].format, "secret", &chain, &der, &len));
		opens(der, len, &m, 8, forms[i].mac);
	}
	EVP_PKEY_free(key);
}

static void
M34_each_refusal_of_PKCS12(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf chain = { 0 }, other = { 0 };
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_CSR, true, id);
	EVP_PKEY *key = opened(h, &m, PURPOSE_CSR);
	const unsigned char *der;
	size_t len, leaf;

#define EXPORT(format, certs) export(h, &m, format, "secret", certs, &der, &len)
	put_cert(&other, NULL, "other");
	put_cert(&chain, key, "leaf");
	leaf = chain.len;
	REFUSED(EXPORT(0, NULL), R_EXPORT_FORMAT);
	REFUSED(EXPORT(4, NULL), R_EXPORT_FORMAT);
	REFUSED(EXPORT(FORMAT_PKCS8, &chain), R_EXPORT_CERTIFICATES);
	REFUSED(EXPORT(FORMAT_PKCS12, &other), R_ACTIVATE_OTHER);
	buf_put(&chain, "\x30\x03\x02\x01", 4);
	REFUSED(EXPORT(FORMAT_PKCS12, &chain), R_EXPORT_CERTIFICATES);
	chain.len = leaf;
	buf_put(&chain, "\x30\x03\x02\x02\x01", 5); /* the tree inside is cut */
	REFUSED(EXPORT(FORMAT_PKCS12, &chain), R_EXPORT_CERTIFICATES);
	chain.len = leaf;
	for (int n = 0; n < 9; n++)
		put_cert(&chain, NULL, "above");
	REFUSED(EXPORT(FORMAT_PKCS12, &chain), R_EXPORT_CERTIFICATES);
	chain.len = leaf;
	for (size_t n = leaf; n <= 256 * 1024; n++)
		buf_put_u8(&chain, 0);
	REFUSED(EXPORT(FORMAT_PKCS12, &chain), R_EXPORT_CERTIFICATES);
#undef EXPORT
	EVP_PKEY_free(key);
}

static void
P16_a_destroyed_key_stays_destroyed_over_a_restart(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_CSR, true, id);
	struct keeper_state s;
	const unsigned char *der;
	size_t len;

	OK(export(h, &m, FORMAT_PKCS8, "x", NULL, &der, &len));
	OK(keys_destroy(h->keeper, m.blob, m.blob_len, &h->e));
	REFUSED(export(h, &m, FORMAT_PKCS8, "x", NULL, &der, &len), R_KEY_DESTROYED);
	keeper_stop(h);
	assert_int_equal(keeper_start(h), 0);
	REFUSED(export(h, &m, FORMAT_PKCS8, "x", NULL, &der, &len), R_KEY_DESTROYED);
	OK(keys_state(h->keeper, &s, &h->e));
	assert_true(s.destroyed >= 1);
	REFUSED(keys_open(NULL, 0, m.spki, m.spki_len, PURPOSE_CSR, &(EVP_PKEY *){ NULL }, &h->e),
	    R_KEY_DESTROYED);
}

static void
P29_audit_heads_only_go_forward_and_survive_a_restart(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_ED25519, PURPOSE_AUDIT, false, id);
	struct key_made wrong = a_key(h, KEY_ED25519, PURPOSE_CSR, false, id);
	unsigned char one[32] = "1", two[32] = "2", text[AUDIT_HEAD_SIZE];
	const unsigned char *sig, *p = m.spki;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY *public = d2i_PUBKEY(NULL, &p, (long)m.spki_len);
	struct keeper_state s;
	size_t len;

	REFUSED(
	    keys_anchor(h->keeper, wrong.blob, wrong.blob_len, 1, one, h->arena, &sig, &len, &h->e),
	    R_KEY_PURPOSE);
	OK(keys_anchor(h->keeper, m.blob, m.blob_len, 5, one, h->arena, &sig, &len, &h->e));
	audit_head_message(5, one, text);
	assert_int_equal(EVP_DigestVerifyInit(md, NULL, NULL, NULL, public), 1);
	assert_int_equal(EVP_DigestVerify(md, sig, len, text, sizeof(text)), 1);
	OK(keys_anchor(h->keeper, m.blob, m.blob_len, 5, one, h->arena, &sig, &len, &h->e));
	REFUSED(keys_anchor(h->keeper, m.blob, m.blob_len, 5, two, h->arena, &sig, &len, &h->e),
	    R_ANCHOR_OTHER);
	REFUSED(keys_anchor(h->keeper, m.blob, m.blob_len, 4, one, h->arena, &sig, &len, &h->e),
	    R_ANCHOR_OLDER);
	keeper_stop(h);
	assert_int_equal(keeper_start(h), 0);
	OK(keys_state(h->keeper, &s, &h->e));
	assert_int_equal(s.anchored_sequence, 5);
	assert_memory_equal(s.anchored_hash, one, 32);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(public);
}

static void
P14_secrets_are_sealed_to_their_place(void **state)
{
	struct house *h = *state;
	const unsigned char *sealed, *back;
	unsigned char mac[32], again[32];
	size_t n, m;

	OK(keys_seal(h->keeper, "account/totp/1", "seed", 4, h->arena, &sealed, &n, &h->e));
	OK(keys_unseal(h->keeper, "account/totp/1", sealed, n, h->arena, &back, &m, &h->e));
	assert_int_equal(m, 4);
	assert_memory_equal(back, "seed", 4);
	REFUSED(keys_unseal(h->keeper, "account/totp/2", sealed, n, h->arena, &back, &m, &h->e),
	    R_UNSEAL);
	REFUSED(keys_seal(h->keeper, "", "x", 1, h->arena, &sealed, &n, &h->e), R_UNSEAL);
	OK(keys_hmac(h->keeper, "p", 1, mac, &h->e));
	OK(keys_hmac(h->keeper, "p", 1, again, &h->e));
	assert_memory_equal(mac, again, 32);
	OK(keys_hmac(h->keeper, "q", 1, again, &h->e));
	assert_memory_not_equal(mac, again, 32);
}

/* Play the spawner: hand out one end, read the question, answer. */
static pid_t
a_reader(struct house *h, const unsigned char *answer, size_t len)
{
	pid_t pid = fork();

	if (pid == 0) {
		unsigned char head[4] = { 0 }, byte = 0;
		struct view v = view_of(head, 4);
		uint32_t n = 0;
		int pair[2];
		union {
			struct cmsghdr h;
			char room[CMSG_SPACE(sizeof(int))];
		} c = { 0 };
		struct iovec iov = { &byte, 1 };
		struct msghdr m = { .msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = c.room,
			.msg_controllen = sizeof(c.room) };

		if (recv(h->readers, &byte, 1, 0) != 1 || byte != 'K' ||
		    socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
			_exit(1);
		c.h.cmsg_level = SOL_SOCKET;
		c.h.cmsg_type = SCM_RIGHTS;
		c.h.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&c.h), &pair[0], sizeof(int));
		sendmsg(h->readers, &m, 0);
		close(pair[0]);
		if (recv(pair[1], head, 4, MSG_WAITALL) != 4 || view_u32(&v, &n) < 0)
			_exit(2);
		for (unsigned char piece[256]; n > 0;) {
			ssize_t got = recv(pair[1], piece, n < 256 ? n : 256, 0);
			if (got <= 0)
				_exit(3);
			n -= (uint32_t)got;
		}
		_exit(send(pair[1], answer, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : 4);
	}
	return pid;
}

static void
imports_come_from_a_reader_and_are_checked_again(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_wish w = { .id = id, .tenant = "system", .purposes = PURPOSE_CSR };
	EVP_PKEY *key = EVP_EC_gen("P-256"), *weird = EVP_EC_gen("P-224");
	AUTO_BUF struct buf body = { 0 }, frame = { 0 }, envelope = { 0 };
	unsigned char to[32], *der = NULL;
	struct key_made made;
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key);
	int n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der);

	id_new(id);
	buf_put_u8(&body, 0);
	buf_put_string(&body, der, (size_t)n);
	buf_put_cstring(&body, "PKCS#8");
	buf_put_string(&frame, body.data, body.len);
	a_reader(h, frame.data, frame.len);
	OK(keys_import(h->keeper, &w, "file", 4, NULL, h->arena, &made, &h->e));
	assert_string_equal(made.found, "PKCS#8");
	assert_int_equal(made.type, KEY_EC_P256);
	a_reader(h, frame.data, frame.len);
	OK(keys_import_key(h->keeper, to, &h->e));
	OK(seal_envelope(&envelope, to, "file", 4, "pass", &h->e));
	OK(keys_import_sealed(h->keeper, &w, envelope.data, envelope.len, h->arena, &made, &h->e));
	envelope.data[envelope.len / 2] ^= 1;
	REFUSED(
	    keys_import_sealed(h->keeper, &w, envelope.data, envelope.len, h->arena, &made, &h->e),
	    R_SEAL_WRONG);
	REFUSED(
	    keys_import_sealed(h->keeper, &w, "x", 1, h->arena, &made, &h->e), R_SEAL_MALFORMED);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(p8);

	/* another curve; a refusal carried; garbage */
	p8 = EVP_PKEY2PKCS8(weird);
	der = NULL;
	n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der);
	buf_reset(&body);
	buf_reset(&frame);
	buf_put_u8(&body, 0);
	buf_put_string(&body, der, (size_t)n);
	buf_put_cstring(&body, "SEC1");
	buf_put_string(&frame, body.data, body.len);
	a_reader(h, frame.data, frame.len);
	REFUSED(keys_import(h->keeper, &w, "file", 4, NULL, h->arena, &made, &h->e), R_KEY_TYPE);
	buf_reset(&body);
	buf_reset(&frame);
	buf_put_u8(&body, 1);
	buf_put_cstring(&body, "file.passphrase.wrong");
	buf_put_cstring(&body, "passphrase");
	buf_put_cstring(&body, "the passphrase is wrong");
	buf_put_cstring(&body, "");
	buf_put_string(&frame, body.data, body.len);
	a_reader(h, frame.data, frame.len);
	REFUSED(
	    keys_import(h->keeper, &w, "file", 4, "p", h->arena, &made, &h->e), R_PASSPHRASE_WRONG);
	a_reader(h, (const unsigned char *)"\0\0\0\1\7", 5);
	REFUSED(
	    keys_import(h->keeper, &w, "file", 4, "p", h->arena, &made, &h->e), R_READER_FAILED);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(p8);
	EVP_PKEY_free(key);
	EVP_PKEY_free(weird);
}

static void
long_messages_travel_as_sealed_memory(void **state)
{
	struct house *h = *state;
	size_t len = 300 * 1024;
	unsigned char *data = calloc(1, len), one[32], two[32];

	OK(keys_hmac(h->keeper, data, len, one, &h->e));
	data[len - 1] = 1;
	OK(keys_hmac(h->keeper, data, len, two, &h->e));
	assert_memory_not_equal(one, two, 32);
	free(data);
}

static void
unknown_types_are_refused(void **state)
{
	struct house *h = *state;
	struct message q = { .op = OP_GENERATE,
		.type = 99,
		.purposes = PURPOSE_CSR,
		.tenant = "system" },
		       a;

	id_new(q.id);
	REFUSED(keeper_ask(h->keeper, &q, &a, &h->e), R_KEY_TYPE);
	q.type = WIRE_P256;
	q.purposes = 1U << 30;
	REFUSED(keeper_ask(h->keeper, &q, &a, &h->e), R_KEY_PURPOSE);
}

static int
status_of(pid_t pid, const char *field)
{
	char path[64], line[256];
	int v = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			v = atoi(line + strlen(field) + 1);
	fclose(f);
	return v;
}

static void
P11_P41_the_keeper_is_sandboxed(void **state)
{
	struct house *h = *state;
	struct keeper_state s;

	OK(keys_state(h->keeper, &s, &h->e));
	assert_int_equal(status_of(h->pid, "NoNewPrivs:"), 1);
	if (!SANITIZED)
		assert_int_equal(status_of(h->pid, "Seccomp:"), 2);
}

static void
a_malformed_message_ends_the_keeper(void **state)
{
	struct house *h = *state;
	int status;

	assert_int_equal(channel_send(h->keeper->fd, "\1\7garbage", 9), 0);
	waitpid(h->pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	unsigned char out[32];
	REFUSED(keys_import_key(h->keeper, out, &h->e), R_KEEPER_GONE);
	keeper_detach(h->keeper);
	close(h->readers);
	assert_int_equal(keeper_start(h), 0);
}

static void
another_KEK_is_said(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_EC_P256, PURPOSE_CSR, false, id);
	unsigned char kek[32];
	int fd;

	keeper_stop(h);
	assert_int_equal(truncate(h->journal, 0), 0);
	random_bytes(kek, sizeof(kek));
	fd = open(h->kek, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, kek, 32), 32);
	close(fd);
	assert_int_equal(keeper_start(h), 0);
	assert_int_equal(refused(h, &m, PURPOSE_CSR, SCHEME_ECDSA_SHA256, "x", 1), R_KEK_WRONG);
}

static void
a_journal_cut_short_goes_on_and_a_damaged_one_stops_the_start(void **state)
{
	struct house *h = *state;
	char id[ID_SIZE];
	struct key_made m = a_key(h, KEY_ED25519, PURPOSE_AUDIT, false, id);
	unsigned char hash[32] = "x", byte = 0x55;
	const unsigned char *sig;
	struct keeper_state s;
	off_t size;
	size_t len;
	int fd;

	for (uint64_t n = 1; n <= 3; n++)
		OK(keys_anchor(
		    h->keeper, m.blob, m.blob_len, n, hash, h->arena, &sig, &len, &h->e));
	keeper_stop(h);
	fd = open(h->journal, O_RDWR);
	size = lseek(fd, 0, SEEK_END);
	assert_int_equal(ftruncate(fd, size - 5), 0); /* a power cut */
	assert_int_equal(keeper_start(h), 0);
	OK(keys_state(h->keeper, &s, &h->e));
	assert_int_equal(s.anchored_sequence, 2);
	OK(keys_anchor(h->keeper, m.blob, m.blob_len, 4, hash, h->arena, &sig, &len, &h->e));
	keeper_stop(h);
	assert_int_equal(pwrite(fd, &byte, 1, 12), 1); /* an edit */
	close(fd);
	assert_int_equal(keeper_ends(h), err_exit_code(ERR_UNAVAILABLE));
	assert_int_equal(truncate(h->journal, 0), 0);
	assert_int_equal(keeper_start(h), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P12_CSRs_of_every_type_verify_and_the_key_cannot_be_read),
		cmocka_unit_test(a_fetch_without_a_query_gets_the_default_provider),
		cmocka_unit_test(TLS_12_and_13_are_served_with_every_key_type),
		cmocka_unit_test(P13_a_key_signs_only_what_it_is_for),
		cmocka_unit_test(P13_self_signed_certificates_only_of_the_listeners_kind),
		cmocka_unit_test(P13_a_new_key_has_one_purpose),
		cmocka_unit_test(P13_each_refusal_of_sign),
		cmocka_unit_test(activate_wants_a_certificate_for_this_key),
		cmocka_unit_test(P14_a_blob_that_was_changed_gives_nothing),
		cmocka_unit_test(M34_only_exportable_keys_leave_and_only_encrypted),
		cmocka_unit_test(M34_PKCS12_holds_key_and_chain),
		cmocka_unit_test(M34_each_refusal_of_PKCS12),
		cmocka_unit_test(P16_a_destroyed_key_stays_destroyed_over_a_restart),
		cmocka_unit_test(P29_audit_heads_only_go_forward_and_survive_a_restart),
		cmocka_unit_test(P14_secrets_are_sealed_to_their_place),
		cmocka_unit_test(imports_come_from_a_reader_and_are_checked_again),
		cmocka_unit_test(long_messages_travel_as_sealed_memory),
		cmocka_unit_test(unknown_types_are_refused),
		cmocka_unit_test(P11_P41_the_keeper_is_sandboxed),
		cmocka_unit_test(a_malformed_message_ends_the_keeper),
		cmocka_unit_test(another_KEK_is_said),
		cmocka_unit_test(a_journal_cut_short_goes_on_and_a_damaged_one_stops_the_start),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
