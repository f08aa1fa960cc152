/*
 * op_install.c - a certificate is put to work, or the one before it again
 *
 * The order: what can be refused is refused first; then one transaction; then
 * the listeners take what the database says is active. A crash between the
 * two is mended by the next start, which serves the same.
 */
#include <stdio.h>

#include "base/buf.h"
#include "keys/keys.h"
#include "op/op_deliver.h"
#include "op/op_identity.h"
#include "op/op_install.h"
#include "op/op_issue.h"
#include "op/op_renew.h"
#include "op/op_serve.h"
#include "op/op_sheet.h"
#include "op/op_submit.h"
#include "op/op_tenant.h"
#include "op/op_trust.h"
#include "op/op_weak.h"

/* ---- may it be installed? -------------------------------------------------------- */

/* What to say first: another key or a bad signature explain the rest. */
static const struct disposition *
worst(const struct sheet *s)
{
	static const char *const first[] = { "key", "signature" };
	const struct disposition *d;

	for (size_t i = 0; i < nitems(first); i++)
		if ((d = sheet_find(s, first[i])) != NULL && d->weight == WEIGHT_BREAKING)
			return d;
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].weight == WEIGHT_BREAKING)
			return &s->v[i];
	return NULL;
}

static int
check_reason(struct ctx *cx, const char *field, const char *reason)
{
	if (reason == NULL || text_check(&cx->err, field, reason) < 0)
		return reason == NULL ? 0 : -1;
	if (utf8_length(reason) <= REASON_MAX)
		return 0;
	return err_set(
	    &cx->err, R_NAME_LONG, field, "the reason has more than %d characters", REASON_MAX);
}

static int
may_install(struct ctx *cx, const struct answer *a, const char *override)
{
	const struct disposition *d = worst(&a->sheet);
	bool overridable = compare_overridable(&a->sheet) && a->has_key;

	if (override != NULL && override[0] == '\0')
		override = NULL;
	if (a->sheet.verdict != VERDICT_BREAKING && a->has_key)
		return 0;
	if (override == NULL || !overridable) {
		err_set(&cx->err, override == NULL ? R_INSTALL_BREAKING : R_INSTALL_NEVER, NULL,
		    "this certificate is not fit for use: %s: %s", d == NULL ? "key" : d->item,
		    d == NULL ? "it is for another key" : d->reason);
		return err_hint(&cx->err, "%s",
		    overridable
			? "ask the CA again; a Super Admin can install it all the same, with a reason"
			: "ask the CA again: neither another key nor a weak one nor a signature that "
			  "does not verify can be overridden");
	}
	if (cx->actor.role == ROLE_SUPER)
		return check_reason(cx, "override", override);
	err_set(
	    &cx->err, R_CAPABILITY, "override", "only a Super Admin can override a breaking wish");
	return err_hint(&cx->err, "ask a Super Admin");
}

/* ---- rows -------------------------------------------------------------------------- */

static const char *
san_lines(struct ctx *cx, const struct san_list *names)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < names->n; i++)
		buf_printf(&b, "%s%s", i > 0 ? "\n" : "", names->v[i].text);
	return arena_strdup(cx->arena, buf_text(&b));
}

static void
put_chain(struct ctx *cx, const struct chain *c, struct cert_row *row)
{
	AUTO_BUF struct buf b = { 0 };
	const unsigned char *der;
	size_t len;

	for (size_t i = 0; i < c->n; i++) {
		der = cert_der(cx, c->issuers[i], &len);
		buf_put(&b, der, len);
	}
	row->chain = arena_dup(cx->arena, b.data == NULL ? (unsigned char *)"" : b.data, b.len);
	row->chain_len = b.len;
}

static void
fill_row(struct ctx *cx, const struct answer *a, const char *override, struct cert_row *row)
{
	const struct cert_facts *f = &a->facts;

	memset(row, 0, sizeof(*row));
	id_new(row->id);
	memcpy(row->identity, a->identity.id, ID_SIZE);
	memcpy(row->key, a->key.id, ID_SIZE);
	if (a->has_request)
		memcpy(row->request, a->request.id, ID_SIZE);
	row->der = cert_der(cx, a->chain.leaf, &row->der_len);
	put_chain(cx, &a->chain, row);
	memcpy(row->sha256, f->sha256, sizeof(row->sha256));
	memcpy(row->spki_sha256, f->spki_sha256, sizeof(row->spki_sha256));
	row->serial = f->serial;
	row->subject = f->subject;
	row->issuer = f->issuer;
	row->common_name = f->common_name;
	row->names = san_lines(cx, &f->sans);
	row->not_before = f->not_before;
	row->not_after = f->not_after;
	row->origin = "answer";
	row->sheet = json_text(cx, answer_envelope(cx, a));
	row->verdict = verdict_name(a->sheet.verdict);
	if (a->sheet.verdict == VERDICT_BREAKING)
		row->override_reason = override;
	row->created_at = cx->now;
}

/* The key as it is now: it may have been destroyed meanwhile, or become known. */
static int
take_key(struct ctx *cx, const char *id, struct key_row *key)
{
	if (store_key_load(cx, id, key) < 0)
		return -1;
	if (key->state != KEY_DESTROYED)
		return op_weak_check_own(cx, key);
	err_set(&cx->err, R_KEY_DESTROYED, NULL, "the key of this certificate was destroyed");
	return err_hint(&cx->err, "make a new key and a new request");
}

/* A key that never served gets the purpose to do so, for this certificate. */
static int
activate(struct ctx *cx, const struct answer *a, const struct cert_row *row, struct key_row *key)
{
	const struct chain *c = &a->chain;

	if (take_key(cx, row->key, key) < 0)
		return -1;
	if (key->state == KEY_READY &&
	    keys_activate(cx->keeper, key->blob, key->blob_len, row->der, row->der_len, cx->arena,
		&key->blob, &key->blob_len, &cx->err) < 0)
		return -1;
	return op_serve_check(cx, c->leaf, c->issuers, c->n, key);
}

/* ---- the swap in the database -------------------------------------------------------- */

/* In the open transaction: the key whose certificate is served no more. */
static int
retire(struct ctx *cx, const char *cert_id, const char *new_key)
{
	struct cert_row cert;
	struct key_row key;

	if (cert_id[0] == '\0')
		return 0;
	if (store_cert_load(cx, cert_id, &cert) < 0 || store_key_load(cx, cert.key, &key) < 0)
		return -1;
	if (strcmp(key.id, new_key) == 0 || key.state != KEY_ACTIVE)
		return 0;
	key.state = KEY_RETIRED;
	return store_key_update(cx, &key);
}

/* In the open transaction: row and key become what the identity presents. */
static int
make_active(struct ctx *cx, struct identity *i, const struct cert_row *row, struct key_row *key,
    const struct install_row *act)
{
	key->state = KEY_ACTIVE;
	if (retire(cx, i->active, key->id) < 0 || store_key_update(cx, key) < 0)
		return -1;
	if (strcmp(i->active, row->id) != 0)
		memcpy(i->previous, i->active, ID_SIZE);
	memcpy(i->active, row->id, ID_SIZE);
	return store_identity_update(cx, i) < 0 || op_deliver_identity(cx, i->id) < 0 ||
		op_renewal_installed(cx, i, row, strcmp(act->act, "rollback") == 0) < 0
	    ? -1
	    : store_install_add(cx, i->id, act);
}

/* By its sheet: was there an issuer to check its signature with? */
static bool
is_checked(const struct cert_row *c)
{
	json_t *sheet = c->sheet == NULL ? NULL : json_loads(c->sheet, 0, NULL), *d;
	bool checked = true;
	const char *rule;
	size_t i;

	json_array_foreach (json_object_get(sheet, "dispositions"), i, d) {
		rule = json_string_value(json_object_get(d, "rule"));
		if (rule != NULL && strcmp(rule, "compare.issuer.missing") == 0)
			checked = false;
	}
	json_decref(sheet);
	return checked;
}

/*
 * Another one of this issuer and number is here: one of them is damaged or forged.
 * That whose signature could not be checked gives way to one whose signature was.
 */
static int
settle(struct ctx *cx, const struct answer *a, struct cert_row *row, const struct cert_row *old)
{
	bool checked = a->chain.n > 0 || a->chain.root != NULL;

	if (checked && !is_checked(old)) {
		memcpy(row->id, old->id, ID_SIZE);
		row->created_at = old->created_at;
		return store_cert_replace(cx, row) < 0 ? -1 : store_cert_update(cx, row);
	}
	err_set(&cx->err, R_CERT_OTHER, NULL,
	    "another certificate of this issuer and serial number is here: one of the two is damaged "
	    "or forged");
	return err_hint(&cx->err, "%s",
	    checked
		? "the signature of the one that is here was checked: ask the CA about this one"
		: "send it with its issuer's certificate, so that its signature can be checked");
}

/* One certificate is one row: what was here gets its new chain and sheet. */
static int
keep_row(struct ctx *cx, const struct answer *a, struct cert_row *row)
{
	struct cert_row old;
	int other;

	if (store_cert_by_sha256(cx, row->sha256, &old) == 0) {
		memcpy(row->id, old.id, ID_SIZE);
		row->created_at = old.created_at;
		return store_cert_update(cx, row);
	}
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	if ((other = store_cert_by_number(cx, row->issuer, row->serial, &old)) != 0)
		return other < 0 ? -1 : settle(cx, a, row, &old);
	return store_cert_insert(cx, row);
}

static int
record(struct ctx *cx, const char *action, const struct identity *i, const struct cert_row *row,
    const char *reason)
{
	json_t *o = json_pack("{ss,ss,ss}", "certificate", row->id, "sha256",
	    hex_of(cx->arena, row->sha256, 32), "serial", row->serial);

	if (row->verdict != NULL)
		json_object_set_new(o, "verdict", json_string(row->verdict));
	if (reason != NULL)
		json_object_set_new(o, "reason", json_string(reason));
	return audit(cx, action, i->name, json_text(cx, o));
}

static int
write_install(struct ctx *cx, const struct answer *a, struct cert_row *row,
    const unsigned char *blob, size_t blob_len)
{
	struct install_row act = { .act = "install",
		.actor = cx->actor.name,
		.reason = row->override_reason,
		.at = cx->now };
	struct identity i;
	struct key_row key;

	if (db_begin(cx) < 0 || store_identity_load(cx, a->identity.id, &i) < 0 ||
	    (i.active[0] == '\0' && tenant_quota(cx, QUOTA_CERTIFICATES) < 0) ||
	    take_key(cx, row->key, &key) < 0 || keep_row(cx, a, row) < 0)
		return -1;
	memcpy(act.certificate, row->id, ID_SIZE);
	key.blob = blob;
	key.blob_len = blob_len;
	if (make_active(cx, &i, row, &key, &act) < 0 ||
	    (a->has_request &&
		(store_request_set_state(cx, a->request.id, "issued") < 0 ||
		    op_submission_answered(cx, a->request.id) < 0)) ||
	    op_trust_keep(cx, a->chain.issuers, a->chain.n) < 0 ||
	    record(cx, "certificate.install", &i, row, row->override_reason) < 0)
		return -1;
	return db_commit(cx);
}

/* Its names, and of the system's portal whatever else the listeners are asked for. */
static int
serve(struct ctx *cx, const struct identity *i)
{
	op_deliver_wake(cx->house);
	if (in_system(cx) && strcmp(i->name, IDENTITY_PORTAL) == 0 && op_serve_active(cx) < 0)
		return -1;
	return op_serve_names(cx, i->id);
}

int
op_install(struct ctx *cx, const struct answer *a, const char *override, struct cert_row *out)
{
	struct key_row key;

	if (may_install(cx, a, override) < 0)
		return -1;
	fill_row(cx, a, override, out);
	if (activate(cx, a, out, &key) < 0 || write_install(cx, a, out, key.blob, key.blob_len) < 0)
		return -1;
	return serve(cx, &a->identity);
}

int
op_rollback(
    struct ctx *cx, const struct identity *identity, const char *reason, struct cert_row *out)
{
	struct install_row act = {
		.act = "rollback", .actor = cx->actor.name, .reason = reason, .at = cx->now
	};
	struct identity i;
	struct key_row key;

	if (check_reason(cx, "reason", reason) < 0 || db_begin(cx) < 0 ||
	    store_identity_load(cx, identity->id, &i) < 0)
		return -1;
	if (i.previous[0] == '\0') {
		err_set(&cx->err, R_NO_PREVIOUS, NULL,
		    "the identity %s has no previous certificate", i.name);
		return err_hint(&cx->err, "roll back works after the second certificate");
	}
	if (store_cert_load(cx, i.previous, out) < 0 || take_key(cx, out->key, &key) < 0 ||
	    op_serve_check_row(cx, out, &key) < 0)
		return -1;
	memcpy(act.certificate, out->id, ID_SIZE);
	if (make_active(cx, &i, out, &key, &act) < 0 ||
	    record(cx, "certificate.rollback", &i, out, reason) < 0 || db_commit(cx) < 0)
		return -1;
	return serve(cx, &i);
}

int
op_install_issued(
    struct ctx *cx, const struct identity *i, const char *submission, struct cert_row *out)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct answer_input in = { .request = submission };

	if (op_issued_answer(cx, &in) < 0)
		return -1;
	return op_answer_read(cx, i, &in, &a) < 0 ? -1 : op_install(cx, &a, NULL, out);
}
