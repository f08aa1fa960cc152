/*
 * sni.c - which certificate for which name
 *
 * What is offered is kept as bytes, a few KiB each; the newest used are parsed.
 * Names are in a tree of the C library.
 */
#include <ctype.h>
#include <pthread.h>
#include <search.h>

#include <openssl/err.h>

#include "base/limits.h"
#include "front/sni.h"
#include "keys/keys.h"

struct shown {
	char id[ID_SIZE];
	bool guest;
	unsigned char sha256[32];
	char **names; /* lower case; NULL ends them */
	unsigned char *leaf, *chain, *blob, *spki;
	size_t leaf_len, chain_len, blob_len, spki_len;
	X509 *x; /* parsed, or NULL */
	STACK_OF(X509) * above;
	EVP_PKEY *key;
	bool used; /* since the hand came by */
};

/* A name in the tree. */
struct named {
	const char *name; /* of its entry */
	struct shown *entry;
};

struct sni {
	pthread_mutex_t lock;
	void *names;
	struct shown **v;
	size_t n, room, open, hand;
};

/* ---- entries ----------------------------------------------------------------------- */

static void *
copy(const void *data, size_t len)
{
	void *p = malloc(len + 1);

	if (p == NULL)
		abort();
	memcpy(p, data, len);
	return p;
}

/* Another place for it is in the bytes. */
static void
shown_close(struct shown *e)
{
	X509_free(e->x);
	sk_X509_pop_free(e->above, X509_free);
	EVP_PKEY_free(e->key);
	e->x = NULL;
	e->above = NULL;
	e->key = NULL;
}

static void
shown_free(struct shown *e)
{
	shown_close(e);
	for (char **n = e->names; n != NULL && *n != NULL; n++)
		free(*n);
	free(e->names);
	free(e->leaf);
	free(e->chain);
	free(e->blob);
	free(e->spki);
	free(e);
}

/* DER certificates one after another. */
static STACK_OF(X509) * chain_of(const unsigned char *p, size_t len)
{
	STACK_OF(X509) *above = sk_X509_new_null();
	const unsigned char *end = p + len;
	X509 *x;

	while (above != NULL && p < end) {
		if ((x = d2i_X509(NULL, &p, (long)(end - p))) == NULL || !sk_X509_push(above, x)) {
			X509_free(x);
			sk_X509_pop_free(above, X509_free);
			return NULL;
		}
	}
	return above;
}

static int
shown_open(struct shown *e, struct err *err)
{
	const unsigned char *p = e->leaf;

	if (e->x != NULL)
		return 0;
	if ((e->x = d2i_X509(NULL, &p, (long)e->leaf_len)) != NULL &&
	    (e->above = chain_of(e->chain, e->chain_len)) != NULL &&
	    keys_open(
		e->blob, e->blob_len, e->spki, e->spki_len, PURPOSE_TLS_SERVER, &e->key, err) == 0)
		return 0;
	shown_close(e);
	ERR_clear_error();
	if (!err_is_set(err))
		err_set(err, R_TLS, NULL, "the certificate of an identity cannot be read");
	return -1;
}

/* Names of hosts among the lines; the tree has them in lower case. */
static char **
host_names(const char *lines)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-._*";
	char **names = calloc(LIMIT_SANS + 1, sizeof(*names));
	size_t n = 0;

	if (names == NULL)
		abort();
	for (const char *p = lines; *p != '\0' && n < LIMIT_SANS; p += *p == '\n') {
		size_t len = strcspn(p, "\n");
		char *name = copy(p, len);

		name[len] = '\0';
		for (char *c = name; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		if (len > 0 && strspn(name, allowed) == len &&
		    strpbrk(name, "-*abcdefghijklmnopqrstuvwxyz") != NULL)
			names[n++] = name;
		else
			free(name);
		p += len;
	}
	return names;
}

static struct shown *
shown_new(const struct sni_offer *o)
{
	struct shown *e = calloc(1, sizeof(*e));

	if (e == NULL)
		abort();
	memcpy(e->id, o->identity, strnlen(o->identity, ID_SIZE - 1));
	memcpy(e->sha256, o->sha256, sizeof(e->sha256));
	e->guest = o->guest;
	e->names = host_names(o->names);
	e->leaf = copy(o->leaf, e->leaf_len = o->leaf_len);
	e->chain = copy(o->chain, e->chain_len = o->chain_len);
	e->blob = copy(o->blob, e->blob_len = o->blob_len);
	e->spki = copy(o->spki, e->spki_len = o->spki_len);
	return e;
}

/* ---- names ------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static struct shown *
by_name(struct sni *s, const char *name)
{
	struct named **found = tfind(&(struct named){ .name = name }, &s->names, compare);

	return found == NULL ? NULL : (*found)->entry;
}

static void
name_drop(struct sni *s, const char *name)
{
	struct named **found = tfind(&(struct named){ .name = name }, &s->names, compare), *it;

	if (found == NULL)
		return;
	it = *found;
	tdelete(it, &s->names, compare);
	free(it);
}

static void
name_take(struct sni *s, struct shown *e, const char *name)
{
	const struct shown *has = by_name(s, name);
	struct named *it;

	if (has != NULL && e->guest && !has->guest)
		return;
	it = copy(&(struct named){ name, e }, sizeof(*it));
	name_drop(s, name);
	if (tsearch(it, &s->names, compare) == NULL)
		abort();
}

/* A name that one entry leaves goes to the last one that has it. */
static void
name_pass_on(struct sni *s, const struct shown *from, const char *name)
{
	if (by_name(s, name) != from)
		return;
	name_drop(s, name);
	for (size_t i = 0; i < s->n; i++)
		for (char **n = s->v[i]->names; s->v[i] != from && *n != NULL; n++)
			if (strcmp(*n, name) == 0)
				name_take(s, s->v[i], *n);
}

/* With the lock. */
static void
drop(struct sni *s, const char *identity)
{
	for (size_t i = 0; i < s->n; i++) {
		struct shown *e = s->v[i];

		if (strcmp(e->id, identity) != 0)
			continue;
		for (s->n--; i < s->n; i++)
			s->v[i] = s->v[i + 1]; /* the order says which is later */
		s->hand = 0;
		for (char **n = e->names; *n != NULL; n++)
			name_pass_on(s, e, *n);
		s->open -= e->x != NULL;
		shown_free(e);
		return;
	}
}

/* ---- the house's side ---------------------------------------------------------------- */

struct sni *
sni_new(void)
{
	struct sni *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
sni_free(struct sni *s)
{
	while (s->n > 0)
		drop(s, s->v[s->n - 1]->id);
	pthread_mutex_destroy(&s->lock);
	free(s->v);
	free(s);
}

int
sni_put(struct sni *s, const struct sni_offer *o, struct err *err)
{
	struct shown *e = shown_new(o);

	if (shown_open(e, err) < 0) {
		shown_free(e);
		return -1;
	}
	shown_close(e);
	pthread_mutex_lock(&s->lock);
	if (s->n == s->room) {
		s->room = s->room == 0 ? 64 : 2 * s->room;
		if ((s->v = reallocarray(s->v, s->room, sizeof(struct shown *))) == NULL)
			abort();
	}
	drop(s, o->identity);
	s->v[s->n++] = e;
	for (char **n = e->names; *n != NULL; n++)
		name_take(s, e, *n);
	pthread_mutex_unlock(&s->lock);
	return 0;
}

void
sni_remove(struct sni *s, const char *identity)
{
	pthread_mutex_lock(&s->lock);
	drop(s, identity);
	pthread_mutex_unlock(&s->lock);
}

/* With the lock. */
static struct shown *
find(struct sni *s, const char *asked)
{
	char name[LIMIT_DNS_NAME + 1];
	size_t n = strlen(asked);
	struct shown *e;
	char *dot;

	if (n > 0 && asked[n - 1] == '.')
		n--; /* the root's dot */
	if (n == 0 || n > LIMIT_DNS_NAME)
		return NULL;
	for (size_t i = 0; i < n; i++)
		name[i] = (char)tolower((unsigned char)asked[i]);
	name[n] = '\0';
	if ((e = by_name(s, name)) != NULL || (dot = strchr(name, '.')) == NULL || dot == name)
		return e;
	dot[-1] = '*';
	return by_name(s, dot - 1);
}

bool
sni_presents(struct sni *s, const char *identity, const unsigned char sha256[32])
{
	bool same = false;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n && !same; i++)
		same = strcmp(s->v[i]->id, identity) == 0 && s->v[i]->names[0] != NULL &&
		    memcmp(s->v[i]->sha256, sha256, 32) == 0;
	pthread_mutex_unlock(&s->lock);
	return same;
}

bool
sni_leads(struct sni *s, const char *name, char identity[ID_SIZE])
{
	struct shown *e;

	pthread_mutex_lock(&s->lock);
	if ((e = find(s, name)) != NULL)
		memcpy(identity, e->id, ID_SIZE);
	pthread_mutex_unlock(&s->lock);
	return e != NULL;
}

/* ---- handshakes ------------------------------------------------------------------------ */

/* One that was not used for a while gives way: the hand goes round. */
static void
make_room(struct sni *s)
{
	while (s->open >= SNI_OPEN) {
		struct shown *e = s->v[s->hand++ % s->n];

		s->hand %= s->n;
		if (e->x == NULL)
			continue;
		if (e->used) {
			e->used = false;
			continue;
		}
		shown_close(e);
		s->open--;
	}
}

int
sni_choose(SSL *ssl, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	struct sni *s = arg;
	struct err err = { 0 };
	struct shown *e;

	if (name == NULL)
		return 1;
	pthread_mutex_lock(&s->lock);
	if ((e = find(s, name)) != NULL) {
		if (e->x == NULL) {
			make_room(s);
			s->open += shown_open(e, &err) == 0;
		}
		e->used = true;
		if (e->x != NULL && SSL_use_cert_and_key(ssl, e->x, e->key, e->above, 1) != 1)
			ERR_clear_error(); /* what the context has is presented */
	}
	pthread_mutex_unlock(&s->lock);
	return 1;
}
