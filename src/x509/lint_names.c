/*
 * lint_names.c - rows of the lint about subject and alternative names
 */
#include <ctype.h>

#include "base/text.h"
#include "x509/der_put.h"
#include "x509/lint_rows.h"

#define EMAIL	DER_CONTEXT_PRIMITIVE(1)
#define DNS	DER_CONTEXT_PRIMITIVE(2)
#define URI	DER_CONTEXT_PRIMITIVE(6)
#define ADDRESS DER_CONTEXT_PRIMITIVE(7)

/* Does `bad` hold of an attribute of the subject? Malformed: also. */
static bool
any_attribute(const struct lint_view *v,
    bool (*bad)(const struct der *id, unsigned char tag, const struct der *value))
{
	struct der name = lint_name(&v->tbs.subject), rdn = { 0 }, id, value;
	unsigned char tag;
	int r;

	while ((r = lint_attribute(&name, &rdn, &id, &tag, &value)) == 1)
		if (bad(&id, tag, &value))
			return true;
	return r < 0;
}

static bool
is_unclean(const struct der *id, unsigned char tag, const struct der *value)
{
	const char *s = (const char *)value->data, *end = s + value->len;
	uint32_t c;
	char text[1024];

	if (value->len == 0 || lint_characters(tag, value) < 0 || value->len >= sizeof(text))
		return true;
	if (memchr(s, 0, value->len) != NULL)
		return true;
	while (s < end && *s >= 0x20 && *s < 0x7f)
		s++;
	if (s == end)
		return false;
	if (tag != DER_UTF8)
		return true;
	memcpy(text, value->data, value->len);
	text[value->len] = '\0';
	for (s = text; (c = utf8_next(&s)) != 0;)
		if (text_is_control(c) || text_is_bidi_control(c))
			return true;
	return false;
}

bool
lint_subject_malformed(const struct lint_view *v)
{
	return any_attribute(v, is_unclean);
}

static bool
is_no_country(const struct der *id, unsigned char tag, const struct der *value)
{
	return lint_is_id(id, 6) &&
	    (tag != DER_PRINTABLE || value->len != 2 || !isupper(value->data[0]) ||
		!isupper(value->data[1]));
}

bool
lint_country(const struct lint_view *v)
{
	return any_attribute(v, is_no_country);
}

static bool
is_long(const struct der *id, unsigned char tag, const struct der *value)
{
	static const struct {
		unsigned char id;
		int64_t max;
	} bounds[] = { { 3, 64 }, { 5, 64 }, { 7, 128 }, { 8, 128 }, { 10, 64 }, { 11, 64 },
		{ 12, 64 } };

	for (size_t i = 0; i < nitems(bounds); i++)
		if (lint_is_id(id, bounds[i].id))
			return lint_characters(tag, value) > bounds[i].max;
	return false;
}

bool
lint_subject_long(const struct lint_view *v)
{
	return any_attribute(v, is_long);
}

static bool
has_subject(const struct lint_view *v)
{
	return lint_name(&v->tbs.subject).len > 0;
}

bool
lint_nameless(const struct lint_view *v)
{
	return !has_subject(v) && !v->there[EXT_ALT_NAMES];
}

bool
lint_names_empty(const struct lint_view *v)
{
	return v->there[EXT_ALT_NAMES] && lint_names(v).len == 0;
}

bool
lint_names_not_critical(const struct lint_view *v)
{
	return !has_subject(v) && v->there[EXT_ALT_NAMES] && !v->critical[EXT_ALT_NAMES];
}

bool
lint_names_critical(const struct lint_view *v)
{
	return has_subject(v) && v->critical[EXT_ALT_NAMES];
}

/* Does `bad` hold of a name of the certificate? Malformed: also. */
static bool
any_name(const struct lint_view *v, bool (*bad)(unsigned char tag, const struct der *))
{
	struct der names = lint_names(v), one;
	unsigned char tag;

	while (!der_at_end(&names))
		if (der_next(&names, &tag, &one, NULL) < 0 || bad(tag, &one))
			return true;
	return false;
}

static bool
is_no_label(const unsigned char *p, size_t n)
{
	if (n == 0 || n > LIMIT_DNS_LABEL || p[0] == '-' || p[n - 1] == '-')
		return true;
	for (size_t i = 0; i < n; i++)
		if (!isalnum(p[i]) && p[i] != '-')
			return true;
	return false;
}

static bool
is_no_dns(unsigned char tag, const struct der *name)
{
	const unsigned char *p = name->data, *end = p + name->len, *dot;

	if (tag != DNS)
		return false;
	if (name->len == 0 || name->len > LIMIT_DNS_NAME)
		return true;
	if (name->len > 2 && memcmp(p, "*.", 2) == 0)
		p += 2;
	for (; (dot = memchr(p, '.', (size_t)(end - p))) != NULL; p = dot + 1)
		if (is_no_label(p, (size_t)(dot - p)))
			return true;
	return is_no_label(p, (size_t)(end - p));
}

bool
lint_dns(const struct lint_view *v)
{
	return any_name(v, is_no_dns);
}

static bool
is_no_address(unsigned char tag, const struct der *name)
{
	return tag == ADDRESS && name->len != 4 && name->len != 16;
}

bool
lint_ip(const struct lint_view *v)
{
	return any_name(v, is_no_address);
}

static bool
is_no_text(unsigned char tag, const struct der *name)
{
	if (tag != URI && tag != EMAIL)
		return false;
	for (size_t i = 0; i < name->len; i++)
		if (name->data[i] <= 0x20 || name->data[i] >= 0x7f)
			return true;
	return name->len == 0 || memchr(name->data, tag == URI ? ':' : '@', name->len) == NULL;
}

bool
lint_text(const struct lint_view *v)
{
	return any_name(v, is_no_text);
}
