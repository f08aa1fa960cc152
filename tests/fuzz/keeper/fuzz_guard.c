/*
 * fuzz_guard.c - any bytes as what a CA's key is to sign
 *
 * The first byte says which CA and what it is said to be. What the guard lets
 * pass as a certificate is read again by OpenSSL, which must find in it nothing
 * that the CA may not say (P13).
 */
#include "fuzz_ca.h"
#include "keeper/guard.h"
#include "keeper/sign.h"
#include "wire/scheme.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static const struct {
	const char *basic, *constraints;
	bool active, sub_ca;
} cas[] = {
	{ "critical,CA:TRUE,pathlen:0", NULL, true, false },
	{ "critical,CA:TRUE,pathlen:1", NULL, true, true },
	{ "critical,CA:TRUE", "permitted;DNS:example.com,permitted;IP:10.0.0.0/255.0.0.0", true,
	    false },
	{ "critical,CA:TRUE", "excluded;DNS:a.example.com,excluded;IP:10.0.0.0/255.0.0.0", true,
	    true },
	{ "critical,CA:TRUE", "permitted;email:example.com,excluded;URI:.example.com", true,
	    false },
	{ "critical,CA:TRUE", NULL, false, true },
	{ "critical,CA:TRUE", NULL, false, false },
};

static struct ca {
	struct buf der;
	X509 *x;
	NAME_CONSTRAINTS *constraints;
	struct issuer issuer;
	struct guard_ca guard;
} made[nitems(cas)];
static struct buf spki;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
make(void)
{
	EVP_PKEY *key = fuzz_key();
	struct err e = { 0 };

	must(key_spki(key, &spki, &e) == 0);
	EVP_PKEY_free(key);
	for (size_t i = 0; i < nitems(cas); i++) {
		struct ca *c = &made[i];
		const unsigned char *p;

		fuzz_ca(&c->der, "ca", cas[i].basic, cas[i].constraints);
		p = c->der.data;
		must((c->x = d2i_X509(NULL, &p, (long)c->der.len)) != NULL);
		c->constraints = X509_get_ext_d2i(c->x, NID_name_constraints, NULL, NULL);
		c->guard.spki = (struct bytes){ spki.data, spki.len };
		must(issuer_read(&c->issuer, &(struct bytes){ c->der.data, c->der.len },
			 &c->guard.spki, &e) == 0);
		c->guard.issuer = cas[i].active ? &c->issuer : NULL;
		c->guard.sub_ca = cas[i].sub_ca;
		c->guard.algorithm = scheme_of_number(SCHEME_ED25519)->algorithm;
	}
}

/* As a certificate: with an algorithm and a signature of no bits. */
static X509 *
complete(const struct ca *c, const unsigned char *tbs, size_t len)
{
	AUTO_BUF struct buf b = { 0 };
	size_t n = len + c->guard.algorithm.len + 3;
	const unsigned char *p;
	X509 *x;

	buf_put(&b, "\x30\x83", 2);
	buf_put_u8(&b, (uint8_t)(n >> 16));
	buf_put_u16(&b, (uint16_t)n);
	buf_put(&b, tbs, len);
	buf_put(&b, c->guard.algorithm.data, c->guard.algorithm.len);
	buf_put(&b, "\x03\x01\x00", 3);
	p = b.data;
	x = d2i_X509(NULL, &p, (long)b.len);
	must(x == NULL || p == b.data + b.len);
	return x;
}

static void
judge(const struct ca *c, const unsigned char *tbs, size_t len)
{
	X509 *x = complete(c, tbs, len);
	bool is_ca;

	if (x == NULL)
		return; /* nobody takes it */
	is_ca = X509_check_ca(x) > 0;
	must(!is_ca || c->guard.sub_ca);
	must(X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(c->x)) == 0 ||
	    c->guard.issuer == NULL);
	if (c->guard.issuer == NULL ||
	    EVP_PKEY_eq(X509_get0_pubkey(x), X509_get0_pubkey(c->x)) == 1) {
		/* a root certificate */
		must(is_ca || (X509_get_extension_flags(x) & EXFLAG_INVALID) != 0);
		must(X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(x)) == 0);
	} else {
		must(ASN1_TIME_compare(X509_get0_notAfter(x), X509_get0_notAfter(c->x)) <= 0);
		must(!is_ca || c->issuer.path_len < 0 ||
		    (X509_get_pathlen(x) >= 0 && X509_get_pathlen(x) < c->issuer.path_len));
		must(c->constraints == NULL ||
		    NAME_CONSTRAINTS_check(x, c->constraints) == X509_V_OK);
	}
	X509_free(x);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static bool ready;
	struct err e = { 0 };
	struct bytes b = { data + 1, len - 1 };
	struct issuer issuer;
	const struct ca *c;
	unsigned char serial[SERIAL_SIZE];
	uint64_t number;

	if (len < 1)
		return 0;
	if (!ready)
		make();
	ready = true;
	c = &made[(data[0] & 0x0f) % nitems(cas)];
	switch (data[0] >> 4) {
	case 0:
		if (guard_cert(&b, &c->guard, serial, &e) == 0)
			judge(c, b.data, b.len);
		break;
	case 1:
		guard_crl(&b, &c->guard, &number, &e);
		break;
	case 2:
		guard_ocsp(&b, &number, &e);
		break;
	case 3:
		issuer_read(&issuer, &b, &c->guard.spki, &e);
		break;
	case 4:
		memset(&issuer, 0, sizeof(issuer));
		if (name_limits_read(&issuer.names, der_of(b.data, b.len)) == NULL)
			name_limits_refuse(&issuer.names, &c->issuer.subject, NULL);
		break;
	}
	return 0;
}
