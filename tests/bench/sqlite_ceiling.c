/*
 * sqlite_ceiling.c - how fast bare SQLite stores what Regenerate CSR stores
 *
 * sqlite_ceiling FILE SECONDS: the same rows and bytes as one csr.regenerate
 * (number, request, identity, audit), the same pragmas, 64 to a
 * transaction, one thread, no crypto, no HTTP. Prints transactions a second.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GROUP 64

static sqlite3 *db;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
run(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
		exit(1);
	}
}

static sqlite3_stmt *
prepare(const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
		exit(1);
	}
	return st;
}

static void
step(sqlite3_stmt *st)
{
	int r;

	while ((r = sqlite3_step(st)) == SQLITE_ROW)
		;
	if (r != SQLITE_DONE) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(db));
		exit(1);
	}
	sqlite3_reset(st);
}

int
main(int argc, char **argv)
{
	static const char *const pragmas[] = { "PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
		"PRAGMA secure_delete = ON", "PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON", "PRAGMA wal_autocheckpoint = 4000",
		"PRAGMA cache_size = -16384" };
	sqlite3_stmt *number, *request, *identity, *audit;
	unsigned char der[470];
	char sql[20000], id[32];
	double start, end;
	size_t n = 0;
	FILE *f;

	if (argc != 4 || sqlite3_open(argv[1], &db) != SQLITE_OK ||
	    (f = fopen(argv[3], "r")) == NULL) {
		fprintf(stderr, "usage: %s FILE SECONDS SCHEMA.sql\n", argv[0]);
		return 2;
	}
	sql[fread(sql, 1, sizeof(sql) - 1, f)] = '\0';
	fclose(f);
	for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++)
		run(pragmas[i]);
	run(sql);
	run("INSERT INTO identity (tenant_id, id, name, created_at) VALUES ('system', 'i', 'bench', 1)");
	run("INSERT INTO key VALUES ('system', 'k', 'i', 1, 'ec:P-256', 'generated', 256, 0, 0,"
	    " zeroblob(250), zeroblob(91), zeroblob(32), 1, 0)");
	number = prepare("INSERT INTO setting VALUES ('system', 'request.number', 1)"
			 " ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value");
	request = prepare(
	    "INSERT INTO request VALUES ('system', ?1, ?2, 'i', 'k', 'pending', ?3,"
	    " randomblob(32), zeroblob(32), 'CN=portal.example.com, OU=Conferencing, "
	    "O=Example Video\\, Inc., L=Hackensack, ST=New Jersey, C=US, "
	    "emailAddress=pki@example.com', 'portal.example.com\nwww.portal.example.com',"
	    " 'sha256', 'local', 1795526400)");
	identity = prepare(
	    "UPDATE identity SET country = 'US', state = 'New Jersey',"
	    " locality = 'Hackensack', organization = 'Example Video, Inc.', unit = 'Conferencing',"
	    " common_name = 'portal.example.com', email = 'pki@example.com',"
	    " names = 'portal.example.com\nwww.portal.example.com', digest = 'sha256'"
	    " WHERE tenant_id = 'system' AND id = 'i'");
	audit = prepare(
	    "INSERT INTO audit VALUES (?1, 1795526400000, 'system', 'local', 'super',"
	    " '127.0.0.1', 'csr.regenerate', ?2, 'done', '{\"identity\":\"bench\",\"number\":12345}',"
	    " randomblob(32))");
	memset(der, 0x5a, sizeof(der));
	start = now();
	end = start + atof(argv[2]);
	while (now() < end) {
		run("BEGIN IMMEDIATE");
		for (int i = 0; i < GROUP; i++, n++) {
			snprintf(id, sizeof(id), "%010zuabcdefghijklmnop", n);
			step(number);
			sqlite3_bind_text(request, 1, id, -1, SQLITE_STATIC);
			sqlite3_bind_int64(request, 2, (sqlite3_int64)n);
			sqlite3_bind_blob(request, 3, der, sizeof(der), SQLITE_STATIC);
			step(request);
			step(identity);
			sqlite3_bind_int64(audit, 1, (sqlite3_int64)n + 1);
			sqlite3_bind_text(audit, 2, id, -1, SQLITE_STATIC);
			step(audit);
		}
		run("COMMIT");
	}
	printf("%.0f\n", (double)n / (now() - start));
	return 0;
}
