/*
 * store_renewal.c - what becomes of an identity's certificate before it ends
 */
#include "store/renewal_row.h"
#include "store/rows.h"

#define COLUMNS                                                                              \
	"r.tenant_id, r.identity_id, r.certificate_id, r.by_itself, r.new_key, r.days_left," \
	" r.hours, r.state, r.next_at, r.asked, r.request_id, r.submission_id, r.tries,"     \
	" r.message, r.renewed_at"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct renewal_row *r = row;

	row_id(st, 0, r->tenant, cx->arena);
	row_id(st, 1, r->identity, cx->arena);
	row_id(st, 2, r->certificate, cx->arena);
	r->by_itself = db_int(st, 3) != 0;
	r->new_key = db_int(st, 4) != 0;
	r->days_left = db_int(st, 5);
	r->hours = db_text(st, 6, cx->arena);
	r->state = db_text(st, 7, cx->arena);
	r->next_at = db_int(st, 8);
	r->asked = (enum renew_asked)db_int(st, 9);
	row_id(st, 10, r->request, cx->arena);
	row_id(st, 11, r->submission, cx->arena);
	r->tries = db_int(st, 12);
	r->message = db_text(st, 13, cx->arena);
	r->renewed_at = db_int(st, 14);
}

void
renewal_init(struct ctx *cx, const char *identity, struct renewal_row *r)
{
	*r = (struct renewal_row){ .by_itself = true, .new_key = true, .state = "manual" };
	memcpy(r->tenant, cx->tenant, ID_SIZE);
	memcpy(r->identity, identity, ID_SIZE);
}

int
store_renewal_load(struct ctx *cx, const char *identity, struct renewal_row *r)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int found;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM renewal r WHERE tenant_id = $1 AND identity_id = $2", "tt",
		cx->tenant, identity) < 0 ||
	    (found = row_find(cx, st, fill, r)) < 0)
		return -1;
	if (found == 0)
		renewal_init(cx, identity, r);
	return 0;
}

int
store_renewal_save(struct ctx *cx, const struct renewal_row *r)
{
	return db_exec(cx,
	    "INSERT INTO renewal (tenant_id, identity_id, certificate_id, by_itself, new_key,"
	    " days_left, hours, state, next_at, asked, request_id, submission_id, tries, message,"
	    " renewed_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
	    " ON CONFLICT (tenant_id, identity_id) DO UPDATE SET certificate_id = $3,"
	    " by_itself = $4, new_key = $5, days_left = $6, hours = $7, state = $8, next_at = $9,"
	    " asked = $10, request_id = $11, submission_id = $12, tries = $13, message = $14,"
	    " renewed_at = $15",
	    "tttiiittiittiti", cx->tenant, r->identity, row_ref(r->certificate),
	    (int64_t)r->by_itself, (int64_t)r->new_key, r->days_left, r->hours, r->state,
	    r->next_at, (int64_t)r->asked, row_ref(r->request), row_ref(r->submission), r->tries,
	    r->message, r->renewed_at);
}

int
store_renewal_move(struct ctx *cx, const struct renewal_row *r)
{
	if (db_exec(cx,
		"UPDATE renewal SET state = $4, next_at = $5, asked = $6, request_id = $7,"
		" submission_id = $8, tries = $9, message = $10"
		" WHERE tenant_id = $1 AND identity_id = $2 AND certificate_id IS $3",
		"ttttiittit", cx->tenant, r->identity, row_ref(r->certificate), r->state,
		r->next_at, (int64_t)r->asked, row_ref(r->request), row_ref(r->submission),
		r->tries, r->message) < 0)
		return -1;
	return db_changes(cx) == 1;
}

int
store_renewal_list(
    struct ctx *cx, const struct renewal_query *q, struct renewal_row **out, size_t *n, bool *more)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM renewal r JOIN identity i"
		" ON i.tenant_id = r.tenant_id AND i.id = r.identity_id"
		" WHERE r.tenant_id = $1 AND r.certificate_id IS NOT NULL"
		" AND ($2 IS NULL OR instr(lower(i.name), lower($2)) > 0)"
		" ORDER BY r.state <> 'failed', r.next_at = 0, r.next_at, i.name LIMIT $3",
		"tti", cx->tenant, q->text == NULL || q->text[0] == '\0' ? NULL : q->text,
		(int64_t)q->limit + 1) < 0 ||
	    rows_collect(cx, st, sizeof(**out), fill, out, n) < 0)
		return -1;
	if ((*more = *n > q->limit))
		*n = q->limit;
	return 0;
}

int
store_renewal_due(struct ctx *cx, size_t limit, struct renewal_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM renewal r WHERE next_at > 0 AND next_at <= $1"
		/* what was under way when its tenant was deleted left a row */
		" AND EXISTS (SELECT 1 FROM tenant t WHERE t.id = r.tenant_id"
		" AND t.state <> 'deleted') ORDER BY next_at LIMIT $2",
		"ii", cx->now, (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_renewal_decided(struct ctx *cx, const char *submission)
{
	return db_exec(cx, "UPDATE renewal SET next_at = $2 WHERE submission_id = $1", "ti",
	    submission, cx->now);
}

int
store_renewal_all(struct ctx *cx, const char *authority, int64_t seconds, int64_t *n)
{
	if (db_exec(cx,
		"UPDATE renewal SET asked = $4, next_at = $2 + abs(random() % ($3 + 1))"
		" WHERE next_at > 0 AND asked <> $5 AND EXISTS (SELECT 1 FROM certificate c"
		" JOIN issued s ON s.tenant_id = '" TENANT_SYSTEM
		"' AND s.spki_sha256 = c.spki_sha256"
		" AND s.sha256 = c.sha256 JOIN ca ON ca.id = s.ca_id AND ca.authority = $1"
		" WHERE c.tenant_id = renewal.tenant_id AND c.id = renewal.certificate_id)",
		"tiiii", authority, cx->now, seconds, (int64_t)RENEW_ALL, (int64_t)RENEW_NOW) < 0)
		return -1;
	*n = db_changes(cx);
	return 0;
}
