/*
 * ops_sign.c - what is signed: the guard decides by purpose
 */
#include <stdlib.h>

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
admit_issued(struct keeper_house *h, const struct message *q, const struct opened *key,
    struct answer *a, uint64_t *end)
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
	return signlog_certificate(h->signlog, key->head.id, &q->data, end, &a->m.why);
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

/* The message must be what the purpose says; what a CA says is on record, and
 * that is to be durable up to *end before it is signed. */
static int
admit(struct keeper_house *h, const struct message *q, const struct opened *key, struct answer *a,
    uint64_t *end)
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
		return admit_issued(h, q, key, a, end);
	case PURPOSE_OCSP:
		return admit_ocsp(h, q, key, a);
	}
	return err_set(&a->m.why, R_KEY_PURPOSE, NULL, "nothing is signed for this purpose");
}

int
answer_sign(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(opened) struct opened *key = NULL;
	uint64_t end = 0;

	if (ops_open(h, q, q->purposes, &key, &a->m.why) < 0 ||
	    check_scheme(key->head.type, q->scheme, &a->m.why) < 0 || admit(h, q, key, a, &end) < 0)
		return -1;
	signlog_wait(h->signlog, end);
	if (opened_sign(key, q->scheme, &q->data, &a->data, &a->m.why) < 0)
		return -1;
	a->m.data = bytes_of(&a->data);
	return 0;
}

/* ---- several certificates, one fsync ----------------------------------------------- */

struct one {
	struct opened *key; /* NULL: refused */
	uint8_t scheme;
	struct bytes tbs;
	struct err *why;
};

static void
ones_free(struct one *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		opened_free(v[i].key);
		free(v[i].why);
	}
}

/* Each is admitted, or refused, for itself. -1: it is no question for a certificate. */
static int
admit_one(struct keeper_house *h, const struct bytes *question, struct answer *a, struct one *one,
    uint64_t *end)
{
	struct message q;

	if (message_unpack(&q, question->data, question->len, false) < 0 || q.op != OP_SIGN ||
	    q.purposes != PURPOSE_CERT)
		return err_set(&a->m.why, R_SIGN_SEVERAL, NULL,
		    "several signatures at once are made for certificates only");
	err_clear(&a->m.why);
	one->scheme = q.scheme;
	one->tbs = q.data;
	if (ops_open(h, &q, PURPOSE_CERT, &one->key, &a->m.why) == 0 &&
	    check_scheme(one->key->head.type, q.scheme, &a->m.why) == 0 &&
	    admit(h, &q, one->key, a, end) == 0)
		return 0;
	opened_free(one->key);
	one->key = NULL;
	if ((one->why = malloc(sizeof(*one->why))) == NULL)
		abort();
	*one->why = a->m.why;
	err_clear(&a->m.why);
	return 0;
}

static void
sign_one(const struct one *one, struct answer *a)
{
	AUTO_BUF struct buf signature = { 0 }, packed = { 0 };
	struct message m = { .op = OP_SIGN, .refused = true };

	if (one->why != NULL)
		m.why = *one->why;
	else if (opened_sign(one->key, one->scheme, &one->tbs, &signature, &m.why) == 0)
		m.refused = false;
	m.data = bytes_of(&signature);
	message_pack(&packed, &m, true);
	buf_put_string(&a->data, packed.data, packed.len);
}

int
answer_sign_several(struct keeper_house *h, const struct message *q, struct answer *a)
{
	struct view v = view_of(q->data.data, q->data.len);
	struct one ones[SEVERAL_MAX] = { 0 };
	uint64_t end = 0;
	size_t n = 0;
	int r = 0;

	while (r == 0 && v.len > 0) {
		struct bytes question = { 0 };

		r = n == SEVERAL_MAX || view_string(&v, &question.data, &question.len, v.len) < 0
		    ? err_set(&a->m.why, R_SIGN_SEVERAL, NULL,
			  "more than %d signatures, or not whole ones", SEVERAL_MAX)
		    : admit_one(h, &question, a, &ones[n++], &end);
	}
	buf_reset(&a->data);
	if (r == 0)
		signlog_wait(h->signlog, end);
	for (size_t i = 0; r == 0 && i < n; i++)
		sign_one(&ones[i], a);
	ones_free(ones, n);
	a->m.data = bytes_of(&a->data);
	return r;
}

int
answer_serial(struct keeper_house *h, const struct message *q, struct answer *a)
{
	if (q->count == 0 || q->count > SERIALS_AT_ONCE)
		return err_set(&a->m.why, R_SERIAL_COUNT, NULL,
		    "1 to %d serial numbers can be asked for at once", SERIALS_AT_ONCE);
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
