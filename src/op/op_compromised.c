/*
 * op_compromised.c - keys whose private half others have
 */
#include <stdio.h>

#include <jansson.h>

#include "base/text.h"
#include "op/house.h"
#include "op/op_compromised.h"
#include "op/op_sheet.h"
#include "op/op_weak.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/pem.h"

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(X509, X509, X509_free)

/* ---- the mark -------------------------------------------------------------------- */

/* The key of this tenant with this hash; id "" when there is none. */
static int
find_own(struct ctx *cx, const unsigned char spki_sha256[SPKI_SHA256_SIZE], char id[ID_SIZE])
{
	struct key_row k;

	id[0] = '\0';
	if (store_key_by_spki(cx, spki_sha256, &k) == 0)
		memcpy(id, k.id, ID_SIZE);
	else if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	return 0;
}

/* In the open transaction. */
static int
mark(struct ctx *cx, const unsigned char spki_sha256[SPKI_SHA256_SIZE], const char *source,
    const char *note, struct compromised *out)
{
	const char *hash = hex_of(cx->arena, spki_sha256, SPKI_SHA256_SIZE);
	json_t *o;

	memset(out, 0, sizeof(*out));
	memcpy(out->row.spki_sha256, spki_sha256, SPKI_SHA256_SIZE);
	out->row.source = source;
	out->row.note = note == NULL || note[0] == '\0' ? NULL : note;
	out->row.marked_by = cx->actor.kind == ACTOR_SYSTEM ? "system" : cx->actor.name;
	out->row.marked_at = cx->now;
	if (find_own(cx, spki_sha256, out->key) < 0 || store_compromised_insert(cx, &out->row) < 0)
		return -1;
	if (db_changes(cx) == 0)
		return store_compromised_find(cx, spki_sha256, &out->row) < 0 ? -1 : 0;
	o = json_pack("{ss,ss}", "spki", hash, "source", source);
	if (out->row.note != NULL)
		json_object_set_new(o, "note", json_string(out->row.note));
	return audit(
	    cx, "key.compromised", out->key[0] != '\0' ? out->key : hash, json_text(cx, o));
}

int
op_weak_mark_compromised(
    struct ctx *cx, const unsigned char spki_sha256[SPKI_SHA256_SIZE], const char *why)
{
	struct compromised c;

	return mark(cx, spki_sha256, "revoked", why, &c);
}

static int
report(struct ctx *cx, const unsigned char spki_sha256[SPKI_SHA256_SIZE], const char *note,
    struct compromised *out)
{
	if (note != NULL && text_check(&cx->err, "note", note) < 0)
		return -1;
	if (db_begin(cx) < 0 || mark(cx, spki_sha256, "reported", note, out) < 0)
		return -1;
	return db_commit(cx);
}

int
op_compromised_key(struct ctx *cx, const char *id, const char *note, struct compromised *out)
{
	struct key_row k;

	return store_key_load(cx, id, &k) < 0 ? -1 : report(cx, k.spki_sha256, note, out);
}

/* ---- whose key is in the file? ------------------------------------------------------ */
static int
no_key(struct ctx *cx, const char *why)
{
	err_set(&cx->err, R_COMPROMISED_FILE, "pem", "%s", why);
	return err_hint(
	    &cx->err, "give one public key, CSR or certificate in PEM; never the private key");
}

static int
of_csr(struct ctx *cx, const char *pem, EVP_PKEY **out)
{
	AUTO(csr) struct csr *csr = NULL;

	if (csr_parse_unproved(&csr, pem, strlen(pem), &cx->err) < 0)
		return -1;
	if (csr_public_key(csr) == NULL) {
		cx->err = *csr_key_fault(csr);
		return -1;
	}
	*out = csr_public_key(csr);
	EVP_PKEY_up_ref(*out);
	return 0;
}

static int
of_certificate(struct ctx *cx, const unsigned char *der, size_t len, EVP_PKEY **out)
{
	AUTO(X509) X509 *x = NULL;

	if (cert_parse(&x, der, len, &cx->err) < 0)
		return -1;
	if ((*out = X509_get_pubkey(x)) == NULL)
		return no_key(cx, "the key of the certificate cannot be read");
	return 0;
}

static int
read_key(struct ctx *cx, const char *pem, EVP_PKEY **out)
{
	const char *rest = pem;
	struct pem_block b, next;
	unsigned char *der;
	size_t left = strlen(pem), n;

	if (pem_next(&rest, &left, &b) != 1)
		return no_key(cx, "there is no public key in it");
	if (pem_next(&rest, &left, &next) != 0)
		return no_key(cx, "there is more than one thing in it");
	if (pem_label_is(&b, "CERTIFICATE REQUEST") || pem_label_is(&b, "NEW CERTIFICATE REQUEST"))
		return of_csr(cx, pem, out);
	if (!pem_label_is(&b, "PUBLIC KEY") && !pem_label_is(&b, "CERTIFICATE"))
		return no_key(cx, "it is neither a public key nor a CSR nor a certificate");
	if (pem_decode(cx->arena, &b, &der, &n) < 0)
		return no_key(cx, "its base64 is malformed");
	return pem_label_is(&b, "PUBLIC KEY") ? spki_parse(der, n, out, &cx->err)
					      : of_certificate(cx, der, n, out);
}

int
op_compromised_pem(struct ctx *cx, const char *pem, const char *note, struct compromised *out)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL, *usual = NULL;
	unsigned char hash[SPKI_SHA256_SIZE];

	if (read_key(cx, pem, &key) < 0) {
		snprintf(cx->err.field, sizeof(cx->err.field), "pem");
		return -1;
	}
	if (key_usual_form(key, &usual) < 0)
		return err_nomem(&cx->err);
	if (spki_sha256(usual != NULL ? usual : key, hash, &cx->err) < 0)
		return -1;
	return report(cx, hash, note, out);
}
