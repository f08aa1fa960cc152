/*
 * guard.c - what a key may sign: recognised, not believed
 */
#include "keeper/guard.h"
#include "x509/der.h"

#define MAX_LIFE (398LL * 86400)

static const unsigned char oid_basic_constraints[] = { 0x55, 0x1d, 0x13 };
static const unsigned char oid_ext_key_usage[] = { 0x55, 0x1d, 0x25 };
static const unsigned char oid_server_auth[] = { 0x2b, 6, 1, 5, 5, 7, 3, 1 };

static int
refuse(struct err *e, const char *why)
{
	return err_set(e, R_SIGN_GUARD, NULL, "the keeper does not sign this: %s", why);
}

static bool
same(const struct der *d, const struct bytes *b)
{
	return der_equal(d, b->data, b->len);
}

int
guard_csr(const struct bytes *tbs, const struct bytes *spki, struct err *e)
{
	struct der d = der_of(tbs->data, tbs->len), info, subject, key, whole;
	uint64_t version;

	if (der_check(tbs->data, tbs->len) < 0 || der_expect(&d, DER_SEQUENCE, &info) < 0 ||
	    der_uint(&info, &version) < 0 || version != 0 ||
	    der_expect(&info, DER_SEQUENCE, &subject) < 0 ||
	    der_expect_whole(&info, DER_SEQUENCE, &key, &whole) < 0 ||
	    der_peek(&info) != DER_CONTEXT(0))
		return refuse(e, "it is not a certification request");
	if (!same(&whole, spki))
		return refuse(e, "the request is for another key");
	return 0;
}

/* Extensions ::= SEQUENCE OF { id, critical DEFAULT FALSE, OCTET STRING } */
static int
find_extension(struct der extensions, const unsigned char *oid, size_t len, struct der *value)
{
	struct der ext, id, critical;

	while (!der_at_end(&extensions)) {
		if (der_expect(&extensions, DER_SEQUENCE, &ext) < 0 ||
		    der_expect(&ext, DER_OID, &id) < 0 ||
		    der_optional(&ext, DER_BOOLEAN, &critical) < 0 ||
		    der_expect(&ext, DER_OCTET_STRING, value) < 0)
			return -1;
		if (der_equal(&id, oid, len))
			return 1;
	}
	return 0;
}

static int
check_extensions(struct der extensions, struct err *e)
{
	struct der value, list, flag, id;
	int found;

	found = find_extension(
	    extensions, oid_basic_constraints, sizeof(oid_basic_constraints), &value);
	if (found < 0 || (found > 0 && der_expect(&value, DER_SEQUENCE, &list) < 0))
		return refuse(e, "its extensions are malformed");
	if (found > 0 && der_optional(&list, DER_BOOLEAN, &flag) != 0)
		return refuse(e, "it would be a CA certificate");
	found = find_extension(extensions, oid_ext_key_usage, sizeof(oid_ext_key_usage), &value);
	if (found <= 0 || der_expect(&value, DER_SEQUENCE, &list) < 0 ||
	    der_expect(&list, DER_OID, &id) < 0 || !der_at_end(&list) ||
	    !der_equal(&id, oid_server_auth, sizeof(oid_server_auth)))
		return refuse(e, "it must be for TLS servers and nothing else");
	return 0;
}

int
guard_self_signed(const struct bytes *tbs, const struct bytes *spki, struct err *e)
{
	struct der d = der_of(tbs->data, tbs->len), cert, version, serial, algorithm, body;
	struct der issuer, validity, subject, key, outer, extensions;
	int64_t from, until;

	if (der_check(tbs->data, tbs->len) < 0 || der_expect(&d, DER_SEQUENCE, &cert) < 0 ||
	    der_expect(&cert, DER_CONTEXT(0), &version) < 0 ||
	    der_expect(&cert, DER_INTEGER, &serial) < 0 ||
	    der_expect(&cert, DER_SEQUENCE, &algorithm) < 0 ||
	    der_expect_whole(&cert, DER_SEQUENCE, &body, &issuer) < 0 ||
	    der_expect(&cert, DER_SEQUENCE, &validity) < 0 ||
	    der_expect_whole(&cert, DER_SEQUENCE, &body, &subject) < 0 ||
	    der_expect_whole(&cert, DER_SEQUENCE, &body, &key) < 0 ||
	    der_expect(&cert, DER_CONTEXT(3), &outer) < 0 ||
	    der_expect(&outer, DER_SEQUENCE, &extensions) < 0 || der_time(&validity, &from) < 0 ||
	    der_time(&validity, &until) < 0)
		return refuse(e, "it is not a certificate");
	if (!der_equal(&issuer, subject.data, subject.len))
		return refuse(e, "issuer and subject differ");
	if (!same(&key, spki))
		return refuse(e, "the certificate is for another key");
	if (until < from || until - from + 1 > MAX_LIFE)
		return refuse(e, "it would live longer than 398 days");
	return check_extensions(extensions, e);
}

static bool
is_tls13(const struct bytes *m)
{
	static const char label[] = "TLS 1.3, server CertificateVerify";

	if (m->len != 64 + sizeof(label) + 32 && m->len != 64 + sizeof(label) + 48)
		return false;
	for (size_t i = 0; i < 64; i++)
		if (m->data[i] != 0x20)
			return false;
	return memcmp(m->data + 64, label, sizeof(label)) == 0;
}

/* client random (32), server random (32), curve type 3, curve, point */
static bool
is_tls12(const struct bytes *m)
{
	return m->len > 68 && m->len <= 68 + 133 && m->data[64] == 3 &&
	    m->len == 68 + (size_t)m->data[67];
}

int
guard_tls_server(const struct bytes *m, struct err *e)
{
	if (!is_tls13(m) && !is_tls12(m))
		return refuse(e, "it is not a TLS server's handshake");
	return 0;
}

int
guard_leaf(const struct bytes *certificate, const struct bytes *spki, struct err *e)
{
	struct der d = der_of(certificate->data, certificate->len), cert, tbs, skip, key;

	if (der_check(certificate->data, certificate->len) < 0 ||
	    der_expect(&d, DER_SEQUENCE, &cert) < 0 || der_expect(&cert, DER_SEQUENCE, &tbs) < 0 ||
	    der_optional(&tbs, DER_CONTEXT(0), &skip) < 0 ||
	    der_expect(&tbs, DER_INTEGER, &skip) < 0)
		return refuse(e, "it is not a certificate");
	for (int i = 0; i < 4; i++) /* algorithm, issuer, validity, subject */
		if (der_expect(&tbs, DER_SEQUENCE, &skip) < 0)
			return refuse(e, "it is not a certificate");
	if (der_expect_whole(&tbs, DER_SEQUENCE, &skip, &key) < 0 || !same(&key, spki))
		return err_set(e, R_ACTIVATE_OTHER, NULL, "the certificate is for another key");
	return 0;
}
