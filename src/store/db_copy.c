/*
 * db_copy.c - the database as it is at one moment, in a file of its own
 */
#include <stdio.h>
#include <unistd.h>

#include "store/db_sqlite.h"

int
db_copy(struct ctx *cx, const char *path)
{
	struct db *db = cx->db->db;
	sqlite3 *handle = NULL;
	char sql[600];
	int r = 0;

	/* without query_only, which would hold for the copy, too */
	if (sqlite3_open_v2(db->path, &handle,
		SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
		DB_VFS) != SQLITE_OK ||
	    snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", path) >= (int)sizeof(sql))
		r = db_error(&cx->err, handle, "open the database");
	if (r == 0) {
		sqlite3_busy_timeout(handle, 10000);
		if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
			r = db_error(&cx->err, handle, "copy the database");
	}
	sqlite3_close(handle);
	if (r < 0)
		unlink(path);
	return r;
}

int
db_open_copy(struct db **out, const char *path, struct err *e)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		return err_nomem(e);
	pthread_mutex_init(&db->lock, NULL);
	db->rights = 1;
	snprintf(db->path, sizeof(db->path), "%s", path);
	*out = db;
	return 0;
}
