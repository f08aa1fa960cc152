/*
 * generate.c - requests made by chance, and what each of them asks
 */
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "generate.h"
#include "generate_parts.h"

uint32_t
chance(struct chance *c, uint32_t n)
{
	uint64_t z;

	if (c->data != NULL) {
		if (c->len == 0)
			return 0;
		c->len--;
		return *c->data++ % n;
	}
	z = c->state += 0x9e3779b97f4a7c15; /* splitmix64 */
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) % n);
}

void
asks(struct generated *g, const char *item)
{
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->item[i], item) == 0)
			return;
	if (g->n == WISHES_MAX)
		abort();
	g->item[g->n++] = arena_strdup(g->arena, item);
}

/* ---- keys and signatures -------------------------------------------------------------- */

void
generator_init(struct generator *gen)
{
	gen->ec = EVP_EC_gen("P-256");
	gen->rsa = EVP_RSA_gen(2048);
	gen->edwards = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	gen->explicit_ec = EVP_EC_gen("P-256");
	if (EVP_PKEY_set_utf8_string_param(gen->explicit_ec, "encoding", "explicit") != 1)
		abort();
	gen->keys[0].key = gen->ec;
	gen->keys[1].key = gen->rsa;
	gen->keys[2].key = gen->edwards;
	gen->keys[3].key = gen->explicit_ec;
	for (size_t i = 0; i < nitems(gen->keys); i++) {
		unsigned char *der = NULL;
		int n = i2d_PUBKEY(gen->keys[i].key, &der);

		if (n <= 0)
			abort();
		buf_put(&gen->keys[i].spki, der, (size_t)n);
		OPENSSL_free(der);
	}
}

void
generator_free(struct generator *gen)
{
	for (size_t i = 0; i < nitems(gen->keys); i++) {
		EVP_PKEY_free(gen->keys[i].key);
		buf_free(&gen->keys[i].spki);
	}
}

static void
put_algorithm(struct buf *b, const char *name, bool null)
{
	AUTO_BUF struct buf alg = { 0 };

	if (der_put_oid(&alg, name) < 0)
		abort();
	if (null)
		der_put(&alg, DER_NULL, "", 0);
	der_put(b, DER_SEQUENCE, alg.data, alg.len);
}

/* What was written is signed, now and then by a broken hash, or badly. */
static void
put_signature(struct buf *b, struct chance *c, EVP_PKEY *key, bool *proved)
{
	static const struct {
		const char *md, *ec, *rsa;
	} kinds[] = { { "SHA256", "ecdsa-with-SHA256", "RSA-SHA256" },
		{ "SHA384", "ecdsa-with-SHA384", "RSA-SHA384" },
		{ "SHA1", "ecdsa-with-SHA1", "RSA-SHA1" } };
	size_t kind = chance(c, 16) < 14 ? 0 : 1 + chance(c, 2);
	bool rsa = EVP_PKEY_is_a(key, "RSA"), edwards = EVP_PKEY_is_a(key, "ED25519");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[1 + 512] = { 0 };
	size_t n = sizeof(sig) - 1;

	if (EVP_DigestSignInit_ex(
		ctx, NULL, edwards ? NULL : kinds[kind].md, NULL, NULL, key, NULL) != 1 ||
	    EVP_DigestSign(ctx, sig + 1, &n, b->data, b->len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	*proved = chance(c, 32) != 1;
	if (!*proved)
		sig[n] ^= 1;
	put_algorithm(b, edwards ? "ED25519" : rsa ? kinds[kind].rsa : kinds[kind].ec, rsa);
	der_put(b, DER_BIT_STRING, sig, n + 1);
}

/* ---- the whole -------------------------------------------------------------------------- */

void
generate(struct generator *gen, struct chance *c, struct generated *g)
{
	static const unsigned char version[] = { DER_INTEGER, 1, 0 };
	uint32_t which = chance(c, 256);
	size_t k = which == 255 ? 3 : which >= 248 ? 2 : which >= 244 ? 1 : 0;

	memset(g, 0, sizeof(*g));
	g->arena = arena_new();
	asks(g, "key");
	asks(g, "key.size");
	asks(g, "signature");
	buf_put(&g->der, version, sizeof(version));
	generate_subject(&g->der, c, g);
	buf_put(&g->der, gen->keys[k].spki.data, gen->keys[k].spki.len);
	generate_attributes(&g->der, c, g);
	der_wrap(&g->der, DER_SEQUENCE);
	put_signature(&g->der, c, gen->keys[k].key, &g->proved);
	der_wrap(&g->der, DER_SEQUENCE);
}

void
generated_free(struct generated *g)
{
	buf_free(&g->der);
	arena_free(g->arena);
}
