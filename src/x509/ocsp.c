/*
 * ocsp.c - questions about single certificates, read, and answers, written (RFC 6960)
 */
#include <stdio.h>
#include <time.h>

#include <openssl/evp.h>

#include "x509/der_put.h"
#include "x509/ocsp.h"

/* ---- a question ------------------------------------------------------------------- */

/* CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } */
static int
read_id(struct der *request, struct ocsp_id *id)
{
	struct der in, algorithm;

	return der_expect_whole(request, DER_SEQUENCE, &in, &id->whole) < 0 ||
		der_expect(&in, DER_SEQUENCE, &algorithm) < 0 ||
		der_expect(&algorithm, DER_OID, &id->algorithm) < 0 ||
		der_expect(&in, DER_OCTET_STRING, &id->name) < 0 ||
		der_expect(&in, DER_OCTET_STRING, &id->key) < 0 ||
		der_expect(&in, DER_INTEGER, &id->serial) < 0 || id->serial.len == 0 ||
		!der_at_end(&in)
	    ? -1
	    : 0;
}

/* Request ::= SEQUENCE { reqCert CertID, [0] singleRequestExtensions OPTIONAL } */
static int
read_list(struct der list, struct ocsp_question *q)
{
	struct der request, ignored;

	for (q->n = 0; !der_at_end(&list); q->n++)
		if (q->n == OCSP_CERTS_MAX || der_expect(&list, DER_SEQUENCE, &request) < 0 ||
		    read_id(&request, &q->ids[q->n]) < 0 ||
		    der_optional(&request, DER_CONTEXT(0), &ignored) < 0 || !der_at_end(&request))
			return -1;
	return q->n == 0 ? -1 : 0;
}

/* Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue }; of the nonce
 * the value is an OCTET STRING again. */
static int
read_extension(struct der *list, struct ocsp_question *q)
{
	static const unsigned char nonce[] = { 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2 };
	struct der in, whole, id, value, critical, octets;

	if (der_expect_whole(list, DER_SEQUENCE, &in, &whole) < 0 ||
	    der_expect(&in, DER_OID, &id) < 0 || der_optional(&in, DER_BOOLEAN, &critical) < 0 ||
	    der_expect(&in, DER_OCTET_STRING, &value) < 0 || !der_at_end(&in))
		return -1;
	if (!der_equal(&id, nonce, sizeof(nonce)))
		return 0;
	if (q->nonce.len > 0 || der_expect(&value, DER_OCTET_STRING, &octets) < 0 ||
	    !der_at_end(&value) || octets.len == 0 || octets.len > OCSP_NONCE_MAX)
		return -1;
	q->nonce = whole;
	return 0;
}

static int
read_extensions(struct der outer, struct ocsp_question *q)
{
	struct der list;

	if (der_expect(&outer, DER_SEQUENCE, &list) < 0 || !der_at_end(&outer))
		return -1;
	while (!der_at_end(&list))
		if (read_extension(&list, q) < 0)
			return -1;
	return 0;
}

/* TBSRequest ::= SEQUENCE { [0] version DEFAULT v1, [1] requestorName OPTIONAL,
 * requestList, [2] requestExtensions OPTIONAL }; [0] a signature, not looked at */
int
ocsp_question(struct ocsp_question *q, const void *data, size_t len)
{
	struct der d = der_of(data, len), request, tbs, list, ignored;
	int r;

	memset(q, 0, sizeof(*q));
	if (len > LIMIT_OCSP || der_check(data, len) < 0 ||
	    der_expect(&d, DER_SEQUENCE, &request) < 0 ||
	    der_expect(&request, DER_SEQUENCE, &tbs) < 0 ||
	    der_optional(&request, DER_CONTEXT(0), &ignored) < 0 || !der_at_end(&request) ||
	    der_optional(&tbs, DER_CONTEXT(0), &ignored) < 0 ||
	    der_optional(&tbs, DER_CONTEXT(1), &ignored) < 0 ||
	    der_expect(&tbs, DER_SEQUENCE, &list) < 0 || read_list(list, q) < 0 ||
	    (r = der_optional(&tbs, DER_CONTEXT(2), &list)) < 0)
		return -1;
	return (r == 1 && read_extensions(list, q) < 0) || !der_at_end(&tbs) ? -1 : 0;
}

/* ---- whom it is about --------------------------------------------------------------- */

static const struct {
	const char *name;
	size_t len;
	unsigned char oid[9];
} hashes[] = { { "SHA1", 5, { 0x2b, 0x0e, 3, 2, 0x1a } },
	{ "SHA256", 9, { 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1 } },
	{ "SHA384", 9, { 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2 } },
	{ "SHA512", 9, { 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3 } } };

int
ocsp_issuer(struct ocsp_issuer *i, const void *name, size_t len, const void *key, size_t key_len)
{
	size_t n;

	for (size_t k = 0; k < nitems(hashes); k++)
		if (EVP_Q_digest(
			NULL, hashes[k].name, NULL, name, len, i->by[k].name, &i->by[k].len) != 1 ||
		    EVP_Q_digest(NULL, hashes[k].name, NULL, key, key_len, i->by[k].key, &n) != 1)
			return -1;
	return 0;
}

bool
ocsp_is_of(const struct ocsp_id *id, const struct ocsp_issuer *i)
{
	for (size_t k = 0; k < nitems(hashes); k++)
		if (der_equal(&id->algorithm, hashes[k].oid, hashes[k].len))
			return der_equal(&id->name, i->by[k].name, i->by[k].len) &&
			    der_equal(&id->key, i->by[k].key, i->by[k].len);
	return false;
}

/* ---- an answer ---------------------------------------------------------------------- */

static void
put_time(struct buf *b, int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm = { 0 };
	char text[40];

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	der_put(b, DER_GENERAL_TIME, text, strlen(text));
}

/* [1] IMPLICIT { revocationTime, [0] EXPLICIT CRLReason OPTIONAL } */
static void
put_revoked(struct buf *b, int64_t at, enum crl_reason reason)
{
	unsigned char why[] = { DER_CONTEXT(0), 3, DER_ENUMERATED, 1, (unsigned char)reason };
	AUTO_BUF struct buf in = { 0 };

	put_time(&in, at);
	if (reason != REASON_UNSPECIFIED)
		buf_put(&in, why, sizeof(why));
	der_put(b, DER_CONTEXT(1), in.data, in.len);
}

void
ocsp_single(struct buf *out, const struct ocsp_id *id, enum ocsp_status status, int64_t revoked_at,
    enum crl_reason reason, int64_t this_update, int64_t next_update)
{
	AUTO_BUF struct buf one = { 0 }, next = { 0 };

	buf_put(&one, id->whole.data, id->whole.len);
	if (status == OCSP_REVOKED)
		put_revoked(&one, revoked_at, reason);
	else
		der_put(&one, DER_CONTEXT_PRIMITIVE(status == OCSP_GOOD ? 0 : 2), NULL, 0);
	put_time(&one, this_update);
	put_time(&next, next_update);
	der_put(&one, DER_CONTEXT(0), next.data, next.len);
	der_put(out, DER_SEQUENCE, one.data, one.len);
}

void
ocsp_tbs(struct buf *out, const struct buf *singles, const void *responder, size_t len, int64_t now,
    const struct der *nonce)
{
	AUTO_BUF struct buf in = { 0 };

	buf_reset(out);
	der_put(out, DER_CONTEXT(1), responder, len);
	put_time(out, now);
	der_put(out, DER_SEQUENCE, singles->data, singles->len);
	if (nonce->len > 0) {
		der_put(&in, DER_SEQUENCE, nonce->data, nonce->len);
		der_put(out, DER_CONTEXT(1), in.data, in.len);
	}
	der_wrap(out, DER_SEQUENCE);
}

void
ocsp_answer(struct buf *out, const void *algorithm, size_t algorithm_len, const void *signature,
    size_t len, const void *certificate, size_t certificate_len)
{
	/* OCSPResponseStatus successful; id-pkix-ocsp-basic */
	static const unsigned char fine[] = { DER_ENUMERATED, 1, 0 };
	static const unsigned char basic[] = { DER_OID, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1 };
	AUTO_BUF struct buf in = { 0 };

	buf_put(out, algorithm, algorithm_len);
	buf_put_u8(&in, 0); /* no unused bits */
	buf_put(&in, signature, len);
	der_put(out, DER_BIT_STRING, in.data, in.len);
	buf_reset(&in);
	der_put(&in, DER_SEQUENCE, certificate, certificate_len);
	der_put(out, DER_CONTEXT(0), in.data, in.len);
	der_wrap(out, DER_SEQUENCE); /* BasicOCSPResponse */
	buf_reset(&in);
	buf_put(&in, basic, sizeof(basic));
	der_put(&in, DER_OCTET_STRING, out->data, out->len);
	der_wrap(&in, DER_SEQUENCE);
	buf_reset(out);
	buf_put(out, fine, sizeof(fine));
	der_put(out, DER_CONTEXT(0), in.data, in.len);
	der_wrap(out, DER_SEQUENCE);
}

void
ocsp_refusal(struct buf *out, enum ocsp_error why)
{
	unsigned char all[] = { DER_SEQUENCE, 3, DER_ENUMERATED, 1, (unsigned char)why };

	buf_reset(out);
	buf_put(out, all, sizeof(all));
}
