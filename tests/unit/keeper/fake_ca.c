/*
 * fake_ca.c - CAs and certificates for the tests of the guard
 */
#include "fake_ca.h"
#include "keeper/sign.h"
#include "wire/scheme.h"

static void
put_name(X509_NAME *name, const char *text)
{
	char copy[256], *rest = copy, *part, *value;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((part = strsep(&rest, "/")) != NULL && *part != '\0') {
		value = strchr(part, '=');
		*value++ = '\0';
		assert_int_equal(X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
				     (const unsigned char *)value, -1, -1, 0),
		    1);
	}
}

void
fake_add(X509 *x, int nid, const char *value)
{
	static char sections[] = "[org]\nO=Example\n[other]\nO=Other\n"
				 "[below]\n1.O=Example\n2.CN=a\n";
	BIO *bio = BIO_new_mem_buf(sections, -1);
	CONF *conf = NCONF_new(NULL);
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	assert_int_equal(NCONF_load_bio(conf, bio, NULL), 1);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509V3_set_nconf(&ctx, conf);
	ext = X509V3_EXT_nconf_nid(conf, &ctx, nid, value);
	if (ext == NULL)
		fail_msg("extension %d: %s", nid, value);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
	NCONF_free(conf);
	BIO_free(bio);
}

void
fake_add_raw(X509 *x, const char *oid, const void *value, size_t len)
{
	ASN1_OBJECT *id = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	ASN1_OCTET_STRING_set(octets, value, (int)len);
	ext = X509_EXTENSION_create_by_OBJ(NULL, id, 0, octets);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(octets);
	ASN1_OBJECT_free(id);
}

X509 *
fake_make(const struct fake_cert *c)
{
	const struct {
		int nid;
		const char *value;
	} extensions[] = { { NID_basic_constraints, c->constraints }, { NID_key_usage, c->usage },
		{ NID_subject_alt_name, c->names }, { NID_name_constraints, c->name_constraints },
		{ c->more_nid, c->more } };
	X509 *x = X509_new();

	X509_set_version(x, c->version == 0 ? X509_VERSION_3 : c->version);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	put_name(X509_get_issuer_name(x), c->issuer);
	put_name(X509_get_subject_name(x), c->subject);
	X509_time_adj_ex(X509_getm_notBefore(x), c->from, 0, NULL);
	X509_time_adj_ex(X509_getm_notAfter(x), c->until, 0, NULL);
	X509_set_pubkey(x, c->key);
	for (size_t i = 0; i < nitems(extensions); i++)
		if (extensions[i].value != NULL)
			fake_add(x, extensions[i].nid, extensions[i].value);
	return x;
}

void
fake_tbs(X509 *x, struct buf *out)
{
	unsigned char *der = NULL;
	int n;

	X509_ALGOR_set0((X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(x),
	    OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, NULL);
	assert_true((n = i2d_re_X509_tbs(x, &der)) > 0);
	buf_reset(out);
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	X509_free(x);
}

void
fake_ca_open(struct fake_ca *f, struct fake_cert c, bool sub_ca)
{
	struct err e = { 0 };
	unsigned char *der = NULL;
	X509 *x;
	int n;

	memset(f, 0, sizeof(*f));
	c.key = f->key = EVP_EC_gen("P-256");
	f->other = EVP_EC_gen("P-256");
	x = fake_make(&c);
	assert_true(X509_sign(x, f->key, EVP_sha256()) > 0);
	n = i2d_X509(x, &der);
	buf_put(&f->certificate, der, (size_t)n);
	OPENSSL_free(der);
	X509_free(x);
	assert_int_equal(key_spki(f->key, &f->spki, &e), 0);
	f->ca = (struct guard_ca){ .issuer = &f->issuer,
		.sub_ca = sub_ca,
		.spki = { f->spki.data, f->spki.len },
		.algorithm = scheme_of_number(SCHEME_ECDSA_SHA256)->algorithm };
	if (issuer_read(&f->issuer, &(struct bytes){ f->certificate.data, f->certificate.len },
		&f->ca.spki, &e) < 0)
		fail_msg("%s", e.message);
}

void
fake_ca_close(struct fake_ca *f)
{
	EVP_PKEY_free(f->key);
	EVP_PKEY_free(f->other);
	buf_free(&f->certificate);
	buf_free(&f->spki);
}

const char *
fake_judged(const struct fake_ca *f, struct fake_cert c)
{
	static struct err e;
	AUTO_BUF struct buf tbs = { 0 };
	unsigned char serial[SERIAL_SIZE];

	if (c.key == NULL)
		c.key = f->other;
	fake_tbs(fake_make(&c), &tbs);
	err_clear(&e);
	if (guard_cert(&(struct bytes){ tbs.data, tbs.len }, &f->ca, serial, &e) == 0) {
		assert_int_equal(serial[SERIAL_SIZE - 1], 7);
		return NULL;
	}
	assert_int_equal(e.refusal, R_SIGN_GUARD);
	return e.message;
}

void
says(const char *said, const char *why)
{
	if ((said == NULL) != (why == NULL) || (why != NULL && strstr(said, why) == NULL))
		fail_msg("it says \"%s\", not \"%s\"", said == NULL ? "nothing" : said,
		    why == NULL ? "nothing" : why);
}
