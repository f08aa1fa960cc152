/*
 * guard_crl.c - a CA's revocation list, in one walk (RFC 5280 5.1)
 *
 * A list may have a million entries: each byte of it is looked at once.
 */
#include "keeper/guard.h"

/* One entry: serial number, day, and what more is said of it. */
static bool
is_entry(struct der entry)
{
	struct der serial, extensions;
	int64_t day;

	if (der_expect(&entry, DER_INTEGER, &serial) < 0 || serial.len == 0 || serial.len > 20 ||
	    der_time(&entry, &day) < 0)
		return false;
	if (der_at_end(&entry))
		return true;
	return der_check(entry.data, entry.len) == 0 &&
	    der_expect(&entry, DER_SEQUENCE, &extensions) == 0 && !der_at_end(&extensions) &&
	    extensions_distinct(extensions);
}

static bool
are_entries(struct der list)
{
	struct der entry;

	if (der_at_end(&list))
		return false; /* then there is no list (5.1.2.6) */
	while (!der_at_end(&list))
		if (der_expect(&list, DER_SEQUENCE, &entry) < 0 || !is_entry(entry))
			return false;
	return true;
}

/* [0] EXPLICIT Extensions, cRLNumber among them (5.2.3). */
static bool
take_extensions(struct der *crl, uint64_t *number)
{
	struct der outer, list;
	struct extension x;
	bool found = false;

	if (der_check(crl->data, crl->len) < 0 || der_expect(crl, DER_CONTEXT(0), &outer) < 0 ||
	    !der_at_end(crl) || der_expect(&outer, DER_SEQUENCE, &list) < 0 ||
	    !der_at_end(&outer) || !extensions_distinct(list))
		return false;
	while (tbs_extension(&list, &x) == 1) {
		unsigned char id = extension_id_ce(&x);

		if (x.critical && id != ID_CE_DELTA_CRL && id != ID_CE_CRL_PART)
			return false; /* it changes what the list means, nobody here knows how */
		if (id == ID_CE_CRL_NUMBER)
			found = der_uint(&x.value, number) == 0 && der_at_end(&x.value);
	}
	return found;
}

struct crl {
	struct der algorithm, issuer;
	uint64_t number;
};

/* TBSCertList ::= SEQUENCE { version (1), signature, issuer, thisUpdate,
 * nextUpdate, revokedCertificates OPTIONAL, [0] crlExtensions } */
static bool
crl_read(struct crl *c, const struct bytes *data)
{
	struct der d = der_of(data->data, data->len), crl, body, list;
	uint64_t version;
	int64_t from, until;

	if (der_expect(&d, DER_SEQUENCE, &crl) < 0 || !der_at_end(&d) ||
	    der_uint(&crl, &version) < 0 || version != 1 ||
	    der_expect_whole(&crl, DER_SEQUENCE, &body, &c->algorithm) < 0 ||
	    der_expect_whole(&crl, DER_SEQUENCE, &body, &c->issuer) < 0 ||
	    der_time(&crl, &from) < 0 || der_time(&crl, &until) < 0 || until < from)
		return false;
	if (der_peek(&crl) == DER_SEQUENCE &&
	    (der_expect(&crl, DER_SEQUENCE, &list) < 0 || !are_entries(list)))
		return false;
	return take_extensions(&crl, &c->number);
}

int
guard_crl(const struct bytes *tbs, const struct guard_ca *ca, uint64_t *number, struct err *e)
{
	struct crl c;

	if (ca->issuer == NULL)
		return guard_refuse(e, "this key was not activated with the certificate of its CA");
	if (!crl_read(&c, tbs))
		return guard_refuse(e, "it is not a revocation list");
	if (!der_equal(&c.algorithm, ca->algorithm.data, ca->algorithm.len))
		return guard_refuse(e, "the signature algorithm in it is another");
	if (!der_equal(&c.issuer, ca->issuer->subject.data, ca->issuer->subject.len))
		return guard_refuse(e, "its issuer is another CA");
	*number = c.number;
	return 0;
}
