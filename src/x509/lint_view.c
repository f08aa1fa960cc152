/*
 * lint_view.c - a TBSCertificate as the rows of the lint look at it
 */
#include "base/text.h"
#include "x509/lint_view.h"

static const struct {
	enum lint_extension kind;
	unsigned char id[9];
	size_t len;
} known[] = {
	{ EXT_SUBJECT_KEY_ID, { 0x55, 0x1d, 14 }, 3 },
	{ EXT_KEY_USAGE, { 0x55, 0x1d, 15 }, 3 },
	{ EXT_ALT_NAMES, { 0x55, 0x1d, 17 }, 3 },
	{ EXT_BASIC_CONSTRAINTS, { 0x55, 0x1d, 19 }, 3 },
	{ EXT_NAME_CONSTRAINTS, { 0x55, 0x1d, 30 }, 3 },
	{ EXT_CRL_ADDRESS, { 0x55, 0x1d, 31 }, 3 },
	{ EXT_POLICIES, { 0x55, 0x1d, 32 }, 3 },
	{ EXT_AUTHORITY_KEY_ID, { 0x55, 0x1d, 35 }, 3 },
	{ EXT_EXTENDED_USAGE, { 0x55, 0x1d, 37 }, 3 },
	{ EXT_ACCESS, { 0x2b, 6, 1, 5, 5, 7, 1, 1 }, 8 },
	{ EXT_NO_CHECK, { 0x2b, 6, 1, 5, 5, 7, 48, 1, 5 }, 9 },
};

static void
take_basics(struct lint_view *v)
{
	v->path_len = -1;
	v->basic_fit = !v->there[EXT_BASIC_CONSTRAINTS] ||
	    basic_constraints(v->value[EXT_BASIC_CONSTRAINTS], &v->is_ca, &v->path_len) == 0;
	v->usage_fit = !v->there[EXT_KEY_USAGE] ||
	    key_usage(v->value[EXT_KEY_USAGE], &v->usage) == 0;
}

static unsigned
purpose_of(const struct der *id)
{
	static const unsigned char kp[] = { 0x2b, 6, 1, 5, 5, 7, 3 }, any[] = { 0x55, 0x1d, 37, 0 };

	if (der_equal(id, any, sizeof(any)))
		return FOR_ANY;
	if (id->len != sizeof(kp) + 1 || memcmp(id->data, kp, sizeof(kp)) != 0)
		return FOR_OTHER;
	return id->data[7] == 1 ? FOR_SERVERS
	    : id->data[7] == 2	? FOR_CLIENTS
	    : id->data[7] == 9	? FOR_OCSP
				: FOR_OTHER;
}

static void
take_purposes(struct lint_view *v)
{
	struct der value = v->value[EXT_EXTENDED_USAGE], list, id;

	v->purposes_fit = true;
	if (!v->there[EXT_EXTENDED_USAGE])
		return;
	v->purposes_fit = der_expect(&value, DER_SEQUENCE, &list) == 0 && der_at_end(&value) &&
	    !der_at_end(&list);
	while (v->purposes_fit && !der_at_end(&list)) {
		v->purposes_fit = der_expect(&list, DER_OID, &id) == 0;
		v->purposes |= v->purposes_fit ? purpose_of(&id) : 0;
	}
}

static void
take_key(struct lint_view *v)
{
	static const unsigned char rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1 },
				   ec[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1 },
				   edwards[] = { 0x2b, 0x65 };
	struct der spki = v->tbs.spki, seq, alg, id;

	if (der_expect(&spki, DER_SEQUENCE, &seq) < 0 || der_expect(&seq, DER_SEQUENCE, &alg) < 0 ||
	    der_expect(&alg, DER_OID, &id) < 0)
		return;
	v->key = der_equal(&id, rsa, sizeof(rsa))	      ? LINT_KEY_RSA
	    : der_equal(&id, ec, sizeof(ec))		      ? LINT_KEY_EC
	    : id.len == 3 && memcmp(id.data, edwards, 2) == 0 ? LINT_KEY_EDWARDS
							      : LINT_KEY_OTHER;
}

static void
take_extensions(struct lint_view *v)
{
	struct der all = v->tbs.extensions;
	struct extension x;

	v->distinct = extensions_distinct(all);
	while (tbs_extension(&all, &x) == 1) {
		enum lint_extension kind = EXT_OTHER;

		for (size_t i = 0; i < nitems(known); i++)
			if (der_equal(&x.id, known[i].id, known[i].len))
				kind = known[i].kind;
		v->critical_unknown |= kind == EXT_OTHER && x.critical;
		v->there[kind] = true;
		v->critical[kind] = x.critical;
		v->value[kind] = x.value;
	}
}

void
lint_view_of(struct lint_view *v, const struct lint_input *in)
{
	memset(v, 0, sizeof(*v));
	v->in = in;
	day_of(v->day, in->when);
	if (tbs_read(&v->tbs, in->tbs, in->len) < 0)
		return;
	v->parsed = true;
	v->self_issued = der_equal(&v->tbs.subject, v->tbs.issuer.data, v->tbs.issuer.len);
	v->days = (v->tbs.not_after - v->tbs.not_before + 86400) / 86400;
	take_extensions(v);
	take_basics(v);
	take_purposes(v);
	take_key(v);
}

struct der
lint_name(const struct der *whole)
{
	struct der d = *whole, in = { 0 };

	return der_expect(&d, DER_SEQUENCE, &in) < 0 ? (struct der){ 0 } : in;
}

int
lint_attribute(
    struct der *name, struct der *rdn, struct der *id, unsigned char *tag, struct der *value)
{
	struct der pair;

	if (der_at_end(rdn)) {
		if (der_at_end(name))
			return 0;
		if (der_expect(name, DER_SET, rdn) < 0)
			return -1;
	}
	return der_expect(rdn, DER_SEQUENCE, &pair) < 0 || der_expect(&pair, DER_OID, id) < 0 ||
		der_next(&pair, tag, value, NULL) < 0 || !der_at_end(&pair)
	    ? -1
	    : 1;
}

struct der
lint_names(const struct lint_view *v)
{
	struct der value = v->value[EXT_ALT_NAMES], names = { 0 };

	return v->there[EXT_ALT_NAMES] && der_expect(&value, DER_SEQUENCE, &names) == 0 &&
		der_at_end(&value)
	    ? names
	    : (struct der){ 0 };
}

bool
lint_is_id(const struct der *id, unsigned char last)
{
	return id->len == 3 && id->data[0] == 0x55 && id->data[1] == 4 && id->data[2] == last;
}

int64_t
lint_characters(unsigned char tag, const struct der *value)
{
	int64_t n = 0;

	if (tag != DER_UTF8)
		return tag == DER_PRINTABLE || tag == 0x16 ? (int64_t)value->len : -1;
	if (!utf8_valid((const char *)value->data, value->len))
		return -1;
	for (size_t i = 0; i < value->len; i++)
		n += (value->data[i] & 0xc0) != 0x80;
	return n;
}
