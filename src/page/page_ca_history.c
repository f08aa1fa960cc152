/*
 * page_ca_history.c - what a CA issued and revoked before it came here
 */
#include "op/op_history.h"
#include "page/page_certificate.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "op/op_revoke.h"

static const struct field fields[] = {
	{ "files", "Certificates", FIELD_FILES, LIMIT_CSR, false, NULL,
	    "in JSON: [{name, content (base64)}], a certificate each, PEM or DER" },
	{ "index", "Index", FIELD_LINES, 0, false, NULL, "lines of OpenSSL's index.txt" },
	{ "first_line", "First line", FIELD_INT, 12, false, NULL,
	    "number of the first of these lines; 1" },
	{ "crl_number", "CRL number", FIELD_TEXT, 40, false, NULL,
	    "hexadecimal, of the next list there: ours begin with it" },
	{ "dry_run", "Dry run", FIELD_BOOL, 0, false, NULL, "say what would be done only" }, { 0 }
};

static void
put_item(struct ctx *cx, const struct request *rq, json_t *all, const struct history_item *it)
{
	json_t *o = json_object();

	json_array_append_new(all, o);
	put_text(o, "source", it->source);
	put_text(o, "serial", it->serial);
	put_text(o, "subject", it->subject);
	put_text(o, "action", history_acts[it->act]);
	put_text(o, "state", it->state);
	put_time(cx, rq, o, "revoked", it->revoked_at);
	put_text(o, "revocation_reason",
	    it->revoked_at == 0 ? NULL : crl_reason_name((enum crl_reason)it->reason_code));
	put_text(o, "reason", it->reason);
}

static int
ca_history(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct reader_file *files = arena_new_array(
	    cx->arena, LIMIT_HISTORY_FILES + 2, struct reader_file);
	const char *first = request_field(rq, "first_line");
	struct history_order o = { .authority = request_param(rq, "id"),
		.files = files,
		.index = request_field(rq, "index"),
		.first_line = first == NULL ? 0 : strtoll(first, NULL, 10),
		.crl_number = request_field(rq, "crl_number"),
		.dry_run = request_bool(rq, "dry_run") };
	json_t *items = json_array();
	struct history h;

	json_object_set_new(view, "items", items);
	if (json_files(cx, json_object_get(rq->json, "files"), files, LIMIT_HISTORY_FILES, &o.n) <
		0 ||
	    op_history(cx, &o, &h) < 0)
		return -1;
	put_text(view, "name", o.authority);
	put_bool(view, "dry_run", o.dry_run);
	for (size_t i = 0; i < HISTORY_ACTS; i++)
		put_int(view, history_acts[i], (int64_t)h.count[i]);
	put_int(view, "crl_number", h.crl_number);
	for (size_t i = 0; i < h.n; i++)
		put_item(cx, rq, items, &h.v[i]);
	return 0;
}

static const struct route routes[] = {
	{ .name = "ca.history",
	    .method = "POST",
	    .api_path = "/cas/{id}/history",
	    .capability = CAP_SETTINGS,
	    .handler = ca_history,
	    .fields = fields,
	    .audit = "ca.import-history",
	    .limit = LIMIT_BODY,
	    .answer = "History",
	    .summary = "What this CA issued and revoked before it came here" },
};
const struct route_table page_ca_history_routes = { routes, nitems(routes) };
