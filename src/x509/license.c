/*
 * license.c - a licence: a little JSON that a vendor signed
 */
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <jansson.h>

#include "base/text.h"
#include "x509/authority.h"
#include "x509/der.h"
#include "x509/license.h"

#define DAY 86400

static void
stack_free(STACK_OF(X509) * s)
{
	sk_X509_free(s); /* its members are the caller's */
}

DEFINE_AUTO(BIO, BIO, BIO_free_all)
DEFINE_AUTO(CMS, CMS_ContentInfo, CMS_ContentInfo_free)
DEFINE_AUTO(X509, X509, X509_free)
DEFINE_AUTO(signers, STACK_OF(X509), stack_free)
DEFINE_AUTO(json, json_t, json_decref)

/* ---- who signs ------------------------------------------------------------------- */

int
license_vendor(const void *pem, size_t len, X509 **out, struct err *e)
{
	AUTO(BIO) BIO *in = BIO_new_mem_buf(pem, (int)len);
	AUTO(X509) X509 *x = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);
	const EVP_PKEY *key = x == NULL ? NULL : X509_get0_pubkey(x);

	ERR_clear_error();
	if (key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	    EVP_PKEY_get_bits(key) >= 256) {
		*out = x;
		x = NULL;
		return 0;
	}
	err_set(e, R_CONFIG, "license-key",
	    x == NULL ? "the file of license-key holds no certificate in PEM"
		      : "the certificate of license-key has no EC key of 256 bits or more");
	return err_hint(e, "docs/licence.md says how a vendor makes it");
}

/* ---- the form, before libcrypto sees it ------------------------------------------- */

static int
not_one(struct err *e, const char *why)
{
	ERR_clear_error();
	err_set(e, R_LICENSE_FILE, NULL, "this is no licence: %s", why);
	return err_hint(e, "a licence is the file that the vendor sent, as it is (CMS in DER)");
}

/* EncapsulatedContentInfo ::= SEQUENCE { OID id-data, [0] { OCTET STRING } } */
static int
check_inside(struct der *d, struct err *e)
{
	static const unsigned char data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1 };
	struct der encap, oid, explicit, content;

	if (der_expect(d, DER_SEQUENCE, &encap) < 0 || der_expect(&encap, DER_OID, &oid) < 0 ||
	    !der_equal(&oid, data, sizeof(data)))
		return not_one(e, "what was signed is no data");
	if (der_at_end(&encap))
		return not_one(e, "what was signed is not in it");
	return der_expect(&encap, DER_CONTEXT(0), &explicit) < 0 || !der_at_end(&encap) ||
		der_expect(&explicit, DER_OCTET_STRING, &content) < 0 || !der_at_end(&explicit)
	    ? not_one(e, "what was signed is damaged")
	    : 0;
}

/* RFC 5652 5.1, without the certificates and CRLs that could stand in it: nothing is
 * learnt from them, and a stranger's key could be one that takes for ever. */
static int
check_form(const void *data, size_t len, struct err *e)
{
	static const unsigned char signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2 };
	struct der d = der_of(data, len), info, oid, explicit, body, ignored;
	uint64_t version;

	if (len > LIMIT_LICENSE)
		return not_one(e, "it is larger than " LIMIT_LICENSE_TEXT);
	if (der_check(data, len) < 0)
		return not_one(e, "it is not strict DER");
	if (der_expect(&d, DER_SEQUENCE, &info) < 0 || der_expect(&info, DER_OID, &oid) < 0 ||
	    !der_equal(&oid, signed_data, sizeof(signed_data)) ||
	    der_expect(&info, DER_CONTEXT(0), &explicit) < 0 || !der_at_end(&info) ||
	    der_expect(&explicit, DER_SEQUENCE, &body) < 0 || !der_at_end(&explicit) ||
	    der_uint(&body, &version) < 0 || der_expect(&body, DER_SET, &ignored) < 0)
		return not_one(e, "it is no CMS SignedData");
	if (check_inside(&body, e) < 0)
		return -1;
	if (der_peek(&body) == DER_CONTEXT(0) || der_peek(&body) == DER_CONTEXT(1))
		return not_one(e, "certificates are in it (openssl cms -nocerts leaves them out)");
	return der_expect(&body, DER_SET, &ignored) < 0 || !der_at_end(&body)
	    ? not_one(e, "it is no CMS SignedData")
	    : 0;
}

/* ---- the signature ------------------------------------------------------------------ */

static bool
digest_fits(CMS_SignerInfo *si)
{
	const ASN1_OBJECT *oid;
	X509_ALGOR *digest;
	int nid;

	CMS_SignerInfo_get0_algs(si, NULL, NULL, &digest, NULL);
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	nid = OBJ_obj2nid(oid);
	return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

static int
check_signer(CMS_ContentInfo *cms, X509 *vendor, struct err *e)
{
	STACK_OF(CMS_SignerInfo) *all = CMS_get0_SignerInfos(cms);

	if (sk_CMS_SignerInfo_num(all) != 1)
		return not_one(e, "it has not exactly one signer");
	if (!digest_fits(sk_CMS_SignerInfo_value(all, 0)))
		return not_one(e, "its digest is not SHA-256, SHA-384 or SHA-512");
	if (CMS_SignerInfo_cert_cmp(sk_CMS_SignerInfo_value(all, 0), vendor) == 0)
		return 0;
	ERR_clear_error();
	err_set(e, R_LICENSE_SIGNER, NULL,
	    "the licence is signed by somebody else than the "
	    "vendor whose certificate the option license-key names");
	return err_hint(e,
	    "ask the vendor for a licence for this product, or for the certificate "
	    "that it is signed with");
}

static int
check_signature(CMS_ContentInfo *cms, X509 *vendor, BIO *content, struct err *e)
{
	AUTO(signers) STACK_OF(X509) *signers = sk_X509_new_null();

	if (signers == NULL || content == NULL || sk_X509_push(signers, vendor) == 0)
		return err_nomem(e);
	if (CMS_verify(cms, signers, NULL, NULL, content,
		CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY) == 1)
		return 0;
	ERR_clear_error();
	err_set(e, R_LICENSE_CHANGED, NULL,
	    "the signature does not fit: the licence was changed after the vendor signed it");
	return err_hint(e, "take the file as the vendor sent it, or ask for it again");
}

int
license_read(
    struct arena *a, const void *data, size_t len, X509 *vendor, struct license *l, struct err *e)
{
	AUTO(BIO) BIO *content = BIO_new(BIO_s_mem());
	AUTO(CMS) CMS_ContentInfo *cms = NULL;
	const unsigned char *p = data;
	char *json;
	long n;

	if (check_form(data, len, e) < 0)
		return -1;
	if ((cms = d2i_CMS_ContentInfo(NULL, &p, (long)len)) == NULL ||
	    p != (const unsigned char *)data + len)
		return not_one(e, "it is no CMS SignedData");
	if (check_signer(cms, vendor, e) < 0 || check_signature(cms, vendor, content, e) < 0)
		return -1;
	n = BIO_get_mem_data(content, &json);
	return license_content(a, json, n < 0 ? 0 : (size_t)n, l, e);
}

/* ---- what stands in it -------------------------------------------------------------- */

static int
wrong(struct err *e, const char *why)
{
	err_set(e, R_LICENSE_CONTENT, NULL, "the licence is signed rightly, but %s", why);
	return err_hint(e, "ask the vendor for a licence as docs/licence.md describes it");
}

/* Strict: a member that is unknown here could be one that limits something. */
static int
check_values(
    int version, const json_t *tenants, const json_t *components, struct license *l, struct err *e)
{
	const json_t *counts[] = { tenants, components };
	int64_t *out[] = { &l->tenants, &l->components };
	struct err why = { 0 };

	if (version != 1)
		return wrong(e, "its version is not 1");
	if (text_is_blank(l->licensee) || utf8_length(l->licensee) > 200 ||
	    text_check(&why, "licensee", l->licensee) < 0)
		return wrong(e, "licensee is not 1 to 200 characters on one line");
	if (day_parse(l->expires, &l->ends_at) < 0)
		return wrong(e, "expires is no day like 2027-12-31");
	l->ends_at += DAY;
	for (size_t i = 0; i < nitems(counts); i++) {
		*out[i] = -1;
		if (counts[i] == NULL)
			continue;
		*out[i] = json_is_integer(counts[i]) ? json_integer_value(counts[i]) : -1;
		if (*out[i] < 0 || *out[i] > LICENSE_MAX)
			return wrong(e, "tenants or components is no number from 0 to 1000000");
	}
	return 0;
}

int
license_content(struct arena *a, const void *text, size_t len, struct license *l, struct err *e)
{
	AUTO(json) json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *tenants = NULL, *components = NULL;
	const char *licensee, *expires;
	int version;

	memset(l, 0, sizeof(*l));
	if (root == NULL)
		return wrong(e, "what was signed is no JSON");
	if (json_unpack(root, "{s:i, s:s, s:s, s?o, s?o !}", "version", &version, "licensee",
		&licensee, "expires", &expires, "tenants", &tenants, "components", &components) < 0)
		return wrong(e, "a member is missing, of another kind, or unknown here");
	l->licensee = arena_strdup(a, licensee);
	l->expires = arena_strdup(a, expires);
	return check_values(version, tenants, components, l, e);
}
