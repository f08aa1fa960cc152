/*
 * page_policy.c - Policy: what an authority of our own grants
 */
#include "op/op_policy.h"
#include "page/page_people.h"
#include "page/page_preview.h"

static const struct field set_query[] = { { "dry_run", "Dry run", FIELD_BOOL, 0, false, NULL,
					      "1: say what it would do, keep nothing" },
	{ 0 } };

static void
put_effects(json_t *view, const struct policy_change *c)
{
	json_t *all = json_array(), *o;
	int64_t fail = 0;

	json_object_set_new(view, "identities", all);
	for (size_t i = 0; i < c->n; i++) {
		const struct policy_effect *e = &c->v[i];

		json_array_append_new(all, o = json_object());
		put_text(o, "identity", e->identity);
		put_text(o, "profile", e->profile);
		put_text(o, "now", verdict_name(e->now));
		put_text(o, "then", verdict_name(e->then));
		put_bool(o, "fails", e->then == VERDICT_REFUSE);
		put_text(o, "item", e->item);
		put_text(o, "reason", e->reason);
		fail += e->then == VERDICT_REFUSE;
	}
	put_int(view, "fail", fail);
}

static int
policy_set(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *dry = request_query(rq, "dry_run");
	struct policy_change c;
	json_t *profiles = json_array();

	json_object_set_new(view, "profiles", profiles);
	if (op_policy_set(cx, request_param(rq, "id"), rq->body, rq->body_len,
		dry != NULL && strcmp(dry, "0") != 0, &c) < 0)
		return -1;
	put_text(view, "name", c.name);
	put_int(view, "version", c.version);
	put_bool(view, "dry_run", dry != NULL && strcmp(dry, "0") != 0);
	for (size_t i = 0; i < c.policy.nprofiles; i++)
		json_array_append_new(profiles, json_string(c.policy.profiles[i].name));
	put_effects(view, &c);
	return 0;
}

static const struct route routes[] = {
	{ .name = "policy.set",
	    .method = "POST",
	    .api_path = "/cas/{id}/policy",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = policy_set,
	    .audit = "policy.set",
	    .limit = LIMIT_CARD,
	    .answer = "PolicyChange",
	    .takes = "application/json",
	    .query = set_query,
	    .summary = "Set the profiles of an authority of our own, or say what that would do" },
};
const struct route_table page_policy_routes = { routes, nitems(routes) };
