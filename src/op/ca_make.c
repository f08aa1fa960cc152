/*
 * ca_make.c - keys and certificates of our own CAs, made by the keeper
 */
#include <openssl/sha.h>

#include "op/ca_make.h"
#include "op/op_clock.h"
#include "op/op_restored.h"
#include "op/op_pki.h"
#include "op/op_trust.h"
#include "op/op_weak.h"
#include "x509/cert.h"

DEFINE_AUTO(X509, X509, X509_free)
DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)

void
ca_put_key(struct ctx *cx, struct ca_row *ca, const struct key_made *made)
{
	const struct key_type_info *info = key_type_info(made->type);

	ca->type = info == NULL ? "rsa" : info->name;
	ca->blob = made->blob;
	ca->blob_len = made->blob_len;
	ca->spki = made->spki;
	ca->spki_len = made->spki_len;
	memcpy(ca->spki_sha256, made->spki_sha256, sizeof(ca->spki_sha256));
	ca->created_at = cx->now;
}

int
ca_make_key(struct ctx *cx, enum key_type type, bool can_sign_cas, struct ca_row *ca)
{
	struct key_wish w = { .id = ca->key,
		.tenant = cx->tenant,
		.type = type,
		.purposes = PURPOSE_CSR | PURPOSE_CERT | PURPOSE_CRL |
		    (can_sign_cas ? PURPOSE_SUB_CA : 0),
		.exportable = can_sign_cas }; /* it can be taken offline */
	struct key_made made;

	id_new(ca->id);
	id_new(ca->key);
	if (keys_generate(cx->keeper, &w, cx->arena, &made, &cx->err) < 0 ||
	    op_weak_check_new(cx, made.spki, made.spki_len) < 0)
		return -1;
	ca_put_key(cx, ca, &made);
	return 0;
}

int
ca_take_certificate(struct ctx *cx, struct ca_row *ca, const void *der, size_t len)
{
	AUTO(X509) X509 *x = NULL;
	struct cert_facts f;
	struct ca_facts ignored;

	if (cert_parse(&x, der, len, &cx->err) < 0 || cert_facts(cx->arena, x, &f, &cx->err) < 0 ||
	    ca_facts(cx->arena, x, &ignored, &cx->err) < 0 ||
	    keys_activate(cx->keeper, ca->blob, ca->blob_len, der, len, cx->arena, &ca->blob,
		&ca->blob_len, &cx->err) < 0)
		return -1;
	ca->der = arena_dup(cx->arena, der, len);
	ca->der_len = len;
	ca->subject = f.subject;
	ca->serial = f.serial;
	memcpy(ca->sha256, f.sha256, 32);
	ca->not_before = f.not_before;
	ca->not_after = f.not_after;
	ca->state = "active";
	return 0;
}

/* Build, sign, take: the signer is a CA of ours, or (NULL) the new one itself. */
static int
certify(struct ctx *cx, struct ca_row *ca, const struct ca_wish *w, struct issue_input *in,
    const struct ca_row *signer)
{
	const struct ca_row *by = signer == NULL ? ca : signer;
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL, *public_key = NULL;
	AUTO_BUF struct buf der = { 0 };

	if (op_clock_check(cx) < 0 || op_restored_check(cx) < 0 ||
	    spki_parse(by->spki, by->spki_len, &public_key, &cx->err) < 0 ||
	    keys_open(
		by->blob, by->blob_len, by->spki, by->spki_len, PURPOSE_CERT, &key, &cx->err) < 0 ||
	    (in->signing = signing_for(public_key, NULL, &cx->err)) == NULL ||
	    ca_serial(cx, in->serial) < 0)
		return -1;
	in->when = cx->now;
	in->spki = ca->spki;
	in->spki_len = ca->spki_len;
	ca_tbs(&der, w, in);
	if (ca_sign(cx, &der,
		&(struct ca_signer){
		    .signing = in->signing, .key = key, .public_key = public_key }) < 0)
		return -1;
	return ca_take_certificate(cx, ca, der.data, der.len);
}

int
ca_make_root(struct ctx *cx, const char *name, const struct ca_plan *plan, struct ca_row *ca)
{
	struct ca_wish w = { .root = true,
		.common_name = arena_printf(cx->arena, "%s Root CA", name),
		.path_length = 1,
		.not_after = cx->now + plan->root_days * 86400 - 1 };
	struct issue_input in = { 0 };

	*ca = (struct ca_row){ .authority = name, .role = "root", .number = 1 };
	if (ca_make_key(cx, plan->type, true, ca) < 0 || certify(cx, ca, &w, &in, NULL) < 0)
		return -1;
	ca->chain = (const unsigned char *)"";
	return 0;
}

/* What is above a certificate of this CA: it, and what is above it. */
static void
chain_of(struct ctx *cx, const struct ca_row *root, struct ca_row *ca)
{
	AUTO_BUF struct buf b = { 0 };

	buf_put(&b, root->der, root->der_len);
	buf_put(&b, root->chain, root->chain_len);
	ca->chain = arena_dup(cx->arena, b.data, b.len);
	ca->chain_len = b.len;
}

int
ca_make_issuing(struct ctx *cx, const char *name, int64_t number, const struct ca_plan *plan,
    const struct ca_row *root, struct ca_row *ca)
{
	int64_t end = cx->now + plan->days * 86400 - 1;
	struct ca_wish w = { .common_name = number == 1
		    ? arena_printf(cx->arena, "%s Issuing CA", name)
		    : arena_printf(cx->arena, "%s Issuing CA %lld", name, (long long)number),
		.path_length = 0,
		.not_after = end < root->not_after ? end : root->not_after,
		.permitted = plan->permitted,
		.npermitted = plan->npermitted };
	AUTO(X509) X509 *x = NULL;
	struct ca_facts facts;
	struct issue_input in = { 0 };
	const char *no_ocsp;

	*ca = (struct ca_row){ .authority = name, .role = "issuing", .number = number };
	memcpy(ca->parent, root->id, ID_SIZE);
	if (cert_parse(&x, root->der, root->der_len, &cx->err) < 0 ||
	    ca_facts(cx->arena, x, &facts, &cx->err) < 0 ||
	    pki_addresses(cx, cx->arena, root->id, &in.crl_url, &no_ocsp, &in.issuer_url) < 0)
		return -1;
	in.issuer = facts.subject;
	in.issuer_len = facts.subject_len;
	in.key_id = facts.key_id;
	in.key_id_len = facts.key_id_len;
	if (ca_make_key(cx, plan->type, false, ca) < 0 || certify(cx, ca, &w, &in, root) < 0)
		return -1;
	chain_of(cx, root, ca);
	return 0;
}

int
ca_permitted(struct ctx *cx, const struct ca_row *ca, struct ca_plan *plan)
{
	AUTO(X509) X509 *x = NULL;
	struct ca_facts f;

	if (cert_parse(&x, ca->der, ca->der_len, &cx->err) < 0 ||
	    ca_facts(cx->arena, x, &f, &cx->err) < 0)
		return -1;
	plan->permitted = f.permitted;
	plan->npermitted = f.npermitted;
	return 0;
}

int
ca_trust(struct ctx *cx, const struct ca_row *ca)
{
	AUTO(X509) X509 *x = NULL;

	return cert_parse(&x, ca->der, ca->der_len, &cx->err) < 0
	    ? -1
	    : op_trust_keep(cx, (X509 *const[]){ x }, 1);
}
