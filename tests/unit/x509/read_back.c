/*
 * read_back.c - what a certificate says, read by OpenSSL, under the names of items
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "base/base.h"
#include "read_back.h"

static void
tell(struct told *t, const char *item, const char *value)
{
	if (t->n == nitems(t->v))
		abort();
	t->v[t->n].item = item;
	t->v[t->n++].value = value;
}

static const char *
dotted(struct arena *a, const ASN1_OBJECT *oid)
{
	char text[100];

	OBJ_obj2txt(text, sizeof(text), oid, 1);
	return arena_strdup(a, text);
}

static const char *
text_of(struct arena *a, const ASN1_STRING *s)
{
	return arena_dup(a, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

static bool
has_own_name(int nid)
{
	static const int nids[] = { NID_countryName, NID_stateOrProvinceName, NID_localityName,
		NID_organizationName, NID_organizationalUnitName, NID_commonName,
		NID_pkcs9_emailAddress, NID_serialNumber, NID_domainComponent, NID_userId,
		NID_surname, NID_givenName, NID_initials, NID_title, NID_streetAddress,
		NID_postalCode, NID_businessCategory, NID_organizationIdentifier,
		NID_jurisdictionLocalityName, NID_jurisdictionStateOrProvinceName,
		NID_jurisdictionCountryName, NID_pseudonym };

	for (size_t i = 0; i < nitems(nids); i++)
		if (nids[i] == nid)
			return true;
	return false;
}

static void
tell_subject(struct arena *a, X509 *x, struct told *t)
{
	const X509_NAME *name = X509_get_subject_name(x);

	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		const ASN1_OBJECT *oid = X509_NAME_ENTRY_get_object(entry);
		int nid = OBJ_obj2nid(oid), nth = 1;
		const char *type = has_own_name(nid) ? OBJ_nid2sn(nid) : dotted(a, oid);
		unsigned char *utf8 = NULL;

		for (int k = 0; k < i; k++)
			nth += OBJ_cmp(oid,
				   X509_NAME_ENTRY_get_object(X509_NAME_get_entry(name, k))) == 0;
		ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
		tell(t,
		    nth == 1 ? arena_printf(a, "subject.%s", type)
			     : arena_printf(a, "subject.%s#%d", type, nth),
		    utf8 == NULL ? "?" : arena_strdup(a, (char *)utf8));
		OPENSSL_free(utf8);
	}
}

static void
tell_name(struct arena *a, const GENERAL_NAME *g, struct told *t)
{
	char ip[INET6_ADDRSTRLEN];
	const char *kind, *text;

	switch (g->type) {
	case GEN_DNS:
		kind = "dns";
		text = text_of(a, g->d.dNSName);
		break;
	case GEN_EMAIL:
		kind = "email";
		text = text_of(a, g->d.rfc822Name);
		break;
	case GEN_URI:
		kind = "uri";
		text = text_of(a, g->d.uniformResourceIdentifier);
		break;
	case GEN_IPADD:
		kind = "ip";
		inet_ntop(ASN1_STRING_length(g->d.iPAddress) == 4 ? AF_INET : AF_INET6,
		    ASN1_STRING_get0_data(g->d.iPAddress), ip, sizeof(ip));
		text = arena_strdup(a, ip);
		break;
	default: /* no authority of ours makes others */
		kind = "other";
		text = "";
	}
	tell(t, arena_printf(a, "san.%s:%s", kind, text), text);
}

static void
tell_names(struct arena *a, X509_EXTENSION *x, struct told *t)
{
	GENERAL_NAMES *names = X509V3_EXT_d2i(x);

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		tell_name(a, sk_GENERAL_NAME_value(names, i), t);
	GENERAL_NAMES_free(names);
}

static void
tell_usage(X509_EXTENSION *x, struct told *t)
{
	static const char *const bits[] = { "ku.digitalSignature", "ku.nonRepudiation",
		"ku.keyEncipherment", "ku.dataEncipherment", "ku.keyAgreement", "ku.keyCertSign",
		"ku.cRLSign", "ku.encipherOnly", "ku.decipherOnly" };
	ASN1_BIT_STRING *usage = X509V3_EXT_d2i(x);

	for (int i = 0; i < (int)nitems(bits); i++)
		if (ASN1_BIT_STRING_get_bit(usage, i))
			tell(t, bits[i], "TRUE");
	ASN1_BIT_STRING_free(usage);
}

static void
tell_purposes(struct arena *a, X509_EXTENSION *x, struct told *t)
{
	EXTENDED_KEY_USAGE *eku = X509V3_EXT_d2i(x);

	for (int i = 0; i < sk_ASN1_OBJECT_num(eku); i++) {
		const ASN1_OBJECT *oid = sk_ASN1_OBJECT_value(eku, i);
		int nid = OBJ_obj2nid(oid);
		bool known = nid == NID_server_auth || nid == NID_client_auth ||
		    nid == NID_code_sign || nid == NID_email_protect || nid == NID_time_stamp ||
		    nid == NID_OCSP_sign || nid == NID_anyExtendedKeyUsage;

		tell(
		    t, arena_printf(a, "eku.%s", known ? OBJ_nid2sn(nid) : dotted(a, oid)), "TRUE");
	}
	sk_ASN1_OBJECT_pop_free(eku, ASN1_OBJECT_free);
}

static void
tell_basics(struct arena *a, X509_EXTENSION *x, struct told *t)
{
	BASIC_CONSTRAINTS *bc = X509V3_EXT_d2i(x);

	tell(t, "basicConstraints.ca", bc->ca ? "TRUE" : "FALSE");
	if (bc->pathlen != NULL)
		tell(t, "basicConstraints.pathlen",
		    arena_printf(a, "%ld", ASN1_INTEGER_get(bc->pathlen)));
	BASIC_CONSTRAINTS_free(bc);
}

static void
tell_extensions(struct arena *a, X509 *x, struct told *t)
{
	for (int i = 0; i < X509_get_ext_count(x); i++) {
		X509_EXTENSION *e = X509_get_ext(x, i);
		const ASN1_OBJECT *oid = X509_EXTENSION_get_object(e);

		switch (OBJ_obj2nid(oid)) {
		case NID_subject_alt_name:
			tell_names(a, e, t);
			break;
		case NID_key_usage:
			tell_usage(e, t);
			break;
		case NID_ext_key_usage:
			tell_purposes(a, e, t);
			break;
		case NID_basic_constraints:
			tell_basics(a, e, t);
			break;
		default:
			tell(t, arena_printf(a, "ext.%s", dotted(a, oid)), NULL);
		}
	}
}

void
read_back(struct arena *a, X509 *x, struct told *t)
{
	int days = 0, seconds = 0;

	tell_subject(a, x, t);
	tell_extensions(a, x, t);
	tell(t, "key", NULL);
	tell(t, "key.size", arena_printf(a, "%d", EVP_PKEY_get_bits(X509_get0_pubkey(x))));
	tell(t, "validity.notBefore", NULL);
	ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(x), X509_get0_notAfter(x));
	/* its last second counts */
	tell(t, "validity.days", arena_printf(a, "%d", days + (seconds == 86399)));
}
