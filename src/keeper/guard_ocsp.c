/*
 * guard_ocsp.c - an answer about certificates, known by its shape (RFC 6960 4.2.1)
 */
#include "keeper/guard.h"

#define GOOD	    DER_CONTEXT_PRIMITIVE(0)
#define REVOKED	    DER_CONTEXT(1)
#define UNKNOWN	    DER_CONTEXT_PRIMITIVE(2)
#define HASH_MAX    64
#define ENUMERATED  0x0a
#define NEXT_UPDATE DER_CONTEXT(0)
#define EXTENSIONS  DER_CONTEXT(1)

static bool
take_general_time(struct der *d, int64_t *out)
{
	return der_peek(d) == DER_GENERAL_TIME && der_time(d, out) == 0;
}

/* CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } */
static bool
is_cert_id(struct der id)
{
	struct der algorithm, name, key, serial;

	return der_expect(&id, DER_SEQUENCE, &algorithm) == 0 &&
	    der_expect(&id, DER_OCTET_STRING, &name) == 0 && name.len <= HASH_MAX &&
	    der_expect(&id, DER_OCTET_STRING, &key) == 0 && key.len == name.len &&
	    der_expect(&id, DER_INTEGER, &serial) == 0 && serial.len > 0 && der_at_end(&id);
}

static bool
is_status(struct der *single)
{
	struct der status, reason, code;
	unsigned char tag;
	int64_t day;

	if (der_next(single, &tag, &status, NULL) < 0)
		return false;
	if (tag == GOOD || tag == UNKNOWN)
		return status.len == 0;
	if (tag != REVOKED || !take_general_time(&status, &day))
		return false;
	if (der_optional(&status, DER_CONTEXT(0), &reason) == 1 &&
	    (der_expect(&reason, ENUMERATED, &code) < 0 || code.len != 1 || !der_at_end(&reason)))
		return false;
	return der_at_end(&status);
}

/* [tag] EXPLICIT Extensions OPTIONAL */
static bool
are_extensions(struct der *d, unsigned char tag)
{
	struct der outer, list;
	int r = der_optional(d, tag, &outer);

	if (r <= 0)
		return r == 0;
	return der_expect(&outer, DER_SEQUENCE, &list) == 0 && der_at_end(&outer) &&
	    !der_at_end(&list) && extensions_distinct(list);
}

static bool
is_single(struct der single)
{
	struct der id, next;
	int64_t from, until;

	if (der_expect(&single, DER_SEQUENCE, &id) < 0 || !is_cert_id(id) || !is_status(&single) ||
	    !take_general_time(&single, &from))
		return false;
	if (der_optional(&single, NEXT_UPDATE, &next) == 1 &&
	    (!take_general_time(&next, &until) || until < from || !der_at_end(&next)))
		return false;
	return are_extensions(&single, EXTENSIONS) && der_at_end(&single);
}

/* byName [1] or byKey [2], a SHA-1 */
static bool
is_responder(struct der *response)
{
	struct der id, inner;
	unsigned char tag;

	if (der_next(response, &tag, &id, NULL) < 0)
		return false;
	if (tag == DER_CONTEXT(1))
		return der_expect(&id, DER_SEQUENCE, &inner) == 0 && der_at_end(&id);
	return tag == DER_CONTEXT(2) && der_expect(&id, DER_OCTET_STRING, &inner) == 0 &&
	    inner.len == 20 && der_at_end(&id);
}

/* The version is the default one: in DER it is not there. */
static bool
is_response(const struct bytes *data, int64_t *produced)
{
	struct der d = der_of(data->data, data->len), response, list, single;

	if (der_check(data->data, data->len) < 0 || der_expect(&d, DER_SEQUENCE, &response) < 0 ||
	    !is_responder(&response) || !take_general_time(&response, produced) ||
	    der_expect(&response, DER_SEQUENCE, &list) < 0 || der_at_end(&list))
		return false;
	while (!der_at_end(&list))
		if (der_expect(&list, DER_SEQUENCE, &single) < 0 || !is_single(single))
			return false;
	return are_extensions(&response, EXTENSIONS) && der_at_end(&response);
}

int
guard_ocsp(const struct bytes *response, uint64_t *produced, struct err *e)
{
	int64_t at = 0;

	if (!is_response(response, &at) || at < 0)
		return guard_refuse(e, "it is not an answer about certificates (OCSP)");
	*produced = (uint64_t)at;
	return 0;
}
