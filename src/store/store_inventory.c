/*
 * store_inventory.c - what our own authorities issued, looked at as a whole
 */
#include "store/found.h"
#include "store/rows.h"

/* ---- counted ----------------------------------------------------------------------- */

struct tally {
	const struct found *among; /* NULL: all */
	int64_t now;
	struct issued_counts *c;
	const struct issued_spans *spans;
};

static void
count_end(const struct issued_spans *s, int64_t now, int64_t end)
{
	if (end >= now && end >= s->from && (end - s->from) / s->step < (int64_t)s->n)
		s->counts[(end - s->from) / s->step]++;
}

static void
count_one(void *arg, int64_t number, enum filed_state state, int64_t end)
{
	struct tally *t = arg;
	struct issued_counts *c = t->c;
	int64_t *const of[] = { NULL, NULL, &c->presumed, &c->revoked, &c->held };

	if (t->among != NULL && !found_has(t->among, number))
		return;
	c->all++;
	if (state != FILED_ISSUED) {
		(*of[state])++;
		return;
	}
	(*(end < t->now ? &c->ended : end < t->now + ISSUED_SOON ? &c->soon : &c->valid))++;
	if (t->spans != NULL)
		count_end(t->spans, t->now, end);
}

/* Of few the rows are read: whether they have the text, and what they are now. */
static int
count_rows(struct ctx *cx, const char *text, const struct found *f, struct tally *t)
{
	AUTO(arena) struct arena *a = arena_new();
	int r;

	for (int64_t i = f->next; (i = found_before(f, i)) >= 0;) {
		AUTO(db_stmt) struct db_stmt *st = NULL;

		if (db_query(cx, &st,
			"SELECT state, not_after FROM issued WHERE number = $1"
			" AND tenant_id = $2 AND " ISSUED_HAS_TEXT("$3"),
			"itt", i, cx->tenant, text) < 0 ||
		    (r = db_step(cx, st)) < 0)
			return -1;
		if (r > 0)
			count_one(t, i, filed_state(db_text(st, 0, a)), db_int(st, 1));
		arena_reset(a);
	}
	return 0;
}

/* What a tenant asked for is few: it is read. */
static int
count_owned(struct ctx *cx, const char *text, struct tally *t)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	AUTO(arena) struct arena *a = arena_new();
	int r;

	if (db_query(cx, &st,
		"SELECT number, state, not_after FROM issued WHERE owner <> '" TENANT_SYSTEM "'"
		" AND owner = $1 AND ($2 IS NULL OR " ISSUED_HAS_TEXT("$2") ")",
		"tt", cx->tenant, text) < 0)
		return -1;
	for (size_t n = 0; (r = db_step(cx, st)) > 0;) {
		count_one(t, db_int(st, 0), filed_state(db_text(st, 1, a)), db_int(st, 2));
		if (++n % 1000 == 0)
			arena_reset(a);
	}
	return r;
}

static int
search(struct ctx *cx, struct issued_query *q)
{
	struct found *f = arena_alloc(cx->arena, sizeof(*f));

	q->found = f;
	return found_text(cx, q->text, f);
}

int
store_issued_search(struct ctx *cx, struct issued_query *q)
{
	return in_system(cx) ? search(cx, q) : 0;
}

int
store_issued_count(struct ctx *cx, const struct issued_query *query, struct issued_counts *c,
    const struct issued_spans *spans)
{
	struct issued_query q = *query;
	struct tally t = { NULL, cx->now, c, spans };
	int64_t below, next;

	memset(c, 0, sizeof(*c));
	if (spans != NULL)
		memset(spans->counts, 0, spans->n * sizeof(*spans->counts));
	if (!in_system(cx))
		return count_owned(cx, q.text, &t);
	if (q.text == NULL)
		return filed_below(cx, &below, &next) < 0 ? -1
							  : filed_each(cx, below, count_one, &t);
	if (q.found == NULL && search(cx, &q) < 0)
		return -1;
	t.among = q.found;
	if (found_count(q.found) <= FOUND_READ_MAX)
		return count_rows(cx, q.text, q.found, &t);
	c->about = !q.found->sure;
	return filed_each(cx, q.found->below, count_one, &t);
}

/* ---- listed ------------------------------------------------------------------------- */

/* Those of one state, and of an end in [from, until). */
struct filter {
	struct found *f;
	enum filed_state state;
	int64_t from, until;
};

static void
set_filter(struct filter *w, const char *state, int64_t now)
{
	w->state = filed_state(state);
	w->from = INT64_MIN;
	w->until = INT64_MAX;
	if (w->state != FILED_NONE)
		return;
	w->state = FILED_ISSUED;
	if (strcmp(state, "ended") == 0)
		w->until = now;
	else if (strcmp(state, "soon") == 0) {
		w->from = now;
		w->until = now + ISSUED_SOON;
	} else
		w->from = now + ISSUED_SOON;
}

static void
filter_one(void *arg, int64_t number, enum filed_state state, int64_t end)
{
	const struct filter *w = arg;

	if (state != w->state || end < w->from || end >= w->until)
		found_put(w->f, number, false);
}

/* The number that `id` has, or would have; all are below it without an id. */
static int
number_of(struct ctx *cx, const char *id, int64_t *number)
{
	AUTO(db_stmt) struct db_stmt *st = NULL;
	int r;

	if (id == NULL)
		return 0;
	if (db_query(cx, &st,
		"SELECT number + (id < $2) FROM issued WHERE tenant_id = $1 AND id <= $2"
		" ORDER BY id DESC LIMIT 1",
		"tt", cx->tenant, id) < 0)
		return -1;
	if ((r = db_step(cx, st)) < 0)
		return -1;
	*number = r == 0 ? 0 : db_int(st, 0);
	return 0;
}

/* A copy of what the text finds, since the state takes some away. */
static int
of_state(struct ctx *cx, const struct issued_query *q, const struct found *of, struct found *f)
{
	struct filter w = { .f = f };

	*f = *of;
	if (q->state == NULL || found_count(of) <= FOUND_READ_MAX)
		return 0;
	f->words = arena_dup(cx->arena, of->words, of->n * sizeof(*of->words));
	set_filter(&w, q->state, cx->now);
	return filed_each(cx, f->below, filter_one, &w);
}

int
found_each(struct ctx *cx, const struct issued_query *query,
    int (*fn)(void *arg, struct ctx *, int64_t number), void *arg)
{
	struct issued_query q = *query;
	struct found f;
	int64_t at;
	int r;

	if ((q.found == NULL && search(cx, &q) < 0) || of_state(cx, &q, q.found, &f) < 0)
		return -1;
	at = f.next;
	r = number_of(cx, q.before, &at);
	for (size_t n = 0; r >= 0 && n < q.limit && (at = found_before(&f, at)) >= 0;)
		if ((r = fn(arg, cx, at)) > 0)
			n++;
	return r < 0 ? -1 : 0;
}
