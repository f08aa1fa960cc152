/*
 * plan_names.c - names to be covered, whose they are, and what covers them now
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "x509/name.h"
#include "x509/plan_impl.h"

const char *
plan_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot == NULL ? "" : dot + 1;
}

int
plan_compare_owners(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* By the name above: siblings stand together. */
static int
compare_names(const char *a, const char *b)
{
	int c = strcmp(plan_parent(a), plan_parent(b));

	return c != 0 ? c : strcmp(a, b);
}

/* Of one name twice a tenant's comes first. */
static int
compare_items(const void *a, const void *b)
{
	const struct plan_item *x = a, *y = b;
	int c = compare_names(x->name, y->name);

	return c != 0 ? c : plan_compare_owners(y->owner, x->owner);
}

static int
compare_domains(const void *a, const void *b)
{
	return strcmp(((const struct plan_name *)a)->name, ((const struct plan_name *)b)->name);
}

static int
compare_item(const void *name, const void *item)
{
	return compare_names(name, ((const struct plan_item *)item)->name);
}

struct plan_item *
planning_item(struct plan_item *items, size_t n, const char *name)
{
	return n == 0 ? NULL : bsearch(name, items, n, sizeof(*items), compare_item);
}

/* ---- whose it is ------------------------------------------------------------------- */

/* The domain that it is or is below, or NULL. */
static const struct plan_name *
domain_of(const struct planning *p, const char *name)
{
	const struct plan_name *found;

	for (; *name != '\0' && p->in->ndomains > 0; name = plan_parent(name)) {
		struct plan_name wanted = { .name = name };

		if ((found = bsearch(&wanted, p->domains, p->in->ndomains, sizeof(wanted),
			 compare_domains)) != NULL)
			return found;
	}
	return NULL;
}

bool
planning_owns(const struct planning *p, const char *owner, const char *domain)
{
	const struct plan_name *d;

	return owner == NULL ||
	    ((d = domain_of(p, domain)) != NULL && plan_compare_owners(d->owner, owner) == 0);
}

/* ---- may it be in a certificate? ----------------------------------------------------- */

const char *
planning_fault(const struct planning *p, const char *name)
{
	struct err e = { 0 };
	const char *ascii, *unicode;

	if (name_is_address(name))
		return "it is an address: that is asked for in the request of its own identity";
	if (name_check_dns(&e, "name", name, p->arena, &ascii, &unicode) < 0)
		return arena_strdup(p->arena, e.message);
	return strcmp(ascii, name) == 0 ? NULL : arena_printf(p->arena, "it is written %s", ascii);
}

const char *
planning_refuses(const struct planning *p, const char *name)
{
	return p->in->refuses == NULL ? NULL : p->in->refuses(p->in->arg, name);
}

static void
judge(struct planning *p, struct plan_item *it)
{
	const struct plan_name *d;

	if (it->owner == NULL && (d = domain_of(p, it->name)) != NULL)
		it->owner = d->owner;
	if (!planning_owns(p, it->owner, it->name))
		it->why = arena_printf(p->arena, "it does not belong to %s", it->owner);
	else if ((it->why = planning_fault(p, it->name)) == NULL)
		it->why = planning_refuses(p, it->name);
}

static void
take_names(struct planning *p)
{
	size_t n = 0;

	p->items = arena_new_array(p->arena, p->in->n, struct plan_item);
	for (size_t i = 0; i < p->in->n; i++)
		p->items[i] = (struct plan_item){ .name = p->in->names[i].name,
			.owner = p->in->names[i].owner,
			.cert = -1,
			.now = -1,
			.beyond = -1 };
	if (p->in->n > 0)
		qsort(p->items, p->in->n, sizeof(*p->items), compare_items);
	for (size_t i = 0; i < p->in->n; i++)
		if (n == 0 || strcmp(p->items[n - 1].name, p->items[i].name) != 0)
			p->items[n++] = p->items[i];
	p->n = n;
	for (size_t i = 0; i < n; i++)
		judge(p, &p->items[i]);
}

/* ---- what is there --------------------------------------------------------------------- */

/* By name; of one name what serves now, then the system's, then in order. */
static int
compare_sans(const void *a, const void *b, void *arg)
{
	const struct plan_held *held = arg, *x, *y;
	const struct held_name *p = a, *q = b;
	int c = strcmp(p->name, q->name);

	if (c != 0)
		return c;
	x = &held[p->held];
	y = &held[q->held];
	if ((x->until == 0) != (y->until == 0))
		return x->until == 0 ? 1 : -1;
	if ((c = plan_compare_owners(x->owner, y->owner)) != 0)
		return c;
	return p->held < q->held ? -1 : p->held > q->held;
}

static size_t
count_lines(const char *s)
{
	size_t n = *s != '\0';

	for (; *s != '\0'; s++)
		n += *s == '\n' && s[1] != '\0';
	return n;
}

static void
take_sans(struct planning *p, size_t held)
{
	const char *s = p->in->held[held].names;

	while (*s != '\0') {
		size_t len = strcspn(s, "\n");

		if (len > 0)
			p->sans[p->nsans++] = (struct held_name){
				text_lower_ascii(p->arena, arena_dup(p->arena, s, len)), held
			};
		s += len + (s[len] == '\n');
	}
}

static void
take_held(struct planning *p)
{
	size_t total = 0;

	p->held_n = arena_new_array(p->arena, p->in->nheld, size_t);
	p->listed = arena_new_array(p->arena, p->in->nheld, size_t);
	p->mixed = arena_new_array(p->arena, p->in->nheld, bool);
	for (size_t i = 0; i < p->in->nheld; i++)
		total += p->held_n[i] = count_lines(p->in->held[i].names);
	p->sans = arena_new_array(p->arena, total, struct held_name);
	for (size_t i = 0; i < p->in->nheld; i++)
		take_sans(p, i);
	if (p->nsans > 0)
		qsort_r(p->sans, p->nsans, sizeof(*p->sans), compare_sans,
		    (void *)(uintptr_t)p->in->held);
}

int
planning_held(const struct planning *p, const char *name, const char *owner, bool only)
{
	size_t low = 0, high = p->nsans;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(p->sans[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < p->nsans && strcmp(p->sans[low].name, name) == 0; low++) {
		const struct plan_held *h = &p->in->held[p->sans[low].held];

		if (h->owner != NULL && plan_compare_owners(h->owner, owner) != 0)
			continue;
		if (!only || h->until != 0)
			return (int)p->sans[low].held;
	}
	return -1;
}

/* The exact name, else the wildcard, as listeners choose (front/sni.h). */
static void
find_presented(struct planning *p)
{
	const char **first = arena_new_array(p->arena, p->in->nheld, const char *);

	for (size_t i = 0; i < p->n; i++) {
		struct plan_item *it = &p->items[i];
		int exact = planning_held(p, it->name, it->owner, false);

		it->now = planning_held(p, it->name, it->owner, true);
		if (it->now < 0)
			it->now = planning_held(p,
			    arena_printf(p->arena, "*.%s", plan_parent(it->name)), it->owner, true);
		if (exact < 0)
			continue;
		if (p->listed[exact]++ == 0)
			first[exact] = it->owner;
		else if (plan_compare_owners(first[exact], it->owner) != 0)
			p->mixed[exact] = true;
	}
}

void
planning_begin(struct planning *p, struct arena *a, const struct plan_input *in)
{
	*p = (struct planning){ .arena = a, .in = in };
	p->domains = arena_new_array(a, in->ndomains, struct plan_name);
	for (size_t i = 0; i < in->ndomains; i++)
		p->domains[i] = in->domains[i];
	if (in->ndomains > 0)
		qsort(p->domains, in->ndomains, sizeof(*p->domains), compare_domains);
	take_names(p);
	take_held(p);
	find_presented(p);
}
