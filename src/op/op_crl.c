/*
 * op_crl.c - lists of revoked certificates, made when they are asked for
 */
#include <pthread.h>
#include <stdio.h>

#include "op/house.h"
#include "op/op_pki.h"
#include "store/store.h"
#include "x509/ca_make.h"
#include "x509/cert.h"
#include "x509/crl.h"
#include "x509/der_put.h"

DEFINE_AUTO(X509, X509, X509_free)
DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)

/* One CA's newest list. `changes` grows with each revocation: a list made
 * before one of them is not given out after it. */
struct crl {
	struct crl *next;
	char ca[ID_SIZE];
	pthread_mutex_t making;
	struct buf der;
	int64_t made_at, next_update;
	uint64_t changes, of_changes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct crl *all;

static struct crl *
find(const char *ca)
{
	struct crl *c;

	pthread_mutex_lock(&lock);
	for (c = all; c != NULL && strcmp(c->ca, ca) != 0;)
		c = c->next;
	if (c == NULL) {
		if ((c = calloc(1, sizeof(*c))) == NULL)
			abort();
		snprintf(c->ca, sizeof(c->ca), "%s", ca);
		pthread_mutex_init(&c->making, NULL);
		c->changes = 1;
		c->next = all;
		all = c;
	}
	pthread_mutex_unlock(&lock);
	return c;
}

void
crl_changed(const char *ca)
{
	struct crl *c = find(ca);

	pthread_mutex_lock(&lock);
	c->changes++;
	pthread_mutex_unlock(&lock);
}

/* ---- made ------------------------------------------------------------------------ */

static void
add(void *arg, const char *serial, int64_t at, int reason)
{
	crl_entry(arg, serial, at, (enum crl_reason)reason);
}

static int
sign(struct ctx *cx, const struct ca_row *ca, struct crl_input *in, const struct buf *entries,
    struct buf *out)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL, *public_key = NULL;
	AUTO(X509) X509 *x = NULL;
	struct ca_facts f;
	struct err why = { 0 };

	if (cert_parse(&x, ca->der, ca->der_len, &cx->err) < 0 ||
	    ca_facts(cx->arena, x, &f, &cx->err) < 0 ||
	    spki_parse(ca->spki, ca->spki_len, &public_key, &cx->err) < 0 ||
	    keys_open(ca->blob, ca->blob_len, ca->spki, ca->spki_len, PURPOSE_CRL, &key, &cx->err) <
		0 ||
	    (in->signing = signing_for(public_key, NULL, &cx->err)) == NULL)
		return -1;
	in->issuer = f.subject;
	in->issuer_len = f.subject_len;
	in->key_id = f.key_id;
	in->key_id_len = f.key_id_len;
	crl_tbs(out, entries, in);
	if (signing_put(out, in->signing, key, &why) < 0) {
		err_set(&cx->err, R_ISSUE_SIGN, NULL,
		    "the key of the authority could not sign the list");
		return err_hint(&cx->err, "%s", why.hint);
	}
	der_wrap(out, DER_SEQUENCE);
	return 0;
}

/* The number is taken before the list is signed: no two lists have the same. */
static int
take_number(struct ctx *cx, struct ca_row *ca, const char *id)
{
	if (db_begin(cx) < 0 || store_ca_load(cx, id, ca) < 0 ||
	    store_ca_set_crl_number(cx, ca->id, ++ca->crl_number) < 0)
		return -1;
	return db_commit(cx);
}

/*
 * RFC 5280 section 3.3: what was revoked stays on the list until one that was
 * made after its end. So whatever ended since the last list stands on this one.
 */
static int
listed_from(struct ctx *cx, const struct crl *c, int64_t *from)
{
	struct crl_row last = { .this_update = c->made_at };

	*from = cx->now;
	if (last.this_update == 0 && store_crl_load(cx, c->ca, &last) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		return 0;
	}
	if (last.this_update < *from)
		*from = last.this_update;
	return 0;
}

static int
make(struct ctx *cx, struct crl *c, struct ca_row *ca, int64_t life)
{
	AUTO_BUF struct buf entries = { 0 };
	struct crl_input in = { .this_update = cx->now, .next_update = cx->now + life };
	struct crl_row row;
	int64_t from;

	if (listed_from(cx, c, &from) < 0 || take_number(cx, ca, c->ca) < 0)
		return -1;
	in.number = (uint64_t)ca->crl_number;
	crl_begin(&entries);
	if (store_issued_each_revoked(cx, ca->id, from, add, &entries) < 0 ||
	    sign(cx, ca, &in, &entries, &c->der) < 0)
		return -1;
	row = (struct crl_row){ ca->crl_number, c->der.data, c->der.len, in.this_update,
		in.next_update };
	if (db_begin(cx) < 0 || store_crl_save(cx, ca->id, &row) < 0 || db_commit(cx) < 0)
		return -1;
	c->made_at = in.this_update;
	c->next_update = in.next_update;
	return 0;
}

/* The key is elsewhere: the list that was made last is all there is. */
static int
take_last(struct ctx *cx, struct crl *c, const struct ca_row *ca)
{
	struct crl_row row;

	if (store_crl_load(cx, ca->id, &row) < 0)
		return -1;
	buf_reset(&c->der);
	buf_put(&c->der, row.der, row.der_len);
	c->made_at = row.this_update;
	c->next_update = row.next_update;
	return 0;
}

static bool
is_fresh(struct ctx *cx, const struct crl *c, uint64_t changes)
{
	return c->der.len > 0 && c->of_changes == changes && cx->now >= c->made_at &&
	    cx->now < c->made_at + CRL_FRESH;
}

/* `making` held. */
static int
renew(struct ctx *cx, struct crl *c, int64_t life)
{
	struct ca_row ca;
	uint64_t changes;

	pthread_mutex_lock(&lock);
	changes = c->changes;
	pthread_mutex_unlock(&lock);
	if (is_fresh(cx, c, changes))
		return 0;
	if (store_ca_load(cx, c->ca, &ca) < 0)
		return -1;
	if (ca.der == NULL)
		return err_set(&cx->err, R_NOT_FOUND, NULL, "this CA has no certificate yet");
	if (ca.blob == NULL ? take_last(cx, c, &ca) < 0 : make(cx, c, &ca, life) < 0)
		return -1;
	c->of_changes = changes;
	return 0;
}

int
crl_make_last(struct ctx *cx, const char *id)
{
	struct crl *c = find(id);
	int r;

	crl_changed(id);
	pthread_mutex_lock(&c->making);
	r = renew(cx, c, CRL_LAST_LIFE);
	pthread_mutex_unlock(&c->making);
	return r;
}

int
op_crl(struct ctx *cx, const char *id, struct pki_answer *a)
{
	struct ca_row ca;
	struct crl *c;
	int r;

	if (store_ca_load(cx, id, &ca) < 0) /* strangers make no lists of their own */
		return -1;
	c = find(id);
	pthread_mutex_lock(&c->making);
	if ((r = renew(cx, c, CRL_LIFE)) == 0) {
		buf_reset(a->out);
		buf_put(a->out, c->der.data, c->der.len);
		a->fresh_until = cx->now; /* a revocation is seen at once */
	}
	pthread_mutex_unlock(&c->making);
	return r;
}

int
op_ca_der(struct ctx *cx, const char *id, struct pki_answer *a)
{
	struct ca_row ca;

	if (store_ca_load(cx, id, &ca) < 0)
		return -1;
	if (ca.der == NULL)
		return err_set(&cx->err, R_NOT_FOUND, NULL, "this CA has no certificate yet");
	buf_reset(a->out);
	buf_put(a->out, ca.der, ca.der_len);
	a->fresh_until = cx->now + 86400;
	return 0;
}
