/*
 * op_client.c - is a client's certificate good?
 */
#include <pthread.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "op/house.h"
#include "op/op_client.h"
#include "op/op_doors.h"
#include "store/store.h"
#include "x509/cert.h"

#define DEPTH_MAX 8 /* CAs above one another */

DEFINE_AUTO(X509_STORE, X509_STORE, X509_STORE_free)
DEFINE_AUTO(X509_STORE_CTX, X509_STORE_CTX, X509_STORE_CTX_free)

struct client_ca {
	X509 *x;
	char *authority;
	char id[ID_SIZE];
};

/* One reading of the table; it lives as long as somebody uses it. */
struct cas {
	size_t users, n;
	struct client_ca v[];
};

struct clients {
	pthread_mutex_t lock;
	struct cas *newest; /* NULL: none was read yet */
};

struct clients *
clients_new(void)
{
	struct clients *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

/* With the lock. */
static void
leave(struct cas *cas)
{
	if (cas == NULL || --cas->users > 0)
		return;
	for (size_t i = 0; i < cas->n; i++) {
		X509_free(cas->v[i].x);
		free(cas->v[i].authority);
	}
	free(cas);
}

void
clients_free(struct clients *c)
{
	leave(c->newest);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct cas *
take(struct clients *c)
{
	struct cas *cas;

	pthread_mutex_lock(&c->lock);
	if ((cas = c->newest) != NULL)
		cas->users++;
	pthread_mutex_unlock(&c->lock);
	return cas;
}

static void
give(struct clients *c, struct cas *cas)
{
	pthread_mutex_lock(&c->lock);
	leave(cas);
	pthread_mutex_unlock(&c->lock);
}

/* Each that issues or did: what it signed is good until it ends. */
int
op_client_load(struct ctx *cx)
{
	struct clients *c = cx->house->clients;
	struct ca_row *rows;
	struct cas *fresh, *old;
	size_t n;

	if (store_ca_list(cx, NULL, &rows, &n) < 0)
		return -1;
	if ((fresh = calloc(1, sizeof(*fresh) + n * sizeof(struct client_ca))) == NULL)
		return err_nomem(&cx->err);
	fresh->users = 1;
	for (size_t i = 0; i < n; i++) {
		struct client_ca *ca = &fresh->v[fresh->n];

		if (strcmp(rows[i].role, "issuing") != 0 || rows[i].der == NULL)
			continue;
		if (cert_parse(&ca->x, rows[i].der, rows[i].der_len, &cx->err) < 0) {
			leave(fresh);
			return -1;
		}
		if ((ca->authority = strdup(rows[i].authority)) == NULL)
			abort();
		memcpy(ca->id, rows[i].id, ID_SIZE);
		fresh->n++;
	}
	pthread_mutex_lock(&c->lock);
	old = c->newest;
	c->newest = fresh;
	leave(old);
	pthread_mutex_unlock(&c->lock);
	return 0;
}

const char *const *
op_client_authorities(struct ctx *cx, size_t *n)
{
	struct cas *cas = cx->house->clients == NULL ? NULL : take(cx->house->clients);
	const char **names = arena_new_array(cx->arena, cas == NULL ? 1 : cas->n + 1, const char *);

	*n = 0;
	for (size_t i = 0; cas != NULL && i < cas->n; i++) {
		size_t k = 0;

		while (k < *n && strcmp(names[k], cas->v[i].authority) != 0)
			k++;
		if (k == *n)
			names[(*n)++] = arena_strdup(cx->arena, cas->v[i].authority);
	}
	if (cas != NULL)
		give(cx->house->clients, cas);
	return names;
}

STACK_OF(X509_NAME) * op_client_issuers(struct house *h)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
	struct cas *cas = take(h->clients);

	if (names == NULL)
		abort();
	for (size_t i = 0; cas != NULL && i < cas->n; i++) {
		X509_NAME *name = !doors_client_ca(h, cas->v[i].authority)
		    ? NULL
		    : X509_NAME_dup(X509_get_subject_name(cas->v[i].x));

		if (name != NULL && sk_X509_NAME_push(names, name) == 0)
			abort();
	}
	give(h->clients, cas);
	return names;
}

/* ---- one certificate --------------------------------------------------------------- */

static bool
is_for_clients(X509 *leaf)
{
	return (X509_get_extension_flags(leaf) & EXFLAG_XKUSAGE) != 0 &&
	    (X509_get_extended_key_usage(leaf) & XKU_SSL_CLIENT) != 0;
}

static STACK_OF(X509) * that_count(struct house *h, const struct cas *cas)
{
	STACK_OF(X509) *all = sk_X509_new_null();

	if (all == NULL)
		abort();
	for (size_t i = 0; i < cas->n; i++)
		if (doors_client_ca(h, cas->v[i].authority) && sk_X509_push(all, cas->v[i].x) == 0)
			abort();
	return all;
}

/* Signature, life, purpose, constraints. *ca: who signed it. */
static int
check(struct ctx *cx, X509 *leaf, const struct cas *cas, const struct client_ca **ca)
{
	AUTO(X509_STORE) X509_STORE *store = X509_STORE_new();
	AUTO(X509_STORE_CTX) X509_STORE_CTX *c = X509_STORE_CTX_new();
	STACK_OF(X509) *trusted = that_count(cx->house, cas);
	int r = X509_V_ERR_OUT_OF_MEM;
	X509_VERIFY_PARAM *p;
	X509 *by = NULL;

	*ca = NULL;
	if (store != NULL && c != NULL && X509_STORE_CTX_init(c, store, leaf, NULL) == 1) {
		X509_STORE_CTX_set0_trusted_stack(c, trusted);
		p = X509_STORE_CTX_get0_param(c);
		X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN);
		X509_VERIFY_PARAM_set_time(p, cx->now);
		X509_VERIFY_PARAM_set_auth_level(p, 2);
		X509_VERIFY_PARAM_set_purpose(p, X509_PURPOSE_SSL_CLIENT);
		r = X509_verify_cert(c) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(c);
		by = r == X509_V_OK ? sk_X509_value(X509_STORE_CTX_get0_chain(c), 1) : NULL;
	}
	for (size_t i = 0; by != NULL && i < cas->n; i++)
		if (X509_cmp(cas->v[i].x, by) == 0)
			*ca = &cas->v[i];
	sk_X509_free(trusted);
	ERR_clear_error();
	if (r == X509_V_OK && *ca == NULL)
		return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
	return r == X509_V_OK && !is_for_clients(leaf) ? X509_V_ERR_INVALID_PURPOSE : r;
}

/* What our own record says of it, and of the CAs above it. */
static int
on_record(struct ctx *cx, const struct client_ca *ca, const char *serial)
{
	int64_t revoked = 0, reason;
	struct ca_row row;
	int r = store_issued_status(cx, ca->id, serial, &revoked, &reason);

	if (r <= 0)
		return X509_V_ERR_APPLICATION_VERIFICATION;
	if (revoked > 0)
		return X509_V_ERR_CERT_REVOKED;
	if (store_ca_load(cx, ca->id, &row) < 0)
		return X509_V_ERR_APPLICATION_VERIFICATION;
	for (int depth = 0; row.parent[0] != '\0' && row.serial != NULL; depth++) {
		if (depth == DEPTH_MAX ||
		    store_issued_status(cx, row.parent, row.serial, &revoked, &reason) < 0)
			return X509_V_ERR_APPLICATION_VERIFICATION;
		if (revoked > 0)
			return X509_V_ERR_CERT_REVOKED;
		if (store_ca_load(cx, row.parent, &row) < 0)
			return X509_V_ERR_APPLICATION_VERIFICATION;
	}
	return X509_V_OK;
}

int
op_client_verify(struct ctx *cx, X509 *leaf)
{
	struct cas *cas = take(cx->house->clients);
	const struct client_ca *ca;
	int r;

	if (cas == NULL)
		return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
	if ((r = check(cx, leaf, cas, &ca)) == X509_V_OK)
		r = on_record(cx, ca, cert_serial(cx->arena, leaf));
	give(cx->house->clients, cas);
	return r;
}
