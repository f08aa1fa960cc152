/*
 * plan_said.c - what is to be said of a plan, and which one is proposed
 */
#include <stdlib.h>
#include <string.h>

#include "x509/plan_impl.h"

struct seen {
	int cert;
	const char *owner;
};

static int
compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	return x->cert != y->cert ? (x->cert < y->cert ? -1 : 1)
				  : plan_compare_owners(x->owner, y->owner);
}

/* Which tenants' names everybody reads in it. */
static void
count_owners(struct making *m)
{
	struct seen *seen = arena_new_array(m->p->arena, m->out->n, struct seen);
	struct plan_cert *certs = m->out->certs;
	size_t n = 0;

	for (size_t i = 0; i < m->out->n; i++)
		if (m->literal[i] && m->out->items[i].owner != NULL)
			seen[n++] = (struct seen){ m->out->items[i].cert, m->out->items[i].owner };
	if (n > 0)
		qsort(seen, n, sizeof(*seen), compare_seen);
	for (size_t i = 0; i < n; i++)
		certs[seen[i].cert].owners += i == 0 || compare_seen(&seen[i - 1], &seen[i]) != 0;
	for (size_t i = 0; i < n; i++)
		m->out->exposed += certs[seen[i].cert].owners > 1;
}

static int
compare_held_names(const void *a, const void *b)
{
	return strcmp(((const struct held_name *)a)->name, ((const struct held_name *)b)->name);
}

/* The names above which the plan's wildcards stand, each with its certificate. */
static struct held_name *
wildcards(struct making *m, size_t *n)
{
	const struct planning *p = m->p;
	struct held_name *v = arena_new_array(
	    p->arena, p->nsans + m->out->ncerts, struct held_name);

	*n = 0;
	for (size_t i = 0; i < p->nsans; i++) {
		int cert = m->of_held[p->sans[i].held];

		if (p->sans[i].name[0] != '*' || cert < 0)
			continue;
		if (m->out->certs[cert].wildcard == NULL)
			m->out->certs[cert].wildcard = p->sans[i].name;
		v[(*n)++] = (struct held_name){ plan_parent(p->sans[i].name), (size_t)cert };
	}
	for (size_t i = 0; i < m->out->ncerts; i++)
		if (m->out->certs[i].held == NULL && m->out->certs[i].wildcard != NULL)
			v[(*n)++] = (struct held_name){ plan_parent(m->out->certs[i].wildcard), i };
	if (*n > 0)
		qsort(v, *n, sizeof(*v), compare_held_names);
	return v;
}

/* The name itself, and what is more than a label below, is not covered (V28). */
static void
find_beyond(struct making *m)
{
	size_t n;
	struct held_name *v = wildcards(m, &n);

	for (size_t i = 0; i < m->out->n && n > 0; i++) {
		struct plan_item *it = &m->out->items[i];
		const char *top = it->name;

		while (*top != '\0' && it->beyond < 0) {
			struct held_name wanted = { .name = top },
					 *found = bsearch(
					     &wanted, v, n, sizeof(*v), compare_held_names);

			if (found != NULL && (int)found->held != it->cert) {
				it->beyond = (int)found->held;
				m->out->certs[found->held].beyond++;
			}
			top = plan_parent(top == it->name ? plan_parent(top) : top);
			if (it->name[0] == '*')
				break;
		}
	}
}

/* Those that are there first, each in the order of its first name. */
static void
sort_certs(struct making *m)
{
	struct plan *out = m->out;
	struct plan_cert *sorted = arena_new_array(m->p->arena, out->ncerts, struct plan_cert);
	int *place = arena_new_array(m->p->arena, out->ncerts, int);
	size_t n = 0;

	for (int fresh = 0; fresh < 2; fresh++)
		for (size_t i = 0; i < out->ncerts; i++)
			if ((out->certs[i].held == NULL) == (fresh == 1)) {
				place[i] = (int)n;
				sorted[n++] = out->certs[i];
			}
	for (size_t i = 0; i < out->n; i++) {
		if (out->items[i].cert >= 0)
			out->items[i].cert = place[out->items[i].cert];
		if (out->items[i].beyond >= 0)
			out->items[i].beyond = place[out->items[i].beyond];
		out->uncovered += out->items[i].cert < 0;
	}
	out->certs = sorted;
	for (size_t i = 0; i < n; i++) {
		out->to_make += sorted[i].held == NULL;
		out->wildcards += sorted[i].wildcard != NULL;
	}
}

void
plan_say(struct making *m)
{
	count_owners(m);
	find_beyond(m);
	sort_certs(m);
}

/* ---- the choice ----------------------------------------------------------------------------- */

enum plan_strategy
plan_recommend(struct arena *a, const struct plan all[PLAN_STRATEGIES], const char **why)
{
	const struct plan *w = &all[PLAN_WILDCARD], *s = &all[PLAN_SHARED], *e = &all[PLAN_EACH];

	if (e->n == 0) {
		*why = "there are no names yet";
		return PLAN_WILDCARD;
	}
	if (w->wildcards > 0 && w->ncerts <= e->ncerts) {
		*why = arena_printf(a,
		    "%zu in place of %zu, new names below a wildcard need nothing, and no tenant "
		    "reads the names of others in it",
		    w->ncerts, e->ncerts);
		return PLAN_WILDCARD;
	}
	if (s->exposed == 0 && s->ncerts < e->ncerts) {
		*why = arena_printf(a,
		    "%zu in place of %zu, and the names that stand together are of one owner",
		    s->ncerts, e->ncerts);
		return PLAN_SHARED;
	}
	*why = s->exposed > 0
	    ? arena_printf(a, "in shared certificates %zu names would be read by other tenants%s%s",
		  s->exposed, w->refused == NULL ? "" : ", and no wildcard is issued: ",
		  w->refused == NULL ? "" : w->refused)
	    : "nothing is saved by putting names together";
	return PLAN_EACH;
}

int64_t
plan_renewals(size_t certs, int64_t days)
{
	return days < 1 ? 0 : ((int64_t)certs * 365 * 3 + 2 * days - 1) / (2 * days);
}
