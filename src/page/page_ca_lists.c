/*
 * page_ca_lists.c - how an authority of our own says what it revoked
 */
#include "page/page_ca.h"
#include "page/page_people.h"
#include "page/page_preview.h"

#define PAGE "/settings/security/ca"

static const struct field lists_fields[] = {
	{ "shards", "Parts", FIELD_INT, 2, false, NULL,
	    "1 to 64: each new certificate names one part of the CRL; 1: the full list" },
	{ "deltas", "Lists of changes", FIELD_CHOICE, 8, false, "on|off",
	    "whether the CRL says where its delta list is" },
	{ 0 }
};

static int
ca_lists(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name = request_param(rq, "id"), *deltas = request_field(rq, "deltas"),
		   *parts = preview_member(cx, rq, "shards");
	int64_t shards = parts == NULL ? 0 : strtoll(parts, NULL, 10);
	bool on = deltas != NULL && strcmp(deltas, "on") == 0;
	struct ca_lists l = { parts == NULL || parts[0] == '\0' ? NULL : &shards,
		deltas == NULL || deltas[0] == '\0' ? NULL : &on };
	struct ca_view v;

	return op_ca_lists(cx, name, &l) < 0 || op_ca_show(cx, name, &v) < 0
	    ? -1
	    : put_ca_authority(cx, rq, view, &v);
}

static const struct route routes[] = {
	{ .name = "ca.lists",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/lists",
	    .api_path = "/cas/{id}/lists",
	    .capability = CAP_SETTINGS,
	    .handler = ca_lists,
	    .fields = lists_fields,
	    .audit = "ca.lists",
	    .page = "ca.show",
	    .then = PAGE "/{name}",
	    .answer = "Ca",
	    .summary = "In how many parts its CRL is, and whether changes are told apart" },
};
const struct route_table page_ca_lists_routes = { routes, nitems(routes) };
