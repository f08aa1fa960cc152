/*
 * ocsp_signer.c - who answers about the certificates of a CA in its name
 */
#include <pthread.h>

#include "base/clock.h"
#include "base/log.h"
#include "op/ca_sign.h"
#include "op/ocsp_signer.h"
#include "op/op_pki.h"
#include "x509/ca_make.h"
#include "x509/cert.h"
#include "x509/items.h"

DEFINE_AUTO(X509, X509, X509_free)
DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)

#define AGAIN_MS 10000 /* strangers' questions make no new key each, when it fails */

/* Why there is no new signer for a CA. */
struct failure {
	struct failure *next;
	char ca_id[ID_SIZE];
	struct err err;
	int64_t again_ms; /* on the monotonic clock */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ocsp_signer *all;
static struct failure *failures;

/* ---- made by the CA -------------------------------------------------------------- */

static int
certify(struct ctx *cx, const struct ca_row *ca, const struct key_made *made, int64_t life,
    struct buf *der)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL, *public_key = NULL;
	AUTO(X509) X509 *x = NULL;
	int64_t end = cx->now + life - 1;
	struct ca_facts f;
	struct issue_input in = { .when = cx->now, .spki = made->spki, .spki_len = made->spki_len };
	struct ca_wish w = { .common_name = "OCSP signer",
		.not_after = end < ca->not_after ? end : ca->not_after };

	if (cert_parse(&x, ca->der, ca->der_len, &cx->err) < 0 ||
	    ca_facts(cx->arena, x, &f, &cx->err) < 0 ||
	    spki_parse(ca->spki, ca->spki_len, &public_key, &cx->err) < 0 ||
	    keys_open(
		ca->blob, ca->blob_len, ca->spki, ca->spki_len, PURPOSE_CERT, &key, &cx->err) < 0 ||
	    (in.signing = signing_for(public_key, NULL, &cx->err)) == NULL ||
	    ca_serial(cx, in.serial) < 0)
		return -1;
	in.issuer = f.subject;
	in.issuer_len = f.subject_len;
	in.key_id = f.key_id;
	in.key_id_len = f.key_id_len;
	w.below = name_limits_below(&f.names);
	ocsp_signer_tbs(der, &w, &in);
	return ca_sign(cx, der,
	    &(struct ca_signer){ .signing = in.signing, .key = key, .public_key = public_key });
}

static int
make_between(struct ctx *cx, const struct ca_row *ca, int64_t life, struct ocsp_signer_row *row)
{
	AUTO_BUF struct buf der = { 0 };
	char id[ID_SIZE];
	/* the same kind of key as the CA's: whoever verifies one verifies both */
	struct key_wish w = { .id = id,
		.tenant = cx->tenant,
		.type = key_type_by_name(ca->type),
		.purposes = PURPOSE_OCSP };
	struct issued_row issued;
	struct key_made made;

	id_new(id);
	if (keys_generate(cx->keeper, &w, cx->arena, &made, &cx->err) < 0 ||
	    certify(cx, ca, &made, life, &der) < 0 ||
	    ca_issued_row_of(cx, der.data, der.len, ca->id, "ocsp", &issued) < 0)
		return -1;
	*row = (struct ocsp_signer_row){ .blob = made.blob,
		.blob_len = made.blob_len,
		.spki = made.spki,
		.spki_len = made.spki_len,
		.der = issued.der,
		.der_len = issued.der_len,
		.not_after = issued.not_after };
	if (db_begin(cx) < 0 || store_issued_insert(cx, &issued) < 0 ||
	    store_ocsp_signer_save(cx, ca->id, row) < 0 ||
	    audit(cx, "ocsp.signer", ca->id, NULL) < 0)
		return -1;
	return db_commit(cx);
}

static int
make(struct ctx *cx, const struct ca_row *ca, int64_t life, struct ocsp_signer_row *row)
{
	int r;

	ca_signing_begin();
	r = make_between(cx, ca, life, row);
	ca_signing_end(r == 0);
	return r;
}

/* ---- kept ready ------------------------------------------------------------------- */

static const unsigned char *
keep(const void *data, size_t len)
{
	void *copy = malloc(len);

	if (copy == NULL)
		abort();
	return memcpy(copy, data, len);
}

static int
name_issuer(struct ctx *cx, X509 *ca, struct ocsp_signer *s)
{
	const unsigned char *name, *key;
	size_t len;
	int key_len;

	if (X509_NAME_get0_der(X509_get_subject_name(ca), &name, &len) != 1 ||
	    X509_PUBKEY_get0_param(NULL, &key, &key_len, NULL, X509_get_X509_PUBKEY(ca)) != 1 ||
	    ocsp_issuer(&s->issuer, name, len, key, (size_t)key_len) < 0)
		return err_nomem(&cx->err);
	return 0;
}

static int
fill(struct ctx *cx, const struct ca_row *ca, const struct ocsp_signer_row *row,
    struct ocsp_signer *s)
{
	AUTO(X509) X509 *issuer = NULL, *cert = NULL;
	AUTO(EVP_PKEY) EVP_PKEY *public_key = NULL;
	const unsigned char *name;

	memcpy(s->ca_id, ca->id, ID_SIZE);
	s->not_after = row->not_after;
	s->ca_not_after = ca->not_after;
	s->type = key_type_by_name(ca->type);
	if (cert_parse(&issuer, ca->der, ca->der_len, &cx->err) < 0 ||
	    cert_parse(&cert, row->der, row->der_len, &cx->err) < 0 ||
	    spki_parse(row->spki, row->spki_len, &public_key, &cx->err) < 0 ||
	    (s->signing = signing_for(public_key, NULL, &cx->err)) == NULL ||
	    name_issuer(cx, issuer, s) < 0)
		return -1;
	if (X509_NAME_get0_der(X509_get_subject_name(cert), &name, &s->name_len) != 1)
		return err_nomem(&cx->err);
	s->not_before = asn1_seconds(X509_get0_notBefore(cert));
	s->name = keep(name, s->name_len);
	s->blob = keep(row->blob, s->blob_len = row->blob_len);
	s->der = keep(row->der, s->der_len = row->der_len);
	return 0;
}

static int
open_row(struct ctx *cx, const struct ca_row *ca, const struct ocsp_signer_row *row)
{
	struct ocsp_signer *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_nomem(&cx->err);
	if (fill(cx, ca, row, s) < 0) {
		free(s);
		return -1;
	}
	s->next = all;
	all = s;
	return 0;
}

/* A clock that was set back, too, asks for a new one. */
static bool
lasts(const struct ocsp_signer *s, int64_t now)
{
	return s->not_before <= now &&
	    (s->not_after > now + OCSP_SIGNER_RENEW * 86400 || s->not_after == s->ca_not_after);
}

static const struct ocsp_signer *
find(const char *ca)
{
	const struct ocsp_signer *s = all;

	while (s != NULL && strcmp(s->ca_id, ca) != 0)
		s = s->next;
	return s;
}

/* Lock held. */
static struct failure *
failure_of(const char *ca)
{
	struct failure *f = failures;

	while (f != NULL && strcmp(f->ca_id, ca) != 0)
		f = f->next;
	if (f != NULL)
		return f;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		abort();
	snprintf(f->ca_id, sizeof(f->ca_id), "%s", ca);
	f->next = failures;
	return failures = f;
}

static int
is_offline(struct ctx *cx, const struct ca_row *ca)
{
	struct crl_row last;

	if (store_crl_load(cx, ca->id, 0, &last) < 0) {
		err_clear(&cx->err);
		last.this_update = 0;
	}
	err_set(&cx->err, R_CA_OFFLINE, NULL, "the key of the %s of %s is offline%s%s", ca->role,
	    ca->authority, last.this_update == 0 ? "" : " since ",
	    last.this_update == 0 ? "" : time_day(cx->arena, last.this_update));
	return err_hint(&cx->err,
	    "bring it back once (`certwright ca online %s FILE`, and offline again): OCSP then "
	    "answers as long as the last list is good",
	    ca->authority);
}

/* Said once for each reason; again after it was mended. */
static int
failed(struct ctx *cx, const struct ca_row *ca, const struct ocsp_signer *s)
{
	struct failure *f = failure_of(ca->id);

	if (f->err.refusal != cx->err.refusal) {
		const char *end = s == NULL ? "there is none"
		    : s->not_after < cx->now
		    ? arena_printf(cx->arena, "it ended on %s", time_day(cx->arena, s->not_after))
		    : arena_printf(cx->arena, "it ends on %s", time_day(cx->arena, s->not_after));

		log_err(arena_printf(cx->arena,
			    "the OCSP signer of the %s of %s cannot be renewed (%s)", ca->role,
			    ca->authority, end),
		    &cx->err);
	}
	f->err = cx->err;
	f->again_ms = clock_monotonic_ms() + AGAIN_MS;
	return -1;
}

/* Lock held. Then the newest is the first. */
static int
renew(struct ctx *cx, const struct ca_row *ca)
{
	struct failure *f = failure_of(ca->id);
	const struct ocsp_signer *s = find(ca->id);
	struct ocsp_signer_row row;

	if (s == NULL && store_ocsp_signer_load(cx, ca->id, &row) == 0) {
		if (open_row(cx, ca, &row) < 0)
			return -1;
		s = find(ca->id);
	}
	if (err_is_set(&cx->err) && cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	if (s != NULL && lasts(s, cx->now))
		return 0;
	if (ca->blob == NULL) {
		is_offline(cx, ca);
		return failed(cx, ca, s);
	}
	if (f->err.refusal != R_CA_OFFLINE && clock_monotonic_ms() < f->again_ms) {
		cx->err = f->err;
		return -1;
	}
	if (make(cx, ca, OCSP_SIGNER_DAYS * 86400, &row) < 0) {
		db_rollback(cx);
		return failed(cx, ca, s);
	}
	memset(&f->err, 0, sizeof(f->err));
	f->again_ms = 0;
	return open_row(cx, ca, &row);
}

const struct ocsp_signer *
ocsp_signer_ready(const char *ca, int64_t now)
{
	const struct ocsp_signer *s;

	pthread_mutex_lock(&lock);
	s = find(ca);
	pthread_mutex_unlock(&lock);
	return s != NULL && lasts(s, now) ? s : NULL;
}

int
ocsp_signer(struct ctx *cx, const struct ca_row *ca, const struct ocsp_signer **out)
{
	int r = 0;

	pthread_mutex_lock(&lock);
	*out = find(ca->id);
	if (*out == NULL || !lasts(*out, cx->now)) {
		r = renew(cx, ca);
		*out = find(ca->id);
	}
	pthread_mutex_unlock(&lock);
	/* there is no other: it is good to its end */
	if (r < 0 && *out != NULL && (*out)->not_before <= cx->now && cx->now < (*out)->not_after) {
		err_clear(&cx->err);
		return 0;
	}
	return r;
}

int
ocsp_signer_make_last(struct ctx *cx, const struct ca_row *ca)
{
	struct ocsp_signer_row row;
	int r;

	if (cx->now >= ca->not_after)
		return 0;
	if (store_ocsp_signer_load(cx, ca->id, &row) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		return 0;
	}
	pthread_mutex_lock(&lock);
	if ((r = make(cx, ca, CRL_LAST_LIFE, &row)) == 0)
		r = open_row(cx, ca, &row);
	pthread_mutex_unlock(&lock);
	return r;
}
