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

	v->monday = (day - day % 7 - 3) * DAY;
	return store_issued_count(cx, q, &v->counts) < 0 ||
		store_issued_ends(cx, q, v->monday, WEEK, v->ends, ENDS_WEEKS) < 0
	    ? -1
	    : 0;
}

int
op_issued_each(struct ctx *cx, const struct issued_query *q,
    void (*fn)(void *arg, struct ctx *, const struct issued_row *), void *arg)
{
	return store_issued_each(cx, q, fn, arg);
}
