/*
 * store_cert.c - certificates, and the history of what was served
 */
#include "store/rows.h"

#define COLUMNS                                                                                \
	"id, identity_id, key_id, request_id, der, chain, sha256, spki_sha256, serial, "       \
	"subject, issuer, common_name, names, not_before, not_after, origin, sheet, verdict, " \
	"override_reason, created_at"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct cert_row *c = row;

	row_id(st, 0, c->id, cx->arena);
	row_id(st, 1, c->identity, cx->arena);
	row_id(st, 2, c->key, cx->arena);
	row_id(st, 3, c->request, cx->arena);
	c->der = db_blob(st, 4, &c->der_len, cx->arena);
	c->chain = db_blob(st, 5, &c->chain_len, cx->arena);
	row_digest(st, 6, c->sha256, cx->arena);
	row_digest(st, 7, c->spki_sha256, cx->arena);
	c->serial = db_text(st, 8, cx->arena);
	c->subject = db_text(st, 9, cx->arena);
	c->issuer = db_text(st, 10, cx->arena);
	c->common_name = db_text(st, 11, cx->arena);
	c->names = db_text(st, 12, cx->arena);
	c->not_before = db_int(st, 13);
	c->not_after = db_int(st, 14);
	c->origin = db_text(st, 15, cx->arena);
	c->sheet = db_text(st, 16, cx->arena);
	c->verdict = db_text(st, 17, cx->arena);
	c->override_reason = db_text(st, 18, cx->arena);
	c->created_at = db_int(st, 19);
}

int
store_cert_insert(struct ctx *cx, const struct cert_row *c)
{
	const void *chain = c->chain == NULL ? (const void *)"" : c->chain;

	if (db_exec(cx,
		"INSERT INTO certificate (tenant_id, id, identity_id, key_id, request_id, der,"
		" chain, sha256, spki_sha256, serial, subject, issuer, common_name, names, not_before,"
		" not_after, origin, sheet, verdict, override_reason, created_at)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
		" $18, $19, $20, $21) ON CONFLICT DO NOTHING",
		"tttttbbbbtttttiitttti", cx->tenant, c->id, c->identity, c->key,
		row_ref(c->request), (const void *)c->der, c->der_len, chain, c->chain_len,
		(const void *)c->sha256, (size_t)32, (const void *)c->spki_sha256, (size_t)32,
		c->serial, c->subject, c->issuer, c->common_name, c->names, c->not_before,
		c->not_after, c->origin, c->sheet, c->verdict, c->override_reason,
		c->created_at) < 0)
		return -1;
	if (db_changes(cx) == 1)
		return 0;
	err_set(&cx->err, R_CERT_EXISTS, NULL, "this certificate is here already");
	return err_hint(&cx->err, "roll back to it if another one is served");
}

int
store_cert_update(struct ctx *cx, const struct cert_row *c)
{
	const void *chain = c->chain == NULL ? (const void *)"" : c->chain;

	return db_exec(cx,
	    "UPDATE certificate SET chain = $3, request_id = $4, sheet = $5, verdict = $6,"
	    " override_reason = $7 WHERE tenant_id = $1 AND sha256 = $2",
	    "tbbtttt", cx->tenant, (const void *)c->sha256, (size_t)32, chain, c->chain_len,
	    row_ref(c->request), c->sheet, c->verdict, c->override_reason);
}

int
store_cert_replace(struct ctx *cx, const struct cert_row *c)
{
	return db_exec(cx,
	    "UPDATE certificate SET identity_id = $3, key_id = $4, der = $5, sha256 = $6,"
	    " spki_sha256 = $7, subject = $8, common_name = $9, names = $10, not_before = $11,"
	    " not_after = $12, origin = $13 WHERE tenant_id = $1 AND id = $2",
	    "ttttbbbtttiit", cx->tenant, c->id, c->identity, c->key, (const void *)c->der,
	    c->der_len, (const void *)c->sha256, (size_t)32, (const void *)c->spki_sha256,
	    (size_t)32, c->subject, c->common_name, c->names, c->not_before, c->not_after,
	    c->origin);
}

int
store_cert_by_number(struct ctx *cx, const char *issuer, const char *serial, struct cert_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM certificate"
		" WHERE tenant_id = $1 AND issuer = $2 AND serial = $3",
		"ttt", cx->tenant, issuer, serial) < 0)
		return -1;
	return row_find(cx, st, fill, c);
}

int
store_cert_load(struct ctx *cx, const char *id, struct cert_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM certificate"
		" WHERE tenant_id = $1 AND id = $2",
		"tt", cx->tenant, id) < 0)
		return -1;
	return row_load(cx, st, "certificate", fill, c);
}

int
store_cert_by_sha256(struct ctx *cx, const unsigned char sha256[32], struct cert_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM certificate"
		" WHERE tenant_id = $1 AND sha256 = $2",
		"tb", cx->tenant, sha256, (size_t)32) < 0)
		return -1;
	return row_load(cx, st, "certificate", fill, c);
}

int
store_cert_of_request(struct ctx *cx, const char *request, struct cert_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM certificate WHERE tenant_id = $1 AND identity_id ="
		" (SELECT identity_id FROM request WHERE tenant_id = $1 AND id = $2)"
		" AND request_id = $2 ORDER BY id DESC LIMIT 1",
		"tt", cx->tenant, request) < 0)
		return -1;
	return row_find(cx, st, fill, c);
}

int
store_cert_list(struct ctx *cx, const char *identity, struct cert_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT " COLUMNS " FROM certificate"
		" WHERE tenant_id = $1 AND identity_id = $2 ORDER BY id DESC LIMIT 1000",
		"tt", cx->tenant, identity) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_install_add(struct ctx *cx, const char *identity, const struct install_row *i)
{
	char id[ID_SIZE];

	id_new(id);
	return db_exec(cx,
	    "INSERT INTO install (tenant_id, id, identity_id, certificate_id, act,"
	    " actor, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	    "ttttttti", cx->tenant, id, identity, i->certificate, i->act, i->actor, i->reason,
	    i->at);
}

static void
fill_install(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct install_row *i = row;

	row_id(st, 0, i->certificate, cx->arena);
	i->act = db_text(st, 1, cx->arena);
	i->actor = db_text(st, 2, cx->arena);
	i->reason = db_text(st, 3, cx->arena);
	i->at = db_int(st, 4);
}

int
store_install_list(struct ctx *cx, const char *identity, struct install_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT certificate_id, act, actor, reason, at FROM install"
		" WHERE tenant_id = $1 AND identity_id = $2 ORDER BY id DESC LIMIT 200",
		"tt", cx->tenant, identity) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill_install, out, n);
}
