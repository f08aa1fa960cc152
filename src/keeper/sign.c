/*
 * sign.c - key types and signatures: two tables
 */
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "keeper/sign.h"

static const struct {
	const char *name; /* OpenSSL's */
	const char *group;
} types[] = {
	[WIRE_RSA] = { "RSA", NULL },
	[WIRE_P256] = { "EC", "prime256v1" },
	[WIRE_P384] = { "EC", "secp384r1" },
	[WIRE_P521] = { "EC", "secp521r1" },
	[WIRE_ED25519] = { "ED25519", NULL },
};

static const struct {
	const char *name; /* of the key */
	const char *md;
	int padding;
} schemes[SCHEME_COUNT] = {
	[SCHEME_RSA_PKCS1_SHA256] = { "RSA", "SHA256", RSA_PKCS1_PADDING },
	[SCHEME_RSA_PKCS1_SHA384] = { "RSA", "SHA384", RSA_PKCS1_PADDING },
	[SCHEME_RSA_PKCS1_SHA512] = { "RSA", "SHA512", RSA_PKCS1_PADDING },
	[SCHEME_RSA_PSS_SHA256] = { "RSA", "SHA256", RSA_PKCS1_PSS_PADDING },
	[SCHEME_RSA_PSS_SHA384] = { "RSA", "SHA384", RSA_PKCS1_PSS_PADDING },
	[SCHEME_RSA_PSS_SHA512] = { "RSA", "SHA512", RSA_PKCS1_PSS_PADDING },
	[SCHEME_ECDSA_SHA256] = { "EC", "SHA256", 0 },
	[SCHEME_ECDSA_SHA384] = { "EC", "SHA384", 0 },
	[SCHEME_ECDSA_SHA512] = { "EC", "SHA512", 0 },
	[SCHEME_ED25519] = { "ED25519", NULL, 0 },
};

EVP_PKEY *
key_make(uint8_t type, unsigned bits, struct err *e)
{
	EVP_PKEY *key = NULL;

	if (type == WIRE_RSA && (bits == 2048 || bits == 3072 || bits == 4096))
		key = EVP_RSA_gen(bits);
	else if (type > WIRE_RSA && type < nitems(types) && types[type].group != NULL)
		key = EVP_EC_gen(types[type].group);
	else if (type == WIRE_ED25519)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (key == NULL)
		err_set(e, R_KEY_TYPE, "type", "no key of this type can be made");
	return key;
}

/* The front looks closer (x509/weak.c); larger numbers would not fit here. */
static int
check_rsa_size(int bits, struct err *e)
{
	if (bits < LIMIT_RSA_MIN) {
		err_set(e, R_KEY_SMALL, "file",
		    "an RSA key of %d bits is too small, %d is the least", bits, LIMIT_RSA_MIN);
		return err_hint(e, "make a new key (BR 6.1.5)");
	}
	if (bits > LIMIT_RSA_MAX_CHAIN)
		return err_set(e, R_KEY_LARGE, "file",
		    "an RSA key of %d bits is too large, %d is the most", bits,
		    LIMIT_RSA_MAX_CHAIN);
	return 0;
}

int
key_type(EVP_PKEY *key, uint8_t *type, uint16_t *bits, struct err *e)
{
	char group[32] = "";
	size_t n;

	if (EVP_PKEY_is_a(key, "RSA") && check_rsa_size(EVP_PKEY_get_bits(key), e) < 0)
		return -1;
	*bits = (uint16_t)EVP_PKEY_get_bits(key);
	if (EVP_PKEY_is_a(key, "EC"))
		EVP_PKEY_get_group_name(key, group, sizeof(group), &n);
	for (size_t i = WIRE_RSA; i < nitems(types); i++) {
		if (!EVP_PKEY_is_a(key, types[i].name) ||
		    (types[i].group != NULL && strcmp(group, types[i].group) != 0))
			continue;
		*type = (uint8_t)i;
		return 0;
	}
	err_set(e, R_KEY_TYPE, "file", "keys of this type are not kept here");
	return err_hint(e, "RSA, EC (P-256, P-384, P-521) and Ed25519 are");
}

int
key_spki(EVP_PKEY *key, struct buf *out, struct err *e)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	if (len <= 0)
		return err_set(e, R_INTERNAL, NULL, "could not encode the public key");
	buf_reset(out);
	buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return 0;
}

void
signer_free(struct signer *s)
{
	if (s == NULL)
		return;
	EVP_PKEY_CTX_free(s->ctx);
	EVP_MD_CTX_free(s->md);
	EVP_PKEY_free(s->key);
	free(s);
}

/* The digest is fetched by name once: a signature then looks nothing up. */
static int
prepare(struct signer *s)
{
	int padding = schemes[s->scheme].padding;
	EVP_MD *md;
	int ok;

	if (schemes[s->scheme].md == NULL)
		return s->md != NULL;
	md = EVP_MD_fetch(NULL, schemes[s->scheme].md, NULL);
	ok = md != NULL && s->md != NULL && EVP_DigestInit_ex2(s->md, md, NULL) == 1 &&
	    (s->ctx = EVP_PKEY_CTX_new_from_pkey(NULL, s->key, NULL)) != NULL &&
	    EVP_PKEY_sign_init(s->ctx) == 1 &&
	    (padding == 0 || EVP_PKEY_CTX_set_rsa_padding(s->ctx, padding) == 1) &&
	    EVP_PKEY_CTX_set_signature_md(s->ctx, md) == 1 &&
	    (padding != RSA_PKCS1_PSS_PADDING ||
		EVP_PKEY_CTX_set_rsa_pss_saltlen(s->ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
	EVP_MD_free(md);
	return ok;
}

int
check_scheme(uint8_t type, uint8_t scheme, struct err *e)
{
	if (scheme == 0 || scheme >= SCHEME_COUNT || type == 0 || type >= nitems(types) ||
	    strcmp(schemes[scheme].name, types[type].name) != 0)
		return err_set(e, R_SIGN_SCHEME, NULL, "this key does not sign with this scheme");
	return 0;
}

int
signer_new(struct signer **out, EVP_PKEY *key, uint8_t type, uint8_t scheme, struct err *e)
{
	struct signer *s;

	if (check_scheme(type, scheme, e) < 0)
		return -1;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return err_nomem(e);
	s->scheme = scheme;
	s->md = EVP_MD_CTX_new();
	if (EVP_PKEY_up_ref(key) == 1)
		s->key = key;
	if (!prepare(s)) {
		signer_free(s);
		return err_set(e, R_INTERNAL, NULL, "could not prepare a signature");
	}
	*out = s;
	return 0;
}

/* Ed25519 hashes inside, twice: it takes the message. */
static int
sign_message(struct signer *s, const struct bytes *m, unsigned char *out, size_t *n)
{
	return EVP_MD_CTX_reset(s->md) == 1 &&
	    EVP_DigestSignInit(s->md, NULL, NULL, NULL, s->key) == 1 &&
	    EVP_DigestSign(s->md, out, n, m->data, m->len) == 1;
}

static int
sign_hash(struct signer *s, const struct bytes *m, unsigned char *out, size_t *n)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len;

	return EVP_DigestInit_ex2(s->md, NULL, NULL) == 1 &&
	    EVP_DigestUpdate(s->md, m->data, m->len) == 1 &&
	    EVP_DigestFinal_ex(s->md, hash, &len) == 1 &&
	    EVP_PKEY_sign(s->ctx, out, n, hash, len) == 1;
}

int
signer_sign(struct signer *s, const struct bytes *message, struct buf *signature, struct err *e)
{
	unsigned char out[1024]; /* RSA 8192 */
	size_t n = sizeof(out);

	if (!(s->ctx == NULL ? sign_message : sign_hash)(s, message, out, &n))
		return err_set(e, R_INTERNAL, NULL, "could not sign");
	buf_reset(signature);
	buf_put(signature, out, n);
	return 0;
}
