/*
 * db_group.c - group commit: many transactions, one fsync
 *
 * The writing connection belongs to who holds its mutex. Each transaction is a
 * savepoint inside the group's transaction. A thread that is done leaves the
 * writer and sleeps; the last one, when nobody waits for the writer or the
 * group is full, commits for all. So the time of one fsync is the time in
 * which the next group gathers. The writer is not handed over in order of
 * arrival: who is running takes it, nobody is woken only to be next. A group
 * has no more members than there are workers, so no one waits for ever.
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

/* The group is over: leave the writer, then tell each member how it went. */
static void
end_group(struct db *db, const struct err *result)
{
	bool durable = !err_is_set(result) && db->members != NULL;
	struct db_conn *m = db->members, *next;

	db->members = NULL;
	db->nmembers = 0;
	if (durable)
		db->groups++;
	pthread_mutex_unlock(&db->lock);
	for (; m != NULL; m = next) {
		next = m->next; /* once told, it may be gone */
		m->result = *result;
		sem_post(&m->ended);
	}
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
		db_run(&db->writer, "COMMIT", "commit", &result);
	if (err_is_set(&result) && sqlite3_get_autocommit(db->writer.handle) == 0)
		sqlite3_exec(db->writer.handle, "ROLLBACK", NULL, NULL, NULL);
	end_group(db, &result);
}

/* This thread is done with the writer: the next one goes on, or the group ends. */
static void
leave(struct db *db)
{
	if (db->nmembers > 0 && (db->waiting == 0 || db->nmembers >= GROUP_MAX))
		commit_group(db);
	else
		pthread_mutex_unlock(&db->lock);
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
	db->waiting++;
	pthread_mutex_lock(&db->lock);
	db->waiting--;
	conn->in_transaction = true;
	if ((sqlite3_get_autocommit(db->writer.handle) != 0 &&
		db_run(&db->writer, "BEGIN IMMEDIATE", "write to the database", &cx->err) < 0) ||
	    db_run(&db->writer, "SAVEPOINT m", "write to the database", &cx->err) < 0) {
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

	if (!conn->in_transaction)
		return err_set(&cx->err, R_INTERNAL, NULL, "no transaction is open");
	if (sqlite3_get_autocommit(db->writer.handle) != 0 ||
	    db_run(&db->writer, "RELEASE m", "commit", &cx->err) < 0) {
		err_set(
		    &cx->err, R_DB_FAILED, NULL, "the transaction was rolled back by the database");
		db_rollback(cx);
		return -1;
	}
	conn->in_transaction = false;
	conn->next = db->members;
	db->members = conn;
	db->nmembers++;
	leave(db);
	while (sem_wait(&conn->ended) < 0)
		; /* a signal */
	if (conn->rights_change)
		db->rights++;
	conn->rights_change = false;
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

	if (!conn->in_transaction)
		return;
	conn->in_transaction = conn->rights_change = false;
	if (sqlite3_get_autocommit(handle) != 0) {
		struct err lost = cx->err;

		err_set(&lost, R_DB_FAILED, NULL, "the database rolled the group back");
		end_group(db, &lost);
		return;
	}
	sqlite3_exec(
	    handle, db->nmembers > 0 ? "ROLLBACK TO m; RELEASE m" : "ROLLBACK", NULL, NULL, NULL);
	leave(db);
}

void
db_rights_change(struct ctx *cx)
{
	cx->db->rights_change = true;
}

uint64_t
db_rights(const struct ctx *cx)
{
	return cx->db->db->rights;
}

bool
db_in_transaction(const struct ctx *cx)
{
	return cx->db != NULL && cx->db->in_transaction;
}
