/*
 * guard.c - what a key may sign: recognised, not believed
 */
#include "keeper/guard.h"
#include "x509/tbs.h"

#define MAX_LIFE (398LL * 86400)

static const unsigned char oid_server_auth[] = { 0x2b, 6, 1, 5, 5, 7, 3, 1 };

int
guard_refuse(struct err *e, const char *why)
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
	struct der d = der_of(tbs->data, tbs->len), info, subject, key, whole, attributes;
	uint64_t version;

	if (der_check(tbs->data, tbs->len) < 0 || der_expect(&d, DER_SEQUENCE, &info) < 0 ||
	    der_uint(&info, &version) < 0 || version != 0 ||
	    der_expect(&info, DER_SEQUENCE, &subject) < 0 ||
	    der_expect_whole(&info, DER_SEQUENCE, &key, &whole) < 0 ||
	    der_expect(&info, DER_CONTEXT(0), &attributes) < 0 || !der_at_end(&info))
		return guard_refuse(e, "it is not a certification request");
	if (!same(&whole, spki))
		return guard_refuse(e, "the request is for another key");
	return 0;
}

/* BasicConstraints ::= SEQUENCE {}: neither cA nor a path length */
static bool
is_no_ca(struct der value)
{
	bool ca;
	int path_len;

	return basic_constraints(value, &ca, &path_len) == 0 && !ca;
}

static bool
signs_no_certificates(struct der value)
{
	unsigned char bits;

	return key_usage(value, &bits) == 0 && (bits & (KEY_CERT_SIGN | CRL_SIGN)) == 0;
}

static bool
is_for_servers(struct der value)
{
	struct der list, id;

	return der_expect(&value, DER_SEQUENCE, &list) == 0 &&
	    der_expect(&list, DER_OID, &id) == 0 && der_at_end(&list) &&
	    der_equal(&id, oid_server_auth, sizeof(oid_server_auth));
}

/* What a listener's own certificate has (id-ce, 2.5.29.x); nothing else. */
static const struct kind {
	unsigned char id;
	bool (*fits)(struct der value);
	const char *why;
} kinds[] = {
	{ ID_CE_EXT_KEY_USAGE, is_for_servers, "it must be for TLS servers and nothing else" },
	{ ID_CE_BASIC_CONSTRAINTS, is_no_ca, "it would be a CA certificate" },
	{ ID_CE_KEY_USAGE, signs_no_certificates, "it would be a CA certificate" },
	{ ID_CE_SUBJECT_KEY_ID, NULL, NULL },
	{ ID_CE_ALT_NAMES, NULL, NULL },
	{ ID_CE_AUTHORITY_KEY_ID, NULL, NULL },
};

static const struct kind *
kind_of(const struct extension *x)
{
	for (size_t i = 0; i < nitems(kinds); i++)
		if (kinds[i].id == extension_id_ce(x))
			return &kinds[i];
	return NULL;
}

static int
check_extensions(struct der extensions, struct err *e)
{
	struct extension x;
	const struct kind *kind;
	bool seen[nitems(kinds)] = { false };
	int r;

	while ((r = tbs_extension(&extensions, &x)) == 1) {
		/* one of a kind: which of two would count? */
		if ((kind = kind_of(&x)) == NULL || seen[kind - kinds])
			return guard_refuse(e, "it has an extension that a listener's has not");
		if (kind->fits != NULL && !kind->fits(x.value))
			return guard_refuse(e, kind->why);
		seen[kind - kinds] = true;
	}
	if (r < 0)
		return guard_refuse(e, "its extensions are malformed");
	return seen[0] ? 0 : guard_refuse(e, kinds[0].why);
}

int
guard_self_signed(const struct bytes *tbs, const struct bytes *spki, struct err *e)
{
	struct tbs t;

	if (tbs_read(&t, tbs->data, tbs->len) < 0)
		return guard_refuse(e, "it is not a certificate");
	if (!der_equal(&t.issuer, t.subject.data, t.subject.len))
		return guard_refuse(e, "issuer and subject differ");
	if (!same(&t.spki, spki))
		return guard_refuse(e, "the certificate is for another key");
	if (t.not_after < t.not_before || t.not_after - t.not_before + 1 > MAX_LIFE)
		return guard_refuse(e, "it would live longer than 398 days");
	return check_extensions(t.extensions, e);
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

/*
 * client random (32), server random (32), curve type 3, group, point. The
 * first 64 bytes could be anything, DER of a certificate too: refused.
 */
static bool
is_tls12(const struct bytes *m)
{
	static const struct {
		unsigned char group, point;
	} groups[] = { { 0x1d, 32 }, { 0x17, 65 }, { 0x18, 97 } }; /* X25519, P-256, P-384 */

	for (size_t i = 0; i < nitems(groups); i++)
		if (m->len == 68 + (size_t)groups[i].point && m->data[64] == 3 &&
		    m->data[65] == 0 && m->data[66] == groups[i].group &&
		    m->data[67] == groups[i].point && (groups[i].point == 32 || m->data[68] == 4))
			return der_check(m->data, m->len) < 0;
	return false;
}

int
guard_tls_server(const struct bytes *m, struct err *e)
{
	if (!is_tls13(m) && !is_tls12(m))
		return guard_refuse(e, "it is not a TLS server's handshake");
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
		return guard_refuse(e, "it is not a certificate");
	for (int i = 0; i < 4; i++) /* algorithm, issuer, validity, subject */
		if (der_expect(&tbs, DER_SEQUENCE, &skip) < 0)
			return guard_refuse(e, "it is not a certificate");
	if (der_expect_whole(&tbs, DER_SEQUENCE, &skip, &key) < 0 || !same(&key, spki))
		return err_set(e, R_ACTIVATE_OTHER, NULL, "the certificate is for another key");
	return 0;
}
