/*
 * tls.c - what the listeners present: one complete pair, swapped at once
 *
 * A pair is an SSL_CTX of its own, never changed once it is served. A swap
 * replaces the pointer; connections that are there go on with theirs.
 */
#include <pthread.h>

#include <openssl/err.h>

#include "front/client.h"
#include "front/tls.h"

struct tls_slot {
	pthread_mutex_t lock;
	SSL_CTX *ctx;
	struct sni *sni;
};

struct tls_slot *
tls_slot_new(struct sni *sni)
{
	struct tls_slot *slot = calloc(1, sizeof(*slot));

	if (slot == NULL)
		abort();
	pthread_mutex_init(&slot->lock, NULL);
	slot->sni = sni;
	return slot;
}

void
tls_slot_free(struct tls_slot *slot)
{
	SSL_CTX_free(slot->ctx);
	pthread_mutex_destroy(&slot->lock);
	free(slot);
}

/* TLS 1.2 and 1.3, AEAD with forward secrecy only (P38), no resumption. */
static SSL_CTX *
ctx_new(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
		SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20");
	SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384");
	return ctx;
}

static SSL_CTX *
pair_new(X509 *leaf, STACK_OF(X509) * chain, EVP_PKEY *key, struct err *e)
{
	SSL_CTX *ctx = ctx_new();

	if (ctx != NULL && SSL_CTX_use_certificate(ctx, leaf) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1 &&
	    SSL_CTX_set1_chain(ctx, chain) == 1)
		return ctx;
	SSL_CTX_free(ctx);
	err_set(e, R_TLS, NULL, "the listener cannot serve this certificate with its key");
	err_hint(e, "OpenSSL says: %s", ERR_reason_error_string(ERR_peek_last_error()));
	ERR_clear_error();
	return NULL;
}

int
tls_check(X509 *leaf, STACK_OF(X509) * chain, EVP_PKEY *key, struct err *e)
{
	SSL_CTX *ctx = pair_new(leaf, chain, key, e);

	SSL_CTX_free(ctx);
	return ctx == NULL ? -1 : 0;
}

int
tls_serve(struct tls_slot *slot, X509 *leaf, STACK_OF(X509) * chain, EVP_PKEY *key, struct err *e)
{
	SSL_CTX *ctx = pair_new(leaf, chain, key, e), *old;

	if (ctx == NULL)
		return -1;
	SSL_CTX_set_cert_verify_callback(ctx, client_verify, NULL);
	if (slot->sni != NULL)
		SSL_CTX_set_cert_cb(ctx, sni_choose, slot->sni);
	pthread_mutex_lock(&slot->lock);
	old = slot->ctx;
	slot->ctx = ctx;
	pthread_mutex_unlock(&slot->lock);
	SSL_CTX_free(old);
	return 0;
}

/* A reference to the context of this moment; NULL: none yet. */
static SSL_CTX *
current(struct tls_slot *slot)
{
	SSL_CTX *ctx;

	pthread_mutex_lock(&slot->lock);
	ctx = slot->ctx;
	if (ctx != NULL)
		SSL_CTX_up_ref(ctx);
	pthread_mutex_unlock(&slot->lock);
	return ctx;
}

SSL *
tls_accept(struct tls_slot *slot)
{
	SSL_CTX *ctx = current(slot);
	SSL *ssl = ctx == NULL ? NULL : SSL_new(ctx);

	SSL_CTX_free(ctx);
	return ssl;
}

bool
tls_serves(struct tls_slot *slot, const unsigned char sha256[32])
{
	SSL_CTX *ctx = current(slot);
	X509 *leaf = ctx == NULL ? NULL : SSL_CTX_get0_certificate(ctx);
	unsigned char hash[EVP_MAX_MD_SIZE];
	bool same = leaf != NULL && X509_digest(leaf, EVP_sha256(), hash, NULL) == 1 &&
	    memcmp(hash, sha256, 32) == 0;

	SSL_CTX_free(ctx);
	return same;
}

int
tls_facts(struct tls_slot *slot, struct tls_facts *f, struct err *e)
{
	SSL_CTX *ctx = current(slot);
	SSL *ssl = ctx == NULL ? NULL : SSL_new(ctx);
	STACK_OF(SSL_CIPHER) *all = ssl == NULL ? NULL : SSL_get1_supported_ciphers(ssl);

	memset(f, 0, sizeof(*f));
	for (int i = 0; i < sk_SSL_CIPHER_num(all) && f->nciphers < TLS_CIPHERS_MAX; i++)
		f->ciphers[f->nciphers++] = SSL_CIPHER_get_name(sk_SSL_CIPHER_value(all, i));
	if (ctx != NULL)
		f->oldest = SSL_CTX_get_min_proto_version(ctx) == TLS1_3_VERSION ? "TLSv1.3"
										 : "TLSv1.2";
	sk_SSL_CIPHER_free(all);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return f->nciphers > 0 ? 0 : err_set(e, R_TLS, NULL, "the listener serves nothing yet");
}
