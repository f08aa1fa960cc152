/*
 * store_key.c - wrapped keys, opaque here
 */
#include "store/rows.h"

#define COLUMNS                                                                            \
	"id, identity_id, generation, type, origin, bits, exportable, state, blob, spki, " \
	"spki_sha256, created_at, destroyed_at, deliverable"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct key_row *k = row;

	row_id(st, 0, k->id, cx->arena);
	row_id(st, 1, k->identity, cx->arena);
	k->generation = db_int(st, 2);
	k->type = db_text(st, 3, cx->arena);
	k->origin = db_text(st, 4, cx->arena);
	k->bits = db_int(st, 5);
	k->exportable = db_int(st, 6) != 0;
	k->state = (enum key_state)db_int(st, 7);
	k->blob = db_blob(st, 8, &k->blob_len, cx->arena);
	k->spki = db_blob(st, 9, &k->spki_len, cx->arena);
	row_digest(st, 10, k->spki_sha256, cx->arena);
	k->created_at = db_int(st, 11);
	k->destroyed_at = db_int(st, 12);
	k->deliverable = db_int(st, 13) != 0;
}

int
store_key_insert(struct ctx *cx, const struct key_row *k)
{
	if (db_exec(cx,
		"INSERT INTO key (tenant_id, id, identity_id, generation, type, origin, bits,"
		" exportable, state, blob, spki, spki_sha256, created_at, deliverable)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
		" ON CONFLICT DO NOTHING",
		"tttittiiibbbii", cx->tenant, k->id, k->identity, k->generation, k->type, k->origin,
		k->bits, (int64_t)k->exportable, (int64_t)k->state, (const void *)k->blob,
		k->blob_len, (const void *)k->spki, k->spki_len, (const void *)k->spki_sha256,
		(size_t)32, k->created_at, (int64_t)k->deliverable) < 0)
		return -1;
	if (db_changes(cx) == 1)
		return 0;
	err_set(&cx->err, R_KEY_EXISTS, "file", "this key is here already");
	return err_hint(&cx->err, "use the key that is here; a destroyed key is never taken back");
}

int
store_key_load(struct ctx *cx, const char *id, struct key_row *k)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM key WHERE tenant_id = $1 AND id = $2", "tt",
		cx->tenant, id) < 0)
		return -1;
	return row_load(cx, st, "key", fill, k);
}

int
store_key_by_spki(struct ctx *cx, const unsigned char spki_sha256[32], struct key_row *k)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM key"
		" WHERE tenant_id = $1 AND spki_sha256 = $2",
		"tb", cx->tenant, spki_sha256, (size_t)32) < 0)
		return -1;
	return row_load(cx, st, "key", fill, k);
}

int
store_key_list(struct ctx *cx, const char *identity, struct key_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM key"
		" WHERE tenant_id = $1 AND identity_id = $2 ORDER BY generation DESC",
		"tt", cx->tenant, identity) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

static void
fill_rsa(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct rsa_key *r = row;

	fill(cx, st, &r->key);
	row_id(st, 14, r->tenant, cx->arena);
	r->name = db_text(st, 15, cx->arena);
}

int
store_key_list_rsa(struct ctx *cx, struct rsa_key **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT k.id, k.identity_id, k.generation, k.type, k.origin, k.bits,"
		" k.exportable, k.state, NULL, k.spki, k.spki_sha256, k.created_at,"
		" k.destroyed_at, k.deliverable, k.tenant_id, i.name FROM key k JOIN identity i"
		" ON i.tenant_id = k.tenant_id AND i.id = k.identity_id"
		" WHERE k.type LIKE 'rsa%' AND k.state <> $1"
		" UNION ALL SELECT id, '', number, type, '', 0, 0, $2, NULL, spki, spki_sha256,"
		" created_at, 0, 0, tenant_id, authority FROM ca WHERE type LIKE 'rsa%'",
		"ii", (int64_t)KEY_DESTROYED, (int64_t)KEY_ACTIVE) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_rsa, out, n);
}

/*
 * The newest key that was never installed; else the active one's. The
 * listener's own first key (generation 0) makes no CSR.
 */
int
store_key_for_csr(struct ctx *cx, const struct identity *i, struct key_row *k)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM key"
		" WHERE tenant_id = $1 AND identity_id = $2 AND generation > 0"
		" AND (state = $3 OR (state = $4 AND id ="
		" (SELECT key_id FROM certificate WHERE tenant_id = $1 AND id = $5)))"
		" ORDER BY generation DESC LIMIT 1",
		"ttiit", cx->tenant, i->id, (int64_t)KEY_READY, (int64_t)KEY_ACTIVE,
		row_ref(i->active)) < 0)
		return -1;
	if ((r = db_step(cx, st)) < 0)
		return -1;
	if (r == 0) {
		err_set(&cx->err, R_NO_KEY, NULL, "there is no private key to base a CSR on");
		return err_hint(&cx->err,
		    "regenerate or import one on SSL Private Key, "
		    "or with `certwright key generate`");
	}
	fill(cx, st, k);
	return 0;
}

int
store_key_update(struct ctx *cx, const struct key_row *k)
{
	if (db_exec(cx,
		"UPDATE key SET state = $3, blob = $4, destroyed_at = $5"
		" WHERE tenant_id = $1 AND id = $2",
		"ttibi", cx->tenant, k->id, (int64_t)k->state, (const void *)k->blob, k->blob_len,
		k->destroyed_at) < 0)
		return -1;
	return db_changes(cx) == 1 ? 0 : row_none(cx, "key");
}
