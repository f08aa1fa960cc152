/*
 * ops_sign.c - what is signed: the guard decides by purpose
 */
#include "keeper/guard.h"
#include "keeper/ops_impl.h"
#include "keeper/sign.h"
#include "wire/purpose.h"
#include "wire/scheme.h"

/* What the key of a CA signs. A serial number is used up, signed or not. */
static int
guard_issuer(const struct message *q, const struct opened *key, struct answer *a)
{
	const struct scheme *scheme = scheme_of_number(q->scheme);
	struct guard_ca ca = { .issuer = key->head.certificate.len > 0 ? &key->issuer : NULL,
		.sub_ca = (key->head.purposes & PURPOSE_SUB_CA) != 0,
		.spki = bytes_of(&key->spki) };
	unsigned char serial[SERIAL_SIZE];
	uint64_t number;

	if (check_scheme(key->head.type, q->scheme, &a->m.why) < 0)
		return -1;
	ca.algorithm = scheme->algorithm;
	if (q->purposes == PURPOSE_CRL)
		return guard_crl(&q->data, &ca, &number, &a->m.why);
	if (guard_cert(&q->data, &ca, serial, &a->m.why) < 0)
		return -1;
	if (!serials_use(&a->serials, serial))
		return guard_refuse(
		    &a->m.why, "its serial number was not handed out here, or was used");
	return 0;
}

/* The message must be what the purpose says. */
static int
guard(const struct message *q, const struct opened *key, struct answer *a)
{
	struct bytes spki = bytes_of(&key->spki);
	uint64_t produced;

	switch (q->purposes) {
	case PURPOSE_TLS_SERVER:
		return guard_tls_server(&q->data, &a->m.why);
	case PURPOSE_CSR:
		return guard_csr(&q->data, &spki, &a->m.why);
	case PURPOSE_SELF_SIGNED:
		return guard_self_signed(&q->data, &spki, &a->m.why);
	case PURPOSE_CERT:
	case PURPOSE_CRL:
		return guard_issuer(q, key, a);
	case PURPOSE_OCSP:
		return guard_ocsp(&q->data, &produced, &a->m.why);
	}
	return err_set(&a->m.why, R_KEY_PURPOSE, NULL, "nothing is signed for this purpose");
}

int
answer_sign(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(opened) struct opened *key = NULL;

	if (ops_open(h, q, q->purposes, &key, &a->m.why) < 0 || guard(q, key, a) < 0 ||
	    opened_sign(key, q->scheme, &q->data, &a->data, &a->m.why) < 0)
		return -1;
	a->m.data = bytes_of(&a->data);
	return 0;
}

int
answer_serial(struct keeper_house *h, const struct message *q, struct answer *a)
{
	if (q->count == 0 || q->count > SERIALS_MAX)
		return err_set(&a->m.why, R_SERIAL_COUNT, NULL,
		    "1 to %d serial numbers can be asked for at once", SERIALS_MAX);
	buf_reset(&a->data);
	serials_make(&a->serials, q->count, &a->data);
	a->m.data = bytes_of(&a->data);
	return 0;
}
