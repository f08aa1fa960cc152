/*
 * op_reconcile.c - every certificate of the keeper's sign journal has its row
 */
#include <stdio.h>

#include <jansson.h>

#include "base/log.h"
#include "op/ca_sign.h"
#include "op/op_reconcile.h"
#include "op/op_restored.h"
#include "op/op_sheet.h"

#define BATCH 500 /* records in one transaction, and in the arena */

static int
record(struct ctx *cx, const struct issued_row *row)
{
	json_t *o = json_pack(
	    "{ss,ss,ss}", "serial", row->serial, "ca", row->ca, "subject", row->subject);

	return audit(cx, "certificate.presume", row->serial, json_text(cx, o));
}

/* A CA whose making was cut short, or one that is younger than the database: its key
 * is nowhere. Once for each. */
static int
note_lost(struct ctx *cx, const char *key)
{
	static char last[ID_SIZE];

	err_clear(&cx->err);
	if (strcmp(last, key) == 0)
		return 0;
	snprintf(last, sizeof(last), "%s", key);
	return audit(cx, "ca.lost", key, NULL) < 0 ? -1 : 1;
}

/* In the open transaction. 1: something was written, 0: it had its row. */
static int
settle(struct ctx *cx, const char *key, const void *tbs, size_t len)
{
	struct issued_row row, there;
	struct ca_row ca;

	if (store_ca_by_key(cx, key, &ca) < 0)
		return cx->err.refusal == R_NOT_FOUND ? note_lost(cx, key) : -1;
	if (ca_presumed_row(cx, tbs, len, ca.id, &row) < 0)
		return -1;
	if (store_issued_by_serial(cx, ca.id, row.serial, &there) == 0)
		return 0;
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	log_warn("certificate %s was perhaps signed before something failed: it is presumed issued",
	    row.serial);
	return store_issued_insert(cx, &row) < 0 || record(cx, &row) < 0 ? -1 : 1;
}

/* One batch from *at on. 1: there may be more. */
static int
batch(struct ctx *cx, uint64_t *at)
{
	const unsigned char *tbs;
	char key[ID_SIZE];
	size_t len, made = 0;
	int r = 0, i;

	if (db_begin(cx) < 0)
		return -1;
	for (i = 0; i < BATCH; i++) {
		if (keys_unreconciled(cx->keeper, *at, at, key, cx->arena, &tbs, &len, &cx->err) <
		    0)
			return -1;
		if (tbs == NULL)
			break;
		if ((r = settle(cx, key, tbs, len)) < 0)
			return -1;
		made += (size_t)r;
	}
	if (made == 0)
		db_rollback(cx);
	else if (db_commit(cx) < 0)
		return -1;
	return i == BATCH;
}

/* From the checkpoint on. A database that is older than the journal may lack what
 * was signed before that, too. */
static int
read_journal(struct ctx *cx, uint64_t *at)
{
	struct restored old;
	int r;

	op_restored_state(&old);
	for (*at = old.stopped ? KEYS_FIRST : 0; (r = batch(cx, at)) > 0;)
		arena_reset(cx->arena);
	return r;
}

/* Nobody is in between: what was committed needs no second look. */
static int
find_end(struct ctx *cx, uint64_t *at)
{
	const unsigned char *tbs;
	char key[ID_SIZE];
	size_t len;

	return keys_unreconciled(cx->keeper, UINT64_MAX, at, key, cx->arena, &tbs, &len, &cx->err);
}

int
op_reconcile(struct ctx *cx)
{
	static bool started;
	bool unsettled;
	uint64_t at;
	size_t n;
	int r;

	ca_signing_pause(&unsettled, &n);
	r = started && !unsettled ? find_end(cx, &at) : read_journal(cx, &at);
	if (r == 0 && at > 0)
		r = keys_checkpoint(cx->keeper, at, &cx->err);
	ca_signing_resume();
	if (r < 0)
		ca_signing_failed();
	else
		started = true;
	return r;
}

bool
op_reconcile_due(void)
{
	return ca_signed_since() >= RECONCILE_EACH;
}
