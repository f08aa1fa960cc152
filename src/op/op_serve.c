/*
 * op_serve.c - the active pair of the portal's identity, put to work
 */
#include <pthread.h>

#include <openssl/x509.h>

#include "base/log.h"
#include "keys/keys.h"
#include "op/house.h"
#include "op/op_names.h"
#include "op/op_serve.h"

/* DER certificates one after another. */
static int
chain_read(struct ctx *cx, const struct cert_row *cert, STACK_OF(X509) * *out)
{
	const unsigned char *p = cert->chain, *end = p + cert->chain_len;
	X509 *x;

	if ((*out = sk_X509_new_null()) == NULL)
		return err_nomem(&cx->err);
	while (p < end) {
		if ((x = d2i_X509(NULL, &p, (long)(end - p))) == NULL)
			return err_set(
			    &cx->err, R_DB_DAMAGED, NULL, "the stored chain cannot be read");
		sk_X509_push(*out, x);
	}
	return 0;
}

/* What a listener needs, out of the rows. */
struct pair {
	X509 *leaf;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
};

static void
pair_clear(struct pair *p)
{
	X509_free(p->leaf);
	sk_X509_pop_free(p->chain, X509_free);
	EVP_PKEY_free(p->key);
}

static int
key_open(struct ctx *cx, const struct key_row *key, struct pair *out)
{
	return keys_open(key->blob, key->blob_len, key->spki, key->spki_len, PURPOSE_TLS_SERVER,
	    &out->key, &cx->err);
}

static int
pair_open(struct ctx *cx, const struct cert_row *cert, const struct key_row *key, struct pair *out)
{
	const unsigned char *p = cert->der;

	if ((out->leaf = d2i_X509(NULL, &p, (long)cert->der_len)) == NULL)
		return err_set(
		    &cx->err, R_DB_DAMAGED, NULL, "the stored certificate cannot be read");
	return chain_read(cx, cert, &out->chain) < 0 ? -1 : key_open(cx, key, out);
}

/* What was read already. */
static int
pair_take(struct ctx *cx, X509 *leaf, X509 *const *issuers, size_t n, struct pair *out)
{
	if ((out->chain = sk_X509_new_reserve(NULL, (int)n)) == NULL)
		return err_nomem(&cx->err);
	X509_up_ref(out->leaf = leaf);
	for (size_t i = 0; i < n; i++) {
		X509_up_ref(issuers[i]);
		sk_X509_push(out->chain, issuers[i]);
	}
	return 0;
}

int
op_serve_check(
    struct ctx *cx, X509 *leaf, X509 *const *issuers, size_t n, const struct key_row *key)
{
	__attribute__((cleanup(pair_clear))) struct pair p = { 0 };

	if (pair_take(cx, leaf, issuers, n, &p) < 0 || key_open(cx, key, &p) < 0)
		return -1;
	return cx->house->serve_check(p.leaf, p.chain, p.key, &cx->err);
}

int
op_serve_check_row(struct ctx *cx, const struct cert_row *cert, const struct key_row *key)
{
	__attribute__((cleanup(pair_clear))) struct pair p = { 0 };

	if (pair_open(cx, cert, key, &p) < 0)
		return -1;
	return cx->house->serve_check(p.leaf, p.chain, p.key, &cx->err);
}

static int
serve_now(struct ctx *cx)
{
	__attribute__((cleanup(pair_clear))) struct pair p = { 0 };
	struct house *h = cx->house;
	struct identity i;
	struct cert_row cert;
	struct key_row key;

	if (store_identity_load(cx, "portal", &i) < 0 || store_cert_load(cx, i.active, &cert) < 0 ||
	    store_key_load(cx, cert.key, &key) < 0 || pair_open(cx, &cert, &key, &p) < 0)
		return -1;
	return h->serve(h->tls, p.leaf, p.chain, p.key, &cx->err);
}

int
op_serve_active(struct ctx *cx)
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	int r;

	pthread_mutex_lock(&one_at_a_time);
	r = serve_now(cx);
	pthread_mutex_unlock(&one_at_a_time);
	return r;
}

/* Of the lines those that are the tenant's own: by them it may be found. */
static int
own_lines(struct ctx *cx, const char *lines, const char **out)
{
	AUTO_BUF struct buf b = { 0 };
	struct own_names own;

	if (own_names_load(cx, &own) < 0)
		return -1;
	for (const char *p = lines; *p != '\0'; p += *p == '\n') {
		size_t n = strcspn(p, "\n");
		char *name = text_lower_ascii(cx->arena, arena_dup(cx->arena, p, n));

		if (own_names_have(&own, name))
			buf_printf(&b, "%s\n", name);
		p += n;
	}
	*out = arena_strdup(cx->arena, buf_text(&b));
	return 0;
}

static int
present(struct ctx *cx, const struct identity *i)
{
	struct sni_offer o = { .identity = i->id, .guest = !in_system(cx) };
	struct cert_row cert;
	struct key_row key;

	if (i->active[0] == '\0')
		return 0;
	if (store_cert_load(cx, i->active, &cert) < 0 || store_key_load(cx, cert.key, &key) < 0 ||
	    own_lines(cx, cert.names, &o.names) < 0)
		return -1;
	memcpy(o.sha256, cert.sha256, sizeof(o.sha256));
	o.leaf = cert.der;
	o.leaf_len = cert.der_len;
	o.chain = cert.chain;
	o.chain_len = cert.chain_len;
	o.blob = key.blob;
	o.blob_len = key.blob_len;
	o.spki = key.spki;
	o.spki_len = key.spki_len;
	cx->house->present(cx->house->sni, &o);
	return 0;
}

/* The newest state is what is presented in the end, whoever calls at a time. */
static pthread_mutex_t presenting = PTHREAD_MUTEX_INITIALIZER;

int
op_serve_names(struct ctx *cx, const char *identity)
{
	struct identity i;
	int r;

	pthread_mutex_lock(&presenting);
	r = store_identity_load(cx, identity, &i) < 0 ? -1 : present(cx, &i);
	pthread_mutex_unlock(&presenting);
	return r;
}

/* One that is damaged keeps the others from nobody. */
static void
present_or_say(struct ctx *cx, const char *identity)
{
	if (op_serve_names(cx, identity) == 0)
		return;
	log_err(identity, &cx->err);
	err_clear(&cx->err);
}

int
op_serve_own(struct ctx *cx)
{
	struct identity *all;
	size_t n;

	if (store_identity_list(cx, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		present_or_say(cx, all[i].id);
	return 0;
}

#define WALK 200

int
op_serve_tenants(struct ctx *cx)
{
	struct arena *request = cx->arena;
	AUTO(arena) struct arena *own = arena_new();
	struct served_row *rows;
	char after[ID_SIZE] = "";
	size_t n = WALK;
	int r = 0;

	cx->arena = own;
	while (r == 0 && n == WALK) {
		arena_reset(own);
		r = store_served_walk(cx, after, WALK, &rows, &n);
		for (size_t i = 0; r == 0 && i < n; i++) {
			IN_TENANT(cx, rows[i].tenant);
			present_or_say(cx, rows[i].identity);
			memcpy(after, rows[i].identity, sizeof(after));
		}
	}
	cx->arena = request;
	return r;
}

int
op_serve_nothing(struct ctx *cx, const char *tenant)
{
	IN_TENANT(cx, tenant);
	struct identity *all;
	size_t n;

	if (store_identity_list(cx, &all, &n) < 0)
		return -1;
	/* who presents one of them later finds that it has no name left */
	for (size_t i = 0; i < n; i++)
		cx->house->withdraw(cx->house->sni, all[i].id);
	return 0;
}

int
op_serve_start(struct ctx *cx)
{
	if (op_serve_active(cx) < 0 || op_serve_own(cx) < 0)
		return -1;
	return op_serve_tenants(cx);
}
