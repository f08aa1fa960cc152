/*
 * subject.c - subjects and alternative names out of OpenSSL's objects
 *
 * All bytes may come from a stranger: what is not clean text is shown with
 * \xNN for each such byte, and its fault is said.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "base/buf.h"
#include "base/text.h"
#include "x509/der_put.h"
#include "x509/name.h"
#include "x509/shown.h"

#define SHOWN_MAX    512 /* bytes of a value in hex that are shown */
#define ORDINARY_MAX 32	 /* attributes of a subject that is read by hand */

static void
free_openssl(unsigned char **p)
{
	OPENSSL_free(*p);
}
#define AUTO_OPENSSL __attribute__((cleanup(free_openssl)))

/* Clean UTF-8 of n bytes: the text itself; else escaped, with *fault. */
static const char *
clean_text(struct arena *a, const unsigned char *p, size_t n, const char **fault)
{
	struct err why = { 0 };
	const char *text;

	if (memchr(p, '\0', n) != NULL)
		*fault = "a NUL byte stands inside";
	else if (!utf8_valid((const char *)p, n))
		*fault = "the bytes are not valid in their encoding";
	else {
		text = arena_dup(a, p, n);
		if (text_check(&why, "", text) == 0)
			return text;
		*fault = arena_strdup(a, why.message);
	}
	return shown_bytes(a, p, n);
}

static const char *
string_text(struct arena *a, const ASN1_STRING *s, const char **fault)
{
	AUTO_OPENSSL unsigned char *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, s);

	if (n >= 0)
		return clean_text(a, utf8, (size_t)n, fault);
	*fault = "the bytes are not valid in their encoding";
	return shown_bytes(a, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

static const char *
ia5_text(struct arena *a, const ASN1_STRING *s, const char **fault)
{
	const unsigned char *p = ASN1_STRING_get0_data(s);
	size_t n = (size_t)ASN1_STRING_length(s);

	for (size_t i = 0; i < n; i++)
		if (p[i] >= 0x80) {
			*fault = "only ASCII is allowed here";
			return shown_bytes(a, p, n);
		}
	return clean_text(a, p, n, fault);
}

/* Attribute types that have names here; every other one is dotted (RFC 4519, X.520). */
static const int named[] = {
	NID_countryName,
	NID_stateOrProvinceName,
	NID_localityName,
	NID_organizationName,
	NID_organizationalUnitName,
	NID_commonName,
	NID_pkcs9_emailAddress,
	NID_serialNumber,
	NID_domainComponent,
	NID_userId,
	NID_surname,
	NID_givenName,
	NID_initials,
	NID_title,
	NID_streetAddress,
	NID_postalCode,
	NID_businessCategory,
	NID_organizationIdentifier,
	NID_jurisdictionLocalityName,
	NID_jurisdictionStateOrProvinceName,
	NID_jurisdictionCountryName,
	NID_pseudonym,
};

static const char *
attribute_name(struct arena *a, const ASN1_OBJECT *oid)
{
	int nid = OBJ_obj2nid(oid);

	for (size_t i = 0; i < nitems(named); i++)
		if (named[i] == nid)
			return OBJ_nid2sn(nid);
	return shown_oid(a, oid);
}

/* "subject.OU", the second one "subject.OU#2". */
static const char *
numbered_item(struct arena *a, const struct subject *s, const char *name)
{
	const char *item = arena_printf(a, "subject.%s", name);
	size_t n = strlen(item), seen = 0;

	for (size_t i = 0; i < s->n; i++)
		if (strncmp(s->v[i].item, item, n) == 0 &&
		    (s->v[i].item[n] == '\0' || s->v[i].item[n] == '#'))
			seen++;
	return seen == 0 ? item : arena_printf(a, "%s#%zu", item, seen + 1);
}

int
subject_of(struct arena *a, const X509_NAME *name, struct subject *out, struct err *e)
{
	int n = X509_NAME_entry_count(name);

	out->n = 0;
	out->together = false;
	out->v = arena_new_array(a, (size_t)n, struct rdn);
	for (int i = 0; i < n; i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		struct rdn *r = &out->v[out->n];
		const char *fault = NULL;

		r->item = numbered_item(
		    a, out, attribute_name(a, X509_NAME_ENTRY_get_object(entry)));
		r->value = string_text(a, X509_NAME_ENTRY_get_data(entry), &fault);
		r->fault = fault;
		out->n++;
		out->together |= i > 0 &&
		    X509_NAME_ENTRY_set(entry) ==
			X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i - 1));
		if (fault != NULL)
			err_set(e, R_NAME_MALFORMED, r->item, "%s of the subject: %s",
			    r->item + strlen("subject."), fault);
	}
	return err_is_set(e) ? -1 : 0;
}

/* NULL: it has none. */
static const char *
name_of_oid(const struct der *oid)
{
	for (size_t i = 0; i < nitems(named); i++) {
		const ASN1_OBJECT *o = OBJ_nid2obj(named[i]);

		if (der_equal(oid, OBJ_get0_data(o), OBJ_length(o)))
			return OBJ_nid2sn(named[i]);
	}
	return NULL;
}

/* AttributeTypeAndValue, when it is an ordinary one. */
static bool
take_attribute(struct arena *a, struct der *set, struct subject *out)
{
	struct rdn *r = &out->v[out->n];
	const char *name, *fault = NULL;
	struct der pair, oid, value;
	unsigned char tag;

	if (der_expect(set, DER_SEQUENCE, &pair) < 0 || der_expect(&pair, DER_OID, &oid) < 0 ||
	    der_next(&pair, &tag, &value, NULL) < 0 || !der_at_end(&pair) || value.len == 0 ||
	    (name = name_of_oid(&oid)) == NULL)
		return false;
	if (tag == DER_PRINTABLE || tag == DER_IA5) {
		for (size_t i = 0; i < value.len; i++)
			if (value.data[i] >= 0x80)
				return false;
	} else if (tag != DER_UTF8) {
		return false;
	}
	r->item = numbered_item(a, out, name);
	r->value = clean_text(a, value.data, value.len, &fault);
	out->n++;
	return fault == NULL;
}

bool
subject_of_der(struct arena *a, struct der name, struct subject *out)
{
	struct der list, set;

	memset(out, 0, sizeof(*out));
	if (der_expect(&name, DER_SEQUENCE, &list) < 0 || !der_at_end(&name))
		return false;
	out->v = arena_new_array(a, ORDINARY_MAX, struct rdn);
	while (!der_at_end(&list)) {
		size_t before = out->n;

		if (der_expect(&list, DER_SET, &set) < 0)
			return false;
		do
			if (out->n == ORDINARY_MAX || !take_attribute(a, &set, out))
				return false;
		while (!der_at_end(&set));
		out->together |= out->n > before + 1;
	}
	return true;
}

/* The bytes of an ASN.1 value as they stand, in hex. */
static const char *
any_hex(struct arena *a, const ASN1_TYPE *value)
{
	AUTO_OPENSSL unsigned char *der = NULL;
	int n = value == NULL ? 0 : i2d_ASN1_TYPE(value, &der);

	return n <= 0 ? "" : shown_hex(a, der, (size_t)n, SHOWN_MAX);
}

static void
san_dns(struct arena *a, const ASN1_STRING *s, struct san *out)
{
	struct err ignored = { 0 };
	const char *ascii;

	out->type = SAN_DNS;
	out->text = text_lower_ascii(a, ia5_text(a, s, &out->fault));
	if (out->fault == NULL && strstr(out->text, "xn--") != NULL)
		name_check_dns(&ignored, "", out->text, a, &ascii, &out->unicode);
	out->item = arena_printf(a, "san.dns:%s", out->text);
}

static void
san_ip(struct arena *a, const ASN1_STRING *s, struct san *out)
{
	const unsigned char *p = ASN1_STRING_get0_data(s);
	int n = ASN1_STRING_length(s);
	char text[INET6_ADDRSTRLEN];

	out->type = SAN_IP;
	if (n == 4 || n == 16) {
		inet_ntop(n == 4 ? AF_INET : AF_INET6, p, text, sizeof(text));
		out->text = arena_strdup(a, text);
	} else {
		out->fault = "an address has 4 or 16 bytes";
		out->text = shown_hex(a, p, (size_t)n, SHOWN_MAX);
	}
	out->item = arena_printf(a, "san.ip:%s", out->text);
}

static void
san_other_name(struct arena *a, const OTHERNAME *o, struct san *out)
{
	const ASN1_TYPE *v = o->value;

	if (v != NULL &&
	    (v->type == V_ASN1_UTF8STRING || v->type == V_ASN1_IA5STRING ||
		v->type == V_ASN1_PRINTABLESTRING))
		out->text = string_text(a, v->value.asn1_string, &out->fault);
	else
		out->text = any_hex(a, v);
	out->item = arena_printf(a, "san.%s:%s", shown_oid(a, o->type_id), out->text);
}

/* Everything else, by its own form. */
static void
san_rare(struct arena *a, const GENERAL_NAME *g, struct san *out)
{
	AUTO_OPENSSL unsigned char *der = NULL;
	int n;

	out->type = SAN_OTHER;
	switch (g->type) {
	case GEN_OTHERNAME:
		san_other_name(a, g->d.otherName, out);
		return;
	case GEN_DIRNAME:
		out->text = subject_text(a, g->d.directoryName);
		out->item = arena_printf(a, "san.dirName:%s", out->text);
		return;
	case GEN_RID:
		out->text = shown_oid(a, g->d.registeredID);
		out->item = arena_printf(a, "san.rid:%s", out->text);
		return;
	default:
		n = i2d_GENERAL_NAME((GENERAL_NAME *)(uintptr_t)g, &der);
		out->text = n <= 0 ? "" : shown_hex(a, der, (size_t)n, SHOWN_MAX);
		out->item = arena_printf(
		    a, "san.%s:%s", g->type == GEN_X400 ? "x400" : "ediParty", out->text);
	}
}

static void
san_of(struct arena *a, const GENERAL_NAME *g, struct san *out)
{
	switch (g->type) {
	case GEN_DNS:
		san_dns(a, g->d.dNSName, out);
		return;
	case GEN_IPADD:
		san_ip(a, g->d.iPAddress, out);
		return;
	case GEN_URI:
		out->type = SAN_URI;
		out->text = ia5_text(a, g->d.uniformResourceIdentifier, &out->fault);
		out->item = arena_printf(a, "san.uri:%s", out->text);
		return;
	case GEN_EMAIL:
		out->type = SAN_EMAIL;
		out->text = ia5_text(a, g->d.rfc822Name, &out->fault);
		out->item = arena_printf(a, "san.email:%s", out->text);
		return;
	default:
		san_rare(a, g, out);
	}
}

int
sans_of(struct arena *a, const GENERAL_NAMES *names, struct san_list *out, struct err *e)
{
	int n = sk_GENERAL_NAME_num(names);

	out->n = 0;
	out->v = arena_new_array(a, (size_t)(n < 0 ? 0 : n), struct san);
	for (int i = 0; i < n; i++) {
		struct san *s = &out->v[out->n++];

		san_of(a, sk_GENERAL_NAME_value(names, i), s);
		if (s->fault != NULL)
			err_set(e, R_NAME_MALFORMED, "names", "the alternative name %.80s: %s",
			    s->text, s->fault);
	}
	return err_is_set(e) ? -1 : 0;
}

char *
subject_line(struct arena *a, const struct subject *s)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = s->n; i-- > 0;) {
		const char *type = s->v[i].item + strlen("subject.");

		buf_put(&b, type, strcspn(type, "#"));
		buf_put_u8(&b, '=');
		buf_put_text(&b, s->v[i].value);
		buf_put_text(&b, i > 0 ? ", " : "");
	}
	return arena_strdup(a, buf_text(&b));
}

char *
subject_text(struct arena *a, const X509_NAME *name)
{
	struct err ignored = { 0 };
	struct subject s;

	subject_of(a, name, &s, &ignored);
	return subject_line(a, &s);
}
