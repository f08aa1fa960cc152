/*
 * csr_make.c - compose and sign a certification request (RFC 2986)
 *
 * A hot path: the DER is written here, inside out, and signed in one call.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "x509/csr_impl.h"
#include "x509/der_names.h"
#include "x509/der_put.h"
#include "x509/signing.h"

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
		der_put(&pair, at->tag, value, strlen(value));
		der_wrap(&pair, DER_SEQUENCE);
		der_put(b, DER_SET, pair.data, pair.len);
		s->v[s->n].item = at->item;
		s->v[s->n++].value = arena_strdup(csr->arena, value);
	}
	der_wrap(b, DER_SEQUENCE);
	return 0;
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
			der_put_general_name(&names, &w->names.v[i]);
		der_wrap(&names, DER_SEQUENCE);
		buf_put(&x, san, sizeof(san));
		if (critical) /* RFC 5280 4.2.1.6: the subject is empty */
			buf_put(&x, yes, sizeof(yes));
		der_put(&x, DER_OCTET_STRING, names.data, names.len);
		der_wrap(&x, DER_SEQUENCE); /* Extension */
		der_wrap(&x, DER_SEQUENCE); /* Extensions */
		der_wrap(&x, DER_SET);
		buf_reset(&names);
		buf_put(&names, request, sizeof(request));
		buf_put(&names, x.data, x.len);
		der_wrap(&names, DER_SEQUENCE);
		der_put(b, DER_CONTEXT(0), names.data, names.len);
	} else
		der_put_header(b, DER_CONTEXT(0), 0);
}

static int
compose(struct csr *csr, const struct csr_wish *w, EVP_PKEY *key, const void *spki, size_t spki_len,
    struct err *e)
{
	static const unsigned char version[] = { DER_INTEGER, 1, 0 };
	AUTO_BUF struct buf b = { 0 }, name = { 0 };
	const struct signing *s = signing_for(key, w->digest, e);

	if (s == NULL || put_subject(&name, w, csr, e) < 0)
		return -1;
	if (csr->subject.n == 0 && w->names.n == 0)
		return err_set(e, R_CSR_NAMELESS, "common_name",
		    "a CSR needs a subject or an alternative name");
	buf_put(&b, version, sizeof(version));
	buf_put(&b, name.data, name.len);
	buf_put(&b, spki, spki_len);
	put_attributes(&b, w, csr->subject.n == 0);
	der_wrap(&b, DER_SEQUENCE);
	if (signing_put(&b, s, key, e) < 0)
		return -1;
	der_wrap(&b, DER_SEQUENCE);
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
