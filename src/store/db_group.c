/*
 * db_group.c - group commit: many transactions, one fsync
 *
 * The writing connection belongs to one thread at a time, in order of
 * arrival. Each transaction is a savepoint inside the group's transaction. A
 * thread that is done passes the writer on and waits; the last one, when
 * nobody waits for the writer or the group is full, commits for all. So the
 * time of one fsync is the time in which the next group gathers.
 */
#include "store/db_sqlite.h"

#ifdef CERTWRIGHT_TEST
/* db_test_fail(n): the n-th commit from now fails as if the disk were full. */
static _Atomic int fail_in;
void db_test_fail(int n);

void
db_test_fail(int n)
{
	fail_in = n;
}

static bool
commit_is_to_fail(void)
{
	return fail_in > 0 && --fail_in == 0;
}
#else
#define commit_is_to_fail() false
#endif

static int
run(struct db *db, const char *sql, const char *what, struct err *e)
{
	if (sqlite3_exec(db->writer.handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(e, db->writer.handle, what);
	return 0;
}

/* Next thread in line, or nobody. Lock held. */
static void
pass_on(struct db *db)
{
	struct db_conn *next = db->first;

	db->owned = next != NULL;
	if (next == NULL)
		return;
	if ((db->first = next->next) == NULL)
		db->last = NULL;
	next->granted = true;
	pthread_cond_signal(&next->wake);
}

static void
take_writer(struct db *db, struct db_conn *conn)
{
	pthread_mutex_lock(&db->lock);
	if (!db->owned) {
		db->owned = true;
	} else {
		conn->next = NULL;
		conn->granted = false;
		if (db->last == NULL)
			db->first = conn;
		else
			db->last->next = conn;
		db->last = conn;
		while (!conn->granted)
			pthread_cond_wait(&conn->wake, &db->lock);
	}
	pthread_mutex_unlock(&db->lock);
}

/* The group is over: tell each member how, then pass the writer on. */
static void
end_group(struct db *db, const struct err *result)
{
	bool durable = !err_is_set(result) && db->nmembers > 0;
	struct db_conn *m, *next;

	pthread_mutex_lock(&db->lock);
	for (m = db->members; m != NULL; m = next) {
		next = m->next;
		m->result = *result;
		m->finished = true;
		pthread_cond_signal(&m->wake);
	}
	db->members = NULL;
	db->nmembers = 0;
	if (durable)
		db->groups++;
	pass_on(db);
	pthread_mutex_unlock(&db->lock);
	if (durable && db->on_group != NULL)
		db->on_group(db->on_group_arg);
}

/* Commit for all members. A COMMIT is never cancelled and never retried. */
static void
commit_group(struct db *db)
{
	struct err result = { 0 };

	if (commit_is_to_fail())
		err_set(&result, R_DISK_FULL, NULL, "could not commit: the disk is full (test)");
	else
		run(db, "COMMIT", "commit", &result);
	if (err_is_set(&result) && sqlite3_get_autocommit(db->writer.handle) == 0)
		sqlite3_exec(db->writer.handle, "ROLLBACK", NULL, NULL, NULL);
	end_group(db, &result);
}

int
db_begin(struct ctx *cx)
{
	struct db_conn *conn = cx->db;
	struct db *db = conn->db;

	if (cx->read_only)
		return err_set(&cx->err, R_INTERNAL, NULL, "a reading request tried to write");
	if (conn->in_transaction)
		return err_set(&cx->err, R_INTERNAL, NULL, "a transaction is open already");
	take_writer(db, conn);
	conn->in_transaction = true;
	if ((sqlite3_get_autocommit(db->writer.handle) != 0 &&
		run(db, "BEGIN IMMEDIATE", "write to the database", &cx->err) < 0) ||
	    run(db, "SAVEPOINT m", "write to the database", &cx->err) < 0) {
		db_rollback(cx);
		return -1;
	}
	return 0;
}

int
db_commit(struct ctx *cx)
{
	struct db_conn *conn = cx->db;
	struct db *db = conn->db;
	bool lead;

	if (!conn->in_transaction)
		return err_set(&cx->err, R_INTERNAL, NULL, "no transaction is open");
	if (sqlite3_get_autocommit(db->writer.handle) != 0 ||
	    run(db, "RELEASE m", "commit", &cx->err) < 0) {
		err_set(
		    &cx->err, R_DB_FAILED, NULL, "the transaction was rolled back by the database");
		db_rollback(cx);
		return -1;
	}
	conn->in_transaction = false;
	conn->finished = false;
	err_clear(&conn->result);

	pthread_mutex_lock(&db->lock);
	conn->next = db->members;
	db->members = conn;
	db->nmembers++;
	lead = db->first == NULL || db->nmembers >= GROUP_MAX;
	if (!lead)
		pass_on(db);
	pthread_mutex_unlock(&db->lock);

	if (lead)
		commit_group(db);
	pthread_mutex_lock(&db->lock);
	while (!conn->finished)
		pthread_cond_wait(&conn->wake, &db->lock);
	pthread_mutex_unlock(&db->lock);
	if (err_is_set(&conn->result)) {
		if (!err_is_set(&cx->err))
			cx->err = conn->result;
		return -1;
	}
	return 0;
}

/*
 * Undo this transaction only. When the database itself rolled everything back
 * (disk full, I/O error), the others of the group are told that they failed.
 * When nobody waits to go on, the members so far are committed here.
 */
void
db_rollback(struct ctx *cx)
{
	struct db_conn *conn = cx->db;
	struct db *db = conn->db;
	sqlite3 *handle = db->writer.handle;
	bool alone, last;

	if (!conn->in_transaction)
		return;
	conn->in_transaction = false;
	if (sqlite3_get_autocommit(handle) != 0) {
		struct err lost = cx->err;

		err_set(&lost, R_DB_FAILED, NULL, "the database rolled the group back");
		end_group(db, &lost);
		return;
	}
	sqlite3_exec(handle, "ROLLBACK TO m; RELEASE m", NULL, NULL, NULL);
	pthread_mutex_lock(&db->lock);
	alone = db->nmembers == 0;
	last = db->first == NULL;
	pthread_mutex_unlock(&db->lock);
	if (alone) {
		sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
		pthread_mutex_lock(&db->lock);
		pass_on(db);
		pthread_mutex_unlock(&db->lock);
	} else if (last) {
		commit_group(db);
	} else {
		pthread_mutex_lock(&db->lock);
		pass_on(db);
		pthread_mutex_unlock(&db->lock);
	}
}

bool
db_in_transaction(const struct ctx *cx)
{
	return cx->db != NULL && cx->db->in_transaction;
}
