/*
 * attention_identity.c - what an identity needs: its certificate, renewal and request
 */
#include "op/attention.h"
#include "op/op_identity.h"
#include "op/op_order.h"
#include "op/op_renew.h"
#include "op/op_replace.h"

#define REQUEST_WAIT_S (14 * 86400)

/* What to do so that the identity gets a certificate of a CA. */
static int
next_step(struct ctx *cx, const struct identity *i, bool pending, enum attention_step *step)
{
	struct key_row key;

	if (pending) {
		*step = STEP_ANSWER;
		return 0;
	}
	if (store_key_for_csr(cx, i, &key) == 0) {
		*step = STEP_REQUEST;
		return 0;
	}
	if (cx->err.refusal != R_NO_KEY)
		return -1;
	err_clear(&cx->err);
	*step = STEP_KEY;
	return 0;
}

static void
judge_life(struct ctx *cx, struct found *f, const struct identity *i, const struct cert_row *cert,
    enum attention_step step, const char *order, bool cared_for)
{
	struct arena *a = cx->arena;
	int64_t days = days_left(cert->not_after, cx->now);
	bool own = strcmp(cert->origin, "self-signed") == 0;

	if (cx->now > cert->not_after)
		attention_add(f, 900,
		    (struct attention){ ATTENTION_EXPIRED, step, i->name,
			arena_printf(a, "The certificate of %s expired %s.%s", i->name,
			    time_relative(a, cert->not_after, cx->now), order) });
	else if (cx->now < cert->not_before)
		attention_add(f, 800,
		    (struct attention){ ATTENTION_EARLY, STEP_NONE, i->name,
			arena_printf(a,
			    "The certificate of %s is valid from %s on only; is the clock right?",
			    i->name, time_minute(a, cert->not_before)) });
	else if (cx->now >= renew_from(cert->not_before, cert->not_after) && !cared_for)
		attention_add(f, days <= URGENT_DAYS ? 550 : 400,
		    (struct attention){ ATTENTION_DUE, step, i->name,
			arena_printf(a, "The certificate of %s ends %s, on %s.%s", i->name,
			    time_relative(a, cert->not_after, cx->now),
			    time_day(a, cert->not_after), order) });
	if (own)
		attention_add(f, 500,
		    (struct attention){ ATTENTION_SELF_SIGNED, step, i->name,
			arena_printf(a,
			    "The certificate of %s is self-signed: browsers warn until one of a "
			    "CA is installed.",
			    i->name) });
}

/* Installed all the same, by someone's word: it stays on the list while it serves. */
static void
judge_override(struct ctx *cx, struct found *f, const struct identity *i,
    const struct cert_row *cert, enum attention_step step)
{
	if (cert->override_reason == NULL)
		return;
	attention_add(f, 450,
	    (struct attention){ ATTENTION_OVERRIDE, step, i->name,
		arena_printf(cx->arena,
		    "The certificate of %s is not fit for use, and was installed for this reason: "
		    "%s",
		    i->name, cert->override_reason) });
}

/* The last try failed; one that waits for an approval stands under Requests. */
static void
judge_renewal(struct ctx *cx, struct found *f, const struct identity *i,
    const struct renewal_row *r, const struct cert_row *cert)
{
	bool urgent = days_left(cert->not_after, cx->now) <= URGENT_DAYS;

	attention_add(f, urgent ? 555 : 410,
	    (struct attention){ ATTENTION_RENEWAL, STEP_RENEWAL, i->name,
		arena_printf(cx->arena,
		    "The renewal of %s failed %lld time%s, and its certificate ends on %s: %s",
		    i->name, (long long)r->tries, r->tries == 1 ? "" : "s",
		    time_day(cx->arena, cert->not_after), r->message) });
}

/* It takes care of itself, unless little of its life is left. */
static bool
is_cared_for(struct ctx *cx, const struct renewal_row *r, const struct cert_row *cert)
{
	return renewal_by_itself(r) && !renewal_failed(r) &&
	    cert->not_after - cx->now > (cert->not_after - cert->not_before) / 6;
}

/* The new key is in use; what certifies the old one is still good for who has it. */
static int
judge_replacement(struct ctx *cx, struct found *f, const struct identity *i)
{
	struct replacement_row row;
	struct replacement r;
	int open = store_replacement_newest(cx, i->id, &row);

	if (open <= 0 || row.ended_at != 0)
		return open < 0 ? -1 : 0;
	if (op_replace_load(cx, i, &r) < 0)
		return -1;
	if (r.step == REPLACE_REVOKE)
		attention_add(f, 940,
		    (struct attention){ ATTENTION_REPLACE, STEP_REPLACE, i->name,
			arena_printf(cx->arena,
			    "The compromised key of %s is replaced, but what certifies it is not "
			    "revoked yet.",
			    i->name) });
	return 0;
}

int
attention_of_identity(struct ctx *cx, struct found *f, const struct identity *i)
{
	struct cert_row cert = { 0 };
	struct request_row request;
	struct renewal_row renewal;
	enum attention_step step;
	const char *order;
	int pending;

	if (i->active[0] != '\0' && store_cert_load(cx, i->active, &cert) < 0)
		return -1;
	if ((pending = identity_pending(cx, i, &request)) < 0 ||
	    next_step(cx, i, pending, &step) < 0)
		return -1;
	if (i->active[0] != '\0') {
		if (order_reminder(cx, &cert, &order) < 0 ||
		    store_renewal_load(cx, i->id, &renewal) < 0)
			return -1;
		if (renewal_failed(&renewal) && cx->now <= cert.not_after)
			judge_renewal(cx, f, i, &renewal, &cert);
		else
			judge_life(cx, f, i, &cert, step, order, is_cared_for(cx, &renewal, &cert));
		judge_override(cx, f, i, &cert, step);
	}
	if (pending && cx->now - request.created_at > REQUEST_WAIT_S)
		attention_add(f, 300,
		    (struct attention){ ATTENTION_REQUEST, STEP_ANSWER, i->name,
			arena_printf(cx->arena,
			    "Request %lld of %s waits for its answer; it was made %s.",
			    (long long)request.number, i->name,
			    time_relative(cx->arena, request.created_at, cx->now)) });
	return judge_replacement(cx, f, i);
}
