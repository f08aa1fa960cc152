/*
 * crl_make.c - one list of revoked certificates, made and signed
 */
#include "op/crl_make.h"
#include "op/house.h"
#include "x509/ca_make.h"
#include "x509/cert.h"
#include "x509/crl.h"
#include "x509/der_put.h"

DEFINE_AUTO(X509, X509, X509_free)
DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)

struct making {
	struct buf entries;
	int64_t now;
};

static void
add(void *arg, const char *serial, int64_t at, int reason)
{
	struct making *m = arg;

	/* of one that was released only a delta tells (5.3.1) */
	if (at == 0)
		crl_entry(&m->entries, serial, m->now, REASON_REMOVE);
	else
		crl_entry(&m->entries, serial, at, (enum crl_reason)reason);
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
take_number(struct ctx *cx, struct ca_row *ca)
{
	char id[ID_SIZE];

	memcpy(id, ca->id, ID_SIZE);
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
listed_from(struct ctx *cx, const struct crl_order *o, int64_t *from)
{
	struct crl_row last = { .this_update = o->last };

	*from = cx->now;
	if (last.this_update == 0 && store_crl_load(cx, o->which->ca, o->which->shard, &last) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		return 0;
	}
	if (last.this_update < *from)
		*from = last.this_update;
	return 0;
}

/* The full list has those of all shards. */
static int
put_revoked(struct ctx *cx, const struct ca_row *ca, const struct crl_order *o, struct making *m)
{
	int64_t from, shard = o->which->shard, last = shard;

	if (listed_from(cx, o, &from) < 0)
		return -1;
	if (shard == 0 && ca->shards > 1)
		last = ca->shards;
	for (; shard <= last; shard++)
		if (store_issued_each_revoked(cx, ca->id, shard, from, add, m) < 0)
			return -1;
	return 0;
}

/* What a part is called in certificates, and where its changes are told. */
static int
put_addresses(
    struct ctx *cx, const struct ca_row *ca, const struct crl_order *o, struct crl_input *in)
{
	struct crl_which part = *o->which, delta = part;
	const char *base = pki_base(cx, cx->arena), **bases;
	struct authority_row a;

	part.delta = false;
	delta.delta = true;
	if (store_authority_load(cx, ca->authority, &a) < 0)
		return -1;
	if (a.deltas && !o->keep && !o->which->delta && base != NULL)
		in->freshest = pki_crl_address(cx->arena, base, &delta);
	if (part.shard == 0)
		return 0;
	if (store_crl_addresses(cx, ca->id, &bases, &in->npoints) < 0)
		return -1;
	for (size_t i = 0; i < in->npoints; i++)
		bases[i] = pki_crl_address(cx->arena, bases[i], &part);
	in->points = bases;
	return 0;
}

static int
make(struct ctx *cx, struct ca_row *ca, struct crl_order *o, struct crl_input *in, struct making *m)
{
	struct crl_row base;

	if (o->which->delta && store_crl_base(cx, ca->id, o->which->shard, &base) < 0)
		return -1;
	if (take_number(cx, ca) < 0 || put_addresses(cx, ca, o, in) < 0)
		return -1;
	in->number = (uint64_t)ca->crl_number;
	if (o->which->delta) {
		in->base = (uint64_t)base.number;
		if (store_issued_each_changed(cx, ca->id, o->which->shard, base.number,
			base.this_update < cx->now ? base.this_update : cx->now, add, m) < 0)
			return -1;
	} else if (put_revoked(cx, ca, o, m) < 0)
		return -1;
	return sign(cx, ca, in, &m->entries, o->der);
}

int
crl_make(struct ctx *cx, struct ca_row *ca, struct crl_order *o)
{
	int64_t life = o->which->delta ? DELTA_LIFE : o->keep ? CRL_LAST_LIFE : CRL_LIFE;
	struct crl_input in = { .this_update = cx->now, .next_update = cx->now + life };
	struct making m = { .now = cx->now };
	struct crl_row row;
	int r = make(cx, ca, o, &in, &m);

	buf_free(&m.entries);
	if (r < 0)
		return -1;
	row = (struct crl_row){ ca->crl_number, o->keep ? o->der->data : NULL,
		o->keep ? o->der->len : 0, in.this_update, in.next_update };
	if (!o->which->delta &&
	    (db_begin(cx) < 0 || store_crl_save(cx, ca->id, o->which->shard, &row) < 0 ||
		db_commit(cx) < 0))
		return -1;
	o->this_update = in.this_update;
	return 0;
}
