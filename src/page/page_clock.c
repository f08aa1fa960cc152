/*
 * page_clock.c - is the clock right? An administrator says so
 */
#include "op/op_clock.h"
#include "page/page_ca.h"
#include "page/page_people.h"

void
put_clock(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *o = json_object();
	struct clock_jump j;

	op_clock_state(&j);
	json_object_set_new(view, "clock", o);
	put_bool(o, "stopped", j.verdict != CLOCK_FINE);
	put_time(cx, rq, o, "from", j.from);
	put_time(cx, rq, o, "to", j.to);
	put_time(cx, rq, o, "now", cx->now);
}

static int
clock_confirm(struct ctx *cx, const struct request *rq, json_t *view)
{
	if (op_clock_confirm(cx) < 0)
		return -1;
	put_clock(cx, rq, view);
	return 0;
}

static const struct route routes[] = {
	{ .name = "clock.confirm",
	    .method = "POST",
	    .portal_path = "/settings/security/ca-clock",
	    .api_path = "/clock/confirm",
	    .capability = CAP_SUPER,
	    .handler = clock_confirm,
	    .audit = "clock.confirm",
	    .page = "ca.list",
	    .then = "/settings/security/ca",
	    .answer = "ClockState",
	    .summary = "The clock is right as it is: certificates are signed again" },
};
const struct route_table page_clock_routes = { routes, nitems(routes) };
