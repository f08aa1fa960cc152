/*
 * db_migrate.c - numbered migrations, a copy of the file before each
 */
#include <stdio.h>
#include <unistd.h>

#include "store/db_sqlite.h"
#include "store/migrations.h"

static int
number(sqlite3 *handle, const char *sql, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int ok;

	if (sqlite3_prepare_v2(handle, sql, -1, &st, NULL) != SQLITE_OK)
		return -1;
	ok = sqlite3_step(st) == SQLITE_ROW;
	if (ok)
		*out = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return ok ? 0 : -1;
}

/* A whole file under another name, made by the database itself. */
static int
copy_before(struct db *db, int64_t version, struct err *e)
{
	char name[600], sql[700];

	snprintf(name, sizeof(name), "%s.before-%04d", db->path, (int)version);
	unlink(name); /* left by a migration that was cut short */
	snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", name);
	if (sqlite3_exec(db->writer.handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(e, db->writer.handle, "copy the database before migrating it");
	return 0;
}

static int
apply(struct db *db, const struct migration *m, struct err *e)
{
	sqlite3 *handle = db->writer.handle;
	char version[80];

	snprintf(version, sizeof(version), "UPDATE schema_version SET version = %d", m->version);
	if (sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(handle, m->sql, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(handle, version, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		db_error(e, handle, "migrate the database");
		sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return 0;
}

int
db_migrate(struct db *db, struct err *e)
{
	sqlite3 *handle = db->writer.handle;
	int64_t version = 0, found, latest = migrations[migration_count - 1].version;

	if (sqlite3_exec(handle,
		"CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT;"
		"INSERT INTO schema_version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version)",
		NULL, NULL, NULL) != SQLITE_OK)
		return db_error(e, handle, "open the database");
	if (number(handle, "SELECT version FROM schema_version", &version) < 0)
		return db_error(e, handle, "read the version of the database");
	if (version > latest) {
		err_set(e, R_DB_NEWER, NULL,
		    "the database (version %d) is newer than this program (%d)", (int)version,
		    (int)latest);
		return err_hint(e,
		    "install the newer Certwright again, or put back the copy "
		    "that it made before its migration");
	}
	found = version;
	for (size_t i = 0; i < migration_count; i++) {
		if (migrations[i].version <= version)
			continue;
		if (found > 0 && copy_before(db, migrations[i].version, e) < 0)
			return -1;
		if (apply(db, &migrations[i], e) < 0)
			return -1;
		version = migrations[i].version;
	}
	return 0;
}
