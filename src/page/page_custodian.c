/*
 * page_custodian.c - custodians: two of them let a key leave
 */
#include "op/op_custodian.h"
#include "page/page_people.h"

static const struct field fields[] = { { "code", "One-time code", FIELD_SECRET, 16, false, NULL,
					   "of a custodian, when there are two already" },
	{ 0 } };

/* "export" of "export 01..."; "add", "remove" of "custodian add 01..."; "retire"
 * of "ca retire NAME". */
static const char *
act_word(struct ctx *cx, const struct approval *a)
{
	static const char *const prefixes[] = { "custodian ", "ca " };
	const char *text = a->act;

	for (size_t i = 0; i < nitems(prefixes); i++)
		if (text_starts(text, prefixes[i]))
			text += strlen(prefixes[i]);
	return arena_printf(cx->arena, "%.*s", (int)strcspn(text, " "), text);
}

static void
put_waiting(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct approval *list, asked, second;
	size_t n;

	json_object_set_new(view, "waiting", all);
	approval_list(cx, &list, &n);
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "act", act_word(cx, &list[i]));
		put_text(o, "about", list[i].about);
		put_text(o, "wish", list[i].wish);
		put_text(o, "asked_by", list[i].name);
		approval_find(cx, list[i].act, &asked, &second);
		put_bool(o, "approved", second.account[0] != '\0');
		put_time(cx, rq, o, "expires", list[i].until);
	}
}

static int
custodians_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct custodian_row *list;
	size_t n;

	json_object_set_new(view, "custodians", all);
	if (op_custodian_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "id", list[i].id);
		put_text(o, "name", list[i].name);
	}
	put_bool(view, "two", n >= APPROVAL_TWO);
	put_waiting(cx, rq, view);
	return 0;
}

static int
change(struct ctx *cx, const struct request *rq, json_t *view,
    int (*op)(struct ctx *, const char *, const char *, struct consent *))
{
	const char *id = request_param(rq, "id");
	struct consent c;

	if (op(cx, id, field_text(rq, "code"), &c) < 0)
		return -1;
	if (c.waiting)
		view_status(view, 202);
	put_bool(view, "waiting", c.waiting);
	put_time(cx, rq, view, "expires", c.waiting ? c.until : 0);
	if (rq->face == FACE_PORTAL)
		view_redirect(view,
		    arena_printf(cx->arena, "/settings/accounts/%s", url_encode(cx->arena, id)));
	return 0;
}

static int
custodian_add(struct ctx *cx, const struct request *rq, json_t *view)
{
	return change(cx, rq, view, op_custodian_add);
}

static int
custodian_remove(struct ctx *cx, const struct request *rq, json_t *view)
{
	return change(cx, rq, view, op_custodian_remove);
}

static const struct route routes[] = {
	{ .name = "custodians",
	    .method = "GET",
	    .api_path = "/custodians",
	    .capability = CAP_SETTINGS,
	    .handler = custodians_list,
	    .answer = "Custodians",
	    .summary = "Who the custodians are, and what waits for a second one" },
	{ .name = "custodian.add",
	    .method = "POST",
	    .portal_path = "/settings/accounts/{id}/custodian",
	    .api_path = "/accounts/{id}/custodian",
	    .capability = CAP_SUPER,
	    .handler = custodian_add,
	    .fields = fields,
	    .audit = "custodian.add",
	    .page = "account.one",
	    .also = 202,
	    .answer = "Consent",
	    .summary = "Make the account a custodian" },
	{ .name = "custodian.remove",
	    .method = "POST",
	    .portal_path = "/settings/accounts/{id}/custodian/remove",
	    .api_path = "/accounts/{id}/custodian/remove",
	    .capability = CAP_SUPER,
	    .handler = custodian_remove,
	    .fields = fields,
	    .audit = "custodian.remove",
	    .page = "account.one",
	    .also = 202,
	    .answer = "Consent",
	    .summary = "Make the account a custodian no more" },
};
const struct route_table page_custodian_routes = { routes, nitems(routes) };
