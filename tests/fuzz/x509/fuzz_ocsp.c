/*
 * fuzz_ocsp.c - any bytes as a question about certificates
 *
 * What is read is read by OpenSSL, too, as the same; so is the answer to it.
 */
#include <openssl/ocsp.h>

#include "x509/ocsp.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
answer(const struct ocsp_question *q)
{
	static const unsigned char name[] = { 0x30, 0 },
				   alg[] = { 0x30, 5, 6, 3, 0x2b, 0x65, 0x70 };
	AUTO_BUF struct buf singles = { 0 }, out = { 0 };
	const unsigned char *p;
	OCSP_RESPONSE *r;
	OCSP_BASICRESP *b;

	for (size_t i = 0; i < q->n; i++)
		ocsp_single(&singles, &q->ids[i], (enum ocsp_status)(i % 3), 1000000000,
		    REASON_SUPERSEDED, 1000000000, 1000000001);
	ocsp_tbs(&out, &singles, name, sizeof(name), 1000000000, &q->nonce);
	ocsp_answer(&out, alg, sizeof(alg), "signature", 9, "", 0);
	p = out.data;
	if ((r = d2i_OCSP_RESPONSE(NULL, &p, (long)out.len)) == NULL || p != out.data + out.len ||
	    (b = OCSP_response_get1_basic(r)) == NULL || OCSP_resp_count(b) != (int)q->n)
		abort();
	OCSP_BASICRESP_free(b);
	OCSP_RESPONSE_free(r);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const unsigned char *p = data;
	struct ocsp_question q;
	struct ocsp_issuer issuer;
	OCSP_REQUEST *theirs;

	if (ocsp_question(&q, data, len) < 0)
		return 0;
	if ((theirs = d2i_OCSP_REQUEST(NULL, &p, (long)len)) != NULL &&
	    OCSP_request_onereq_count(theirs) != (int)q.n)
		abort();
	OCSP_REQUEST_free(theirs);
	if (ocsp_issuer(&issuer, "name", 4, "key", 3) == 0 && ocsp_is_of(&q.ids[0], &issuer))
		abort(); /* nobody finds these hashes */
	if (theirs != NULL)
		answer(&q);
	return 0;
}
