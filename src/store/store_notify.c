/*
 * store_notify.c - whom a tenant has told of what happens, and what was told
 */
#include "store/notify.h"
#include "store/rows.h"

#define NOTIFY_COLUMNS                                                                  \
	"n.tenant_id, n.addresses, n.webhook, n.webhook_ca, n.secret, n.parts, n.days," \
	" n.minutes, n.since"
#define DIGEST_COLUMNS                                                                 \
	"tenant_id, id, channel, subject, body, created_at, tries, next_at, ended_at," \
	" failure"

/* ---- whom, and of what ---------------------------------------------------------- */

static void
fill_notify(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct notify_row *r = row;

	row_id(st, 0, r->tenant, cx->arena);
	r->addresses = db_text(st, 1, cx->arena);
	r->webhook = db_text(st, 2, cx->arena);
	r->webhook_ca = db_text(st, 3, cx->arena);
	r->secret = db_is_null(st, 4) ? NULL : db_blob(st, 4, &r->secret_len, cx->arena);
	r->parts = db_text(st, 5, cx->arena);
	r->days = db_text(st, 6, cx->arena);
	r->minutes = db_int(st, 7);
	r->since = db_int(st, 8);
}

int
store_notify_load(struct ctx *cx, struct notify_row *r)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	memset(r, 0, sizeof(*r));
	if (db_query(cx, &st, "SELECT " NOTIFY_COLUMNS " FROM notify AS n WHERE n.tenant_id = $1",
		"t", cx->tenant) < 0)
		return -1;
	return row_find(cx, st, fill_notify, r);
}

int
store_notify_save(struct ctx *cx, const struct notify_row *r)
{
	return db_exec(cx,
	    "INSERT INTO notify (tenant_id, addresses, webhook, webhook_ca, secret, parts, days,"
	    " minutes, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	    " ON CONFLICT (tenant_id) DO UPDATE SET addresses = $2, webhook = $3,"
	    " webhook_ca = $4, secret = $5, parts = $6, days = $7, minutes = $8, since = $9",
	    "ttttbttii", cx->tenant, r->addresses, r->webhook, r->webhook_ca,
	    (const void *)r->secret, r->secret_len, r->parts, r->days, r->minutes, r->since);
}

int
store_notify_walk(
    struct ctx *cx, const char *after, size_t limit, struct notify_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " NOTIFY_COLUMNS " FROM notify AS n JOIN tenant AS t ON t.id = n.tenant_id"
		" WHERE n.tenant_id > $1 AND t.state <> 'deleted'"
		" ORDER BY n.tenant_id LIMIT $2",
		"ti", after, (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_notify, out, n);
}

/* ---- what is on its way --------------------------------------------------------- */

static void
fill_digest(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct digest_row *r = row;

	row_id(st, 0, r->tenant, cx->arena);
	row_id(st, 1, r->id, cx->arena);
	r->channel = db_text(st, 2, cx->arena);
	r->subject = db_text(st, 3, cx->arena);
	r->body = db_text(st, 4, cx->arena);
	r->created_at = db_int(st, 5);
	r->tries = db_int(st, 6);
	r->next_at = db_int(st, 7);
	r->ended_at = db_int(st, 8);
	r->failure = db_text(st, 9, cx->arena);
}

int
store_digest_insert(struct ctx *cx, const struct digest_row *r)
{
	return db_exec(cx,
	    "INSERT INTO digest (tenant_id, id, channel, subject, body, created_at, next_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
	    "tttttii", cx->tenant, r->id, r->channel, r->subject, r->body, r->created_at,
	    r->next_at);
}

int
store_digest_update(struct ctx *cx, const struct digest_row *r)
{
	return db_exec(cx,
	    "UPDATE digest SET tries = $3, next_at = $4, ended_at = $5, failure = $6"
	    " WHERE tenant_id = $1 AND id = $2",
	    "ttiiit", cx->tenant, r->id, r->tries, r->next_at, r->ended_at, r->failure);
}

int
store_digest_newest(struct ctx *cx, const char *channel, struct digest_row *r)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " DIGEST_COLUMNS " FROM digest WHERE tenant_id = $1 AND channel = $2"
		" ORDER BY id DESC LIMIT 1",
		"tt", cx->tenant, channel) < 0)
		return -1;
	return row_find(cx, st, fill_digest, r);
}

int
store_digest_list(struct ctx *cx, size_t limit, struct digest_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " DIGEST_COLUMNS " FROM digest WHERE tenant_id = $1"
		" ORDER BY id DESC LIMIT $2",
		"ti", cx->tenant, (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_digest, out, n);
}

int
store_digest_due(struct ctx *cx, struct digest_row *r)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " DIGEST_COLUMNS " FROM digest WHERE ended_at = 0"
		" AND (next_at <= $1 OR next_at > $2) ORDER BY next_at LIMIT 1",
		"ii", cx->now, (int64_t)(cx->now + DIGEST_DELAY_MAX_S)) < 0)
		return -1;
	return row_find(cx, st, fill_digest, r);
}

int
store_digest_drop(struct ctx *cx, const char *channel)
{
	return db_exec(cx,
		   "DELETE FROM told WHERE tenant_id = $1 AND channel = $2 AND digest IN"
		   " (SELECT id FROM digest WHERE tenant_id = $1 AND channel = $2"
		   " AND ended_at = 0)",
		   "tt", cx->tenant, channel) < 0
	    ? -1
	    : db_exec(cx,
		  "DELETE FROM digest WHERE tenant_id = $1 AND channel = $2 AND ended_at = 0", "tt",
		  cx->tenant, channel);
}

int
store_digest_forget(struct ctx *cx, int64_t before)
{
	return db_exec(cx,
	    "DELETE FROM digest WHERE tenant_id = $1 AND ended_at > 0 AND ended_at < $2", "ti",
	    cx->tenant, before);
}

/* ---- certificates that were revoked ------------------------------------------------- */

/* They are in the system's lists; whose they were says the owner. The condition
 * that seems to say nothing is the index's. */
#define UNTOLD                                                                \
	" FROM issued AS i WHERE i.owner = $1 AND i.revoked_at > 0"           \
	" AND i.revoked_at > $3 AND NOT EXISTS"                               \
	" (SELECT 1 FROM told AS t WHERE t.tenant_id = $1 AND t.channel = $2" \
	" AND t.kind = 'revoked' AND t.object = i.id)"

static void
fill_revoked(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct revoked_row *r = row;

	r->serial = db_text(st, 0, cx->arena);
	r->name = db_text(st, 1, cx->arena);
	r->revoked_at = db_int(st, 2);
	r->held = db_int(st, 3) != 0;
}

int
store_revoked_untold(struct ctx *cx, const char *channel, int64_t since, size_t limit,
    struct revoked_row **out, size_t *n, int64_t *all)
{
	AUTO(db_stmt) struct db_stmt *count = NULL;
	AUTO(db_stmt) struct db_stmt *st = NULL;

	*n = 0;
	*all = 0;
	if (db_query(cx, &count, "SELECT count(*)" UNTOLD, "tti", cx->tenant, channel, since) < 0 ||
	    db_step(cx, count) < 0)
		return -1;
	*all = db_int(count, 0);
	if (*all == 0)
		return 0;
	if (db_query(cx, &st,
		"SELECT i.serial, i.name, i.revoked_at, i.state = 'held'" UNTOLD
		" ORDER BY i.revoked_at DESC LIMIT $4",
		"ttii", cx->tenant, channel, since, (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_revoked, out, n);
}

int
store_revoked_told(struct ctx *cx, const char *channel, int64_t since, const char *digest)
{
	return db_exec(cx,
	    "INSERT INTO told (tenant_id, channel, kind, object, threshold, digest, gone_at)"
	    " SELECT $1, $2, 'revoked', i.id, '', $4, $5" UNTOLD,
	    "ttiti", cx->tenant, channel, since, digest, cx->now);
}

/* ---- what was told ------------------------------------------------------------------- */

static void
fill_told(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct told_row *r = row;

	r->channel = db_text(st, 0, cx->arena);
	r->kind = db_text(st, 1, cx->arena);
	r->object = db_text(st, 2, cx->arena);
	r->threshold = db_text(st, 3, cx->arena);
	r->digest = db_text(st, 4, cx->arena);
	r->gone_at = db_int(st, 5);
}

int
store_told_insert(struct ctx *cx, const struct told_row *r)
{
	return db_exec(cx,
	    "INSERT INTO told (tenant_id, channel, kind, object, threshold, digest)"
	    " VALUES ($1, $2, $3, $4, $5, $6)",
	    "tttttt", cx->tenant, r->channel, r->kind, r->object, r->threshold, r->digest);
}

int
store_told_list(struct ctx *cx, const char *channel, struct told_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT channel, kind, object, threshold, digest, gone_at FROM told"
		" WHERE tenant_id = $1 AND channel = $2 ORDER BY kind, object, threshold",
		"tt", cx->tenant, channel) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_told, out, n);
}

int
store_told_gone(struct ctx *cx, const struct told_row *r, int64_t gone_at)
{
	return db_exec(cx,
	    "UPDATE told SET gone_at = $6 WHERE tenant_id = $1 AND channel = $2 AND kind = $3"
	    " AND object = $4 AND threshold = $5",
	    "ttttti", cx->tenant, r->channel, r->kind, r->object, r->threshold, gone_at);
}

int
store_told_delete(struct ctx *cx, const struct told_row *r)
{
	return db_exec(cx,
	    "DELETE FROM told WHERE tenant_id = $1 AND channel = $2 AND kind = $3"
	    " AND object = $4 AND threshold = $5",
	    "ttttt", cx->tenant, r->channel, r->kind, r->object, r->threshold);
}
