/*
 * fault.c - a store that fails where the test says, and whether anything changed
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <sqlite3.h>

#include "fault.h"

void db_test_fail(int n); /* of a build with seams */

static void
hash_table(sqlite3 *db, const char *name, EVP_MD_CTX *md)
{
	char sql[128];
	sqlite3_stmt *st;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s", name);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	EVP_DigestUpdate(md, name, strlen(name));
	while (sqlite3_step(st) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			int n = sqlite3_column_bytes(st, i);

			EVP_DigestUpdate(md, &n, sizeof(n));
			EVP_DigestUpdate(md, sqlite3_column_blob(st, i), (size_t)n);
		}
	sqlite3_finalize(st);
}

void
store_hash(unsigned char out[32])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	sqlite3_stmt *tables;
	sqlite3 *db;

	assert_int_equal(EVP_DigestInit_ex(md, EVP_sha256(), NULL), 1);
	assert_int_equal(sqlite3_open("certwright.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
			     -1, &tables, NULL),
	    SQLITE_OK);
	while (sqlite3_step(tables) == SQLITE_ROW)
		hash_table(db, (const char *)sqlite3_column_text(tables, 0), md);
	sqlite3_finalize(tables);
	sqlite3_close(db);
	EVP_DigestFinal_ex(md, out, NULL);
	EVP_MD_CTX_free(md);
}

/* By a trigger, from outside. */
static void
run_sql(const char *fmt, const struct fault *f)
{
	char sql[256];
	sqlite3 *db;

	snprintf(sql, sizeof(sql), fmt, f->act, f->table);
	assert_int_equal(sqlite3_open("certwright.db", &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

void
each_fault(struct ctx *cx, const struct fault *faults, size_t n, int (*call)(struct ctx *))
{
	unsigned char before[32], after[32];

	for (size_t i = 0; i < n; i++) {
		const struct fault *f = &faults[i];
		enum refusal want = f->table == NULL ? R_DISK_FULL : R_DB_CONSTRAINT, was;

		store_hash(before);
		if (f->table == NULL)
			db_test_fail(1);
		else
			run_sql("CREATE TRIGGER fault BEFORE %s ON %s BEGIN"
				" SELECT RAISE(ABORT, 'said by the test'); END",
			    f);
		if (call(cx) != -1)
			fail_msg("done although %s of %s failed", f->act, f->table);
		was = fake_end(cx);
		if (was != want)
			fail_msg("%s of %s: refused by %s", f->act, f->table, refusal_id(was));
		if (f->table != NULL)
			run_sql("DROP TRIGGER fault -- %s %s", f);
		store_hash(after);
		if (memcmp(before, after, sizeof(before)) != 0)
			fail_msg("something is kept although %s of %s failed", f->act, f->table);
	}
}
