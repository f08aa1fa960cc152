/*
 * test_plan.c - which certificates would cover these names?
 *
 * plan.c, plan_names.c, plan_said.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/text.h"
#include "generate.h"
#include "x509/name.h"
#include "x509/plan.h"

#define BASE "vc.example.com"

static const char *
no_wildcards(void *arg, const char *name)
{
	return name[0] == '*' ? "this authority issues no wildcards" : NULL;
}

static const struct plan_item *
item(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->items[i].name, name) == 0)
			return &p->items[i];
	fail_msg("%s is not in the plan", name);
	return NULL;
}

static const struct plan_cert *
cert_of(const struct plan *p, const char *name)
{
	const struct plan_item *it = item(p, name);

	if (it->cert < 0)
		fail_msg("%s: %s", name, it->why);
	return &p->certs[it->cert];
}

static const struct plan_name three[] = { { BASE, NULL }, { "t1." BASE, "t1" },
	{ "t2." BASE, "t2" }, { "t3." BASE, "t3" }, { "a.t1." BASE, "t1" },
	{ "shop.example", "t2" } };
static const struct plan_name domains[] = { { "t1." BASE, "t1" }, { "t2." BASE, "t2" },
	{ "t3." BASE, "t3" }, { "shop.example", "t2" } };

static struct plan_input
input(void)
{
	return (struct plan_input){ .names = three,
		.n = nitems(three),
		.domains = domains,
		.ndomains = nitems(domains),
		.base = BASE,
		.max_names = 100 };
}

static void
V28_a_wildcard_covers_one_label_and_what_it_leaves_out_is_said(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = input();
	struct plan all[PLAN_STRATEGIES], *w = &all[PLAN_WILDCARD];
	const struct plan_cert *c;
	const char *why;

	plan_make(a, &in, all);
	c = cert_of(w, "t1." BASE);
	assert_string_equal(c->identity, "wildcard." BASE);
	assert_string_equal(c->names[0], "*." BASE);
	/* the name above it stands beside it, in the same certificate */
	assert_int_equal(c->n, 2);
	assert_string_equal(c->names[1], BASE);
	assert_ptr_equal(cert_of(w, BASE), c);
	assert_ptr_equal(cert_of(w, "t3." BASE), c);
	assert_ptr_not_equal(cert_of(w, "a.t1." BASE), c);
	assert_ptr_equal(&w->certs[item(w, "a.t1." BASE)->beyond], c);
	assert_int_equal(c->beyond, 1);
	assert_int_equal(c->covers, 4);
	/* nobody's name stands in it but the system's */
	assert_int_equal(c->owners, 0);
	assert_int_equal(w->exposed, 0);
	assert_int_equal(w->ncerts, 3);
	assert_int_equal(plan_recommend(a, all, &why), PLAN_WILDCARD);
	assert_non_null(strstr(why, "3 in place of 6"));
	assert_int_equal(w->uncovered + all[PLAN_SHARED].uncovered + all[PLAN_EACH].uncovered, 0);
}

static void
without_room_for_two_the_name_above_has_its_own(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = input();
	struct plan all[PLAN_STRATEGIES];

	in.max_names = 1;
	plan_make(a, &in, all);
	assert_string_equal(cert_of(&all[PLAN_WILDCARD], BASE)->names[0], BASE);
	assert_int_equal(all[PLAN_SHARED].ncerts, 6);
}

static void
who_reads_whose_names_in_a_shared_certificate(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = input();
	struct plan all[PLAN_STRATEGIES];
	const char *why;

	in.refuses = no_wildcards;
	plan_make(a, &in, all);
	assert_int_equal(all[PLAN_SHARED].ncerts, 1);
	assert_int_equal(all[PLAN_SHARED].certs[0].owners, 3);
	assert_int_equal(all[PLAN_SHARED].exposed, 5);
	assert_string_equal(all[PLAN_WILDCARD].refused, "this authority issues no wildcards");
	assert_int_equal(all[PLAN_WILDCARD].wildcards, 0);
	/* without one, what is left stands with its owner's names */
	assert_ptr_equal(
	    cert_of(&all[PLAN_WILDCARD], "t1." BASE), cert_of(&all[PLAN_WILDCARD], "a.t1." BASE));
	assert_int_equal(all[PLAN_WILDCARD].exposed, 0);
	assert_int_equal(plan_recommend(a, all, &why), PLAN_EACH);
	assert_non_null(strstr(why, "5 names"));
	assert_non_null(strstr(why, "no wildcard is issued"));
}

static void
names_of_one_owner_are_put_together(void **state)
{
	static const struct plan_name own[] = { { "www.a.example", NULL }, { "b.example", NULL } };
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = { .names = own, .n = 2, .max_names = 100 };
	struct plan all[PLAN_STRATEGIES];
	const char *why;

	plan_make(a, &in, all);
	assert_int_equal(plan_recommend(a, all, &why), PLAN_SHARED);
	in.n = 1;
	plan_make(a, &in, all);
	assert_int_equal(plan_recommend(a, all, &why), PLAN_EACH);
	in.n = 0;
	plan_make(a, &in, all);
	assert_int_equal(all[PLAN_EACH].ncerts + all[PLAN_SHARED].n, 0);
	plan_recommend(a, all, &why);
	assert_string_equal(why, "there are no names yet");
}

static void
V29_below_a_wildcard_that_is_there_nothing_is_asked_for(void **state)
{
	static const struct plan_held held[] = { { "wildcard." BASE, NULL, "*." BASE "\n" BASE,
	    2000000000 } };
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = input();
	struct plan all[PLAN_STRATEGIES], *w = &all[PLAN_WILDCARD];

	in.n = 4;
	in.held = held;
	in.nheld = 1;
	plan_make(a, &in, all);
	assert_int_equal(w->to_make, 0);
	assert_int_equal(w->ncerts, 1);
	assert_ptr_equal(w->certs[0].held, held);
	assert_null(w->certs[0].names);
	for (size_t i = 0; i < w->n; i++)
		assert_int_equal(w->items[i].now, 0);
	/* one each are other certificates, though all is covered */
	assert_int_equal(all[PLAN_EACH].to_make, 3);
	assert_ptr_equal(cert_of(&all[PLAN_EACH], BASE)->held, held);
	assert_int_equal(item(&all[PLAN_EACH], "t2." BASE)->now, 0);
	in.n = 5; /* deeper: not covered */
	plan_make(a, &in, all);
	assert_int_equal(item(w, "a.t1." BASE)->now, -1);
	assert_int_equal(w->to_make, 1);
}

static void
a_name_beside_its_wildcard_is_no_reason_for_another_above(void **state)
{
	static const struct plan_name names[] = { { "shop.example.com", NULL }, { BASE, NULL },
		{ "t1." BASE, "t1" }, { "t2." BASE, "t2" } };
	static const struct plan_held held[] = { { "wildcard." BASE, NULL, "*." BASE "\n" BASE,
						     2000000000 },
		{ "shop", NULL, "shop.example.com", 2000000000 } };
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = input();
	struct plan all[PLAN_STRATEGIES], *w = &all[PLAN_WILDCARD];

	in.names = names;
	in.n = nitems(names);
	plan_make(a, &in, all);
	assert_ptr_equal(cert_of(w, BASE), cert_of(w, "t1." BASE));
	assert_null(cert_of(w, "shop.example.com")->wildcard);
	in.held = held;
	in.nheld = nitems(held);
	plan_make(a, &in, all);
	assert_int_equal(w->to_make, 0);
	assert_string_equal(cert_of(w, BASE)->identity, "wildcard." BASE);
}

static void
what_is_asked_for_is_not_asked_again_and_covers_nothing_yet(void **state)
{
	static const struct plan_held held[] = { { "wildcard." BASE, NULL, "*." BASE "\n" BASE, 0 },
		{ "a", NULL, "a.t1." BASE "\nshop.example", 0 } };
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = input();
	struct plan all[PLAN_STRATEGIES];

	in.held = held;
	in.nheld = 2;
	plan_make(a, &in, all);
	assert_int_equal(item(&all[PLAN_WILDCARD], "t1." BASE)->now, -1);
	assert_ptr_equal(cert_of(&all[PLAN_WILDCARD], "t1." BASE)->held, &held[0]);
	assert_ptr_equal(cert_of(&all[PLAN_SHARED], "shop.example")->held, &held[1]);
	assert_int_equal(all[PLAN_SHARED].to_make, 0);
	/* it has names of two tenants: by itself means by itself */
	assert_null(cert_of(&all[PLAN_EACH], "shop.example")->held);
}

static void
what_a_tenant_has_serves_its_own_names_only(void **state)
{
	static const struct plan_held held[] = { { "mine", "t1", "t1." BASE "\nt2." BASE,
	    2000000000 } };
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = input();
	struct plan all[PLAN_STRATEGIES];

	in.held = held;
	in.nheld = 1;
	plan_make(a, &in, all);
	assert_int_equal(item(&all[PLAN_EACH], "t1." BASE)->now, 0);
	assert_int_equal(item(&all[PLAN_EACH], "t2." BASE)->now, -1);
	assert_ptr_equal(cert_of(&all[PLAN_EACH], "t1." BASE)->held, &held[0]);
	assert_null(cert_of(&all[PLAN_EACH], "t2." BASE)->held);
}

static void
a_wildcard_is_never_below_a_public_suffix_or_over_what_is_others(void **state)
{
	static const struct plan_name names[] = { { "a.co.uk", NULL }, { "b.co.uk", NULL },
		{ "*.co.uk", NULL }, { "one.x.example", "t1" }, { "two.x.example", "t2" },
		{ "u.y.example", "t1" }, { "v.y.example", "t1" } };
	static const struct plan_name given[] = { { "one.x.example", "t1" },
		{ "two.x.example", "t2" }, { "u.y.example", "t1" }, { "v.y.example", "t1" } };
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = {
		.names = names, .n = nitems(names), .domains = given, .ndomains = nitems(given)
	};
	struct plan all[PLAN_STRATEGIES];

	plan_make(a, &in, all);
	assert_int_equal(all[PLAN_WILDCARD].wildcards, 0);
	assert_non_null(strstr(item(&all[PLAN_EACH], "*.co.uk")->why, "public suffix"));
	assert_int_equal(all[PLAN_WILDCARD].uncovered, 1);
}

static void
what_cannot_be_covered_has_its_reason(void **state)
{
	static const char longest[] = "a-name-of-more-than-sixty-four-characters-for-a-shop."
				      "with.a.long.domain.example";
	const struct plan_name names[] = { { "10.1.2.3", NULL }, { "b_c.example.com", NULL },
		{ longest, NULL }, { "gone.example", "t1" } };
	AUTO(arena) struct arena *a = arena_new();
	struct plan_input in = { .names = names, .n = nitems(names), .max_names = 100 };
	struct plan all[PLAN_STRATEGIES];

	plan_make(a, &in, all);
	assert_int_equal(all[PLAN_EACH].uncovered, 4);
	assert_non_null(strstr(item(&all[PLAN_EACH], "10.1.2.3")->why, "address"));
	assert_non_null(strstr(item(&all[PLAN_EACH], "b_c.example.com")->why, "underscore"));
	assert_non_null(strstr(item(&all[PLAN_EACH], longest)->why, "64"));
	assert_string_equal(item(&all[PLAN_EACH], "gone.example")->why, "it does not belong to t1");
}

static void
the_effort_of_a_year(void **state)
{
	assert_int_equal(plan_renewals(1, 200), 3);
	assert_int_equal(plan_renewals(1, 100), 6);
	assert_int_equal(plan_renewals(1, 47), 12);
	assert_int_equal(plan_renewals(1000, 47), 11649);
	assert_int_equal(plan_renewals(0, 47), 0);
	assert_int_equal(plan_renewals(5, 0), 0);
}

static void
identities_are_called_by_the_common_name(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *name = plan_identity(
	    a, "*.a-name-of-nearly-sixty-four-characters.for-a-shop.example");

	assert_string_equal(plan_identity(a, "*." BASE), "wildcard." BASE);
	assert_string_equal(plan_identity(a, BASE), BASE);
	assert_true(strlen(name) <= LIMIT_NAME);
}

/* ---- by chance ------------------------------------------------------------------------ */

#define LABELS 6
static const char *const labels[LABELS] = { "a", "b", "www", "*", "x1", "shop" };
static const char *const tops[] = { BASE, "t1." BASE, "t2." BASE, "example.org", "co.uk",
	"t1.example", "a-long-name-of-more-than-sixty-four-characters.for-a-shop.example.net" };
static const char *const tenants[] = { NULL, "t1", "t2" };

static const char *
some_name(struct arena *a, struct chance *c)
{
	const char *top = tops[chance(c, nitems(tops))];

	switch (chance(c, 4)) {
	case 0:
		return top;
	case 1:
		return arena_printf(a, "%s%u.%s", labels[chance(c, 3)], chance(c, 30), top);
	default:
		return arena_printf(a, "%s.%s", labels[chance(c, LABELS)], top);
	}
}

static const char *
some_names(struct arena *a, struct chance *c)
{
	const char *lines = some_name(a, c);

	for (uint32_t n = chance(c, 4); n > 0; n--)
		lines = arena_printf(a, "%s\n%s", lines, some_name(a, c));
	return lines;
}

static const char *
refuses_some(void *arg, const char *name)
{
	return strstr(name, "shop.") == name || (arg != NULL && name[0] == '*') ? "not issued"
										: NULL;
}

static bool
has(const struct plan_cert *c, const char *name)
{
	AUTO(arena) struct arena *a = arena_new();

	for (size_t i = 0; c->held == NULL && i < c->n; i++)
		if (name_covers(c->names[i], name) || strcmp(c->names[i], name) == 0)
			return true;
	for (const char *s = c->held == NULL ? "" : c->held->names; *s != '\0';) {
		size_t n = strcspn(s, "\n");
		const char *one = arena_dup(a, s, n);

		if (name_covers(one, name) || strcmp(one, name) == 0)
			return true;
		s += n + (s[n] == '\n');
	}
	return false;
}

static void
check_cert(struct arena *a, const struct plan_input *in, const struct plan_cert *c)
{
	if (c->held != NULL)
		return;
	assert_in_range(c->n, 1, in->max_names == 0 ? in->n + 1 : in->max_names);
	assert_true(strlen(c->names[0]) <= 64);
	assert_true(c->covers > 0);
	for (size_t i = 0; i < c->n; i++) {
		struct err e = { 0 };
		const char *ascii, *unicode;

		assert_int_equal(name_check_dns(&e, "name", c->names[i], a, &ascii, &unicode), 0);
		assert_null(in->refuses(in->arg, c->names[i]));
	}
}

static void
check_plan(struct arena *a, const struct plan_input *in, const struct plan *p)
{
	size_t covers = 0, uncovered = 0;

	for (size_t i = 0; i < in->n; i++)
		(void)item(p, in->names[i].name);
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_item *it = &p->items[i];

		assert_true((it->cert < 0) == (it->why != NULL));
		uncovered += it->cert < 0;
		if (it->cert < 0)
			continue;
		assert_in_range(it->cert, 0, p->ncerts - 1);
		assert_true(has(&p->certs[it->cert], it->name));
		if (p->certs[it->cert].held != NULL && p->certs[it->cert].held->owner != NULL)
			assert_string_equal(p->certs[it->cert].held->owner, it->owner);
	}
	for (size_t i = 0; i < p->ncerts; i++) {
		check_cert(a, in, &p->certs[i]);
		covers += p->certs[i].covers;
	}
	assert_int_equal(covers + uncovered, p->n);
	assert_int_equal(uncovered, p->uncovered);
}

static void
each_name_is_covered_once_or_has_its_reason_and_no_limit_is_broken(void **state)
{
	struct chance c = { .state = 2026 };

	for (int round = 0; round < 2000; round++) {
		AUTO(arena) struct arena *a = arena_new();
		struct plan_name names[60];
		struct plan_held held[5];
		struct plan_input in = { .names = names,
			.n = chance(&c, nitems(names)),
			.domains = domains,
			.ndomains = nitems(domains),
			.base = chance(&c, 2) ? BASE : NULL,
			.held = held,
			.nheld = chance(&c, nitems(held)),
			.max_names = chance(&c, 6),
			.refuses = refuses_some,
			.arg = chance(&c, 2) ? names : NULL };
		struct plan all[PLAN_STRATEGIES], again[PLAN_STRATEGIES];

		for (size_t i = 0; i < in.n; i++)
			names[i] = (struct plan_name){ some_name(a, &c), tenants[chance(&c, 3)] };
		for (size_t i = 0; i < in.nheld; i++)
			held[i] = (struct plan_held){ "h", tenants[chance(&c, 3)],
				some_names(a, &c), chance(&c, 2) ? 2000000000 : 0 };
		plan_make(a, &in, all);
		for (int s = 0; s < PLAN_STRATEGIES; s++)
			check_plan(a, &in, &all[s]);
		for (size_t i = 0; i < in.n / 2;
		     i++) { /* the order of what is given counts for nothing */
			struct plan_name other = names[i];

			names[i] = names[in.n - 1 - i];
			names[in.n - 1 - i] = other;
		}
		plan_make(a, &in, again);
		for (int s = 0; s < PLAN_STRATEGIES; s++)
			for (size_t i = 0; i < all[s].n; i++)
				assert_int_equal(all[s].items[i].cert, again[s].items[i].cert);
	}
}

static double
seconds_of(size_t n)
{
	AUTO(arena) struct arena *a = arena_new();
	struct plan_name *names = arena_new_array(a, n, struct plan_name);
	struct plan_input in = { .names = names,
		.n = n,
		.domains = names,
		.ndomains = n,
		.base = BASE,
		.max_names = 100 };
	struct plan all[PLAN_STRATEGIES];
	struct timespec from, to;

	for (size_t i = 0; i < n; i++)
		names[i] = i % 2 ? (struct plan_name){ arena_printf(a, "t%zu." BASE, i),
			arena_printf(a, "t%zu", i) }
				 : (struct plan_name){ arena_printf(a, "www.o%zu.example", i),
					   arena_printf(a, "o%zu", i) };
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	plan_make(a, &in, all);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	assert_int_equal(all[PLAN_SHARED].ncerts, n / 100);
	assert_int_equal(all[PLAN_WILDCARD].ncerts, n / 2 + 1);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void
ten_thousand_names_are_planned_at_once(void **state)
{
	double thousand = seconds_of(1000), all = seconds_of(10000);

	print_message("# 10,000 names: %.1f ms\n", all * 1e3);
	/* quadratic would be a hundred times as long */
	assert_true(all < 40 * thousand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(V28_a_wildcard_covers_one_label_and_what_it_leaves_out_is_said),
		cmocka_unit_test(without_room_for_two_the_name_above_has_its_own),
		cmocka_unit_test(who_reads_whose_names_in_a_shared_certificate),
		cmocka_unit_test(names_of_one_owner_are_put_together),
		cmocka_unit_test(V29_below_a_wildcard_that_is_there_nothing_is_asked_for),
		cmocka_unit_test(a_name_beside_its_wildcard_is_no_reason_for_another_above),
		cmocka_unit_test(what_is_asked_for_is_not_asked_again_and_covers_nothing_yet),
		cmocka_unit_test(what_a_tenant_has_serves_its_own_names_only),
		cmocka_unit_test(a_wildcard_is_never_below_a_public_suffix_or_over_what_is_others),
		cmocka_unit_test(what_cannot_be_covered_has_its_reason),
		cmocka_unit_test(the_effort_of_a_year),
		cmocka_unit_test(identities_are_called_by_the_common_name),
		cmocka_unit_test(
		    each_name_is_covered_once_or_has_its_reason_and_no_limit_is_broken),
		cmocka_unit_test(ten_thousand_names_are_planned_at_once),
	};

	names_load();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
