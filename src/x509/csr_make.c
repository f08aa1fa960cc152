/*
 * csr_make.c - compose and sign a certification request (RFC 2986)
 *
 * A hot path: the DER is written here, inside out, and signed in one call.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "x509/csr_impl.h"
#include "x509/der.h"

#define DER_IA5 0x16

/* In the order of the CSR page. */
static const struct attribute {
	const char *item;
	size_t offset;	 /* of the value in struct csr_wish */
	const char *oid; /* DER, whole: its second octet is the length */
	unsigned char tag;
	size_t max_chars; /* RFC 5280 appendix A.1 */
} attributes[] = {
#define WISHED(member) offsetof(struct csr_wish, member)
	{ "subject.C", WISHED(country), "\x06\x03\x55\x04\x06", DER_PRINTABLE, 2 },
	{ "subject.ST", WISHED(state), "\x06\x03\x55\x04\x08", DER_UTF8, 128 },
	{ "subject.L", WISHED(locality), "\x06\x03\x55\x04\x07", DER_UTF8, 128 },
	{ "subject.O", WISHED(organization), "\x06\x03\x55\x04\x0a", DER_UTF8, 64 },
	{ "subject.OU", WISHED(unit), "\x06\x03\x55\x04\x0b", DER_UTF8, 64 },
	{ "subject.CN", WISHED(common_name), "\x06\x03\x55\x04\x03", DER_UTF8, 64 },
	{ "subject.emailAddress", WISHED(email), "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01",
	    DER_IA5, 128 },
};

/* Algorithm identifiers, whole (RFC 4055, 5758, 8410). */
#define RSA_WITH(n)   0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, n, 5, 0
#define ECDSA_WITH(n) 0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, n

static const struct signature {
	const char *key, *digest, *md, *name;
	size_t len;
	unsigned char alg[15];
} signatures[] = {
	{ "RSA", "sha256", "SHA256", "sha256WithRSAEncryption", 15, { RSA_WITH(11) } },
	{ "RSA", "sha384", "SHA384", "sha384WithRSAEncryption", 15, { RSA_WITH(12) } },
	{ "RSA", "sha512", "SHA512", "sha512WithRSAEncryption", 15, { RSA_WITH(13) } },
	{ "EC", "sha256", "SHA256", "ecdsa-with-SHA256", 12, { ECDSA_WITH(2) } },
	{ "EC", "sha384", "SHA384", "ecdsa-with-SHA384", 12, { ECDSA_WITH(3) } },
	{ "EC", "sha512", "SHA512", "ecdsa-with-SHA512", 12, { ECDSA_WITH(4) } },
	{ "ED25519", NULL, NULL, "ED25519", 7, { 0x30, 5, 6, 3, 0x2b, 0x65, 0x70 } },
};

static void
put_header(struct buf *b, unsigned char tag, size_t len)
{
	buf_put_u8(b, tag);
	if (len < 0x80)
		buf_put_u8(b, (uint8_t)len);
	else if (len < 0x100) {
		buf_put_u8(b, 0x81);
		buf_put_u8(b, (uint8_t)len);
	} else if (len < 0x10000) {
		buf_put_u8(b, 0x82);
		buf_put_u16(b, (uint16_t)len);
	} else {
		buf_put_u8(b, 0x83);
		buf_put_u8(b, (uint8_t)(len >> 16));
		buf_put_u16(b, (uint16_t)len);
	}
}

static void
put_tlv(struct buf *b, unsigned char tag, const void *data, size_t len)
{
	put_header(b, tag, len);
	buf_put(b, data, len);
}

/* Wrap all that is in b into one element. */
static void
wrap(struct buf *b, unsigned char tag)
{
	AUTO_BUF struct buf inner = *b;

	buf_init(b);
	put_tlv(b, tag, inner.data, inner.len);
}

static const char *
wished(const struct csr_wish *w, const struct attribute *at)
{
	const char *value = *(const char *const *)((const char *)w + at->offset);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Callers checked what was typed; nothing malformed is ever signed anyway. */
static int
check_attribute(const struct attribute *at, const char *value, struct err *e)
{
	const char *label = at->item + strlen("subject.");

	if (at->max_chars == 2)
		return name_check_country(e, at->item, value);
	if (at->tag == DER_IA5)
		return name_check_email(e, at->item, value);
	return name_check_text(e, at->item, label, value, at->max_chars);
}

static int
put_subject(struct buf *b, const struct csr_wish *w, struct csr *csr, struct err *e)
{
	struct subject *s = &csr->subject;

	s->v = arena_new_array(csr->arena, nitems(attributes), struct rdn);
	for (size_t i = 0; i < nitems(attributes); i++) {
		const struct attribute *at = &attributes[i];
		const char *value = wished(w, at);
		AUTO_BUF struct buf pair = { 0 };

		if (value == NULL)
			continue;
		if (check_attribute(at, value, e) < 0)
			return -1;
		buf_put(&pair, at->oid, (size_t)at->oid[1] + 2);
		put_tlv(&pair, at->tag, value, strlen(value));
		wrap(&pair, DER_SEQUENCE);
		put_tlv(b, DER_SET, pair.data, pair.len);
		s->v[s->n].item = at->item;
		s->v[s->n++].value = arena_strdup(csr->arena, value);
	}
	wrap(b, DER_SEQUENCE);
	return 0;
}

static void
put_general_name(struct buf *b, const struct san *s)
{
	unsigned char ip[16];

	switch (s->type) {
	case SAN_DNS:
		put_tlv(b, DER_CONTEXT_PRIMITIVE(2), s->text, strlen(s->text));
		return;
	case SAN_EMAIL:
		put_tlv(b, DER_CONTEXT_PRIMITIVE(1), s->text, strlen(s->text));
		return;
	case SAN_URI:
		put_tlv(b, DER_CONTEXT_PRIMITIVE(6), s->text, strlen(s->text));
		return;
	case SAN_IP:
		if (inet_pton(AF_INET, s->text, ip) == 1)
			put_tlv(b, DER_CONTEXT_PRIMITIVE(7), ip, 4);
		else if (inet_pton(AF_INET6, s->text, ip) == 1)
			put_tlv(b, DER_CONTEXT_PRIMITIVE(7), ip, 16);
		return;
	case SAN_OTHER:
		return; /* names_parse makes none */
	}
}

static void
copy_sans(struct csr *csr, const struct san_list *names)
{
	struct san_list *out = &csr->sans;

	out->v = arena_new_array(csr->arena, names->n, struct san);
	for (size_t i = 0; i < names->n; i++) {
		struct san *s = &out->v[i];

		s->type = names->v[i].type;
		s->text = arena_strdup(csr->arena, names->v[i].text);
		s->item = arena_strdup(csr->arena, names->v[i].item);
		if (names->v[i].unicode != NULL)
			s->unicode = arena_strdup(csr->arena, names->v[i].unicode);
	}
	out->n = names->n;
}

/* [0] attributes: one extensionRequest (RFC 2985 5.4.2) with the names. */
static void
put_attributes(struct buf *b, const struct csr_wish *w, bool critical)
{
	static const unsigned char san[] = { 6, 3, 0x55, 0x1d, 0x11 };
	static const unsigned char yes[] = { DER_BOOLEAN, 1, 0xff };
	static const unsigned char request[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9,
		14 };
	AUTO_BUF struct buf x = { 0 }, names = { 0 };

	if (w->names.n > 0) {
		for (size_t i = 0; i < w->names.n; i++)
			put_general_name(&names, &w->names.v[i]);
		wrap(&names, DER_SEQUENCE);
		buf_put(&x, san, sizeof(san));
		if (critical) /* RFC 5280 4.2.1.6: the subject is empty */
			buf_put(&x, yes, sizeof(yes));
		put_tlv(&x, DER_OCTET_STRING, names.data, names.len);
		wrap(&x, DER_SEQUENCE); /* Extension */
		wrap(&x, DER_SEQUENCE); /* Extensions */
		wrap(&x, DER_SET);
		buf_reset(&names);
		buf_put(&names, request, sizeof(request));
		buf_put(&names, x.data, x.len);
		wrap(&names, DER_SEQUENCE);
		put_tlv(b, DER_CONTEXT(0), names.data, names.len);
	} else
		put_header(b, DER_CONTEXT(0), 0);
}

static const char *
default_digest(EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "EC"))
		return bits > 384 ? "sha512" : bits > 256 ? "sha384" : "sha256";
	return "sha256";
}

static const struct signature *
signature_for(EVP_PKEY *key, const char *digest, struct err *e)
{
	if (digest == NULL || digest[0] == '\0')
		digest = default_digest(key);
	for (size_t i = 0; i < nitems(signatures); i++) {
		const struct signature *s = &signatures[i];

		if (EVP_PKEY_is_a(key, s->key) &&
		    (s->digest == NULL || strcmp(s->digest, digest) == 0))
			return s;
	}
	if (!EVP_PKEY_is_a(key, "RSA") && !EVP_PKEY_is_a(key, "EC"))
		err_set(e, R_KEY_ALGORITHM, "key", "a key of this algorithm makes no CSR");
	else {
		err_set(e, R_CSR_DIGEST, "digest", "%.20s is not a digest for a CSR", digest);
		err_hint(e, "sha256, sha384 or sha512");
	}
	return NULL;
}

static void
free_md_ctx(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

static int
put_signature(struct buf *b, const struct signature *s, EVP_PKEY *key, struct err *e)
{
	__attribute__((cleanup(free_md_ctx))) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[1025] = { 0 }; /* no unused bits, then RSA 8192 at most */
	size_t n = sizeof(sig) - 1;

	if (ctx == NULL)
		return err_nomem(e);
	if (EVP_DigestSignInit_ex(ctx, NULL, s->md, NULL, NULL, key, NULL) != 1 ||
	    EVP_DigestSign(ctx, sig + 1, &n, b->data, b->len) != 1) {
		err_set(e, R_CSR_SIGN, "key", "the key could not sign the CSR");
		return err_hint(e, "see the log of the daemon; is the keeper running?");
	}
	buf_put(b, s->alg, s->len);
	put_tlv(b, DER_BIT_STRING, sig, n + 1);
	return 0;
}

static int
compose(struct csr *csr, const struct csr_wish *w, EVP_PKEY *key, const void *spki, size_t spki_len,
    struct err *e)
{
	static const unsigned char version[] = { DER_INTEGER, 1, 0 };
	AUTO_BUF struct buf b = { 0 }, name = { 0 };
	const struct signature *s = signature_for(key, w->digest, e);

	if (s == NULL || put_subject(&name, w, csr, e) < 0)
		return -1;
	if (csr->subject.n == 0 && w->names.n == 0)
		return err_set(e, R_CSR_NAMELESS, "common_name",
		    "a CSR needs a subject or an alternative name");
	buf_put(&b, version, sizeof(version));
	buf_put(&b, name.data, name.len);
	buf_put(&b, spki, spki_len);
	put_attributes(&b, w, csr->subject.n == 0);
	wrap(&b, DER_SEQUENCE);
	if (put_signature(&b, s, key, e) < 0)
		return -1;
	wrap(&b, DER_SEQUENCE);
	csr->der = arena_dup(csr->arena, b.data, b.len);
	csr->len = b.len;
	csr->spki = memmem(csr->der, csr->len, spki, spki_len);
	csr->spki_len = spki_len;
	csr->signature = s->name;
	csr->proof_ok = true;
	copy_sans(csr, &w->names);
	return 0;
}

int
csr_compose_spki(struct csr **out, const struct csr_wish *w, EVP_PKEY *key, const void *spki,
    size_t spki_len, struct err *e)
{
	AUTO(csr) struct csr *csr = csr_new();

	if (compose(csr, w, key, spki, spki_len, e) < 0)
		return -1;
	EVP_PKEY_up_ref(key);
	csr->key = key;
	*out = csr;
	csr = NULL;
	return 0;
}

int
csr_compose(struct csr **out, const struct csr_wish *w, EVP_PKEY *key, struct err *e)
{
	AUTO(arena) struct arena *a = arena_new();
	unsigned char *spki;
	size_t len;

	if (spki_der(a, key, &spki, &len, e) < 0)
		return -1;
	return csr_compose_spki(out, w, key, spki, len, e);
}
