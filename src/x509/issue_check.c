/*
 * issue_check.c - is the TBSCertificate what was decided? Read from its own bytes
 */
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "x509/der.h"
#include "x509/issue.h"
#include "x509/items.h"

#define EXT_SKI "ext.2.5.29.14"
#define EXT_AKI "ext.2.5.29.35"

static const char *
granted(const struct sheet *s, const char *item)
{
	const struct disposition *d = sheet_find(s, item);

	return d == NULL ? NULL : d->granted;
}

/* ---- taken apart ------------------------------------------------------------------- */

void
tbs_parts_clear(struct tbs_parts *p)
{
	sk_X509_EXTENSION_pop_free(p->extensions, X509_EXTENSION_free);
	p->extensions = NULL;
}

static int
decode_subject(struct arena *a, const struct der *subject, struct subject *out)
{
	const unsigned char *p = subject->data;
	struct err ignored = { 0 };
	X509_NAME *name;
	bool whole;

	if (subject_of_der(a, *subject, out))
		return 0;
	name = d2i_X509_NAME(NULL, &p, (long)subject->len);
	whole = name != NULL && p == subject->data + subject->len;
	if (whole)
		subject_of(a, name, out, &ignored);
	X509_NAME_free(name);
	return whole ? 0 : -1;
}

/* The decoded parts: whole elements, to the last byte. */
static int
decode(struct arena *a, const struct der *algorithm, const struct der *subject,
    struct der extensions, struct tbs_parts *out)
{
	const unsigned char *p = algorithm->data;
	X509_ALGOR *alg = d2i_X509_ALGOR(NULL, &p, (long)algorithm->len);

	if (alg == NULL)
		return -1;
	out->signature = algorithm_text(a, alg);
	X509_ALGOR_free(alg);
	if (decode_subject(a, subject, &out->subject) < 0)
		return -1;
	p = extensions.data;
	out->extensions = d2i_X509_EXTENSIONS(NULL, &p, (long)extensions.len);
	if (out->extensions == NULL || p != extensions.data + extensions.len)
		return -1;
	out->sans = *sans_of_extensions(a, out->extensions);
	return 0;
}

int
tbs_parts_read(struct arena *a, const void *tbs, size_t len, struct tbs_parts *out)
{
	struct der all = der_of(tbs, len), in, skip, serial, algorithm, life, subject, spki, ext;
	int r;

	memset(out, 0, sizeof(*out));
	if (der_expect(&all, DER_SEQUENCE, &in) < 0 || !der_at_end(&all) ||
	    der_expect(&in, DER_CONTEXT(0), &skip) < 0 ||
	    der_expect(&in, DER_INTEGER, &serial) < 0 ||
	    der_expect_whole(&in, DER_SEQUENCE, &skip, &algorithm) < 0 ||
	    der_expect(&in, DER_SEQUENCE, &skip) < 0 || der_expect(&in, DER_SEQUENCE, &life) < 0 ||
	    der_time(&life, &out->not_before) < 0 || der_time(&life, &out->not_after) < 0 ||
	    !der_at_end(&life) || der_expect_whole(&in, DER_SEQUENCE, &skip, &subject) < 0 ||
	    der_expect_whole(&in, DER_SEQUENCE, &skip, &spki) < 0 ||
	    der_expect(&in, DER_CONTEXT(3), &ext) < 0 || !der_at_end(&in))
		return -1;
	if (serial.len > 1 && serial.data[0] == 0) {
		serial.data++;
		serial.len--;
	}
	out->serial = hex_of(a, serial.data, serial.len);
	out->spki = arena_dup(a, spki.data, spki.len);
	out->spki_len = spki.len;
	r = decode(a, &algorithm, &subject, ext, out);
	ERR_clear_error();
	return r;
}

/* ---- is it what was planned? --------------------------------------------------------- */

static int
differs(struct err *e, const char *item, const char *what)
{
	return err_set(e, R_ISSUE_PLAN, NULL,
	    "the certificate would not be what was decided: %s %s", item, what);
}

/* Not in a certificate, or decided by the authority alone. */
static bool
is_of_request(const char *item)
{
	return strcmp(item, "signature") == 0 || text_starts(item, "attr.");
}

/*
 * Under which name the certificate has what the sheet grants there; NULL: not at
 * all. Attributes of one type are counted anew, without those that were dropped.
 */
static const char *
name_made(const struct sheet *s, size_t i)
{
	const char *item = s->v[i].item;
	size_t n = strcspn(item, "#"), nth = 1;

	if (s->v[i].granted == NULL || is_of_request(item))
		return NULL;
	if (!text_starts(item, "subject.") || item[n] == '\0')
		return item;
	for (size_t k = 0; k < i; k++)
		nth += s->v[k].granted != NULL && strncmp(s->v[k].item, item, n) == 0 &&
		    strchr("#", s->v[k].item[n]) != NULL;
	return nth == 1 ? arena_printf(s->arena, "%.*s", (int)n, item)
			: arena_printf(s->arena, "%.*s#%zu", (int)n, item, nth);
}

static int
check_planned(struct sheet *s, const char *const *names, const struct items *made, struct err *e)
{
	for (size_t i = 0; i < s->n; i++) {
		struct disposition *d = &s->v[i];
		const struct item *it;

		if (names[i] == NULL)
			continue;
		if ((it = items_find(made, names[i])) == NULL)
			return differs(e, d->item, "is missing");
		if (it->times != 1)
			return differs(e, d->item, "is there more than once");
		if (it->fault != NULL && !issue_decides(d->item))
			return differs(e, d->item, "is malformed");
		if (strcmp(d->item, EXT_SKI) == 0 || strcmp(d->item, EXT_AKI) == 0)
			d->granted = it->value;
		else if (!issue_decides(d->item) && strcmp(it->value, d->granted) != 0)
			return differs(e, d->item, "has another value");
	}
	return 0;
}

/* Nothing is there that was not decided. */
static int
check_made(const struct sheet *s, const char *const *names, const struct items *made, struct err *e)
{
	for (size_t i = 0; i < made->n; i++) {
		size_t k = 0;

		while (k < s->n && (names[k] == NULL || strcmp(names[k], made->v[i].name) != 0))
			k++;
		if (k == s->n && !is_of_request(made->v[i].name))
			return differs(e, made->v[i].name, "was not decided");
	}
	return 0;
}

/* The bytes of the key were compared; the sheet names them by their SHA-256. */
static bool
key_is_named(const struct sheet *s, const struct tbs_parts *p)
{
	const char *named = granted(s, "key");
	unsigned char hash[SHA256_DIGEST_LENGTH];

	SHA256(p->spki, p->spki_len, hash);
	return named != NULL && text_ends(named, hex_of(s->arena, hash, sizeof(hash)));
}

int
issue_check(struct sheet *s, const struct buf *tbs, const struct issue_input *in,
    struct tbs_parts *p, struct err *e)
{
	struct cert_parts parts = { 0 };
	const char **names;
	struct items made;

	if (der_check(tbs->data, tbs->len) < 0 ||
	    tbs_parts_read(s->arena, tbs->data, tbs->len, p) < 0)
		return differs(e, "the certificate", "cannot be read");
	if (p->spki_len != in->spki_len || memcmp(p->spki, in->spki, in->spki_len) != 0)
		return differs(e, "key", "is another one");
	if (!key_is_named(s, p))
		return differs(e, "key", "has another value");
	parts = (struct cert_parts){ .subject = &p->subject,
		.sans = &p->sans,
		.extensions = p->extensions,
		.key = granted(s, "key"), /* the bytes are the same */
		.key_size = granted(s, "key.size"),
		.signature = p->signature,
		.not_before = p->not_before,
		.not_after = p->not_after };
	items_of_parts(s->arena, &parts, &made);
	names = arena_new_array(s->arena, s->n, const char *);
	for (size_t i = 0; i < s->n; i++)
		names[i] = name_made(s, i);
	return check_planned(s, names, &made, e) < 0 ? -1 : check_made(s, names, &made, e);
}
