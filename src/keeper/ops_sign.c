/*
 * ops_sign.c - what is signed: the guard decides by purpose
 */
#include "keeper/guard.h"
#include "keeper/ops_impl.h"
#include "keeper/sign.h"
#include "keeper/signlog.h"
#include "wire/purpose.h"
#include "wire/scheme.h"

/*
 * A certificate is on record before it is signed (P2), its serial number used
 * up, signed or not (P3). A CRL is on record sooner or later.
 */
static int
admit_issued(
    struct keeper_house *h, const struct message *q, const struct opened *key, struct answer *a)
{
	struct guard_ca ca = { .issuer = key->head.certificate.len > 0 ? &key->issuer : NULL,
		.sub_ca = (key->head.purposes & PURPOSE_SUB_CA) != 0,
		.spki = bytes_of(&key->spki),
		.algorithm = scheme_of_number(q->scheme)->algorithm };
	unsigned char serial[SERIAL_SIZE];
	uint64_t number;

	if (q->purposes == PURPOSE_CRL)
		return guard_crl(&q->data, &ca, &number, &a->m.why) < 0
		    ? -1
		    : signlog_list(
			  h->signlog, key->head.id, PURPOSE_CRL, number, &q->data, &a->m.why);
	if (guard_cert(&q->data, &ca, serial, &a->m.why) < 0)
		return -1;
	if (!serials_use(&a->serials, serial))
		return guard_refuse(
		    &a->m.why, "its serial number was not handed out here, or was used");
	return signlog_certificate(h->signlog, key->head.id, &q->data, &a->m.why);
}

static int
admit_ocsp(
    struct keeper_house *h, const struct message *q, const struct opened *key, struct answer *a)
{
	uint64_t produced;

	return guard_ocsp(&q->data, &produced, &a->m.why) < 0
	    ? -1
	    : signlog_list(h->signlog, key->head.id, PURPOSE_OCSP, produced, &q->data, &a->m.why);
}

/* The message must be what the purpose says; what a CA says is on record. */
static int
admit(struct keeper_house *h, const struct message *q, const struct opened *key, struct answer *a)
{
	struct bytes spki = bytes_of(&key->spki);

	switch (q->purposes) {
	case PURPOSE_TLS_SERVER:
		return guard_tls_server(&q->data, &a->m.why);
	case PURPOSE_CSR:
		return guard_csr(&q->data, &spki, &a->m.why);
	case PURPOSE_SELF_SIGNED:
		return guard_self_signed(&q->data, &spki, &a->m.why);
	case PURPOSE_CERT:
	case PURPOSE_CRL:
		return admit_issued(h, q, key, a);
	case PURPOSE_OCSP:
		return admit_ocsp(h, q, key, a);
	}
	return err_set(&a->m.why, R_KEY_PURPOSE, NULL, "nothing is signed for this purpose");
}

int
answer_sign(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(opened) struct opened *key = NULL;

	if (ops_open(h, q, q->purposes, &key, &a->m.why) < 0 ||
	    check_scheme(key->head.type, q->scheme, &a->m.why) < 0 || admit(h, q, key, a) < 0 ||
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

int
answer_unreconciled(struct keeper_house *h, const struct message *q, struct answer *a)
{
	if (signlog_next(h->signlog, q->sequence, &a->m.sequence, a->m.id, &a->data, &a->m.why) < 0)
		return -1;
	a->m.data = bytes_of(&a->data);
	return 0;
}

int
answer_checkpoint(struct keeper_house *h, const struct message *q, struct answer *a)
{
	return signlog_checkpoint(h->signlog, q->sequence, &a->m.why);
}
