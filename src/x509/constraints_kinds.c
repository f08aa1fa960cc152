/*
 * constraints_kinds.c - how names of each kind are compared with a constraint
 *
 * permits: surely inside. excludes: perhaps inside, however a verifier reads it.
 */
#include <ctype.h>
#include <strings.h>

#include "x509/constraints_kinds.h"

/* Letters, digits, hyphens, dots; "_" and "*" that some names have. */
bool
name_is_dns(const struct der *n)
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

static bool
is_ascii(const struct der *d)
{
	for (size_t i = 0; i < d->len; i++)
		if (d->data[i] == 0 || d->data[i] > 0x7f)
			return false;
	return true;
}

/* Are the texts surely different ones? Case, spaces and the type of string do not count;
 * of what is not ASCII nobody can say. */
static bool
differ(struct der a, struct der b)
{
	size_t i = 0, j = 0;

	if (!is_ascii(&a) || !is_ascii(&b))
		return false;
	for (;; i++, j++) {
		while (i < a.len && a.data[i] == ' ')
			i++;
		while (j < b.len && b.data[j] == ' ')
			j++;
		if (i == a.len || j == b.len)
			return i < a.len || j < b.len;
		if (tolower(a.data[i]) != tolower(b.data[j]))
			return true;
	}
}

/* The only attribute of an RDN. */
static bool
single(struct der *rdn, struct der *type, struct der *value)
{
	struct der attribute;
	unsigned char tag;

	return der_expect(rdn, DER_SEQUENCE, &attribute) == 0 && der_at_end(rdn) &&
	    der_expect(&attribute, DER_OID, type) == 0 &&
	    der_next(&attribute, &tag, value, NULL) == 0;
}

/* Some compare without regard to spelling: it is outside if one RDN surely is another. */
static bool
directory_excludes(struct der name, struct der base)
{
	struct der n, b, rdn, base_rdn, type, base_type, value, base_value;

	if (der_expect(&name, DER_SEQUENCE, &n) < 0 || der_expect(&base, DER_SEQUENCE, &b) < 0)
		return true;
	while (!der_at_end(&b)) {
		if (der_at_end(&n))
			return false; /* it is above */
		if (der_expect(&b, DER_SET, &base_rdn) < 0 || der_expect(&n, DER_SET, &rdn) < 0)
			return true;
		if (!single(&rdn, &type, &value) || !single(&base_rdn, &base_type, &base_value))
			continue;
		if (!der_equal(&type, base_type.data, base_type.len) || differ(value, base_value))
			return false;
	}
	return true;
}

/* ---- hosts of mailboxes and URIs ------------------------------------------------ */

static bool
same_host(struct der a, struct der b)
{
	return a.len == b.len &&
	    strncasecmp((const char *)a.data, (const char *)b.data, a.len) == 0;
}

/* ".example.com" is every host below, and not itself; else it is that host alone. */
static bool
host_permits(struct der host, struct der base)
{
	return starts_with(&base, ".")
	    ? host.len > base.len && same_host(from(host, host.len - base.len), base)
	    : same_host(host, base);
}

/* Some read each of them as the host and all below. */
static bool
host_excludes(struct der host, struct der base)
{
	if (starts_with(&base, "."))
		base = from(base, 1);
	if (host.data[host.len - 1] == '.')
		host.len--;
	return is_below(host, base);
}

/* A name of a host that everybody reads alike; an address is none. */
static bool
is_host(const struct der *h)
{
	bool letter = false;

	if (!name_is_dns(h) || memchr(h->data, '*', h->len) != NULL)
		return false;
	for (size_t i = 0; i < h->len; i++)
		letter = letter || isalpha(h->data[i]);
	return letter;
}

static bool
is_printable(const struct der *d)
{
	for (size_t i = 0; i < d->len; i++)
		if (d->data[i] <= ' ' || d->data[i] >= 0x7f || strchr("\\\"<>", d->data[i]) != NULL)
			return false;
	return true;
}

/* RFC 5321 4.1.2, unquoted: what is before and behind its only "@". */
static bool
mailbox(struct der name, struct der *local, struct der *host)
{
	const unsigned char *at = memchr(name.data, '@', name.len);

	if (at == NULL || at == name.data || !is_printable(&name))
		return false;
	*local = der_of(name.data, (size_t)(at - name.data));
	*host = from(name, local->len + 1);
	return is_host(host);
}

/* A base with an "@" is one mailbox, else it is of hosts. */
static bool
email_permits(struct der name, struct der base)
{
	struct der local, host, base_local, base_host;

	if (!mailbox(name, &local, &host))
		return false;
	if (memchr(base.data, '@', base.len) == NULL)
		return host_permits(host, base);
	return mailbox(base, &base_local, &base_host) && same_host(host, base_host) &&
	    der_equal(&local, base_local.data, base_local.len);
}

static bool
email_excludes(struct der name, struct der base)
{
	struct der local, host, base_local, base_host;

	if (!mailbox(name, &local, &host))
		return true;
	if (memchr(base.data, '@', base.len) == NULL)
		return host_excludes(host, base);
	return !mailbox(base, &base_local, &base_host) ||
	    (host_excludes(host, base_host) && same_host(local, base_local));
}

/* RFC 3986 3.2.2: the host of one that has an authority. */
static bool
uri_host(struct der uri, struct der *host)
{
	const unsigned char *p, *end = uri.data + uri.len;
	size_t n;

	if (!is_printable(&uri) || (p = memmem(uri.data, uri.len, "://", 3)) == NULL ||
	    p != memchr(uri.data, ':', uri.len))
		return false;
	for (n = 0, p += 3; p + n < end && strchr("/?#", p[n]) == NULL; n++)
		;
	*host = der_of(p, n);
	if ((p = memrchr(host->data, '@', host->len)) != NULL)
		*host = from(*host, (size_t)(p + 1 - host->data));
	if ((p = memchr(host->data, ':', host->len)) != NULL)
		host->len = (size_t)(p - host->data);
	return is_host(host);
}

static bool
uri_permits(struct der name, struct der base)
{
	struct der host;

	return uri_host(name, &host) && host_permits(host, base);
}

static bool
uri_excludes(struct der name, struct der base)
{
	struct der host;

	return !uri_host(name, &host) || host_excludes(host, base);
}

/* ---- what there is ----------------------------------------------------------------- */

/* Without a function there is no comparing: no such name is inside. */
static const struct name_kind kinds[] = {
	{ DER_CONTEXT(0), NULL, NULL }, /* otherName */
	{ NAME_EMAIL, email_permits, email_excludes }, { NAME_DNS, dns_permits, dns_excludes },
	{ DER_CONTEXT(3), NULL, NULL }, /* x400Address */
	{ NAME_DIRECTORY, directory_permits, directory_excludes },
	{ DER_CONTEXT(5), NULL, NULL }, /* ediPartyName */
	{ NAME_URI, uri_permits, uri_excludes }, { NAME_ADDRESS, address_matches, address_matches },
	{ DER_CONTEXT_PRIMITIVE(8), NULL, NULL }, /* registeredID */
};

const struct name_kind *
name_kind(unsigned char tag)
{
	for (size_t i = 0; i < nitems(kinds); i++)
		if (kinds[i].tag == tag)
			return &kinds[i];
	return NULL;
}
