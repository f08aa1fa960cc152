/*
 * op_replace_steps.c - a key that others have is replaced, step by step
 */
#include <jansson.h>
#include <string.h>

#include "op/op_answer.h"
#include "op/op_compromised.h"
#include "op/op_csr.h"
#include "op/op_install.h"
#include "op/op_issue.h"
#include "op/op_key.h"
#include "op/op_replace.h"
#include "op/op_revoke.h"
#include "op/op_sheet.h"

/* ---- begin --------------------------------------------------------------------------- */

/* The key that others have: the one that is meant, else what is presented. */
static int
find_old(struct ctx *cx, const struct identity *i, const struct replace_wish *w, struct key_row *k)
{
	struct cert_row active;

	if (w->key != NULL) {
		if (store_key_load(cx, w->key, k) < 0)
			return -1;
		return strcmp(k->identity, i->id) == 0
		    ? 0
		    : err_set(&cx->err, R_NOT_FOUND, "key", "%s has no such key", i->name);
	}
	if (i->active[0] != '\0')
		return store_cert_load(cx, i->active, &active) < 0
		    ? -1
		    : store_key_load(cx, active.key, k);
	if (store_key_for_csr(cx, i, k) == 0)
		return 0;
	if (cx->err.refusal != R_NO_KEY)
		return -1;
	err_clear(&cx->err);
	err_set(
	    &cx->err, R_REPLACE_NOTHING, NULL, "the identity %s has no key to replace", i->name);
	return err_hint(&cx->err, "make one, and a CSR from it");
}

static int
write_begin(struct ctx *cx, const struct identity *i, const struct replacement *r)
{
	struct replacement_row other;
	json_t *o = json_pack(
	    "{ss,ss,ss}", "identity", i->name, "key", r->row.old_key, "new_key", r->row.new_key);
	int open;

	if (r->row.note != NULL)
		json_object_set_new(o, "note", json_string(r->row.note));
	if (db_begin(cx) < 0 || (open = store_replacement_newest(cx, i->id, &other)) < 0) {
		json_decref(o);
		return -1;
	}
	if (open > 0 && other.ended_at == 0) { /* of two at once the other was first */
		json_decref(o);
		db_rollback(cx);
		return 0;
	}
	if (store_replacement_insert(cx, &r->row) < 0 ||
	    audit(cx, "key.replace", i->name, json_text(cx, o)) < 0)
		return -1;
	return db_commit(cx);
}

static int
begin(struct ctx *cx, const struct identity *i, const struct replace_wish *w)
{
	struct replacement r = { 0 };
	struct compromised mark;

	if (submit_check_note(cx, w->note) < 0 || find_old(cx, i, w, &r.old) < 0 ||
	    op_key_generate(cx, i->name, w->type != NULL ? w->type : r.old.type, false, &r.next) <
		0)
		return -1;
	id_new(r.row.id);
	memcpy(r.row.identity, i->id, ID_SIZE);
	memcpy(r.row.old_key, r.old.id, ID_SIZE);
	memcpy(r.row.new_key, r.next.id, ID_SIZE);
	r.row.note = w->note == NULL || w->note[0] == '\0' ? NULL : w->note;
	r.row.created_by = cx->actor.name;
	r.row.created_at = cx->now;
	return write_begin(cx, i, &r) < 0 ? -1
					  : op_compromised_key(cx, r.old.id, r.row.note, &mark);
}

/* ---- the steps --------------------------------------------------------------------------- */

static int
make_request(struct ctx *cx, const struct replacement *r)
{
	struct csr_typed as_saved = { 0 };
	struct request_row request;
	struct key_row key;

	return op_csr_regenerate(cx, &r->identity, &as_saved, &request, &key) < 0 ? -1 : 1;
}

static int
send_request(struct ctx *cx, const struct replacement *r, const struct replace_wish *w)
{
	const char *authority = w->authority, *profile = w->profile;
	struct submission_row s;
	struct preview p;
	struct sheet sheet = { 0 };

	if (authority == NULL && op_replace_authority(cx, r, &authority, &profile) < 0)
		return -1;
	if (authority == NULL)
		return 0;
	return op_preview_parse(cx, authority, profile, w->days, NULL, &p) < 0 ||
		op_submit(cx, r->request.der, r->request.der_len, &p, NULL, &sheet, &s) < 0
	    ? -1
	    : 1;
}

/* By its bytes where there are all of them: a serial number may be ambiguous. */
static int
revoke_one(struct ctx *cx, const struct issued_row *i)
{
	struct issued_which which = { .serial = i->serial };
	struct issued_row row;

	if (!issued_presumed(i))
		which = (struct issued_which){ .certificate = i->der, .len = i->der_len };
	return op_revoke(cx, &which, crl_reason_name(REASON_KEY_COMPROMISE), &row);
}

static int
end(struct ctx *cx, struct replacement *r, const struct replace_wish *w)
{
	json_t *o;
	bool told = w->told && r->row.told_by == NULL;

	for (size_t i = 0; i < r->ncerts; i++)
		if (!r->certs[i].revoked && (r->certs[i].here || !told))
			return 0;
	if (told)
		r->row.told_by = cx->actor.name;
	r->row.ended_at = cx->now;
	o = json_pack("{ss,ss,si}", "identity", r->identity.name, "key", r->row.old_key,
	    "certificates", (int)r->ncerts);
	if (r->row.told_by != NULL)
		json_object_set_new(o, "told_by", json_string(r->row.told_by));
	if (db_begin(cx) < 0 || store_replacement_update(cx, &r->row) < 0 ||
	    audit(cx, "key.replaced", r->identity.name, json_text(cx, o)) < 0)
		return -1;
	return db_commit(cx) < 0 ? -1 : 1;
}

/* Not before nobody is served with it: the listeners of this daemon are known. */
static int
revoke(struct ctx *cx, struct replacement *r, const struct replace_wish *w)
{
	int done = 0;

	for (size_t i = 0; i < r->ncerts; i++) {
		if (!r->certs[i].here || r->certs[i].revoked)
			continue;
		if (r->served_elsewhere && !w->in_use)
			return 0;
		if (revoke_one(cx, r->certs[i].issued) < 0)
			return -1;
		r->certs[i].revoked = true;
		done = 1;
	}
	return replace_all_revoked(r) || w->told ? end(cx, r, w) : done;
}

/* 1 something was done, 0 it waits for people, -1 */
static int
step(struct ctx *cx, struct replacement *r, const struct replace_wish *w)
{
	struct cert_row cert;

	switch (r->step) {
	case REPLACE_REQUEST:
		return make_request(cx, r);
	case REPLACE_SEND:
		return send_request(cx, r, w);
	case REPLACE_INSTALL:
		return op_install_issued(cx, &r->identity, r->submission.id, &cert) < 0 ? -1 : 1;
	case REPLACE_REVOKE:
		return revoke(cx, r, w);
	default:
		return 0;
	}
}

int
op_replace(
    struct ctx *cx, const struct identity *i, const struct replace_wish *w, struct replacement *r)
{
	struct compromised mark;
	int found = op_replace_load(cx, i, r), did = 1;

	if (found < 0)
		return -1;
	if (found == 0 || r->step == REPLACE_DONE) {
		if (begin(cx, i, w) < 0)
			return -1;
		did = !w->one;
	} else if (op_compromised_key(cx, r->old.id, r->row.note, &mark) < 0) {
		return -1; /* what a crash left out; else it is known */
	} else if ((did = step(cx, r, w)) < 0) {
		return -1;
	}
	while (did > 0 && !w->one)
		if (op_replace_load(cx, i, r) < 0 || (did = step(cx, r, w)) < 0)
			return -1;
	return op_replace_load(cx, i, r) < 0 ? -1 : 0;
}
