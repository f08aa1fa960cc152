/*
 * store_revocation.c - CRLs, and who signs OCSP answers
 */
#include "store/rows.h"

/* Of those that lie close together only some are kept. */
static int
forget_last(struct ctx *cx, const char *ca, int64_t shard)
{
	return db_exec(cx,
	    "DELETE FROM crl WHERE tenant_id = $1 AND ca_id = $2 AND shard = $3 AND number ="
	    " (SELECT max(number) FROM crl WHERE tenant_id = $1 AND ca_id = $2 AND shard = $3)"
	    " AND EXISTS (SELECT 1 FROM crl AS o WHERE o.tenant_id = $1 AND o.ca_id = $2"
	    " AND o.shard = $3 AND o.number < crl.number"
	    " AND o.this_update > crl.this_update - $4)",
	    "ttii", cx->tenant, ca, shard, (int64_t)CRL_APART);
}

/* Before the newest of those that are no longer good nothing is needed. */
static int
forget_old(struct ctx *cx, const char *ca, int64_t shard)
{
	return db_exec(cx,
	    "DELETE FROM crl WHERE tenant_id = $1 AND ca_id = $2 AND shard = $3 AND number <"
	    " (SELECT max(number) FROM crl WHERE tenant_id = $1 AND ca_id = $2 AND shard = $3"
	    " AND next_update <= $4)",
	    "ttii", cx->tenant, ca, shard, cx->now);
}

int
store_crl_save(struct ctx *cx, const char *ca, int64_t shard, const struct crl_row *c)
{
	return forget_last(cx, ca, shard) < 0 || forget_old(cx, ca, shard) < 0
	    ? -1
	    : db_exec(cx,
		  "INSERT INTO crl (tenant_id, ca_id, shard, number, der, this_update, next_update)"
		  " VALUES ($1, $2, $3, $4, $5, $6, $7)",
		  "ttiibii", cx->tenant, ca, shard, c->number, (const void *)c->der, c->der_len,
		  c->this_update, c->next_update);
}

static int
load_crl(struct ctx *cx, struct db_stmt *st, const char *ca, int64_t shard, struct crl_row *c)
{
	int r;

	db_bind_text(st, 1, cx->tenant);
	db_bind_text(st, 2, ca);
	db_bind_int(st, 3, shard);
	db_bind_int(st, 4, cx->now);
	if ((r = db_step(cx, st)) < 0)
		return -1;
	if (r == 0)
		return row_none(cx, "CRL");
	c->number = db_int(st, 0);
	c->der = db_blob(st, 1, &c->der_len, cx->arena);
	c->this_update = db_int(st, 2);
	c->next_update = db_int(st, 3);
	return 0;
}

int
store_crl_load(struct ctx *cx, const char *ca, int64_t shard, struct crl_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_prepare(cx, &st,
		"SELECT number, der, this_update, next_update FROM crl"
		" WHERE tenant_id = $1 AND ca_id = $2 AND shard = $3"
		" ORDER BY number DESC LIMIT 1") < 0)
		return -1;
	return load_crl(cx, st, ca, shard, c);
}

int
store_crl_base(struct ctx *cx, const char *ca, int64_t shard, struct crl_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_prepare(cx, &st,
		"SELECT number, der, this_update, next_update FROM crl"
		" WHERE tenant_id = $1 AND ca_id = $2 AND shard = $3"
		" ORDER BY next_update > $4, CASE WHEN next_update > $4 THEN number ELSE -number END"
		" LIMIT 1") < 0)
		return -1;
	return load_crl(cx, st, ca, shard, c);
}

int
store_crl_address_add(struct ctx *cx, const char *ca, const char *base)
{
	return db_exec(cx,
	    "INSERT INTO crl_address (tenant_id, ca_id, base) VALUES ($1, $2, $3)"
	    " ON CONFLICT DO NOTHING",
	    "ttt", cx->tenant, ca, base);
}

static void
fill_address(struct ctx *cx, struct db_stmt *st, void *row)
{
	*(const char **)row = db_text(st, 0, cx->arena);
}

int
store_crl_addresses(struct ctx *cx, const char *ca, const char ***out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT base FROM crl_address WHERE tenant_id = $1 AND ca_id = $2"
		" ORDER BY base LIMIT 100",
		"tt", cx->tenant, ca) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_address, out, n);
}

int
store_ocsp_signer_save(struct ctx *cx, const char *ca, const struct ocsp_signer_row *s)
{
	return db_exec(cx,
	    "INSERT INTO ocsp_signer (tenant_id, ca_id, blob, spki, der, not_after)"
	    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, ca_id) DO UPDATE SET"
	    " blob = excluded.blob, spki = excluded.spki, der = excluded.der,"
	    " not_after = excluded.not_after",
	    "ttbbbi", cx->tenant, ca, (const void *)s->blob, s->blob_len, (const void *)s->spki,
	    s->spki_len, (const void *)s->der, s->der_len, s->not_after);
}

int
store_ocsp_signer_load(struct ctx *cx, const char *ca, struct ocsp_signer_row *s)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_query(cx, &st,
		"SELECT blob, spki, der, not_after FROM ocsp_signer"
		" WHERE tenant_id = $1 AND ca_id = $2",
		"tt", cx->tenant, ca) < 0)
		return -1;
	if ((r = db_step(cx, st)) < 0)
		return -1;
	if (r == 0)
		return row_none(cx, "OCSP signer");
	s->blob = db_blob(st, 0, &s->blob_len, cx->arena);
	s->spki = db_blob(st, 1, &s->spki_len, cx->arena);
	s->der = db_blob(st, 2, &s->der_len, cx->arena);
	s->not_after = db_int(st, 3);
	return 0;
}
