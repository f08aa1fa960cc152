/*
 * examine_life.c - how long a certificate lives
 */
#include "base/text.h"
#include "x509/examine_impl.h"
#include "x509/issue.h"

static int64_t
profile_days(const struct examining *x)
{
	const struct profile *p = x->in->profile;
	int64_t days = p->life[0].days;

	for (size_t i = 1; i < p->nlife; i++)
		if (strcmp(x->day, p->life[i].from) >= 0)
			days = p->life[i].days;
	return days;
}

/* No certificate outlives the authority's own. */
static struct decision
by_issuer(const struct examining *x, int64_t days)
{
	int64_t end = x->in->issuer->not_after;
	char time[TIME_SIZE];

	if (days >= 1)
		return decide_by_product(EFFECT_GRANT, "issue.issuer-ends", NULL);
	time_format(time, end);
	return decide_by_product(EFFECT_REFUSE, "issue.issuer-ends",
	    arena_printf(x->sheet->arena,
		"the authority's own certificate %s %s: it needs a new one"
		" (`certwright ca rollover`)",
		end < x->in->when ? "ended" : "ends", time));
}

void
examine_life(struct examining *x)
{
	const struct examine_input *in = x->in;
	const struct dated_rule *limit = dated_limit(in->profile->rules, x->day);
	struct decision why = decide_by_fact(x, EFFECT_GRANT, "life", &in->profile->life_fact);
	int64_t days = profile_days(x);
	struct arena *a = x->sheet->arena;
	char time[TIME_SIZE];

	if (in->profile->life_asked && in->days > 0 && in->days < days)
		days = in->days;
	if (limit != NULL && days > limit->days) {
		days = limit->days;
		why = decide_by_dated(limit);
	}
	if (in->issuer != NULL && days > life_days(in->when, in->issuer->not_after)) {
		days = life_days(in->when, in->issuer->not_after);
		why = by_issuer(x, days);
	}
	examine_put(x, "validity.days",
	    in->days > 0 ? arena_printf(a, "%lld", (long long)in->days) : NULL,
	    days < 1 ? NULL : arena_printf(a, "%lld", (long long)days),
	    days < 1		   ? OUT_REFUSED
		: in->days == 0	   ? OUT_ADDED
		: in->days == days ? OUT_GRANTED
				   : OUT_AMENDED,
	    &why);
	if (limit != NULL && days == limit->days)
		sheet_note(x->sheet,
		    "%lld days is the very last that is allowed; authorities stay one day below",
		    (long long)days);
	time_format(time, in->when);
	why = decide_by_product(EFFECT_GRANT, "examine.not-before", NULL);
	examine_put(x, "validity.notBefore", NULL, time, OUT_ADDED, &why);
}

int64_t
examine_days(const struct profile *p, const struct issuer_limits *issuer, int64_t when)
{
	struct examine_input in = { .profile = p };
	struct examining x = { .in = &in };
	const struct dated_rule *limit;
	int64_t days;

	day_of(x.day, when);
	days = profile_days(&x);
	if ((limit = dated_limit(p->rules, x.day)) != NULL && days > limit->days)
		days = limit->days;
	if (issuer != NULL && days > life_days(when, issuer->not_after))
		days = life_days(when, issuer->not_after);
	return days < 0 ? 0 : days;
}
