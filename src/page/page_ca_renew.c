/*
 * page_ca_renew.c - all that an authority of our own issued is renewed
 */
#include "op/op_renew.h"
#include "page/page_ca.h"
#include "page/page_people.h"
#include "page/page_preview.h"

#define PAGE "/settings/security/ca"

static const struct field renew_fields[] = {
	{ "within", "Hours", FIELD_INT, 4, false, NULL, "0 to 720; 0 or none: all at once" }, { 0 }
};

static int
ca_renew(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name = request_param(rq, "id"), *within = preview_member(cx, rq, "within");
	int64_t hours = within == NULL ? 0 : strtoll(within, NULL, 10), n;

	if (op_renewal_all(cx, name, hours, &n) < 0)
		return -1;
	put_text(view, "name", name);
	put_int(view, "renewals", n);
	put_int(view, "within", hours);
	return 0;
}

static const struct route routes[] = {
	{ .name = "ca.renew",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/renew",
	    .api_path = "/cas/{id}/renew",
	    .capability = CAP_SUPER,
	    .handler = ca_renew,
	    .fields = renew_fields,
	    .audit = "ca.renew",
	    .page = "ca.show",
	    .then = PAGE "/{name}",
	    .status = 202,
	    .answer = "RenewAll",
	    .summary = "Renew what it issued and is in use here, in every tenant" },
};
const struct route_table page_ca_renew_routes = { routes, nitems(routes) };
