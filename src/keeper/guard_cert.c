/*
 * guard_cert.c - what a CA's key may certify
 */
#include "keeper/guard.h"

/* What a certificate says of itself in its extensions. */
struct facts {
	bool ca, signs; /* cA; keyCertSign or cRLSign */
	bool cert_sign;
	int path_len;
	struct der names;
	bool has_names;
};

/* Netscape's certificate type: its last three bits make a CA for some. */
static bool
is_netscape_ca(const struct extension *x)
{
	static const unsigned char id[] = { 0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 1 };
	unsigned char bits = 0;

	return der_equal(&x->id, id, sizeof(id)) &&
	    (key_usage(x->value, &bits) < 0 || (bits & 0x07) != 0);
}

/* NULL, or what is wrong with it. */
static const char *
take(struct facts *f, const struct extension *x)
{
	unsigned char usage = 0;

	switch (extension_id_ce(x)) {
	case ID_CE_BASIC_CONSTRAINTS:
		return basic_constraints(x->value, &f->ca, &f->path_len) < 0
		    ? "its basic constraints are malformed"
		    : NULL;
	case ID_CE_KEY_USAGE:
		if (key_usage(x->value, &usage) < 0)
			return "its key usage is malformed";
		f->cert_sign = (usage & KEY_CERT_SIGN) != 0;
		f->signs = (usage & (KEY_CERT_SIGN | CRL_SIGN)) != 0;
		return NULL;
	case ID_CE_ALT_NAMES:
		f->names = x->value;
		f->has_names = true;
		return NULL;
	}
	return is_netscape_ca(x) ? "its Netscape type is that of a CA" : NULL;
}

static const char *
take_all(struct facts *f, struct der extensions)
{
	struct extension x;
	const char *why;

	memset(f, 0, sizeof(*f));
	f->path_len = -1;
	if (!extensions_distinct(extensions))
		return "its extensions are malformed, or there are two of a kind";
	while (tbs_extension(&extensions, &x) == 1)
		if ((why = take(f, &x)) != NULL)
			return why;
	return f->signs && !f->ca ? "its key usage is that of a CA, but it is none" : NULL;
}

static bool
same(const struct der *a, const struct der *b)
{
	return der_equal(a, b->data, b->len);
}

/* A root certificate: the first one of a key, or the next one. */
static const char *
root(const struct tbs *t, const struct facts *f, const struct guard_ca *ca)
{
	if (!ca->sub_ca)
		return "this key makes no root certificate";
	if (!same(&t->issuer, &t->subject))
		return "issuer and subject of a root certificate differ";
	if (!f->ca || !f->cert_sign)
		return "it is the CA's own certificate, but not that of a CA";
	if (ca->issuer != NULL && ca->issuer->path_len >= 0 &&
	    (f->path_len < 0 || f->path_len > ca->issuer->path_len))
		return "its path is longer than that of the certificate before";
	return NULL;
}

/* RFC 5280 4.2.1.9: a path of 0 has no CA below. */
static const char *
below(const struct facts *f, const struct guard_ca *ca)
{
	int limit = ca->issuer->path_len;

	if (!ca->sub_ca)
		return "this key makes no CA certificates";
	if (limit == 0)
		return "the path of the issuer ends here, no CA may be below it";
	if (limit > 0 && (f->path_len < 0 || f->path_len >= limit))
		return "its path is not shorter than that of the issuer";
	return NULL;
}

static const char *
issued(const struct tbs *t, const struct facts *f, const struct guard_ca *ca)
{
	const char *why = f->ca ? below(f, ca) : NULL;

	if (why != NULL)
		return why;
	if (t->not_after > ca->issuer->not_after)
		return "it would outlive its issuer";
	return name_limits_refuse(&ca->issuer->names, &t->subject, f->has_names ? &f->names : NULL);
}

static const char *
judge(const struct tbs *t, const struct facts *f, const struct guard_ca *ca)
{
	bool own = der_equal(&t->spki, ca->spki.data, ca->spki.len);

	if (ca->issuer == NULL && !own)
		return "this key was not activated with the certificate of its CA";
	if (ca->issuer != NULL && !same(&t->issuer, &ca->issuer->subject))
		return "its issuer is another CA";
	return own ? root(t, f, ca) : issued(t, f, ca);
}

/* An unsigned number of at most 16 bytes, at the right end of as many. */
static bool
take_serial(const struct der *n, unsigned char out[SERIAL_SIZE])
{
	struct der d = *n;

	if (d.len > 1 && d.data[0] == 0)
		d = der_of(d.data + 1, d.len - 1);
	if (d.len > SERIAL_SIZE)
		return false;
	memset(out, 0, SERIAL_SIZE);
	memcpy(out + SERIAL_SIZE - d.len, d.data, d.len);
	return true;
}

int
guard_cert(const struct bytes *tbs, const struct guard_ca *ca, unsigned char serial[SERIAL_SIZE],
    struct err *e)
{
	struct facts f;
	struct tbs t;
	const char *why;

	if (tbs->len > TBS_MAX)
		return guard_refuse(e, "it is too long for a certificate");
	if (tbs_read(&t, tbs->data, tbs->len) < 0)
		return guard_refuse(e, "it is not a certificate");
	if (!der_equal(&t.algorithm, ca->algorithm.data, ca->algorithm.len))
		return guard_refuse(e, "the signature algorithm in it is another");
	if (!t.times_fit || t.not_before > t.not_after)
		return guard_refuse(e, "its validity is malformed");
	if (!take_serial(&t.serial, serial))
		return guard_refuse(e, "its serial number is too long");
	if ((why = take_all(&f, t.extensions)) != NULL || (why = judge(&t, &f, ca)) != NULL)
		return guard_refuse(e, why);
	return 0;
}
