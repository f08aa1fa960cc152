/*
 * ca_sign.c - a TBSCertificate becomes a certificate: serial, signature, record
 */
#include <pthread.h>
#include <stdatomic.h>

#include <openssl/sha.h>

#include "op/ca_sign.h"
#include "op/op_pki.h"
#include "x509/der_put.h"
#include "x509/lint.h"

/* who waits for nobody to be in between comes before those who come later */
static pthread_rwlock_t in_between = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool unsettled; /* a signature may be without its row */
static atomic_size_t since;   /* the last checkpoint */

int
ca_serial(struct ctx *cx, unsigned char out[SERIAL_SIZE])
{
	return keys_certificate_serial(cx->keeper, out, &cx->err);
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
ca_change_begin(void)
{
	pthread_mutex_lock(&changing);
}

int
ca_change_end(struct ctx *cx, int r)
{
	if (r == 0 && (r = op_owns_load(cx)) == 0) {
		pthread_rwlock_wrlock(&in_between);
		pthread_rwlock_unlock(&in_between);
	}
	pthread_mutex_unlock(&changing);
	return r;
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

/* With the public key, over the bytes that were signed. */
static bool
verifies(const struct signing *s, EVP_PKEY *key, const struct buf *tbs, const struct der *sig)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = c != NULL &&
	    EVP_DigestVerifyInit_ex(c, NULL, s->md, NULL, "provider=default", key, NULL) == 1 &&
	    EVP_DigestVerify(c, sig->data + 1, sig->len - 1, tbs->data, tbs->len) == 1;

	EVP_MD_CTX_free(c);
	return ok;
}

int
ca_sign(struct ctx *cx, struct buf *tbs, const struct ca_signer *by)
{
	struct lint_input lint = { .tbs = tbs->data,
		.len = tbs->len,
		.rules = by->rules,
		.when = cx->now,
		.issuer = by->limits };
	AUTO_BUF struct buf whole = { 0 };
	struct der d, skip, algorithm, sig;
	struct err why = { 0 };

	if (lint_check(&lint, by->sheet, &cx->err) < 0)
		return -1;
	buf_put(&whole, tbs->data, tbs->len);
	if (signing_put(&whole, by->signing, by->key, &why) < 0) {
		err_set(&cx->err, R_ISSUE_SIGN, NULL,
		    "the key of the authority could not sign the certificate");
		return err_hint(&cx->err, "%s", why.hint);
	}
	d = der_of(whole.data, whole.len);
	if (der_expect(&d, DER_SEQUENCE, &skip) < 0 ||
	    der_expect(&d, DER_SEQUENCE, &algorithm) < 0 ||
	    der_expect(&d, DER_BIT_STRING, &sig) < 0 || sig.len < 2 ||
	    !verifies(by->signing, by->public_key, tbs, &sig))
		return err_set(&cx->err, R_ISSUE_SIGN, NULL,
		    "the signature of the new certificate does not verify");
	der_wrap(&whole, DER_SEQUENCE);
	buf_reset(tbs);
	buf_put(tbs, whole.data, whole.len);
	return 0;
}

static const char *
common_name(const struct subject *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].item, "subject.CN") == 0)
			return s->v[i].value;
	return NULL;
}

static void
fill_names(struct ctx *cx, const struct tbs_parts *p, struct issued_row *row)
{
	AUTO_BUF struct buf lines = { 0 };

	for (size_t i = 0; i < p->sans.n; i++) {
		buf_put_text(&lines, i > 0 ? "\n" : "");
		buf_put_text(&lines, p->sans.v[i].text);
	}
	row->subject = subject_line(cx->arena, &p->subject);
	row->names = arena_strdup(cx->arena, buf_text(&lines));
	row->name = common_name(&p->subject);
	if (row->name == NULL)
		row->name = p->sans.n > 0 ? p->sans.v[0].text : "";
}

static void
fill_row(
    struct ctx *cx, const struct tbs_parts *p, const void *der, size_t len, struct issued_row *row)
{
	memset(row, 0, sizeof(*row));
	id_new(row->id);
	fill_names(cx, p, row);
	row->serial = p->serial;
	row->der = arena_dup(cx->arena, der, len);
	row->der_len = len;
	SHA256(der, len, row->sha256);
	SHA256(p->spki, p->spki_len, row->spki_sha256);
	row->not_before = p->not_before;
	row->not_after = p->not_after;
}

int
ca_issued_row(struct ctx *cx, const struct tbs_parts *p, const struct buf *der, const char *ca,
    const char *profile, struct issued_row *row)
{
	fill_row(cx, p, der->data, der->len, row);
	memcpy(row->ca, ca, ID_SIZE);
	row->state = "issued";
	row->profile = profile;
	row->created_at = cx->now;
	return 0;
}

int
ca_issued_row_of(struct ctx *cx, const void *der, size_t len, const char *ca, const char *profile,
    struct issued_row *row)
{
	AUTO_TBS struct tbs_parts p = { 0 };
	struct der d = der_of(der, len), in, skip, tbs;
	struct buf whole = { .data = (unsigned char *)(uintptr_t)der, .len = len };

	if (der_expect(&d, DER_SEQUENCE, &in) < 0 ||
	    der_expect_whole(&in, DER_SEQUENCE, &skip, &tbs) < 0 ||
	    tbs_parts_read(cx->arena, tbs.data, tbs.len, &p) < 0)
		return err_set(&cx->err, R_CERT_DER, NULL, "the new certificate cannot be read");
	return ca_issued_row(cx, &p, &whole, ca, profile, row);
}

/* The part of the CRL that is named in a certificate; 0: the full one, or none. */
static int64_t
shard_of(const STACK_OF(X509_EXTENSION) * extensions)
{
	CRL_DIST_POINTS *all = X509V3_get_d2i(extensions, NID_crl_distribution_points, NULL, NULL);
	const DIST_POINT *first = sk_DIST_POINT_value(all, 0);
	const GENERAL_NAME *name;
	struct crl_which w = { 0 };
	const char *path;
	char ca[ID_SIZE];

	if (first != NULL && first->distpoint != NULL && first->distpoint->type == 0 &&
	    (name = sk_GENERAL_NAME_value(first->distpoint->name.fullname, 0)) != NULL &&
	    name->type == GEN_URI &&
	    (path = strstr((const char *)ASN1_STRING_get0_data(name->d.ia5), "/crl/")) != NULL &&
	    !pki_crl_path(path, ca, &w))
		w.shard = 0;
	CRL_DIST_POINTS_free(all);
	return w.shard;
}

int
ca_presumed_row(struct ctx *cx, const void *tbs, size_t len, const char *ca, struct issued_row *row)
{
	AUTO_TBS struct tbs_parts p = { 0 };

	if (tbs_parts_read(cx->arena, tbs, len, &p) < 0)
		return err_set(&cx->err, R_DB_DAMAGED, NULL,
		    "the sign journal holds something that is no certificate");
	fill_row(cx, &p, tbs, len, row); /* the certificate's own SHA-256 is not known */
	memcpy(row->ca, ca, ID_SIZE);
	row->state = "presumed";
	row->shard = shard_of(p.extensions);
	row->profile = "unknown";
	row->created_at = row->not_before;
	return 0;
}
