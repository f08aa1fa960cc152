/*
 * page_inventory.c - Certificates: what our own authorities issued, as a whole
 */
#include <ctype.h>

#include "op/op_revoke.h"
#include "page/page_issued.h"
#include "page/page_people.h"

#define PAGE	 ISSUED_PAGE
#define PAGE_MAX 100
#define API_MAX	 1000

static const struct field list_query[] = {
	{ "text", "Text", FIELD_TEXT, 120, false, NULL,
	    "in names or subject; or how a serial or SHA-256 begins" },
	{ "state", "State", FIELD_TEXT, 10, false, NULL,
	    "issued, revoked, held or presumed; or, of the issued: valid, soon (ends within 30 "
	    "days) or ended" },
	{ "before", "Before", FIELD_TEXT, ID_SIZE, false, NULL, "id of the last one seen" },
	{ "limit", "Limit", FIELD_INT, 5, false, NULL, "at most 1000; 100 when left out" }, { 0 }
};

static int
check_state(struct ctx *cx, const char *state)
{
	static const char *const states[] = { "issued", "valid", "soon", "ended", "revoked", "held",
		"presumed" };

	for (size_t i = 0; i < nitems(states); i++)
		if (state == NULL || strcmp(states[i], state) == 0)
			return 0;
	err_set(&cx->err, R_FIELD_CHOICE, "state", "there is no state %.20s", state);
	return err_hint(&cx->err, "one of: issued, valid, soon, ended, revoked, held, presumed");
}

int
issued_query(
    struct ctx *cx, const struct request *rq, size_t preset, size_t most, struct issued_query *q)
{
	const char *text = request_query(rq, "text"), *limit = request_query(rq, "limit");
	char *lower;

	*q = (struct issued_query){ .state = request_query(rq, "state"),
		.before = request_query(rq, "before"),
		.limit = limit == NULL ? preset : strtoul(limit, NULL, 10) };
	if (q->limit < 1 || q->limit > most)
		q->limit = most;
	if (q->state != NULL && q->state[0] == '\0')
		q->state = NULL;
	if (check_state(cx, q->state) < 0)
		return -1;
	if (text == NULL || text[0] == '\0')
		return 0;
	q->text = lower = arena_strdup(cx->arena, text);
	for (; *lower != '\0'; lower++)
		*lower = (char)tolower((unsigned char)*lower);
	return 0;
}

/* ---- the page: counts, picture, links ------------------------------------------------ */

/* The filters with their counts; those that name rare states only when there are some. */
static void
put_chips(json_t *view, const struct issued_counts *c, const char *chosen)
{
	const struct {
		const char *state, *label;
		int64_t n;
		bool rare;
	} chips[] = { { "", "All", c->all, false }, { "valid", "Valid", c->valid, false },
		{ "soon", "Ends soon", c->soon, false },
		{ "revoked", "Revoked", c->revoked, false }, { "held", "On hold", c->held, false },
		{ "ended", "Ended", c->ended, false },
		{ "presumed", "Presumed issued", c->presumed, true } };
	json_t *all = json_array(), *o;

	json_object_set_new(view, "chips", all);
	for (size_t i = 0; i < nitems(chips); i++) {
		bool current = strcmp(chosen == NULL ? "" : chosen, chips[i].state) == 0;

		if (chips[i].rare && chips[i].n == 0 && !current)
			continue;
		json_array_append_new(all, o = json_object());
		put_text(o, "state", chips[i].state);
		put_text(o, "label", chips[i].label);
		put_int(o, "n", chips[i].n);
		put_bool(o, "current", current);
	}
}

static const char *
status_words(struct ctx *cx, const struct issued_counts *c, bool searched)
{
	long long valid = c->valid, good = valid + c->soon;
	const char *soon = c->soon == 0 ? "none of them ends within 30 days"
	    : c->soon == good
	    ? (good == 1 ? "it ends within 30 days" : "all of them end within 30 days")
	    : arena_printf(cx->arena,
		  c->soon == 1 ? "%lld of them ends within 30 days"
			       : "%lld of them end within 30 days",
		  (long long)c->soon);

	if (searched)
		return arena_printf(
		    cx->arena, "%s%lld found.", c->about ? "About " : "", (long long)c->all);
	if (c->all == 0)
		return "Nothing was issued here yet.";
	if (good == 0)
		return "No certificate is valid now.";
	if (good == 1 && c->soon == 0)
		return "One certificate is valid; it does not end within 30 days.";
	return good == 1 ? arena_printf(cx->arena, "One certificate is valid; %s.", soon)
			 : arena_printf(cx->arena, "%lld certificates are valid; %s.", good, soon);
}

static int
put_page(struct ctx *cx, const struct request *rq, json_t *view, const struct issued_query *q)
{
	const char *text = request_query(rq, "text");
	struct inventory v;

	if (op_inventory(cx, q, &v) < 0)
		return -1;
	put_text(view, "status", status_words(cx, &v.counts, q->text != NULL));
	put_bool(view, "any", v.counts.all > 0);
	put_bool(view, "searched", q->text != NULL || q->state != NULL);
	put_bool(view, "export_cut", v.counts.all > EXPORT_MAX);
	put_bool(view, "about", v.counts.about);
	put_chips(view, &v.counts, q->state);
	put_ends(cx, view, &v);
	put_text(view, "text", text);
	put_text(view, "text_query",
	    q->text == NULL ? ""
			    : arena_printf(cx->arena, "&text=%s", url_encode(cx->arena, text)));
	put_text(view, "chosen", q->state);
	view_command(view,
	    "certwright certificate issued --text example.com --state soon\n"
	    "certwright certificate issued --export csv -o certificates.csv\n"
	    "certwright certificate revoke SERIAL --reason superseded\n\n"
	    "GET  /api/v1/issued?text=example.com&state=soon\n"
	    "GET  /api/v1/issued/export?format=csv\n"
	    "POST /api/v1/issued/revoke  {\"serial\": \"SERIAL\", \"reason\": \"superseded\"}");
	return 0;
}

static int
issued_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct issued_query q;
	struct issued_row *list;
	size_t n;
	bool more;

	json_object_set_new(view, "issued", all);
	if (issued_query(cx, rq, PAGE_MAX, rq->face == FACE_API ? API_MAX : PAGE_MAX, &q) < 0)
		return -1;
	q.limit++; /* is there one more? */
	if (rq->face != FACE_API && q.text != NULL && op_issued_search(cx, &q) < 0)
		return -1;
	if (op_issued_list(cx, &q, &list, &n) < 0)
		return -1;
	if ((more = n == q.limit))
		n--;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_issued(cx, rq, o, &list[i]);
	}
	put_bool(view, "more", more);
	if (rq->face == FACE_API)
		return 0;
	put_bool(view, "issued_there", n > 0);
	if (more)
		put_text(view, "last", list[n - 1].id);
	return put_page(cx, rq, view, &q);
}

static const struct route routes[] = {
	{ .name = "issued.list",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/issued",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = issued_list,
	    .template = "issued",
	    .title = "Certificates",
	    .tab = "certificates",
	    .query = list_query,
	    .answer = "IssuedCertificates",
	    .summary = "What our own authorities issued, newest first" },
	{ .name = "issued.export",
	    .method = "GET",
	    .portal_path = PAGE "/export",
	    .api_path = "/issued/export",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = issued_export,
	    .query = export_query,
	    .answer = "text/csv application/json",
	    .summary = "The same as a file, at most 10,000: CSV, or JSON" },
};
const struct route_table page_inventory_routes = { routes, nitems(routes) };
