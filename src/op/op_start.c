/*
 * op_start.c - what the daemon does before it serves, and what it made at first
 */
#include <stdio.h>

#include <openssl/x509.h>

#include "base/log.h"
#include "op/op_audit.h"
#include "op/op_clock.h"
#include "op/op_doors.h"
#include "op/op_hsts.h"
#include "op/op_own.h"
#include "op/op_reconcile.h"
#include "op/op_restored.h"
#include "op/revoked_since.h"
#include "op/op_serve.h"
#include "op/op_start.h"
#include "op/op_weak.h"
#include "store/store.h"
#include "x509/cert.h"

#define CANARY		 "certwright"
#define CANARY_AAD	 "setting/system/canary/value"
#define SELF_SIGNED_DAYS 397 /* below the 398 of the guard, whatever the second */

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(X509, X509, X509_free)

/* A key that the settings hold: its blob and its public half. */
static int
make_audit_key(struct ctx *cx)
{
	char id[ID_SIZE];
	struct key_wish w = {
		.id = id, .tenant = TENANT_SYSTEM, .type = KEY_ED25519, .purposes = PURPOSE_AUDIT
	};
	struct key_made made;

	id_new(id);
	if (keys_generate(cx->keeper, &w, cx->arena, &made, &cx->err) < 0)
		return -1;
	return store_setting_save_blob(cx, "audit.key", made.blob, made.blob_len) < 0
	    ? -1
	    : store_setting_save_blob(cx, "audit.spki", made.spki, made.spki_len);
}

static int
make_canary(struct ctx *cx)
{
	const unsigned char *sealed;
	size_t n;

	if (keys_seal(cx->keeper, CANARY_AAD, CANARY, sizeof(CANARY), cx->arena, &sealed, &n,
		&cx->err) < 0)
		return -1;
	return store_setting_save_blob(cx, "canary", sealed, n);
}

/* The listener's names until a certificate comes: this host, loopback. */
static int
self_signed_names(struct ctx *cx, const char **cn, struct san_list *names)
{
	char host[256] = "localhost";
	const char *lines;
	FILE *f = fopen("/proc/sys/kernel/hostname", "r");

	if (f != NULL) {
		if (fscanf(f, "%255s", host) != 1)
			snprintf(host, sizeof(host), "localhost");
		fclose(f);
	}
	names->v = arena_new_array(cx->arena, 4, struct san);
	names->n = 0;
	if (name_parse_san(&cx->err, "name", host, cx->arena, &names->v[0]) == 0)
		names->n = 1;
	err_clear(&cx->err);
	lines = names->n == 1 ? host : "localhost";
	names->v[names->n++] = (struct san){ SAN_DNS, "localhost", NULL, "san.dns:localhost" };
	names->v[names->n++] = (struct san){ SAN_IP, "127.0.0.1", NULL, "san.ip:127.0.0.1" };
	names->v[names->n++] = (struct san){ SAN_IP, "::1", NULL, "san.ip:::1" };
	*cn = arena_strdup(cx->arena, lines);
	return 0;
}

static int
self_signed(struct ctx *cx, const struct key_made *made, struct cert_row *row)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL;
	AUTO(X509) X509 *x = NULL;
	struct san_list names = { 0 };
	struct cert_facts facts;
	unsigned char *der = NULL;
	const char *cn, *lines = "";
	int n;

	if (self_signed_names(cx, &cn, &names) < 0 ||
	    keys_open(made->blob, made->blob_len, made->spki, made->spki_len, PURPOSE_SELF_SIGNED,
		&key, &cx->err) < 0 ||
	    cert_self_signed(&x, cn, &names, cx->now, SELF_SIGNED_DAYS, key, &cx->err) < 0 ||
	    cert_facts(cx->arena, x, &facts, &cx->err) < 0)
		return -1;
	if ((n = i2d_X509(x, &der)) <= 0)
		return err_nomem(&cx->err);
	row->der = arena_dup(cx->arena, der, (size_t)n);
	row->der_len = (size_t)n;
	OPENSSL_free(der);
	for (size_t i = 0; i < facts.sans.n; i++)
		lines = arena_printf(
		    cx->arena, "%s%s%s", lines, i > 0 ? "\n" : "", facts.sans.v[i].text);
	memcpy(row->sha256, facts.sha256, 32);
	memcpy(row->spki_sha256, facts.spki_sha256, 32);
	row->serial = facts.serial;
	row->subject = facts.subject;
	row->issuer = facts.issuer;
	row->common_name = facts.common_name;
	row->names = lines;
	row->not_before = facts.not_before;
	row->not_after = facts.not_after;
	row->origin = "self-signed";
	row->created_at = cx->now;
	return 0;
}

/* Identity "portal" with its generation 0: the listener's own key and pair. */
static int
make_portal(struct ctx *cx)
{
	struct identity i = { .name = "portal", .created_at = cx->now };
	struct key_row key = { .generation = 0,
		.type = "ec:P-256",
		.origin = "self-signed",
		.bits = 256,
		.state = KEY_ACTIVE,
		.created_at = cx->now };
	struct key_wish w = { .id = key.id,
		.tenant = TENANT_SYSTEM,
		.type = KEY_EC_P256,
		.purposes = PURPOSE_SELF_SIGNED | PURPOSE_TLS_SERVER };
	struct install_row install = { .act = "start", .actor = "system", .at = cx->now };
	struct cert_row cert = { 0 };
	struct key_made made;

	id_new(i.id);
	id_new(key.id);
	id_new(cert.id);
	if (keys_generate(cx->keeper, &w, cx->arena, &made, &cx->err) < 0 ||
	    self_signed(cx, &made, &cert) < 0)
		return -1;
	key.blob = made.blob;
	key.blob_len = made.blob_len;
	key.spki = made.spki;
	key.spki_len = made.spki_len;
	memcpy(key.spki_sha256, made.spki_sha256, 32);
	memcpy(key.identity, i.id, ID_SIZE);
	memcpy(cert.identity, i.id, ID_SIZE);
	memcpy(cert.key, key.id, ID_SIZE);
	memcpy(install.certificate, cert.id, ID_SIZE);
	if (store_identity_insert(cx, &i) < 0 || store_key_insert(cx, &key) < 0 ||
	    store_cert_insert(cx, &cert) < 0)
		return -1;
	memcpy(i.active, cert.id, ID_SIZE);
	return store_identity_update(cx, &i) < 0 ? -1 : store_install_add(cx, i.id, &install);
}

/* The keeper knows of a house, and this database of none. */
static bool
is_begun_anew(struct ctx *cx)
{
	struct keeper_state keeper;

	if (keys_state(cx->keeper, &keeper, &cx->err) < 0)
		return true;
	if (keeper.anchored_sequence == 0)
		return false;
	err_set(&cx->err, R_DATA_DIR, NULL,
	    "the database is empty, but the keeper's journal has %llu events of another one",
	    (unsigned long long)keeper.anchored_sequence);
	err_hint(&cx->err,
	    "put back certwright.db with its -wal file, or begin in an empty data directory");
	return true;
}

/* All of it or nothing. */
static int
first_start(struct ctx *cx)
{
	char id[ID_SIZE];

	id_new(id);
	if (db_begin(cx) < 0 || store_setting_save(cx, "instance", id) < 0 || make_canary(cx) < 0 ||
	    make_audit_key(cx) < 0 || make_portal(cx) < 0 ||
	    audit(cx, "system.first-start", id, NULL) < 0 || db_commit(cx) < 0) {
		db_rollback(cx);
		return -1;
	}
	return 0;
}

static int
check_kek(struct ctx *cx)
{
	const unsigned char *sealed, *word;
	size_t n, m;

	if (store_setting_blob(cx, "canary", &sealed, &n) < 0)
		return -1;
	if (sealed != NULL &&
	    keys_unseal(cx->keeper, CANARY_AAD, sealed, n, cx->arena, &word, &m, &cx->err) == 0)
		return 0;
	if (cx->err.refusal == R_KEEPER_GONE)
		return -1;
	err_clear(&cx->err);
	err_set(&cx->err, R_KEK_WRONG, NULL,
	    "the file kek is not the key-encryption key (KEK) of this database");
	return err_hint(&cx->err, "put back the kek file that belongs to this data directory");
}

/* What lives as long as the house does. */
static const void *
keep(const void *data, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

static int
fill_house(struct ctx *cx, const char *instance)
{
	struct house *h = cx->house;
	const unsigned char *blob, *spki;

	if (store_setting_blob(cx, "audit.key", &blob, &h->audit_blob_len) < 0 ||
	    store_setting_blob(cx, "audit.spki", &spki, &h->audit_spki_len) < 0)
		return -1;
	if (blob == NULL || spki == NULL)
		return err_set(&cx->err, R_DB_DAMAGED, NULL, "the database lacks the audit's key");
	h->instance = keep(instance, strlen(instance));
	h->audit_blob = keep(blob, h->audit_blob_len);
	h->audit_spki = keep(spki, h->audit_spki_len);
	if (cards_load(&h->cards, "authorities", true, &cx->err) < 0)
		return -1;
	return op_weak_start(cx);
}

/*
 * The first head is anchored before anything is served, so that only a journal
 * that was lost or taken away is empty beside an older audit. That it was is
 * said in the audit, where it can be removed no more than anything else.
 */
static int
check_journal(struct ctx *cx, const char *instance)
{
	struct keeper_state keeper;
	unsigned char hash[32];
	int64_t sequence;

	if (keys_state(cx->keeper, &keeper, &cx->err) < 0 ||
	    store_audit_head(cx, &sequence, hash) < 0)
		return -1;
	if (keeper.anchored_sequence != 0)
		return 0;
	if (sequence > 1) {
		log_warn("the keeper's journal is empty: a cut of the audit before now, or a "
			 "destroyed key that was put back, cannot be seen");
		if (db_begin(cx) < 0 || audit(cx, "system.journal-new", instance, NULL) < 0 ||
		    db_commit(cx) < 0)
			return -1;
	}
	return op_audit_anchor(cx);
}

/* The audit is the one of the bundle or of the backup: here it goes on. So do the
 * numbers of lists, above those that were published since (RFC 5280 section 5.2.3). */
static int
note_replaced(struct ctx *cx)
{
	if (cx->house->replaced == NULL)
		return 0;
	if (db_begin(cx) < 0 || store_ca_raise_crl_numbers(cx, cx->now) < 0 ||
	    audit(cx, "system.replaced", cx->house->replaced, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_start(struct ctx *cx)
{
	const char *instance;

	if (store_setting_load(cx, "instance", &instance) < 0)
		return -1;
	if (instance == NULL &&
	    (is_begun_anew(cx) || first_start(cx) < 0 ||
		store_setting_load(cx, "instance", &instance) < 0))
		return -1;
	if (check_kek(cx) < 0 || fill_house(cx, instance) < 0 || check_journal(cx, instance) < 0 ||
	    op_restored_start(cx) < 0 || note_replaced(cx) < 0 || op_owns_load(cx) < 0 ||
	    op_clock_start(cx) < 0 || op_reconcile(cx) < 0 ||
	    (cx->house->doors != NULL && op_doors_start(cx) < 0) || op_hsts_start(cx) < 0)
		return -1;
	return revoked_since_again(cx) < 0 ? -1 : op_serve_start(cx);
}

int
op_audit_anchor(struct ctx *cx)
{
	const struct house *h = cx->house;
	const unsigned char *signature;
	unsigned char hash[32];
	int64_t sequence;
	size_t n;

	if (store_audit_head(cx, &sequence, hash) < 0)
		return -1;
	if (sequence == 0)
		return 0;
	if (op_audit_continues(cx) < 0)
		return -1;
	if (keys_anchor(cx->keeper, h->audit_blob, h->audit_blob_len, (uint64_t)sequence, hash,
		cx->arena, &signature, &n, &cx->err) == 0)
		return 0;
	if (cx->err.refusal != R_ANCHOR_OLDER)
		return -1;
	/* An export was faster with a newer one. */
	err_clear(&cx->err);
	return op_audit_continues(cx);
}
