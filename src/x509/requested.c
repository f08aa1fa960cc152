/*
 * requested.c - requests for extensions: attributes of a CSR, in two dialects
 */
#include <openssl/x509v3.h>

#include "x509/der.h"
#include "x509/requested.h"

static int
nid_of(const STACK_OF(X509_ATTRIBUTE) * all, int i)
{
	return OBJ_obj2nid(X509_ATTRIBUTE_get0_object(sk_X509_ATTRIBUTE_value(all, i)));
}

bool
attribute_asks(const X509_ATTRIBUTE *at)
{
	int nid = OBJ_obj2nid(X509_ATTRIBUTE_get0_object((X509_ATTRIBUTE *)(uintptr_t)at));

	return nid == NID_ext_req || nid == NID_ms_ext_req;
}

/* The first attribute of PKCS #9 beside this one of Microsoft's, or NULL. */
static X509_ATTRIBUTE *
other_dialect(const STACK_OF(X509_ATTRIBUTE) * all, int i)
{
	if (nid_of(all, i) != NID_ms_ext_req)
		return NULL;
	for (int k = 0; k < sk_X509_ATTRIBUTE_num(all); k++)
		if (nid_of(all, k) == NID_ext_req)
			return sk_X509_ATTRIBUTE_value(all, k);
	return NULL;
}

bool
request_repeats(const STACK_OF(X509_ATTRIBUTE) * all, int i)
{
	X509_ATTRIBUTE *at = sk_X509_ATTRIBUTE_value(all, i), *other = other_dialect(all, i);

	return other != NULL && X509_ATTRIBUTE_count(at) == 1 && X509_ATTRIBUTE_count(other) == 1 &&
	    ASN1_TYPE_cmp(X509_ATTRIBUTE_get0_type(at, 0), X509_ATTRIBUTE_get0_type(other, 0)) == 0;
}

static bool
seen_before(const STACK_OF(X509_ATTRIBUTE) * all, int i)
{
	const ASN1_OBJECT *oid = X509_ATTRIBUTE_get0_object(sk_X509_ATTRIBUTE_value(all, i));

	while (i-- > 0)
		if (OBJ_cmp(oid, X509_ATTRIBUTE_get0_object(sk_X509_ATTRIBUTE_value(all, i))) == 0)
			return true;
	return false;
}

const char *
attribute_fault(const STACK_OF(X509_ATTRIBUTE) * all, int i)
{
	const X509_ATTRIBUTE *at = sk_X509_ATTRIBUTE_value(all, i);

	if (seen_before(all, i))
		return "this attribute stands there twice";
	if (X509_ATTRIBUTE_count(at) == 0)
		return "this attribute has no value";
	if (!attribute_asks(at))
		return NULL;
	if (X509_ATTRIBUTE_count(at) > 1)
		return "a request for extensions has one value (RFC 2985 section 5.4.2)";
	return other_dialect(all, i) != NULL && !request_repeats(all, i)
	    ? "extensions are requested twice, and not the same ones: "
	      "by this attribute and by that of PKCS #9"
	    : NULL;
}

void *
extension_read(const X509_EXTENSION *x)
{
	X509_EXTENSION *xx = (X509_EXTENSION *)(uintptr_t)x;
	const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(xx);

	return der_check(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)) < 0
	    ? NULL
	    : X509V3_EXT_d2i(xx);
}
