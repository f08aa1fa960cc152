/*
 * op_attention.c - what needs a person, worst first
 */
#include "op/attention.h"

static const char *const ids[ATTENTION_KINDS] = {
	[ATTENTION_OTHER] = "presents-another",
	[ATTENTION_FAILED] = "delivery-failed",
	[ATTENTION_BAD_KEY] = "bad-key",
	[ATTENTION_REPLACE] = "not-revoked",
	[ATTENTION_EXPIRED] = "expired",
	[ATTENTION_EARLY] = "not-yet-valid",
	[ATTENTION_CLOCK] = "clock",
	[ATTENTION_RESTORED] = "restored",
	[ATTENTION_LICENSE] = "license",
	[ATTENTION_SANDBOX] = "no-sandbox",
	[ATTENTION_RENEWAL] = "renewal-failed",
	[ATTENTION_UNREACHABLE] = "unreachable",
	[ATTENTION_PULL] = "not-pulled",
	[ATTENTION_DUE] = "ends-soon",
	[ATTENTION_SELF_SIGNED] = "self-signed",
	[ATTENTION_OVERRIDE] = "overridden",
	[ATTENTION_REQUEST] = "request-waits",
	[ATTENTION_ROOT_AWAY] = "root-offline",
	[ATTENTION_ONE_SUPER] = "one-super",
	[ATTENTION_NEXT_START] = "next-start",
};

const char *
attention_id(enum attention_kind kind)
{
	return ids[kind];
}

void
attention_add(struct found *f, int64_t weight, struct attention a)
{
	struct weighed *more;

	if (f->n == f->room) {
		more = arena_new_array(f->arena, f->room = 2 * f->room + 16, struct weighed);
		if (f->n > 0)
			memcpy(more, f->v, f->n * sizeof(*more));
		f->v = more;
	}
	f->v[f->n] = (struct weighed){ weight, f->n, a };
	f->n++;
}

/* Of two the heavier first, else in the order found. */
static int
compare(const void *one, const void *other)
{
	const struct weighed *a = one, *b = other;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

/* Its host should have come long ago: a sixth of the life is left, as for is_cared_for. */
static void
judge_pull(struct ctx *cx, struct found *f, const struct component *c)
{
	struct arena *a = cx->arena;
	bool ended = cx->now > c->not_after;

	if (c->not_after == 0 || c->not_after - cx->now > (c->not_after - c->not_before) / 6)
		return;
	attention_add(f, ended ? 905 : 545,
	    (struct attention){ ATTENTION_PULL, STEP_COMPONENT, NULL,
		arena_printf(a,
		    "The certificate that %s pulled %s %s, on %s, and its host did not come for the "
		    "next one. See that certwright component pull runs there, by a timer.",
		    c->name, ended ? "ended" : "ends", time_relative(a, c->not_after, cx->now),
		    time_day(a, c->not_after)),
		c->name });
}

static void
judge_component(struct ctx *cx, struct found *f, const struct component *c)
{
	struct attention a = { .identity = c->identity };

	if (c->bound && c->row.target == NULL)
		judge_pull(cx, f, c);
	if (c->bound) {
		a.component = c->name;
		a.step = STEP_COMPONENT;
	}
	if (c->served == SERVED_OTHER) {
		a.kind = ATTENTION_OTHER;
		a.message = c->bound
		    ? arena_printf(cx->arena,
			  "%s presents another certificate than was delivered to it: %s. Deliver it "
			  "again, and see that its server reads these files.",
			  c->name, c->row.check_note)
		    : arena_printf(cx->arena,
			  "%s presents another certificate than the active one; a restart of the "
			  "service repairs this.",
			  c->name);
		attention_add(f, 1000, a);
	}
	if (c->served == SERVED_UNREACHABLE) {
		a.kind = ATTENTION_UNREACHABLE;
		a.message = arena_printf(cx->arena,
		    "What %s presents is not known: %s. See that its server is up and reached "
		    "from here; it is asked again by itself.",
		    c->name, c->row.check_note);
		attention_add(f, 540, a);
	}
	if (c->bound && strcmp(c->row.delivery, "failed") == 0) {
		a.kind = ATTENTION_FAILED;
		a.message = arena_printf(
		    cx->arena, "The delivery to %s failed: %s", c->name, c->row.message);
		attention_add(f, 970, a);
	}
}

int
op_attention(struct ctx *cx, struct attention **out, size_t *n)
{
	struct component *c;
	size_t nc;

	return op_component_list(cx, &c, &nc) < 0 ? -1 : op_attention_among(cx, c, nc, out, n);
}

int
op_attention_among(
    struct ctx *cx, const struct component *c, size_t nc, struct attention **out, size_t *n)
{
	struct found f = { .arena = cx->arena };
	struct identity *all;
	size_t nall;

	if (store_identity_list(cx, &all, &nall) < 0)
		return -1;
	for (size_t i = 0; i < nc; i++)
		judge_component(cx, &f, &c[i]);
	for (size_t i = 0; i < nall; i++)
		if (attention_of_identity(cx, &f, &all[i]) < 0)
			return -1;
	if (attention_of_keys(cx, &f) < 0 || attention_of_roots(cx, &f) < 0 ||
	    (in_system(cx) && attention_of_system(cx, &f) < 0))
		return -1;
	if (f.n > 0)
		qsort(f.v, f.n, sizeof(*f.v), compare);
	*out = arena_new_array(cx->arena, f.n, struct attention);
	for (*n = 0; *n < f.n; (*n)++)
		(*out)[*n] = f.v[*n].what;
	return 0;
}
