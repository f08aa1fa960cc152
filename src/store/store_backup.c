/*
 * store_backup.c - what a copy of the database is asked
 */
#include "store/rows.h"

int
store_schema(struct ctx *cx, int64_t *version)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	*version = 0;
	if (db_query(cx, &st, "SELECT version FROM schema_version", "") < 0)
		return -1;
	if ((r = db_step(cx, st)) > 0)
		*version = db_int(st, 0);
	return r < 0 ? -1 : 0;
}

int
store_integrity(struct ctx *cx, const char **fault)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	*fault = NULL;
	if (db_query(cx, &st, "PRAGMA integrity_check(1)", "") < 0 || db_step(cx, st) < 0)
		return -1;
	*fault = db_text(st, 0, cx->arena);
	if (*fault != NULL && strcmp(*fault, "ok") == 0)
		*fault = NULL;
	return 0;
}

int
store_blobs(struct ctx *cx, int (*each)(struct ctx *, const void *blob, size_t, void *), void *arg)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	AUTO(arena) struct arena *own = arena_new();
	struct arena *request = cx->arena;
	const void *blob;
	size_t len;
	int r = 0, rc = 0;

	if (db_query(cx, &st,
		"SELECT blob FROM key WHERE blob IS NOT NULL"
		" UNION ALL SELECT blob FROM ca WHERE blob IS NOT NULL"
		" UNION ALL SELECT blob FROM ocsp_signer"
		" UNION ALL SELECT value FROM setting WHERE name = 'audit.key'",
		"") < 0)
		return -1;
	cx->arena = own;
	while (rc == 0 && (r = db_step(cx, st)) > 0) {
		blob = db_blob(st, 0, &len, own);
		rc = each(cx, blob, len, arg);
		arena_reset(own);
	}
	cx->arena = request;
	return r < 0 || rc < 0 ? -1 : 0;
}
