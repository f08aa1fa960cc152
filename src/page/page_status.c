/*
 * page_status.c - the state of the system, for scripts
 */
#include "op/house.h"
#include "op/op_about.h"
#include "page/page_ca.h"
#include "page/page_people.h"

static json_t *
put_object(json_t *view, const char *name)
{
	json_t *o = json_object();

	json_object_set_new(view, name, o);
	return o;
}

static void
put_keeper(struct ctx *cx, json_t *view, const struct keeper_state *k)
{
	static const char *const types[] = { "rsa:2048", "rsa:3072", "rsa:4096" };
	json_t *keeper = put_object(view, "keeper"), *pool = json_array(), *o;

	put_text(keeper, "kek_id", hex_of(cx->arena, k->kek_id, sizeof(k->kek_id)));
	put_int(keeper, "destroyed", k->destroyed);
	json_object_set_new(keeper, "pool", pool);
	for (size_t i = 0; i < nitems(types); i++) {
		json_array_append_new(pool, o = json_object());
		put_text(o, "type", types[i]);
		put_int(o, "have", k->pool_have[i]);
		put_int(o, "want", k->pool_want[i]);
	}
}

static int
status_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct house *h = cx->house;
	json_t *listeners = json_array(), *o;
	struct about a;

	json_object_set_new(view, "listeners", listeners);
	if (op_about(cx, &a) < 0)
		return -1;
	put_text(view, "version", a.version);
	put_text(view, "instance", a.instance);
	put_text(view, "openssl", a.openssl);
	put_time(cx, rq, view, "started", a.started_at);
	put_int(view, "accounts", a.accounts);
	put_int(view, "identities", a.identities);
	for (size_t i = 0; i < h->naddresses; i++)
		json_array_append_new(listeners, json_string(h->addresses[i]));
	o = put_object(view, "sandbox");
	put_text(o, "front", a.sandbox);
	put_text(o, "keeper", a.keeper.sandbox);
	put_keeper(cx, view, &a.keeper);
	put_clock(cx, rq, view);
	o = put_object(view, "audit");
	put_int(o, "sequence", a.audit_sequence);
	put_int(o, "anchored", (int64_t)a.keeper.anchored_sequence);
	put_text(o, "head",
	    arena_printf(cx->arena, "%lld:%s", (long long)a.keeper.anchored_sequence,
		hex_of(cx->arena, a.keeper.anchored_hash, sizeof(a.keeper.anchored_hash))));
	put_text(o, "key", a.audit_key);
	return 0;
}

static const struct route routes[] = {
	{ .name = "status",
	    .method = "GET",
	    .api_path = "/status",
	    .capability = CAP_READ,
	    .handler = status_show,
	    .answer = "Status",
	    .summary = "The state of the system" },
};
const struct route_table page_status_routes = { routes, nitems(routes) };
