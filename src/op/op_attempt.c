/*
 * op_attempt.c - tries with a password or code are counted (P23)
 */
#include <arpa/inet.h>

#include "op/op_attempt.h"
#include "op/op_password.h"

#define LOCK_FIRST_S 60
#define LOCK_MOST_S  (60 * 60)

const char *
attempt_source(struct ctx *cx)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[16];

	if (inet_pton(AF_INET6, cx->actor.source, address) != 1)
		return cx->actor.source;
	memset(address + 8, 0, 8);
	if (inet_ntop(AF_INET6, address, text, sizeof(text)) == NULL)
		return cx->actor.source;
	return arena_strdup(cx->arena, text);
}

/* Case does not tell names apart (store_account_load): one count for all. */
static const char *
count_name(struct ctx *cx, const char *name)
{
	return text_lower_ascii(cx->arena, name);
}

static int64_t
lock_delay(int64_t over)
{
	int64_t delay = LOCK_FIRST_S;

	while (over-- > 0 && delay < LOCK_MOST_S)
		delay *= 2;
	return delay < LOCK_MOST_S ? delay : LOCK_MOST_S;
}

static int
locked(struct ctx *cx, const struct attempts *a)
{
	err_set(&cx->err, R_SIGNIN_LOCKED, NULL,
	    "too many failed tries with this name from this address");
	return err_hint(&cx->err, "try again %s, at %s",
	    time_relative(cx->arena, a->locked_until, cx->now),
	    time_minute(cx->arena, a->locked_until + 59));
}

int
attempt_take(
    struct ctx *cx, const char *name, const char *source, int64_t limit, struct attempts *before)
{
	struct attempts a;

	memset(before, 0, sizeof(*before));
	if (limit == 0)
		return 0; /* "never" was typed on purpose */
	name = count_name(cx, name);
	if (db_begin(cx) < 0 || store_attempts_load(cx, name, source, &a) < 0)
		return -1;
	/* long ago, or from before the clock was set back (P36) */
	if (cx->now - a.last_at > ATTEMPT_FORGET_S || a.last_at - cx->now > LOCK_MOST_S)
		memset(&a, 0, sizeof(a));
	*before = a;
	if (a.locked_until > cx->now) {
		db_rollback(cx);
		return locked(cx, &a);
	}
	a.failures++;
	a.last_at = cx->now;
	a.locked_until = a.failures < limit ? 0 : cx->now + lock_delay(a.failures - limit);
	if (store_attempts_save(cx, name, source, &a) < 0)
		return -1;
	return db_commit(cx);
}

int
attempt_put_back(
    struct ctx *cx, const char *name, const char *source, const struct attempts *before)
{
	return store_attempts_save(cx, count_name(cx, name), source, before);
}

int
attempt_undo(struct ctx *cx, const char *name, const char *source, int64_t limit)
{
	struct err why = cx->err;
	struct attempts a;

	if (limit == 0)
		return -1;
	err_clear(&cx->err);
	name = count_name(cx, name);
	if (db_begin(cx) < 0 || store_attempts_load(cx, name, source, &a) < 0 || a.failures == 0) {
		db_rollback(cx);
	} else {
		/* one less, not "as before": others may have been judged meanwhile */
		if (--a.failures < limit)
			a.locked_until = 0;
		if (store_attempts_save(cx, name, source, &a) < 0 || db_commit(cx) < 0)
			db_rollback(cx);
	}
	cx->err = why;
	return -1;
}

int
attempt_clear(struct ctx *cx, const char *name, const char *source)
{
	if (store_attempts_expire(cx, cx->now - ATTEMPT_FORGET_S) < 0)
		return -1;
	return store_attempts_clear(cx, count_name(cx, name), source);
}

int
attempt_password(
    struct ctx *cx, const struct account *account, const char *field, const char *password)
{
	const char *source = attempt_source(cx);
	struct password_policy policy;
	struct attempts before;
	int fits;

	if (op_password_policy_load(cx, &policy) < 0 ||
	    attempt_take(cx, account->login, source, policy.max_failures, &before) < 0)
		return -1;
	if ((fits = password_verify(cx, password, account->password)) < 0)
		return attempt_undo(cx, account->login, source, policy.max_failures);
	if (!fits)
		return err_set(&cx->err, R_PASSWORD_WRONG, field, "the current password is wrong");
	if (db_begin(cx) < 0 || attempt_put_back(cx, account->login, source, &before) < 0)
		return -1;
	return db_commit(cx);
}
