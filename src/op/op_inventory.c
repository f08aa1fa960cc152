/*
 * op_inventory.c - all that our own authorities issued, looked at as a whole
 */
#include "op/op_inventory.h"

#define DAY  86400
#define WEEK (7 * DAY)

int
op_inventory(struct ctx *cx, const struct issued_query *q, struct inventory *v)
{
	int64_t day = cx->now / DAY + 3; /* day 0 was a Thursday */

	struct issued_spans weeks = { 0, WEEK, v->ends, ENDS_WEEKS };

	weeks.from = v->monday = (day - day % 7 - 3) * DAY;
	return store_issued_count(cx, q, &v->counts, &weeks);
}

int
op_issued_search(struct ctx *cx, struct issued_query *q)
{
	return store_issued_search(cx, q);
}

int
op_issued_each(struct ctx *cx, const struct issued_query *q,
    void (*fn)(void *arg, struct ctx *, const struct issued_row *), void *arg)
{
	return store_issued_each(cx, q, fn, arg);
}
