/*
 * db.h - SQL at statement level
 *
 * A driver (db_sqlite.c) knows nothing of the tables. Placeholders are $1 $2
 * ... in any order. Outside a transaction a thread reads through its own
 * read-only connection; between db_begin and db_commit it uses the one
 * writing connection, which all threads share.
 *
 * db_commit returns when the group that the transaction belongs to is on
 * stable storage (P1). An error inside a transaction leaves it open: the
 * caller (in the end the worker) rolls back.
 */
#pragma once

#include "base/ctx.h"

struct db;				/* the database; shared by all threads */
struct db_conn;				/* one thread's view of it */
struct db_stmt;

/* Creates or migrates (a copy of the file before each migration). */
int	db_open(struct db **, const char *path, struct err *);
void	db_close(struct db *);
/*
 * The whole database as it is now, under another name in the working directory;
 * nothing waits for it. A file that is there already is refused; on failure there
 * is none.
 */
int	db_copy(struct ctx *, const char *path);
/* Such a file, only to be read: not migrated. db_close ends it. */
int	db_open_copy(struct db **, const char *path, struct err *);
struct db_conn *db_attach(struct db *);		/* one for each thread */
void	db_detach(struct db_conn *);

/* The statement is cached by the address of `sql`: use string literals. */
int	db_prepare(struct ctx *, struct db_stmt **, const char *sql);
void	db_bind_int(struct db_stmt *, int n, int64_t);
void	db_bind_text(struct db_stmt *, int n, const char *);	/* NULL = SQL NULL */
void	db_bind_blob(struct db_stmt *, int n, const void *, size_t);
int	db_step(struct ctx *, struct db_stmt *);	/* 1 row, 0 done, -1 */
int64_t	db_int(struct db_stmt *, int column);		/* columns from 0 */
bool	db_is_null(struct db_stmt *, int column);
const char *db_text(struct db_stmt *, int column, struct arena *);	/* NULL if NULL */
const unsigned char *db_blob(struct db_stmt *, int column, size_t *, struct arena *);
int64_t	db_changes(struct ctx *);		/* rows of the last write */
void	db_finish(struct db_stmt *);		/* NULL is fine; resets, keeps cached */
DEFINE_AUTO(db_stmt, struct db_stmt, db_finish)
/* Prepare, and bind by `types`: "itb" is int64_t, const char *, const void * and
 * size_t. What is no int64_t needs a cast. */
int	db_query(struct ctx *, struct db_stmt **, const char *sql, const char *types, ...);
/* The same for a write without a result, with step and finish. */
int	db_exec(struct ctx *, const char *sql, const char *types, ...);

int	db_begin(struct ctx *);
int	db_commit(struct ctx *);
void	db_rollback(struct ctx *);		/* nothing open: nothing done */
bool	db_in_transaction(const struct ctx *);
/*
 * Who may do what: an open transaction that changes it says so, and before its
 * db_commit returns db_rights is another number. What was found out after
 * reading one number holds while the number is the same.
 */
void	db_rights_change(struct ctx *);
uint64_t db_rights(const struct ctx *);
/* Called after each durable group, by the thread that committed. */
void	db_on_group(struct db *, void (*fn)(void *), void *arg);
