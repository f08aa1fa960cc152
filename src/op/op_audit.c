/*
 * op_audit.c - the audit: list, export, verify
 */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "keys/keys.h"
#include "op/house.h"
#include "op/op_audit.h"
#include "op/op_restored.h"

#define WALK	     500 /* events read at a time */
#define EXPORT_TRIES 20	 /* heads that others anchor meanwhile */

int
op_audit_list(
    struct ctx *cx, const struct audit_query *q, struct audit_row **rows, size_t *n, bool *more)
{
	struct audit_query own = *q;

	if (own.limit == 0)
		own.limit = AUDIT_PAGE;
	if (own.limit > AUDIT_PAGE_MAX)
		own.limit = AUDIT_PAGE_MAX;
	return store_audit_list(cx, &own, rows, n, more);
}

/*
 * Every event behind `after`, oldest first, in pieces whose memory is given back: an audit
 * may be larger than what a request may hold.
 */
static int
walk(struct ctx *cx, int64_t after, int (*each)(struct ctx *, const struct audit_row *, void *),
    void *arg)
{
	struct arena *request = cx->arena;
	AUTO(arena) struct arena *own = arena_new();
	struct audit_row *rows;
	size_t n = WALK;
	int rc = 0;

	cx->arena = own;
	while (rc == 0 && n == WALK) {
		arena_reset(own);
		rc = store_audit_walk(cx, after, WALK, &rows, &n);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			after = rows[i].sequence;
			rc = each(cx, &rows[i], arg);
		}
	}
	cx->arena = request;
	return rc < 0 ? -1 : 0; /* 1: seen enough */
}

/* ---- export ----------------------------------------------------------------- */
struct export
{
	struct buf *out;
	int64_t sequence; /* of the last event written */
	unsigned char hash[32];
};

static int
put_line(struct ctx *cx, struct buf *out, json_t *line)
{
	char *text = line == NULL ? NULL : json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(line);
	if (text == NULL)
		return err_nomem(&cx->err);
	buf_put_text(out, text);
	buf_put_text(out, "\n");
	free(text);
	return 0;
}

static int
export_event(struct ctx *cx, const struct audit_row *r, void *arg)
{
	struct export *x = arg;
	char at[TIME_SIZE], hash[65];

	time_format(at, r->at_ms / 1000);
	hex_encode(hash, r->hash, sizeof(r->hash));
	x->sequence = r->sequence;
	memcpy(x->hash, r->hash, sizeof(x->hash));
	/* detail: the text as it was hashed, so that it can be checked */
	return put_line(cx, x->out,
	    json_pack("{sI sI ss ss ss ss ss ss ss ss ss ss}", "sequence", (json_int_t)r->sequence,
		"at_ms", (json_int_t)r->at_ms, "at", at, "tenant", r->tenant, "actor", r->actor,
		"role", r->role, "source", r->source, "action", r->action, "object",
		r->object == NULL ? "" : r->object, "outcome", r->outcome, "detail",
		r->detail == NULL ? "" : r->detail, "hash", hash));
}

int
op_audit_continues(struct ctx *cx)
{
	struct keeper_state keeper;
	struct audit_row *row;
	int64_t anchored;
	size_t n;
	int passed;

	if (keys_state(cx->keeper, &keeper, &cx->err) < 0)
		return -1;
	anchored = (int64_t)keeper.anchored_sequence;
	if (anchored == 0)
		return 0;
	if (store_audit_walk(cx, anchored - 1, 1, &row, &n) < 0)
		return -1;
	if (n == 1 && row->sequence == anchored &&
	    memcmp(row->hash, keeper.anchored_hash, sizeof(row->hash)) == 0)
		return 0;
	if ((passed = op_restored_passed(cx, anchored, keeper.anchored_hash)) != 0)
		return passed < 0 ? -1 : 0;
	err_set(&cx->err, R_ANCHOR_OTHER, NULL,
	    "event %lld of the audit is not the one that the keeper anchored: it was changed or cut",
	    (long long)anchored);
	return err_hint(
	    &cx->err, "keep the database as evidence; `certwright audit verify` says where");
}

/*
 * 1: anchored. 0: while the events were read the keeper anchored a newer one,
 * which is in the database, too: read on.
 */
static int
export_anchor(struct ctx *cx, const struct export *x, const unsigned char **signature, size_t *len)
{
	const struct house *h = cx->house;

	if (op_audit_continues(cx) < 0)
		return -1;
	if (keys_anchor(cx->keeper, h->audit_blob, h->audit_blob_len, (uint64_t)x->sequence,
		x->hash, cx->arena, signature, len, &cx->err) == 0)
		return 1;
	return cx->err.refusal == R_ANCHOR_OLDER ? 0 : -1;
}

/* All events there are; then the head is anchored and signed. */
static int
export_events(struct ctx *cx, struct export *x, const unsigned char **signature, size_t *len)
{
	int r = 0;

	for (int i = 0; r == 0 && i < EXPORT_TRIES; i++) {
		err_clear(&cx->err);
		if (walk(cx, x->sequence, export_event, x) < 0)
			return -1;
		if (x->sequence == 0)
			return err_set(
			    &cx->err, R_AUDIT_EMPTY, NULL, "there is no event to export yet");
		r = export_anchor(cx, x, signature, len);
	}
	return r > 0 ? 0 : -1;
}

int
op_audit_export(struct ctx *cx, struct buf *out)
{
	const struct house *h = cx->house;
	struct export x = { .out = out };
	const unsigned char *signature = NULL;
	char hash[65];
	size_t len = 0;

	if (export_events(cx, &x, &signature, &len) < 0)
		return -1;
	hex_encode(hash, x.hash, sizeof(x.hash));
	return put_line(cx, out,
	    json_pack("{s{sI ss ss ss ss}}", "head", "sequence", (json_int_t)x.sequence, "hash",
		hash, "instance", h->instance, "key",
		base64_encode(cx->arena, h->audit_spki, h->audit_spki_len), "signature",
		base64_encode(cx->arena, signature, len)));
}

/* ---- verify ------------------------------------------------------------------ */
struct check {
	struct audit_state *state;
	const struct keeper_state *keeper;
	unsigned char hash[32];
	char message[200];
};

static int PRINTF(2, 3) found(struct check *c, const char *fmt, ...)
{
	va_list ap;

	c->state->whole = false;
	c->state->place = c->state->events + 1;
	va_start(ap, fmt);
	vsnprintf(c->message, sizeof(c->message), fmt, ap);
	va_end(ap);
	return 1;
}

static int
check_event(struct ctx *cx, const struct audit_row *r, void *arg)
{
	struct check *c = arg;
	unsigned char hash[32];
	int64_t next = c->state->events + 1;

	if (r->sequence != next)
		return found(c, "event %lld is missing", (long long)next);
	audit_hash(c->hash, r, hash);
	if (memcmp(hash, r->hash, sizeof(hash)) != 0)
		return found(c, "event %lld was changed", (long long)next);
	if ((uint64_t)next == c->keeper->anchored_sequence &&
	    memcmp(hash, c->keeper->anchored_hash, sizeof(hash)) != 0)
		return found(
		    c, "event %lld is not the one that the keeper anchored", (long long)next);
	memcpy(c->hash, hash, sizeof(hash));
	c->state->events = next;
	return 0;
}

/* The journal first: events that come meanwhile are no fault. */
static int
check_all(struct ctx *cx, struct audit_state *state, struct check *c)
{
	struct keeper_state keeper;

	memset(state, 0, sizeof(*state));
	state->whole = true;
	*c = (struct check){ .state = state, .keeper = &keeper };
	if (keys_state(cx->keeper, &keeper, &cx->err) < 0 || walk(cx, 0, check_event, c) < 0)
		return -1;
	c->keeper = NULL;
	state->anchored = (int64_t)keeper.anchored_sequence;
	return 0;
}

int
op_audit_chain(struct ctx *cx, struct audit_state *state)
{
	struct check c;

	if (check_all(cx, state, &c) < 0)
		return -1;
	state->message = arena_strdup(cx->arena, c.message);
	return 0;
}

int
op_audit_verify(struct ctx *cx, struct audit_state *state)
{
	struct check c;

	if (check_all(cx, state, &c) < 0)
		return -1;
	if (state->whole && state->events < state->anchored)
		found(&c,
		    "the tail was cut: the keeper anchored event %lld, the last one "
		    "here is %lld",
		    (long long)state->anchored, (long long)state->events);
	if (state->whole)
		snprintf(c.message, sizeof(c.message),
		    "%lld events, each follows the one before; the keeper anchored event %lld",
		    (long long)state->events, (long long)state->anchored);
	state->message = arena_strdup(cx->arena, c.message);
	state->head = state->events == 0
	    ? ""
	    : arena_printf(cx->arena, "%lld:%s", (long long)state->events,
		  hex_of(cx->arena, c.hash, sizeof(c.hash)));
	return 0;
}
