/*
 * op_restored.c - is this database an old one that was put back? (P9)
 */
#include <pthread.h>

#include <jansson.h>

#include "base/log.h"
#include "keys/keys.h"
#include "op/op_audit.h"
#include "op/op_restored.h"
#include "op/op_sheet.h"
#include "store/store.h"

#define SETTING "restored.passed"
#define AAD	"setting/system/restored.passed/value"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct restored now;

void
op_restored_state(struct restored *out)
{
	pthread_mutex_lock(&lock);
	*out = now;
	pthread_mutex_unlock(&lock);
}

static const char *
head_text(struct ctx *cx, int64_t sequence, const unsigned char hash[32])
{
	return arena_printf(cx->arena, "%lld:%s", (long long)sequence, hex_of(cx->arena, hash, 32));
}

int
op_restored_passed(struct ctx *cx, int64_t anchored, const unsigned char hash[32])
{
	const char *want = head_text(cx, anchored, hash);
	const unsigned char *sealed, *text;
	size_t n, m;

	if (store_setting_blob(cx, SETTING, &sealed, &n) < 0)
		return -1;
	if (sealed == NULL)
		return 0;
	if (keys_unseal(cx->keeper, AAD, sealed, n, cx->arena, &text, &m, &cx->err) < 0) {
		if (cx->err.refusal == R_KEEPER_GONE)
			return -1;
		err_clear(&cx->err); /* not the keeper's word */
		return 0;
	}
	return m == strlen(want) && memcmp(text, want, m) == 0;
}

/* Numbers of lists grow (RFC 5280 section 5.2.3), above those that this database does
 * not know of: a list takes longer than a second to be made anew. */
static int
raise_numbers(struct ctx *cx)
{
	return db_begin(cx) < 0 || store_ca_raise_crl_numbers(cx, cx->now) < 0 ? -1 : db_commit(cx);
}

int
op_restored_start(struct ctx *cx)
{
	struct restored r = { 0 };
	struct keeper_state keeper;
	unsigned char hash[32];

	if (keys_state(cx->keeper, &keeper, &cx->err) < 0 ||
	    store_audit_head(cx, &r.events, hash) < 0)
		return -1;
	r.anchored = (int64_t)keeper.anchored_sequence;
	if (op_audit_continues(cx) < 0) {
		if (cx->err.refusal != R_ANCHOR_OTHER)
			return -1;
		err_clear(&cx->err);
		r.stopped = true;
		if (raise_numbers(cx) < 0)
			return -1;
		log_warn(
		    "the database is older than the keeper's journal, or was changed (event "
		    "%lld of %lld): no certificate is signed until an administrator confirms it",
		    (long long)r.events, (long long)r.anchored);
	}
	pthread_mutex_lock(&lock);
	now = r;
	pthread_mutex_unlock(&lock);
	return 0;
}

int
op_restored_check(struct ctx *cx)
{
	struct restored r;

	op_restored_state(&r);
	if (!r.stopped)
		return 0;
	err_set(&cx->err, R_RESTORED, NULL,
	    "no certificate is signed: the database is older than the keeper's journal, or was "
	    "changed; its audit ended with event %lld, the keeper signed event %lld",
	    (long long)r.events, (long long)r.anchored);
	return err_hint(&cx->err,
	    "put the newest database back; if this is it, an administrator says so: "
	    "`certwright ca confirm-restore`");
}

/* What the keeper signed last is passed over from now on. */
static int
pass(struct ctx *cx, const struct restored *r)
{
	struct keeper_state keeper;
	const unsigned char *sealed;
	const char *head;
	size_t n;
	json_t *o;

	if (keys_state(cx->keeper, &keeper, &cx->err) < 0)
		return -1;
	head = head_text(cx, (int64_t)keeper.anchored_sequence, keeper.anchored_hash);
	if (keys_seal(cx->keeper, AAD, head, strlen(head), cx->arena, &sealed, &n, &cx->err) < 0)
		return -1;
	o = json_pack("{sI,ss}", "events", (json_int_t)r->events, "passed", head);
	if (db_begin(cx) < 0 || store_setting_save_blob(cx, SETTING, sealed, n) < 0 ||
	    audit(cx, "restore.confirm", NULL, json_text(cx, o)) < 0)
		return -1;
	return db_commit(cx);
}

int
op_restored_confirm(struct ctx *cx)
{
	struct restored r;

	op_restored_state(&r);
	if (!r.stopped) {
		err_set(&cx->err, R_RESTORED_NOT, NULL, "the database is not an old one");
		return err_hint(&cx->err, "nothing is left to be done");
	}
	if (pass(cx, &r) < 0)
		return -1;
	pthread_mutex_lock(&lock);
	now.stopped = false;
	pthread_mutex_unlock(&lock);
	return 0;
}
