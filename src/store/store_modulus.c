/*
 * store_modulus.c - RSA moduli that were here, in whatever tenant
 */
#include "store/rows.h"

static void
fill(struct ctx *cx, struct db_stmt *st, void *row)
{
	struct modulus_row *m = row;

	m->sequence = db_int(st, 0);
	m->n = db_blob(st, 1, &m->len, cx->arena);
	m->own = db_int(st, 2) != 0;
	m->falls = db_int(st, 3) != 0;
}

int
store_modulus_insert(struct ctx *cx, const struct modulus_row *m)
{
	return db_exec(cx,
	    "INSERT INTO modulus (sha256, n, own, falls, seen_at) VALUES ($1, $2, $3, $4, $5)"
	    " ON CONFLICT (sha256) DO UPDATE SET own = max(own, excluded.own),"
	    " falls = max(falls, excluded.falls), compared = compared AND own >= excluded.own"
	    " WHERE own < excluded.own OR falls < excluded.falls",
	    "bbiii", (const void *)m->sha256, (size_t)32, (const void *)m->n, m->len,
	    (int64_t)m->own, (int64_t)m->falls, cx->now);
}

int
store_modulus_falls(struct ctx *cx, const unsigned char sha256[32], bool *out)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	*out = false;
	if (db_query(cx, &st, "SELECT falls FROM modulus WHERE sha256 = $1", "b", sha256,
		(size_t)32) < 0)
		return -1;
	if ((r = db_step(cx, st)) < 0)
		return -1;
	*out = r == 1 && db_int(st, 0) != 0;
	return 0;
}

int
store_modulus_newest(struct ctx *cx, size_t limit, struct modulus_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT sequence, n, own, falls FROM (SELECT * FROM modulus"
		" ORDER BY sequence DESC LIMIT $1) ORDER BY sequence",
		"i", (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_modulus_waiting(struct ctx *cx, size_t limit, struct modulus_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT sequence, n, own, falls FROM modulus WHERE compared = 0"
		" ORDER BY sequence LIMIT $1",
		"i", (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_modulus_walk(struct ctx *cx, int64_t after, size_t limit, struct modulus_row **out, size_t *n)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;

	if (db_query(cx, &st,
		"SELECT sequence, n, own, falls FROM modulus WHERE sequence > $1"
		" ORDER BY sequence LIMIT $2",
		"ii", (int64_t)after, (int64_t)limit) < 0)
		return -1;
	return rows_collect(cx, st, sizeof(**out), fill, out, n);
}

int
store_modulus_mark(struct ctx *cx, int64_t sequence)
{
	return db_exec(
	    cx, "UPDATE modulus SET falls = 1 WHERE sequence = $1 AND falls = 0", "i", sequence);
}

int
store_modulus_compared(struct ctx *cx, int64_t sequence)
{
	return db_exec(cx, "UPDATE modulus SET compared = 1 WHERE sequence = $1", "i", sequence);
}

int
store_modulus_forget(struct ctx *cx, int64_t keep)
{
	return db_exec(cx,
	    "DELETE FROM modulus WHERE own = 0"
	    " AND sequence <= (SELECT max(sequence) FROM modulus) - $1",
	    "i", keep);
}
