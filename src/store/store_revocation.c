/*
 * store_revocation.c - CRLs, and who signs OCSP answers
 */
#include "store/rows.h"

int
store_crl_save(struct ctx *cx, const char *ca, const struct crl_row *c)
{
	return db_exec(cx,
	    "INSERT INTO crl (tenant_id, ca_id, number, der, this_update, next_update)"
	    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, ca_id) DO UPDATE SET"
	    " number = excluded.number, der = excluded.der, this_update = excluded.this_update,"
	    " next_update = excluded.next_update",
	    "ttibii", cx->tenant, ca, c->number, (const void *)c->der, c->der_len, c->this_update,
	    c->next_update);
}

int
store_crl_load(struct ctx *cx, const char *ca, struct crl_row *c)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (db_prepare(cx, &st,
		"SELECT number, der, this_update, next_update FROM crl"
		" WHERE tenant_id = $1 AND ca_id = $2") < 0)
		return -1;
	db_bind_text(st, 1, cx->tenant);
	db_bind_text(st, 2, ca);
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

	if (db_prepare(cx, &st,
		"SELECT blob, spki, der, not_after FROM ocsp_signer"
		" WHERE tenant_id = $1 AND ca_id = $2") < 0)
		return -1;
	db_bind_text(st, 1, cx->tenant);
	db_bind_text(st, 2, ca);
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
