/*
 * op_ca_key.c - a root's key out of this house, and back for a ceremony
 */
#include <openssl/sha.h>

#include "op/ca_consent.h"
#include "op/ca_make.h"
#include "op/ocsp_signer.h"
#include "op/op_key.h"
#include "op/op_pki.h"
#include "x509/pem.h"

#define SETTING "ca.offline." /* with the id of the CA: SHA-256 of what was given out */

int
ca_import_key(
    struct ctx *cx, const struct key_wish *w, const struct key_file *k, struct key_made *made)
{
	return k->sealed
	    ? keys_import_sealed(cx->keeper, w, k->data, k->len, cx->arena, made, &cx->err)
	    : keys_import(cx->keeper, w, k->data, k->len, k->passphrase, cx->arena, made, &cx->err);
}

static int
already_offline(struct ctx *cx, const char *name)
{
	err_set(&cx->err, R_CA_OFFLINE, NULL, "the key of the root of %s is offline already", name);
	return err_hint(&cx->err, "`certwright ca online %s FILE` brings it back", name);
}

static int
take_out(struct ctx *cx, const char *name, const char *passphrase, const char *code,
    struct consent *c, const char **pem)
{
	struct ca_act act = { .act = "offline", .code = code };
	struct key_leave how = { .format = FORMAT_PKCS8, .passphrase = passphrase };
	const unsigned char *der;
	unsigned char hash[32];
	struct ca_row root;
	size_t len;
	int r;

	if (ca_root(cx, name, &root) < 0)
		return -1;
	if (root.blob == NULL)
		return already_offline(cx, name);
	if (utf8_length(passphrase) < EXPORT_PASSPHRASE_MIN) {
		err_set(&cx->err, R_EXPORT_PASSPHRASE, "passphrase",
		    "the passphrase needs at least %d characters", EXPORT_PASSPHRASE_MIN);
		return err_hint(&cx->err, "whoever has the file can guess at it for ever");
	}
	act.authority = root.authority;
	act.text = arena_printf(cx->arena, "export %s", root.key);
	if (ca_gather(cx, &act, c) < 0)
		return -1;
	if (c->waiting)
		return 0;
	how.tickets = c->tickets;
	how.tickets_len = c->len;
	r = keys_export(
	    cx->keeper, root.blob, root.blob_len, &how, cx->arena, &der, &len, &cx->err);
	ca_spent(cx, act.text);
	if (r < 0)
		return -1;
	*pem = pem_encode(cx->arena, "ENCRYPTED PRIVATE KEY", der, len);
	SHA256((const unsigned char *)*pem, strlen(*pem), hash);
	if (db_begin(cx) < 0 ||
	    store_setting_save(cx, arena_printf(cx->arena, SETTING "%s", root.id),
		hex_of(cx->arena, hash, sizeof(hash))) < 0 ||
	    ca_record(cx, "ca.offline-export", &root) < 0)
		return -1;
	return db_commit(cx);
}

int
op_ca_offline(struct ctx *cx, const char *name, const char *passphrase, const char *code,
    struct consent *c, const char **pem)
{
	memset(c, 0, sizeof(*c));
	*pem = NULL;
	ca_change_begin();
	return ca_change_end(cx, take_out(cx, name, passphrase, code, c, pem));
}

static int
destroy(struct ctx *cx, const char *name, const char *sha256)
{
	const char *setting, *given = NULL;
	const unsigned char *blob;
	struct ca_row root;
	size_t len;

	if (ca_root(cx, name, &root) < 0)
		return -1;
	if (root.blob == NULL)
		return already_offline(cx, name);
	setting = arena_printf(cx->arena, SETTING "%s", root.id);
	if (store_setting_load(cx, setting, &given) < 0)
		return -1;
	if (given == NULL || sha256 == NULL || strcasecmp(given, sha256) != 0) {
		err_set(&cx->err, R_CA_OFFLINE_HASH, "sha256",
		    "this is not the SHA-256 of the file that was given out last");
		return err_hint(&cx->err, "take the key out once more; it is still here");
	}
	if (crl_make_last(cx, root.id) < 0 || ocsp_signer_make_last(cx, &root) < 0)
		return -1;
	blob = root.blob;
	len = root.blob_len;
	root.blob = NULL;
	root.blob_len = 0;
	root.state = "offline";
	if (db_begin(cx) < 0 || store_ca_update(cx, &root) < 0 ||
	    store_setting_save(cx, setting, NULL) < 0 || ca_record(cx, "ca.offline", &root) < 0 ||
	    db_commit(cx) < 0)
		return -1;
	return keys_destroy(cx->keeper, blob, len, &cx->err);
}

int
op_ca_offline_done(struct ctx *cx, const char *name, const char *sha256)
{
	ca_change_begin();
	return ca_change_end(cx, destroy(cx, name, sha256));
}

static int
other_key(struct ctx *cx, const char *name)
{
	err_clear(&cx->err);
	err_set(&cx->err, R_CA_KEY_OTHER, "key", "this is not the key of the root of %s", name);
	return err_hint(&cx->err, "give the file that `certwright ca offline` wrote");
}

static int
bring_back(
    struct ctx *cx, const char *name, const struct key_file *k, const char *code, struct consent *c)
{
	struct ca_act act = { .act = "online", .code = code };
	struct key_wish w = { .tenant = cx->tenant,
		.purposes = PURPOSE_CSR | PURPOSE_CERT | PURPOSE_CRL | PURPOSE_SUB_CA,
		.exportable = true };
	struct key_made made;
	struct ca_row root;
	int r;

	if (ca_root(cx, name, &root) < 0)
		return -1;
	if (root.blob != NULL) {
		err_set(&cx->err, R_CA_ONLINE, NULL, "the key of the root of %s is here", name);
		return err_hint(&cx->err, "nothing is left to be done");
	}
	id_new(root.key); /* the id it had was destroyed with it */
	w.id = root.key;
	act.authority = root.authority;
	act.text = ca_import_text(cx, root.spki_sha256);
	if (ca_gather(cx, &act, c) < 0)
		return -1;
	if (c->waiting)
		return 0;
	w.tickets = c->tickets;
	w.tickets_len = c->len;
	r = ca_import_key(cx, &w, k, &made);
	if (r < 0 && cx->err.refusal == R_TICKET) /* two approved that key; this is another */
		return other_key(cx, name);
	if (r < 0)
		return -1;
	ca_spent(cx, act.text);
	if (memcmp(made.spki_sha256, root.spki_sha256, 32) != 0)
		return other_key(cx, name);
	root.blob = made.blob;
	root.blob_len = made.blob_len;
	if (ca_take_certificate(cx, &root, root.der, root.der_len) < 0 || db_begin(cx) < 0 ||
	    store_ca_update(cx, &root) < 0 || ca_record(cx, "ca.online", &root) < 0 ||
	    db_commit(cx) < 0)
		return -1;
	crl_all_changed(root.id);
	return 0;
}

int
op_ca_online(
    struct ctx *cx, const char *name, const struct key_file *k, const char *code, struct consent *c)
{
	memset(c, 0, sizeof(*c));
	ca_change_begin();
	return ca_change_end(cx, bring_back(cx, name, k, code, c));
}
