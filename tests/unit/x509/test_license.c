/*
 * test_license.c - what a vendor signed, and what only looks like it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/pem.h>

#include "make.h"
#include "x509/license.h"

#define FLAGS (CMS_BINARY | CMS_NOCERTS)
#define GOOD                                                                          \
	"{\"version\":1,\"licensee\":\"Example Ltd\",\"tenants\":3,\"components\":7," \
	"\"expires\":\"2027-12-31\"}"

static X509 *
vendor(EVP_PKEY *key)
{
	return make_ca("vendor", key, NULL, NULL);
}

static struct buf
sign(const char *text, X509 *by, EVP_PKEY *key, unsigned flags, const EVP_MD *md)
{
	BIO *in = BIO_new_mem_buf(text, -1);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, in, flags | CMS_PARTIAL);
	struct buf out = { 0 };
	unsigned char *der = NULL;
	int n;

	assert_non_null(cms);
	assert_non_null(CMS_add1_signer(cms, by, key, md, flags));
	assert_int_equal(CMS_final(cms, in, NULL, flags), 1);
	n = i2d_CMS_ContentInfo(cms, &der);
	assert_true(n > 0);
	buf_put(&out, der, (size_t)n);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	return out;
}

static void
refused(const void *data, size_t len, X509 *by, enum refusal why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct license l;
	struct err e = { 0 };

	assert_int_equal(license_read(a, data, len, by, &l, &e), -1);
	assert_int_equal(e.refusal, why);
	assert_true(e.message[0] != '\0' && e.hint[0] != '\0');
}

static void
V55_only_what_the_vendor_signed_is_read(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256"), *others = make_key("ec:P-384");
	AUTO(x509) X509 *ours = vendor(key), *other = make_ca("other", others, NULL, NULL);
	AUTO_BUF struct buf b = sign(GOOD, ours, key, FLAGS, EVP_sha256());
	AUTO_BUF struct buf theirs = sign(GOOD, other, others, FLAGS, EVP_sha384());
	struct license l;
	struct err e = { 0 };
	unsigned char *at;

	assert_int_equal(license_read(a, b.data, b.len, ours, &l, &e), 0);
	assert_string_equal(l.licensee, "Example Ltd");
	assert_string_equal(l.expires, "2027-12-31");
	assert_int_equal(l.ends_at, 1830297600); /* 2028-01-01 */
	assert_int_equal(l.tenants, 3);
	assert_int_equal(l.components, 7);
	refused(theirs.data, theirs.len, ours, R_LICENSE_SIGNER);
	at = memmem(b.data, b.len, "\"tenants\":3", 11);
	assert_non_null(at);
	at[10] = '9';
	refused(b.data, b.len, ours, R_LICENSE_CHANGED);
	at[10] = '3';
	b.data[b.len - 1] ^= 1;
	refused(b.data, b.len, ours, R_LICENSE_CHANGED);
}

static void
of_each_file_that_is_cut_nothing_is_read(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(x509) X509 *ours = vendor(key);
	AUTO_BUF struct buf b = sign(GOOD, ours, key, FLAGS, EVP_sha256());

	for (size_t n = 0; n < b.len; n++)
		refused(b.data, n, ours, R_LICENSE_FILE);
	buf_put(&b, "", 1);
	refused(b.data, b.len, ours, R_LICENSE_FILE);
}

static void
other_forms_are_refused_before_libcrypto_reads_them(void **state)
{
	static char large[LIMIT_LICENSE + 1];
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(x509) X509 *ours = vendor(key);
	AUTO_BUF struct buf certs = sign(GOOD, ours, key, CMS_BINARY, EVP_sha256());
	AUTO_BUF struct buf apart = sign(GOOD, ours, key, FLAGS | CMS_DETACHED, EVP_sha256());
	AUTO_BUF struct buf weak = sign(GOOD, ours, key, FLAGS, EVP_sha1());

	refused(certs.data, certs.len, ours, R_LICENSE_FILE);
	refused(apart.data, apart.len, ours, R_LICENSE_FILE);
	refused(weak.data, weak.len, ours, R_LICENSE_FILE);
	refused(GOOD, strlen(GOOD), ours, R_LICENSE_FILE);
	refused(large, sizeof(large), ours, R_LICENSE_FILE);
}

static void
content_is_strict(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"null",
		"{\"version\":2,\"licensee\":\"A\",\"expires\":\"2027-12-31\"}",
		"{\"version\":1,\"licensee\":\" \",\"expires\":\"2027-12-31\"}",
		"{\"version\":1,\"licensee\":\"A\\nB\",\"expires\":\"2027-12-31\"}",
		"{\"version\":1,\"licensee\":\"A\",\"expires\":\"2027-02-30\"}",
		"{\"version\":1,\"licensee\":\"A\",\"expires\":\"never\"}",
		"{\"version\":1,\"licensee\":\"A\"}",
		"{\"version\":1,\"licensee\":\"A\",\"expires\":\"2027-12-31\",\"cores\":4}",
		"{\"version\":1,\"licensee\":\"A\",\"licensee\":\"B\",\"expires\":\"2027-12-31\"}",
		"{\"version\":1,\"licensee\":\"A\",\"expires\":\"2027-12-31\",\"tenants\":-1}",
		"{\"version\":1,\"licensee\":\"A\",\"expires\":\"2027-12-31\",\"tenants\":1000001}",
		"{\"version\":1,\"licensee\":\"A\",\"expires\":\"2027-12-31\",\"tenants\":\"3\"}",
		"{\"version\":1,\"licensee\":\"A\",\"expires\":\"2027-12-31\",\"components\":null}",
	};
	static const char least[] = "{\"version\":1,\"licensee\":\"A\",\"expires\":\"2027-12-31\"}";
	AUTO(arena) struct arena *a = arena_new();
	struct license l;

	for (size_t i = 0; i < nitems(bad); i++) {
		struct err e = { 0 };

		assert_int_equal(license_content(a, bad[i], strlen(bad[i]), &l, &e), -1);
		assert_int_equal(e.refusal, R_LICENSE_CONTENT);
	}
	assert_int_equal(license_content(a, least, strlen(least), &l, &(struct err){ 0 }), 0);
	assert_int_equal(l.tenants, -1);
	assert_int_equal(l.components, -1);
}

static void
a_vendor_is_a_certificate_with_an_EC_key(void **state)
{
	AUTO(pkey)
	EVP_PKEY *key = make_key("ec:P-256"), *small = make_key("ec:P-224"),
		 *edwards = make_key("ed25519");
	AUTO(x509) X509 *ours = vendor(key), *weak = vendor(small), *other = vendor(edwards);
	X509 *const all[] = { ours, weak, other };
	X509 *read = NULL;
	struct err e = { 0 };

	for (size_t i = 0; i < nitems(all); i++) {
		BIO *out = BIO_new(BIO_s_mem());
		char *pem;
		long n;

		PEM_write_bio_X509(out, all[i]);
		n = BIO_get_mem_data(out, &pem);
		assert_int_equal(license_vendor(pem, (size_t)n, &read, &e), i == 0 ? 0 : -1);
		BIO_free(out);
	}
	assert_int_equal(X509_cmp(read, ours), 0);
	assert_int_equal(e.refusal, R_CONFIG);
	X509_free(read);
	assert_int_equal(license_vendor("x", 1, &read, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(V55_only_what_the_vendor_signed_is_read),
		cmocka_unit_test(of_each_file_that_is_cut_nothing_is_read),
		cmocka_unit_test(other_forms_are_refused_before_libcrypto_reads_them),
		cmocka_unit_test(content_is_strict),
		cmocka_unit_test(a_vendor_is_a_certificate_with_an_EC_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
