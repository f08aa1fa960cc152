/*
 * ca_sign.c - a TBSCertificate becomes a certificate: serial, signature, record
 */
#include <pthread.h>
#include <stdatomic.h>

#include <openssl/sha.h>

#include "op/ca_sign.h"
#include "x509/cert.h"
#include "x509/der_put.h"

#define SERIALS 16 /* asked for at once */

DEFINE_AUTO(X509, X509, X509_free)

static pthread_rwlock_t in_between = PTHREAD_RWLOCK_INITIALIZER;
static atomic_bool unsettled; /* a signature may be without its row */
static atomic_size_t since;   /* the last checkpoint */

int
ca_serial(struct ctx *cx, unsigned char out[SERIAL_SIZE])
{
	/* serials belong to the thread's connection to the keeper */
	static _Thread_local unsigned char ahead[SERIALS][SERIAL_SIZE];
	static _Thread_local unsigned left;

	if (left == 0) {
		if (keys_serials(cx->keeper, SERIALS, ahead[0], &cx->err) < 0)
			return -1;
		left = SERIALS;
	}
	memcpy(out, ahead[--left], SERIAL_SIZE);
	return 0;
}

void
ca_signing_begin(void)
{
	pthread_rwlock_rdlock(&in_between);
}

void
ca_signing_end(bool committed)
{
	if (!committed)
		unsettled = true;
	since++;
	pthread_rwlock_unlock(&in_between);
}

void
ca_signing_pause(bool *out, size_t *n)
{
	pthread_rwlock_wrlock(&in_between);
	*out = atomic_exchange(&unsettled, false);
	*n = atomic_exchange(&since, 0);
}

void
ca_signing_resume(void)
{
	pthread_rwlock_unlock(&in_between);
}

void
ca_signing_failed(void)
{
	unsettled = true;
}

size_t
ca_signed_since(void)
{
	return unsettled ? SIZE_MAX : since;
}

int
ca_sign(struct ctx *cx, struct buf *tbs, const struct signing *signing, EVP_PKEY *key,
    EVP_PKEY *public_key)
{
	AUTO(X509) X509 *x = NULL;
	const unsigned char *p;

	if (signing_put(tbs, signing, key, &cx->err) < 0)
		return -1;
	der_wrap(tbs, DER_SEQUENCE);
	p = tbs->data;
	if ((x = d2i_X509(NULL, &p, (long)tbs->len)) == NULL || X509_verify(x, public_key) != 1)
		return err_set(&cx->err, R_ISSUE_SIGN, NULL,
		    "the signature of the new certificate does not verify");
	return 0;
}

static int
fill_row(struct ctx *cx, X509 *x, const char *ca, const char *profile, struct issued_row *row)
{
	struct cert_facts f;
	const char *names = "";

	memset(row, 0, sizeof(*row));
	if (cert_facts(cx->arena, x, &f, &cx->err) < 0)
		return -1;
	id_new(row->id);
	memcpy(row->ca, ca, ID_SIZE);
	for (size_t i = 0; i < f.sans.n; i++)
		names = arena_printf(
		    cx->arena, "%s%s%s", names, i > 0 ? "\n" : "", f.sans.v[i].text);
	row->serial = f.serial;
	row->state = "issued";
	row->profile = profile;
	memcpy(row->sha256, f.sha256, 32);
	memcpy(row->spki_sha256, f.spki_sha256, 32);
	row->subject = f.subject;
	row->name = f.common_name != NULL ? f.common_name : f.sans.n > 0 ? f.sans.v[0].text : "";
	row->names = names;
	row->not_before = f.not_before;
	row->not_after = f.not_after;
	row->created_at = cx->now;
	return 0;
}

int
ca_issued_row(struct ctx *cx, const struct buf *der, const char *ca, const char *profile,
    struct issued_row *row)
{
	AUTO(X509) X509 *x = NULL;

	if (cert_parse(&x, der->data, der->len, &cx->err) < 0 ||
	    fill_row(cx, x, ca, profile, row) < 0)
		return -1;
	row->der = arena_dup(cx->arena, der->data, der->len);
	row->der_len = der->len;
	return 0;
}

int
ca_presumed_row(struct ctx *cx, const void *tbs, size_t len, const char *ca, struct issued_row *row)
{
	AUTO(X509) X509 *x = issue_unsigned(tbs, len);

	if (x == NULL)
		return err_set(&cx->err, R_DB_DAMAGED, NULL,
		    "the sign journal holds something that is no certificate");
	if (fill_row(cx, x, ca, "unknown", row) < 0)
		return -1;
	row->state = "presumed";
	row->created_at = row->not_before;
	row->der = arena_dup(cx->arena, tbs, len);
	row->der_len = len;
	SHA256(tbs, len, row->sha256); /* that of the certificate is not known */
	return 0;
}
