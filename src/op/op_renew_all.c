/*
 * op_renew_all.c - all that an authority issued is renewed, before its time
 */
#include <jansson.h>

#include "op/op_audit.h"
#include "op/op_renew.h"
#include "op/op_sheet.h"

static int
record(struct ctx *cx, const char *authority, int64_t hours, int64_t n)
{
	return audit(cx, "ca.renew", authority,
	    json_text(
		cx, json_pack("{sI,sI}", "renewals", (json_int_t)n, "hours", (json_int_t)hours)));
}

int
op_renewal_all(struct ctx *cx, const char *authority, int64_t hours, int64_t *n)
{
	struct authority_row a;

	if (hours < 0 || hours > RENEW_ALL_HOURS) {
		err_set(&cx->err, R_RENEW_WITHIN, "within",
		    "renewals are spread over at most %d hours", RENEW_ALL_HOURS);
		return err_hint(&cx->err, "0: all of them at once, as many as renew-at-once says");
	}
	if (db_begin(cx) < 0 || store_authority_load(cx, authority, &a) < 0 ||
	    store_renewal_all(cx, a.name, hours * 3600, n) < 0 ||
	    record(cx, a.name, hours, *n) < 0 || db_commit(cx) < 0)
		return -1;
	op_renewal_wake(cx->house);
	return 0;
}
