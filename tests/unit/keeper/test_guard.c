/*
 * test_guard.c - P13: the bytes must be what the purpose says
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "keeper/guard.h"
#include "keeper/sign.h"

struct keys {
	EVP_PKEY *key, *other;
	struct buf spki;
};

static int
keys_make(void **state)
{
	struct keys *k = calloc(1, sizeof(*k));
	struct err e = { 0 };

	k->key = EVP_EC_gen("P-256");
	k->other = EVP_EC_gen("P-256");
	*state = k;
	return key_spki(k->key, &k->spki, &e);
}

static int
keys_free(void **state)
{
	struct keys *k = *state;

	EVP_PKEY_free(k->key);
	EVP_PKEY_free(k->other);
	buf_free(&k->spki);
	free(k);
	return 0;
}

typedef int guard_fn(const struct bytes *, const struct bytes *, struct err *);

/* "" or what it says, of an exact copy: ASan sees a read past the end. */
static const char *
said(const struct keys *k, guard_fn *guard, const void *data, size_t len)
{
	static struct err e;
	unsigned char *copy = malloc(len == 0 ? 1 : len);
	struct bytes b = { copy, len }, spki = { k->spki.data, k->spki.len };
	int r;

	err_clear(&e);
	if (len > 0)
		memcpy(copy, data, len);
	r = guard(&b, &spki, &e);
	free(copy);
	assert_int_equal(r, err_is_set(&e) ? -1 : 0);
	return e.message;
}

static void
refused(const struct keys *k, guard_fn *guard, const void *data, size_t len, const char *why)
{
	const char *text = said(k, guard, data, len);

	if (strstr(text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", text, why);
}

/* ---- requests ------------------------------------------------------------- */
static int
request(EVP_PKEY *key, unsigned char **der)
{
	X509_REQ *req = X509_REQ_new();
	int n;

	X509_REQ_set_version(req, X509_REQ_VERSION_1);
	X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_UTF8,
	    (const unsigned char *)"a.example.com", -1, -1, 0);
	X509_REQ_set_pubkey(req, key);
	*der = NULL;
	n = i2d_re_X509_REQ_tbs(req, der);
	X509_REQ_free(req);
	return n;
}

static void
P13_a_CSR_carries_this_key_and_is_one(void **state)
{
	struct keys *k = *state;
	unsigned char *der;
	int n = request(k->key, &der);

	assert_string_equal(said(k, guard_csr, der, (size_t)n), "");
	for (int i = 0; i < n; i++)
		refused(k, guard_csr, der, (size_t)i, "not a certification request");
	der[4] = 1; /* version */
	refused(k, guard_csr, der, (size_t)n, "not a certification request");
	OPENSSL_free(der);
	n = request(k->other, &der);
	refused(k, guard_csr, der, (size_t)n, "for another key");
	OPENSSL_free(der);
	refused(k, guard_csr, "", 0, "not a certification request");
	refused(k, guard_csr, "x", 1, "not a certification request");
}

static void
P13_a_CSR_with_more_behind_it_is_none(void **state)
{
	struct keys *k = *state;
	AUTO_BUF struct buf b = { 0 };
	unsigned char *der;
	int n = request(k->key, &der);

	buf_put(&b, der, (size_t)n);
	buf_put(&b, "\5\0", 2); /* NULL, after all */
	refused(k, guard_csr, b.data, b.len, "not a certification request");
	assert_true(b.data[1] < 0x7e);
	b.data[1] = (unsigned char)(b.data[1] + 2); /* NULL, inside */
	refused(k, guard_csr, b.data, b.len, "not a certification request");
	OPENSSL_free(der);
}

/* ---- certificates --------------------------------------------------------- */
struct cert {
	const char *subject, *issuer;
	int days; /* of life, its last second included */
	const char *constraints, *usage, *eku;
};
static const struct cert good = { "a", "a", 398, "critical,CA:FALSE", "critical,digitalSignature",
	"serverAuth" };

static void
add(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	ext = value == NULL ? NULL : X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_true(value == NULL || ext != NULL);
	if (ext != NULL)
		X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
}

static X509 *
made(EVP_PKEY *key, const struct cert *c)
{
	X509 *x = X509_new();

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
	    (const unsigned char *)c->subject, -1, -1, 0);
	X509_NAME_add_entry_by_txt(X509_get_issuer_name(x), "CN", MBSTRING_UTF8,
	    (const unsigned char *)c->issuer, -1, -1, 0);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_time_adj_ex(X509_getm_notAfter(x), c->days, -1, NULL);
	X509_set_pubkey(x, key);
	add(x, NID_basic_constraints, c->constraints);
	add(x, NID_key_usage, c->usage);
	add(x, NID_ext_key_usage, c->eku);
	return x;
}

/* Frees x. */
static void
judged(const struct keys *k, X509 *x, const char *why)
{
	unsigned char *der = NULL;
	int n;

	/* the algorithm inside, which signing would set */
	X509_ALGOR_set0((X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(x),
	    OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, NULL);
	n = i2d_re_X509_tbs(x, &der);
	assert_true(n > 0);
	if (why == NULL)
		assert_string_equal(said(k, guard_self_signed, der, (size_t)n), "");
	else
		refused(k, guard_self_signed, der, (size_t)n, why);
	OPENSSL_free(der);
	X509_free(x);
}

static void
P13_self_signed_is_of_the_listeners_kind(void **state)
{
	static const struct {
		struct cert cert;
		const char *why;
	} cases[] = {
		{ { "a", "a", 398, "critical,CA:FALSE", "critical,digitalSignature", "serverAuth" },
		    NULL },
		{ { "a", "a", 1, NULL, NULL, "serverAuth" }, NULL },
		{ { "a", "a", 1, "CA:FALSE", "digitalSignature,keyEncipherment", "serverAuth" },
		    NULL },
		{ { "a", "a", 399, NULL, NULL, "serverAuth" }, "398 days" },
		{ { "a", "a", -1, NULL, NULL, "serverAuth" }, "398 days" },
		{ { "a", "b", 1, NULL, NULL, "serverAuth" }, "issuer and subject differ" },
		{ { "a", "a", 1, "CA:TRUE", NULL, "serverAuth" }, "CA certificate" },
		{ { "a", "a", 1, "critical,CA:TRUE,pathlen:0", NULL, "serverAuth" },
		    "CA certificate" },
		{ { "a", "a", 1, NULL, "keyCertSign", "serverAuth" }, "CA certificate" },
		{ { "a", "a", 1, "CA:FALSE", "digitalSignature,keyCertSign", "serverAuth" },
		    "CA certificate" },
		{ { "a", "a", 1, "CA:FALSE", "cRLSign", "serverAuth" }, "CA certificate" },
		{ { "a", "a", 1, "CA:FALSE", NULL, NULL }, "TLS servers" },
		{ { "a", "a", 1, "CA:FALSE", NULL, "clientAuth" }, "TLS servers" },
		{ { "a", "a", 1, "CA:FALSE", NULL, "serverAuth,clientAuth" }, "TLS servers" },
		{ { "a", "a", 1, "CA:FALSE", NULL, "anyExtendedKeyUsage" }, "TLS servers" },
	};
	struct keys *k = *state;

	for (size_t i = 0; i < nitems(cases); i++)
		judged(k, made(k->key, &cases[i].cert), cases[i].why);
	judged(k, made(k->other, &good), "for another key");
}

static void
P13_self_signed_has_each_extension_once_and_no_other(void **state)
{
	static const struct {
		int nid;
		const char *value, *why;
	} more[] = {
		{ NID_subject_alt_name, "DNS:a.example.com", NULL },
		{ NID_basic_constraints, "CA:TRUE", "has not" },
		{ NID_basic_constraints, "CA:FALSE", "has not" },
		{ NID_ext_key_usage, "codeSigning", "has not" },
		{ NID_key_usage, "keyCertSign", "has not" },
		{ NID_netscape_cert_type, "sslCA", "has not" },
		{ NID_name_constraints, "permitted;DNS:example.com", "has not" },
		{ NID_netscape_comment, "x", "has not" },
	};
	struct keys *k = *state;
	X509 *x;

	for (size_t i = 0; i < nitems(more); i++) {
		x = made(k->key, &good);
		add(x, more[i].nid, more[i].value);
		judged(k, x, more[i].why);
	}
	for (long version = X509_VERSION_1; version < X509_VERSION_3; version++) {
		x = made(k->key, &good);
		X509_set_version(x, version);
		judged(k, x, "not a certificate");
	}
}

static void
P13_self_signed_cut_or_changed_is_none(void **state)
{
	struct keys *k = *state;
	X509 *x = made(k->key, &good);
	unsigned char *der = NULL;
	int n;

	X509_ALGOR_set0((X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(x),
	    OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, NULL);
	n = i2d_re_X509_tbs(x, &der);
	for (int i = 0; i < n; i++)
		refused(k, guard_self_signed, der, (size_t)i, "not a certificate");
	/* whatever is changed: no crash, and its key stays the same */
	for (int i = 0; i < n; i++)
		for (int bit = 0; bit < 8; bit++) {
			der[i] ^= (unsigned char)(1 << bit);
			said(k, guard_self_signed, der, (size_t)n);
			der[i] ^= (unsigned char)(1 << bit);
		}
	refused(k, guard_csr, der, (size_t)n, "not a certification request");
	OPENSSL_free(der);
	X509_free(x);
}

/* ---- TLS ------------------------------------------------------------------ */
static int
tls(const struct bytes *b, const struct bytes *spki, struct err *e)
{
	return guard_tls_server(b, e);
}

static size_t
tls13(unsigned char *out, const char *label, size_t hash)
{
	size_t n = strlen(label) + 1;

	memset(out, ' ', 64);
	memcpy(out + 64, label, n);
	memset(out + 64 + n, 'h', hash);
	return 64 + n + hash;
}

static void
P13_TLS_13_has_its_context_string(void **state)
{
	static const char server[] = "TLS 1.3, server CertificateVerify";
	struct keys *k = *state;
	unsigned char m[300];
	size_t n;

	for (size_t hash = 0; hash < 70; hash++) {
		n = tls13(m, server, hash);
		if (hash == 32 || hash == 48)
			assert_string_equal(said(k, tls, m, n), "");
		else
			refused(k, tls, m, n, "not a TLS server's handshake");
	}
	n = tls13(m, "TLS 1.3, client CertificateVerify", 32);
	refused(k, tls, m, n, "not a TLS server's handshake");
	n = tls13(m, server, 32);
	for (size_t i = 0; i < 64 + sizeof(server); i++) {
		m[i] ^= 1;
		refused(k, tls, m, n, "not a TLS server's handshake");
		m[i] ^= 1;
	}
	refused(k, tls, m, 0, "not a TLS server's handshake");
	refused(k, tls, m + 64, n - 64, "not a TLS server's handshake");
}

static void
P13_TLS_12_has_a_named_group_and_its_point(void **state)
{
	static const struct {
		unsigned char type, high, group, len, first;
		bool ok;
	} cases[] = {
		{ 3, 0, 0x1d, 32, 9, true },
		{ 3, 0, 0x17, 65, 4, true },
		{ 3, 0, 0x18, 97, 4, true },
		{ 3, 0, 0x17, 65, 2, false },
		{ 3, 0, 0x17, 32, 4, false },
		{ 3, 0, 0x1d, 65, 4, false },
		{ 3, 1, 0x17, 65, 4, false },
		{ 3, 0, 0x19, 133, 4, false },
		{ 1, 0, 0x17, 65, 4, false },
		{ 3, 0, 0x00, 1, 4, false },
		{ 3, 0, 0x1d, 0, 4, false },
	};
	struct keys *k = *state;

	for (size_t i = 0; i < nitems(cases); i++) {
		unsigned char m[64 + 4 + 255] = { 0 };
		size_t n = 68 + (size_t)cases[i].len;

		memset(m, 'r', 64);
		m[64] = cases[i].type;
		m[65] = cases[i].high;
		m[66] = cases[i].group;
		m[67] = cases[i].len;
		m[68] = cases[i].first;
		if (!cases[i].ok) {
			refused(k, tls, m, n, "not a TLS server's handshake");
			continue;
		}
		assert_string_equal(said(k, tls, m, n), "");
		refused(k, tls, m, n - 1, "not a TLS server's handshake");
		refused(k, tls, m, n + 1, "not a TLS server's handshake");
		/* the same bytes as a certificate or request would be: DER */
		memcpy(m,
		    i == 0	 ? "\x30\x62\x05\x00\x04\x5e"
			: i == 1 ? "\x30\x81\x82\x05\x00\x04\x7e"
				 : "\x30\x81\xa2\x05\x00\x04\x81\x9d",
		    i == 0	 ? 6
			: i == 1 ? 7
				 : 8);
		refused(k, tls, m, n, "not a TLS server's handshake");
	}
}

/* ---- activation ------------------------------------------------------------ */
static void
a_leaf_is_for_this_key(void **state)
{
	struct keys *k = *state;
	EVP_PKEY *keys[2] = { k->key, k->other };

	for (int i = 0; i < 2; i++) {
		X509 *x = made(keys[i], &good);
		unsigned char *der = NULL;
		int n;

		X509_sign(x, k->other, EVP_sha256());
		n = i2d_X509(x, &der);
		if (i == 0)
			assert_string_equal(said(k, guard_leaf, der, (size_t)n), "");
		else
			refused(k, guard_leaf, der, (size_t)n, "for another key");
		for (int cut = 0; cut < n; cut++)
			refused(k, guard_leaf, der, (size_t)cut, "not a certificate");
		OPENSSL_free(der);
		X509_free(x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P13_a_CSR_carries_this_key_and_is_one),
		cmocka_unit_test(P13_a_CSR_with_more_behind_it_is_none),
		cmocka_unit_test(P13_self_signed_is_of_the_listeners_kind),
		cmocka_unit_test(P13_self_signed_has_each_extension_once_and_no_other),
		cmocka_unit_test(P13_self_signed_cut_or_changed_is_none),
		cmocka_unit_test(P13_TLS_13_has_its_context_string),
		cmocka_unit_test(P13_TLS_12_has_a_named_group_and_its_point),
		cmocka_unit_test(a_leaf_is_for_this_key),
	};

	return cmocka_run_group_tests(tests, keys_make, keys_free);
}
