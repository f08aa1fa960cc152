/*
 * op_key.c - private keys: made, taken in, destroyed
 */
#include <stdio.h>

#include "base/limits.h"
#include "keys/keys.h"
#include "op/house.h"
#include "op/line.h"
#include "op/op_key.h"
#include "op/op_weak.h"
#include "store/component_row.h"
#include "x509/pem.h"

/* ---- for people ------------------------------------------------------------ */
const char *
op_key_label(struct ctx *cx, const struct key_row *k)
{
	const struct key_type_info *info = key_type_info(key_type_by_name(k->type));

	if (info != NULL)
		return info->label;
	return arena_printf(cx->arena, "RSA %lld bits", (long long)k->bits);
}

const char *
op_key_state(const struct key_row *k)
{
	static const char *const words[] = { [KEY_READY] = "ready",
		[KEY_ACTIVE] = "active",
		[KEY_RETIRED] = "retired",
		[KEY_DESTROYED] = "destroyed" };

	return words[k->state];
}

const char *
op_key_public(struct ctx *cx, const struct key_row *k)
{
	return pem_encode(cx->arena, "PUBLIC KEY", k->spki, k->spki_len);
}

/* All of it is ours or from a fixed list: nothing to escape. */
int
key_audit(struct ctx *cx, const char *action, const struct key_row *k, const char *identity,
    const char *more)
{
	return audit(cx, action, k->id,
	    arena_printf(cx->arena,
		"{\"identity\":\"%s\",\"generation\":%lld,\"type\":\"%s\",\"bits\":%lld,"
		"\"exportable\":%s,\"deliverable\":%s,\"spki\":\"%s\"%s}",
		identity, (long long)k->generation, k->type, (long long)k->bits,
		k->exportable ? "true" : "false", k->deliverable ? "true" : "false",
		hex_of(cx->arena, k->spki_sha256, sizeof(k->spki_sha256)),
		more == NULL ? "" : more));
}

/* ---- a new key is the next generation ---------------------------------------- */
static int
check_strength(struct ctx *cx, const struct key_made *made, const char *field)
{
	if (op_weak_check_new(cx, made->spki, made->spki_len) == 0)
		return 0;
	snprintf(cx->err.field, sizeof(cx->err.field), "%s", field);
	return -1;
}

/* In the open transaction: says where the same key is. */
static int
check_new(struct ctx *cx, const struct key_made *made)
{
	struct identity i;
	struct key_row k;

	if (store_key_by_spki(cx, made->spki_sha256, &k) == 0 &&
	    store_identity_load(cx, k.identity, &i) == 0) {
		err_set(&cx->err, R_KEY_EXISTS, "file", "this key is already here: %s of %s%s",
		    k.generation == 0
			? "the listener's own first key"
			: arena_printf(cx->arena, "generation %lld", (long long)k.generation),
		    i.name, k.state == KEY_DESTROYED ? ", and was destroyed" : "");
		return err_hint(&cx->err,
		    k.state == KEY_DESTROYED ? "a destroyed key is never taken back; make a new one"
					     : "there is nothing to import");
	}
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	return 0;
}

static int
store_next(struct ctx *cx, const char *identity, const struct key_made *made,
    const struct key_wish *wish, struct key_row *k)
{
	const struct key_type_info *info = key_type_info(made->type);
	struct identity i;

	if (check_strength(cx, made, strcmp(k->origin, "imported") == 0 ? "file" : "type") < 0 ||
	    db_begin(cx) < 0 || store_identity_load(cx, identity, &i) < 0 ||
	    check_new(cx, made) < 0)
		return -1;
	memcpy(k->identity, i.id, ID_SIZE);
	k->generation = i.generation = i.generation + 1;
	k->type = info == NULL ? "unknown" : info->name;
	k->bits = made->bits != 0 || info == NULL ? made->bits : info->bits;
	k->exportable = wish->exportable;
	k->deliverable = (wish->purposes & PURPOSE_DELIVER) != 0;
	k->state = KEY_READY;
	k->blob = made->blob;
	k->blob_len = made->blob_len;
	k->spki = made->spki;
	k->spki_len = made->spki_len;
	memcpy(k->spki_sha256, made->spki_sha256, sizeof(k->spki_sha256));
	k->created_at = cx->now;
	if (store_key_insert(cx, k) < 0 || op_weak_keep(cx, k->spki, k->spki_len) < 0 ||
	    store_identity_update(cx, &i) < 0 ||
	    key_audit(cx, strcmp(k->origin, "imported") == 0 ? "key.import" : "key.generate", k,
		i.name, "") < 0)
		return -1;
	return db_commit(cx);
}

/* Made for a component, or the next of one that was. */
static int
is_deliverable(struct ctx *cx, const struct identity *i, bool *deliverable)
{
	int64_t components;
	struct key_row *all;
	size_t n;

	if (*deliverable)
		return 0;
	if (store_component_count(cx, i->id, &components) < 0 ||
	    store_key_list(cx, i->id, &all, &n) < 0)
		return -1;
	*deliverable = components > 0 || (n > 0 && all[0].deliverable);
	return 0;
}

/* The keeper works before the transaction begins: others write meanwhile. */
static int
begin_key(struct ctx *cx, const char *identity, const char *origin, bool deliverable,
    struct key_wish *wish, struct key_row *k)
{
	struct identity i;

	memset(k, 0, sizeof(*k));
	id_new(k->id);
	k->origin = origin;
	wish->id = k->id;
	wish->tenant = cx->tenant;
	if (store_identity_load(cx, identity, &i) < 0 || is_deliverable(cx, &i, &deliverable) < 0)
		return -1;
	/* tls-server comes when a certificate is installed */
	wish->purposes = PURPOSE_CSR | (deliverable ? PURPOSE_DELIVER : 0);
	return 0;
}

int
op_key_generate(
    struct ctx *cx, const char *identity, const char *type, bool exportable, struct key_row *k)
{
	const struct key_want want = { .type = type, .exportable = exportable };

	return op_key_make(cx, identity, &want, k);
}

/* Renewals have a limit of their own. */
static int
generate(struct ctx *cx, const struct key_wish *wish, struct key_made *made)
{
	bool takes_long = wish->type >= KEY_RSA_2048 && wish->type <= KEY_RSA_4096 &&
	    cx->actor.kind != ACTOR_SYSTEM;
	int r;

	if (takes_long && line_enter(cx, LINE_KEYS) < 0)
		return -1;
	r = keys_generate(cx->keeper, wish, cx->arena, made, &cx->err);
	if (takes_long)
		line_leave(cx, LINE_KEYS);
	return r;
}

int
op_key_make(struct ctx *cx, const char *identity, const struct key_want *want, struct key_row *k)
{
	struct key_wish wish = { .type = key_type_by_name(want->type),
		.exportable = want->exportable };
	struct key_made made;

	if (wish.type == KEY_NONE) {
		err_set(&cx->err, R_KEY_TYPE, "type", "keys of type \"%.40s\" are not made",
		    want->type);
		return err_hint(&cx->err, "one of: " KEY_TYPES);
	}
	if (begin_key(cx, identity, "generated", want->deliverable, &wish, k) < 0 ||
	    generate(cx, &wish, &made) < 0)
		return -1;
	return store_next(cx, identity, &made, &wish, k);
}

/* A key in clear is decrypted by a reader. */
static int
import(struct ctx *cx, const struct key_wish *wish, const struct key_file *f, struct key_made *made)
{
	int r;

	if (f->sealed)
		return keys_import_sealed(
		    cx->keeper, wish, f->data, f->len, cx->arena, made, &cx->err);
	if (line_enter(cx, LINE_FILES) < 0)
		return -1;
	r = keys_import(
	    cx->keeper, wish, f->data, f->len, f->passphrase, cx->arena, made, &cx->err);
	line_leave(cx, LINE_FILES);
	return r;
}

int
op_key_import(struct ctx *cx, const char *identity, const struct key_file *f, struct key_row *k,
    const char **found)
{
	struct key_wish wish = { .exportable = f->exportable };
	struct key_made made;

	if (!f->sealed && f->len > LIMIT_BUNDLE) { /* of an envelope the keeper sees */
		err_set(&cx->err, R_FILE_LARGE, "file", "a key file has at most %d bytes",
		    LIMIT_BUNDLE);
		return err_hint(&cx->err, "choose the file that holds the private key alone");
	}
	if (begin_key(cx, identity, "imported", f->deliverable, &wish, k) < 0 ||
	    import(cx, &wish, f, &made) < 0)
		return -1;
	*found = made.found;
	return store_next(cx, identity, &made, &wish, k);
}

int
op_key_import_key(struct ctx *cx, unsigned char out[32])
{
	return keys_import_key(cx->keeper, out, &cx->err);
}

/* ---- which keys there are ------------------------------------------------------ */
int
op_key_list(struct ctx *cx, const char *identity_id, struct key_row **out, size_t *n)
{
	return store_key_list(cx, identity_id, out, n);
}

int
op_key_load(struct ctx *cx, const char *id, struct key_row *k)
{
	return store_key_load(cx, id, k);
}

int
op_key_for_csr(struct ctx *cx, const struct identity *i, struct key_row *k)
{
	return store_key_for_csr(cx, i, k);
}

int
op_key_next(struct ctx *cx, const struct identity *i, char id[ID_SIZE])
{
	struct key_row k;

	id[0] = '\0';
	if (store_key_for_csr(cx, i, &k) < 0) {
		if (cx->err.refusal != R_NO_KEY)
			return -1;
		err_clear(&cx->err);
	} else if (k.state == KEY_READY) {
		memcpy(id, k.id, ID_SIZE);
	}
	return 0;
}

int
op_key_requests_out(struct ctx *cx, const char *identity_id, struct request_row **out, size_t *n)
{
	size_t all;

	if (store_request_list(cx, identity_id, out, &all) < 0)
		return -1;
	*n = 0;
	for (size_t i = 0; i < all; i++)
		if (strcmp((*out)[i].state, "pending") == 0)
			(*out)[(*n)++] = (*out)[i];
	return 0;
}

int
op_key_uses(struct ctx *cx, const char *identity_id, struct key_uses *u)
{
	if (store_cert_list(cx, identity_id, &u->certs, &u->ncerts) < 0)
		return -1;
	return op_key_requests_out(cx, identity_id, &u->requests, &u->nrequests);
}

/* ---- destroyed -------------------------------------------------------- */
int
key_not_destroyed(struct ctx *cx, const struct key_row *k)
{
	if (k->state != KEY_DESTROYED)
		return 0;
	err_set(&cx->err, R_KEY_DESTROYED, NULL, "this key was destroyed on %s",
	    time_day(cx->arena, k->destroyed_at));
	return err_hint(&cx->err, "a destroyed key does not come back; make a new one");
}

static int
check_unused(struct ctx *cx, const struct identity *i, const struct key_row *k)
{
	struct cert_row cert;

	if (i->active[0] == '\0')
		return 0;
	if (store_cert_load(cx, i->active, &cert) < 0)
		return -1;
	if (strcmp(cert.key, k->id) != 0)
		return 0;
	err_set(&cx->err, R_KEY_IN_USE, NULL, "the certificate that is active uses this key");
	return err_hint(&cx->err,
	    "install a certificate with another key first; then this one can be destroyed");
}

static int
withdraw_requests(struct ctx *cx, const struct key_row *k)
{
	struct request_row *list;
	size_t n;

	if (op_key_requests_out(cx, k->identity, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].key, k->id) == 0 &&
		    store_request_set_state(cx, list[i].id, "withdrawn") < 0)
			return -1;
	return 0;
}

/*
 * The transaction is held while the keeper writes its journal, so that no
 * install of this key comes between. Ended in between, the next try finds the
 * id in the journal and completes the row.
 */
int
op_key_destroy(struct ctx *cx, const char *id, struct key_row *k)
{
	struct identity i;

	if (db_begin(cx) < 0 || store_key_load(cx, id, k) < 0 || key_not_destroyed(cx, k) < 0 ||
	    store_identity_load(cx, k->identity, &i) < 0 || check_unused(cx, &i, k) < 0)
		return -1;
	if (keys_destroy(cx->keeper, k->blob, k->blob_len, &cx->err) < 0) {
		if (cx->err.refusal != R_KEY_DESTROYED)
			return -1;
		err_clear(&cx->err);
	}
	k->state = KEY_DESTROYED;
	k->blob = NULL;
	k->blob_len = 0;
	k->destroyed_at = cx->now;
	if (store_key_update(cx, k) < 0 || withdraw_requests(cx, k) < 0 ||
	    key_audit(cx, "key.destroy", k, i.name, "") < 0)
		return -1;
	return db_commit(cx);
}
