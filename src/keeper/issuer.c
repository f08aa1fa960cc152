/*
 * issuer.c - what a CA's own certificate says to its key
 */
#include "keeper/issuer.h"

static int
not_taken(struct err *e, const char *why)
{
	err_set(e, R_ACTIVATE_CA, NULL, "this is not a certificate to sign with: %s", why);
	return err_hint(e, "a CA's certificate has cA TRUE and keyCertSign (RFC 5280 4.2.1.9)");
}

struct facts {
	bool ca, signs;
};

/* NULL, or what is wrong with it. */
static const char *
take(struct issuer *i, struct facts *f, const struct extension *x)
{
	struct der value = x->value;
	unsigned char usage = 0;

	switch (extension_id_ce(x)) {
	case ID_CE_BASIC_CONSTRAINTS:
		return basic_constraints(value, &f->ca, &i->path_len) < 0
		    ? "its basic constraints are malformed"
		    : NULL;
	case ID_CE_KEY_USAGE:
		if (key_usage(value, &usage) < 0)
			return "its key usage is malformed";
		f->signs = (usage & KEY_CERT_SIGN) != 0;
		return NULL;
	case ID_CE_NAME_CONSTRAINTS:
		return name_limits_read(&i->names, value);
	case ID_CE_SUBJECT_KEY_ID:
		return der_expect(&value, DER_OCTET_STRING, &i->key_id) < 0 || !der_at_end(&value)
		    ? "its key identifier is malformed"
		    : NULL;
	}
	return NULL;
}

static const char *
take_all(struct issuer *i, struct der extensions)
{
	struct facts f = { false, false };
	struct extension x;
	const char *why;

	if (!extensions_distinct(extensions))
		return "its extensions are malformed, or there are two of a kind";
	while (tbs_extension(&extensions, &x) == 1)
		if ((why = take(i, &f, &x)) != NULL)
			return why;
	if (!f.ca)
		return "it is no CA certificate";
	return f.signs ? NULL : "its key usage is not for certificates";
}

int
issuer_read(
    struct issuer *i, const struct bytes *certificate, const struct bytes *spki, struct err *e)
{
	struct der d = der_of(certificate->data, certificate->len), cert, body, whole;
	struct tbs t;
	const char *why;

	memset(i, 0, sizeof(*i));
	i->path_len = -1;
	if (certificate->len > ISSUER_MAX)
		return not_taken(e, "it has more than 4096 bytes");
	if (der_check(certificate->data, certificate->len) < 0 ||
	    der_expect(&d, DER_SEQUENCE, &cert) < 0 ||
	    der_expect_whole(&cert, DER_SEQUENCE, &body, &whole) < 0 ||
	    der_expect(&cert, DER_SEQUENCE, &body) < 0 ||
	    der_expect(&cert, DER_BIT_STRING, &body) < 0 || !der_at_end(&cert) ||
	    tbs_read(&t, whole.data, whole.len) < 0)
		return not_taken(e, "it is not a certificate of version 3");
	if (!der_equal(&t.spki, spki->data, spki->len))
		return err_set(e, R_ACTIVATE_OTHER, NULL, "the certificate is for another key");
	if (t.subject.len <= 2)
		return not_taken(e, "its subject is empty");
	if ((why = take_all(i, t.extensions)) != NULL)
		return not_taken(e, why);
	i->subject = t.subject;
	i->not_after = t.not_after;
	return 0;
}
