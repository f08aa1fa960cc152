/*
 * constraints.c - names inside and outside of name constraints (RFC 5280 4.2.1.10)
 *
 * In doubt a name is not inside what is permitted, and inside what is
 * excluded: nothing is signed that a verifier could read otherwise.
 */
#include "x509/constraints.h"
#include "x509/constraints_kinds.h"

#define MALFORMED "its alternative names are malformed"

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
		if (tag == NAME_DIRECTORY && der_expect(&base, DER_SEQUENCE, &rdns) == 0)
			return rdns;
	return der_of("", 0);
}

static const char *
check(const struct name_limits *l, const struct name_kind *kind, struct der name)
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

static const char *
check_name(const struct name_limits *l, unsigned char tag, struct der name)
{
	const struct name_kind *kind = name_kind(tag);

	if (kind == NULL)
		return MALFORMED;
	if (tag == NAME_DNS && !name_is_dns(&name))
		return "a DNS name has a character that none has";
	if (tag == NAME_ADDRESS && name.len != 4 && name.len != 16)
		return "an IP address is neither of version 4 nor 6";
	return check(l, kind, name);
}

/* RFC 5280 4.2.1.10: an address in the subject counts as an e-mail name. */
static const char *
check_emails(const struct name_limits *l, struct der subject)
{
	static const unsigned char id[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 };
	struct der name, rdn, attribute, type, value;
	const char *why = NULL;
	unsigned char tag;

	if (der_expect(&subject, DER_SEQUENCE, &name) < 0)
		return MALFORMED;
	while (why == NULL && der_expect(&name, DER_SET, &rdn) == 0)
		while (why == NULL && !der_at_end(&rdn))
			if (der_expect(&rdn, DER_SEQUENCE, &attribute) < 0 ||
			    der_expect(&attribute, DER_OID, &type) < 0 ||
			    der_next(&attribute, &tag, &value, NULL) < 0)
				why = MALFORMED;
			else if (der_equal(&type, id, sizeof(id)))
				why = check(l, name_kind(NAME_EMAIL), value);
	return why != NULL || der_at_end(&name) ? why : MALFORMED;
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
		why = check(l, name_kind(NAME_DIRECTORY), *subject);
	if (why == NULL)
		why = check_emails(l, *subject);
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
		    name_kind(tag) == NULL ||
		    (tag == NAME_ADDRESS && base.len != 8 && base.len != 32))
			return false;
		if (tag == NAME_DNS && base.len > 0 &&
		    (!name_is_dns(&base) || memchr(base.data, '*', base.len) != NULL ||
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
