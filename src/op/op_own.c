/*
 * op_own.c - our own authorities, ready to sign
 */
#include <pthread.h>

#include "op/house.h"
#include "op/op_client.h"
#include "op/op_own.h"
#include "op/op_pki.h"
#include "store/store.h"
#include "x509/cert.h"

#define KEEP_SECONDS 600 /* no operation lasts as long */

DEFINE_AUTO(X509, X509, X509_free)

/* One reading of the tables. The newest is in force. */
struct owns {
	struct owns *older;
	int64_t replaced_at;
	struct arena *arena;
	struct own *v;
	size_t n;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
keys_free(const struct own *own)
{
	if (own == NULL)
		return;
	EVP_PKEY_free(own->key);
	EVP_PKEY_free(own->public_key);
}

static void
owns_free(struct owns *o)
{
	for (size_t i = 0; o != NULL && i < o->n; i++) {
		keys_free(o->v[i].root);
		keys_free(&o->v[i]);
	}
	if (o != NULL)
		arena_free(o->arena);
	free(o);
}

/* The product's policy, under this authority's name, or its own. */
static int
load_policy(struct ctx *cx, struct arena *a, const struct authority_row *row, struct own *own)
{
	struct authority *p = &own->card.authority;
	const struct card *product;

	if (row->policy != NULL) {
		if (authority_parse(a, row->policy, strlen(row->policy), p, &cx->err) < 0)
			return -1;
	} else {
		if (op_card_find(cx, "private", &product) < 0)
			return -1;
		*p = product->authority;
	}
	p->id = p->title = arena_strdup(a, row->name);
	p->validation = VALIDATION_PRIVATE;
	return 0;
}

/* On record before a certificate names them: how many there are, and their address,
 * which stands on each list, too. */
static int
note_shards(struct ctx *cx, const struct ca_row *ca, int64_t shards, const char *base)
{
	bool known = false;
	const char **all;
	size_t n;

	if (store_crl_addresses(cx, ca->id, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		known |= strcmp(all[i], base) == 0;
	if (known && ca->shards >= shards)
		return 0;
	return db_begin(cx) < 0 || store_crl_address_add(cx, ca->id, base) < 0 ||
		store_ca_raise_shards(cx, ca->id, shards) < 0
	    ? -1
	    : db_commit(cx);
}

static int
load_shards(struct ctx *cx, struct arena *a, const struct ca_row *ca, struct own *own)
{
	const char *base = pki_base(cx, a);

	if (own->shards < 2 || base == NULL) {
		own->shards = 0;
		return 0;
	}
	own->shard_urls = arena_new_array(a, (size_t)own->shards, const char *);
	for (int64_t i = 0; i < own->shards; i++)
		own->shard_urls[i] = pki_crl_address(
		    a, base, &(struct crl_which){ ca->id, i + 1, false });
	return note_shards(cx, ca, own->shards, base);
}

static int
load_ca(struct ctx *cx, struct arena *a, const struct ca_row *ca, struct own *own)
{
	AUTO(X509) X509 *x = NULL;

	own->der = arena_dup(a, ca->der, ca->der_len);
	own->der_len = ca->der_len;
	own->chain = arena_dup(a, ca->chain, ca->chain_len);
	own->chain_len = ca->chain_len;
	if (cert_parse(&x, ca->der, ca->der_len, &cx->err) < 0 ||
	    ca_facts(a, x, &own->facts, &cx->err) < 0 ||
	    spki_parse(ca->spki, ca->spki_len, &own->public_key, &cx->err) < 0 ||
	    keys_open(ca->blob, ca->blob_len, ca->spki, ca->spki_len, PURPOSE_CERT, &own->key,
		&cx->err) < 0 ||
	    (own->signing = signing_for(own->public_key, NULL, &cx->err)) == NULL)
		return -1;
	own->limits = (struct issuer_limits){ .not_after = ca->not_after,
		.path_length = own->facts.path_length,
		.names = &own->facts.names,
		.for_servers = own->facts.for_servers,
		.for_clients = own->facts.for_clients };
	return pki_addresses(cx, a, ca->id, &own->crl_url, &own->ocsp_url, &own->issuer_url) < 0
	    ? -1
	    : load_shards(cx, a, ca, own);
}

/* The root above, when its key is here: it makes the certificates of CAs. */
static int
load_root(struct ctx *cx, struct arena *a, const struct ca_row *issuing, struct own *own)
{
	struct own *root;
	struct ca_row ca;

	if (issuing->parent[0] == '\0')
		return 0;
	if (store_ca_load(cx, issuing->parent, &ca) < 0)
		return -1;
	if (strcmp(ca.role, "root") != 0 || strcmp(ca.state, "active") != 0 || ca.blob == NULL ||
	    ca.der == NULL)
		return 0;
	own->root = root = arena_alloc(a, sizeof(*root));
	root->card = own->card;
	memcpy(root->ca, ca.id, ID_SIZE);
	if (load_ca(cx, a, &ca, root) < 0)
		return -1;
	root->ocsp_url = NULL; /* the root answers by its list */
	return 0;
}

/* 1 it signs, 0 it does not (yet, or any more), -1 */
static int
load_one(struct ctx *cx, struct arena *a, const struct authority_row *row, struct own *own)
{
	struct ca_row ca;

	if (row->issuing[0] == '\0')
		return 0;
	if (store_ca_load(cx, row->issuing, &ca) < 0)
		return -1;
	if (strcmp(ca.state, "active") != 0 || ca.blob == NULL || ca.der == NULL)
		return 0;
	memcpy(own->ca, ca.id, ID_SIZE);
	own->card.own = own;
	own->shards = row->shards;
	return load_policy(cx, a, row, own) < 0 || load_ca(cx, a, &ca, own) < 0 ||
		load_root(cx, a, &ca, own) < 0
	    ? -1
	    : 1;
}

static void
put_in_force(struct house *h, struct owns *fresh, int64_t now)
{
	struct owns **p;

	pthread_mutex_lock(&lock);
	if (h->owns != NULL)
		h->owns->replaced_at = now;
	fresh->older = h->owns;
	h->owns = fresh;
	for (p = &fresh->older; *p != NULL && (*p)->replaced_at + KEEP_SECONDS > now;)
		p = &(*p)->older;
	for (struct owns *o = *p, *next; o != NULL; o = next) {
		next = o->older;
		owns_free(o);
	}
	*p = NULL;
	pthread_mutex_unlock(&lock);
}

int
op_owns_load(struct ctx *cx)
{
	struct owns *fresh = calloc(1, sizeof(*fresh));
	struct authority_row *rows;
	size_t n;
	int r = -1;

	if (fresh == NULL)
		return err_nomem(&cx->err);
	fresh->arena = arena_new();
	if (store_authority_list(cx, &rows, &n) < 0) {
		owns_free(fresh);
		return -1;
	}
	fresh->v = arena_new_array(fresh->arena, n + 1, struct own);
	for (size_t i = 0; i < n; i++) {
		if ((r = load_one(cx, fresh->arena, &rows[i], &fresh->v[fresh->n])) < 0) {
			fresh->n++; /* what it got is freed, too */
			owns_free(fresh);
			return -1;
		}
		fresh->n += (size_t)r;
	}
	put_in_force(cx->house, fresh, cx->now);
	return cx->house->clients == NULL ? 0 : op_client_load(cx);
}

const struct own *
op_owns(struct ctx *cx, size_t *n)
{
	const struct owns *o;

	pthread_mutex_lock(&lock);
	o = cx->house->owns;
	pthread_mutex_unlock(&lock);
	*n = o == NULL ? 0 : o->n;
	return *n == 0 ? NULL : o->v;
}

const struct own *
own_signer(const struct own *own, const struct profile *p)
{
	return p->ca && own->root != NULL ? own->root : own;
}

void
own_input(const struct own *own, const struct csr *csr, int64_t when, struct issue_input *in)
{
	*in = (struct issue_input){ .issuer = own->facts.subject,
		.issuer_len = own->facts.subject_len,
		.key_id = own->facts.key_id,
		.key_id_len = own->facts.key_id_len,
		.signing = own->signing,
		.when = when,
		.crl_url = own->crl_url,
		.ocsp_url = own->ocsp_url,
		.issuer_url = own->issuer_url };
	in->spki = csr_spki(csr, &in->spki_len);
}

const struct own *
op_own_find(struct ctx *cx, const char *name)
{
	size_t n;
	const struct own *v = op_owns(cx, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].card.authority.id, name) == 0)
			return &v[i];
	return NULL;
}
