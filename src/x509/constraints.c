/*
 * constraints.c - names inside and outside of name constraints (RFC 5280 4.2.1.10)
 *
 * In doubt a name is not inside what is permitted, and inside what is
 * excluded: nothing is signed that a verifier could read otherwise.
 */
#include <strings.h>

#include "x509/constraints.h"

#define MALFORMED "its alternative names are malformed"

/* GeneralName */
#define EMAIL	  DER_CONTEXT_PRIMITIVE(1)
#define DNS	  DER_CONTEXT_PRIMITIVE(2)
#define DIRECTORY DER_CONTEXT(4)
#define ADDRESS	  DER_CONTEXT_PRIMITIVE(7)

/* Letters, digits, hyphens, dots; "_" and "*" that some names have. */
static bool
is_dns(const struct der *n)
{
	static const char chars[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*";

	for (size_t i = 0; i < n->len; i++)
		if (n->data[i] == 0 || strchr(chars, n->data[i]) == NULL)
			return false;
	return n->len > 0;
}

/* The domain itself or a name below it. */
static bool
is_below(struct der name, struct der domain)
{
	if (domain.len == 0)
		return true;
	if (name.len < domain.len ||
	    strncasecmp((const char *)name.data + name.len - domain.len, (const char *)domain.data,
		domain.len) != 0)
		return false;
	return name.len == domain.len || name.data[name.len - domain.len - 1] == '.';
}

static struct der
from(struct der d, size_t n)
{
	return der_of(d.data + n, d.len - n);
}

static bool
starts_with(const struct der *d, const char *text)
{
	return d->len >= strlen(text) && memcmp(d->data, text, strlen(text)) == 0;
}

/* ".example.com" is written by some for "below, but not itself". */
static bool
dns_permits(struct der name, struct der base)
{
	if (starts_with(&name, "*."))
		name = from(name, 2);
	if (memchr(name.data, '*', name.len) != NULL)
		return false;
	if (starts_with(&base, "."))
		return name.len >= base.len &&
		    strncasecmp((const char *)name.data + name.len - base.len,
			(const char *)base.data, base.len) == 0;
	return is_below(name, base);
}

/* A wildcard reaches into what is excluded below it. */
static bool
dns_excludes(struct der name, struct der base)
{
	if (starts_with(&base, "."))
		base = from(base, 1);
	if (name.data[name.len - 1] == '.')
		name.len--; /* the same name for a resolver */
	if (starts_with(&name, "*.")) {
		name = from(name, 2);
		if (is_below(base, name))
			return true;
	}
	return memchr(name.data, '*', name.len) != NULL || is_below(name, base);
}

/* Address and mask, one after the other. */
static bool
address_matches(struct der name, struct der base)
{
	if (base.len != 2 * name.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((name.data[i] & base.data[name.len + i]) !=
		    (base.data[i] & base.data[name.len + i]))
			return false;
	return true;
}

/* The same first RDNs, byte for byte: other spellings are not compared. */
static bool
directory_permits(struct der name, struct der base)
{
	struct der n, b;

	return der_expect(&name, DER_SEQUENCE, &n) == 0 && der_at_end(&name) &&
	    der_expect(&base, DER_SEQUENCE, &b) == 0 && der_at_end(&base) && n.len >= b.len &&
	    (b.len == 0 || memcmp(n.data, b.data, b.len) == 0);
}

/* Without a function there is no comparing: no such name is inside. */
static const struct kind {
	unsigned char tag;
	bool (*permits)(struct der name, struct der base);
	bool (*excludes)(struct der name, struct der base);
} kinds[] = {
	{ DER_CONTEXT(0), NULL, NULL }, /* otherName */
	{ EMAIL, NULL, NULL }, { DNS, dns_permits, dns_excludes },
	{ DER_CONTEXT(3), NULL, NULL },						/* x400Address */
	{ DIRECTORY, directory_permits, NULL }, { DER_CONTEXT(5), NULL, NULL }, /* ediPartyName */
	{ DER_CONTEXT_PRIMITIVE(6), NULL, NULL },				/* URI */
	{ ADDRESS, address_matches, address_matches },
	{ DER_CONTEXT_PRIMITIVE(8), NULL, NULL }, /* registeredID */
};

static const struct kind *
kind_of(unsigned char tag)
{
	for (size_t i = 0; i < nitems(kinds); i++)
		if (kinds[i].tag == tag)
			return &kinds[i];
	return NULL;
}

/* Checked when the issuer was read: each is a SEQUENCE of a base alone. */
static bool
next_subtree(struct der *list, unsigned char *tag, struct der *base)
{
	struct der subtree;

	return !der_at_end(list) && der_expect(list, DER_SEQUENCE, &subtree) == 0 &&
	    der_next(&subtree, tag, base, NULL) == 0;
}

struct der
name_limits_below(const struct name_limits *l)
{
	struct der list = l->permitted, base, rdns;
	unsigned char tag;

	while (next_subtree(&list, &tag, &base))
		if (tag == DIRECTORY && der_expect(&base, DER_SEQUENCE, &rdns) == 0)
			return rdns;
	return der_of("", 0);
}

static const char *
check(const struct name_limits *l, const struct kind *kind, struct der name)
{
	struct der list = l->permitted, base;
	bool any = false, inside = false;
	unsigned char tag;

	while (next_subtree(&list, &tag, &base)) {
		if (tag != kind->tag)
			continue;
		any = true;
		inside = inside || (kind->permits != NULL && kind->permits(name, base));
	}
	if (any && !inside)
		return "a name is outside the name constraints of the issuer";
	list = l->excluded;
	while (next_subtree(&list, &tag, &base))
		if (tag == kind->tag && (kind->excludes == NULL || kind->excludes(name, base)))
			return "a name is excluded by the name constraints of the issuer";
	return NULL;
}

/* RFC 5280 4.2.1.10: an address in the subject counts as an e-mail name. */
static bool
has_email(struct der subject)
{
	static const unsigned char id[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 };
	struct der name, rdn, attribute, type;

	if (der_expect(&subject, DER_SEQUENCE, &name) < 0)
		return true;
	while (der_expect(&name, DER_SET, &rdn) == 0)
		while (!der_at_end(&rdn))
			if (der_expect(&rdn, DER_SEQUENCE, &attribute) < 0 ||
			    der_expect(&attribute, DER_OID, &type) < 0 ||
			    der_equal(&type, id, sizeof(id)))
				return true;
	return !der_at_end(&name);
}

static const char *
check_name(const struct name_limits *l, unsigned char tag, struct der name)
{
	const struct kind *kind = kind_of(tag);

	if (kind == NULL)
		return MALFORMED;
	if (tag == DNS && !is_dns(&name))
		return "a DNS name has a character that none has";
	if (tag == ADDRESS && name.len != 4 && name.len != 16)
		return "an IP address is neither of version 4 nor 6";
	return check(l, kind, name);
}

const char *
name_limits_refuse_one(const struct name_limits *l, struct der general_name)
{
	struct der name;
	unsigned char tag;

	return der_next(&general_name, &tag, &name, NULL) < 0 ? MALFORMED
							      : check_name(l, tag, name);
}

const char *
name_limits_refuse(const struct name_limits *l, const struct der *subject, const struct der *names)
{
	struct der value, list, name;
	const char *why = NULL;
	unsigned char tag;

	if (subject->len > 2) /* an empty one has no name to compare */
		why = check(l, kind_of(DIRECTORY), *subject);
	if (why == NULL && has_email(*subject))
		why = check(l, kind_of(EMAIL), der_of("", 0));
	if (why != NULL || names == NULL)
		return why;
	value = *names;
	if (der_check(value.data, value.len) < 0 || der_expect(&value, DER_SEQUENCE, &list) < 0 ||
	    der_at_end(&list))
		return MALFORMED;
	while (why == NULL && !der_at_end(&list))
		why = der_next(&list, &tag, &name, NULL) < 0 ? MALFORMED : check_name(l, tag, name);
	return why;
}

/* GeneralSubtrees that are only compared by their base. */
static bool
are_subtrees(struct der list)
{
	struct der subtree, base;
	unsigned char tag;

	if (der_at_end(&list))
		return false;
	while (!der_at_end(&list)) {
		if (der_expect(&list, DER_SEQUENCE, &subtree) < 0 ||
		    der_next(&subtree, &tag, &base, NULL) < 0 || !der_at_end(&subtree) ||
		    kind_of(tag) == NULL || (tag == ADDRESS && base.len != 8 && base.len != 32))
			return false;
		if (tag == DNS && base.len > 0 &&
		    (!is_dns(&base) || memchr(base.data, '*', base.len) != NULL ||
			base.data[base.len - 1] == '.'))
			return false;
	}
	return true;
}

const char *
name_limits_read(struct name_limits *l, struct der value)
{
	struct der list;

	memset(l, 0, sizeof(*l));
	if (der_check(value.data, value.len) < 0 || der_expect(&value, DER_SEQUENCE, &list) < 0 ||
	    der_at_end(&list) || der_optional(&list, DER_CONTEXT(0), &l->permitted) < 0 ||
	    der_optional(&list, DER_CONTEXT(1), &l->excluded) < 0 || !der_at_end(&list) ||
	    (l->permitted.data != NULL && !are_subtrees(l->permitted)) ||
	    (l->excluded.data != NULL && !are_subtrees(l->excluded)))
		return "its name constraints are malformed, or have a minimum or maximum";
	return NULL;
}
