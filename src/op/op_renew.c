/*
 * op_renew.c - what is set for renewals, where they stand, and that in words
 */
#include <stdlib.h>

#include <jansson.h>

#include "base/config.h"
#include "op/house.h"
#include "op/op_audit.h"
#include "op/op_identity.h"
#include "op/op_renew.h"
#include "op/op_sheet.h"

#define DAYS_MAX 3650

/* ---- who issued it? --------------------------------------------------------------- */

static const struct issued_row *
find_issued(struct ctx *cx, const struct cert_row *cert)
{
	struct issued_row *all;
	size_t n;

	if (store_issued_of_key(cx, cert->spki_sha256, cert->not_after - 1, &all, &n) < 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (memcmp(all[i].sha256, cert->sha256, sizeof(cert->sha256)) == 0)
			return &all[i];
	return NULL;
}

static int
load_ca(struct ctx *cx, const char *id, struct ca_row *ca)
{
	IN_TENANT(cx, TENANT_SYSTEM); /* whose the authorities are */

	return store_ca_load(cx, id, ca);
}

int
renew_source(struct ctx *cx, const struct cert_row *cert, struct renew_source *out)
{
	const struct issued_row *i = find_issued(cx, cert);
	struct submission_row s;
	struct ca_row ca;

	*out = (struct renew_source){ 0 };
	if (i == NULL)
		return err_is_set(&cx->err) ? -1 : 0;
	if (i->revoked_at != 0) /* by people, who know why */
		return 0;
	if (load_ca(cx, i->ca, &ca) < 0)
		return -1;
	out->authority = ca.authority;
	out->profile = i->profile;
	if (i->submission[0] == '\0')
		return 1;
	if (store_submission_load(cx, i->submission, &s) == 0) {
		if (s.days > 0)
			out->days = arena_printf(cx->arena, "%lld", (long long)s.days);
		return 1;
	}
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	return 1;
}

int64_t
renew_due_of(struct ctx *cx, const struct renewal_row *r, const struct cert_row *cert)
{
	const struct renew_life life = { .not_before = cert->not_before,
		.not_after = cert->not_after,
		.days_left = r->days_left,
		.spread = cx->config->renew_spread,
		.sha256 = cert->sha256 };

	return renew_due(&life);
}

/* ---- where it stands ---------------------------------------------------------------- */

/* From the beginning, for what is active now. */
static int
begin(struct ctx *cx, struct renewal_row *r, const struct cert_row *cert)
{
	struct renew_source by;
	int ours = renew_source(cx, cert, &by);

	if (ours < 0)
		return -1;
	memcpy(r->certificate, cert->id, ID_SIZE);
	r->request[0] = r->submission[0] = '\0';
	r->asked = RENEW_DUE;
	r->tries = 0;
	r->message = NULL;
	r->state = ours ? "waiting" : "manual";
	r->next_at = ours && r->by_itself ? renew_due_of(cx, r, cert) : 0;
	return 0;
}

int
op_renewal_installed(
    struct ctx *cx, const struct identity *i, const struct cert_row *cert, bool again)
{
	struct renewal_row r;
	bool ours;

	if (store_renewal_load(cx, i->id, &r) < 0)
		return -1;
	ours = r.submission[0] != '\0' && cx->actor.kind == ACTOR_SYSTEM;
	if (begin(cx, &r, cert) < 0)
		return -1;
	if (ours)
		r.renewed_at = cx->now;
	if (again && strcmp(r.state, "manual") != 0) { /* somebody did not want the next one */
		r.state = "paused";
		r.next_at = 0;
	}
	return store_renewal_save(cx, &r);
}

int
op_renewal_decided(struct ctx *cx, const char *submission)
{
	return store_renewal_decided(cx, submission);
}

/* ---- in words --------------------------------------------------------------------------- */

bool
renewal_failed(const struct renewal_row *r)
{
	return strcmp(r->state, "failed") == 0;
}

bool
renewal_by_itself(const struct renewal_row *r)
{
	return r->next_at > 0;
}

static const char *
tries_words(struct ctx *cx, const struct renewal_row *r)
{
	return r->tries == 1 ? "once" : arena_printf(cx->arena, "%lld times", (long long)r->tries);
}

const char *
renewal_words(struct ctx *cx, const struct renewal_row *r, int64_t not_after)
{
	struct arena *a = cx->arena;

	if (strcmp(r->state, "manual") == 0)
		return arena_printf(a, "ends %s; to be renewed by hand", time_day(a, not_after));
	if (strcmp(r->state, "failed") == 0)
		return arena_printf(a, "the renewal failed %s; tried again %s", tries_words(cx, r),
		    time_relative(a, r->next_at, cx->now));
	if (strcmp(r->state, "held") == 0)
		return "its renewal waits for an approval";
	if (strcmp(r->state, "ready") == 0)
		return arena_printf(
		    a, "the next certificate is here; installed %s", time_minute(a, r->next_at));
	if (strcmp(r->state, "paused") == 0)
		return arena_printf(a, "ends %s; not renewed by itself since it was rolled back",
		    time_day(a, not_after));
	if (r->asked == RENEW_NOW || (r->next_at > 0 && r->next_at <= cx->now))
		return "is being renewed";
	if (r->next_at == 0)
		return arena_printf(
		    a, "ends %s; renewing by itself is switched off", time_day(a, not_after));
	return arena_printf(a, "renewed by itself on %s", time_day(a, r->next_at));
}

static int
put_together(struct ctx *cx, struct renewal *r)
{
	struct cert_row cert;

	r->next = "install a certificate first";
	if ((r->installed = r->identity.active[0] != '\0')) {
		if (store_cert_load(cx, r->identity.active, &cert) < 0)
			return -1;
		r->not_before = cert.not_before;
		r->not_after = cert.not_after;
		r->next = renewal_words(cx, &r->row, cert.not_after);
	}
	return 0;
}

int
op_renewal_load(struct ctx *cx, const char *identity, struct renewal *r)
{
	if (op_identity_load(cx, identity, &r->identity) < 0 ||
	    store_renewal_load(cx, r->identity.id, &r->row) < 0)
		return -1;
	return put_together(cx, r);
}

int
op_renewal_list(
    struct ctx *cx, const struct renewal_query *q, struct renewal **out, size_t *n, bool *more)
{
	struct renewal_row *rows;

	if (store_renewal_list(cx, q, &rows, n, more) < 0)
		return -1;
	*out = arena_new_array(cx->arena, *n, struct renewal);
	for (size_t i = 0; i < *n; i++) {
		(*out)[i].row = rows[i];
		if (store_identity_load(cx, rows[i].identity, &(*out)[i].identity) < 0 ||
		    put_together(cx, &(*out)[i]) < 0)
			return -1;
	}
	return 0;
}

/* ---- what is set --------------------------------------------------------------------------- */

static void
take_bool(const char *typed, bool *out)
{
	if (typed != NULL && typed[0] != '\0')
		*out = strcmp(typed, "yes") == 0;
}

static int
take_hours(struct ctx *cx, const char *typed, struct renewal_row *r)
{
	struct renew_hours h;

	if (typed == NULL)
		return 0;
	if (typed[0] == '\0' || strcmp(typed, "any") == 0) {
		r->hours = NULL;
		return 0;
	}
	r->hours = typed;
	if (renew_hours_parse(typed, &h))
		return 0;
	err_set(&cx->err, R_RENEW_HOURS, "hours", "\"%.40s\" is no part of a day", typed);
	return err_hint(&cx->err, "two times in UTC, such as 22:00-04:00; or any");
}

static int
take_days(struct ctx *cx, const char *typed, struct renewal_row *r)
{
	char *end;
	long n;

	if (typed == NULL)
		return 0;
	n = strtol(typed, &end, 10);
	if (*end == '\0' && n >= 0 && n <= DAYS_MAX) {
		r->days_left = n;
		return 0;
	}
	err_set(&cx->err, R_RENEW_DAYS, "days_left", "\"%.40s\" is no number of days", typed);
	return err_hint(&cx->err, "0 to %d; 0: at two thirds of its life", DAYS_MAX);
}

/* What was under way goes on, by what is set now. */
static int
apply(struct ctx *cx, const struct identity *i, struct renewal_row *r)
{
	struct cert_row cert;
	struct renewal_row fresh = *r;

	if (i->active[0] == '\0')
		return 0;
	if (store_cert_load(cx, i->active, &cert) < 0 || begin(cx, &fresh, &cert) < 0)
		return -1;
	if (strcmp(fresh.state, "manual") == 0 || !r->by_itself || r->submission[0] == '\0') {
		*r = fresh;
		return 0;
	}
	r->next_at = cx->now; /* what is ready may be installed now */
	return 0;
}

static int
record(struct ctx *cx, const struct identity *i, const struct renewal_row *r)
{
	return audit(cx, "renewal.set", i->name,
	    json_text(cx,
		json_pack("{sb,sb,sI,ss}", "by_itself", r->by_itself, "new_key", r->new_key,
		    "days_left", (json_int_t)r->days_left, "hours",
		    r->hours == NULL ? "any" : r->hours)));
}

int
op_renewal_set(
    struct ctx *cx, const char *identity, const struct renewal_wish *w, struct renewal *r)
{
	if (db_begin(cx) < 0 || op_renewal_load(cx, identity, r) < 0)
		return -1;
	take_bool(w->by_itself, &r->row.by_itself);
	take_bool(w->new_key, &r->row.new_key);
	if (take_hours(cx, w->hours, &r->row) < 0 || take_days(cx, w->days_left, &r->row) < 0 ||
	    apply(cx, &r->identity, &r->row) < 0 || store_renewal_save(cx, &r->row) < 0 ||
	    record(cx, &r->identity, &r->row) < 0 || db_commit(cx) < 0)
		return -1;
	op_renewal_wake(cx->house);
	return put_together(cx, r);
}

static int
check_ours(struct ctx *cx, const struct renewal *r)
{
	struct renew_source by;
	struct cert_row cert;
	int ours = 0;

	if (r->installed &&
	    (store_cert_load(cx, r->identity.active, &cert) < 0 ||
		(ours = renew_source(cx, &cert, &by)) < 0))
		return -1;
	if (ours)
		return 0;
	err_set(&cx->err, R_RENEW_MANUAL, NULL, "the identity %s has %s", r->identity.name,
	    r->installed ? "no certificate that an authority of this system issued and stands by"
			 : "no certificate yet");
	return err_hint(&cx->err, "make a CSR, and give it to the authority that is to sign it");
}

int
op_renewal_now(struct ctx *cx, const char *identity, struct renewal *r)
{
	if (db_begin(cx) < 0 || op_renewal_load(cx, identity, r) < 0 || check_ours(cx, r) < 0)
		return -1;
	memcpy(r->row.certificate, r->identity.active, ID_SIZE);
	r->row.asked = RENEW_NOW;
	r->row.state = "waiting";
	r->row.next_at = cx->now;
	if (store_renewal_save(cx, &r->row) < 0 ||
	    audit(cx, "renewal.now", r->identity.name, NULL) < 0 || db_commit(cx) < 0)
		return -1;
	op_renewal_wake(cx->house);
	return put_together(cx, r);
}
