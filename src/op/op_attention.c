/*
 * op_attention.c - what needs a person, worst first
 */
#include "op/house.h"
#include "op/op_clock.h"
#include "op/op_restored.h"
#include "op/op_component.h"
#include "op/op_identity.h"
#include "op/op_license.h"
#include "op/op_order.h"
#include "op/op_renew.h"
#include "op/op_replace.h"

#define REQUEST_WAIT_S (14 * 86400)
#define URGENT_DAYS    7
#define AWAY_DAYS      30

static const char *const ids[ATTENTION_KINDS] = {
	[ATTENTION_OTHER] = "presents-another",
	[ATTENTION_FAILED] = "delivery-failed",
	[ATTENTION_BAD_KEY] = "bad-key",
	[ATTENTION_REPLACE] = "not-revoked",
	[ATTENTION_EXPIRED] = "expired",
	[ATTENTION_EARLY] = "not-yet-valid",
	[ATTENTION_CLOCK] = "clock",
	[ATTENTION_RESTORED] = "restored",
	[ATTENTION_LICENSE] = "license",
	[ATTENTION_SANDBOX] = "no-sandbox",
	[ATTENTION_RENEWAL] = "renewal-failed",
	[ATTENTION_UNREACHABLE] = "unreachable",
	[ATTENTION_PULL] = "not-pulled",
	[ATTENTION_DUE] = "ends-soon",
	[ATTENTION_SELF_SIGNED] = "self-signed",
	[ATTENTION_OVERRIDE] = "overridden",
	[ATTENTION_REQUEST] = "request-waits",
	[ATTENTION_ROOT_AWAY] = "root-offline",
	[ATTENTION_ONE_SUPER] = "one-super",
};

const char *
attention_id(enum attention_kind kind)
{
	return ids[kind];
}

struct weighed {
	int64_t weight;
	size_t place; /* in the order found */
	struct attention what;
};
struct found {
	struct arena *arena;
	struct weighed *v;
	size_t n, room;
};

static void
add(struct found *f, int64_t weight, struct attention a)
{
	struct weighed *more;

	if (f->n == f->room) {
		more = arena_new_array(f->arena, f->room = 2 * f->room + 16, struct weighed);
		if (f->n > 0)
			memcpy(more, f->v, f->n * sizeof(*more));
		f->v = more;
	}
	f->v[f->n] = (struct weighed){ weight, f->n, a };
	f->n++;
}

/* Of two the heavier first, else in the order found. */
static int
compare(const void *one, const void *other)
{
	const struct weighed *a = one, *b = other;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

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
		add(f, 900,
		    (struct attention){ ATTENTION_EXPIRED, step, i->name,
			arena_printf(a, "The certificate of %s expired %s.%s", i->name,
			    time_relative(a, cert->not_after, cx->now), order) });
	else if (cx->now < cert->not_before)
		add(f, 800,
		    (struct attention){ ATTENTION_EARLY, STEP_NONE, i->name,
			arena_printf(a,
			    "The certificate of %s is valid from %s on only; is the clock right?",
			    i->name, time_minute(a, cert->not_before)) });
	else if (cx->now >= renew_from(cert->not_before, cert->not_after) && !cared_for)
		add(f, days <= URGENT_DAYS ? 550 : 400,
		    (struct attention){ ATTENTION_DUE, step, i->name,
			arena_printf(a, "The certificate of %s ends %s, on %s.%s", i->name,
			    time_relative(a, cert->not_after, cx->now),
			    time_day(a, cert->not_after), order) });
	if (own)
		add(f, 500,
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
	add(f, 450,
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

	add(f, urgent ? 555 : 410,
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

static int
judge_identity(struct ctx *cx, struct found *f, const struct identity *i)
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
		add(f, 300,
		    (struct attention){ ATTENTION_REQUEST, STEP_ANSWER, i->name,
			arena_printf(cx->arena,
			    "Request %lld of %s waits for its answer; it was made %s.",
			    (long long)request.number, i->name,
			    time_relative(cx->arena, request.created_at, cx->now)) });
	return 0;
}

/* Has it stopped our authorities? Else against the newest event. */
static int
judge_clock(struct ctx *cx, struct found *f)
{
	struct audit_query q = { .limit = 1 };
	struct clock_jump jump;
	struct audit_row *last;
	size_t n;
	bool more;

	op_clock_state(&jump);
	if (jump.verdict != CLOCK_FINE) {
		add(f, 960,
		    (struct attention){ ATTENTION_CLOCK, STEP_CLOCK, NULL,
			arena_printf(cx->arena,
			    "The clock jumped from %s to %s: no certificate is signed here until an "
			    "administrator says that it is right.",
			    time_minute(cx->arena, jump.from), time_minute(cx->arena, jump.to)) });
		return 0;
	}
	if (store_audit_list(cx, &q, &last, &n, &more) < 0)
		return -1;
	if (n == 1 && last->at_ms / 1000 - CLOCK_BACK_S > cx->now)
		add(f, 700,
		    (struct attention){ ATTENTION_CLOCK, STEP_NONE, NULL,
			arena_printf(cx->arena,
			    "The clock went back: it shows %s, the newest event is of %s.",
			    time_minute(cx->arena, cx->now),
			    time_minute(cx->arena, last->at_ms / 1000)) });
	return 0;
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
		add(f, 940,
		    (struct attention){ ATTENTION_REPLACE, STEP_REPLACE, i->name,
			arena_printf(cx->arena,
			    "The compromised key of %s is replaced, but what certifies it is not "
			    "revoked yet.",
			    i->name) });
	return 0;
}

/* What is presented is replaced by the guide; of another key it is enough to make a new one. */
static int
step_of_bad(struct ctx *cx, const struct bad_key *bad, enum attention_step *out)
{
	struct identity i;
	struct cert_row active;
	struct key_row key;

	*out = STEP_NONE;
	if (bad->of_ca)
		return 0;
	*out = STEP_KEY;
	if (store_identity_load(cx, bad->name, &i) < 0)
		return -1;
	if (i.active[0] == '\0')
		return 0;
	if (store_cert_load(cx, i.active, &active) < 0 || store_key_load(cx, active.key, &key) < 0)
		return -1;
	if (key.generation == bad->generation)
		*out = STEP_REPLACE;
	return 0;
}

/* Keys that must not be used any more, whatever their certificates say. */
static int
judge_keys(struct ctx *cx, struct found *f)
{
	enum attention_step step;
	struct bad_key *bad;
	size_t n;

	if (store_compromised_own(cx, &bad, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (step_of_bad(cx, &bad[i], &step) < 0)
			return -1;
		add(f, 950,
		    (struct attention){ ATTENTION_BAD_KEY, step, bad[i].of_ca ? NULL : bad[i].name,
			arena_printf(cx->arena, "The private key of %s%s, %s %lld, %s",
			    bad[i].of_ca ? "the CA " : "", bad[i].name,
			    bad[i].of_ca ? "number" : "generation", (long long)bad[i].generation,
			    strcmp(bad[i].source, "shared-factor") == 0
				? "has a prime factor in common with another key: others can "
				  "compute it. Replace it."
				: "is compromised: others have it. Replace it.") });
	}
	return 0;
}

/* The key of a root is away; what was made before is good until when? */
static int
away_until(struct ctx *cx, const struct ca_row *ca, int64_t *since, int64_t *until)
{
	struct ocsp_signer_row signer;
	struct crl_row last;

	if (store_crl_load(cx, ca->id, 0, &last) < 0)
		return -1;
	*since = last.this_update;
	*until = last.next_update;
	if (store_ocsp_signer_load(cx, ca->id, &signer) == 0) {
		if (signer.not_after < *until)
			*until = signer.not_after;
	} else if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	return 0;
}

static int
judge_root(struct ctx *cx, struct found *f, const struct ca_row *ca)
{
	struct arena *a = cx->arena;
	int64_t since, until, days;

	if (strcmp(ca->state, "offline") != 0 || cx->now > ca->not_after)
		return 0;
	if (away_until(cx, ca, &since, &until) < 0)
		return -1;
	days = days_left(until, cx->now);
	if (days > AWAY_DAYS || until >= ca->not_after)
		return 0;
	add(f, days <= URGENT_DAYS ? 560 : 420,
	    (struct attention){ ATTENTION_ROOT_AWAY, STEP_ROOT, NULL,
		arena_printf(a,
		    "What the root of %s says of its certificates, as list or by OCSP, %s on %s: its "
		    "key is offline since %s. Bring it back, and take it offline again.",
		    ca->authority, until < cx->now ? "ended" : "ends", time_day(a, until),
		    time_day(a, since)) });
	return 0;
}

static int
judge_roots(struct ctx *cx, struct found *f)
{
	struct ca_row *all;
	size_t n;

	if (store_ca_list(cx, NULL, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (judge_root(cx, f, &all[i]) < 0)
			return -1;
	return 0;
}

static int
judge_license(struct ctx *cx, struct found *f)
{
	struct license_state s;

	if (op_license_load(cx, &s) < 0)
		return -1;
	if (s.expired)
		add(f, 430,
		    (struct attention){ ATTENTION_LICENSE, STEP_LICENSE, NULL,
			arena_printf(cx->arena,
			    "The licence ended on %s: no tenant and no component can be added. All "
			    "that is here goes on.",
			    s.license.expires) });
	return 0;
}

static int
judge_system(struct ctx *cx, struct found *f)
{
	int64_t all, supers;
	struct restored old;

	op_restored_state(&old);
	if (old.stopped)
		add(f, 970,
		    (struct attention){ ATTENTION_RESTORED, STEP_RESTORED, NULL,
			"An old database was put back, or it was changed: no certificate is signed "
			"here until an administrator confirms it." });
	if (judge_clock(cx, f) < 0 || judge_license(cx, f) < 0 ||
	    store_account_count(cx, &all, &supers) < 0)
		return -1;
	if (cx->house->no_sandbox)
		add(f, 600,
		    (struct attention){ ATTENTION_SANDBOX, STEP_NONE, NULL,
			"The sandbox is off (--no-sandbox): for debugging only." });
	if (supers == 1)
		add(f, 200,
		    (struct attention){ ATTENTION_ONE_SUPER, STEP_NONE, NULL,
			"Only one Super Admin can sign in: a lost password would lock "
			"everybody out of the portal." });
	return 0;
}

/* Its host should have come long ago: a sixth of the life is left, as for is_cared_for. */
static void
judge_pull(struct ctx *cx, struct found *f, const struct component *c)
{
	struct arena *a = cx->arena;
	bool ended = cx->now > c->not_after;

	if (c->not_after == 0 || c->not_after - cx->now > (c->not_after - c->not_before) / 6)
		return;
	add(f, ended ? 905 : 545,
	    (struct attention){ ATTENTION_PULL, STEP_COMPONENT, NULL,
		arena_printf(a,
		    "The certificate that %s pulled %s %s, on %s, and its host did not come for the "
		    "next one. See that certwright component pull runs there, by a timer.",
		    c->name, ended ? "ended" : "ends", time_relative(a, c->not_after, cx->now),
		    time_day(a, c->not_after)),
		c->name });
}

static void
judge_component(struct ctx *cx, struct found *f, const struct component *c)
{
	struct attention a = { .identity = c->identity };

	if (c->bound && c->row.target == NULL)
		judge_pull(cx, f, c);
	if (c->bound) {
		a.component = c->name;
		a.step = STEP_COMPONENT;
	}
	if (c->served == SERVED_OTHER) {
		a.kind = ATTENTION_OTHER;
		a.message = c->bound
		    ? arena_printf(cx->arena,
			  "%s presents another certificate than was delivered to it: %s. Deliver it "
			  "again, and see that its server reads these files.",
			  c->name, c->row.check_note)
		    : arena_printf(cx->arena,
			  "%s presents another certificate than the active one; a restart of the "
			  "service repairs this.",
			  c->name);
		add(f, 1000, a);
	}
	if (c->served == SERVED_UNREACHABLE) {
		a.kind = ATTENTION_UNREACHABLE;
		a.message = arena_printf(cx->arena,
		    "What %s presents is not known: %s. See that its server is up and reached "
		    "from here; it is asked again by itself.",
		    c->name, c->row.check_note);
		add(f, 540, a);
	}
	if (c->bound && strcmp(c->row.delivery, "failed") == 0) {
		a.kind = ATTENTION_FAILED;
		a.message = arena_printf(
		    cx->arena, "The delivery to %s failed: %s", c->name, c->row.message);
		add(f, 970, a);
	}
}

int
op_attention(struct ctx *cx, struct attention **out, size_t *n)
{
	struct component *c;
	size_t nc;

	return op_component_list(cx, &c, &nc) < 0 ? -1 : op_attention_among(cx, c, nc, out, n);
}

int
op_attention_among(
    struct ctx *cx, const struct component *c, size_t nc, struct attention **out, size_t *n)
{
	struct found f = { .arena = cx->arena };
	struct identity *all;
	size_t nall;

	if (store_identity_list(cx, &all, &nall) < 0)
		return -1;
	for (size_t i = 0; i < nc; i++)
		judge_component(cx, &f, &c[i]);
	for (size_t i = 0; i < nall; i++)
		if (judge_identity(cx, &f, &all[i]) < 0 || judge_replacement(cx, &f, &all[i]) < 0)
			return -1;
	if (judge_keys(cx, &f) < 0 || judge_roots(cx, &f) < 0 ||
	    (in_system(cx) && judge_system(cx, &f) < 0))
		return -1;
	if (f.n > 0)
		qsort(f.v, f.n, sizeof(*f.v), compare);
	*out = arena_new_array(cx->arena, f.n, struct attention);
	for (*n = 0; *n < f.n; (*n)++)
		(*out)[*n] = f.v[*n].what;
	return 0;
}
