/*
 * op_csr.c - certification requests of an identity
 */
#include <stdio.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/limits.h"
#include "keys/keys.h"
#include "op/house.h"
#include "op/op_csr.h"
#include "op/op_names.h"
#include "op/op_preset.h"
#include "op/op_sheet.h"
#include "op/op_tenant.h"
#include "op/op_weak.h"

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)

#define CN_MAX 64 /* characters, RFC 5280 appendix A.1 */

/* In the order of the page. */
static const struct wanted {
	const char *field, *label, *item;
	size_t typed, saved, wish; /* where it is in each struct */
	size_t max;		   /* characters; 0: has a check of its own */
} wanted[] = {
#define WANTED(m) \
	offsetof(struct csr_typed, m), offsetof(struct identity, m), offsetof(struct csr_wish, m)
	{ "country", "Country Code", "C", WANTED(country), 0 },
	{ "state", "State or Province Name", "ST", WANTED(state), 128 },
	{ "locality", "Locality", "L", WANTED(locality), 128 },
	{ "organization", "Organization Name", "O", WANTED(organization), 64 },
	{ "unit", "Organization Unit", "OU", WANTED(unit), 64 },
	{ "common_name", "Common Name", "CN", WANTED(common_name), 0 },
	{ "email", "Email Address", "emailAddress", WANTED(email), 0 },
};

static const char **
text_at(const void *o, size_t offset)
{
	return (const char **)((uintptr_t)o + offset);
}

static bool
is_empty(const char *s)
{
	return s == NULL || s[0] == '\0';
}

static int
check_common_name(struct ctx *cx, const char *typed, const char **out)
{
	const char *unicode;

	if (name_check_dns(&cx->err, "common_name", typed, cx->arena, out, &unicode) < 0)
		return -1;
	if (strlen(*out) <= CN_MAX)
		return 0;
	err_set(&cx->err, R_NAME_LONG, "common_name",
	    "Common Name has %zu characters, at most %d fit into a certificate", strlen(*out),
	    CN_MAX);
	return err_hint(&cx->err,
	    "put a shorter name here and this one into Alternative Names, where %d fit",
	    LIMIT_DNS_NAME);
}

static int
check_field(struct ctx *cx, const struct wanted *w, const char *value, const char **out)
{
	*out = value;
	if (w->max > 0 && name_check_text(&cx->err, w->field, w->label, value, w->max) < 0)
		return -1;
	if (strcmp(w->item, "C") == 0 && name_check_country(&cx->err, w->field, value) < 0)
		return -1;
	if (strcmp(w->item, "CN") == 0 && check_common_name(cx, value, out) < 0)
		return -1;
	if (strcmp(w->item, "emailAddress") == 0 && name_check_email(&cx->err, w->field, value) < 0)
		return -1;
	return 0;
}

int
csr_field_check(struct ctx *cx, const char *field, const char *value, const char **out)
{
	const struct wanted *w = wanted;

	while (strcmp(w->field, field) != 0)
		w++;
	return check_field(cx, w, value, out);
}

/* One field as it will be, checked and put into the wish. */
static int
take_field(struct ctx *cx, const struct wanted *w, const struct preset *p, const struct identity *i,
    const struct csr_typed *typed, struct csr_wish *wish)
{
	const char *value;

	if (preset_take(cx, p, *text_at(typed, w->typed), *text_at(i, w->saved), &value) < 0)
		return -1;
	if (!is_empty(value))
		return check_field(cx, w, value, text_at(wish, w->wish));
	err_set(&cx->err, R_FIELD_REQUIRED, w->field, "%s is required", w->label);
	return err_hint(&cx->err, "fill in all seven fields");
}

static int
take_wish(
    struct ctx *cx, const struct identity *i, const struct csr_typed *typed, struct csr_wish *wish)
{
	const char *lines = typed->names != NULL ? typed->names : i->names;
	const char *digest = typed->digest != NULL ? typed->digest : i->digest;

	struct preset all[PRESETS];

	memset(wish, 0, sizeof(*wish));
	if (op_presets(cx, all) < 0)
		return -1;
	for (size_t n = 0; n < nitems(wanted); n++)
		if (take_field(cx, &wanted[n], preset_of(all, wanted[n].field), i, typed, wish) < 0)
			return -1;
	wish->digest = is_empty(digest) ? NULL : digest;
	return names_parse(&cx->err, "names", lines == NULL ? "" : lines, wish->common_name,
	    cx->arena, &wish->names);
}

/* "a\nb" of all names, without the one that equals `but` (or NULL). */
static const char *
name_lines(struct ctx *cx, const struct san_list *names, const char *but)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < names->n; i++) {
		if (but != NULL && strcmp(names->v[i].text, but) == 0)
			continue;
		buf_printf(&b, "%s%s", b.len > 0 ? "\n" : "", names->v[i].text);
	}
	return arena_strdup(cx->arena, buf_text(&b));
}

/* "C=US\nST=..." (no value has a line break): for lists, without a parser. */
static const char *
subject_lines(struct ctx *cx, const struct csr_wish *wish)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < nitems(wanted); i++)
		buf_printf(&b, "%s%s=%s", i > 0 ? "\n" : "", wanted[i].item,
		    *text_at(wish, wanted[i].wish));
	return arena_strdup(cx->arena, buf_text(&b));
}

/* "sha256" of "ecdsa-with-SHA256"; "none" for Ed25519, which has its own. */
static const char *
digest_of(const struct csr *csr)
{
	static const char *const names[] = { "sha256", "sha384", "sha512" };

	for (size_t i = 0; i < nitems(names); i++)
		if (strcasestr(csr_signature_name(csr), names[i]) != NULL)
			return names[i];
	return "none";
}

static void
fill_row(struct ctx *cx, const struct identity *i, const struct key_row *key,
    const struct csr_typed *typed, const struct csr_wish *wish, const struct csr *csr,
    struct request_row *r)
{
	size_t len;

	memset(r, 0, sizeof(*r));
	id_new(r->id);
	memcpy(r->identity, i->id, ID_SIZE);
	memcpy(r->key, key->id, ID_SIZE);
	memcpy(r->spki_sha256, key->spki_sha256, SPKI_SHA256_SIZE);
	r->state = "pending";
	r->der = csr_der(csr, &len);
	r->der = arena_dup(cx->arena, r->der, len);
	r->der_len = len;
	csr_sha256(csr, r->sha256);
	r->subject = subject_lines(cx, wish);
	r->names = name_lines(cx, &wish->names, NULL);
	r->digest = digest_of(csr);
	if (key->state != KEY_READY) /* a certificate has it */
		r->key_note = is_empty(typed->keep_key) ? "" : typed->keep_key;
	r->created_by = cx->actor.name;
	r->created_at = cx->now;
}

static int
sign(struct ctx *cx, const struct key_row *key, const struct csr_wish *wish, struct csr **out)
{
	AUTO(EVP_PKEY) EVP_PKEY *pkey = NULL;

	if (keys_open(key->blob, key->blob_len, key->spki, key->spki_len, PURPOSE_CSR, &pkey,
		&cx->err) < 0)
		return -1;
	return csr_compose_spki(out, wish, pkey, key->spki, key->spki_len, &cx->err);
}

int
key_note_check(struct ctx *cx, const char *why)
{
	if (is_empty(why))
		return 0;
	if (text_check(&cx->err, "keep_key", why) < 0)
		return -1;
	if (utf8_length(why) <= KEY_NOTE_MAX)
		return 0;
	return err_set(&cx->err, R_NAME_LONG, "keep_key", "%zu characters, at most %d fit",
	    utf8_length(why), KEY_NOTE_MAX);
}

static int
record(struct ctx *cx, const struct identity *i, const struct request_row *r)
{
	const char *sha256 = hex_of(cx->arena, r->sha256, 32);

	if (r->key_note != NULL)
		return audit(cx, "csr.regenerate", i->name,
		    json_text(cx,
			json_pack("{sI,ss,ss,ss}", "request", (json_int_t)r->number, "id", r->id,
			    "sha256", sha256, "keeps_key", r->key_note)));
	return audit(cx, "csr.regenerate", i->name,
	    arena_printf(cx->arena, "{\"request\":%lld,\"id\":\"%s\",\"sha256\":\"%s\"}",
		(long long)r->number, r->id, sha256));
}

/* Fields, request and record: all or nothing. */
static int
save(struct ctx *cx, const struct identity *i, const struct csr_wish *wish, struct request_row *r)
{
	struct identity now = *i;

	for (size_t n = 0; n < nitems(wanted); n++)
		*text_at(&now, wanted[n].saved) = *text_at(wish, wanted[n].wish);
	now.names = name_lines(cx, &wish->names, wish->common_name);
	now.digest = wish->digest;
	if (db_begin(cx) < 0 || tenant_quota(cx, QUOTA_REQUESTS) < 0 ||
	    store_identity_save_fields(cx, &now) < 0 || store_request_insert(cx, r) < 0 ||
	    record(cx, i, r) < 0)
		return -1;
	return db_commit(cx);
}

/* A digest that was asked for is not left out silently. */
static int
check_digest(struct ctx *cx, const struct csr_typed *typed, const struct request_row *r)
{
	if (is_empty(typed->digest) || strcmp(typed->digest, r->digest) == 0)
		return 0;
	err_set(&cx->err, R_CSR_DIGEST, "digest",
	    "%s cannot be asked for: an Ed25519 key has a digest of its own", typed->digest);
	return err_hint(&cx->err, "leave the digest out");
}

int
op_csr_regenerate(struct ctx *cx, const struct identity *i, const struct csr_typed *typed,
    struct request_row *out, struct key_row *key)
{
	AUTO(csr) struct csr *csr = NULL;
	struct csr_wish wish;

	if (key_note_check(cx, typed->keep_key) < 0 || take_wish(cx, i, typed, &wish) < 0 ||
	    store_key_for_csr(cx, i, key) < 0 ||
	    names_check_all(cx, &wish.names, wish.common_name) < 0 ||
	    op_weak_check_own(cx, key) < 0 || sign(cx, key, &wish, &csr) < 0)
		return -1;
	fill_row(cx, i, key, typed, &wish, csr, out);
	if (check_digest(cx, typed, out) < 0)
		return -1;
	return save(cx, i, &wish, out);
}

int
op_csr_check_fields(struct ctx *cx, const struct identity *i, const struct csr_typed *typed)
{
	struct csr_wish wish;

	return take_wish(cx, i, typed, &wish);
}

int
op_csr_load(struct ctx *cx, const char *id, struct request_row *r)
{
	return store_request_load(cx, id, r);
}

int
op_csr_newest(struct ctx *cx, const struct identity *i, struct request_row *r)
{
	if (store_request_newest(cx, i->id, r) == 0)
		return 0;
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	err_set(&cx->err, R_NOT_FOUND, NULL, "the identity %s has no request yet", i->name);
	return err_hint(
	    &cx->err, "make one on the page SSL CSR, or with `certwright csr regenerate`");
}

int
op_csr_list(struct ctx *cx, const struct identity *i, struct request_row **out, size_t *n)
{
	return store_request_list(cx, i->id, out, n);
}

int
op_csr_check(struct ctx *cx, const void *data, size_t len, struct sheet *sheet)
{
	AUTO(csr) struct csr *csr = NULL;

	sheet_init(sheet, cx->arena);
	if (csr_parse_unproved(&csr, data, len, &cx->err) < 0)
		return -1;
	csr_check(csr, op_weak(cx), sheet, &cx->err);
	return err_is_set(&cx->err) ? -1 : 0;
}

const char *
identity_names(struct ctx *cx, const struct identity *i)
{
	if (is_empty(i->common_name))
		return is_empty(i->names) ? "" : i->names;
	if (is_empty(i->names))
		return i->common_name;
	return arena_printf(cx->arena, "%s\n%s", i->common_name, i->names);
}

const char *
request_pem(struct ctx *cx, const struct request_row *r)
{
	return csr_pem_of_der(cx->arena, r->der, r->der_len);
}

int
request_text(struct ctx *cx, const struct request_row *r, const char **out)
{
	AUTO(csr) struct csr *csr = NULL;

	if (csr_parse_unproved(&csr, r->der, r->der_len, &cx->err) < 0)
		return -1;
	*out = csr_text(cx->arena, csr);
	return 0;
}

const char *
name_unicode(struct ctx *cx, const char *name)
{
	struct err ignored = { 0 };
	const char *ascii, *unicode = NULL;

	if (strstr(name, "xn--") == NULL ||
	    name_check_dns(&ignored, "name", name, cx->arena, &ascii, &unicode) < 0)
		return NULL;
	return unicode;
}
