/*
 * ops.c - the table of what the keeper does: it is the security policy
 *
 * Each answer_x pairs by name with keys_x in src/keys/client.c.
 */
#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/audit_chain.h"
#include "base/clock.h"
#include "base/limits.h"
#include "keeper/custodian.h"
#include "keeper/deliver.h"
#include "keeper/export.h"
#include "keeper/guard.h"
#include "keeper/import.h"
#include "keeper/journal.h"
#include "keeper/ops_custodian.h"
#include "keeper/ops_impl.h"
#include "keeper/pool.h"
#include "keeper/sign.h"
#include "keeper/signlog.h"
#include "wire/purpose.h"
#include "wire/seal.h"

#define SECRET_MAX 4096
#define LONG	   (4 * 1024 * 1024) /* for any other question */

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)

static int
answer_state(struct keeper_house *h, const struct message *q, struct answer *a)
{
	pool_state(h->pool, a->m.pool_have, a->m.pool_want);
	a->m.destroyed = journal_destroyed_count(h->journal);
	a->m.unreconciled = signlog_unreconciled(h->signlog);
	vault_kek_id(h->vault, a->m.kek_id);
	journal_head(h->journal, &a->m.sequence, a->m.hash);
	snprintf(a->m.text, sizeof(a->m.text), "%s", h->sandbox == NULL ? "" : h->sandbox);
	return 0;
}

/* What a new key may be for. tls-server comes to an identity's key when its
 * certificate is installed: until then it signs its own CSR only (P13). */
static bool
purposes_fit(uint32_t purposes)
{
	static const uint32_t allowed[] = { PURPOSE_CSR, PURPOSE_CSR | PURPOSE_DELIVER,
		PURPOSE_AUDIT, PURPOSE_SELF_SIGNED, PURPOSE_SELF_SIGNED | PURPOSE_TLS_SERVER,
		PURPOSE_ISSUER, PURPOSE_ROOT, PURPOSE_OCSP };

	for (size_t i = 0; i < nitems(allowed); i++)
		if (purposes == allowed[i])
			return true;
	return false;
}

/* Wrap a new key and tell about it: the end of generate and import. */
static int
keep(struct keeper_house *h, const struct message *q, EVP_PKEY *key, struct answer *a)
{
	struct key_head head = {
		.purposes = q->purposes, .exportable = q->exportable, .created = clock_wall()
	};

	memcpy(head.id, q->id, sizeof(head.id));
	memcpy(head.tenant, q->tenant, sizeof(head.tenant));
	if (!id_valid(q->id) || q->tenant[0] == '\0' || !purposes_fit(q->purposes))
		return err_set(&a->m.why, R_KEY_PURPOSE, NULL,
		    "a new key needs an id, a tenant and one purpose");
	if (key_type(key, &head.type, &head.bits, &a->m.why) < 0 ||
	    vault_wrap(h->vault, &head, key, &a->blob, &a->m.why) < 0 ||
	    key_spki(key, &a->spki, &a->m.why) < 0)
		return -1;
	a->m.type = head.type;
	a->m.bits = head.bits;
	a->m.blob = bytes_of(&a->blob);
	a->m.spki = bytes_of(&a->spki);
	return 0;
}

static int
answer_generate(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = q->type == WIRE_RSA ? pool_take(h->pool, q->bits) : NULL;

	if (key == NULL && (key = key_make(q->type, q->bits, &a->m.why)) == NULL)
		return -1;
	return keep(h, q, key, a);
}

static int
answer_import(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL;

	if (import_key(h->import, &q->data, q->has_passphrase ? &q->passphrase : NULL, &key,
		a->m.text, sizeof(a->m.text), &a->m.why) < 0 ||
	    ops_admit_import(h, q, key, &a->m.why) < 0)
		return -1;
	return keep(h, q, key, a);
}

static int
answer_import_sealed(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL;
	AUTO_BUF struct buf plain = { 0 };
	struct bytes file, passphrase;
	struct view v;
	uint8_t present = 0;

	if (seal_open(&plain, h->import_priv, q->data.data, q->data.len, &a->m.why) < 0)
		return -1;
	v = view_of(plain.data, plain.len);
	if (view_u8(&v, &present) < 0 ||
	    view_string(&v, &passphrase.data, &passphrase.len, LIMIT_PASSPHRASE) < 0 ||
	    view_string(&v, &file.data, &file.len, LIMIT_BUNDLE) < 0 || view_end(&v) < 0) {
		err_set(
		    &a->m.why, R_SEAL_MALFORMED, "sealed", "the envelope does not hold a key file");
		return err_hint(&a->m.why, "a key file has at most %d bytes", LIMIT_BUNDLE);
	}
	if (import_key(h->import, &file, present ? &passphrase : NULL, &key, a->m.text,
		sizeof(a->m.text), &a->m.why) < 0 ||
	    ops_admit_import(h, q, key, &a->m.why) < 0)
		return -1;
	return keep(h, q, key, a);
}

static int
answer_import_key(struct keeper_house *h, const struct message *q, struct answer *a)
{
	memcpy(a->m.hash, h->import_pub, sizeof(a->m.hash));
	return 0;
}

int
ops_open(struct keeper_house *h, const struct message *q, uint32_t purpose, struct opened **key,
    struct err *e)
{
	if (vault_key(h->vault, &q->blob, key, e) < 0)
		return -1;
	if (((*key)->head.purposes & purpose) != purpose)
		return err_set(e, R_KEY_PURPOSE, NULL, "this key is not for this purpose");
	return 0;
}

/* A CA's key from now on obeys its certificate. */
static int
activate_issuer(
    const struct opened *key, const struct bytes *certificate, struct key_head *head, struct err *e)
{
	struct bytes spki = bytes_of(&key->spki);
	struct issuer issuer;

	if (issuer_read(&issuer, certificate, &spki, e) < 0)
		return -1;
	if (head->certificate.len > 0 &&
	    !der_equal(&issuer.subject, key->issuer.subject.data, key->issuer.subject.len)) {
		err_set(e, R_ACTIVATE_SUBJECT, NULL, "this key is that of a CA of another name");
		return err_hint(e, "make a new key for a CA of another name");
	}
	head->certificate = *certificate;
	return 0;
}

static int
answer_activate(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(opened) struct opened *key = NULL;
	struct key_head head;
	struct bytes spki;

	if (ops_open(h, q, 0, &key, &a->m.why) < 0)
		return -1;
	head = key->head;
	spki = bytes_of(&key->spki);
	if ((head.purposes & PURPOSE_CERT) != 0) {
		if (activate_issuer(key, &q->data, &head, &a->m.why) < 0)
			return -1;
	} else {
		if ((head.purposes & PURPOSE_CSR) == 0)
			return err_set(
			    &a->m.why, R_KEY_PURPOSE, NULL, "this key is not an identity's key");
		if (guard_leaf(&q->data, &spki, &a->m.why) < 0)
			return -1;
		head.purposes |= PURPOSE_TLS_SERVER;
	}
	if (vault_wrap(h->vault, &head, key->key, &a->blob, &a->m.why) < 0)
		return -1;
	a->m.blob = bytes_of(&a->blob);
	return 0;
}

static int
answer_export(struct keeper_house *h, const struct message *q, struct answer *a)
{
	struct key_export x = { .format = q->format,
		.has_passphrase = q->has_passphrase,
		.passphrase = q->passphrase,
		.certificates = q->data };
	AUTO(opened) struct opened *key = NULL;
	char act[64];

	if (ops_open(h, q, 0, &key, &a->m.why) < 0 || export_check(key, &x, &a->m.why) < 0)
		return -1;
	snprintf(act, sizeof(act), "export %s", key->head.id);
	if (custodians_spend(h->custodians, &q->tickets, act, &a->m.why) < 0 ||
	    export_key(key, &x, &a->data, &a->m.why) < 0)
		return -1;
	a->m.data = bytes_of(&a->data);
	return 0;
}

/* Away from the front: over the keeper's own socket. */
static int
answer_deliver(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(opened) struct opened *key = NULL;

	if (ops_open(h, q, 0, &key, &a->m.why) < 0)
		return -1;
	return deliver_key(h->deliver, key, q, &a->m.why);
}

static int
answer_hmac(struct keeper_house *h, const struct message *q, struct answer *a)
{
	unsigned n = sizeof(a->m.hash);

	if (HMAC(EVP_sha256(), h->hmac_key, 32, q->data.data, q->data.len, a->m.hash, &n) == NULL)
		return err_set(&a->m.why, R_INTERNAL, NULL, "could not compute a MAC");
	return 0;
}

static int
answer_seal(struct keeper_house *h, const struct message *q, struct answer *a)
{
	if (q->data.len > SECRET_MAX || q->text[0] == '\0')
		return err_set(&a->m.why, R_UNSEAL, NULL,
		    "a sealed secret has a place and at most %d bytes", SECRET_MAX);
	if (vault_seal(h->vault, q->text, &q->data, &a->data, &a->m.why) < 0)
		return -1;
	a->m.data = bytes_of(&a->data);
	return 0;
}

static int
answer_unseal(struct keeper_house *h, const struct message *q, struct answer *a)
{
	if (custodians_own(h->custodians, &q->data)) {
		err_set(&a->m.why, R_CUSTODIAN_SEED, NULL, "the seed of a custodian stays here");
		return err_hint(&a->m.why, "the keeper judges its codes");
	}
	if (vault_unseal(h->vault, q->text, &q->data, &a->data, &a->m.why) < 0)
		return -1;
	a->m.data = bytes_of(&a->data);
	return 0;
}

static int
answer_destroy(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(opened) struct opened *key = NULL;

	if (ops_open(h, q, 0, &key, &a->m.why) < 0 ||
	    journal_append_destroyed(h->journal, key->head.id, &a->m.why) < 0)
		return -1;
	vault_forget(h->vault, key->head.id);
	return 0;
}

static int
answer_anchor(struct keeper_house *h, const struct message *q, struct answer *a)
{
	AUTO(opened) struct opened *key = NULL;
	unsigned char text[AUDIT_HEAD_SIZE];
	struct bytes message = { .data = text, .len = sizeof(text) }, signature;
	uint8_t scheme;

	if (ops_open(h, q, PURPOSE_AUDIT, &key, &a->m.why) < 0 ||
	    journal_check_head(h->journal, q->sequence, q->hash, &a->m.why) < 0)
		return -1;
	audit_head_message((int64_t)q->sequence, q->hash, text);
	scheme = key->head.type == WIRE_ED25519 ? SCHEME_ED25519
	    : key->head.type == WIRE_RSA	? SCHEME_RSA_PKCS1_SHA256
						: SCHEME_ECDSA_SHA256;
	if (opened_sign(key, scheme, &message, &a->data, &a->m.why) < 0)
		return -1;
	signature = bytes_of(&a->data);
	if (journal_append_head(h->journal, q->sequence, q->hash, &signature, &a->m.why) < 0)
		return -1;
	a->m.data = signature;
	return 0;
}

static int (*const table[OP_COUNT])(
    struct keeper_house *, const struct message *, struct answer *) = {
	[OP_STATE] = answer_state,
	[OP_GENERATE] = answer_generate,
	[OP_IMPORT] = answer_import,
	[OP_IMPORT_SEALED] = answer_import_sealed,
	[OP_IMPORT_KEY] = answer_import_key,
	[OP_ACTIVATE] = answer_activate,
	[OP_SIGN] = answer_sign,
	[OP_EXPORT] = answer_export,
	[OP_HMAC] = answer_hmac,
	[OP_SEAL] = answer_seal,
	[OP_UNSEAL] = answer_unseal,
	[OP_DESTROY] = answer_destroy,
	[OP_ANCHOR] = answer_anchor,
	[OP_SERIAL] = answer_serial,
	[OP_UNRECONCILED] = answer_unreconciled,
	[OP_CHECKPOINT] = answer_checkpoint,
	[OP_CODE] = answer_code,
	[OP_APPROVE] = answer_approve,
	[OP_CUSTODIAN_ADD] = answer_custodian_add,
	[OP_CUSTODIAN_REMOVE] = answer_custodian_remove,
	[OP_CUSTODIANS] = answer_custodians,
	[OP_SIGN_SEVERAL] = answer_sign_several,
	[OP_DELIVER] = answer_deliver,
};

/* A revocation list has as many entries as there are revoked certificates. */
static bool
may_be_long(const struct message *q)
{
	return q->op == OP_SIGN && q->purposes == PURPOSE_CRL;
}

int
ops_answer(
    struct keeper_house *h, const void *question, size_t len, struct answer *a, struct buf *out)
{
	struct message q;

	memset(&a->m, 0, sizeof(a->m));
	if (message_unpack(&q, question, len, false) < 0 || (len > LONG && !may_be_long(&q)))
		return -1;
	a->m.op = q.op;
	a->m.refused = table[q.op](h, &q, a) < 0;
	message_pack(out, &a->m, true);
	return 0;
}
