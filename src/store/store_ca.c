/*
 * store_ca.c - certificates and keys of our own certification authorities
 */
#include "store/rows.h"

#define COLUMNS                                                                                     \
	"id, authority, role, state, parent_id, number, type, key_id, blob, spki, spki_sha256, "    \
	"csr, der, chain, subject, serial, sha256, not_before, not_after, crl_number, created_at, " \
	"shards"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct ca_row *c = row;

	row_id(st, 0, c->id, cx->arena);
	c->authority = db_text(st, 1, cx->arena);
	c->role = db_text(st, 2, cx->arena);
	c->state = db_text(st, 3, cx->arena);
	row_id(st, 4, c->parent, cx->arena);
	c->number = db_int(st, 5);
	c->type = db_text(st, 6, cx->arena);
	row_id(st, 7, c->key, cx->arena);
	c->blob = db_blob(st, 8, &c->blob_len, cx->arena);
	c->spki = db_blob(st, 9, &c->spki_len, cx->arena);
	row_digest(st, 10, c->spki_sha256, cx->arena);
	c->csr = db_blob(st, 11, &c->csr_len, cx->arena);
	c->der = db_blob(st, 12, &c->der_len, cx->arena);
	c->chain = db_blob(st, 13, &c->chain_len, cx->arena);
	c->subject = db_text(st, 14, cx->arena);
	c->serial = db_text(st, 15, cx->arena);
	row_digest(st, 16, c->sha256, cx->arena);
	c->not_before = db_int(st, 17);
	c->not_after = db_int(st, 18);
	c->crl_number = db_int(st, 19);
	c->created_at = db_int(st, 20);
	c->shards = db_int(st, 21);
}

int
store_ca_insert(struct ctx *cx, const struct ca_row *c)
{
	return db_exec(cx,
	    "INSERT INTO ca (tenant_id, id, authority, role, state, parent_id, number, type, key_id,"
	    " blob, spki, spki_sha256, csr, der, chain, subject, serial, sha256, not_before,"
	    " not_after, crl_number, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
	    " $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
	    "ttttttittbbbbbbttbiiii", cx->tenant, c->id, c->authority, c->role, c->state,
	    row_ref(c->parent), c->number, c->type, c->key, (const void *)c->blob, c->blob_len,
	    (const void *)c->spki, c->spki_len, (const void *)c->spki_sha256, (size_t)32,
	    (const void *)c->csr, c->csr_len, (const void *)c->der, c->der_len,
	    (const void *)c->chain, c->chain_len, c->subject, c->serial, (const void *)c->sha256,
	    (size_t)32, c->not_before, c->not_after, c->crl_number, c->created_at);
}

int
store_ca_load(struct ctx *cx, const char *id, struct ca_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM ca WHERE tenant_id = $1 AND id = $2", "tt",
		cx->tenant, id) < 0)
		return -1;
	return row_load(cx, st, "CA certificate", fill, c);
}

int
store_ca_by_key(struct ctx *cx, const char *key, struct ca_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st, "SELECT " COLUMNS " FROM ca WHERE tenant_id = $1 AND key_id = $2",
		"tt", cx->tenant, key) < 0)
		return -1;
	return row_load(cx, st, "CA certificate", fill, c);
}

int
store_ca_list(struct ctx *cx, const char *authority, struct ca_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM ca WHERE tenant_id = $1"
		" AND ($2 IS NULL OR authority = $2) ORDER BY id DESC LIMIT 1000",
		"tt", cx->tenant, authority) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_ca_update(struct ctx *cx, const struct ca_row *c)
{
	return db_exec(cx,
	    "UPDATE ca SET state = $3, parent_id = $4, key_id = $5, blob = $6, der = $7,"
	    " chain = $8, subject = $9, serial = $10, sha256 = $11, not_before = $12,"
	    " not_after = $13 WHERE tenant_id = $1 AND id = $2",
	    "tttttbbbttbii", cx->tenant, c->id, c->state, row_ref(c->parent), c->key,
	    (const void *)c->blob, c->blob_len, (const void *)c->der, c->der_len,
	    (const void *)c->chain, c->chain_len, c->subject, c->serial, (const void *)c->sha256,
	    (size_t)32, c->not_before, c->not_after);
}

int
store_ca_raise_crl_numbers(struct ctx *cx, int64_t at_least)
{
	return db_exec(cx,
	    "UPDATE ca SET crl_number = $1 WHERE crl_number < $1 AND der IS NOT NULL", "i",
	    at_least);
}

int
store_ca_set_crl_number(struct ctx *cx, const char *id, int64_t number)
{
	return db_exec(cx, "UPDATE ca SET crl_number = $3 WHERE tenant_id = $1 AND id = $2", "tti",
	    cx->tenant, id, number);
}

int
store_ca_raise_shards(struct ctx *cx, const char *id, int64_t shards)
{
	return db_exec(cx,
	    "UPDATE ca SET shards = max(shards, $3) WHERE tenant_id = $1 AND id = $2", "tti",
	    cx->tenant, id, shards);
}
