/*
 * op_renew_step.c - a renewal, step by step
 *
 * Each step is durable before the next begins. A crash between two loses nothing: a
 * key that was made is taken by the next try, and what was issued is installed. At
 * most a request is left that nobody uses.
 */
#include <jansson.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "op/house.h"
#include "op/op_audit.h"
#include "op/op_clock.h"
#include "op/op_csr.h"
#include "op/op_install.h"
#include "op/op_issue.h"
#include "op/op_key.h"
#include "op/op_renew.h"
#include "op/op_restored.h"
#include "op/op_sheet.h"
#include "op/op_submit.h"
#include "op/op_weak.h"

#define HELD_AGAIN_S 3600 /* a decision wakes it; this is for one that got lost */

/* ---- the steps ----------------------------------------------------------------------------- */

struct renewing {
	struct renewal_row row;
	struct identity identity;
	struct cert_row cert; /* that is active */
	struct renew_source by;
};

static int
move(struct ctx *cx, const struct renewal_row *r)
{
	return db_begin(cx) < 0 || store_renewal_move(cx, r) < 0 ? -1 : db_commit(cx);
}

/* A key that waits for its first certificate and is fit for one: 1, 0, -1 */
static int
has_next_key(struct ctx *cx, const struct identity *i)
{
	struct key_row key;

	if (store_key_for_csr(cx, i, &key) < 0 || key.state != KEY_READY ||
	    op_weak_check_own(cx, &key) < 0) {
		if (err_is_set(&cx->err) && cx->err.kind == ERR_INTERNAL)
			return -1;
		err_clear(&cx->err);
		return 0;
	}
	return 1;
}

static int
make_key(struct ctx *cx, const struct renewing *r)
{
	struct key_row old, made;
	int there = has_next_key(cx, &r->identity);

	if (there != 0 || !r->row.new_key)
		return there < 0 ? -1 : 0;
	if (store_key_load(cx, r->cert.key, &old) < 0)
		return -1;
	const struct key_want want = {
		.type = old.type, .exportable = old.exportable, .deliverable = old.deliverable
	};
	return op_key_make(cx, r->identity.name, &want, &made);
}

static int
make_request(struct ctx *cx, struct renewing *r)
{
	const struct csr_typed as_saved = {
		.keep_key = r->row.new_key ? NULL : "it is set so for renewals of this identity"
	};
	struct request_row request;
	struct key_row key;

	if (make_key(cx, r) < 0 ||
	    op_csr_regenerate(cx, &r->identity, &as_saved, &request, &key) < 0)
		return -1;
	memcpy(r->row.request, request.id, ID_SIZE);
	return move(cx, &r->row);
}

/* Made for this renewal, not withdrawn since, and not sent yet? */
static int
load_request(struct ctx *cx, struct renewing *r, struct request_row *out)
{
	if (r->row.request[0] != '\0') {
		if (store_request_load(cx, r->row.request, out) < 0)
			return -1;
		if (strcmp(out->state, "pending") == 0)
			return 0;
	}
	return make_request(cx, r) < 0 ? -1 : store_request_load(cx, r->row.request, out);
}

/* What was refused will be refused again: the next try makes another one. */
static int
drop_request(struct ctx *cx, struct renewal_row *r)
{
	if (r->request[0] == '\0')
		return 0;
	if (db_begin(cx) < 0 || store_request_set_state(cx, r->request, "withdrawn") < 0)
		return -1;
	r->request[0] = '\0';
	return db_commit(cx);
}

static bool
is_for_good(const struct err *e)
{
	return e->kind == ERR_INVALID || e->kind == ERR_REFUSED || e->kind == ERR_DENIED ||
	    e->kind == ERR_NOTFOUND || e->kind == ERR_CONFLICT;
}

/* Before a crash, that is: 1, 0, -1. */
static int
was_sent(struct ctx *cx, const struct request_row *request, struct submission_row *s)
{
	struct submission_row *all;
	size_t n;

	if (store_submission_of(cx, request->id, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].state, "issued") == 0 || strcmp(all[i].state, "held") == 0) {
			*s = all[i];
			return 1;
		}
	return 0;
}

static int
send_request(struct ctx *cx, struct renewing *r)
{
	struct submission_row s;
	struct request_row request;
	struct preview p;
	struct sheet sheet = { 0 };
	int sent;

	if (load_request(cx, r, &request) < 0 || (sent = was_sent(cx, &request, &s)) < 0)
		return -1;
	if (!sent &&
	    (op_preview_parse(cx, r->by.authority, r->by.profile, r->by.days, NULL, &p) < 0 ||
		op_submit(cx, request.der, request.der_len, &p, NULL, &sheet, &s) < 0))
		return -1;
	memcpy(r->row.submission, s.id, ID_SIZE);
	return move(cx, &r->row);
}

/* What waited for its hours may have been revoked meanwhile. 1, -1 */
static int
is_still_good(struct ctx *cx, struct renewing *r, const struct submission_row *s)
{
	struct issued_row issued;

	if (op_issued(cx, s, &issued) < 0)
		return -1;
	if (issued.revoked_at == 0)
		return 1;
	r->row.submission[0] = '\0';
	return err_set(&cx->err, R_RENEW_REJECTED, NULL,
	    "the certificate %s that was to come was revoked before it did", issued.serial);
}

/* 1: it is answered with a certificate; 0: it waits; -1 */
static int
look_at_answer(struct ctx *cx, struct renewing *r)
{
	struct submission_row s;

	if (store_submission_load(cx, r->row.submission, &s) < 0)
		return -1;
	if (strcmp(s.state, "issued") == 0)
		return is_still_good(cx, r, &s);
	if (strcmp(s.state, "held") == 0) {
		r->row.state = "held";
		r->row.next_at = cx->now + HELD_AGAIN_S;
		return move(cx, &r->row);
	}
	r->row.submission[0] = '\0';
	return err_set(&cx->err, R_RENEW_REJECTED, NULL, "its request was %s%s%s", s.state,
	    s.reason == NULL ? "" : ": ", s.reason == NULL ? "" : s.reason);
}

/* Not before these hours; but before what is in use ends. 1: now; 0: it waits; -1 */
static int
within_hours(struct ctx *cx, struct renewing *r)
{
	struct renew_hours h;
	int64_t at;

	if (r->row.asked == RENEW_NOW || r->row.hours == NULL ||
	    !renew_hours_parse(r->row.hours, &h))
		return 1;
	at = renew_hours_next(&h, cx->now);
	if (at <= cx->now || at >= r->cert.not_after)
		return 1;
	r->row.state = "ready";
	r->row.next_at = at;
	return move(cx, &r->row);
}

/* It is not, or not yet. */
static int
put_off(struct ctx *cx, struct renewing *r, int64_t at)
{
	r->row.state = r->by.authority == NULL ? "manual" : "waiting";
	r->row.next_at = at;
	return move(cx, &r->row);
}

/* Another one is active than the row is about. */
static int
follow(struct ctx *cx, const struct renewing *r)
{
	struct cert_row active;

	if (store_cert_load(cx, r->identity.active, &active) < 0 || db_begin(cx) < 0 ||
	    op_renewal_installed(cx, &r->identity, &active, false) < 0)
		return -1;
	return db_commit(cx);
}

/* One that is refused now, since its key was destroyed for example, is so again: the next
 * try asks for another. */
static int
install(struct ctx *cx, struct renewing *r)
{
	struct cert_row made;

	if (op_install_issued(cx, &r->identity, r->row.submission, &made) == 0)
		return 0;
	if (is_for_good(&cx->err))
		r->row.submission[0] = '\0';
	return -1;
}

static int
advance(struct ctx *cx, struct renewing *r)
{
	int64_t due;
	int go;

	if (store_identity_load(cx, r->row.identity, &r->identity) < 0 ||
	    store_cert_load(cx, r->row.certificate, &r->cert) < 0 ||
	    renew_source(cx, &r->cert, &r->by) < 0)
		return -1;
	if (strcmp(r->identity.active, r->row.certificate) != 0)
		return follow(cx, r);
	due = r->row.asked ? cx->now : renew_due_of(cx, &r->row, &r->cert);
	if (r->by.authority == NULL || (!r->row.by_itself && !r->row.asked))
		return put_off(cx, r, 0);
	if (r->row.submission[0] == '\0' && due > cx->now)
		return put_off(cx, r, due);
	if (r->row.submission[0] == '\0' && send_request(cx, r) < 0)
		return -1;
	if ((go = look_at_answer(cx, r)) <= 0 || (go = within_hours(cx, r)) <= 0)
		return go;
	return install(cx, r);
}

/* ---- what failed ------------------------------------------------------------------------------
 */

static int
record(struct ctx *cx, const struct renewing *r)
{
	const char *name = r->identity.name == NULL ? r->row.identity : r->identity.name;

	return audit(cx, "renewal.failed", name,
	    json_text(cx,
		json_pack(
		    "{sI,ss}", "tries", (json_int_t)r->row.tries, "message", r->row.message)));
}

static int
fail(struct ctx *cx, struct renewing *r, const struct err *why)
{
	uint32_t random;

	random_bytes(&random, sizeof(random));
	log_err(r->identity.name == NULL ? "a renewal" : r->identity.name, why);
	if (is_for_good(why) && r->row.submission[0] == '\0' && drop_request(cx, &r->row) < 0)
		return -1;
	r->row.state = "failed";
	r->row.tries++;
	r->row.message = arena_strdup(cx->arena, why->message);
	r->row.next_at = renew_again(cx->now, r->row.tries, r->cert.not_after, random);
	if (db_begin(cx) < 0 || store_renewal_move(cx, &r->row) < 0 || record(cx, r) < 0)
		return -1;
	return db_commit(cx);
}

static int
renew_one(struct ctx *cx, struct renewing *r)
{
	IN_TENANT(cx, r->row.tenant);
	struct err why;

	if (advance(cx, r) == 0)
		return 0;
	why = cx->err;
	db_rollback(cx);
	err_clear(&cx->err);
	return fail(cx, r, &why);
}

/* While nothing is signed here, nothing is tried: Attention says why. */
static bool
is_stopped(struct ctx *cx)
{
	bool stopped = op_clock_check(cx) < 0 || op_restored_check(cx) < 0;

	err_clear(&cx->err);
	return stopped;
}

int
op_renew_step(struct ctx *cx)
{
	struct renewing r = { 0 };
	int found;

	if (is_stopped(cx) || (found = renew_take(cx, &r.row)) == 0)
		return 0;
	if (found < 0)
		return -1;
	found = renew_one(cx, &r);
	renew_give_back(cx, &r.row);
	return found < 0 ? -1 : 1;
}
