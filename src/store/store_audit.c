/*
 * store_audit.c - the audit's hash chain, in the transaction of each effect
 */
#include <stdio.h>

#include "base/audit_chain.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/rows.h"

#define COLUMNS \
	"sequence, at_ms, tenant, actor, role, source, action, object, outcome, detail, hash"

void
audit_hash(const unsigned char previous[32], const struct audit_row *r, unsigned char out[32])
{
	const struct audit_event e = { .sequence = r->sequence,
		.at_ms = r->at_ms,
		.tenant = r->tenant,
		.actor = r->actor,
		.role = r->role,
		.source = r->source,
		.action = r->action,
		.object = r->object,
		.outcome = r->outcome,
		.detail = r->detail };

	audit_event_hash(previous, &e, out);
}

int
store_audit_head(struct ctx *cx, int64_t *sequence, unsigned char hash[32])
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	*sequence = 0;
	memset(hash, 0, 32);
	if (db_prepare(cx, &st, "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1") <
	    0)
		return -1;
	if ((r = db_step(cx, st)) <= 0)
		return r;
	*sequence = db_int(st, 0);
	row_digest(st, 1, hash, cx->arena);
	return 0;
}

static int
append(
    struct ctx *cx, const char *action, const char *object, const char *outcome, const char *detail)
{
	struct audit_row row = { .tenant = cx->tenant,
		.role = cx->actor.kind == ACTOR_SYSTEM ? "system" : role_name(cx->actor.role),
		.actor = cx->actor.kind == ACTOR_SYSTEM ? "system" : cx->actor.name,
		.source = cx->actor.source,
		.action = action,
		.object = object == NULL ? "" : object,
		.outcome = outcome,
		.detail = detail == NULL ? "{}" : detail };
	unsigned char previous[32];

	if (!db_in_transaction(cx))
		return err_set(&cx->err, R_INTERNAL, NULL, "an audit record outside a transaction");
	if (store_audit_head(cx, &row.sequence, previous) < 0)
		return -1;
	row.sequence++;
	row.at_ms = clock_wall_ms();
	audit_hash(previous, &row, row.hash);
	return db_exec(cx,
	    "INSERT INTO audit (" COLUMNS ")"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
	    "iittttttttb", row.sequence, row.at_ms, row.tenant, row.actor, row.role, row.source,
	    row.action, row.object, row.outcome, row.detail, (const void *)row.hash, (size_t)32);
}

int
audit(struct ctx *cx, const char *action, const char *object, const char *detail)
{
	if (store_idempotency_claim(cx) < 0)
		return -1;
	return append(cx, action, object, "done", detail);
}

/* cx->err is kept as it was: the caller answers with it. */
void
audit_refusal(struct ctx *cx, const char *action, const char *object, const struct err *e)
{
	struct err kept = cx->err, why = *e;
	bool read_only = cx->read_only;

	db_rollback(cx);
	err_clear(&cx->err);
	cx->read_only = false;
	if (db_begin(cx) < 0 || append(cx, action, object, refusal_id(why.refusal), NULL) < 0 ||
	    db_commit(cx) < 0) {
		log_err("a refusal could not be recorded", &cx->err);
		db_rollback(cx);
	}
	cx->read_only = read_only;
	cx->err = kept;
}

static void
fill(struct ctx *cx, struct db_stmt *st, void *out)
{
	struct audit_row *row = out;

	row->sequence = db_int(st, 0);
	row->at_ms = db_int(st, 1);
	row->tenant = db_text(st, 2, cx->arena);
	row->actor = db_text(st, 3, cx->arena);
	row->role = db_text(st, 4, cx->arena);
	row->source = db_text(st, 5, cx->arena);
	row->action = db_text(st, 6, cx->arena);
	row->object = db_text(st, 7, cx->arena);
	row->outcome = db_text(st, 8, cx->arena);
	row->detail = db_text(st, 9, cx->arena);
	row_digest(st, 10, row->hash, cx->arena);
}

#define FOUND                                                                                  \
	" AND ($2 = 0 OR sequence < $2) AND ($3 IS NULL"                                       \
	" OR instr(lower(action || ' ' || actor || ' ' || object || ' ' || outcome || ' ' || " \
	"source || ' ' || detail), lower($3)) > 0) ORDER BY sequence DESC LIMIT $4"

/* The system sees the events of all. */
int
store_audit_list(
    struct ctx *cx, const struct audit_query *q, struct audit_row **out, size_t *n, bool *more)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		in_system(cx) ? "SELECT " COLUMNS " FROM audit WHERE $1 <> ''" FOUND
			      : "SELECT " COLUMNS " FROM audit"
				" WHERE tenant = $1 AND tenant <> '" TENANT_SYSTEM "'" FOUND,
		"titi", cx->tenant, (int64_t)q->before,
		q->text == NULL || q->text[0] == '\0' ? NULL : q->text, (int64_t)q->limit + 1) < 0)
		return -1;
	if (rows_collect(cx, st, sizeof(**out), fill, out, n) < 0)
		return -1;
	*more = *n > q->limit;
	if (*more)
		*n = q->limit;
	return 0;
}

int
store_audit_sign_ins(
    struct ctx *cx, const struct account *a, size_t limit, struct audit_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	/* An account that was deleted may have had the same name. */
	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM audit WHERE action = 'session.sign-in' AND tenant = $1"
		" AND object = $2 AND at_ms >= $3 ORDER BY sequence DESC LIMIT $4",
		"ttii", a->tenant, a->name, (int64_t)(a->created_at * 1000), (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_audit_walk(struct ctx *cx, int64_t after, size_t limit, struct audit_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM audit WHERE sequence > $1"
		" ORDER BY sequence LIMIT $2",
		"ii", (int64_t)after, (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}
