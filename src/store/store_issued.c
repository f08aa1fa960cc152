/*
 * store_issued.c - certificates of our own authorities, and what became of them
 */
#include "store/found.h"
#include "store/rows.h"

#define COLUMNS                                                                                 \
	"id, ca_id, serial, state, submission_id, profile, der, sha256, spki_sha256, subject, " \
	"name, names, not_before, not_after, revoked_at, reason, created_at, number, shard, owner"

/* $n: the tenant that asks; the system is shown all. */
#define OWNED(column, n) "(" n " = '" TENANT_SYSTEM "' OR " column " = " n ")"

#define KIND "certificate of an authority here"

#define COLUMNS_OF                                                                             \
	"i.id, i.ca_id, i.serial, i.state, i.submission_id, i.profile, i.der, i.sha256, "      \
	"i.spki_sha256, i.subject, i.name, i.names, i.not_before, i.not_after, i.revoked_at, " \
	"i.reason, i.created_at, i.number, i.shard, i.owner"

/* now, soon: parameters, seconds since 1970. */
#define ISSUED_IN_STATE(state_is, now, soon)                                                   \
	"(" state_is " IS NULL OR state = " state_is " OR state = 'issued' AND CASE " state_is \
	" WHEN 'ended' THEN not_after < " now " WHEN 'soon' THEN not_after >= " now            \
	" AND not_after < " soon " WHEN 'valid' THEN not_after >= " soon " END)"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct issued_row *i = row;

	row_id(st, 0, i->id, cx->arena);
	row_id(st, 1, i->ca, cx->arena);
	i->serial = db_text(st, 2, cx->arena);
	i->state = db_text(st, 3, cx->arena);
	row_id(st, 4, i->submission, cx->arena);
	i->profile = db_text(st, 5, cx->arena);
	i->der = db_blob(st, 6, &i->der_len, cx->arena);
	row_digest(st, 7, i->sha256, cx->arena);
	row_digest(st, 8, i->spki_sha256, cx->arena);
	i->subject = db_text(st, 9, cx->arena);
	i->name = db_text(st, 10, cx->arena);
	i->names = db_text(st, 11, cx->arena);
	i->not_before = db_int(st, 12);
	i->not_after = db_int(st, 13);
	i->revoked_at = db_int(st, 14);
	i->reason = db_int(st, 15);
	i->created_at = db_int(st, 16);
	i->number = db_int(st, 17);
	i->shard = db_int(st, 18);
	i->owner = db_text(st, 19, cx->arena);
}

int
store_issued_insert(struct ctx *cx, const struct issued_row *i)
{
	if (db_exec(cx,
		"INSERT INTO issued (tenant_id, id, ca_id, serial, state, submission_id, profile, der,"
		" sha256, spki_sha256, subject, name, names, not_before, not_after, revoked_at,"
		" reason, created_at, shard, owner, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
		" $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, CASE WHEN $16 > 0 THEN 1 +"
		" (SELECT crl_number FROM ca WHERE tenant_id = $1 AND id = $3) ELSE 0 END)"
		" ON CONFLICT DO NOTHING",
		"tttttttbbbtttiiiiiit", TENANT_SYSTEM, i->id, i->ca, i->serial, i->state,
		row_ref(i->submission), i->profile, (const void *)i->der, i->der_len,
		(const void *)i->sha256, (size_t)32, (const void *)i->spki_sha256, (size_t)32,
		i->subject, i->name, i->names, i->not_before, i->not_after, i->revoked_at,
		i->reason, i->created_at, i->shard, cx->tenant) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0
				   : err_set(&cx->err, R_ISSUED_TWICE, NULL,
					 "serial %s was used by this authority before", i->serial);
}

int
store_issued_by_serial(struct ctx *cx, const char *ca, const char *serial, struct issued_row *i)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM issued WHERE tenant_id = $1 AND ca_id = $2"
		" AND serial = $3",
		"ttt", TENANT_SYSTEM, ca, serial) < 0)
		return -1;
	return row_load(cx, st, KIND, fill, i);
}

int
store_issued_status(
    struct ctx *cx, const char *ca, const char *serial, int64_t *revoked_at, int64_t *reason)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_query(cx, &st,
		"SELECT revoked_at, reason FROM issued WHERE ca_id = $1 AND serial = $2"
		" AND tenant_id = $3",
		"ttt", ca, serial, TENANT_SYSTEM) < 0)
		return -1;
	if ((r = db_step(cx, st)) <= 0)
		return r;
	*revoked_at = db_int(st, 0);
	*reason = db_int(st, 1);
	return 1;
}

int
store_issued_find(struct ctx *cx, const char *serial, struct issued_row *i)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_query(cx, &st,
		/* CROSS: by serial in each CA, never through all certificates */
		"SELECT " COLUMNS_OF " FROM ca CROSS JOIN issued AS i ON i.ca_id = ca.id"
		" AND i.serial = $2 WHERE ca.tenant_id = $1 AND i.tenant_id = $1"
		" AND " OWNED("i.owner", "$3"),
		"ttt", TENANT_SYSTEM, serial, cx->tenant) < 0 ||
	    row_load(cx, st, KIND, fill, i) < 0)
		return -1;
	if ((r = db_step(cx, st)) < 0)
		return -1;
	if (r == 0)
		return 0;
	err_set(&cx->err, R_SERIAL_AMBIGUOUS, "serial",
	    "two authorities here have a certificate of this serial");
	return err_hint(&cx->err, "give the certificate's file instead of its serial");
}

int
store_issued_load(struct ctx *cx, const char *id, struct issued_row *i)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM issued WHERE tenant_id = $1 AND id = $2"
		" AND " OWNED("owner", "$3"),
		"ttt", TENANT_SYSTEM, id, cx->tenant) < 0)
		return -1;
	return row_load(cx, st, KIND, fill, i);
}

/* ---- listed ------------------------------------------------------------------------ */

struct listing {
	const struct issued_query *q;
	struct arena *rows; /* of one row; NULL: they live as long as the list */
	void (*fn)(void *arg, struct ctx *, const struct issued_row *);
	void *arg;
};

static void
give(struct listing *l, struct ctx *cx, struct db_stmt *st)
{
	struct arena *own = cx->arena;
	struct issued_row row;

	if (l->rows != NULL)
		cx->arena = l->rows;
	fill(cx, st, &row);
	l->fn(l->arg, cx, &row);
	if (l->rows != NULL)
		arena_reset(l->rows);
	cx->arena = own;
}

/* One that was found by what is filed: is it so, and now? */
static int
give_one(void *arg, struct ctx *cx, int64_t number)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	struct listing *l = arg;
	int r;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM issued WHERE number = $1 AND tenant_id = $2"
		" AND " ISSUED_IN_STATE("$3", "$5", "$6") " AND ($4 IS NULL OR " ISSUED_HAS_TEXT(
		    "$4") ")",
		"itttii", (int64_t)number, cx->tenant, l->q->state, l->q->text, cx->now,
		(int64_t)(cx->now + ISSUED_SOON)) < 0)
		return -1;
	if ((r = db_step(cx, st)) > 0)
		give(l, cx, st);
	return r;
}

/* A tenant has few: they are read by its index. */
static int
list_owned(struct ctx *cx, struct listing *l)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM issued WHERE owner <> '" TENANT_SYSTEM "' AND owner = $1"
		" AND id < coalesce($2, '~') AND " ISSUED_IN_STATE("$3", "$5",
		    "$6") " AND ($4 IS NULL OR " ISSUED_HAS_TEXT("$4") ") ORDER BY id DESC LIMIT $7",
		"ttttiii", cx->tenant, l->q->before, l->q->state, l->q->text, cx->now,
		(int64_t)(cx->now + ISSUED_SOON), (int64_t)l->q->limit) < 0)
		return -1;
	while ((r = db_step(cx, st)) > 0)
		give(l, cx, st);
	return r;
}

static int
list_all(struct ctx *cx, struct listing *l)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (!in_system(cx))
		return list_owned(cx, l);
	if (l->q->text != NULL || l->q->state != NULL)
		return found_each(cx, l->q, give_one, l);
	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM issued WHERE tenant_id = $1"
		" AND id < coalesce($2, '~') ORDER BY id DESC LIMIT $3",
		"tti", cx->tenant, l->q->before, (int64_t)l->q->limit) < 0)
		return -1;
	while ((r = db_step(cx, st)) > 0)
		give(l, cx, st);
	return r;
}

struct rows {
	struct issued_row *v;
	size_t n;
};

static void
collect(void *arg, struct ctx *cx, const struct issued_row *row)
{
	struct rows *r = arg;

	r->v = row_grow(cx->arena, r->v, r->n, sizeof(*r->v));
	r->v[r->n++] = *row;
}

int
store_issued_list(struct ctx *cx, const struct issued_query *q, struct issued_row **out, size_t *n)
{
	struct rows rows = { 0 };
	struct listing l = { q, NULL, collect, &rows };

	if (list_all(cx, &l) < 0)
		return -1;
	*out = rows.v;
	*n = rows.n;
	return 0;
}

int
store_issued_each(struct ctx *cx, const struct issued_query *q,
    void (*fn)(void *arg, struct ctx *, const struct issued_row *), void *arg)
{
	AUTO(arena) struct arena *rows = arena_new();
	struct listing l = { q, rows, fn, arg };

	return list_all(cx, &l);
}

int
store_issued_set_state(struct ctx *cx, const struct issued_row *i)
{
	if (db_exec(cx,
		"UPDATE issued SET state = $3, revoked_at = $4, reason = $5, changed = 1 +"
		" (SELECT crl_number FROM ca WHERE tenant_id = $1 AND id = issued.ca_id)"
		" WHERE tenant_id = $1 AND id = $2",
		"tttii", TENANT_SYSTEM, i->id, i->state, i->revoked_at, i->reason) < 0)
		return -1;
	return i->number == 0 ? 0 : filed_set_state(cx, i->number, i->state);
}

static int
each_entry(struct ctx *cx, struct db_stmt *st,
    void (*fn)(void *arg, const char *serial, int64_t at, int reason), void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	size_t n = 0;
	int r;

	while ((r = db_step(cx, st)) > 0) {
		fn(arg, db_text(st, 0, a), db_int(st, 1), (int)db_int(st, 2));
		if (++n % 1000 == 0)
			arena_reset(a);
	}
	return r;
}

int
store_issued_of_key(struct ctx *cx, const unsigned char spki_sha256[32], int64_t now,
    struct issued_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM issued WHERE tenant_id = $1 AND spki_sha256 = $2"
		" AND not_after > $3 AND " OWNED("owner", "$4") " ORDER BY id DESC LIMIT 1000",
		"tbit", TENANT_SYSTEM, spki_sha256, (size_t)32, (int64_t)now, cx->tenant) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_issued_each_revoked(struct ctx *cx, const char *ca, int64_t shard, int64_t now,
    void (*fn)(void *arg, const char *serial, int64_t at, int reason), void *arg)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT serial, revoked_at, reason FROM issued"
		" WHERE ca_id = $1 AND shard = $2 AND revoked_at > 0 AND not_after >= $3",
		"tii", ca, (int64_t)shard, (int64_t)now) < 0)
		return -1;
	return each_entry(cx, st, fn, arg);
}

int
store_issued_each_revoked_since(struct ctx *cx, int64_t since, int64_t now,
    void (*fn)(void *arg, const char *serial, int64_t at, int reason), void *arg)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT serial, revoked_at, reason FROM issued"
		" WHERE revoked_at > 0 AND revoked_at >= $1 AND not_after >= $2",
		"ii", since, now) < 0)
		return -1;
	return each_entry(cx, st, fn, arg);
}

int
store_issued_each_changed(struct ctx *cx, const char *ca, int64_t shard, int64_t number,
    int64_t now, void (*fn)(void *arg, const char *serial, int64_t at, int reason), void *arg)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT serial, revoked_at, reason FROM issued"
		" WHERE ca_id = $1 AND changed > 0 AND changed > $2 AND ($3 = 0 OR shard = $3)"
		" AND not_after >= $4",
		"tiii", ca, (int64_t)number, (int64_t)shard, (int64_t)now) < 0)
		return -1;
	return each_entry(cx, st, fn, arg);
}

int
store_issued_last_end(struct ctx *cx, const char *ca, int64_t *not_after)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	*not_after = 0;
	if (db_query(cx, &st,
		"SELECT coalesce(max(not_after), 0) FROM issued"
		" WHERE tenant_id = $1 AND ca_id = $2",
		"tt", TENANT_SYSTEM, ca) < 0)
		return -1;
	if ((r = db_step(cx, st)) > 0)
		*not_after = db_int(st, 0);
	return r < 0 ? -1 : 0;
}
