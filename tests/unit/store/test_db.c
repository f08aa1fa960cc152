/*
 * test_db.c - the driver: placeholders, groups, failures, migrations
 *
 * db_group.c, db_open.c, db_stmt.c
 */
#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>

#include "house.h"
#include "store/db_sqlite.h"

void db_test_fail(int n);

static void
placeholders_are_bound_by_number_in_any_order(void **state)
{
	struct house *h = *state;
	AUTO(db_stmt) struct db_stmt *st = NULL;

	OK(db_prepare(&h->cx, &st, "SELECT $2, $1, $2"));
	db_bind_text(st, 1, "one");
	db_bind_text(st, 2, "two");
	assert_int_equal(db_step(&h->cx, st), 1);
	assert_string_equal(db_text(st, 0, h->cx.arena), "two");
	assert_string_equal(db_text(st, 1, h->cx.arena), "one");
	assert_string_equal(db_text(st, 2, h->cx.arena), "two");
}

static void
P1_the_writer_is_durable_by_code(void **state)
{
	static const struct {
		const char *sql;
		const char *want;
	} cases[] = {
		{ "PRAGMA journal_mode", "wal" },
		{ "PRAGMA synchronous", "2" },
		{ "PRAGMA foreign_keys", "1" },
		{ "PRAGMA secure_delete", "1" },
		{ "PRAGMA trusted_schema", "0" },
		{ "PRAGMA cell_size_check", "1" },
	};
	struct house *h = *state;

	OK(db_begin(&h->cx));
	for (size_t i = 0; i < nitems(cases); i++) {
		AUTO(db_stmt) struct db_stmt *st = NULL;

		OK(db_prepare(&h->cx, &st, cases[i].sql));
		assert_int_equal(db_step(&h->cx, st), 1);
		assert_string_equal(db_text(st, 0, h->cx.arena), cases[i].want);
	}
	db_rollback(&h->cx);
}

static void
P25_a_reading_request_cannot_write(void **state)
{
	struct house *h = *state;

	h->cx.read_only = true;
	REFUSED(db_begin(&h->cx), R_INTERNAL);
	assert_int_equal(db_exec(&h->cx, "DELETE FROM setting", ""), -1);
	err_clear(&h->cx.err);
	h->cx.read_only = false;
}

#define THREADS 32
#define EACH	20

static void *
writes(void *arg)
{
	struct house *h = arg;
	struct ctx cx;

	ctx_open(&cx, h->db);
	for (int i = 0; i < EACH; i++) {
		char id[ID_SIZE];

		id_new(id);
		if (db_begin(&cx) < 0 || store_setting_save(&cx, id, "x") < 0 ||
		    audit(&cx, "test.write", id, NULL) < 0 || db_commit(&cx) < 0)
			fprintf(stderr, "%s\n", cx.err.message);
		arena_reset(cx.arena);
	}
	ctx_close(&cx);
	return NULL;
}

static void
P1_many_writers_share_commits_and_none_is_lost(void **state)
{
	struct house *h = *state;
	pthread_t t[THREADS];
	int64_t sequence;
	unsigned char head[32];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, writes, h), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	OK(store_audit_head(&h->cx, &sequence, head));
	assert_int_equal(sequence, THREADS * EACH);
	assert_true(h->db->groups < THREADS * EACH);
}

static void
one_member_that_fails_does_not_hurt_the_others(void **state)
{
	struct house *h = *state;
	const char *value;

	OK(db_begin(&h->cx));
	OK(store_setting_save(&h->cx, "before", "1"));
	OK(db_commit(&h->cx));
	OK(db_begin(&h->cx));
	OK(store_setting_save(&h->cx, "lost", "1"));
	REFUSED(db_exec(&h->cx,
		    "INSERT INTO setting (tenant_id, name, value) VALUES ('none', 'x', 1)", ""),
	    R_DB_CONSTRAINT);
	db_rollback(&h->cx);
	OK(store_setting_load(&h->cx, "lost", &value));
	assert_null(value);
	OK(store_setting_load(&h->cx, "before", &value));
	assert_string_equal(value, "1");
}

static void
P7_a_group_that_cannot_commit_tells_everyone_and_writes_resume(void **state)
{
	struct house *h = *state;
	const char *value;

	OK(db_begin(&h->cx));
	OK(store_setting_save(&h->cx, "full", "1"));
	db_test_fail(1);
	REFUSED(db_commit(&h->cx), R_DISK_FULL);
	OK(store_setting_load(&h->cx, "full", &value));
	assert_null(value);
	OK(db_begin(&h->cx));
	OK(store_setting_save(&h->cx, "full", "2"));
	OK(db_commit(&h->cx));
	OK(store_setting_load(&h->cx, "full", &value));
	assert_string_equal(value, "2");
}

static void
nested_and_missing_transactions_are_refused(void **state)
{
	struct house *h = *state;

	REFUSED(db_commit(&h->cx), R_INTERNAL);
	OK(db_begin(&h->cx));
	REFUSED(db_begin(&h->cx), R_INTERNAL);
	db_rollback(&h->cx);
	db_rollback(&h->cx);
}

static void
P1_what_was_acknowledged_survives_kill_9(void **state)
{
	struct house *h = *state;
	int fd[2];
	pid_t pid;
	char id[ID_SIZE], first[ID_SIZE];
	const char *value;
	size_t n = 0;

	assert_int_equal(pipe(fd), 0);
	if ((pid = fork()) == 0) {
		struct err e = { 0 };
		struct db *db;
		struct ctx cx;

		if (db_open(&db, "killed.db", &e) < 0)
			_exit(1);
		ctx_open(&cx, db);
		for (;;) {
			id_new(id);
			if (db_begin(&cx) < 0 || store_setting_save(&cx, id, "x") < 0 ||
			    db_commit(&cx) < 0 || write(fd[1], id, ID_SIZE) != ID_SIZE)
				_exit(1);
		}
	}
	close(fd[1]);
	assert_int_equal(read(fd[0], first, ID_SIZE), ID_SIZE); /* it is under way */
	usleep(50000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);

	struct err e = { 0 };
	struct db *db;
	struct ctx cx;

	assert_int_equal(db_open(&db, "killed.db", &e), 0);
	ctx_open(&cx, db);
	for (memcpy(id, first, ID_SIZE); n == 0 || read(fd[0], id, ID_SIZE) == ID_SIZE;) {
		OK(store_setting_load(&cx, id, &value));
		assert_non_null(value);
		n++;
	}
	close(fd[0]);
	ctx_close(&cx);
	db_close(db);
	unlink("killed.db");
	unlink("killed.db-wal");
	unlink("killed.db-shm");
	(void)h;
}

static void
opening(const char *sql, const void *bytes, size_t len, enum refusal want)
{
	struct err e = { 0 };
	struct db *db = NULL;
	sqlite3 *raw;
	int fd;

	unlink("other.db");
	if (sql != NULL) {
		assert_int_equal(db_open(&db, "other.db", &e), 0);
		db_close(db);
		assert_int_equal(sqlite3_open("other.db", &raw), SQLITE_OK);
		assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(raw);
	} else {
		fd = open("other.db", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(write(fd, bytes, len), len);
		close(fd);
	}
	assert_int_equal(db_open(&db, "other.db", &e), -1);
	assert_string_equal(refusal_id(e.refusal), refusal_id(want));
	assert_true(e.hint[0] != '\0');
	unlink("other.db");
	unlink("other.db-wal");
	unlink("other.db-shm");
}

static void
a_newer_or_damaged_database_is_refused_with_a_hint(void **state)
{
	static const char noise[4096] = "this is not a database";

	opening("UPDATE schema_version SET version = 9999", NULL, 0, R_DB_NEWER);
	opening(NULL, noise, sizeof(noise), R_DB_DAMAGED);
}

static void
a_folder_that_is_not_there_is_said(void **state)
{
	struct err e = { 0 };
	struct db *db = NULL;

	assert_int_equal(db_open(&db, "no/such/folder/x.db", &e), -1);
	assert_string_equal(refusal_id(e.refusal), refusal_id(R_DB_FAILED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders_are_bound_by_number_in_any_order),
		cmocka_unit_test(P1_the_writer_is_durable_by_code),
		cmocka_unit_test(P25_a_reading_request_cannot_write),
		cmocka_unit_test(P1_many_writers_share_commits_and_none_is_lost),
		cmocka_unit_test(one_member_that_fails_does_not_hurt_the_others),
		cmocka_unit_test(P7_a_group_that_cannot_commit_tells_everyone_and_writes_resume),
		cmocka_unit_test(nested_and_missing_transactions_are_refused),
		cmocka_unit_test(P1_what_was_acknowledged_survives_kill_9),
		cmocka_unit_test(a_newer_or_damaged_database_is_refused_with_a_hint),
		cmocka_unit_test(a_folder_that_is_not_there_is_said),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
