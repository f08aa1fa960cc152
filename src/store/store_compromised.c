/*
 * store_compromised.c - keys whose private half others have, in whatever tenant
 */
#include "store/rows.h"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct compromised_row *c = row;

	row_digest(st, 0, c->spki_sha256, cx->arena);
	c->source = db_text(st, 1, cx->arena);
	c->note = db_text(st, 2, cx->arena);
	c->marked_by = db_text(st, 3, cx->arena);
	c->marked_at = db_int(st, 4);
}

int
store_compromised_insert(struct ctx *cx, const struct compromised_row *c)
{
	return db_exec(cx,
	    "INSERT INTO compromised_key (spki_sha256, source, note, marked_by, marked_at)"
	    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
	    "bttti", (const void *)c->spki_sha256, (size_t)32, c->source, c->note, c->marked_by,
	    c->marked_at);
}

int
store_compromised_find(
    struct ctx *cx, const unsigned char spki_sha256[32], struct compromised_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_query(cx, &st,
		"SELECT spki_sha256, source, note, marked_by, marked_at FROM compromised_key"
		" WHERE spki_sha256 = $1",
		"b", spki_sha256, (size_t)32) < 0)
		return -1;
	if ((r = db_step(cx, st)) == 1)
		fill(cx, st, c);
	return r;
}

static void
fill_own(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct bad_key *b = row;

	b->name = db_text(st, 0, cx->arena);
	b->generation = db_int(st, 1);
	b->source = db_text(st, 2, cx->arena);
	b->of_ca = db_int(st, 3) != 0;
}

int
store_compromised_own(struct ctx *cx, struct bad_key **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT i.name, k.generation, c.source, 0, k.id AS newest FROM compromised_key c"
		" JOIN key k ON k.tenant_id = $1 AND k.spki_sha256 = c.spki_sha256"
		" JOIN identity i ON i.tenant_id = k.tenant_id AND i.id = k.identity_id"
		" WHERE k.state IN ($2, $3)"
		" UNION ALL SELECT a.authority, a.number, c.source, 1, a.id FROM compromised_key c"
		" JOIN ca a ON a.tenant_id = $1 AND a.spki_sha256 = c.spki_sha256"
		" WHERE a.state <> 'retired' ORDER BY newest DESC LIMIT 50",
		"tii", cx->tenant, (int64_t)KEY_READY, (int64_t)KEY_ACTIVE) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_own, out, n);
}
