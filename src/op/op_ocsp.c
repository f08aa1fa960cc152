/*
 * op_ocsp.c - answers about single certificates (RFC 6960, RFC 5019, RFC 9654)
 *
 * A signer of its own answers for each CA (section 2.6): the CA's key signs
 * certificates and lists only.
 */
#include <pthread.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "op/ca_sign.h"
#include "op/house.h"
#include "op/ocsp_cache.h"
#include "op/ocsp_signer.h"
#include "op/op_pki.h"
#include "x509/cert.h"
#include "x509/der.h"

#define NONCE_MAX 128 /* RFC 9654 section 2.1 */

DEFINE_AUTO(OCSP_REQUEST, OCSP_REQUEST, OCSP_REQUEST_free)
DEFINE_AUTO(OCSP_RESPONSE, OCSP_RESPONSE, OCSP_RESPONSE_free)
DEFINE_AUTO(OCSP_BASICRESP, OCSP_BASICRESP, OCSP_BASICRESP_free)

static int
encode(struct ctx *cx, OCSP_RESPONSE *r, struct buf *out)
{
	unsigned char *der = NULL;
	int n = r == NULL ? -1 : i2d_OCSP_RESPONSE(r, &der);

	if (n <= 0)
		return err_nomem(&cx->err);
	buf_reset(out);
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	return 0;
}

/* malformedRequest, unauthorized ...: these are not signed (section 2.3). */
static int
answer_error(struct ctx *cx, int status, struct pki_answer *a)
{
	AUTO(OCSP_RESPONSE) OCSP_RESPONSE *r = OCSP_response_create(status, NULL);

	a->fresh_until = cx->now;
	return encode(cx, r, a->out);
}

static OCSP_REQUEST *
parse(const void *data, size_t len)
{
	const unsigned char *p = data;
	OCSP_REQUEST *r;

	if (len > LIMIT_OCSP || der_check(data, len) < 0)
		return NULL;
	r = d2i_OCSP_REQUEST(NULL, &p, (long)len);
	ERR_clear_error();
	return r;
}

/* Is the certificate asked for one of this CA? By names and keys hashed. */
static bool
is_ours(const struct ocsp_signer *s, OCSP_CERTID *id)
{
	ASN1_OBJECT *md = NULL;
	OCSP_CERTID *ours;
	const EVP_MD *digest;
	bool same;

	OCSP_id_get0_info(NULL, &md, NULL, NULL, id);
	digest = EVP_get_digestbyobj(md);
	if (digest == NULL || EVP_MD_get_size(digest) > 64)
		return false;
	ours = OCSP_cert_to_id(digest, NULL, s->ca);
	same = ours != NULL && OCSP_id_issuer_cmp(ours, id) == 0;
	OCSP_CERTID_free(ours);
	return same;
}

struct said {
	int status, reason;
	int64_t at;
	const char *serial; /* of one that was issued; NULL: unknown */
};

/* A serial number that was never given out is unknown, never good. */
static int
look_up(struct ctx *cx, const char *ca, OCSP_CERTID *id, struct said *said)
{
	ASN1_INTEGER *serial = NULL;
	struct issued_row row;

	*said = (struct said){ V_OCSP_CERTSTATUS_UNKNOWN, OCSP_REVOKED_STATUS_NOSTATUS, 0, NULL };
	OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
	if (ASN1_STRING_length(serial) > 20)
		return 0;
	if (store_issued_by_serial(cx, ca,
		hex_of(
		    cx->arena, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)),
		&row) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		return 0;
	}
	said->status = row.revoked_at > 0 ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD;
	said->serial = row.serial;
	said->at = row.revoked_at;
	said->reason = row.reason == 0 ? OCSP_REVOKED_STATUS_NOSTATUS : (int)row.reason;
	return 0;
}

static int
add(struct ctx *cx, const struct ocsp_signer *s, OCSP_BASICRESP *b, OCSP_CERTID *id,
    const char **serial)
{
	ASN1_TIME *this_update = ASN1_GENERALIZEDTIME_set(NULL, (time_t)cx->now);
	ASN1_TIME *next_update = ASN1_GENERALIZEDTIME_set(NULL, (time_t)(cx->now + OCSP_LIFE));
	ASN1_TIME *at = NULL;
	struct said said = { V_OCSP_CERTSTATUS_UNKNOWN, OCSP_REVOKED_STATUS_NOSTATUS, 0, NULL };
	int r = is_ours(s, id) ? look_up(cx, s->ca_id, id, &said) : 0;

	*serial = said.serial;
	if (said.status == V_OCSP_CERTSTATUS_REVOKED)
		at = ASN1_GENERALIZEDTIME_set(NULL, (time_t)said.at);
	if (r == 0 &&
	    OCSP_basic_add1_status(b, id, said.status, said.reason, at, this_update, next_update) ==
		NULL)
		r = err_nomem(&cx->err);
	ASN1_GENERALIZEDTIME_free(this_update);
	ASN1_GENERALIZEDTIME_free(next_update);
	ASN1_GENERALIZEDTIME_free(at);
	return r;
}

/* 1 taken over, 0 there is none, -1 too long or empty */
static int
copy_nonce(OCSP_BASICRESP *b, OCSP_REQUEST *q)
{
	int at = OCSP_REQUEST_get_ext_by_NID(q, NID_id_pkix_OCSP_Nonce, -1), n;
	X509_EXTENSION *x = at < 0 ? NULL : OCSP_REQUEST_get_ext(q, at);

	if (x == NULL)
		return 0;
	n = ASN1_STRING_length(X509_EXTENSION_get_data(x));
	if (n < 1 || n > NONCE_MAX + 3) /* with the header of its OCTET STRING */
		return -1;
	return OCSP_copy_nonce(b, q) == 1 ? 1 : -1;
}

/* *serial: of the only certificate asked for, when the answer may be given again. */
static int
answer(struct ctx *cx, const struct ocsp_signer *s, OCSP_REQUEST *q, struct pki_answer *a,
    const char **serial)
{
	AUTO(OCSP_BASICRESP) OCSP_BASICRESP *b = OCSP_BASICRESP_new();
	AUTO(OCSP_RESPONSE) OCSP_RESPONSE *r = NULL;
	int n = OCSP_request_onereq_count(q), nonce = 0;

	*serial = NULL;
	if (b == NULL)
		return err_nomem(&cx->err);
	if (n < 1 || n > OCSP_CERTS_MAX || (nonce = copy_nonce(b, q)) < 0)
		return answer_error(cx, OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, a);
	for (int i = 0; i < n; i++)
		if (add(cx, s, b, OCSP_onereq_get0_id(OCSP_request_onereq_get0(q, i)), serial) < 0)
			return -1;
	if (OCSP_basic_sign(b, s->cert, s->key, s->digest, NULL, 0) != 1) {
		ERR_clear_error();
		return err_set(&cx->err, R_ISSUE_SIGN, NULL, "the OCSP answer could not be signed");
	}
	if (n > 1 || nonce > 0)
		*serial = NULL;
	r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, b);
	a->fresh_until = cx->now; /* a revocation is seen at once */
	return encode(cx, r, a->out);
}

int
op_ocsp(struct ctx *cx, const char *ca, const void *request, size_t len, struct pki_answer *a)
{
	AUTO(OCSP_REQUEST) OCSP_REQUEST *q = parse(request, len);
	uint64_t begun = ocsp_cache_begin();
	const struct ocsp_signer *s;
	const char *serial;
	struct ca_row row;

	if (store_ca_load(cx, ca, &row) < 0)
		return -1;
	if (q == NULL)
		return answer_error(cx, OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, a);
	if (ocsp_signer(cx, &row, &s) < 0 || answer(cx, s, q, a, &serial) < 0)
		return -1;
	if (serial != NULL)
		ocsp_cache_put(begun, ca, request, len, serial, a->out, cx->now + OCSP_FRESH);
	return 0;
}
