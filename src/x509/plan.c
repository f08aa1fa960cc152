/*
 * plan.c - which certificates would cover these names?
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/limits.h"
#include "base/text.h"
#include "x509/plan_impl.h"

#define TOO_LONG                                                             \
	"a request here has a common name of at most 64 characters, and no " \
	"shorter name goes with it"

static const char *const strategies[] = { "wildcard", "shared", "each" };

const char *
plan_strategy_name(enum plan_strategy s)
{
	return strategies[s];
}

int
plan_strategy_of(const char *name, enum plan_strategy *out)
{
	for (int i = 0; i < PLAN_STRATEGIES; i++)
		if (strcmp(name, strategies[i]) == 0) {
			*out = (enum plan_strategy)i;
			return 0;
		}
	return -1;
}

const char *
plan_identity(struct arena *a, const char *cn)
{
	const char *name = cn[0] == '*' ? arena_printf(a, "wildcard%s", cn + 1) : cn;
	unsigned char digest[SHA256_DIGEST_LENGTH];

	if (strlen(name) <= LIMIT_NAME)
		return name;
	SHA256((const unsigned char *)cn, strlen(cn), digest);
	return arena_printf(a, "%.*s-%s", LIMIT_NAME - 13, name, hex_of(a, digest, 6));
}

/* ---- certificates of the plan --------------------------------------------------------- */

static bool
is_open(const struct making *m, size_t i)
{
	return m->out->items[i].cert < 0 && m->out->items[i].why == NULL;
}

static int
add_cert(struct making *m, const struct plan_cert *c)
{
	m->out->certs[m->out->ncerts] = *c;
	return (int)m->out->ncerts++;
}

/* One that is there already. */
static int
kept(struct making *m, int held)
{
	const struct plan_held *h = &m->p->in->held[held];

	if (m->of_held[held] < 0)
		m->of_held[held] = add_cert(m,
		    &(struct plan_cert){
			.identity = h->label, .n = m->p->held_n[held], .held = h });
	return m->of_held[held];
}

static void
assign(struct making *m, size_t i, int cert, bool literal)
{
	m->out->items[i].cert = cert;
	m->out->certs[cert].covers++;
	m->literal[i] = literal;
}

/* ---- wildcards -------------------------------------------------------------------------- */

static int
held_wildcard(const struct making *m, const char *wildcard, const struct plan_item *it)
{
	return planning_held(m->p, wildcard, it->owner, false);
}

/* The name above stays in the certificate of the wildcard, where it stands beside it. */
static void
keep_apex(struct making *m, const char *parent)
{
	const struct plan_item *it = planning_item(m->out->items, m->out->n, parent);
	size_t i = it == NULL ? 0 : (size_t)(it - m->out->items);
	int held;

	if (it != NULL && is_open(m, i) &&
	    (held = planning_held(m->p, parent, it->owner, false)) >= 0 && m->of_held[held] >= 0)
		assign(m, i, m->of_held[held], true);
}

/* Siblings [a, b) under a wildcard that is there or asked for. Those that are left: */
static size_t
take_held_wildcard(struct making *m, size_t a, size_t b, const char *wildcard)
{
	size_t left = 0;
	int held;

	for (size_t i = a; i < b; i++) {
		if (!is_open(m, i))
			continue;
		if ((held = held_wildcard(m, wildcard, &m->out->items[i])) >= 0)
			assign(m, i, kept(m, held), m->out->items[i].name[0] == '*');
		else
			left++;
	}
	keep_apex(m, plan_parent(m->out->items[a].name));
	return left;
}

/* Is one wildcard for them all somebody's to have? */
static bool
may_share(const struct making *m, size_t a, size_t b, const char *parent)
{
	const char *owner = m->out->items[a].owner;

	if (m->p->in->base != NULL && strcmp(parent, m->p->in->base) == 0)
		return true;
	for (size_t i = a + 1; i < b; i++)
		if (plan_compare_owners(m->out->items[i].owner, owner) != 0)
			return false;
	return planning_owns(m->p, owner, parent);
}

/* What stands beside the wildcard: the name that it does not cover (V28). */
static void
take_apex(struct making *m, const char *parent, int cert)
{
	struct plan_item *it = planning_item(m->out->items, m->out->n, parent);
	struct plan_cert *c = &m->out->certs[cert];
	size_t max = m->p->in->max_names;

	if (it == NULL || max == 1 || !is_open(m, (size_t)(it - m->out->items)))
		return;
	c->names[c->n++] = it->name;
	assign(m, (size_t)(it - m->out->items), cert, true);
}

static void
make_wildcard(struct making *m, size_t a, size_t b, const char *wildcard)
{
	struct plan_cert c = { .names = arena_new_array(m->p->arena, 2, const char *),
		.n = 1,
		.wildcard = wildcard,
		.identity = plan_identity(m->p->arena, wildcard) };
	int cert;

	c.names[0] = wildcard;
	cert = add_cert(m, &c);
	for (size_t i = a; i < b; i++)
		if (is_open(m, i))
			assign(m, i, cert, m->out->items[i].name[0] == '*');
	take_apex(m, plan_parent(wildcard), cert);
}

/* Siblings [a, b): one wildcard, where it is worth it and may be. */
static void
cover_siblings(struct making *m, size_t a, size_t b)
{
	const struct plan_input *in = m->p->in;
	const char *parent = plan_parent(m->out->items[a].name), *why,
		   *wildcard = arena_printf(m->p->arena, "*.%s", parent);
	size_t left = take_held_wildcard(m, a, b, wildcard);
	bool worth = left > 1 || (in->base != NULL && strcmp(parent, in->base) == 0);

	for (size_t i = a; i < b && !worth; i++)
		worth = is_open(m, i) && m->out->items[i].name[0] == '*';
	if (left == 0 || !worth || strlen(wildcard) > PLAN_CN_MAX || !may_share(m, a, b, parent) ||
	    planning_fault(m->p, wildcard) != NULL)
		return;
	if ((why = planning_refuses(m->p, wildcard)) == NULL)
		make_wildcard(m, a, b, wildcard);
	else if (m->out->refused == NULL)
		m->out->refused = why;
}

static int
depth(const char *name)
{
	int n = 0;

	for (; *name != '\0'; name++)
		n += *name == '.';
	return n;
}

/*
 * The deepest siblings first: a name that stands beside the wildcard for what is
 * below it is no reason for another one, for it and its own siblings.
 */
static void
cover_by_wildcards(struct making *m)
{
	int deepest = 0;

	for (size_t i = 0; i < m->out->n; i++)
		if (depth(m->out->items[i].name) > deepest)
			deepest = depth(m->out->items[i].name);
	for (int level = deepest; level >= 0; level--)
		for (size_t a = 0, b; a < m->out->n; a = b) {
			const char *parent = plan_parent(m->out->items[a].name);

			for (b = a + 1; b < m->out->n &&
			     strcmp(plan_parent(m->out->items[b].name), parent) == 0;
			     b++)
				;
			if (depth(m->out->items[a].name) == level)
				cover_siblings(m, a, b);
		}
}

/* ---- names as they are ------------------------------------------------------------------- */

/* What stays as it is, by strategy. */
static void
keep(struct making *m)
{
	const struct planning *p = m->p;

	for (size_t i = 0; i < m->out->n; i++) {
		const struct plan_item *it = &m->out->items[i];
		bool shared = m->out->strategy == PLAN_SHARED;
		int held;

		if (!is_open(m, i))
			continue;
		held = planning_held(p, it->name, it->owner, false);
		if (held >= 0 && (shared ? p->listed[held] > 1 : !p->mixed[held])) {
			assign(m, i, kept(m, held), true);
		} else if (shared && it->name[0] != '*' &&
		    (held = held_wildcard(
			 m, arena_printf(p->arena, "*.%s", plan_parent(it->name)), it)) >= 0) {
			assign(m, i, kept(m, held), false);
		}
	}
}

/* Has one that is there just these? -1 */
static int
held_by_one(const struct making *m, const size_t *group, size_t n)
{
	int held = -1;

	for (size_t i = 0; i < n; i++) {
		const struct plan_item *it = &m->out->items[group[i]];
		int one = planning_held(m->p, it->name, it->owner, false);

		if (one < 0 || (i > 0 && one != held))
			return -1;
		held = one;
	}
	return held;
}

static void
make_group(struct making *m, const size_t *group, size_t n)
{
	struct plan_cert c = { .names = arena_new_array(m->p->arena, n, const char *), .n = n };
	struct plan_item *items = m->out->items;
	size_t first = 0;
	int cert = m->out->strategy == PLAN_SHARED ? held_by_one(m, group, n) : -1;

	if (cert >= 0) {
		cert = kept(m, cert);
	} else {
		while (first < n && strlen(items[group[first]].name) > PLAN_CN_MAX)
			first++;
		if (first == n) {
			for (size_t i = 0; i < n; i++)
				items[group[i]].why = TOO_LONG;
			return;
		}
		c.names[0] = items[group[first]].name;
		for (size_t i = 0, at = 1; i < n; i++) {
			if (i != first)
				c.names[at++] = items[group[i]].name;
			if (c.wildcard == NULL && items[group[i]].name[0] == '*')
				c.wildcard = items[group[i]].name;
		}
		c.identity = plan_identity(m->p->arena, c.names[0]);
		cert = add_cert(m, &c);
	}
	for (size_t i = 0; i < n; i++)
		assign(m, group[i], cert, true);
}

static int
compare_by_owner(const void *a, const void *b, void *arg)
{
	const struct plan_item *items = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int c = plan_compare_owners(items[x].owner, items[y].owner);

	return c != 0 ? c : x < y ? -1 : x > y;
}

/* What is left, at most `max` in one, those of one owner together. */
static void
cover_by_groups(struct making *m, size_t max, bool one_owner)
{
	struct plan_item *items = m->out->items;
	size_t *left = arena_new_array(m->p->arena, m->out->n, size_t), n = 0, a, b;

	for (size_t i = 0; i < m->out->n; i++)
		if (is_open(m, i))
			left[n++] = i;
	if (n > 0)
		qsort_r(left, n, sizeof(*left), compare_by_owner, items);
	for (a = 0; a < n; a = b) {
		b = a + 1;
		while (b < n && (max == 0 || b - a < max) &&
		    (!one_owner ||
			plan_compare_owners(items[left[a]].owner, items[left[b]].owner) == 0))
			b++;
		make_group(m, left + a, b - a);
	}
}

/* ---- all three ------------------------------------------------------------------------------ */

static void
make_one(struct planning *p, enum plan_strategy strategy, struct plan *out)
{
	struct making m = { .p = p,
		.out = out,
		.of_held = arena_new_array(p->arena, p->in->nheld, int),
		.literal = arena_new_array(p->arena, p->n, bool) };

	*out = (struct plan){ .strategy = strategy,
		.items = arena_new_array(p->arena, p->n, struct plan_item),
		.n = p->n,
		.certs = arena_new_array(p->arena, p->n, struct plan_cert) };
	for (size_t i = 0; i < p->n; i++)
		out->items[i] = p->items[i];
	for (size_t i = 0; i < p->in->nheld; i++)
		m.of_held[i] = -1;
	if (strategy == PLAN_WILDCARD)
		cover_by_wildcards(&m);
	keep(&m);
	cover_by_groups(
	    &m, strategy == PLAN_EACH ? 1 : p->in->max_names, strategy == PLAN_WILDCARD);
	plan_say(&m);
}

void
plan_make(struct arena *a, const struct plan_input *in, struct plan out[PLAN_STRATEGIES])
{
	struct planning p;

	planning_begin(&p, a, in);
	for (int s = 0; s < PLAN_STRATEGIES; s++)
		make_one(&p, (enum plan_strategy)s, &out[s]);
}
