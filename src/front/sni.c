/*
 * sni.c - which certificate for which name
 *
 * What is offered is kept as bytes, a few KiB each; those used last are parsed.
 * Identities and names are in trees of the C library.
 */
#include <ctype.h>
#include <pthread.h>
#include <search.h>

#include <openssl/err.h>

#include "base/limits.h"
#include "front/sni.h"
#include "keys/keys.h"

/* The issuers of a leaf: most have the same ones. */
struct chain {
	size_t refs;
	unsigned char *der; /* one after another */
	size_t len;
	STACK_OF(X509) * parsed; /* or NULL */
};

struct shown {
	char id[ID_SIZE];
	bool guest;
	unsigned char sha256[32];
	char **names; /* lower case; NULL ends them */
	unsigned char *leaf, *blob, *spki;
	size_t leaf_len, blob_len, spki_len;
	struct chain *chain;
	X509 *x; /* parsed, or NULL */
	EVP_PKEY *key;
	size_t place; /* among the parsed ones */
	bool used;    /* since the hand came by */
};

/* A name, and whose it is, the newest first. */
struct holder {
	struct shown *entry;
	struct holder *next;
};
struct named {
	char *name;
	struct holder *first;
};

struct sni {
	pthread_mutex_t lock;
	void *entries, *names, *chains; /* trees: by id, by name, by what they are */
	struct shown **open;
	size_t room, nopen, hand;
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
	EVP_PKEY_free(e->key);
	e->x = NULL;
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
	free(e->blob);
	free(e->spki);
	free(e);
}

static int
chain_open(struct chain *c)
{
	const unsigned char *p = c->der, *end = p + c->len;
	STACK_OF(X509) * all;
	X509 *x;

	if (c->parsed != NULL)
		return 0;
	if ((all = sk_X509_new_null()) == NULL)
		abort();
	while (p < end)
		if ((x = d2i_X509(NULL, &p, (long)(end - p))) == NULL || !sk_X509_push(all, x)) {
			X509_free(x);
			sk_X509_pop_free(all, X509_free);
			return -1;
		}
	c->parsed = all;
	return 0;
}

static int
shown_open(struct shown *e)
{
	const unsigned char *p = e->leaf;
	struct err ignored = { 0 }; /* what the context has is presented */

	if ((e->x = d2i_X509(NULL, &p, (long)e->leaf_len)) != NULL && chain_open(e->chain) == 0 &&
	    keys_open(e->blob, e->blob_len, e->spki, e->spki_len, PURPOSE_TLS_SERVER, &e->key,
		&ignored) == 0)
		return 0;
	shown_close(e);
	ERR_clear_error();
	return -1;
}

/* A host, in lower case as the tree has them; NULL: it is none. */
static char *
host_name(const char *line, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-._*";
	char *name = copy(line, len);

	name[len] = '\0';
	for (char *c = name; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	if (len > 0 && strspn(name, allowed) == len &&
	    strpbrk(name, "-*abcdefghijklmnopqrstuvwxyz") != NULL)
		return name;
	free(name);
	return NULL;
}

static char **
host_names(const char *lines)
{
	char **names = NULL;
	size_t n = 0;

	for (const char *p = lines;; p += *p == '\n') {
		size_t len = strcspn(p, "\n");

		if ((names = reallocarray(names, n + 1, sizeof(*names))) == NULL)
			abort();
		names[n] = *p == '\0' || n == LIMIT_SANS ? NULL : host_name(p, len);
		if (*p == '\0' || n == LIMIT_SANS)
			return names;
		n += names[n] != NULL;
		p += len;
	}
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
	e->blob = copy(o->blob, e->blob_len = o->blob_len);
	e->spki = copy(o->spki, e->spki_len = o->spki_len);
	return e;
}

static int
compare_chains(const void *a, const void *b)
{
	const struct chain *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->der, y->der, x->len);
}

/* With the lock. */
static struct chain *
chain_take(struct sni *s, const void *der, size_t len)
{
	struct chain *c, wanted = { .der = copy(der, len), .len = len }, **found;

	if ((found = tfind(&wanted, &s->chains, compare_chains)) != NULL) {
		free(wanted.der);
		c = *found;
	} else {
		c = copy(&wanted, sizeof(wanted));
		if (tsearch(c, &s->chains, compare_chains) == NULL)
			abort();
	}
	c->refs++;
	return c;
}

static void
chain_leave(struct sni *s, struct chain *c)
{
	if (--c->refs > 0)
		return;
	tdelete(c, &s->chains, compare_chains);
	sk_X509_pop_free(c->parsed, X509_free);
	free(c->der);
	free(c);
}

/* ---- names ------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static struct named *
named(struct sni *s, const char *name)
{
	struct named **found = tfind(
	    &(struct named){ .name = (char *)(uintptr_t)name }, &s->names, compare);

	return found == NULL ? NULL : *found;
}

/* The newest of the system's, else the newest. */
static struct shown *
by_name(struct sni *s, const char *name)
{
	const struct named *it = named(s, name);
	struct shown *newest = NULL;

	for (const struct holder *h = it == NULL ? NULL : it->first; h != NULL; h = h->next) {
		if (!h->entry->guest)
			return h->entry;
		if (newest == NULL)
			newest = h->entry;
	}
	return newest;
}

static void
name_take(struct sni *s, struct shown *e, const char *name)
{
	struct named *it = named(s, name);
	struct holder *h;

	if (it == NULL) {
		it = copy(&(struct named){ .name = copy(name, strlen(name) + 1) }, sizeof(*it));
		if (tsearch(it, &s->names, compare) == NULL)
			abort();
	}
	h = copy(&(struct holder){ e, it->first }, sizeof(*h));
	it->first = h;
}

static void
name_leave(struct sni *s, const struct shown *e, const char *name)
{
	struct named *it = named(s, name);

	for (struct holder **h = &it->first; *h != NULL; h = &(*h)->next)
		if ((*h)->entry == e) {
			struct holder *gone = *h;

			*h = gone->next;
			free(gone);
			break;
		}
	if (it->first != NULL)
		return;
	tdelete(it, &s->names, compare);
	free(it->name);
	free(it);
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct shown *)a)->id, ((const struct shown *)b)->id);
}

static struct shown *
by_id(struct sni *s, const char *identity)
{
	struct shown wanted = { 0 }, **found;

	memcpy(wanted.id, identity, strnlen(identity, ID_SIZE - 1));
	found = tfind(&wanted, &s->entries, compare_ids);
	return found == NULL ? NULL : *found;
}

/* The last of the parsed ones takes the place of one that is closed. */
static void
unopen(struct sni *s, struct shown *e)
{
	if (e->x == NULL)
		return;
	s->open[e->place] = s->open[--s->nopen];
	s->open[e->place]->place = e->place;
	shown_close(e);
}

/* With the lock. */
static void
drop(struct sni *s, struct shown *e)
{
	if (e == NULL)
		return;
	tdelete(e, &s->entries, compare_ids);
	for (char **n = e->names; *n != NULL; n++)
		name_leave(s, e, *n);
	unopen(s, e);
	chain_leave(s, e->chain);
	shown_free(e);
}

/* ---- the house's side ---------------------------------------------------------------- */

struct sni *
sni_new(size_t room)
{
	struct sni *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->open = calloc(room, sizeof(struct shown *))) == NULL)
		abort();
	s->room = room;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
sni_free(struct sni *s)
{
	while (s->entries != NULL)
		drop(s, *(struct shown **)s->entries);
	pthread_mutex_destroy(&s->lock);
	free(s->open);
	free(s);
}

void
sni_put(struct sni *s, const struct sni_offer *o)
{
	struct shown *e = shown_new(o);

	pthread_mutex_lock(&s->lock);
	e->chain = chain_take(s, o->chain, o->chain_len);
	drop(s, by_id(s, o->identity));
	if (tsearch(e, &s->entries, compare_ids) == NULL)
		abort();
	for (char **n = e->names; *n != NULL; n++)
		name_take(s, e, *n);
	pthread_mutex_unlock(&s->lock);
}

void
sni_remove(struct sni *s, const char *identity)
{
	pthread_mutex_lock(&s->lock);
	drop(s, by_id(s, identity));
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
	const struct shown *e;
	bool same;

	pthread_mutex_lock(&s->lock);
	e = by_id(s, identity);
	same = e != NULL && e->names[0] != NULL && memcmp(e->sha256, sha256, 32) == 0;
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
	while (s->nopen == s->room) {
		struct shown *e = s->open[s->hand = (s->hand + 1) % s->room];

		if (e->used)
			e->used = false;
		else
			unopen(s, e);
	}
}

static void
open_one(struct sni *s, struct shown *e)
{
	if (e->x != NULL)
		return;
	make_room(s);
	if (shown_open(e) == 0)
		s->open[e->place = s->nopen++] = e;
}

int
sni_choose(SSL *ssl, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	struct sni *s = arg;
	struct shown *e;

	if (name == NULL)
		return 1;
	pthread_mutex_lock(&s->lock);
	if ((e = find(s, name)) != NULL) {
		open_one(s, e);
		e->used = true;
		if (e->x != NULL &&
		    SSL_use_cert_and_key(ssl, e->x, e->key, e->chain->parsed, 1) != 1)
			ERR_clear_error(); /* what the context has is presented */
	}
	pthread_mutex_unlock(&s->lock);
	return 1;
}
