/*
 * op_ocsp.c - answers about single certificates (RFC 6960, RFC 5019, RFC 9654)
 *
 * A signer of its own answers for each CA (section 2.6): the CA's key signs
 * certificates and lists only.
 */
#include "op/house.h"
#include "op/ocsp_cache.h"
#include "op/ocsp_signer.h"
#include "op/op_pki.h"

/* As the store has it: without the zero octet of a high bit. NULL: none of ours. */
static const char *
serial_of(struct ctx *cx, struct der serial)
{
	if (serial.len > 1 && serial.data[0] == 0) {
		serial.data++;
		serial.len--;
	} else if ((serial.data[0] & 0x80) != 0)
		return NULL;
	return serial.len > 20 ? NULL : hex_of(cx->arena, serial.data, serial.len);
}

/* A serial number that was never given out is unknown, never good. *serial: of one
 * that was. */
static int
add(struct ctx *cx, const struct ocsp_signer *s, const struct ocsp_id *id, struct buf *singles,
    const char **serial)
{
	enum ocsp_status status = OCSP_UNKNOWN;
	int64_t at = 0, reason = 0;
	const char *asked = ocsp_is_of(id, &s->issuer) ? serial_of(cx, id->serial) : NULL;
	int r = asked == NULL ? 0 : store_issued_status(cx, s->ca_id, asked, &at, &reason);

	if (r < 0)
		return -1;
	if (r > 0)
		status = at > 0 ? OCSP_REVOKED : OCSP_GOOD;
	*serial = r > 0 ? asked : NULL;
	ocsp_single(singles, id, status, at, (enum crl_reason)reason, cx->now, cx->now + OCSP_LIFE);
	return 0;
}

/* *serial: of the only certificate asked for, when the answer may be given again. */
static int
answer(struct ctx *cx, const struct ocsp_signer *s, const struct ocsp_question *q, struct buf *out,
    const char **serial)
{
	AUTO_BUF struct buf singles = { 0 };
	const unsigned char *signature;
	size_t len;

	for (size_t i = 0; i < q->n; i++)
		if (add(cx, s, &q->ids[i], &singles, serial) < 0)
			return -1;
	if (q->n > 1 || q->nonce.len > 0)
		*serial = NULL;
	ocsp_tbs(out, &singles, s->name, s->name_len, cx->now, &q->nonce);
	if (keys_sign(cx->keeper, s->blob, s->blob_len, PURPOSE_OCSP, s->type, NULL, out->data,
		out->len, cx->arena, &signature, &len, &cx->err) < 0)
		return -1;
	ocsp_answer(out, s->signing->alg, s->signing->len, signature, len, s->der, s->der_len);
	return 0;
}

static int
signer_of(struct ctx *cx, const char *ca, const struct ocsp_signer **s)
{
	struct ca_row row;

	if ((*s = ocsp_signer_ready(ca, cx->now)) != NULL)
		return 0;
	return store_ca_load(cx, ca, &row) < 0 ? -1 : ocsp_signer(cx, &row, s);
}

int
op_ocsp(struct ctx *cx, const char *ca, const void *request, size_t len, struct pki_answer *a)
{
	uint64_t begun = ocsp_cache_begin();
	const struct ocsp_signer *s;
	struct ocsp_question q;
	struct ca_row row;
	const char *serial = NULL;

	a->fresh_until = cx->now; /* a revocation is seen at once */
	if (ocsp_question(&q, request, len) < 0) {
		ocsp_refusal(a->out, OCSP_MALFORMED);
		return store_ca_load(cx, ca, &row);
	}
	if (signer_of(cx, ca, &s) < 0 || answer(cx, s, &q, a->out, &serial) < 0)
		return -1;
	if (serial != NULL)
		ocsp_cache_put(begun, ca, request, len, serial, a->out, cx->now + OCSP_FRESH);
	return 0;
}
