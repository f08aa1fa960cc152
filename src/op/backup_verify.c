/*
 * backup_verify.c - is a backup good: digest, structure, audit, keys
 */
#include <stdio.h>

#include "keys/keys.h"
#include "op/backup_file.h"
#include "op/house.h"
#include "op/op_audit.h"
#include "store/store.h"

static int
bad(struct backup_state *s, const char *message)
{
	s->whole = false;
	s->message = message;
	return 0;
}

/*
 * Nothing is ever signed for the purpose of an audit in this way: the keeper
 * refuses, and how it does says whether it could open the key.
 */
static int
try_key(struct ctx *cx, const void *blob, size_t len, void *arg)
{
	struct backup_state *s = arg;
	const unsigned char *none;
	size_t n;

	if (keys_sign(cx->keeper, blob, len, PURPOSE_AUDIT, KEY_ED25519, NULL, "", 1, cx->arena,
		&none, &n, &cx->err) == 0)
		return err_set(&cx->err, R_INTERNAL, NULL, "the keeper signed what it never does");
	switch (cx->err.refusal) {
	case R_KEY_PURPOSE:
	case R_SIGN_SCHEME:
	case R_SIGN_GUARD:
	case R_KEY_DESTROYED: /* after the backup; so it stays */
		err_clear(&cx->err);
		s->keys++;
		return 0;
	case R_BLOB_DAMAGED:
	case R_KEK_WRONG:
		s->whole = false;
		err_clear(&cx->err);
		return 1;
	default:
		return -1;
	}
}

static int
look_inside(struct ctx *cx, const struct backup *b, struct backup_state *s)
{
	struct audit_state audit;
	const char *fault;
	int64_t schema;

	if (store_integrity(cx, &fault) < 0 || store_schema(cx, &schema) < 0 ||
	    op_audit_chain(cx, &audit) < 0)
		return -1;
	s->events = audit.events;
	if (fault != NULL)
		return bad(s, fault);
	if (!audit.whole)
		return bad(s, audit.message);
	if (schema != b->schema || audit.events != b->events)
		return bad(s, "the database is not the one that the last line describes");
	if (store_blobs(cx, try_key, s) < 0)
		return -1;
	if (!s->whole)
		return bad(s, "a wrapped key in it does not open with the file kek of here");
	s->message = arena_printf(cx->arena,
	    "the backup is whole: %lld events follow each other, and each of its %lld keys opens",
	    (long long)s->events, (long long)s->keys);
	return 0;
}

static int
look(struct ctx *cx, const struct backup *b, struct backup_state *s)
{
	const char *path = backup_path(cx, b->name), *sha256;
	struct ctx copy = *cx;
	struct db *db;
	int64_t size;
	int r;

	if (backup_digest(cx, path, b->size, &size, &sha256) < 0)
		return -1;
	if (size != b->size || strcmp(sha256, b->sha256) != 0)
		return bad(s, "the file was changed: its digest is another one");
	if (strcmp(b->instance, cx->house->instance) != 0)
		return bad(s, "the backup is of another installation");
	if (db_open_copy(&db, path, &cx->err) < 0)
		return -1;
	copy.db = db_attach(db);
	r = look_inside(&copy, b, s);
	db_detach(copy.db);
	db_close(db);
	cx->err = copy.err;
	return r;
}

int
op_backup_verify(struct ctx *cx, const char *name, struct backup_state *s)
{
	struct backup b;
	int r;

	*s = (struct backup_state){ .whole = true, .message = "" };
	if (op_backup_load(cx, name, &b) < 0) {
		if (cx->err.refusal != R_BACKUP_DAMAGED)
			return -1;
		bad(s, arena_strdup(cx->arena, cx->err.message));
		err_clear(&cx->err);
		return 0;
	}
	if (backup_take_turn(cx) < 0)
		return -1;
	r = look(cx, &b, s);
	backup_end_turn();
	return r;
}
