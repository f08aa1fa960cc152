/*
 * store_submission.c - requests on their way to an authority
 */
#include "store/rows.h"

#define COLUMNS                                                                                  \
	"id, request_id, authority, title, profile, public, days, state, der, name, subject,"    \
	" note, sheet, created_by, created_at, ended_at, serial, approvals, decided_by, reason," \
	" key_note, order_number, order_until, tenant_id"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct submission_row *s = row;

	s->made = NULL;
	s->dispositions = NULL;
	row_id(st, 0, s->id, cx->arena);
	row_id(st, 1, s->request, cx->arena);
	s->authority = db_text(st, 2, cx->arena);
	s->title = db_text(st, 3, cx->arena);
	s->profile = db_text(st, 4, cx->arena);
	s->is_public = db_int(st, 5) != 0;
	s->days = db_int(st, 6);
	s->state = db_text(st, 7, cx->arena);
	s->der = db_blob(st, 8, &s->der_len, cx->arena);
	s->name = db_text(st, 9, cx->arena);
	s->subject = db_text(st, 10, cx->arena);
	s->note = db_text(st, 11, cx->arena);
	s->sheet = db_text(st, 12, cx->arena);
	s->created_by = db_text(st, 13, cx->arena);
	s->created_at = db_int(st, 14);
	s->ended_at = db_int(st, 15);
	s->serial = db_text(st, 16, cx->arena);
	s->approvals = db_text(st, 17, cx->arena);
	s->decided_by = db_text(st, 18, cx->arena);
	s->reason = db_text(st, 19, cx->arena);
	s->key_note = db_text(st, 20, cx->arena);
	s->order = db_text(st, 21, cx->arena);
	s->order_until = db_int(st, 22);
	s->tenant = db_text(st, 23, cx->arena);
}

int
store_submission_insert(struct ctx *cx, const struct submission_row *s)
{
	return db_exec(cx,
	    "INSERT INTO submission (tenant_id, id, request_id, authority, title, profile, public,"
	    " days, state, der, name, subject, note, sheet, created_by, created_at, ended_at, serial,"
	    " key_note, order_number, order_until)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
	    " $18, $19, $20, $21)",
	    "ttttttiitbtttttiitt"
	    "ti",
	    cx->tenant, s->id, row_ref(s->request), s->authority, s->title, s->profile,
	    (int64_t)s->is_public, s->days, s->state, (const void *)s->der, s->der_len, s->name,
	    s->subject, s->note, s->sheet, s->created_by, s->created_at, s->ended_at, s->serial,
	    s->key_note, s->order, s->order_until);
}

int
store_submission_load(struct ctx *cx, const char *id, struct submission_row *s)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM submission WHERE tenant_id = $1 AND id = $2",
		"tt", cx->tenant, id) < 0)
		return -1;
	return row_load(cx, st, "submission", fill, s);
}

/* Two halves, so that neither sorts all there is. */
static int
list_half(struct ctx *cx, const char *sql, struct submission_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, sql, "t", cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_submission_list(struct ctx *cx, struct submission_row **out, size_t *n)
{
	struct submission_row *others = NULL, *waiting, *ended;
	size_t nothers = 0, nwaiting, nended, i = 0;

	if ((in_system(cx) &&
		list_half(cx,
		    "SELECT " COLUMNS " FROM submission WHERE tenant_id <> $1"
		    " AND state = 'held' ORDER BY id DESC LIMIT 1000",
		    &others, &nothers) < 0) ||
	    list_half(cx,
		"SELECT " COLUMNS " FROM submission WHERE tenant_id = $1"
		" AND state IN ('sent', 'held') ORDER BY id DESC LIMIT 1000",
		&waiting, &nwaiting) < 0 ||
	    list_half(cx,
		"SELECT " COLUMNS " FROM submission WHERE tenant_id = $1"
		" AND state NOT IN ('sent', 'held') ORDER BY id DESC LIMIT 1000",
		&ended, &nended) < 0)
		return -1;
	*n = nothers + nwaiting + nended > 1000 ? 1000 : nothers + nwaiting + nended;
	*out = arena_new_array(cx->arena, *n + 1, struct submission_row);
	for (size_t k = 0; k < nothers && i < *n; k++)
		(*out)[i++] = others[k];
	for (size_t k = 0; k < nwaiting && i < *n; k++)
		(*out)[i++] = waiting[k];
	for (size_t k = 0; k < nended && i < *n; k++)
		(*out)[i++] = ended[k];
	return 0;
}

int
store_submission_held(struct ctx *cx, struct submission_row **out, size_t *n)
{
	return list_half(cx,
	    in_system(cx) ? "SELECT " COLUMNS " FROM submission WHERE $1 <> '' AND state = 'held'"
			    " ORDER BY id LIMIT 1000"
			  : "SELECT " COLUMNS
			    " FROM submission WHERE tenant_id = $1 AND state = 'held'"
			    " ORDER BY id LIMIT 1000",
	    out, n);
}

int
store_submission_of(struct ctx *cx, const char *request, struct submission_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM submission WHERE tenant_id = $1 AND request_id = $2"
		" ORDER BY id DESC LIMIT 100",
		"tt", cx->tenant, request) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_submission_order(struct ctx *cx, const char *identity, const char *authority, int64_t since,
    struct submission_row *s)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM submission WHERE tenant_id = $1 AND request_id IN"
		" (SELECT id FROM request WHERE tenant_id = $1 AND identity_id = $2)"
		" AND authority = $3 AND order_until > $4 AND state <> 'withdrawn'"
		" ORDER BY id DESC LIMIT 1",
		"ttti", cx->tenant, identity, authority, since) < 0)
		return -1;
	return row_find(cx, st, fill, s);
}

int
store_submission_end(struct ctx *cx, const char *id, const char *state, int64_t now)
{
	return db_exec(cx,
	    "UPDATE submission SET state = $3, ended_at = $4 WHERE tenant_id = $1 AND id = $2",
	    "ttti", cx->tenant, id, state, now);
}

int
store_submission_decide(struct ctx *cx, const struct submission_row *s)
{
	return db_exec(cx,
	    "UPDATE submission SET state = $3, sheet = $4, serial = $5, approvals = $6,"
	    " decided_by = $7, reason = $8, ended_at = $9 WHERE tenant_id = $1 AND id = $2",
	    "ttttttt"
	    "ti",
	    cx->tenant, s->id, s->state, s->sheet, s->serial, s->approvals, s->decided_by,
	    s->reason, s->ended_at);
}
