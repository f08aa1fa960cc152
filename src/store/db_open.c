/*
 * db_open.c - connections: durable by code, not by configuration
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "store/db_sqlite.h"

/*
 * The data directory is the working directory, and the folders above it may
 * not be searchable once the uid is dropped: the name is used as given, where
 * SQLite's own VFS would look at every folder of the full path.
 */
static int
name_as_given(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	if (snprintf(out, (size_t)size, "%s", name) >= size)
		return SQLITE_CANTOPEN;
	return SQLITE_OK;
}

static const char *
vfs_name(void)
{
	static sqlite3_vfs vfs;
	static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
	sqlite3_vfs *base;

	pthread_mutex_lock(&once);
	if (vfs.zName == NULL) /* a count of bytes is a lock that all threads share */
		sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (vfs.zName == NULL && (base = sqlite3_vfs_find(NULL)) != NULL) {
		vfs = *base;
		vfs.pNext = NULL;
		vfs.xFullPathname = name_as_given;
		vfs.zName = DB_VFS;
		sqlite3_vfs_register(&vfs, 0);
	}
	pthread_mutex_unlock(&once);
	return DB_VFS;
}

int
db_error(struct err *e, sqlite3 *handle, const char *what)
{
	int code = handle == NULL ? SQLITE_NOMEM : sqlite3_extended_errcode(handle);
	const char *text = handle == NULL ? "out of memory" : sqlite3_errmsg(handle);
	enum refusal r = R_DB_FAILED;

	switch (code & 0xff) {
	case SQLITE_FULL:
		r = R_DISK_FULL;
		break;
	case SQLITE_READONLY:
		r = R_READ_ONLY;
		break;
	case SQLITE_NOMEM:
		r = R_NOMEM;
		break;
	case SQLITE_CONSTRAINT:
		r = R_DB_CONSTRAINT;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		r = R_DB_DAMAGED;
		break;
	case SQLITE_IOERR:
		if (handle != NULL && sqlite3_system_errno(handle) == ENOSPC)
			r = R_DISK_FULL;
		break;
	}
	err_set(e, r, NULL, "could not %s: %s", what, text);
	if (r == R_DISK_FULL)
		err_hint(e,
		    "make room on the disk of the data directory; "
		    "writes resume by themselves");
	else if (r == R_READ_ONLY)
		err_hint(e, "make the data directory writable again");
	else if (r == R_DB_DAMAGED)
		err_hint(e,
		    "put a copy of certwright.db back; "
		    "the copies made before migrations lie beside it");
	else if (r == R_NOMEM)
		err_hint(e, "try again in a moment, or give the daemon more memory");
	else
		err_hint(e, "look at the disk of the data directory and at the log");
	return -1;
}

static int
pragma(sqlite3 *handle, const char *sql, struct err *e)
{
	if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(e, handle, "open the database");
	return 0;
}

int
db_connect(sqlite3 **out, const char *path, bool writer, struct err *e)
{
	static const char *const both[] = { "PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON", "PRAGMA mmap_size = 0",
		"PRAGMA temp_store = MEMORY" };
	static const char *const writing[] = { "PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
		"PRAGMA secure_delete = ON", "PRAGMA wal_autocheckpoint = 4000",
		"PRAGMA cache_size = -16384" };
	static const char *const reading[] = { "PRAGMA query_only = ON",
		"PRAGMA cache_size = -256" };
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
	    (writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
	const char *const *extra = writer ? writing : reading;
	size_t n = writer ? nitems(writing) : nitems(reading);
	sqlite3 *handle = NULL;
	int failed = 0;

	if (sqlite3_open_v2(path, &handle, flags, vfs_name()) != SQLITE_OK) {
		db_error(e, handle, "open the database");
		sqlite3_close(handle);
		return -1;
	}
	sqlite3_busy_timeout(handle, 10000);
	for (size_t i = 0; i < nitems(both) && !failed; i++)
		failed = pragma(handle, both[i], e);
	for (size_t i = 0; i < n && !failed; i++)
		failed = pragma(handle, extra[i], e);
	if (failed) {
		sqlite3_close(handle);
		return -1;
	}
	*out = handle;
	return 0;
}

int
db_open(struct db **out, const char *path, struct err *e)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		return err_nomem(e);
	pthread_mutex_init(&db->lock, NULL);
	db->rights = 1;
	snprintf(db->path, sizeof(db->path), "%s", path);
	if (db_connect(&db->writer.handle, path, true, e) < 0 || db_migrate(db, e) < 0) {
		db_close(db);
		return -1;
	}
	*out = db;
	return 0;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	db_cache_clear(&db->writer);
	sqlite3_close(db->writer.handle);
	pthread_mutex_destroy(&db->lock);
	free(db);
}

struct db_conn *
db_attach(struct db *db)
{
	struct db_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL)
		abort();
	conn->db = db;
	sem_init(&conn->ended, 0, 0);
	return conn;
}

void
db_detach(struct db_conn *conn)
{
	if (conn == NULL)
		return;
	db_cache_clear(&conn->reader);
	sqlite3_close(conn->reader.handle);
	sem_destroy(&conn->ended);
	free(conn);
}

void
db_on_group(struct db *db, void (*fn)(void *), void *arg)
{
	db->on_group = fn;
	db->on_group_arg = arg;
}
