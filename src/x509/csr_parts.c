/*
 * csr_parts.c - the parts of a CSR, each decoded alone (RFC 2986 section 4)
 *
 * libcrypto reads a whole request with d2i_X509_REQ, which decodes its key by
 * trying every decoder there is. The parts that are needed are read one by one
 * instead, after the strict walk; the key is spki_parse's.
 */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/limits.h"
#include "x509/csr_impl.h"
#include "x509/der.h"
#include "x509/requested.h"

#define ATTRIBUTES_MAX 100 /* in the subject, of the request, extensions */

/* RelativeDistinguishedName ::= SET SIZE (1..MAX), which libcrypto passes over. */
static bool
has_empty_part(struct der name)
{
	struct der list, set;

	if (der_expect(&name, DER_SEQUENCE, &list) < 0)
		return true;
	while (!der_at_end(&list))
		if (der_expect(&list, DER_SET, &set) < 0 || der_at_end(&set))
			return true;
	return false;
}

static X509_NAME *
read_name(const struct der *whole)
{
	const unsigned char *p = whole->data;
	X509_NAME *name;

	if (has_empty_part(*whole))
		return NULL;
	name = d2i_X509_NAME(NULL, &p, (long)whole->len);
	if (name != NULL && p == whole->data + whole->len)
		return name;
	X509_NAME_free(name);
	return NULL;
}

static int
read_attributes(struct csr *csr, struct der list)
{
	unsigned char tag;
	struct der in, whole;

	if ((csr->attributes = sk_X509_ATTRIBUTE_new_null()) == NULL)
		return -1;
	while (!der_at_end(&list)) {
		const unsigned char *p;
		X509_ATTRIBUTE *at;

		if (der_next(&list, &tag, &in, &whole) < 0)
			return -1;
		p = whole.data;
		at = d2i_X509_ATTRIBUTE(NULL, &p, (long)whole.len);
		if (at == NULL || p != whole.data + whole.len ||
		    sk_X509_ATTRIBUTE_push(csr->attributes, at) == 0) {
			X509_ATTRIBUTE_free(at);
			return -1;
		}
	}
	return 0;
}

/* The frame was walked before: what is not there now is malformed inside. */
int
csr_parts(struct csr *csr)
{
	struct der all = der_of(csr->der, csr->len), outer, info, in, name, attributes = { 0 },
		   bits;
	struct der algorithm;
	const unsigned char *p;
	struct subject subject;
	uint64_t version;

	if (der_expect(&all, DER_SEQUENCE, &outer) < 0 ||
	    der_expect(&outer, DER_SEQUENCE, &info) < 0 || der_uint(&info, &version) < 0 ||
	    der_expect_whole(&info, DER_SEQUENCE, &in, &name) < 0 ||
	    der_expect(&info, DER_SEQUENCE, &in) < 0 ||
	    der_optional(&info, DER_CONTEXT(0), &attributes) < 0 ||
	    der_expect_whole(&outer, DER_SEQUENCE, &in, &algorithm) < 0 ||
	    der_expect(&outer, DER_BIT_STRING, &bits) < 0 || !der_at_end(&outer) || bits.len < 1 ||
	    bits.data[0] > 7)
		return -1;
	p = algorithm.data;
	csr->algorithm = d2i_X509_ALGOR(NULL, &p, (long)algorithm.len);
	csr->sig = bits.data + 1;
	csr->sig_len = bits.data[0] == 0 ? bits.len - 1 : 0; /* unused bits: none verifies */
	if (!subject_of_der(csr->arena, name, &subject)) {
		if ((csr->name = read_name(&name)) == NULL)
			return -1;
	} else if (csr->subject.v == NULL) {
		csr->subject = subject;
	}
	return csr->algorithm == NULL || read_attributes(csr, attributes) < 0 ? -1 : 0;
}

static int
take_extensions(struct csr *csr, const ASN1_TYPE *value, struct err *e)
{
	const unsigned char *p;
	X509_EXTENSIONS *list;
	X509_EXTENSION *x;

	if (value->type != V_ASN1_SEQUENCE)
		return err_set(e, R_CSR_DER, "csr",
		    "the requested extensions are malformed (RFC 5280 section 4.2)");
	p = value->value.sequence->data;
	list = d2i_X509_EXTENSIONS(NULL, &p, value->value.sequence->length);
	if (list == NULL)
		return err_set(e, R_CSR_DER, "csr",
		    "the requested extensions are malformed (RFC 5280 section 4.2)");
	while ((x = sk_X509_EXTENSION_shift(list)) != NULL)
		if (sk_X509_EXTENSION_push(csr->extensions, x) == 0)
			X509_EXTENSION_free(x);
	sk_X509_EXTENSION_free(list);
	return 0;
}

/* All requests for extensions: a CSR may have several, in two dialects. */
static int
collect_extensions(struct csr *csr, struct err *e)
{
	int n = sk_X509_ATTRIBUTE_num(csr->attributes);

	csr->extensions = sk_X509_EXTENSION_new_null();
	if (csr->extensions == NULL)
		return err_nomem(e);
	if (n > ATTRIBUTES_MAX)
		return err_set(e, R_CSR_MANY, "csr", "more than %d attributes", ATTRIBUTES_MAX);
	for (int i = 0; i < n; i++) {
		X509_ATTRIBUTE *at = sk_X509_ATTRIBUTE_value(csr->attributes, i);

		if (!attribute_asks(at) || request_repeats(csr->attributes, i))
			continue;
		for (int j = 0; j < X509_ATTRIBUTE_count(at); j++)
			if (take_extensions(csr, X509_ATTRIBUTE_get0_type(at, j), e) < 0)
				return -1;
	}
	if (sk_X509_EXTENSION_num(csr->extensions) > ATTRIBUTES_MAX)
		return err_set(e, R_CSR_MANY, "csr", "more than %d extensions", ATTRIBUTES_MAX);
	return 0;
}

static void
free_names(GENERAL_NAMES **p)
{
	GENERAL_NAMES_free(*p);
}

/* Names of every subjectAltName that can be read; the rest is csr_check's. */
static int
collect_names(struct csr *csr, struct err *e)
{
	__attribute__((cleanup(free_names))) GENERAL_NAMES *all = GENERAL_NAMES_new();

	for (int i = 0; i < sk_X509_EXTENSION_num(csr->extensions); i++) {
		X509_EXTENSION *x = sk_X509_EXTENSION_value(csr->extensions, i);
		GENERAL_NAMES *some;
		GENERAL_NAME *g;

		if (OBJ_obj2nid(X509_EXTENSION_get_object(x)) != NID_subject_alt_name ||
		    (some = extension_read(x)) == NULL)
			continue;
		while ((g = sk_GENERAL_NAME_shift(some)) != NULL)
			if (sk_GENERAL_NAME_push(all, g) == 0)
				GENERAL_NAME_free(g);
		GENERAL_NAMES_free(some);
	}
	if (sk_GENERAL_NAME_num(all) > LIMIT_SANS)
		return err_set(e, R_CSR_MANY, "csr", "%d alternative names, at most %d are read",
		    sk_GENERAL_NAME_num(all), LIMIT_SANS);
	if (csr->name != NULL && X509_NAME_entry_count(csr->name) > ATTRIBUTES_MAX)
		return err_set(
		    e, R_CSR_MANY, "csr", "more than %d attributes in the subject", ATTRIBUTES_MAX);
	if (csr->name != NULL)
		subject_of(csr->arena, csr->name, &csr->subject, &csr->name_fault);
	sans_of(csr->arena, all, &csr->sans, &csr->name_fault);
	return 0;
}

int
csr_collect(struct csr *csr, struct err *e)
{
	return collect_extensions(csr, e) < 0 ? -1 : collect_names(csr, e);
}

/* ---- the proof of possession ---------------------------------------------------- */

/* Algorithms whose parameters are absent or NULL, which the strict reader of
 * libcrypto accepts alike; all others (PSS) go its long way. */
static const EVP_MD *
digest_for(const struct csr *csr, bool *simple)
{
	const ASN1_OBJECT *oid;
	int type, md = NID_undef, key = NID_undef;

	X509_ALGOR_get0(&oid, &type, NULL, csr->algorithm);
	*simple = OBJ_find_sigid_algs(OBJ_obj2nid(oid), &md, &key) == 1 && md != NID_undef &&
	    (type == V_ASN1_UNDEF || type == V_ASN1_NULL) &&
	    ((key == NID_rsaEncryption && EVP_PKEY_is_a(csr->key, "RSA")) ||
		(key == NID_X9_62_id_ecPublicKey && EVP_PKEY_is_a(csr->key, "EC")));
	return *simple ? EVP_get_digestbynid(md) : NULL;
}

static void
free_md_ctx(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

bool
csr_verify(const struct csr *csr)
{
	__attribute__((cleanup(free_md_ctx))) EVP_MD_CTX *c = EVP_MD_CTX_new();
	const EVP_MD *md;
	X509_REQ *req;
	bool simple;

	md = digest_for(csr, &simple);
	if (!simple) /* libcrypto may find the whole malformed where its parts are not */
		return (req = csr_x509_req(csr)) != NULL && X509_REQ_verify(req, csr->key) == 1;
	return c != NULL && md != NULL && csr->sig_len > 0 &&
	    EVP_DigestVerifyInit_ex(
		c, NULL, EVP_MD_get0_name(md), NULL, "provider=default", csr->key, NULL) == 1 &&
	    EVP_DigestVerify(c, csr->sig, csr->sig_len, csr->info, csr->info_len) == 1;
}

/* ---- lent to others --------------------------------------------------------------- */

static struct csr *
with_parts(const struct csr *csr)
{
	struct csr *self = (struct csr *)(uintptr_t)csr;

	if (self->algorithm == NULL) /* one that was composed here */
		(void)csr_parts(self);
	return self;
}

const X509_NAME *
csr_name(const struct csr *csr)
{
	return with_parts(csr)->name;
}

const STACK_OF(X509_ATTRIBUTE) * csr_attributes(const struct csr *csr)
{
	return with_parts(csr)->attributes;
}

const STACK_OF(X509_EXTENSION) * csr_extensions(const struct csr *csr)
{
	struct csr *self = with_parts(csr);
	struct err ignored = { 0 };

	if (self->extensions == NULL)
		collect_extensions(self, &ignored);
	return self->extensions;
}

X509_REQ *
csr_x509_req(const struct csr *csr)
{
	struct csr *self = (struct csr *)(uintptr_t)csr;
	const unsigned char *p = csr->der;

	if (self->req == NULL)
		self->req = d2i_X509_REQ(NULL, &p, (long)csr->len);
	return self->req;
}
