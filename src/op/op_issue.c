/*
 * op_issue.c - our own authority answers a request: issued, held or refused
 */
#include <jansson.h>

#include <openssl/sha.h>

#include "op/ca_sign.h"
#include "op/house.h"
#include "op/op_ca.h"
#include "op/op_clock.h"
#include "op/op_restored.h"
#include "op/op_issue.h"
#include "op/op_names.h"
#include "op/op_order.h"
#include "op/op_preset.h"
#include "op/op_renew.h"
#include "op/op_sheet.h"
#include "op/op_tenant.h"
#include "op/op_weak.h"
#include "x509/csr.h"

/* ---- a certificate --------------------------------------------------------------- */

/* What a tenant gets speaks for its own names only, and not for the authority. */
static int
judge_tenant(struct ctx *cx, const struct profile *p, const struct sheet *sheet)
{
	const struct disposition *ocsp = sheet_find(sheet, "eku.OCSPSigning");

	if (!p->ca && (ocsp == NULL || ocsp->granted == NULL))
		return names_check_sheet(cx, sheet);
	err_set(&cx->err, R_PROFILE_SYSTEM, "profile",
	    "certificates of the profile %s are for the system only", p->name);
	return err_hint(&cx->err, "choose another profile");
}

static int
judge(struct ctx *cx, const struct csr *csr, const struct preview *p, bool approved,
    struct sheet *sheet)
{
	struct examine_input in = { .request = csr,
		.authority = &p->card->authority,
		.profile = p->profile,
		.weak = op_weak(cx),
		.issuer = &own_signer(p->card->own, p->profile)->limits,
		.when = cx->now,
		.days = p->days,
		.approved = approved };

	sheet_init(sheet, cx->arena);
	examine(&in, sheet);
	if (err_is_set(&cx->err)) /* the database was not to be asked */
		return -1;
	return in_system(cx) ? 0 : judge_tenant(cx, p->profile, sheet);
}

/* Plan, build, compare, lint, sign, verify. `der` is the certificate then, and
 * names this part of the CRL. */
static int
make(struct ctx *cx, const struct csr *csr, const struct preview *p, struct sheet *sheet,
    struct buf *der, struct tbs_parts *parts, int64_t *shard)
{
	const struct own *own = own_signer(p->card->own, p->profile);
	struct ca_signer by = { .signing = own->signing,
		.key = own->key,
		.public_key = own->public_key,
		.rules = p->profile->rules,
		.limits = &own->limits,
		.sheet = sheet };
	struct issue_input in;

	own_input(own, csr, cx->now, &in);
	if (ca_serial(cx, in.serial) < 0)
		return -1;
	*shard = own_shard(own, in.serial);
	in.crl_url = own_crl_url(own, *shard);
	issue_plan(sheet, &in);
	return issue_tbs(der, sheet, &in, &cx->err) < 0 ||
		issue_check(sheet, der, &in, parts, &cx->err) < 0 || ca_sign(cx, der, &by) < 0
	    ? -1
	    : 0;
}

/* In the open transaction. */
static int
keep(struct ctx *cx, const struct submission_row *row, const struct issued_row *issued, bool is_new)
{
	if (is_new ? store_submission_insert(cx, row) < 0 : store_submission_decide(cx, row) < 0)
		return -1;
	return store_issued_insert(cx, issued) < 0 ||
		(!is_new && op_renewal_decided(cx, row->id) < 0)
	    ? -1
	    : submit_record(cx, "certificate.issue", row);
}

static int
issue_one(struct ctx *cx, const struct csr *csr, const struct preview *p, struct sheet *sheet,
    struct submission_row *row, bool is_new)
{
	AUTO_TBS struct tbs_parts parts = { 0 };
	AUTO_BUF struct buf der = { 0 };
	const struct own *own = own_signer(p->card->own, p->profile);
	struct issued_row *issued = arena_alloc(cx->arena, sizeof(*issued));
	int64_t shard;

	if (make(cx, csr, p, sheet, &der, &parts, &shard) < 0 ||
	    ca_issued_row(cx, &parts, &der, own->ca, p->profile->name, issued) < 0)
		return -1;
	memcpy(issued->submission, row->id, ID_SIZE);
	issued->shard = shard;
	issued->owner = cx->tenant;
	row->made = issued;
	row->state = "issued";
	row->serial = issued->serial;
	row->decided_by = cx->actor.name;
	row->ended_at = cx->now;
	row->dispositions = sheet_dispositions(cx, sheet);
	row->sheet = sheet_text(cx, sheet, row->dispositions);
	if (db_begin(cx) < 0 || (is_new && submit_keep_words(cx, row) < 0) ||
	    keep(cx, row, issued, is_new) < 0)
		return -1;
	return db_commit(cx);
}

/* is_new: the request has no row yet, else it was held. */
static int
issue(struct ctx *cx, const struct csr *csr, const struct preview *p, struct sheet *sheet,
    struct submission_row *row, bool is_new)
{
	if (op_clock_check(cx) < 0 || op_restored_check(cx) < 0)
		return -1;
	if (issue_one(cx, csr, p, sheet, row, is_new) == 0)
		return 0;
	ca_signing_failed();
	return -1;
}

static int
hold(struct ctx *cx, const struct csr *csr, const struct sheet *sheet, struct submission_row *row)
{
	row->state = "held";
	row->sheet = sheet_text(cx, sheet, sheet_dispositions(cx, sheet));
	if (db_begin(cx) < 0 || submit_keep_words(cx, row) < 0 ||
	    store_submission_insert(cx, row) < 0 || submit_record(cx, "request.hold", row) < 0)
		return -1;
	return db_commit(cx);
}

/* What was found before ca_signing_begin may be in force no more. */
static int
take_what_is_in_force(struct ctx *cx, struct preview *p)
{
	const char *name = p->card->authority.id;
	const struct own *own = op_own_find(cx, name);

	if (own == p->card->own)
		return 0;
	if (own == NULL)
		return err_set(
		    &cx->err, R_CA_RETIRED, NULL, "the authority %s issues nothing any more", name);
	p->card = &own->card;
	p->profile = authority_profile(&own->card.authority, p->profile->name, &cx->err);
	return p->profile == NULL ? -1 : 0;
}

static int
decide(struct ctx *cx, const struct csr *csr, struct preview p, const struct submit_words *w,
    struct sheet *sheet, struct submission_row *row)
{
	if (row->request[0] == '\0' && tenant_quota(cx, QUOTA_REQUESTS) < 0)
		return -1; /* one that was made here counted then */
	if (take_what_is_in_force(cx, &p) < 0 || judge(cx, csr, &p, false, sheet) < 0)
		return -1;
	p.when = cx->now;
	if (sheet->verdict == VERDICT_HOLD) /* people see all of it, and nothing in vain */
		op_plan(cx, csr, &p, sheet);
	if (submit_refusal(cx, &p, sheet) < 0)
		return -1;
	submit_row(cx, csr, &p, w, row);
	submit_sheet_words(sheet, row);
	return sheet->verdict == VERDICT_HOLD ? hold(cx, csr, sheet, row)
					      : issue(cx, csr, &p, sheet, row, true);
}

int
op_issue(struct ctx *cx, const void *data, size_t len, const struct preview *p,
    const struct submit_words *w, struct sheet *sheet, struct submission_row *row)
{
	AUTO(csr) struct csr *csr = NULL;
	int r;

	memset(row, 0, sizeof(*row));
	sheet_init(sheet, cx->arena);
	if (submit_check_words(cx, &w) < 0 || csr_parse_unproved(&csr, data, len, &cx->err) < 0 ||
	    presets_check(cx, csr_subject(csr)) < 0 || submit_take_request(cx, csr, w, row) < 0 ||
	    order_take(cx, w, false, row) < 0)
		return -1;
	ca_signing_begin();
	r = decide(cx, csr, *p, w, sheet, row);
	ca_signing_end(true);
	return r;
}

const char *
submission_sha256(struct ctx *cx, const struct submission_row *row)
{
	unsigned char digest[32];

	SHA256(row->der, row->der_len, digest);
	return hex_of(cx->arena, digest, sizeof(digest));
}

/* ---- approvals -------------------------------------------------------------------- */

/* The policy that wants it is the system's. */
static int
may_decide(struct ctx *cx)
{
	if (in_system(cx) || cx->actor.role == ROLE_SUPER)
		return 0;
	err_set(&cx->err, R_CAPABILITY, NULL, "your role does not allow this");
	return err_hint(&cx->err, "people of the system decide about requests that are held");
}

static int
load_held(struct ctx *cx, const char *id, struct submission_row *row)
{
	if (store_submission_load(cx, id, row) < 0 || may_decide(cx) < 0)
		return -1;
	if (strcmp(row->state, "held") == 0)
		return 0;
	err_set(&cx->err, R_APPROVE_STATE, NULL, "this request is %s: there is nothing to decide",
	    row->state);
	return err_hint(&cx->err, "`certwright request list` shows what is held");
}

/* The approvals so far that are for this very CSR, and this one. */
static int
add_approval(
    struct ctx *cx, const struct submission_row *row, const char *hash, json_t *all, size_t *n)
{
	json_t *one;
	size_t i;

	*n = 0;
	json_array_foreach (all, i, one) {
		const char *of = json_string_value(json_object_get(one, "sha256")),
			   *by = json_string_value(json_object_get(one, "by"));

		if (of == NULL || by == NULL || strcmp(of, hash) != 0)
			continue; /* it was for something else */
		(*n)++;
		if (strcmp(by, cx->actor.name) != 0)
			continue;
		err_set(
		    &cx->err, R_APPROVE_AGAIN, NULL, "the account %s has approved it already", by);
		return err_hint(&cx->err, "another person has to, too");
	}
	json_array_append_new(all,
	    json_pack(
		"{ss,ss,sI}", "by", cx->actor.name, "sha256", hash, "at", (json_int_t)cx->now));
	(*n)++;
	return 0;
}

/* Whose policy decides now, and what it says of the request that waits. */
static int
examine_again(struct ctx *cx, const struct submission_row *row, struct csr **csr, struct preview *p,
    struct sheet *sheet)
{
	if (op_preview_parse(cx, row->authority, row->profile, NULL, NULL, p) < 0)
		return -1;
	p->days = row->days;
	if (csr_parse_unproved(csr, row->der, row->der_len, &cx->err) < 0)
		return -1;
	if (judge(cx, *csr, p, true, sheet) < 0 || submit_refusal(cx, p, sheet) < 0)
		return -1;
	submit_sheet_words(sheet, row);
	return 0;
}

static int
keep_approval(struct ctx *cx, struct submission_row *row)
{
	if (db_begin(cx) < 0 || store_submission_decide(cx, row) < 0 ||
	    submit_record(cx, "request.approve", row) < 0)
		return -1;
	return db_commit(cx);
}

static int
approve(
    struct ctx *cx, struct submission_row *row, json_t *all, const char *hash, struct sheet *sheet)
{
	AUTO(csr) struct csr *csr = NULL;
	struct preview p;
	size_t n;

	if (add_approval(cx, row, hash, all, &n) < 0 || examine_again(cx, row, &csr, &p, sheet) < 0)
		return -1;
	row->approvals = json_text(cx, json_incref(all));
	if (n >= (size_t)p.profile->approvals)
		return issue(cx, csr, &p, sheet, row, false);
	sheet->verdict = VERDICT_HOLD;
	return keep_approval(cx, row);
}

static int
approve_held(struct ctx *cx, const char *id, const char *sha256, struct sheet *sheet,
    struct submission_row *row)
{
	const char *hash;
	json_t *all;
	int r;

	if (load_held(cx, id, row) < 0)
		return -1;
	hash = submission_sha256(cx, row);
	if (sha256 != NULL && sha256[0] != '\0' && strcasecmp(sha256, hash) != 0) {
		err_set(&cx->err, R_APPROVE_HASH, "sha256",
		    "the request is another one than was looked at: its SHA-256 is %s", hash);
		return err_hint(&cx->err, "look at it again before approving it");
	}
	if ((all = row->approvals == NULL ? NULL : json_loads(row->approvals, 0, NULL)) == NULL)
		all = json_array();
	r = approve(cx, row, all, hash, sheet);
	json_decref(all);
	return r;
}

int
op_approve(struct ctx *cx, const char *id, const char *sha256, struct sheet *sheet,
    struct submission_row *row)
{
	int r;

	submit_deciding();
	ca_signing_begin();
	r = approve_held(cx, id, sha256, sheet, row);
	ca_signing_end(true);
	submit_decided();
	op_renewal_wake(cx->house);
	return r;
}

static int
reject(struct ctx *cx, const char *id, const char *reason, struct submission_row *row)
{
	if (submit_check_note(cx, reason) < 0 || db_begin(cx) < 0 || load_held(cx, id, row) < 0)
		return -1;
	row->state = "rejected";
	row->reason = reason != NULL && reason[0] != '\0' ? reason : NULL;
	row->decided_by = cx->actor.name;
	row->ended_at = cx->now;
	if (store_submission_decide(cx, row) < 0 || op_renewal_decided(cx, row->id) < 0 ||
	    submit_record(cx, "request.reject", row) < 0)
		return -1;
	return db_commit(cx);
}

int
op_reject(struct ctx *cx, const char *id, const char *reason, struct submission_row *row)
{
	int r;

	submit_deciding();
	r = reject(cx, id, reason, row);
	submit_decided();
	op_renewal_wake(cx->house);
	return r;
}
