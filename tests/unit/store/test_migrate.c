/*
 * test_migrate.c - numbered migrations of our own: each in one piece, a copy
 * of the file before it
 */
#include <sqlite3.h>

#include "house.h"
#include "store/migrations.h"

/* Linked before the library's, so these are the program's. */
const struct migration migrations[] = {
	{ 1, "CREATE TABLE t (n INTEGER NOT NULL) STRICT;" },
	{ 2, "ALTER TABLE t ADD COLUMN word TEXT;" },
	{ 3,
	    "CREATE TABLE u (n INTEGER NOT NULL CHECK (n < 10)) STRICT; INSERT INTO u SELECT n FROM t;" },
};
const size_t migration_count = nitems(migrations);

static int64_t
ask(const char *file, const char *sql)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	int64_t n = -1;

	assert_int_equal(
	    sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
	    SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK) {
		n = 0;
		if (sqlite3_step(st) == SQLITE_ROW)
			n = sqlite3_column_int64(st, 0);
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

/* What an older program left: version 1, one row. */
static void
make_old(const char *n)
{
	char row[80];

	snprintf(row, sizeof(row), "INSERT INTO t VALUES (%s)", n);
	ask("certwright.db", "CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT");
	ask("certwright.db", "INSERT INTO schema_version VALUES (1)");
	ask("certwright.db", migrations[0].sql);
	ask("certwright.db", row);
}

static int
open_folder(void **state)
{
	static char folder[64];

	snprintf(folder, sizeof(folder), "/tmp/cw-migrate-XXXXXX");
	*state = folder;
	return mkdtemp(folder) == NULL ? -1 : chdir(folder);
}

static int
close_folder(void **state)
{
	static const char *const files[] = { "certwright.db", "certwright.db-wal",
		"certwright.db-shm", "certwright.db.before-0002", "certwright.db.before-0003" };

	for (size_t i = 0; i < nitems(files); i++)
		unlink(files[i]);
	return chdir("/") < 0 ? -1 : rmdir(*state);
}

static void
a_new_database_has_all_and_no_copy(void **state)
{
	struct db *db;
	struct err e = { 0 };

	assert_int_equal(db_open(&db, "certwright.db", &e), 0);
	db_close(db);
	assert_int_equal(ask("certwright.db", "SELECT version FROM schema_version"), 3);
	assert_int_equal(access("certwright.db.before-0002", F_OK), -1);
}

static void
a_copy_of_the_file_is_made_before_each_migration(void **state)
{
	struct db *db;
	struct err e = { 0 };

	make_old("7");
	assert_int_equal(db_open(&db, "certwright.db", &e), 0);
	db_close(db);
	assert_int_equal(ask("certwright.db", "SELECT version FROM schema_version"), 3);
	assert_int_equal(ask("certwright.db", "SELECT n FROM u"), 7);
	assert_int_equal(ask("certwright.db.before-0002", "SELECT version FROM schema_version"), 1);
	assert_int_equal(ask("certwright.db.before-0002", "SELECT n FROM t"), 7);
	assert_int_equal(ask("certwright.db.before-0002", "SELECT word FROM t"), -1);
	assert_int_equal(ask("certwright.db.before-0003", "SELECT version FROM schema_version"), 2);
	/* at once again: nothing to do, nothing copied */
	unlink("certwright.db.before-0003");
	assert_int_equal(db_open(&db, "certwright.db", &e), 0);
	db_close(db);
	assert_int_equal(access("certwright.db.before-0003", F_OK), -1);
}

static void
one_that_fails_leaves_the_version_before_it_whole(void **state)
{
	struct db *db;
	struct err e = { 0 };

	make_old("10");
	assert_int_equal(db_open(&db, "certwright.db", &e), -1);
	assert_true(e.message[0] != '\0');
	assert_int_equal(ask("certwright.db", "SELECT version FROM schema_version"), 2);
	assert_int_equal(ask("certwright.db", "SELECT n FROM u"), -1);
	assert_int_equal(ask("certwright.db", "SELECT n FROM t"), 10);
	/* the next start tries again, over the copy that was left */
	ask("certwright.db", "UPDATE t SET n = 9");
	err_clear(&e);
	assert_int_equal(db_open(&db, "certwright.db", &e), 0);
	db_close(db);
	assert_int_equal(ask("certwright.db", "SELECT n FROM u"), 9);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_folder, close_folder)
	const struct CMUnitTest tests[] = {
		T(a_new_database_has_all_and_no_copy),
		T(a_copy_of_the_file_is_made_before_each_migration),
		T(one_that_fails_leaves_the_version_before_it_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
