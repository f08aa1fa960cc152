/*
 * lint_baseline.c - rows of the lint from the Baseline Requirements
 */
#include <strings.h>

#include <arpa/inet.h>

#include "x509/dated.h"
#include "x509/lint_rows.h"

#define DNS	DER_CONTEXT_PRIMITIVE(2)
#define ADDRESS DER_CONTEXT_PRIMITIVE(7)

static bool
outlives(const struct lint_view *v, int64_t margin)
{
	const struct dated_rule *limit = dated_limit(v->in->rules, v->day);

	return limit != NULL && v->days > limit->days - margin;
}

bool
lint_life(const struct lint_view *v)
{
	return outlives(v, 0);
}

bool
lint_life_margin(const struct lint_view *v)
{
	return outlives(v, 1);
}

/* The last arcs of 2.5.4 that the subject has, besides those that are let pass. */
static bool
has_attribute_but(const struct lint_view *v, const char *pass, size_t n)
{
	struct der name = lint_name(&v->tbs.subject), rdn = { 0 }, id, value;
	unsigned char tag;

	while (lint_attribute(&name, &rdn, &id, &tag, &value) == 1) {
		bool passes = false;

		for (size_t i = 0; i < n; i++)
			passes |= lint_is_id(&id, (unsigned char)pass[i]);
		if (!passes)
			return true;
	}
	return false;
}

bool
lint_unit(const struct lint_view *v)
{
	struct der name = lint_name(&v->tbs.subject), rdn = { 0 }, id, value;
	unsigned char tag;

	while (lint_attribute(&name, &rdn, &id, &tag, &value) == 1)
		if (lint_is_id(&id, 11))
			return true;
	return false;
}

bool
lint_beyond_dv(const struct lint_view *v)
{
	return v->in->rules == VALIDATION_DV && has_attribute_but(v, "\x03\x06", 2);
}

/* The name as text; "": it is of another kind, or too long to be one. */
static void
text_of(unsigned char tag, const struct der *name, char out[LIMIT_DNS_NAME + 1])
{
	out[0] = '\0';
	if (tag == ADDRESS && (name->len == 4 || name->len == 16)) {
		inet_ntop(name->len == 4 ? AF_INET : AF_INET6, name->data, out, LIMIT_DNS_NAME + 1);
	} else if (tag == DNS && name->len <= LIMIT_DNS_NAME) {
		memcpy(out, name->data, name->len);
		out[name->len] = '\0';
	}
}

static bool
is_among_names(const struct lint_view *v, const struct der *cn)
{
	struct der names = lint_names(v), one;
	char text[LIMIT_DNS_NAME + 1];
	unsigned char tag;

	while (der_next(&names, &tag, &one, NULL) == 0) {
		text_of(tag, &one, text);
		if (strlen(text) == cn->len &&
		    strncasecmp(text, (const char *)cn->data, cn->len) == 0)
			return true;
	}
	return false;
}

bool
lint_cn_apart(const struct lint_view *v)
{
	struct der name = lint_name(&v->tbs.subject), rdn = { 0 }, id, value;
	unsigned char tag;

	while (lint_attribute(&name, &rdn, &id, &tag, &value) == 1)
		if (lint_is_id(&id, 3) && !is_among_names(v, &value))
			return true;
	return false;
}

bool
lint_other_names(const struct lint_view *v)
{
	struct der names = lint_names(v), one;
	unsigned char tag;

	if (der_at_end(&names))
		return true;
	while (der_next(&names, &tag, &one, NULL) == 0)
		if (tag != DNS && tag != ADDRESS)
			return true;
	return false;
}

bool
lint_internal(const struct lint_view *v)
{
	struct der names = lint_names(v), one;
	char text[LIMIT_DNS_NAME + 1];
	unsigned char tag;

	while (der_next(&names, &tag, &one, NULL) == 0) {
		text_of(tag, &one, text);
		if (tag == DNS ? name_is_internal(text)
			       : text[0] != '\0' && address_is_reserved(text))
			return true;
	}
	return false;
}

bool
lint_no_server(const struct lint_view *v)
{
	return (v->purposes & FOR_SERVERS) == 0;
}

bool
lint_other_purposes(const struct lint_view *v)
{
	return (v->purposes & ~(unsigned)(FOR_SERVERS | FOR_CLIENTS)) != 0;
}

bool
lint_clients(const struct lint_view *v)
{
	return (v->purposes & FOR_CLIENTS) != 0;
}

/* An address of OCSP stands where that of the issuer does. */
bool
lint_no_revocation(const struct lint_view *v)
{
	int64_t most = strcmp(v->day, "2026-03-15") < 0 ? 10 : 7;

	return !v->there[EXT_CRL_ADDRESS] && !v->there[EXT_ACCESS] && v->days > most;
}

bool
lint_no_access(const struct lint_view *v)
{
	return !v->there[EXT_ACCESS];
}

bool
lint_other_key(const struct lint_view *v)
{
	return v->key != LINT_KEY_RSA && v->key != LINT_KEY_EC;
}
