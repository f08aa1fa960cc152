/*
 * op_serve.c - the active pair of the portal's identity, put to work
 */
#include <openssl/x509.h>

#include "keys/keys.h"
#include "op/house.h"
#include "op/op_serve.h"

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(X509, X509, X509_free)

static void
chain_free(STACK_OF(X509) * chain)
{
	sk_X509_pop_free(chain, X509_free);
}
DEFINE_AUTO(chain, STACK_OF(X509), chain_free)

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

int
op_serve(struct ctx *cx, const struct cert_row *cert, const struct key_row *key)
{
	AUTO(EVP_PKEY) EVP_PKEY *pkey = NULL;
	AUTO(chain) STACK_OF(X509) *chain = NULL;
	AUTO(X509) X509 *leaf = NULL;
	const unsigned char *p = cert->der;
	struct house *h = cx->house;

	if ((leaf = d2i_X509(NULL, &p, (long)cert->der_len)) == NULL)
		return err_set(
		    &cx->err, R_DB_DAMAGED, NULL, "the stored certificate cannot be read");
	if (chain_read(cx, cert, &chain) < 0 ||
	    keys_open(key->blob, key->blob_len, key->spki, key->spki_len, PURPOSE_TLS_SERVER, &pkey,
		&cx->err) < 0)
		return -1;
	return h->serve(h->tls, leaf, chain, pkey, &cx->err);
}

int
op_serve_active(struct ctx *cx)
{
	struct identity i;
	struct cert_row cert;
	struct key_row key;

	if (store_identity_load(cx, "portal", &i) < 0 || store_cert_load(cx, i.active, &cert) < 0 ||
	    store_key_load(cx, cert.key, &key) < 0)
		return -1;
	return op_serve(cx, &cert, &key);
}
