/*
 * cert.c - certificates: read, described, and made for ourselves (RFC 5280)
 */
#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "x509/cert.h"
#include "x509/der.h"
#include "x509/items.h"
#include "x509/pem.h"

#define CERT_MAX  LIMIT_CSR /* bytes of one certificate */
#define PARTS_MAX 100	    /* attributes of a name, extensions */

static int
check_parts(X509 *cert, struct err *e)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int n = sk_GENERAL_NAME_num(names);

	GENERAL_NAMES_free(names);
	ERR_clear_error();
	if (n > LIMIT_SANS)
		return err_set(e, R_CERT_MANY, "certificate",
		    "%d alternative names, at most %d are read", n, LIMIT_SANS);
	if (X509_get_ext_count(cert) > PARTS_MAX ||
	    X509_NAME_entry_count(X509_get_subject_name(cert)) > PARTS_MAX ||
	    X509_NAME_entry_count(X509_get_issuer_name(cert)) > PARTS_MAX)
		return err_set(e, R_CERT_MANY, "certificate",
		    "more than %d extensions or parts of a name", PARTS_MAX);
	if (asn1_seconds(X509_get0_notBefore(cert)) == INT64_MIN ||
	    asn1_seconds(X509_get0_notAfter(cert)) == INT64_MIN)
		return err_set(
		    e, R_CERT_TIME, "certificate", "the validity of the certificate is malformed");
	return 0;
}

int
cert_parse(X509 **out, const void *der, size_t len, struct err *e)
{
	const unsigned char *p = der;
	X509 *cert;

	if (len > CERT_MAX)
		return err_set(e, R_CERT_LARGE, "certificate",
		    "the certificate has %zu bytes, at most %d are read", len, CERT_MAX);
	if (der_check(der, len) < 0)
		return err_set(
		    e, R_CERT_DER, "certificate", "this is not valid DER, or more than one object");
	cert = d2i_X509(NULL, &p, (long)len);
	ERR_clear_error();
	if (cert == NULL || p != (const unsigned char *)der + len) {
		X509_free(cert);
		return err_set(e, R_CERT_DER, "certificate", "this is not a certificate");
	}
	if (check_parts(cert, e) < 0) {
		X509_free(cert);
		return -1;
	}
	*out = cert;
	return 0;
}

char *
cert_pem_of_der(struct arena *a, const void *der, size_t len)
{
	return pem_encode(a, "CERTIFICATE", der, len);
}

static void
free_bio(BIO **p)
{
	BIO_free(*p);
}

char *
cert_text(struct arena *a, X509 *cert)
{
	__attribute__((cleanup(free_bio))) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	if (bio == NULL ||
	    X509_print_ex(bio, cert, XN_FLAG_SEP_CPLUS_SPC | ASN1_STRFLGS_RFC2253, 0) != 1)
		return arena_strdup(a, "");
	n = BIO_get_mem_data(bio, &text);
	return arena_dup(a, text, (size_t)n);
}

void
cert_spki_sha256(X509 *cert, unsigned char out[SPKI_SHA256_SIZE])
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);

	SHA256(der, (size_t)(n < 0 ? 0 : n), out);
	OPENSSL_free(der);
}

bool
cert_self_issued(const void *der, size_t len)
{
	struct der d = der_of(der, len), cert, tbs, skip, issuer, subject;

	return der_expect(&d, DER_SEQUENCE, &cert) == 0 &&
	    der_expect(&cert, DER_SEQUENCE, &tbs) == 0 &&
	    der_optional(&tbs, DER_CONTEXT(0), &skip) >= 0 &&
	    der_expect(&tbs, DER_INTEGER, &skip) == 0 &&
	    der_expect(&tbs, DER_SEQUENCE, &skip) == 0 &&
	    der_expect(&tbs, DER_SEQUENCE, &issuer) == 0 &&
	    der_expect(&tbs, DER_SEQUENCE, &skip) == 0 &&
	    der_expect(&tbs, DER_SEQUENCE, &subject) == 0 &&
	    der_equal(&issuer, subject.data, subject.len);
}

bool
cert_is_ca(X509 *cert)
{
	BASIC_CONSTRAINTS *bc = X509_get_ext_d2i(cert, NID_basic_constraints, NULL, NULL);
	bool ca = bc != NULL && bc->ca != 0;

	BASIC_CONSTRAINTS_free(bc);
	return ca;
}

const char *
cert_aia_issuers(struct arena *a, X509 *cert)
{
	AUTHORITY_INFO_ACCESS *aia = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
	const char *found = NULL;

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(aia) && found == NULL; i++) {
		const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(aia, i);
		const ASN1_STRING *uri;
		const char *text;

		if (OBJ_obj2nid(d->method) != NID_ad_ca_issuers || d->location->type != GEN_URI)
			continue;
		uri = d->location->d.uniformResourceIdentifier;
		text = arena_dup(a, ASN1_STRING_get0_data(uri), (size_t)ASN1_STRING_length(uri));
		if (strlen(text) == (size_t)ASN1_STRING_length(uri) && strlen(text) < 1024 &&
		    text_check(&(struct err){ 0 }, "", text) == 0)
			found = text;
	}
	AUTHORITY_INFO_ACCESS_free(aia);
	return found;
}

const char *
cert_serial(struct arena *a, X509 *cert)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);
	const char *hex = hex_of(
	    a, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));

	return ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? arena_printf(a, "-%s", hex) : hex;
}

int
cert_facts(struct arena *a, X509 *cert, struct cert_facts *f, struct err *e)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	struct err ignored = { 0 };
	struct subject subject;
	unsigned char *der = NULL;
	int n = i2d_X509(cert, &der);

	memset(f, 0, sizeof(*f));
	SHA256(der, (size_t)(n < 0 ? 0 : n), f->sha256);
	OPENSSL_free(der);
	sans_of(a, names, &f->sans, &ignored);
	GENERAL_NAMES_free(names);
	subject_of(a, X509_get_subject_name(cert), &subject, &ignored);
	for (size_t i = 0; i < subject.n && f->common_name == NULL; i++)
		if (strcmp(subject.v[i].item, "subject.CN") == 0)
			f->common_name = subject.v[i].value;
	f->subject = subject_text(a, X509_get_subject_name(cert));
	f->issuer = subject_text(a, X509_get_issuer_name(cert));
	f->serial = cert_serial(a, cert);
	cert_spki_sha256(cert, f->spki_sha256);
	f->not_before = asn1_seconds(X509_get0_notBefore(cert));
	f->not_after = asn1_seconds(X509_get0_notAfter(cert));
	f->key_label = X509_get0_pubkey(cert) == NULL ? "unknown"
						      : key_label(a, X509_get0_pubkey(cert));
	f->signature = algorithm_text(a, X509_get0_tbs_sigalg(cert));
	f->is_ca = cert_is_ca(cert);
	f->self_issued = X509_NAME_cmp(X509_get_subject_name(cert), X509_get_issuer_name(cert)) ==
	    0;
	f->aia_issuers = cert_aia_issuers(a, cert);
	ERR_clear_error();
	if (f->not_before == INT64_MIN || f->not_after == INT64_MIN)
		return err_set(
		    e, R_CERT_TIME, "certificate", "the validity of the certificate is malformed");
	return 0;
}

static int
add_extension(X509 *cert, const char *name, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *x;
	int ok;

	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	x = X509V3_EXT_nconf(NULL, &ctx, name, value);
	ok = x != NULL && X509_add_ext(cert, x, -1) == 1;
	X509_EXTENSION_free(x);
	return ok;
}

/* "DNS:a,IP:..."; the names were checked, none holds a comma. */
static int
add_names(X509 *cert, const struct san_list *names)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].type == SAN_DNS || names->v[i].type == SAN_IP)
			buf_printf(&b, "%s%s:%s", b.len > 0 ? "," : "",
			    names->v[i].type == SAN_DNS ? "DNS" : "IP", names->v[i].text);
	return b.len == 0 ? 1 : add_extension(cert, "subjectAltName", buf_text(&b));
}

static int
fill_self_signed(X509 *cert, const char *common_name, const struct san_list *names, int64_t now,
    unsigned days, EVP_PKEY *key)
{
	bool rsa = EVP_PKEY_is_a(key, "RSA");
	X509_NAME *name = X509_get_subject_name(cert);
	unsigned char serial[16];
	BIGNUM *bn;
	int ok;

	random_bytes(serial, sizeof(serial));
	serial[0] = (serial[0] & 0x7f) | 0x40; /* positive, always 16 octets */
	bn = BN_bin2bn(serial, sizeof(serial), NULL);
	ok = bn != NULL && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert)) != NULL;
	BN_free(bn);
	if (common_name == NULL || common_name[0] == '\0' || utf8_length(common_name) > 64)
		common_name = "Certwright"; /* an issuer is never empty */
	return ok && X509_set_version(cert, X509_VERSION_3) &&
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)common_name, -1, -1, 0) &&
	    X509_set_issuer_name(cert, name) &&
	    ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)now) != NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(now + (int64_t)days * 86400 - 1)) !=
	    NULL &&
	    X509_set_pubkey(cert, key) &&
	    add_extension(cert, "basicConstraints", "critical,CA:FALSE") &&
	    add_extension(cert, "keyUsage",
		rsa ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature") &&
	    add_extension(cert, "extendedKeyUsage", "serverAuth") &&
	    add_extension(cert, "subjectKeyIdentifier", "hash") && add_names(cert, names);
}

static const EVP_MD *
digest_of(EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "ED25519"))
		return NULL;
	if (!EVP_PKEY_is_a(key, "EC") || bits <= 256)
		return EVP_sha256();
	return bits <= 384 ? EVP_sha384() : EVP_sha512();
}

int
cert_self_signed(X509 **out, const char *common_name, const struct san_list *names, int64_t now,
    unsigned days, EVP_PKEY *key, struct err *e)
{
	X509 *cert = X509_new();

	if (cert == NULL)
		return err_nomem(e);
	if (days == 0 || days > 398) {
		X509_free(cert);
		return err_set(e, R_CERT_TIME, "days",
		    "a self-signed certificate lives 1 to 398 days, not %u", days);
	}
	if (!fill_self_signed(cert, common_name, names, now, days, key) ||
	    X509_sign(cert, key, digest_of(key)) <= 0) {
		X509_free(cert);
		ERR_clear_error();
		return err_set(
		    e, R_CERT_SIGN, "key", "the key could not sign the self-signed certificate");
	}
	*out = cert;
	return 0;
}
