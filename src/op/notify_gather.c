/*
 * notify_gather.c - what was not told yet becomes one digest a channel
 */
#include "op/digest.h"
#include "op/notify_impl.h"
#include "op/op_clock.h"

#define DAY	      86400
#define REVOKED_LINES 20
#define REVOKED_S     (7 * DAY)	 /* what was revoked earlier is not told any more */
#define TOLD_S	      (8 * DAY)	 /* of a revocation; longer than that */
#define BACK_S	      DAY	 /* what is so again sooner was never gone */
#define KEPT_S	      (30 * DAY) /* of digests that arrived */

struct work {
	struct ctx *cx;
	const struct notify_row *rules;
	const struct notice *v;
	size_t n;
	const char *channel;
	struct told_row *told;
	size_t ntold;
};

static bool
same(const struct notice *n, const struct told_row *t)
{
	return strcmp(n->kind, t->kind) == 0 && strcmp(n->object, t->object) == 0 &&
	    strcmp(n->threshold, t->threshold) == 0;
}

static bool
is_told(const struct work *w, const struct notice *n)
{
	for (size_t i = 0; i < w->ntold; i++)
		if (same(n, &w->told[i]))
			return true;
	return false;
}

static bool
is_so(const struct work *w, const struct told_row *t)
{
	for (size_t i = 0; i < w->n; i++)
		if (same(&w->v[i], t))
			return true;
	return false;
}

/* ---- what was told and is not so any more ----------------------------------------- */

/* What comes back within a day does not repeat; later it is news again. */
static int
follow_one(struct ctx *cx, const struct told_row *t, bool so)
{
	bool revoked = strcmp(t->kind, "revoked") == 0;

	if (so)
		return t->gone_at == 0 ? 0 : store_told_gone(cx, t, 0);
	if (t->gone_at == 0)
		return store_told_gone(cx, t, cx->now);
	return cx->now - t->gone_at < (revoked ? TOLD_S : BACK_S) ? 0 : store_told_delete(cx, t);
}

static bool
moves(const struct work *w, const struct told_row *t)
{
	bool revoked = strcmp(t->kind, "revoked") == 0;

	return is_so(w, t)
	    ? t->gone_at != 0
	    : t->gone_at == 0 || w->cx->now - t->gone_at >= (revoked ? TOLD_S : BACK_S);
}

/* Written only where something is to be written: most often nothing is. */
static int
follow(struct work *w)
{
	bool any = false;

	for (size_t i = 0; i < w->ntold && !any; i++)
		any = moves(w, &w->told[i]);
	if (!any)
		return 0;
	if (db_begin(w->cx) < 0)
		return -1;
	for (size_t i = 0; i < w->ntold; i++)
		if (follow_one(w->cx, &w->told[i], is_so(w, &w->told[i])) < 0)
			return -1;
	return db_commit(w->cx);
}

/* ---- a digest ------------------------------------------------------------------------ */

/* One is on its way, or the last is too new; a clock that went back holds up nothing. */
static int
must_wait(struct work *w)
{
	struct digest_row last;
	int64_t age;
	int found = store_digest_newest(w->cx, w->channel, &last);

	if (found <= 0)
		return found;
	age = w->cx->now - last.created_at;
	return last.ended_at == 0 || (age >= 0 && age < w->rules->minutes * 60);
}

static int
write_digest(struct work *w, struct digest_words *words, int64_t since)
{
	struct ctx *cx = w->cx;
	struct digest_row d = { .channel = w->channel, .created_at = cx->now, .next_at = cx->now };

	id_new(d.id);
	words->id = arena_strdup(cx->arena, d.id);
	words->tenant = notify_tenant(cx);
	digest_compose(cx, words, &d);
	if (db_begin(cx) < 0 || store_digest_insert(cx, &d) < 0 ||
	    store_digest_forget(cx, cx->now - KEPT_S) < 0)
		return -1;
	for (size_t i = 0; i < words->n; i++)
		if (store_told_insert(cx,
			&(struct told_row){ .channel = w->channel,
			    .kind = words->v[i].kind,
			    .object = words->v[i].object,
			    .threshold = words->v[i].threshold,
			    .digest = d.id }) < 0)
			return -1;
	if (words->all_revoked > 0 && store_revoked_told(cx, w->channel, since, d.id) < 0)
		return -1;
	return db_commit(cx);
}

static int
gather_channel(struct work *w)
{
	struct ctx *cx = w->cx;
	struct digest_words words = { 0 };
	struct notice *news = arena_new_array(cx->arena, w->n + 1, struct notice);
	int64_t since = cx->now - REVOKED_S;
	struct revoked_row *revoked;
	int wait;

	if (since < w->rules->since)
		since = w->rules->since;
	if (store_told_list(cx, w->channel, &w->told, &w->ntold) < 0 || follow(w) < 0 ||
	    (wait = must_wait(w)) < 0)
		return -1;
	if (wait)
		return 0;
	for (size_t i = 0; i < w->n; i++)
		if (!is_told(w, &w->v[i]))
			news[words.n++] = w->v[i];
	words.v = news;
	if (store_revoked_untold(cx, w->channel, since, REVOKED_LINES, &revoked, &words.nrevoked,
		&words.all_revoked) < 0)
		return -1;
	words.revoked = revoked;
	return words.n == 0 && words.all_revoked == 0 ? 0 : write_digest(w, &words, since);
}

static int
gather_tenant(struct ctx *cx, const struct notify_row *rules)
{
	struct work w = { .cx = cx, .rules = rules };
	struct notify_server server;
	const char **channels;
	struct notice *all;
	size_t n;

	if (op_notify_server(cx, &server) < 0 ||
	    notify_channels(cx, rules, &server, &channels, &n) < 0)
		return -1;
	if (n == 0)
		return 0;
	if (notice_gather(cx, rules, &all, &w.n) < 0)
		return -1;
	w.v = all;
	for (size_t i = 0; i < n; i++) {
		w.channel = channels[i];
		if (gather_channel(&w) < 0)
			return -1;
	}
	return 0;
}

/* By a clock that jumped all has ended, or nothing: only the system is told, of that too. */
static bool
is_doubted(struct ctx *cx)
{
	if (in_system(cx) || op_clock_check(cx) == 0)
		return false;
	if (cx->err.refusal == R_CLOCK)
		err_clear(&cx->err);
	return true;
}

int
op_notify_gather(struct ctx *cx, char after[ID_SIZE])
{
	struct notify_row *rules;
	size_t n;

	if (store_notify_walk(cx, after, 1, &rules, &n) < 0)
		return -1;
	if (n == 0)
		return 0;
	memcpy(after, rules->tenant, ID_SIZE);
	IN_TENANT(cx, rules->tenant);
	if (is_doubted(cx))
		return err_is_set(&cx->err) ? -1 : 1;
	return gather_tenant(cx, rules) < 0 ? -1 : 1;
}
