/*
 * op_clock.c - is the clock to be trusted with certificates? (P36)
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include <jansson.h>

#include "base/log.h"
#include "op/op_clock.h"
#include "op/op_sheet.h"
#include "store/store.h"

#define SEEN "clock.seen"
#define JUMP "clock.jump"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct clock_seen seen;
static struct clock_jump jump;
static int64_t noted; /* of seen.wall, in the database */

enum clock_verdict
clock_judge(const struct clock_seen *s, int64_t wall, int64_t running)
{
	int64_t expected = s->wall + (s->running > 0 ? running - s->running : 0);

	if (s->wall == 0)
		return CLOCK_FINE;
	if (wall < expected - CLOCK_BACK_S)
		return CLOCK_BACK;
	return wall > expected + (s->running > 0 ? CLOCK_AHEAD_S : CLOCK_AWAY_S) ? CLOCK_AHEAD
										 : CLOCK_FINE;
}

/* What no clock setting moves; suspended, it goes on. */
static int64_t
running_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec + 1;
}

/* 1: some authority signs with our clock, 0, -1 */
static int
has_authority(struct ctx *cx)
{
	struct authority_row *all;
	size_t n;

	if (store_authority_list(cx, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (all[i].issuing[0] != '\0')
			return 1;
	return 0;
}

static const char *
words(struct ctx *cx, const struct clock_jump *j)
{
	return arena_printf(cx->arena, "the clock went %s: it showed %s, then %s",
	    j->verdict == CLOCK_BACK ? "back" : "ahead", time_minute(cx->arena, j->from),
	    time_minute(cx->arena, j->to));
}

/* ---- written down ------------------------------------------------------------------ */

static int
save(struct ctx *cx, const char *name, int64_t a, int64_t b, int verdict)
{
	return store_setting_save(
	    cx, name, arena_printf(cx->arena, "%lld %lld %d", (long long)a, (long long)b, verdict));
}

/* Each is 0 when there is none. */
static int
load(struct ctx *cx, const char *name, int64_t *a, int64_t *b, int *verdict)
{
	long long x = 0, y = 0;
	const char *text;

	*verdict = 0;
	if (store_setting_load(cx, name, &text) < 0)
		return -1;
	if (text != NULL && sscanf(text, "%lld %lld %d", &x, &y, verdict) != 3)
		x = y = *verdict = 0;
	*a = x;
	*b = y;
	return 0;
}

/* The daemon says it itself, whoever asked for a certificate. */
static int
record(struct ctx *cx, const struct clock_jump *j)
{
	struct actor asking = cx->actor;
	json_t *o = json_pack("{ss,sI,sI}", "verdict", j->verdict == CLOCK_BACK ? "back" : "ahead",
	    "from", (json_int_t)j->from, "to", (json_int_t)j->to);
	int r;

	cx->actor = (struct actor){ .kind = ACTOR_SYSTEM };
	r = db_begin(cx) < 0 || save(cx, JUMP, j->from, j->to, (int)j->verdict) < 0 ||
		audit(cx, "clock.jump", NULL, json_text(cx, o)) < 0
	    ? -1
	    : db_commit(cx);
	cx->actor = asking;
	return r;
}

/* ---- looked at ------------------------------------------------------------------- */

/* Lock held. Once it has jumped it stays so; without an authority nothing is kept. */
static void
look(struct ctx *cx, bool *is_new)
{
	int64_t running = running_now();
	enum clock_verdict v = clock_judge(&seen, cx->now, running);

	*is_new = false;
	if (jump.verdict != CLOCK_FINE)
		return;
	if (v == CLOCK_FINE) {
		seen = (struct clock_seen){ cx->now, running };
		return;
	}
	*is_new = true;
	jump = (struct clock_jump){ .verdict = v,
		.from = seen.wall + (seen.running > 0 ? running - seen.running : 0),
		.to = cx->now };
}

/* Nothing was signed by the clock as it was: ahead is believed, back is not kept. */
static void
forget(struct ctx *cx, struct clock_jump *out)
{
	jump = (struct clock_jump){ 0 };
	if (out->verdict == CLOCK_BACK)
		return;
	seen = (struct clock_seen){ cx->now, running_now() };
	*out = jump;
}

/* *out: what is so now; a jump that is new is kept when there is something to stop. */
static int
look_and_keep(struct ctx *cx, struct clock_jump *out)
{
	bool is_new;
	int keep = 0;

	pthread_mutex_lock(&lock);
	look(cx, &is_new);
	*out = jump;
	if (is_new && (keep = has_authority(cx)) < 0)
		jump = (struct clock_jump){ 0 };
	else if (is_new && keep == 0)
		forget(cx, out);
	pthread_mutex_unlock(&lock);
	if (keep <= 0)
		return keep;
	log_warn("%s: no certificate is signed until an administrator confirms it", words(cx, out));
	return record(cx, out);
}

int
op_clock_tick(struct ctx *cx)
{
	struct clock_jump j;
	int64_t wall;

	if (look_and_keep(cx, &j) < 0)
		return -1;
	pthread_mutex_lock(&lock);
	wall = seen.wall;
	pthread_mutex_unlock(&lock);
	if (j.verdict != CLOCK_FINE || wall < noted + CLOCK_NOTE_S)
		return 0;
	if (db_begin(cx) < 0 || save(cx, SEEN, wall, 0, 0) < 0 || db_commit(cx) < 0)
		return -1;
	noted = wall;
	return 0;
}

/* Events are newer than what was written down from time to time. */
static int
newest(struct ctx *cx, int64_t *wall)
{
	struct audit_query q = { .limit = 1 };
	struct audit_row *last;
	int64_t none;
	bool more;
	size_t n;
	int v;

	if (load(cx, SEEN, wall, &none, &v) < 0 || store_audit_list(cx, &q, &last, &n, &more) < 0)
		return -1;
	if (n == 1 && last->at_ms / 1000 > *wall)
		*wall = last->at_ms / 1000;
	return 0;
}

int
op_clock_start(struct ctx *cx)
{
	int64_t wall, from, to;
	int v;

	if (newest(cx, &wall) < 0 || load(cx, JUMP, &from, &to, &v) < 0)
		return -1;
	pthread_mutex_lock(&lock);
	seen = (struct clock_seen){ .wall = wall };
	jump = (struct clock_jump){
		v == CLOCK_BACK || v == CLOCK_AHEAD ? (enum clock_verdict)v : CLOCK_FINE, from, to
	};
	noted = 0;
	pthread_mutex_unlock(&lock);
	return op_clock_tick(cx);
}

int
op_clock_check(struct ctx *cx)
{
	struct clock_jump j;

	if (look_and_keep(cx, &j) < 0)
		return -1;
	if (j.verdict == CLOCK_FINE)
		return 0;
	err_set(&cx->err, R_CLOCK, NULL, "no certificate is signed: %s", words(cx, &j));
	return err_hint(&cx->err,
	    "set the clock right; then an administrator says so: `certwright ca confirm-clock`");
}

void
op_clock_state(struct clock_jump *out)
{
	pthread_mutex_lock(&lock);
	*out = jump;
	pthread_mutex_unlock(&lock);
}

int
op_clock_confirm(struct ctx *cx)
{
	struct clock_jump j;
	json_t *o;

	if (op_clock_check(cx) == 0) {
		err_set(&cx->err, R_CLOCK_FINE, NULL, "the clock did not jump");
		return err_hint(&cx->err, "nothing is left to be done");
	}
	if (cx->err.refusal != R_CLOCK)
		return -1;
	err_clear(&cx->err);
	op_clock_state(&j);
	o = json_pack("{sI,sI,sI}", "from", (json_int_t)j.from, "to", (json_int_t)j.to, "now",
	    (json_int_t)cx->now);
	if (db_begin(cx) < 0 || save(cx, SEEN, cx->now, 0, 0) < 0 ||
	    save(cx, JUMP, 0, 0, CLOCK_FINE) < 0 ||
	    audit(cx, "clock.confirm", NULL, json_text(cx, o)) < 0 || db_commit(cx) < 0)
		return -1;
	pthread_mutex_lock(&lock);
	seen = (struct clock_seen){ cx->now, running_now() };
	jump = (struct clock_jump){ 0 };
	noted = cx->now;
	pthread_mutex_unlock(&lock);
	return 0;
}
