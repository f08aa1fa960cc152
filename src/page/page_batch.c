/*
 * page_batch.c - up to 100 requests at once, and what became of each (P21)
 */
#include "front/form.h"
#include "op/op_batch.h"
#include "op/op_csr.h"
#include "op/op_order.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_sheet.h"
#include "page/page_submission.h"

static const struct field batch_fields[] = { { "requests", "Requests", FIELD_LIST, BATCH_MAX, true,
						 NULL, "an array of up to 100 objects" },
	{ 0 } };

static const struct field element_fields[] = {
	{ "authority", "Authority", FIELD_TEXT, 40, true, NULL,
	    "each element names its authority" },
	{ "csr", "CSR", FIELD_LINES, 0, false, NULL, "PEM" },
	{ "request", "Request", FIELD_TEXT, ID_SIZE, false, NULL,
	    "id of a request here, instead of a CSR" },
	{ "profile", "Profile", FIELD_TEXT, 64, false, NULL,
	    "the authority's default when left out" },
	{ "days", "Days", FIELD_INT, 10, false, NULL, "the life that is asked for" },
	{ "note", "Note", FIELD_TEXT, NOTE_MAX, false, NULL, "an order number, or what helps" },
	{ "order", "Order number", FIELD_TEXT, ORDER_MAX, false, NULL, NULL },
	{ "order_until", "Last day of the order", FIELD_TEXT, 10, false, NULL, "YYYY-MM-DD" },
	{ "keep_key", "Why the key is kept", FIELD_TEXT, KEY_NOTE_MAX, false, NULL,
	    "of a request here that keeps the key of a certificate" },
	{ 0 },
};

/* As one request of the API: the same fields, the same faults. */
static int
read_element(struct ctx *cx, json_t *o, struct batch_element *el)
{
	struct request one = { .face = FACE_API, .json = o };

	if (!json_is_object(o))
		return err_set(&cx->err, R_BATCH_ELEMENT, NULL, "an element is not an object");
	if (form_members(cx->arena, &one, &cx->err) < 0 || form_check(cx, &one, element_fields) < 0)
		return -1;
	el->authority = request_field(&one, "authority");
	el->profile = request_field(&one, "profile");
	el->days = request_field(&one, "days");
	el->words.note = request_field(&one, "note");
	el->words.keep_key = request_field(&one, "keep_key");
	el->words.order = request_field(&one, "order");
	el->words.order_until = request_field(&one, "order_until");
	el->request = request_field(&one, "request");
	el->csr = request_field(&one, "csr");
	return 0;
}

static json_t *
done(struct ctx *cx, struct batch_element *el)
{
	json_t *o = json_object();

	put_envelope(o, sheet_json(&el->sheet));
	put_whose(o, &el->preview);
	put_text(o, "id", el->row.id);
	put_int(o, "status", el->row.serial != NULL ? 201 : 202);
	if (put_submission_issued(cx, o, &el->row) < 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *
refused(const struct batch_element *el)
{
	json_t *o = view_problem_of(&el->err, err_http_status(el->err.kind));

	if (submit_has_sheet(el->err.refusal)) {
		put_envelope(o, sheet_json(&el->sheet));
		put_whose(o, &el->preview);
	}
	return o;
}

static int
put_results(struct ctx *cx, json_t *view, struct batch_element *v, size_t n)
{
	json_t *all = json_array(), *one;
	int issued = 0, held = 0;

	json_object_set_new(view, "results", all);
	for (size_t i = 0; i < n; i++) {
		bool is_done = !err_is_set(&v[i].err);

		issued += is_done && v[i].row.serial != NULL;
		held += is_done && v[i].row.serial == NULL;
		if ((one = is_done ? done(cx, &v[i]) : refused(&v[i])) == NULL)
			return -1;
		json_array_append_new(all, one);
	}
	put_int(view, "issued", issued);
	put_int(view, "held", held);
	put_int(view, "refused", (int64_t)n - issued - held);
	return 0;
}

static int
batch(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_object_get(rq->json, "requests"), *o;
	size_t n = json_array_size(all), i;
	struct batch_element *v = arena_new_array(
	    cx->arena, n > BATCH_MAX ? 1 : n + 1, struct batch_element);

	json_array_foreach (all, i, o)
		if (n <= BATCH_MAX && read_element(cx, o, &v[i]) < 0) {
			v[i].err = cx->err;
			err_clear(&cx->err);
		}
	return op_batch(cx, v, n) < 0 ? -1 : put_results(cx, view, v, n);
}

static const struct route routes[] = {
	{ .name = "submission.batch",
	    .method = "POST",
	    .api_path = "/submissions",
	    .capability = CAP_OPERATE,
	    .handler = batch,
	    .fields = batch_fields,
	    .elements = element_fields,
	    .audit = "request.submit",
	    .limit = LIMIT_BODY,
	    .answer = "Batch",
	    .summary =
		"Up to 100 requests at once; each is judged for itself, whatever the others" },
};
const struct route_table page_batch_routes = { routes, nitems(routes) };
