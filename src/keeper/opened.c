/*
 * opened.c - a key in clear while it is in use, and what is ready for its use
 *
 * Preparing a signature costs libcrypto 3.0 a good part of the signature
 * itself (look-ups by name): a signer that was used waits for the next one.
 */
#include "keeper/opened.h"
#include "keeper/sign.h"

#define IDLE_MAX 8

/* The certificate in the blob, now in the copy of it. */
static int
read_certificate(struct opened *o, const struct bytes *blob, struct err *e)
{
	struct bytes spki = { .data = o->spki.data, .len = o->spki.len };
	struct bytes *c = &o->head.certificate;

	if (c->len == 0)
		return 0;
	c->data = o->blob.data + (c->data - blob->data);
	return issuer_read(&o->issuer, c, &spki, e);
}

int
opened_new(struct opened **out, const struct key_head *head, EVP_PKEY *key,
    const struct bytes *blob, struct err *e)
{
	struct opened *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return err_nomem(e);
	o->refs = 1;
	o->head = *head;
	pthread_mutex_init(&o->lock, NULL);
	buf_put(&o->blob, blob->data, blob->len);
	if (EVP_PKEY_up_ref(key) == 1)
		o->key = key;
	if (key_spki(key, &o->spki, e) < 0 || read_certificate(o, blob, e) < 0) {
		opened_free(o);
		return -1;
	}
	*out = o;
	return 0;
}

struct opened *
opened_ref(struct opened *o)
{
	o->refs++;
	return o;
}

void
opened_free(struct opened *o)
{
	struct signer *s;

	if (o == NULL || --o->refs > 0)
		return;
	while ((s = o->idle) != NULL) {
		o->idle = s->next;
		signer_free(s);
	}
	EVP_PKEY_free(o->key); /* libcrypto cleanses private keys */
	buf_free(&o->blob);
	buf_free(&o->spki);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

static struct signer *
idle_take(struct opened *o, uint8_t scheme)
{
	struct signer **at, *s;

	pthread_mutex_lock(&o->lock);
	for (at = &o->idle; (s = *at) != NULL && s->scheme != scheme; at = &s->next)
		;
	if (s != NULL) {
		*at = s->next;
		o->nidle--;
	}
	pthread_mutex_unlock(&o->lock);
	return s;
}

static void
idle_put(struct opened *o, struct signer *s)
{
	pthread_mutex_lock(&o->lock);
	if (o->nidle < IDLE_MAX) {
		s->next = o->idle;
		o->idle = s;
		o->nidle++;
		s = NULL;
	}
	pthread_mutex_unlock(&o->lock);
	signer_free(s);
}

int
opened_sign(struct opened *o, uint8_t scheme, const struct bytes *message, struct buf *signature,
    struct err *e)
{
	struct signer *s = idle_take(o, scheme);

	if (s == NULL && signer_new(&s, o->key, o->head.type, scheme, e) < 0)
		return -1;
	if (signer_sign(s, message, signature, e) < 0) {
		signer_free(s);
		return -1;
	}
	idle_put(o, s);
	return 0;
}
