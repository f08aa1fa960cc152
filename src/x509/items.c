/*
 * items.c - the single things that a request asks or a certificate says
 */
#include <stdio.h>
#include <time.h>

#include <openssl/x509v3.h>

#include "base/text.h"
#include "x509/cert.h"
#include "x509/items.h"
#include "x509/requested.h"
#include "x509/shown.h"

#define SHOWN_MAX 64 /* bytes of a foreign extension that are shown */

const char *const key_usage_items[KEY_USAGES] = {
	"ku.digitalSignature",
	"ku.nonRepudiation",
	"ku.keyEncipherment",
	"ku.dataEncipherment",
	"ku.keyAgreement",
	"ku.keyCertSign",
	"ku.cRLSign",
	"ku.encipherOnly",
	"ku.decipherOnly",
};

bool
item_is(const struct item *it, const char *name)
{
	size_t n = strlen(name);

	return strncmp(it->name, name, n) == 0 && (it->name[n] == '\0' || it->name[n] == '#');
}

struct item *
items_find(const struct items *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].name, name) == 0)
			return &list->v[i];
	return NULL;
}

static struct item *
put(struct items *list, const char *name, const char *value)
{
	struct item *it = items_find(list, name);

	if (it != NULL) {
		it->times++;
		return it;
	}
	if (list->n == list->cap) {
		size_t cap = list->cap == 0 ? 32 : list->cap * 2;
		struct item *v = arena_new_array(list->arena, cap, struct item);

		if (list->n > 0)
			memcpy(v, list->v, list->n * sizeof(*v));
		list->v = v;
		list->cap = cap;
	}
	it = &list->v[list->n++];
	it->name = name;
	it->value = value;
	it->times = 1;
	return it;
}

const char *
algorithm_text(struct arena *a, const X509_ALGOR *alg)
{
	const ASN1_OBJECT *oid;

	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	return OBJ_obj2nid(oid) != NID_undef ? OBJ_nid2ln(OBJ_obj2nid(oid)) : shown_oid(a, oid);
}

static void
put_subject(struct items *list, const struct subject *s)
{
	for (size_t i = 0; i < s->n; i++)
		put(list, s->v[i].item, s->v[i].value)->fault = s->v[i].fault;
}

static void
put_sans(struct items *list, const struct san_list *sans)
{
	for (size_t i = 0; i < sans->n; i++) {
		struct item *it = put(list, sans->v[i].item, sans->v[i].text);

		if (it->fault == NULL) /* of two that look alike the better is not enough */
			it->fault = sans->v[i].fault;
		it->san = &sans->v[i];
	}
}

/* A key: what it is, and which. */
static const char *
key_text(struct arena *a, const EVP_PKEY *key, const char *spki_sha256)
{
	return arena_printf(
	    a, "%s sha256:%s", key == NULL ? "unknown" : key_label(a, key), spki_sha256);
}

static const char *
key_size_text(struct arena *a, const EVP_PKEY *key)
{
	return key == NULL ? "0" : arena_printf(a, "%d", EVP_PKEY_get_bits(key));
}

static struct item *
put_malformed(struct items *list, const X509_EXTENSION *x, const char *fault)
{
	X509_EXTENSION *xx = (X509_EXTENSION *)(uintptr_t)x;
	const ASN1_OCTET_STRING *raw = X509_EXTENSION_get_data(xx);
	const char *oid = shown_oid(list->arena, X509_EXTENSION_get_object(xx));
	struct item *it = put(list, arena_printf(list->arena, "ext.%s", oid),
	    shown_hex(list->arena, ASN1_STRING_get0_data(raw), (size_t)ASN1_STRING_length(raw),
		SHOWN_MAX));

	if (it->fault == NULL)
		it->fault = fault;
	return it;
}

static void
put_key_usage(struct items *list, X509_EXTENSION *x)
{
	ASN1_BIT_STRING *ku = extension_read(x);
	size_t set = 0;
	bool unknown = false;

	for (int i = 0; ku != NULL && i < KEY_USAGES; i++)
		if (ASN1_BIT_STRING_get_bit(ku, i)) {
			put(list, key_usage_items[i], "TRUE");
			set++;
		}
	for (int i = KEY_USAGES; ku != NULL && i < ASN1_STRING_length(ku) * 8; i++)
		unknown |= ASN1_BIT_STRING_get_bit(ku, i) != 0;
	ASN1_BIT_STRING_free(ku);
	if (set == 0 || unknown) /* RFC 5280 4.2.1.3: at least one bit */
		put_malformed(list, x,
		    unknown ? "the key usage has a bit that stands for nothing"
			    : "the key usage is malformed or has no bit");
}

static void
put_extended_key_usage(struct items *list, X509_EXTENSION *x)
{
	static const int known[] = {
		NID_server_auth,
		NID_client_auth,
		NID_code_sign,
		NID_email_protect,
		NID_time_stamp,
		NID_OCSP_sign,
		NID_anyExtendedKeyUsage,
	};
	EXTENDED_KEY_USAGE *eku = extension_read(x);
	int n = sk_ASN1_OBJECT_num(eku);

	if (n <= 0 || n > 100)
		put_malformed(list, x, "the extended key usage is malformed, empty or too long");
	for (int i = 0; i < n && n <= 100; i++) {
		const ASN1_OBJECT *oid = sk_ASN1_OBJECT_value(eku, i);
		const char *name = shown_oid(list->arena, oid);

		for (size_t k = 0; k < nitems(known); k++)
			if (OBJ_obj2nid(oid) == known[k])
				name = OBJ_nid2sn(known[k]);
		put(list, arena_printf(list->arena, "eku.%s", name), "TRUE");
	}
	sk_ASN1_OBJECT_pop_free(eku, ASN1_OBJECT_free);
}

static void
put_basic_constraints(struct items *list, X509_EXTENSION *x)
{
	BASIC_CONSTRAINTS *bc = extension_read(x);
	struct item *it;
	int64_t path;
	bool known;

	if (bc == NULL) {
		put_malformed(list, x, "the basic constraints are malformed");
		return;
	}
	put(list, "basicConstraints.ca", bc->ca ? "TRUE" : "FALSE");
	if (bc->pathlen != NULL) {
		known = ASN1_INTEGER_get_int64(&path, bc->pathlen) == 1;
		it = put(list, "basicConstraints.pathlen",
		    known ? arena_printf(list->arena, "%lld", (long long)path) : "beyond all");
		if (!bc->ca)
			it->fault = "a path length is for a CA only (RFC 5280 4.2.1.9)";
		else if (!known || path < 0)
			it->fault = "this is no path length (RFC 5280 4.2.1.9)";
	}
	BASIC_CONSTRAINTS_free(bc);
}

/* Has an earlier extension of the list the same OID? */
static bool
seen_before(const STACK_OF(X509_EXTENSION) * all, int i)
{
	const ASN1_OBJECT *oid = X509_EXTENSION_get_object(sk_X509_EXTENSION_value(all, i));

	while (i-- > 0)
		if (OBJ_cmp(oid, X509_EXTENSION_get_object(sk_X509_EXTENSION_value(all, i))) == 0)
			return true;
	return false;
}

static void
put_extension(struct items *list, X509_EXTENSION *x)
{
	GENERAL_NAMES *names;

	switch (OBJ_obj2nid(X509_EXTENSION_get_object(x))) {
	case NID_subject_alt_name: /* the names are listed; here only what is wrong */
		names = extension_read(x);
		if (sk_GENERAL_NAME_num(names) <= 0)
			put_malformed(list, x, "the alternative names are malformed or empty");
		GENERAL_NAMES_free(names);
		return;
	case NID_key_usage:
		put_key_usage(list, x);
		return;
	case NID_ext_key_usage:
		put_extended_key_usage(list, x);
		return;
	case NID_basic_constraints:
		put_basic_constraints(list, x);
		return;
	default:
		put_malformed(list, x, NULL);
	}
}

static void
put_extensions(struct items *list, const STACK_OF(X509_EXTENSION) * all)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(all); i++) {
		X509_EXTENSION *x = sk_X509_EXTENSION_value(all, i);

		if (seen_before(all, i)) /* RFC 5280 4.2 */
			put_malformed(list, x, "this extension stands there twice");
		else
			put_extension(list, x);
	}
}

/* Of a request for extensions only its fault: the extensions are listed. */
static void
put_attributes(struct items *list, const STACK_OF(X509_ATTRIBUTE) * all)
{
	for (int i = 0; i < sk_X509_ATTRIBUTE_num(all); i++) {
		X509_ATTRIBUTE *at = sk_X509_ATTRIBUTE_value(all, i);
		const char *fault = attribute_fault(all, i),
			   *oid = shown_oid(list->arena, X509_ATTRIBUTE_get0_object(at));
		struct item *it;

		if (attribute_asks(at) && fault == NULL)
			continue;
		it = put(list, arena_printf(list->arena, "attr.%s", oid), "present");
		if (it->fault == NULL)
			it->fault = fault;
	}
}

void
items_of_request(struct arena *a, const struct csr *csr, struct items *list)
{
	unsigned char hash[SPKI_SHA256_SIZE];

	memset(list, 0, sizeof(*list));
	list->arena = a;
	csr_spki_sha256(csr, hash);
	put_subject(list, csr_subject(csr));
	put_sans(list, csr_sans(csr));
	put(list, "key", key_text(a, csr_public_key(csr), hex_of(a, hash, sizeof(hash))));
	put(list, "key.size", key_size_text(a, csr_public_key(csr)));
	put(list, "signature", csr_signature_name(csr));
	put_extensions(list, csr_extensions(csr));
	put_attributes(list, csr_attributes(csr));
}

int64_t
asn1_seconds(const ASN1_TIME *t)
{
	struct tm tm;

	return t != NULL && ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : INT64_MIN;
}

int64_t
life_days(int64_t not_before, int64_t not_after)
{
	return not_after < not_before ? 0 : (not_after - not_before + 1) / 86400;
}

struct san_list *
sans_of_extensions(struct arena *a, const STACK_OF(X509_EXTENSION) * all)
{
	int at = X509v3_get_ext_by_NID(all, NID_subject_alt_name, -1);
	bool one = at >= 0 && X509v3_get_ext_by_NID(all, NID_subject_alt_name, at) < 0;
	GENERAL_NAMES *names = one ? extension_read(X509v3_get_ext(all, at)) : NULL;
	struct san_list *sans = arena_alloc(a, sizeof(*sans));
	struct err ignored = { 0 };

	sans_of(a, names, sans, &ignored);
	GENERAL_NAMES_free(names);
	return sans;
}

void
items_of_parts(struct arena *a, const struct cert_parts *p, struct items *list)
{
	char time[TIME_SIZE];

	memset(list, 0, sizeof(*list));
	list->arena = a;
	put_subject(list, p->subject);
	put_sans(list, p->sans);
	put(list, "key", p->key);
	put(list, "key.size", p->key_size);
	put(list, "signature", p->signature);
	put_extensions(list, p->extensions);
	time_format(time, p->not_before);
	put(list, "validity.notBefore", arena_strdup(a, time));
	put(list, "validity.days",
	    arena_printf(a, "%lld", (long long)life_days(p->not_before, p->not_after)));
}

void
items_of_certificate(struct arena *a, X509 *cert, struct items *list)
{
	unsigned char hash[SPKI_SHA256_SIZE] = { 0 };
	const EVP_PKEY *key = X509_get0_pubkey(cert);
	const STACK_OF(X509_EXTENSION) *extensions = X509_get0_extensions(cert);
	struct subject subject;
	struct san_list *sans = sans_of_extensions(a, extensions);
	struct err ignored = { 0 };
	struct cert_parts p = { .subject = &subject,
		.sans = sans,
		.extensions = extensions,
		.signature = algorithm_text(a, X509_get0_tbs_sigalg(cert)),
		.not_before = asn1_seconds(X509_get0_notBefore(cert)),
		.not_after = asn1_seconds(X509_get0_notAfter(cert)) };

	subject_of(a, X509_get_subject_name(cert), &subject, &ignored);
	cert_spki_sha256(cert, hash);
	p.key = key_text(a, key, hex_of(a, hash, sizeof(hash)));
	p.key_size = key_size_text(a, key);
	items_of_parts(a, &p, list);
}
