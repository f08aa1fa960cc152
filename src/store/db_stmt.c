/*
 * db_stmt.c - prepared statements: found again, bound by name, stepped
 */
#include <stdarg.h>
#include <stdio.h>

#include "store/db_sqlite.h"

static size_t
slot_of(const char *sql)
{
	uintptr_t p = (uintptr_t)sql;

	return (size_t)((p >> 3) * 0x9e3779b97f4a7c15ULL >> 40) & (CACHE_SIZE - 1);
}

static void
stmt_free(struct db_stmt *st)
{
	sqlite3_finalize(st->st);
	free(st);
}

void
db_cache_clear(struct db_cache *cache)
{
	for (size_t i = 0; i < CACHE_SIZE; i++) {
		if (cache->slot[i] != NULL)
			stmt_free(cache->slot[i]);
		cache->slot[i] = NULL;
	}
}

static struct db_stmt *
stmt_new(struct db_cache *cache, const char *sql, struct err *e)
{
	struct db_stmt *st = calloc(1, sizeof(*st));
	char name[8];

	if (st == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (sqlite3_prepare_v3(cache->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->st, NULL) !=
	    SQLITE_OK) {
		db_error(e, cache->handle, "prepare a statement");
		free(st);
		return NULL;
	}
	st->cache = cache;
	for (int n = 1; n <= PARAM_MAX; n++) {
		snprintf(name, sizeof(name), "$%d", n);
		st->param[n] = sqlite3_bind_parameter_index(st->st, name);
	}
	return st;
}

/* The writer inside a transaction, this thread's own reader outside. */
static struct db_cache *
cache_of(struct ctx *cx)
{
	struct db_conn *conn = cx->db;

	if (conn->in_transaction)
		return &conn->db->writer;
	if (conn->reader.handle == NULL &&
	    db_connect(&conn->reader.handle, conn->db->path, false, &cx->err) < 0)
		return NULL;
	return &conn->reader;
}

static int
prepare(struct db_cache *cache, struct db_stmt **out, const char *sql, struct err *e)
{
	struct db_stmt *st;
	size_t i;

	for (i = slot_of(sql); (st = cache->slot[i]) != NULL; i = (i + 1) & (CACHE_SIZE - 1)) {
		if (st->sql != sql)
			continue;
		if (st->busy)
			break; /* nested use: one of its own */
		st->busy = true;
		*out = st;
		return 0;
	}
	if ((st = stmt_new(cache, sql, e)) == NULL)
		return -1;
	if (cache->slot[i] == NULL) {
		st->sql = sql;
		cache->slot[i] = st;
	}
	st->busy = true;
	*out = st;
	return 0;
}

int
db_prepare(struct ctx *cx, struct db_stmt **out, const char *sql)
{
	struct db_cache *cache = cache_of(cx);

	return cache == NULL ? -1 : prepare(cache, out, sql, &cx->err);
}

/* A statement without values: BEGIN and its like. */
int
db_run(struct db_cache *cache, const char *sql, const char *what, struct err *e)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (prepare(cache, &st, sql, e) < 0)
		return -1;
	if (sqlite3_step(st->st) != SQLITE_DONE)
		return db_error(e, cache->handle, what);
	return 0;
}

void
db_finish(struct db_stmt *st)
{
	if (st == NULL)
		return;
	if (st->sql == NULL) {
		stmt_free(st);
		return;
	}
	sqlite3_reset(st->st);
	sqlite3_clear_bindings(st->st);
	st->busy = false;
}

void
db_bind_int(struct db_stmt *st, int n, int64_t v)
{
	sqlite3_bind_int64(st->st, st->param[n], v);
}

void
db_bind_text(struct db_stmt *st, int n, const char *text)
{
	if (text == NULL)
		sqlite3_bind_null(st->st, st->param[n]);
	else
		sqlite3_bind_text(st->st, st->param[n], text, -1, SQLITE_STATIC);
}

void
db_bind_blob(struct db_stmt *st, int n, const void *data, size_t len)
{
	if (data == NULL)
		sqlite3_bind_null(st->st, st->param[n]);
	else
		sqlite3_bind_blob64(st->st, st->param[n], data, len, SQLITE_STATIC);
}

int
db_step(struct ctx *cx, struct db_stmt *st)
{
	switch (sqlite3_step(st->st)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	}
	return db_error(&cx->err, st->cache->handle,
	    sqlite3_stmt_readonly(st->st) ? "read the database" : "write to the database");
}

int64_t
db_int(struct db_stmt *st, int column)
{
	return sqlite3_column_int64(st->st, column);
}

bool
db_is_null(struct db_stmt *st, int column)
{
	return sqlite3_column_type(st->st, column) == SQLITE_NULL;
}

const char *
db_text(struct db_stmt *st, int column, struct arena *a)
{
	const char *text = (const char *)sqlite3_column_text(st->st, column);

	return text == NULL ? NULL : arena_strdup(a, text);
}

const unsigned char *
db_blob(struct db_stmt *st, int column, size_t *len, struct arena *a)
{
	const void *data;

	*len = 0;
	if (db_is_null(st, column))
		return NULL;
	data = sqlite3_column_blob(st->st, column);
	*len = (size_t)sqlite3_column_bytes(st->st, column);
	return arena_dup(a, data, *len);
}

int64_t
db_changes(struct ctx *cx)
{
	return sqlite3_changes64(cx->db->db->writer.handle);
}

static void
bind_all(struct db_stmt *st, const char *types, va_list ap)
{
	int n = 1;

	for (const char *t = types; *t != '\0'; t++, n++) {
		if (*t == 'i') {
			db_bind_int(st, n, va_arg(ap, int64_t));
		} else if (*t == 't') {
			db_bind_text(st, n, va_arg(ap, const char *));
		} else {
			const void *data = va_arg(ap, const void *);

			db_bind_blob(st, n, data, va_arg(ap, size_t));
		}
	}
}

int
db_query(struct ctx *cx, struct db_stmt **st, const char *sql, const char *types, ...)
{
	va_list ap;

	if (db_prepare(cx, st, sql) < 0)
		return -1;
	va_start(ap, types);
	bind_all(*st, types, ap);
	va_end(ap);
	return 0;
}

int
db_exec(struct ctx *cx, const char *sql, const char *types, ...)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	va_list ap;
	int r;

	if (db_prepare(cx, &st, sql) < 0)
		return -1;
	va_start(ap, types);
	bind_all(st, types, ap);
	va_end(ap);
	while ((r = db_step(cx, st)) > 0)
		;
	return r;
}
